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
AVR_CHECKS := $(BUILD)/tests/test_bridge $(BUILD)/tests/test_bridge_faults
EXTRA_TESTS += $(AVR_CHECKS)
EXTRA_RUN += $(AVR_CHECKS)
$(AVR_CHECKS): $(BUILD)/tests/%: $(AVR_EMU)/%.c $(AVR_EMU)/board.c $(AVR_EMU)/avrline.c $(AVR_BOARD) \
		$(SUPPORT) $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(avr_link) $(CHECK_LIBS) $(LIBS)
else
$(BUILD)/tests/emu-avr:
	@echo "emu-avr: skipped: needs libsimavr (Debian: apt-get install libsimavr-dev)"
endif
