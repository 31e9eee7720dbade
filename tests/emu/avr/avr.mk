# SPDX-License-Identifier: GPL-2.0-or-later
# The Arduino under libsimavr (GPL-3: test programs only)

AVR_EMU := tests/emu/avr
SIMAVR_HAVE := $(shell echo '\#include <simavr/sim_avr.h>' | $(CC) -E - >/dev/null 2>&1 && echo yes)

ifeq ($(SIMAVR_HAVE),yes)
EXTRA_TESTS += $(BUILD)/tests/emu-avr

$(BUILD)/tests/emu-avr: $(AVR_EMU)/emu_avr.c $(AVR_EMU)/avrdev.c $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -I$(AVR_EMU) $(ALL_CFLAGS) -MF $@.d -o $@ $(filter %.c %.a,$^) $(LDFLAGS) -lsimavr $(LIBS)
else
$(BUILD)/tests/emu-avr:
	@echo "emu-avr: skipped: needs libsimavr (Debian: apt-get install libsimavr-dev)"
endif
