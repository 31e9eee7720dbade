#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: cmd/image.c cmd/image_edit.c cmd/image_show.c cmd/layouts.c cmd/unit.c mapped_file.c
# image and unit: files, with no programmer.

load common

# The images of the demo: real boot loader, kernel, squashfs, one unit's own data.
setup_file() {
	export images=$BATS_FILE_TMPDIR
	for unit in 7 42; do
		cp "$(composed mr200 $unit a)" "$images/mr200-$unit.bin"
		cp "$(composed mr500 $unit a)" "$images/mr500-$unit.bin"
	done
}

@test "identify names full dumps, parts and blanks, whatever the file is called" {
	cp "$images/mr200-7.bin" mr500-backup.bin
	exits 0 "$norprog" image identify mr500-backup.bin
	says "full dump of TP-Link Archer MR200 v1" "device: tplink-mr200-v1"
	head -c 8000000 mr500-backup.bin > cut.bin
	exits 0 "$norprog" image identify cut.bin
	says_not "full dump"
	blank empty.bin 65536
	exits 0 "$norprog" image identify empty.bin
	says "blank"
	run --separate-stderr "$norprog" image identify --json mr500-backup.bin
	[ "$(jq -r 'select(.event == "identity") | .kind + " " + .profile' <<< "$output")" = "full-dump tplink-mr200-v1" ]
}

@test "show lists regions and fields; unit show checks them" {
	exits 0 "$norprog" image show "$images/mr500-7.bin"
	says "romfile" "radio" "unit" "squashfs" "IMEI" "imei"
	exits 0 "$norprog" unit show "$images/mr500-7.bin"
	says "50:c7:bf" "MT7603" "MT7663" "ok"
	cp "$images/mr500-7.bin" censored.bin
	printf '\360\361\362\363\364\365' | dd of=censored.bin bs=1 seek=$((0xfcf100)) conv=notrunc status=none
	printf 001122334455667 | dd of=censored.bin bs=1 seek=$((0xfcf500)) conv=notrunc status=none
	exits 0 "$norprog" unit show censored.bin
	says "placeholder F0F1F2F3F4F5" "placeholder 001122334455667"
}

@test "unit show: calibration that carries another unit's MAC is noted, a neighbour's or a blank one is not" {
	local mac
	cp "$images/mr200-7.bin" own.bin
	for mac in '\x50\xc7\xbf\x10\x07\x07' '\x50\xc7\xbf\x10\x07\x06' '\x50\xc7\xbf\x10\x07\x09' \
		'\xff\xff\xff\xff\xff\xff' '\0\0\0\0\0\0'; do
		poke own.bin 0x7f8004 "$mac"
		exits 0 "$norprog" unit show own.bin
		says "50:c7:bf:10:07:07"
		says_not "carries"
	done
	poke own.bin 0x7f8004 '\x50\xc7\xbf\x10\x2a\x2a'
	freeze
	exits 0 "$norprog" unit show own.bin
	says "cal-5g carries the MAC 50:c7:bf:10:2a:2a" "not mac's 50:c7:bf:10:07:07" "another unit"
	says_not "cal-2g carries"
	untouched
	poke own.bin 0x7f0004 '\x00\x0c\x43\x76\x20\x00'
	run --separate-stderr "$norprog" unit show own.bin --json
	[ "$status" = 0 ]
	json -s 'map(select(.event == "note" and (.text | test("carries the MAC")))) | length == 2'
	# A MAC field that is no MAC is nothing to compare with.
	poke own.bin 0x7df100 '\xff\xff\xff\xff\xff\xff'
	exits 0 "$norprog" unit show own.bin -l tplink-mr200-v1
	says_not "carries"
}

@test "unit show reads the chip" {
	cp "$images/mr200-7.bin" "$chip"
	exits 0 on_chip unit show
	says "TP-Link Archer MR200 v1" "50:c7:bf" "MT7620"
}

