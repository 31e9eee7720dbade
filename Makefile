# SPDX-License-Identifier: GPL-2.0-or-later
# norprog: make deps demo | make deps test | make help

VERSION := 0.1.0
SOVERSION := 0
BUILD ?= build
PREFIX ?= /usr/local
CC ?= cc
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
Q := $(if $(V),,@)
WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla -Werror
CPPFLAGS += -D_GNU_SOURCE -DNORPROG_VERSION='"$(VERSION)"' -Isrc -Idrivers -I$(BUILD)/gen
ALL_CFLAGS = -std=c11 $(WARN) -fPIC -MMD -MP $(CFLAGS) $(SANFLAGS)

have = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo yes)
NEED := jansson libmd inih zlib
MISSING := $(strip $(foreach p,$(NEED),$(if $(call have,$(p)),,$(p))))
PKGS := $(NEED)

SRCS := $(wildcard src/base/*.c src/spi/*.c src/nor/*.c src/plan/*.c chips/*.c)
DRIVERS := drivers/registry.c drivers/sim.c $(wildcard drivers/norsim*.c drivers/serial*.c drivers/serprog*.c drivers/spidev*.c)
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
# Some distributions ship libfdt without a .pc file.
LIBS = $(shell $(PKG_CONFIG) --libs $(PKGS)) -lfdt -lm

.PHONY: all deps demo test tests unit lint asan cover bench soak fuzz install uninstall dist clean help notes firmware
all: notes $(BUILD)/norprog $(BUILD)/libnorprog.so

notes:
ifneq ($(MISSING),)
	$(error missing libraries: $(MISSING). Run `make deps` (Debian: libjansson-dev libmd-dev libinih-dev zlib1g-dev libfdt-dev))
endif
ifneq ($(call have,libusb-1.0),yes)
	@echo "note: libusb-1.0 not found: built without ch341a and ft232h"
else ifneq ($(call have,libftdi1),yes)
	@echo "note: libftdi1 not found: built without ft232h"
endif

$(BUILD)/gen/builtin_layouts.c: $(wildcard layouts/*.ini) layouts/embed.sh
	@mkdir -p $(@D)
	$(Q)sh layouts/embed.sh $(sort $(wildcard layouts/*.ini)) > $@.tmp && mv $@.tmp $@

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	@echo "  CC  $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/obj/%.o: %.c | notes
	@mkdir -p $(@D)
	@echo "  CC  $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/libnorprog.a: $(LIB_OBJS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/libnorprog.so.$(VERSION): $(LIB_OBJS)
	@echo "  LD  $@"
	$(Q)$(CC) -shared -Wl,-soname,libnorprog.so.$(SOVERSION) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libnorprog.so: $(BUILD)/libnorprog.so.$(VERSION)
	ln -sf libnorprog.so.$(VERSION) $(BUILD)/libnorprog.so.$(SOVERSION)
	ln -sf libnorprog.so.$(SOVERSION) $@

$(BUILD)/norprog: $(CLI_OBJS) $(BUILD)/libnorprog.a
	@echo "  LD  $@"
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# ---- tests: every tests/unit/test_NAME.c is a program of its own ---------------------------------
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))
# What was built without a library is not tested.
ifneq ($(call have,libusb-1.0),yes)
UNIT := $(filter-out %/test_usb_find %/test_ch341a_wire %/test_ch347_wire %/test_mpsse,$(UNIT))
else ifneq ($(call have,libftdi1),yes)
UNIT := $(filter-out %/test_mpsse,$(UNIT))
endif
SUPPORT := $(wildcard tests/support/*.c tests/contract/*.c)
CHECK_LIBS = $(shell $(PKG_CONFIG) --libs check)

$(BUILD)/obj/tests/%.o: CPPFLAGS += -Itests
$(BUILD)/tests/support.a: $(SUPPORT:%.c=$(BUILD)/obj/%.o)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/tests/support.a $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(CHECK_LIBS) $(LIBS)
.PRECIOUS: $(BUILD)/obj/tests/unit/%.o

# The library as a stranger uses it: the one public header and the shared object, nothing else.
$(BUILD)/tests/use_library: tests/lib/use_library.c $(BUILD)/libnorprog.so $(BUILD)/include/norprog.h
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARN) $(CFLAGS) $(SANFLAGS) -I$(BUILD)/include -o $@ $< -L$(BUILD) -lnorprog -Wl,-rpath,$(abspath $(BUILD))

-include $(wildcard drivers/arduino/*.mk tests/*/*.mk tests/emu/avr/*.mk)

tests: all $(UNIT) $(BUILD)/tests/use_library $(EXTRA_TESTS)

test: tests
	BUILD=$(BUILD) bash tests/run $(UNIT) $(BUILD)/tests/use_library $(EXTRA_RUN)

unit: $(UNIT)
	BUILD=$(BUILD) bash tests/run --unit-only $(UNIT)

lint:
	CC="$(CC)" bash tests/lint

asan:
	ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	$(MAKE) BUILD=$(BUILD)/asan CFLAGS="-O1 -g -fno-omit-frame-pointer" SANFLAGS="-fsanitize=address,undefined" test

cover:
	$(MAKE) BUILD=$(BUILD)/cover CFLAGS="-O0 -g --coverage" LDFLAGS="--coverage" test
	lcov -q -c -d $(BUILD)/cover -o $(BUILD)/cover/all.info
	lcov -q -e $(BUILD)/cover/all.info '*/src/*' '*/drivers/*' -o $(BUILD)/cover/norprog.info
	lcov --list $(BUILD)/cover/norprog.info

# The long runs of the fault tests: every power cut, every seed.
soak: $(UNIT) $(SOAK_EXTRA)
	NORPROG_SOAK=1 BUILD=$(BUILD) bash tests/run --unit-only $(filter %/test_job_read %/test_job_resume,$(UNIT)) $(SOAK_EXTRA)

demo: all
	bash tests/demo/demo.sh $(BUILD)

# ---- packages ------------------------------------------------------------------------------------
# Fedora: gcc make pkgconf libusb1-devel libftdi-devel libfdt-devel zlib-devel jansson-devel libmd-devel
#   inih-devel check-devel bats umockdev-devel avr-gcc avr-libc flashrom jq uboot-tools squashfs-tools openssl
# Arch: base-devel libusb libftdi dtc zlib jansson libmd libinih check bash-bats umockdev avr-gcc avr-libc
#   simavr flashrom jq uboot-tools squashfs-tools openssl
DEB_BUILD := gcc make pkg-config libusb-1.0-0-dev libftdi1-dev libfdt-dev zlib1g-dev libjansson-dev libmd-dev libinih-dev
DEB_TEST := check bats jq umockdev libumockdev-dev libsimavr-dev libelf-dev simavr gcc-avr avr-libc flashrom \
	u-boot-qemu u-boot-tools ipxe squashfs-tools mtd-utils device-tree-compiler mandoc chromium xxd openssl python3 git
DEB_LINT := clang clang-format clang-tidy cppcheck universal-ctags shellcheck lcov
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

deps:
	@command -v apt-get >/dev/null || { echo "make deps knows apt; the Fedora and Arch names are in the Makefile"; exit 1; }
	$(SUDO) apt-get update -qq
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEB_BUILD) $(DEB_TEST) $(DEB_LINT) >/dev/null

# ---- the public header: the documented headers of the layers, one after the other ----------------
PUBLIC := $(addprefix src/,base/err.h base/units.h base/log.h base/stop.h base/hash.h spi/spi.h spi/driver.h \
	nor/chip.h nor/nor.h plan/region.h plan/plan.h plan/layout.h plan/event.h plan/job.h)
$(BUILD)/include/norprog.h: $(PUBLIC)
	@mkdir -p $(@D)
	awk '!/^#include "/' $(PUBLIC) > $@

DIRS = $(DESTDIR)$(PREFIX)
UDEV_DIR ?= $(DESTDIR)/lib/udev/rules.d
install: all $(BUILD)/include/norprog.h
	install -Dm755 $(BUILD)/norprog $(DIRS)/bin/norprog
	install -Dm644 $(BUILD)/libnorprog.a $(DIRS)/lib/libnorprog.a
	install -Dm755 $(BUILD)/libnorprog.so.$(VERSION) $(DIRS)/lib/libnorprog.so.$(VERSION)
	ln -sf libnorprog.so.$(VERSION) $(DIRS)/lib/libnorprog.so.$(SOVERSION)
	ln -sf libnorprog.so.$(SOVERSION) $(DIRS)/lib/libnorprog.so
	install -Dm644 $(BUILD)/include/norprog.h $(DIRS)/include/norprog.h
	install -Dm644 doc/norprog.1 $(DIRS)/share/man/man1/norprog.1
	install -Dm644 doc/norprog.bash-completion $(DIRS)/share/bash-completion/completions/norprog
	install -Dm644 udev/60-norprog.rules $(UDEV_DIR)/60-norprog.rules

uninstall:
	rm -f $(DIRS)/bin/norprog $(DIRS)/lib/libnorprog.* $(DIRS)/include/norprog.h \
		$(DIRS)/share/man/man1/norprog.1 $(DIRS)/share/bash-completion/completions/norprog $(UDEV_DIR)/60-norprog.rules

dist:
	@mkdir -p $(BUILD)
	git archive --prefix=norprog-$(VERSION)/ HEAD | gzip -n > $(BUILD)/norprog-$(VERSION).tar.gz
	@echo $(BUILD)/norprog-$(VERSION).tar.gz

help:
	@echo "all deps demo test lint asan cover bench soak fuzz firmware install uninstall dist clean"

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
