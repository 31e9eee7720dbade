# SPDX-License-Identifier: GPL-2.0-or-later
# The emulated adapters: emu-run and the tests that need it. Included by the Makefile.

EMU_SRCS := $(wildcard tests/emu/*.c)
EMU_OBJS := $(EMU_SRCS:%.c=$(BUILD)/obj/%.o)
EMU_RUN := $(BUILD)/tests/emu-run
EMU_PRELOAD := $(BUILD)/tests/emu-program.so

ifeq ($(call have,umockdev-1.0),yes)
$(EMU_OBJS): CPPFLAGS += -Itests/emu $(shell $(PKG_CONFIG) --cflags umockdev-1.0)

# Only the chip model and the base: what is under test has no part in testing itself.
EMU_LIB := $(filter $(BUILD)/obj/src/base/% $(BUILD)/obj/drivers/sim/norsim% $(BUILD)/obj/gen/sim_parts.o,$(LIB_OBJS))
$(EMU_RUN): $(EMU_OBJS) $(EMU_LIB) | $(EMU_PRELOAD)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(shell $(PKG_CONFIG) --libs umockdev-1.0) $(LIBS)

# Into a program that has its own sanitizers or none: it brings none.
$(EMU_PRELOAD): tests/emu/preload/program.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $<

$(BUILD)/tests/emu/test_models: $(BUILD)/obj/tests/emu/unit/test_models.o $(BUILD)/obj/tests/support/suite.o \
		$(filter-out %/emu_run.o %/testbed.o %/server.o %/options.o %/report.o,$(EMU_OBJS)) $(EMU_LIB)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LIBS)

$(BUILD)/tests/emu/contract_emu: $(BUILD)/obj/tests/emu/unit/contract_emu.o $(BUILD)/tests/support.a $(BUILD)/libnorprog.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LIBS)

$(BUILD)/obj/tests/emu/unit/%.o: CPPFLAGS += -Itests/emu

EXTRA_TESTS += $(EMU_RUN) $(BUILD)/tests/emu/test_models $(BUILD)/tests/emu/contract_emu
emu: $(EMU_RUN) ## emu-run, which puts any program in front of an emulated adapter

# What the tests do with a dozen seeds, the soak does with hundreds.
.PHONY: soak-emu
soak: soak-emu
soak-emu: all $(EMU_RUN)
	NORPROG_SEEDS=500 BUILD=$(BUILD) bats --filter seeded tests/emu/faults.bats
	NORPROG_SEEDS=200 BUILD=$(BUILD) bats --filter seeded tests/emu/gang.bats
else
emu:
	@echo "skipped: the emulated adapters need umockdev-1.0 (Debian: umockdev libumockdev-dev)"
endif
.PHONY: emu
