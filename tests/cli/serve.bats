#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: cmd/serve.c serve.c listen.c door.c greeting.c secret.c
# shellcheck disable=SC2154
# The programmer for others: who may come in, one at a time, and what becomes of clients that die.

load common

teardown() {
	[ -z "${server:-}" ] || kill "$server" 2> /dev/null || true
}

# serving [OPTIONS...]: starts it on the simulated chip; $port, $far (a client's -p).
serving() {
	: > serve.err > serve.out
	local listen=(--listen 127.0.0.1:0)
	[[ " $* " != *" --listen "* ]] || listen=()
	"$norprog" serve -p "sim:chip=W25Q16,file=$chip" "${listen[@]}" "$@" > serve.out 2> serve.err 3>&- &
	server=$!
	waits_for "$server" serve.out served
	port=$(sed -n 's/.*served at 127.0.0.1:\([0-9]*\)$/\1/p' serve.out)
	far=serprog:ip=127.0.0.1@$port
}

@test "norprog reads, writes and verifies through it, and the clip's owner keeps the backup" {
	text chip.bin 1 2097152
	text new 2 2097152
	serving
	exits 0 "$norprog" -p "$far" read back
	cmp back chip.bin
	exits 0 "$norprog" -p "$far" write new --keep nothing --yes
	cmp new chip.bin
	exits 0 "$norprog" -p "$far" verify new
}

@test "flashrom reads, writes and verifies through it" {
	command -v flashrom > /dev/null || skip "flashrom is missing"
	text chip.bin 1 2097152
	cp chip.bin new
	poke new 0x30000 'another text'
	serving
	exits 0 flashrom -p "serprog:ip=127.0.0.1:$port" -c W25Q16.V -r back
	cmp back chip.bin
	exits 0 flashrom -p "serprog:ip=127.0.0.1:$port" -c W25Q16.V -w new
	says VERIFIED
	cmp new chip.bin
}

@test "the second client is told who holds the programmer, and a dead first one gives it back" {
	serving
	exec 7<> "/dev/tcp/127.0.0.1/$port"
	printf '\x10' >&7
	head -c 2 <&7 > synced
	waits_for "$server" serve.err connected
	exits 3 "$norprog" -p "$far" detect
	says "in use by 127.0.0.1:"
	exec 7>&-
	waits_for "$server" serve.err left
	exits 0 "$norprog" -p "$far" detect
}

@test "with a secret: who knows it comes in, who does not is told what to do" {
	(umask 077 && echo "a long secret" > right && echo "another secret" > wrong)
	serving --secret right
	exits 0 "$norprog" -p "$far,secret=right" detect
	exits 3 "$norprog" -p "$far,secret=wrong" detect
	says "not the secret"
	exits 3 "$norprog" -p "$far" detect
	says "secret=FILE"
	exits 2 "$norprog" -p "$far,secret=nowhere" detect
	chmod 644 right
	exits 2 "$norprog" -p "$far,secret=right" detect
	says "chmod 600"
}

@test "a client that was given a secret nobody asks for is told so" {
	(umask 077 && echo "a long secret" > right)
	serving
	exits 3 "$norprog" -p "$far,secret=right" detect
	says "asks for no secret"
}

@test "beyond this computer only with --allow and --secret" {
	(umask 077 && echo "a long secret" > right && echo short > short)
	exits 2 on_chip serve --listen 0.0.0.0:0
	says "--allow"
	exits 2 on_chip serve --listen 0.0.0.0:0 --allow 10.0.0.0/8
	exits 2 on_chip serve --listen 0.0.0.0:0 --secret right
	exits 2 on_chip serve --listen 127.0.0.1:0 --secret short
	says "8 to 256"
	for wrong in nonsense 10.0.0.0/33 10.0.0.0/ 10.0.0.0/x 10.0.0 ::/129 1.2.3.4/-1; do
		exits 2 on_chip serve --listen 127.0.0.1:0 --allow "$wrong"
		says "is no address"
	done
	for wrong in 4141 127.0.0.1 127.0.0.1: 127.0.0.1:x :4141 127.0.0.1:65536 "[::1"; do
		exits 2 on_chip serve --listen "$wrong"
	done
	exits 2 on_chip serve
	says "--listen"
}