@test "diff counts by region and guesses unit data" {
	exits 0 "$norprog" image diff "$images/mr200-7.bin" "$images/mr200-42.bin"
	says "rom " "(unit)" "mac" "cal-2g" "u-boot           same"
	run --separate-stderr "$norprog" image diff --json "$images/mr200-7.bin" "$images/mr200-42.bin"
	result ".differing_bytes == $(cmp -l "$images/mr200-7.bin" "$images/mr200-42.bin" | wc -l)"
	cp "$images/mr200-7.bin" one.bin
	poke one.bin 0x1234 '\x5a'
	exits 0 "$norprog" image diff "$images/mr200-7.bin" one.bin
	says "1 byte differs, the first at 0x001234"
	exits 0 "$norprog" image diff "$images/mr200-7.bin" "$images/mr200-7.bin"
	says "equal"
	exits 7 "$norprog" image diff "$images/mr200-7.bin" "$images/mr500-7.bin"
}

@test "extract, merge and patch make new files and leave the old ones" {
	sum=$(sha256sum < "$images/mr200-7.bin")
	exits 0 "$norprog" image extract "$images/mr200-42.bin" radio -o radio.bin
	cmp -n 65536 -i $((0x7f0000)):0 "$images/mr200-42.bin" radio.bin
	exits 0 "$norprog" image merge "$images/mr200-7.bin" radio=radio.bin rom="$images/mr200-42.bin" -o merged.bin
	cmp -n $((0x7d0000)) "$images/mr200-7.bin" merged.bin
	cmp -n 65536 -i $((0x7d0000)) "$images/mr200-42.bin" merged.bin
	cmp -n 65536 -i $((0x7e0000)) "$images/mr200-7.bin" merged.bin
	cmp -n 65536 -i $((0x7f0000)) "$images/mr200-42.bin" merged.bin
	exits 0 "$norprog" image patch "$images/mr200-7.bin" mac=a0:f3:c1:00:00:01 -o patched.bin
	says "-> a0:f3:c1:00:00:01"
	[ "$(xxd -s $((0x7df100)) -l 6 -p patched.bin)" = a0f3c1000001 ]
	[ "$(cmp -l "$images/mr200-7.bin" patched.bin | wc -l)" -le 6 ]
	[ "$sum" = "$(sha256sum < "$images/mr200-7.bin")" ]
	exits 2 "$norprog" image patch "$images/mr200-7.bin" mac=a0:f3:c1:00:00:01
	says "-o FILE" "--in-place"
	exits 2 "$norprog" image patch "$images/mr200-7.bin" mac=01:00:5e:00:00:01 -o bad.bin
	says "multicast"
	[ ! -e bad.bin ]
	exits 1 "$norprog" image patch "$images/mr200-7.bin" mac=a0:f3:c1:00:00:02 -o patched.bin
	says "exists already"
}

@test "no new file takes the place of the one it is made from, and none is empty" {
	cp "$images/mr200-7.bin" own.bin
	ln -s own.bin link.bin
	ln own.bin hard.bin
	sum=$(sha256sum < own.bin)
	for name in own.bin ./own.bin link.bin hard.bin; do
		exits 2 "$norprog" image extract own.bin radio -o $name --force
		says "is the file that is worked on"
		exits 2 "$norprog" image patch own.bin mac=a0:f3:c1:00:00:01 -o $name --force
		says "--in-place"
	done
	[ "$sum" = "$(sha256sum < own.bin)" ]
	# Through a link the file itself is changed, and the link stays one.
	exits 0 "$norprog" image patch link.bin mac=a0:f3:c1:00:00:01 --in-place
	[ -L link.bin ]
	[ "$(xxd -s $((0x7df100)) -l 6 -p own.bin)" = a0f3c1000001 ]
	exits 2 "$norprog" image merge own.bin radio=own.bin radio="$images/mr200-42.bin" -o twice.bin
	says "radio is given twice"
	exits 2 "$norprog" image patch "$images/mr500-7.bin" -l tplink-mr600-v2 wan=a0:f3:c1 -o twice.bin
	says "mac=a0:f3:c1: not an address"
	exits 2 "$norprog" image patch "$images/mr500-7.bin" -l tplink-mr600-v2 colour=red -o twice.bin
	says "wifi-5g"
	exits 2 "$norprog" image patch own.bin mac=a0:f3:c1:00:00:01 mac=a0:f3:c1:00:00:02 -o twice.bin
	[ ! -e twice.bin ]
	blank ff.bin 4096
	exits 7 "$norprog" image trim ff.bin -o none.bin
	says "nothing would be left"
	[ ! -e none.bin ]
}

