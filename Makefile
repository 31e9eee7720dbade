# SPDX-License-Identifier: GPL-2.0-or-later
# norprog: make deps demo | make deps-test test | make help

VERSION := $(shell sed -n 's/^.define NORPROG_VERSION "\(.*\)"/\1/p' src/base/version.h)
SOVERSION := 0
BUILD ?= build
PREFIX ?= /usr/local
CC ?= cc
OBJCOPY ?= objcopy
PKG_CONFIG ?= pkg-config
# Small before quick: the wire and the chip are waited for, and what is computed on much is in libraries.
CFLAGS ?= -Os -g
Q := $(if $(V),,@)
WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla -Werror
CPPFLAGS += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Iinclude -Isrc -Idrivers -I$(BUILD)/gen
# Tables for unwinding are kept with the symbols (-g) and not in the program: nothing in it unwinds.
ALL_CFLAGS = -std=c11 $(WARN) -fPIC -fvisibility=hidden -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections -MMD -MP $(CFLAGS) $(SANFLAGS)
# The tables of chips hold thousands of pointers: packed relocations save 220 KB, where the C library takes them.
hash := \#
comma := ,
RELR := $(shell printf '%s\n' '$(hash)include <features.h>' '$(hash)if !__GLIBC_PREREQ(2, 36)' '$(hash)error' '$(hash)endif' \
	'int main(void){return 0;}' | $(CC) -Wl,--fatal-warnings -Wl,-z,pack-relative-relocs -x c -o /dev/null - \
	2>/dev/null && echo -Wl,-z,pack-relative-relocs)

# What no command uses is left out of the program, and the gaps between its parts, where the linker can.
SMALL := -Wl,--gc-sections -Wl,-z,noseparate-code
GC := $(shell echo 'int main(void){return 0;}' | $(CC) $(SMALL) -x c -o /dev/null - 2>/dev/null && echo $(SMALL))

# What systems do each in their way: *_linux.c where Linux's calls are found, else *_posix.c, which
# OS_PLAIN=1 takes in any case.
OS := $(if $(OS_PLAIN),posix,$(shell printf '%s\n' '$(hash)define _GNU_SOURCE' '$(hash)include <sys/prctl.h>' '$(hash)include <sys/mman.h>' \
	'$(hash)include <asm/termbits.h>' '$(hash)include <fcntl.h>' 'int main(void){return memfd_create("",F_OFD_SETLK|BOTHER|PR_SET_PDEATHSIG);}' \
	| $(CC) -x c -fsyntax-only - 2>/dev/null && echo linux || echo posix))
not_ours = $(if $(filter linux,$(OS)),%_posix.c,%_linux.c)
LINUX_ONLY := spidev
# macOS names shared libraries in its own way, and its tools lack what ELF's have.
MAC := $(filter Darwin,$(shell uname -s))
dl = libnorprog$(if $(MAC),$(1:%=.%).dylib,.so$(1:%=.%))
DL_FLAGS = $(if $(MAC),-dynamiclib -install_name $(LIBDIR)/$(call dl,$(SOVERSION)),-shared -Wl$(comma)-soname$(comma)$(call dl,$(SOVERSION)) \
	-Wl$(comma)--version-script=src/api/norprog.map)
KEEPS_NAMES := $(shell $(OBJCOPY) --help 2>/dev/null | grep -q keep-global-symbols && echo yes)

have = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo yes)
NEED := jansson libmd inih zlib
MISSING := $(strip $(foreach p,$(NEED),$(if $(call have,$(p)),,$(p))))
PKGS := $(NEED)

