#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# layouts/make-boards.py: the table is what it makes of the facts, and facts are what trees tell.

load common

source_dir=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
make_boards=$source_dir/layouts/make-boards.py

# A tree with a decoy flash, a MAC and calibration.
make_tree() {
	mkdir -p trees
	cat > board.dts <<- 'END'
	/dts-v1/;
	/ {
		compatible = "vendor,router-v1", "soc";
		model = "Vendor Router v1";
		nand { partitions { compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
			partition@0 { label = "decoy"; reg = <0 0x1000>; }; }; };
		spi { #address-cells = <1>; #size-cells = <0>; flash@0 { compatible = "jedec,spi-nor"; reg = <0>;
			partitions { compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
				partition@0 { label = "u-boot"; reg = <0 0x20000>; };
				partition@20000 { label = "firmware"; reg = <0x20000 0x7d0000>; };
				partition@7f0000 { label = "odd one"; reg = <0x7f0000 0x10000>;
					nvmem-layout { compatible = "fixed-layout"; #address-cells = <1>; #size-cells = <1>;
						mac: mac@0 { compatible = "mac-base"; reg = <0 6>; #nvmem-cell-cells = <1>; };
						cal: cal@1000 { reg = <0x1000 0x440>; }; }; }; }; }; };
		eth@0 { nvmem-cells = <&mac 1>; nvmem-cell-names = "mac-address"; };
		wifi@1 { nvmem-cells = <&cal>, <&mac (-2)>; nvmem-cell-names = "calibration", "mac-address"; };
	};
	END
	dtc -q -I dts -O dtb -o trees/image-board.dtb board.dts
}

@test "the table in the tree is made of the facts" {
	source=$(sed -n 's/^V //p' "$source_dir/layouts/boards.txt")
	python3 "$make_boards" --from "$source_dir/tests/data/boards.jsonl.gz" --source "$source" > table.txt
	cmp table.txt "$source_dir/layouts/boards.txt"
}

@test "trees and profiles.json become facts, and these a table" {
	make_tree
	echo '{"profiles":{"x":{"supported_devices":["vendor,router-v1","router"],
		"titles":[{"vendor":"Vendor","model":"Router","variant":"v1 (EU)"}]}}}' > profiles.json
	python3 "$make_boards" --trees trees --names profiles.json > facts.jsonl
	jq -e '.board == "vendor_router-v1" and .title == "Vendor Router v1 (EU)" and .end == 8388608 and
		(.parts | map(.label)) == ["u-boot", "firmware", "odd one"] and
		(.cells | map([.off, .size])) == [[0, 6], [4096, 1088]]' facts.jsonl
	python3 "$make_boards" --from facts.jsonl --source "a release" > table.txt
	grep -v '^#' table.txt > lines.txt
	cat > want.txt <<- 'END'
	V a release
	M u-boot+20 firmware+7d0 odd-one+10
	C 7f0000+6m=eth-0+1,wifi-1~2 7f1000+440k
	B vendor,router-v1|router|Vendor Router v1 (EU)|80|0|0||
	END
	diff want.txt lines.txt
}

@test "-l takes that tree, plain, in a packed kernel, and in an upgrade file" {
	make_tree
	exits 0 "$norprog" layouts ./trees/image-board.dtb
	says "vendor,router-v1" "Vendor Router v1" "0x7f0000-0x7fffff" "unit" "0x7f0000 mac" "wifi-1" "mac-2"
	says_not "decoy"
	{ seq 30000; cat trees/image-board.dtb; } > kernel
	local pack
	for pack in "gzip -9nc" "xz -c --format=lzma --lzma1=lc=1,lp=2,pb=2" "xz -c --check=crc32" "zstd -qc"; do
		# shellcheck disable=SC2086 # a command with its options
		{ head -c 512 /dev/zero; $pack kernel; } > upgrade.bin
		exits 0 "$norprog" layouts ./upgrade.bin
		says "vendor,router-v1" "0x7f0000 mac"
	done
	blank "$chip" 8388608
	exits 0 on_chip read part.bin -l ./upgrade.bin --only odd-one
	[ "$(stat -c %s part.bin)" = 65536 ]
}
