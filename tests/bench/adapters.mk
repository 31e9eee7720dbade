# SPDX-License-Identifier: GPL-2.0-or-later
# norprog and flashrom on the same emulated wire. Pick with ADAPTERS="ft232h" BENCH_JOBS="read blank".
.PHONY: bench-adapters
bench: bench-adapters
bench-adapters: all emu
	bash tests/bench/adapters.sh $(BUILD) $(ADAPTERS)

# One table of all jobs, against the committed figures; a loss of over 3 % fails.
.PHONY: bench-summary
bench: bench-summary
bench-summary: bench-adapters
	bash tests/bench/summary.sh $(BUILD)