SRCS := $(wildcard src/base/*.c src/spi/*.c src/chip/*.c src/nor/*.c src/plan/*.c src/layout/*.c src/image/*.c \
	src/device/*.c src/doctor/*.c src/store/*.c src/serve/*.c src/job/*.c src/job/gate/*.c src/api/*.c chips/*.c)
SRCS := $(filter-out $(not_ours),$(SRCS))

# ---- backends: each with its files and its pkg-config packages ------------------------------------
backends := $(filter-out $(if $(filter linux,$(OS)),,$(LINUX_ONLY)),ch341a ch347 ft232h spidev serprog sim)
ch341a_SRCS := drivers/ch341a.c drivers/ch341a_wire.c
ch341a_PKGS := libusb-1.0
ch347_SRCS := drivers/ch347.c drivers/ch347_wire.c
ch347_PKGS := libusb-1.0
ft232h_SRCS := drivers/ft232h.c drivers/mpsse.c
ft232h_PKGS := libusb-1.0 libftdi1
spidev_SRCS := drivers/spidev.c drivers/spidev_wire.c drivers/spidev_host.c
serprog_SRCS := $(wildcard drivers/serprog/*.c)
sim_SRCS := $(wildcard drivers/sim/*.c)
BACKENDS := $(foreach b,$(backends),$(if $(filter-out yes,$(foreach p,$($(b)_PKGS),$(or $(call have,$(p)),no))),,$(b)))
DRIVERS := $(foreach b,$(BACKENDS),$($(b)_SRCS)) \
	$(if $(filter libusb-1.0,$(foreach b,$(BACKENDS),$($(b)_PKGS))),$(wildcard drivers/usb/*.c))
DRIVERS := $(filter-out $(not_ours),$(DRIVERS))
BACKEND_PKGS := $(sort $(foreach b,$(backends),$($(b)_PKGS)))
PKGS += $(sort $(foreach b,$(BACKENDS),$($(b)_PKGS)))
# What looks into compressed kernels; gzip is zlib's and always there.
UNPACKERS := $(foreach p,liblzma libzstd,$(if $(call have,$(p)),$(p)))
PKGS += $(UNPACKERS)
CPPFLAGS += $(foreach p,liblzma libzstd,-DHAVE_$(shell echo $(p:lib%=%) | tr a-z A-Z)=$(if $(filter $(p),$(UNPACKERS)),1,0))
include src/ui/ui.mk
CLI := $(wildcard src/cli/*.c src/cli/cmd/*.c src/cli/gang/*.c)

GENERATED := builtin_layouts boards sim_parts hw_reports registry
LIB_OBJS := $(SRCS:%.c=$(BUILD)/obj/%.o) $(DRIVERS:%.c=$(BUILD)/obj/%.o) $(GENERATED:%=$(BUILD)/obj/gen/%.o)
CLI_OBJS := $(CLI:%.c=$(BUILD)/obj/%.o) $(EXTRA_OBJS)
CPPFLAGS += $(if $(MISSING),,$(shell $(PKG_CONFIG) --cflags $(PKGS)))
# Some distributions ship libfdt without a .pc file.
LIBS = $(shell $(PKG_CONFIG) --libs $(PKGS)) -lfdt -lm -pthread

.PHONY: all deps demo test tests unit lint asan cover bench soak fuzz install uninstall dist clean help notes firmware
all: notes $(BUILD)/norprog $(BUILD)/$(call dl) $(BUILD)/public/libnorprog.a $(BUILD)/norprog.pc ## the command and the library, into build/

notes:
ifneq ($(MISSING),)
	$(error missing libraries: $(MISSING). Run `make deps` (Debian: libjansson-dev libmd-dev libinih-dev zlib1g-dev libfdt-dev))
endif
	@$(foreach p,$(BACKEND_PKGS),$(if $(call have,$(p)),,$(call lacking,$(p),built without $(call users_of,$(p))))) :
	@$(if $(HAVE_UI),,$(call lacking,libmicrohttpd,built without the page (norprog ui))) :
	@$(foreach p,$(filter-out $(UNPACKERS),liblzma libzstd),$(call lacking,$(p),$(unseen))) :
users_of = $(strip $(foreach b,$(backends),$(if $(filter $(1),$($(b)_PKGS)),$(b))))
unseen := device trees in kernels packed with it are not seen
lacking = echo "note: $(1) not found: $(2)";

# Which drivers there are; written anew when that changes.
.PHONY: FORCE
$(BUILD)/gen/registry.c: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '/* Made by the Makefile from its list of backends; do not edit. */' '#include "spi/driver.h"' \
		$(foreach b,$(BACKENDS),'extern const struct spi_driver $(b)_driver;') \
		'const struct spi_driver *const spi_drivers[] = {$(foreach b,$(BACKENDS),&$(b)_driver$(comma)) 0};' > $@.tmp
	@cmp -s $@.tmp $@ || mv $@.tmp $@

$(BUILD)/gen/builtin_layouts.c: $(wildcard layouts/*.ini) layouts/embed.sh
	@mkdir -p $(@D)
	$(Q)sh layouts/embed.sh $(sort $(wildcard layouts/*.ini)) > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/boards.c: layouts/boards.txt layouts/embed-boards.sh
	@mkdir -p $(@D)
	$(Q)sh layouts/embed-boards.sh layouts/boards.txt > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/hw_reports.c: $(wildcard chips/reports/*.json) chips/reports/embed.sh
	@mkdir -p $(@D)
	$(Q)sh chips/reports/embed.sh $(sort $(wildcard chips/reports/*.json)) > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/sim_parts.c: drivers/sim/parts.txt drivers/sim/embed.sh
	@mkdir -p $(@D)
	$(Q)sh drivers/sim/embed.sh $< > $@.tmp && mv $@.tmp $@

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	@echo "  CC  $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# What asks every byte of an image, while the chip waits: quick before small.
HOT := src/image/scan.c src/image/suspect.c src/image/tree.c
$(if $(filter -Os,$(CFLAGS)),$(HOT:%.c=$(BUILD)/obj/%.o)): ALL_CFLAGS += -O2
$(BUILD)/obj/%.o: %.c | notes
	@mkdir -p $(@D)
	@echo "  CC  $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/libnorprog.a: $(LIB_OBJS) $(UI_OBJS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# What others link with: one object in which only the names of include/norprog.h are left, where there is such an objcopy.
$(BUILD)/public/libnorprog.a: $(LIB_OBJS) src/api/norprog.map Makefile
	@mkdir -p $(@D)
	@rm -f $@
ifeq ($(KEEPS_NAMES),yes)
	$(Q)awk '/^\tnorprog_/ { sub(/;.*/, ""); print $$1 }' src/api/norprog.map > $(@D)/names
	$(Q)$(CC) -r -nostdlib -o $(@D)/norprog.o $(LIB_OBJS)
	$(Q)$(OBJCOPY) --keep-global-symbols=$(@D)/names $(@D)/norprog.o
	$(Q)$(AR) rcs $@ $(@D)/norprog.o
