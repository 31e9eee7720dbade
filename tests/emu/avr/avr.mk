# SPDX-License-Identifier: GPL-2.0-or-later
# The Arduino under libsimavr (GPL-3: test programs only)

AVR_EMU := tests/emu/avr
AVR_BOARD := $(wildcard $(AVR_EMU)/avrdev*.c)
SIMAVR_HAVE := $(shell echo '\#include <simavr/sim_avr.h>' | $(CC) -E - >/dev/null 2>&1 && echo yes)

ifeq ($(SIMAVR_HAVE),yes)
EXTRA_TESTS += $(BUILD)/tests/emu-avr

avr_link = $(CC) $(CPPFLAGS) -I$(AVR_EMU) -Itests $(ALL_CFLAGS) -MF $@.d -o $@ $(filter %.c %.a,$^) \
	$(LDFLAGS) -lsimavr

$(BUILD)/tests/emu-avr: $(AVR_EMU)/emu_avr.c tests/emu/report_chip.c $(AVR_BOARD) $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(avr_link) $(LIBS)

$(BUILD)/tests/bench_serial: $(AVR_EMU)/bench_serial.c $(AVR_EMU)/avrline.c $(AVR_BOARD) $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(avr_link) $(LIBS)
# 115200 baud takes long at any speed of simulation: its streams are measured over 1 MiB, the write over the whole chip.
bench_board = $(BUILD)/tests/bench_serial $(BUILD)/firmware/norprog-atmega328p-$(1).elf $(BUILD)/bench-state
.PHONY: bench-serial
bench: bench-serial
bench-serial: $(BUILD)/tests/bench_serial firmware
	$(call bench_board,16mhz-2000000) 1000 8192
	$(call bench_board,16mhz-1000000) 1000 8192
	$(call bench_board,16mhz-115200) 1000 1024 dphvra
	$(call bench_board,16mhz-115200) 1000 8192 w
	$(call bench_board,16mhz-1000000) 4000 8192 dp
	$(call bench_board,16mhz-1000000) 4000 1024 vra
	$(call bench_board,16mhz-2000000) 4000 2048 dp
	$(call bench_board,16mhz-115200) 4000 1024 dp
	$(call bench_board,8mhz-250000) 1000 2048 dphvra
	$(call bench_board,8mhz-500000) 1000 2048 dphvra
	$(call bench_board,8mhz-1000000) 1000 2048 dphvra

AVR_CHECKS := $(BUILD)/tests/test_bridge $(BUILD)/tests/test_board $(BUILD)/tests/test_bridge_faults
EXTRA_TESTS += $(AVR_CHECKS)
EXTRA_RUN += $(AVR_CHECKS)
SOAK_EXTRA += $(BUILD)/tests/test_bridge_faults
$(AVR_CHECKS): $(BUILD)/tests/%: $(AVR_EMU)/%.c $(AVR_EMU)/board.c $(AVR_EMU)/avrline.c $(AVR_BOARD) \
		$(SUPPORT) $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(avr_link) $(CHECK_LIBS) $(LIBS)

ifeq ($(AVR_HAVE),yes)
# A program that asks the simulated board about itself, and the sketch as the Arduino IDE builds it.
AVR_PROBE := $(BUILD)/tests/probe-atmega328p-16mhz-1000000.elf
AVR_SKETCH := $(BUILD)/tests/sketch-atmega328p-16mhz-2000000.elf
AVR_IDE := -Os -flto -ffunction-sections -fdata-sections -mmcu=atmega328p -DF_CPU=16000000L -DARDUINO=10819

$(AVR_CHECKS): | $(AVR_PROBE) $(AVR_SKETCH) $(FW)-16mhz-1000000.elf $(FW)-16mhz-2000000.elf $(FW_8:=.elf)
$(AVR_PROBE): $(AVR_EMU)/probe.c
	@mkdir -p $(@D)
	$(AVR_CC) $(AVR_CFLAGS) -DF_CPU=16000000UL -o $@ $<

$(AVR_SKETCH): $(AVR_EMU)/sketch_core.cpp drivers/arduino/arduino.ino $(AVR_SRCS) $(AVR_HDRS)
	@mkdir -p $@.parts
	for f in $(AVR_SRCS); do $(AVR_CC) -std=gnu11 $(AVR_IDE) -DBAUD=2000000UL -c -o $@.parts/$$(basename $$f).o $$f || exit 1; done
	$(AVR_CC) -std=gnu++11 -fno-exceptions $(AVR_IDE) -c -o $@.parts/core.o $<
	$(AVR_CC) $(AVR_IDE) -fuse-linker-plugin -Wl,--gc-sections -o $@ $@.parts/*.o
endif
else
$(BUILD)/tests/emu-avr:
	@echo "emu-avr: skipped: needs libsimavr (Debian: apt-get install libsimavr-dev)"
endif