@test "a port that is taken, and a programmer that is not there" {
	serving
	exits 3 "$norprog" serve -p "sim:chip=W25Q64FV" --listen "127.0.0.1:$port"
	says "listens there already"
	exits 3 "$norprog" serve -p serprog:ip=127.0.0.1@1 --listen 127.0.0.1:0
}

@test "the line that serve shows is one that works: by IPv6, with the secret, from elsewhere" {
	(umask 077 && echo "a long secret" > right)
	grep -q 00000001 /proc/net/if_inet6 2> /dev/null || skip "no IPv6 here"
	serving --listen "[::1]:0" --secret right
	[ "$(grep -c flashrom serve.out)" = 0 ]
	far=$(sed -n 's/.*norprog detect //p' serve.out)
	[[ $far == *"ip=[::1]@"*,secret=right ]]
	# shellcheck disable=SC2086 # two words
	exits 0 "$norprog" detect $far
	port=${far##*@} port=${port%%,*}
	exits 0 "$norprog" detect -p "serprog:ip=::1@$port,secret=right"
	exits 0 "$norprog" detect -p "serprog:ip=[::1]:$port,secret=right"
	config=$work/etc/norprog
	mkdir -p "$config"
	echo "serve = [::1]:$port" > "$config/config"
	XDG_CONFIG_HOME=$work/etc exits 0 "$norprog" list
	says "serprog at [::1]:$port: somebody listens there" "-p serprog:ip=[::1]@$port"
	kill "$server"
	wait "$server" || true
	serving --listen 0.0.0.0:0 --allow 192.0.2.0/24 --secret right
	grep "serprog:ip=HOST@[0-9]*,secret=right" serve.out
}

@test "an address that is none, and one where nobody listens: what to do" {
	for wrong in 127.0.0.1 @4141 127.0.0.1@ 127.0.0.1@99999 127.0.0.1@100000 []@4141; do
		exits 2 "$norprog" detect -p "serprog:ip=$wrong"
		says "write ip=HOST@PORT" "[::1]@4141"
	done
	exits 3 "$norprog" detect -p serprog:ip=127.0.0.1@1
	says "cannot connect" "norprog serve"
	exits 3 "$norprog" detect -p serprog:ip=no-such-host.invalid@4141
	says "is the name right"
	exits 2 on_chip serve --listen no-such-host.invalid:4141
	says "an address of this computer"
}

@test "garbage, huge lengths and half messages: the next client is served" {
	text chip.bin 1 2097152
	serving
	for hostile in "$(printf '\\xff%.0s' {1..40})" '\x13\xff\xff\xff\xff\xff\xff' '\x43\x01\xff\xff\xff\xff' \
		'\x40\x01\x07' '\x46\x01\x06' 'GET / HTTP/1.1\r\n\r\n' ''; do
		# shellcheck disable=SC2059
		printf "$hostile" > "/dev/tcp/127.0.0.1/$port"
	done
	waits_for_turn
	exits 0 "$norprog" -p "$far" read back --passes 1
	cmp back chip.bin
	exits 0 kill -0 "$server"
}

# Until a client is served again.
waits_for_turn() {
	for _ in $(seq 300); do
		! "$norprog" -p "$far" detect > /dev/null 2>&1 || return 0
	done
	return 1
}

# A job of one sector, cut at each message that the client sends (of those that come before there is a
# record at each sixth, unless it is a soak). Once a job is on record, resume ends it with the image on
# the chip; without a record the chip is as it was, or all was done. (How many messages come before the record
# depends on how quickly the computer answers.)
@test "a client killed at each message of a job: the next one is served, and resume finishes" {
	command -v python3 > /dev/null || skip "python3 is missing"
	local cut="$BATS_TEST_DIRNAME/../support/cut_client.py" jobs=0 step=${NORPROG_SOAK:+1} at=1
	step=${step:-6}
	text before 1 2097152
	cp before chip.bin
	cp before wanted
	dd if=<(text /dev/stdout 2 4096) of=wanted bs=4096 seek=16 conv=notrunc status=none
	serving
	python3 "$cut" "$port" count "$norprog" write wanted --keep nothing --yes --only 0x10000+4K
	cmp chip.bin wanted
	[ "$(cat messages)" -gt 30 ]
	while [ "$at" -le "$(cat messages)" ]; do
		rm -rf state
		cat before > chip.bin
		run python3 "$cut" "$port" "$at" "$norprog" write wanted --keep nothing --yes --only 0x10000+4K
		waits_for_turn
		if compgen -G 'state/norprog/jobs/*.json' > /dev/null; then
			if [ "$step" -gt 1 ]; then # those that were left out, too
				at=$((at - step)) step=1
			else
				jobs=$((jobs + 1))
				exits 0 "$norprog" -p "$far" resume --yes
				cmp chip.bin wanted
			fi
		elif ! cmp -s chip.bin before; then # all was done, and the record closed
			cmp chip.bin wanted || { echo "cut at $at, $status: $output"; false; }
		fi
		at=$((at + step))
	done
	[ "$jobs" -gt 16 ] # the erase, and each of its pages
	exits 0 "$norprog" -p "$far" verify wanted
}

# Client and server in networks of their own, and the cable between them is pulled: no word of an end
# ever comes: nothing but the server's own watch ends it.
@test "a client whose computer vanished gives the programmer back" {
	command -v ip > /dev/null && command -v nsenter > /dev/null || skip "iproute2 or nsenter is missing"
	unshare -rn true 2> /dev/null || skip "no network namespaces here"
	(umask 077 && echo "a long secret" > right)
	cat > pulled << 'END'
set -e
ip link set lo up
mkfifo open
unshare -n bash -c 'echo up; read -r' < open > other 2>&1 &
there=$!
exec 8> open
while ! grep -q up other 2> /dev/null; do :; done
ip link add here type veth peer name there
ip link set there netns "$there"
ip addr add 10.99.0.1/24 dev here
ip link set here up
nsenter -t "$there" -n ip addr add 10.99.0.2/24 dev there
nsenter -t "$there" -n ip link set there up
"$1" serve -p sim:chip=W25Q16,file=chip.bin,time=real --listen 10.99.0.1:4141 --allow 10.99.0.0/24 \
	--secret right > served 2> told &
server=$!
grep -qm1 served <(exec tail -f --pid="$server" -n +1 served)
nsenter -t "$there" -n "$1" -p serprog:ip=10.99.0.1@4141,secret=right read lost > /dev/null 2>&1 &
grep -qm1 connected <(exec tail -f --pid="$server" -n +1 told)
ip link set here down
grep -qm1 "left after" <(exec tail -f --pid="$server" -n +1 told)
kill -9 "$server" "$there" $(jobs -p) 2> /dev/null || true
echo released
END
	unshare -rn bash pulled "$norprog" > said 2>&1 3>&- < /dev/null || { cat said; false; }
	grep -q released said
}

@test "a request to stop ends it with 0" {
	serving
	kill -TERM "$server"
	wait "$server"
	server=
}

@test "the socket that systemd passes is taken" {
	command -v python3 > /dev/null || skip "python3 is missing"
	: > serve.out
	python3 - "$norprog" "sim:chip=W25Q16,file=$chip" > serve.out 2> serve.err 3>&- << 'END' &
import os, socket, sys
door = socket.create_server(("127.0.0.1", 0))
os.dup2(door.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[1], [sys.argv[1], "serve", "-p", sys.argv[2]])
END
	server=$!
	waits_for "$server" serve.out served
	port=$(sed -n 's/.*served at 127.0.0.1:\([0-9]*\)$/\1/p' serve.out)
	exits 0 "$norprog" -p "serprog:ip=127.0.0.1@$port" detect
}