@test "pad and trim undo each other; bad words are refused" {
	head -c 1000 "$images/mr200-7.bin" > short.bin
	exits 0 "$norprog" image pad short.bin 64K -o padded.bin
	[ "$(stat -c %s padded.bin)" = 65536 ]
	exits 0 "$norprog" image trim padded.bin --in-place
	cmp short.bin padded.bin
	exits 7 "$norprog" image pad short.bin 10 -o x.bin
	exits 2 "$norprog" image pad short.bin big -o x.bin
	exits 2 "$norprog" image frobnicate short.bin
	exits 2 "$norprog" image extract "$images/mr200-7.bin" nowhere -o x.bin
	says "its regions: u-boot"
	exits 2 "$norprog" image identify /nowhere.bin
	: > nothing.bin
	exits 2 "$norprog" image identify nothing.bin
	says "is empty"
	[ ! -e x.bin ]
}

@test "layouts come from flashrom files, device trees, boot logs and dumps, and go out as flashrom's" {
	exits 0 "$norprog" layouts tplink-mr200-v1 -o mr200.layout
	head -n 1 mr200.layout | grep -qx '00000000:0001ffff u-boot'
	exits 0 "$norprog" image extract "$images/mr200-7.bin" radio -l mr200.layout -o radio.bin
	cmp -n 65536 -i $((0x7f0000)):0 "$images/mr200-7.bin" radio.bin
	cat > board.dts <<-'DTS'
		/dts-v1/;
		/ { flash { partitions { compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
		partition@0 { label = "first"; reg = <0 0x20000>; }; partition@20000 { label = "second"; reg = <0x20000 0x10000>; }; }; }; };
	DTS
	dtc -q -O dtb -o board.dtb board.dts
	exits 0 "$norprog" image extract "$images/mr200-7.bin" second -l board.dtb -o second.bin
	cmp -n 65536 -i $((0x20000)):0 "$images/mr200-7.bin" second.bin
	printf '[ 1.0] Creating 2 MTD partitions on "raspi":\n[ 1.0] 0x000000000000-0x000000020000 : "boot"\n[ 1.0] 0x000000020000-0x000000800000 : "rest"\n' > boot.log
	exits 0 "$norprog" layouts ./boot.log
	says "boot" "rest"
	text dump.bin 3 1048576
	printf '\0mtdparts=spi0.0:64k(loader),-(other)\0' | dd of=dump.bin bs=1 seek=4096 conv=notrunc status=none
	exits 0 "$norprog" image show dump.bin
	says "loader" "other"
	exits 2 "$norprog" layouts tplink-mr -o many.layout
	says "takes one layout"
}

