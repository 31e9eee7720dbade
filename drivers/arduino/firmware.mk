# SPDX-License-Identifier: GPL-2.0-or-later
# make firmware: the bridge for every board and baud rate that divides well, as .elf and .hex

AVR_CC ?= avr-gcc
AVR_OBJCOPY ?= avr-objcopy
AVR_SRCS := $(wildcard drivers/arduino/*.c)
AVR_HDRS := $(wildcard drivers/arduino/*.h)
AVR_CFLAGS := -std=gnu11 -O2 -mmcu=atmega328p -Wall -Wextra -Wshadow -Wmissing-prototypes \
	-Wstrict-prototypes -Werror

FW := $(BUILD)/firmware/norprog-atmega328p
FW_16 := $(foreach b,115200 500000 1000000 2000000,$(FW)-16mhz-$(b))
FW_8 := $(foreach b,250000 500000 1000000,$(FW)-8mhz-$(b))
AVR_HAVE := $(shell command -v $(AVR_CC) >/dev/null 2>&1 && \
	echo '\#include <avr/io.h>' | $(AVR_CC) -mmcu=atmega328p -E - >/dev/null 2>&1 && echo yes)

ifeq ($(AVR_HAVE),yes)
firmware: $(FW_16:=.hex) $(FW_8:=.hex) ## the Arduino bridge, for each board
EXTRA_TESTS += $(FW)-16mhz-1000000.elf $(FW)-16mhz-2000000.elf $(FW_8:=.elf)

fw_mhz = $(subst mhz,,$(word 3,$(subst -, ,$(notdir $(1)))))
fw_baud = $(word 4,$(subst -, ,$(notdir $(1))))

$(FW_16:=.elf) $(FW_8:=.elf): %.elf: $(AVR_SRCS) $(AVR_HDRS) drivers/arduino/firmware.mk
	@mkdir -p $(@D)
	$(AVR_CC) $(AVR_CFLAGS) -DF_CPU=$(call fw_mhz,$*)000000UL -DBAUD=$(call fw_baud,$*)UL \
		-o $@ $(AVR_SRCS)

$(FW)%.hex: $(FW)%.elf
	$(AVR_OBJCOPY) -O ihex -R .eeprom $< $@
else
firmware:
	@echo "firmware: skipped: needs gcc-avr and avr-libc (Debian: apt-get install gcc-avr avr-libc)"
endif