else
	$(Q)$(AR) rcs $@ $(LIB_OBJS)
endif

$(BUILD)/$(call dl,$(VERSION)): $(LIB_OBJS) src/api/norprog.map
	@echo "  LD  $@"
	$(Q)$(CC) $(DL_FLAGS) $(RELR) $(SANFLAGS) $(LDFLAGS) -o $@ $(LIB_OBJS) $(LIBS)

$(BUILD)/$(call dl): $(BUILD)/$(call dl,$(VERSION))
	ln -sf $(call dl,$(VERSION)) $(BUILD)/$(call dl,$(SOVERSION))
	ln -sf $(call dl,$(SOVERSION)) $@

$(BUILD)/norprog: $(CLI_OBJS) $(BUILD)/libnorprog.a
	@echo "  LD  $@"
	$(Q)$(CC) $(RELR) $(GC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(UI_LIBS)

# ---- tests: tests/unit/ROOM/test_MODULE.c and tests/stories/test_NAME.c are programs of their own --
UNIT_SRCS := $(shell find tests/unit tests/stories -name 'test_*.c' | sort)
# What was built without a library is not tested.
without = $(if $(filter $(1),$(BACKENDS)),,$(2))
UNIT_SRCS := $(filter-out $(call without,ch341a,tests/unit/drivers/usb/%) $(call without,ft232h,%/test_mpsse.c) \
	$(foreach b,$(backends) $(LINUX_ONLY),$(call without,$(b),%/test_$(b)_wire.c %/test_$(b)_host.c)),$(UNIT_SRCS))
UNIT := $(UNIT_SRCS:%.c=$(BUILD)/%)
SUPPORT := $(wildcard tests/support/*.c tests/contract/*.c)
CHECK_LIBS = $(shell $(PKG_CONFIG) --libs check)

$(BUILD)/obj/tests/%.o: CPPFLAGS += -Itests -DOS_LINUX=$(if $(filter linux,$(OS)),1,0)
$(BUILD)/tests/support.a: $(SUPPORT:%.c=$(BUILD)/obj/%.o)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(UNIT): $(BUILD)/%: $(BUILD)/obj/%.o $(BUILD)/tests/support.a $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(CHECK_LIBS) $(LIBS) $(UI_LIBS)
.PRECIOUS: $(BUILD)/obj/tests/unit/%.o $(BUILD)/obj/tests/stories/%.o

# Made from the table of gates; a test compares.
.PHONY: doc/GATES.md
doc/GATES.md: $(BUILD)/tests/unit/job/gate/test_gate
	$< --print > $@

-include $(wildcard drivers/arduino/*.mk tests/*/*.mk tests/emu/avr/*.mk tests/emu/kernel/*.mk packaging/*.mk packaging/static/*.mk doc/wiring/*.mk)

tests: all $(UNIT) $(EXTRA_TESTS)

test: tests ## everything that tests/ has, in parallel; V=1 tells what each took
	BUILD=$(BUILD) bash tests/run $(UNIT) $(EXTRA_RUN)

unit: $(UNIT) ## the test programs without the command's and the adapters' tests
	BUILD=$(BUILD) bash tests/run --unit-only $(UNIT)

lint: ## the house rules, clang-tidy, cppcheck, the other compiler
	CC="$(CC)" bash tests/lint

asan: ## all tests under the address and undefined-behaviour sanitizers
	ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	$(MAKE) BUILD=$(BUILD)/asan CFLAGS="-O1 -g -fno-omit-frame-pointer" SANFLAGS="-fsanitize=address,undefined" test

cover: ## which lines the tests reach (lcov)
	$(MAKE) BUILD=$(BUILD)/cover CFLAGS="-O0 -g --coverage" LDFLAGS="--coverage" test
	lcov -q -c -d $(BUILD)/cover -o $(BUILD)/cover/all.info
	lcov -q -e $(BUILD)/cover/all.info '*/src/*' '*/drivers/*' -o $(BUILD)/cover/norprog.info
	lcov --list $(BUILD)/cover/norprog.info

soak: $(UNIT) $(SOAK_EXTRA) ## the long runs: every power cut, every seed
	NORPROG_SOAK=1 BUILD=$(BUILD) bash tests/run --unit-only \
		$(filter %/job/test_read %/job/test_resume %/test_shared_state %/test_noisy_cuts %/test_sweep,$(UNIT)) $(SOAK_EXTRA)

demo: all ## the main job on real firmware images and a simulated chip
	bash tests/demo/demo.sh $(BUILD)

# `make help` prints the targets that carry "##".
help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/  \1 \2/p' $(filter %Makefile %.mk,$(MAKEFILE_LIST)) | sort -u | awk '{ n = $$1; $$1 = ""; printf "  make %-10s%s\n", n, $$0 }'
	@echo "  Variables: CC, CFLAGS, BUILD (build), PREFIX (/usr/local), V=1, JOBS (tests at once)"

# The picture in doc/DESIGN.md; lint notices when it is older than its text.
doc/rooms.svg: doc/rooms.txt doc/rooms.sh
	sh doc/rooms.sh $< > $@

clean: ## remove build/
	rm -rf $(BUILD)

-include $(shell find $(BUILD) \( -name sysroot -o -name try-deb -o -name deb \) -prune -o -type f -name '*.d' -print 2>/dev/null)