@test "an mtdparts string, or one line of a boot log that has it; the rest ends with the chip" {
	echo 'mtdparts=spi0.0:128k(u-boot)ro,-(rest)' > parts.txt
	echo '[    0.000000] Kernel command line: console=ttyS0,57600 mtdparts=spi0.0:128k(u-boot)ro,-(rest) mem=64M' > line.txt
	for map in parts line; do
		exits 0 "$norprog" layouts ./$map.txt
		says "0x000000-0x01ffff" "u-boot" "0x020000-the end" "rest"
		says_not "GiB"
		exits 0 "$norprog" image extract "$images/mr200-7.bin" rest -l $map.txt -o $map.bin
		[ "$(stat -c %s $map.bin)" = $((0x7e0000)) ]
		same_bytes <(tail -c +$((0x20001)) "$images/mr200-7.bin") $map.bin 0 0x7e0000
		cp "$images/mr200-7.bin" "$chip"
		exits 0 on_chip read $map-chip.bin -l $map.txt --only rest
		cmp $map-chip.bin $map.bin
	done
	# A map that knows no unit data, over a flash that shows some by its form.
	exits 7 on_chip erase -l line.txt --only rest --yes
	says "0x7df100" "--override unit-form"
	exits 0 on_chip erase -l line.txt --only rest --yes --override unit-form
	same_bytes "$images/mr200-7.bin" "$chip" 0 0x20000
	[ "$(tail -c +$((0x20001)) "$chip" | tr -d '\377' | wc -c)" = 0 ]
	refused 2 "rest" "the size of the flash" -- "$norprog" layouts ./line.txt -o out.layout
	# A comment that speaks of one makes no map of a flashrom layout.
	printf '# from mtdparts=spi0.0:64k(no),-(such)\n0:1ffff first\n' > commented.layout
	exits 0 "$norprog" layouts ./commented.layout
	says "first"
	says_not "such"
}

@test "an area that holds others is named like them: WP_RO of a Chromebook's FMAP" {
	python3 - <<-'PY'
		import struct
		areas = [(0, 0x200000, "FLASH"), (0, 0x20000, "RW"), (0x20000, 0x1e0000, "WP_RO"), (0x20000, 0x20000, "RO_VPD"),
		         (0x40000, 0x1c0000, "COREBOOT")]
		fmap = b"__FMAP__\1\0" + struct.pack("<QI32sH", 0, 0x200000, b"FMAP", len(areas))
		for start, size, name in areas:
		    fmap += struct.pack("<II32sH", start, size, name.encode(), 0)
		data = bytearray(i * 7 % 251 for i in range(0x200000))
		data[0x50000:0x50000 + len(fmap)] = fmap
		open("chromebook.bin", "wb").write(data)
	PY
	exits 0 "$norprog" layouts ./chromebook.bin
	says "0x020000-0x1fffff" "WP_RO" "RO_VPD,COREBOOT"
	exits 0 "$norprog" image extract chromebook.bin WP_RO -o wp_ro.bin
	same_bytes <(tail -c +$((0x20001)) chromebook.bin) wp_ro.bin 0 0x1e0000
	[ "$(stat -c %s wp_ro.bin)" = $((0x1e0000)) ]
	cp chromebook.bin "$chip"
	exits 0 "$norprog" -p "sim:chip=W25Q16,file=$chip" read again.bin -l ./chromebook.bin --only WP_RO
	cmp again.bin wp_ro.bin
	exits 0 "$norprog" -p "sim:chip=W25Q16,file=$chip" erase -l ./chromebook.bin --only FLASH --keep WP_RO --yes
	same_bytes chromebook.bin "$chip" 0x20000 0x1e0000
	[ "$(head -c 131072 "$chip" | tr -d '\377' | wc -c)" = 0 ]
	exits 0 "$norprog" layouts ./chromebook.bin -o chromebook.layout
	exits 0 "$norprog" image extract chromebook.bin WP_RO -l ./chromebook.layout -o third.bin
	cmp third.bin wp_ro.bin
}

