#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The emulated adapters by themselves, and the bus contract on our backends in front of them.

load common

@test "the models: edges, packets, times" {
	cd "$root" && "$build/tests/emu/test_models"
}

contract() {
	export NORPROG_PROGRAMMER=$2
	"$emu" --device "$1" -- "$build/tests/emu/contract_emu"
}

@test "the bus contract on the CH341A" { contract ch341a ch341a; }
@test "the bus contract on the FT232H" { contract ft232h ft232h; }
@test "the bus contract on the CH347" { contract ch347 ch347; }
@test "the bus contract on spidev" { contract spidev spidev:dev=/dev/spidev0.0; }
