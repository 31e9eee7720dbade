# SPDX-License-Identifier: GPL-2.0-or-later
# norprog: make deps demo | make deps test | make help

VERSION := 0.1.0
SOVERSION := 0
BUILD ?= build
PREFIX ?= /usr/local
CC ?= cc
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla -Werror
CPPFLAGS += -D_GNU_SOURCE -DNORPROG_VERSION='"$(VERSION)"' -Isrc -Idrivers -I$(BUILD)/gen
ALL_CFLAGS = -std=c11 $(WARN) -fPIC -MMD -MP $(CFLAGS) $(SANFLAGS)

have = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo yes)
NEED := jansson libmd inih zlib
MISSING := $(strip $(foreach p,$(NEED),$(if $(call have,$(p)),,$(p))))
PKGS := $(NEED)

SRCS := $(wildcard src/base/*.c src/spi/*.c src/nor/*.c src/plan/*.c chips/*.c)
DRIVERS := drivers/registry.c drivers/sim.c $(wildcard drivers/norsim*.c drivers/serprog*.c drivers/spidev*.c)
CPPFLAGS += -DHAVE_SERPROG=$(if $(wildcard drivers/serprog.c),1,0)
CPPFLAGS += -DHAVE_SPIDEV=$(if $(wildcard drivers/spidev.c),1,0)
ifeq ($(call have,libusb-1.0),yes)
DRIVERS += $(wildcard drivers/usb*.c drivers/ch34*.c)
PKGS += libusb-1.0
CPPFLAGS += -DHAVE_CH341A=$(if $(wildcard drivers/ch341a.c),1,0)
ifeq ($(call have,libftdi1),yes)
DRIVERS += $(wildcard drivers/ft232h*.c drivers/mpsse*.c)
PKGS += libftdi1
CPPFLAGS += -DHAVE_FT232H=$(if $(wildcard drivers/ft232h.c),1,0)
endif
endif
GEN := $(BUILD)/gen/builtin_layouts.c
CLI := $(wildcard src/cli/*.c)

LIB_OBJS := $(SRCS:%.c=$(BUILD)/obj/%.o) $(DRIVERS:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/gen/builtin_layouts.o
CLI_OBJS := $(CLI:%.c=$(BUILD)/obj/%.o)
CPPFLAGS += $(if $(MISSING),,$(shell $(PKG_CONFIG) --cflags $(PKGS)))
LIBS = $(shell $(PKG_CONFIG) --libs $(PKGS)) -lm

.PHONY: all deps demo test lint asan cover bench soak fuzz install uninstall dist clean help notes firmware
all: notes $(BUILD)/norprog $(BUILD)/libnorprog.so

notes:
ifneq ($(MISSING),)
	$(error missing libraries: $(MISSING). Run `make deps` (Debian: libjansson-dev libmd-dev libinih-dev zlib1g-dev))
endif
ifneq ($(call have,libusb-1.0),yes)
	@echo "note: libusb-1.0 not found: built without ch341a and ft232h"
else ifneq ($(call have,libftdi1),yes)
	@echo "note: libftdi1 not found: built without ft232h"
endif

$(BUILD)/gen/builtin_layouts.c: $(wildcard layouts/*.ini) layouts/embed.sh
	@mkdir -p $(@D)
	sh layouts/embed.sh $(sort $(wildcard layouts/*.ini)) > $@.tmp && mv $@.tmp $@

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/obj/%.o: %.c | notes
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/libnorprog.a: $(LIB_OBJS)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/libnorprog.so.$(VERSION): $(LIB_OBJS)
	$(CC) -shared -Wl,-soname,libnorprog.so.$(SOVERSION) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libnorprog.so: $(BUILD)/libnorprog.so.$(VERSION)
	ln -sf libnorprog.so.$(VERSION) $(BUILD)/libnorprog.so.$(SOVERSION)
	ln -sf libnorprog.so.$(SOVERSION) $@

$(BUILD)/norprog: $(CLI_OBJS) $(BUILD)/libnorprog.a
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# ---- tests: every tests/unit/NAME.c is a program of its own --------------------------------------
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))
CHECK_LIBS = $(shell $(PKG_CONFIG) --libs check)

$(BUILD)/tests/unit/%: tests/unit/%.c $(wildcard tests/support/*.c) $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(ALL_CFLAGS) -MF $@.d -o $@ $(filter %.c %.a,$^) $(LDFLAGS) $(CHECK_LIBS) $(LIBS)

tests: all $(UNIT)
unit: $(UNIT)
	BUILD=$(BUILD) sh tests/run-unit $(UNIT)

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
