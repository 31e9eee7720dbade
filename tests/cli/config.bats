#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: config.c hosts.c programmer.c
# ~/.config/norprog/config: what it may say, that it is said where it comes from, and that options win.

load common

# config TEXT: as for printf
config() {
	export XDG_CONFIG_HOME=$work/etc
	mkdir -p etc/norprog
	# shellcheck disable=SC2059 # escapes are the point
	printf "$1" > etc/norprog/config
}

@test "a default programmer is used, and said: as a remark where the chip is read, as a warning where it is changed" {
	config "# mine\nprogrammer = sim:chip=W25Q16,file=$work/own.bin\n"
	exits 0 "$norprog" detect
	says "programmer sim:chip=W25Q16,file=$work/own.bin, as $work/etc/norprog/config says"
	head -c 2097152 /dev/urandom > new
	exits 0 "$norprog" write new --keep nothing --yes -q
	says "warning: programmer sim:chip=W25Q16" "etc/norprog/config"
	cmp new own.bin
	exits 0 "$norprog" detect --json
	json -s 'map(select(.event == "note" and (.text | contains("etc/norprog/config")))) | length == 1'
}

@test "-p wins, then NORPROG_PROGRAMMER, then the file; --no-config is without it" {
	config "programmer = sim:chip=W25Q16,file=$work/own.bin\n"
	exits 0 "$norprog" detect -p "sim:chip=W25Q64FV"
	says "W25Q64FV"
	says_not "norprog/config"
	NORPROG_PROGRAMMER=sim:chip=W25Q32FV exits 0 "$norprog" detect
	says "W25Q32"
	says_not "norprog/config"
	exits 3 "$norprog" detect --no-config
	exits 3 "$norprog" --no-config detect
}

@test "without XDG_CONFIG_HOME it is ~/.config/norprog/config; no file is no fault" {
	unset XDG_CONFIG_HOME
	export HOME=$work/home
	exits 3 "$norprog" detect
	says_not "config"
	mkdir -p home/.config/norprog
	echo "programmer=sim:chip=W25Q16" > home/.config/norprog/config
	exits 0 "$norprog" detect
	says "home/.config/norprog/config"
}

@test "a key that nobody knows is told with its line, and the rest holds" {
	config "[norprog]\n; remark\nprogramer = x\nprogrammer = sim:chip=W25Q16\n[other]\ncolour = x\n"
	exits 0 "$norprog" detect
	says "etc/norprog/config:3: key 'programer' is not known" "etc/norprog/config:5: section 'other' is not known"
	config "\nlayout = x\nprogrammer = sim:chip=W25Q16\n"
	exits 0 "$norprog" detect
	says "etc/norprog/config:2: key 'layout' is not known"
}

@test "what is wrong is an error with its line, exit 2, and --no-config goes on" {
	while IFS='|' read -r text words; do
		config "$text"
		exits 2 "$norprog" list
		says "etc/norprog/config:$words" "--no-config"
		exits 0 "$norprog" list --no-config
	done <<- 'CASES'
		programmer = nothing:x=1\n|1: no programmer that -p would take: 'nothing:x=1'
		\nprogrammer = all\n|2: no programmer
		programmer =\n|1: nothing is said for 'programmer'
		layouts = profiles\n|1: not a path that begins with
		programmer = sim:chip=W25Q16\nprogrammer = ch341a\n|2: given twice: 'programmer'
		layouts = /a\n[norprog]\nLayouts = /b\n|3: given twice: 'Layouts'
		colour = yes\n|1: colour is never, auto or always
		serve = pi\n|1: not HOST:PORT: 'pi'
		serve = pi:0\n|1: not HOST:PORT
		serve = pi:99999\n|1: not HOST:PORT
		serve = a:1, b,c=:2\n|1: not HOST:PORT
		rubbish\n|1: neither
		[norprog]\nrubbish\n|2: neither
		colour = never\n  serve = x:1\n|2: the line is indented
	CASES
	config 'colour = never\001\n'
	exits 2 "$norprog" list
	for text in '' '\n' '# only a remark\n' '[norprog]\ncolour=never' '\r\ncolour = never\r\n'; do
		config "$text"
		exits 0 "$norprog" list
	done
	rm etc/norprog/config
	mkdir etc/norprog/config
	exits 2 "$norprog" list
	says "--no-config"
}

@test "a layouts folder serves names that norprog does not know itself, and no others" {
	config "layouts = $work/mine\nprogrammer = sim:chip=W25Q16\n"
	mkdir mine
	printf '[profile]\n' > mine/tplink-mr200-v1.ini
	exits 0 "$norprog" layouts tplink-mr200-v1
	"$norprog" layouts tplink-archer-c7-v2 > /dev/null
	printf '000000:00ffff boot\n010000:1fffff rest\n' > mine/bench.ini
	exits 0 "$norprog" read boot.bin -l bench --only boot
	says "layout bench: $work/mine/bench.ini ($work/etc/norprog/config)"
	[ "$(stat -c %s boot.bin)" = 65536 ]
	exits 2 "$norprog" read x.bin -l bench --only boot --no-config
	# A profile that is built in is not replaced by a file of the same name.
	exits 0 "$norprog" write --help
	cp "$(composed mr200 7 a)" "$chip"
	exits 0 "$norprog" unit show "$chip" -l tplink-mr200-v1
	says_not "mine/"
}

@test "colour: only where it is asked for, and never with NO_COLOR unless always" {
	config 'colour = always\nbad = 1\n'
	exits 2 "$norprog" detect -p nothing
	[[ $output == *$'\033[31mnorprog: \033[0m'* ]]
	config 'colour = auto\n'
	exits 2 "$norprog" detect -p nothing
	[[ $output != *$'\033'* ]]
	config 'colour = never\n'
	exits 2 "$norprog" detect -p nothing
	[[ $output != *$'\033'* ]]
}

@test "list: hosts that serve, are named there and answer; and those that do not, in bounded time" {
	config 'serve = 127.0.0.1:1, no-such-host.invalid:4141\n'
	exits 0 "$norprog" list
	says "serprog at 127.0.0.1:1: unreachable: nobody listens" "serprog at no-such-host.invalid:4141: unreachable"
	says_not "use:  -p serprog"
	: > told
	"$norprog" serve -p sim:chip=W25Q16 --listen 127.0.0.1:0 > told 2>&1 3>&- &
	server=$!
	waits_for "$server" told '127.0.0.1:[0-9]'
	port=$(grep -oE '127.0.0.1:[0-9]+' told | head -n 1 | cut -d: -f2)
	config "serve = 127.0.0.1:$port\nserve = 127.0.0.1:1\n"
	run "$norprog" list
	kill -TERM "$server"
	wait "$server" || true
	[ "$status" = 0 ]
	says "serprog at 127.0.0.1:$port: somebody listens there" "use:  -p serprog:ip=127.0.0.1@$port"
	exits 0 "$norprog" list --json
	json -s 'map(select(.event == "host")) | length == 2 and all(.reachable | not)'
}

@test "a gang's members know the same configuration, and each says nothing twice" {
	config "layouts = $work/mine\n"
	mkdir mine
	printf '000000:00ffff boot\n010000:1fffff rest\n' > mine/bench.ini
	exits 0 "$norprog" read out -l bench --only boot -p sim:chip=W25Q16 -p sim:chip=W25Q16,until=0
	[ "$(grep -c 'layout bench' <<< "$output")" = 1 ]
}
