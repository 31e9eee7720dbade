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
	"$norprog" serve -p "sim:chip=W25Q16,file=$chip" --listen 127.0.0.1:0 "$@" > serve.out 2> serve.err 3>&- &
	server=$!
	waits_for serve.out served
	port=$(sed -n 's/.*served at 127.0.0.1:\([0-9]*\)$/\1/p' serve.out)
	far=serprog:ip=127.0.0.1@$port
}

# waits_for FILE WORD: until a line of it has the word
waits_for() {
	grep -qm1 "$2" <(exec tail -f --pid="$server" -n +1 "$1" 2> /dev/null 3>&-)
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
	waits_for serve.err connected
	exits 3 "$norprog" -p "$far" detect
	says "in use by 127.0.0.1:"
	exec 7>&-
	waits_for serve.err left
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

# Through bash's own copy of the bytes: a relay that dies after so many from the client.
@test "a client killed on its way: the next one is served, and resume finishes" {
	command -v python3 > /dev/null || skip "python3 is missing"
	text chip.bin 1 2097152
	cp chip.bin image
	text new 2 2097152
	dd if=new of=image bs=4096 skip=16 seek=16 count=2 conv=notrunc status=none
	serving
	for bytes in 40 300 900 1500 2200 3000 5000 7000 9000 12000; do
		cp image wanted
		rm -rf state
		text chip.start 1 2097152
		cat chip.start > chip.bin
		run python3 "$BATS_TEST_DIRNAME/../support/cut_client.py" "$port" "$bytes" "$norprog" \
			write wanted --keep nothing --yes --only 0x10000+8K
		waits_for_turn
		"$norprog" -p "$far" resume --yes > resumed 2>&1 || grep -q "no unfinished job\|nothing to resume\|no job" resumed || { cat resumed; false; }
		exits 0 "$norprog" -p "$far" write wanted --keep nothing --yes --only 0x10000+8K
		cmp chip.bin wanted
	done
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
	waits_for serve.out served
	port=$(sed -n 's/.*served at 127.0.0.1:\([0-9]*\)$/\1/p' serve.out)
	exits 0 "$norprog" -p "serprog:ip=127.0.0.1@$port" detect
}
