# SPDX-License-Identifier: GPL-2.0-or-later
# norprog and flashrom on the same emulated wire. Pick with ADAPTERS="ft232h" BENCH_JOBS="read blank".
.PHONY: bench-adapters
bench: bench-adapters
bench-adapters: all emu
	bash tests/bench/adapters.sh $(BUILD) $(ADAPTERS)
