# SPDX-License-Identifier: GPL-2.0-or-later
# The engine on the simulated bus: wall time, its own share of it, counts and ratios.
$(BUILD)/tests/bench_engine: tests/bench/bench_engine.c $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MF $@.d -o $@ $(filter %.c %.a,$^) $(LDFLAGS) $(LIBS)

.PHONY: bench-engine
bench: bench-engine ## time and traffic of the engine and the adapters
bench-engine: $(BUILD)/tests/bench_engine
	$(BUILD)/tests/bench_engine $(BUILD)/bench-state