@test "diff: fields old and new, the first bytes of each block, on a page that a phone shows" {
	exits 0 "$norprog" image diff "$images/mr500-7.bin" "$images/mr500-42.bin" --html diff.html
	says "mac" " -> "
	mac=$("$norprog" unit show "$images/mr500-7.bin" | grep -oiE -m1 '([0-9a-f]{2}:){5}[0-9a-f]{2}')
	other=$("$norprog" unit show "$images/mr500-42.bin" | grep -oiE -m1 '([0-9a-f]{2}:){5}[0-9a-f]{2}')
	grep -q "<del>$mac</del></td><td><ins>$other</ins>" diff.html
	grep -q 'name="viewport" content="width=device-width' diff.html
	grep -q '@media(max-width:640px)' diff.html
	# The bytes stand under their address, old above new.
	[ "$(grep -c '^<ins>\|<ins>.*<b>' diff.html)" -gt 1 ]
	cp "$images/mr500-7.bin" a.bin
	cp a.bin b.bin
	poke a.bin 0x123456 '\001\002\003'
	poke b.bin 0x123456 '\001\252\003'
	exits 0 "$norprog" image diff a.bin b.bin --html one.html
	grep -A3 '0x123457</code>, 1 byte of' one.html | grep -q '<b>02</b> 03'
	grep -q '<ins><b>aa</b> 03' one.html
	# Names are text, and the same file twice has no bytes to show.
	cp a.bin '<b>&"a".bin'
	exits 0 "$norprog" image diff '<b>&"a".bin' a.bin --html odd.html
	grep -q '&#60;b&#62;&#38;&#34;a' odd.html
	! grep -q 'id="bytes"' odd.html
	! grep -q '<b>&' odd.html
}

@test "the picture is looked at in a browser" {
	browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "no headless browser"
	exits 0 "$norprog" image diff "$images/mr500-7.bin" "$images/mr500-42.bin" --html diff.html --svg diff.svg
	"$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" \
		--dump-dom "file://$work/diff.html" > dom.html 2> browser.log
	for id in title map legend regions table differences; do
		grep -q "id=\"$id\"" dom.html || { echo "no $id"; return 1; }
	done
	grep -q 'data-name="radio"' dom.html
	grep -q 'class="diff"' dom.html
	! grep -qiE '<script|https?://[^"]*\.(js|css)' diff.html
	"$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" \
		--screenshot="$work/shot.png" --window-size=1000,900 "file://$work/diff.html" > /dev/null 2>&1
	[ "$(stat -c %s shot.png)" -gt 20000 ]
}

@test "image diff --html fits on a phone: nothing but the map itself is scrolled sideways" {
	command -v chromium > /dev/null || skip "no chromium"
	text a.bin 1 $((1 << 20))
	cp a.bin b.bin
	poke b.bin 0x1234 'a few other bytes'
	poke b.bin 0x80000 'and more of them'
	printf '0x0:0xffff a-region-with-a-very-long-name-that-does-not-break\n0x10000:0xfffff rest\n' > map.layout
	exits 0 "$norprog" image diff a.bin b.bin -l map.layout --html page.html
	cat > frame.html <<- 'EOF'
		<iframe id=f src="page.html" width=360 height=900 style="border:0"></iframe><pre id=o></pre><script>
		f.onload = () => {
			const w = f.contentWindow, wide = [...w.document.querySelectorAll("body *")].filter((e) => !e.closest("svg") &&
				e.getBoundingClientRect().right > w.innerWidth + 1).map((e) => e.tagName);
			o.textContent = "width " + w.innerWidth + " of " + w.document.documentElement.scrollWidth + ", too wide: " + (wide[0] || "none");
		};
		</script>
	EOF
	run chromium --headless --no-sandbox --disable-gpu --allow-file-access-from-files --disable-web-security \
		--user-data-dir="$work/browser" --virtual-time-budget=5000 --dump-dom "file://$work/frame.html"
	says "width 360 of 360, too wide: none"
}

@test "image diff tells a field whose value is the same and whose bytes are not" {
	python3 "$BATS_TEST_DIRNAME/../support/people.py" pc 0x400000 1 10:60:4b:11:22:33 a.bin
	cp a.bin b.bin
	poke b.bin 0x1000 '\1' # the first copy is invalid now, the second counts
	exits 0 "$norprog" image diff a.bin b.bin
	says "10:60:4b:11:22:33 -> 10:60:4b:11:22:33, other bytes of it differ"
}
