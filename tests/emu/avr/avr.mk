# SPDX-License-Identifier: GPL-2.0-or-later
# The Arduino under libsimavr (GPL-3: test programs only)

AVR_EMU := tests/emu/avr
AVR_BOARD := $(wildcard $(AVR_EMU)/avrdev*.c)
SIMAVR_HAVE := $(shell echo '\#include <simavr/sim_avr.h>' | $(CC) -E - >/dev/null 2>&1 && echo yes)

ifeq ($(SIMAVR_HAVE),yes)
EXTRA_TESTS += $(BUILD)/tests/emu-avr

avr_link = $(CC) $(CPPFLAGS) -I$(AVR_EMU) -Itests $(ALL_CFLAGS) -MF $@.d -o $@ $(filter %.c %.a,$^) \
	$(LDFLAGS) -lsimavr

$(BUILD)/tests/emu-avr: $(AVR_EMU)/emu_avr.c $(AVR_BOARD) $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(avr_link) $(LIBS)

$(BUILD)/tests/bench_serial: $(AVR_EMU)/bench_serial.c $(AVR_EMU)/avrline.c $(AVR_BOARD) $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(avr_link) $(LIBS)
# 115200 baud takes long at any speed of simulation: its streams are measured over 1 MiB.
.PHONY: bench-serial
bench: bench-serial
bench-serial: $(BUILD)/tests/bench_serial firmware
	$(BUILD)/tests/bench_serial $(BUILD)/firmware/norprog-atmega328p-16mhz-115200.elf $(BUILD)/bench-state 1000 1024 dphvra
	$(BUILD)/tests/bench_serial $(BUILD)/firmware/norprog-atmega328p-16mhz-1000000.elf $(BUILD)/bench-state 1000 8192
	$(BUILD)/tests/bench_serial $(BUILD)/firmware/norprog-atmega328p-16mhz-2000000.elf $(BUILD)/bench-state 1000 8192
	$(BUILD)/tests/bench_serial $(BUILD)/firmware/norprog-atmega328p-16mhz-1000000.elf $(BUILD)/bench-state 4000 1024 dpvr

AVR_CHECKS := $(BUILD)/tests/test_bridge $(BUILD)/tests/test_bridge_faults
EXTRA_TESTS += $(AVR_CHECKS)
EXTRA_RUN += $(AVR_CHECKS)
SOAK_EXTRA += $(BUILD)/tests/test_bridge_faults
$(AVR_CHECKS): $(BUILD)/tests/%: $(AVR_EMU)/%.c $(AVR_EMU)/board.c $(AVR_EMU)/avrline.c $(AVR_BOARD) \
		$(SUPPORT) $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(avr_link) $(CHECK_LIBS) $(LIBS)

ifeq ($(AVR_HAVE),yes)
AVR_PROBE := $(BUILD)/tests/probe-atmega328p-16mhz-1000000.elf
$(AVR_CHECKS): | $(AVR_PROBE) $(FW)-16mhz-1000000.elf $(FW)-16mhz-2000000.elf
$(AVR_PROBE): $(AVR_EMU)/probe.c
	@mkdir -p $(@D)
	$(AVR_CC) $(AVR_CFLAGS) -DF_CPU=16000000UL -o $@ $<
endif
else
$(BUILD)/tests/emu-avr:
	@echo "emu-avr: skipped: needs libsimavr (Debian: apt-get install libsimavr-dev)"
endif
