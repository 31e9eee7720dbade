# SPDX-License-Identifier: GPL-2.0-or-later
# Programs outside the project: what `make install` made is all they have, found through pkg-config.
STAGE = $(abspath $(BUILD))/stage
STAGED = $(STAGE)/done
staged_pc = $$(PKG_CONFIG_PATH=$(STAGE)/usr/local/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$(STAGE) $(PKG_CONFIG) $(1) norprog)
LIB_TESTS := $(addprefix $(BUILD)/tests/lib/,test_refusals test_jobs test_blocks test_objects test_kept test_odd_use test_threads own_names)
LIB_PROGRAMS := $(BUILD)/tests/lib/own_names_static $(BUILD)/tests/lib/restore_region $(BUILD)/tests/lib/restore_region_cxx
EXTRA_TESTS += $(LIB_TESTS) $(LIB_PROGRAMS)
EXTRA_RUN += $(LIB_TESTS) $(BUILD)/tests/lib/own_names_static

$(STAGED): $(BUILD)/norprog $(BUILD)/libnorprog.so $(BUILD)/public/libnorprog.a include/norprog.h COPYING
	$(Q)rm -rf $(STAGE)
	$(Q)$(MAKE) --no-print-directory -s install DESTDIR=$(STAGE) PREFIX=/usr/local > /dev/null
	$(Q)touch $@

LIB_FLAGS = $(WARN) -Wpedantic $(CFLAGS) $(SANFLAGS) $(LDFLAGS) $(call staged_pc,--cflags)
STAGED_LIBS = $(call staged_pc,--libs) -Wl,-rpath,$(STAGE)/usr/local/lib

$(BUILD)/tests/lib/test_%: tests/lib/test_%.c tests/lib/scene.c tests/lib/scene.h $(STAGED)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(CC) -std=gnu11 $(LIB_FLAGS) -o $@ $< tests/lib/scene.c $(LIB_MORE) $(STAGED_LIBS) $(CHECK_LIBS) -lz -pthread

# The gates are tried by situations that have files of their own.
REFUSALS_WITH := tests/lib/situation.c tests/lib/images.c
$(BUILD)/tests/lib/test_refusals: $(REFUSALS_WITH) tests/lib/situation.h tests/lib/images.h
$(BUILD)/tests/lib/test_refusals: LIB_MORE = $(REFUSALS_WITH)

$(BUILD)/tests/lib/own_names: tests/lib/own_names.c $(STAGED)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 $(LIB_FLAGS) -o $@ $< $(STAGED_LIBS)

$(BUILD)/tests/lib/own_names_static: tests/lib/own_names.c $(STAGED)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 $(LIB_FLAGS) -o $@ $< $(STAGE)/usr/local/lib/libnorprog.a $(LIBS)

$(BUILD)/tests/lib/restore_region: doc/examples/restore_region.c $(STAGED)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c99 $(LIB_FLAGS) -o $@ $< $(STAGED_LIBS)

$(BUILD)/tests/lib/restore_region_cxx: doc/examples/restore_region.c $(STAGED)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++11 -x c++ -Wall -Wextra -Wpedantic -Werror $(CFLAGS) $(SANFLAGS) $(LDFLAGS) $(call staged_pc,--cflags) \
		-o $@ $< -x none $(STAGED_LIBS)

# Two handles at once, under ThreadSanitizer.
.PHONY: tsan
tsan:
	$(MAKE) BUILD=$(BUILD)/tsan CFLAGS="-O1 -g" SANFLAGS="-fsanitize=thread" $(BUILD)/tsan/tests/lib/test_threads
	CK_FORK=no TSAN_OPTIONS=halt_on_error=1 $(BUILD)/tsan/tests/lib/test_threads
