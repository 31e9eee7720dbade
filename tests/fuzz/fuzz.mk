# SPDX-License-Identifier: GPL-2.0-or-later
# make fuzz: every tests/fuzz/fuzz_NAME.c is a libFuzzer program, run for FUZZ_SECONDS over the corpus of
# its name. tests/stories/test_fuzz.c replays the corpora with any compiler.
FUZZ_SECONDS ?= 20
FUZZ_CC ?= clang
# What was built without a library is not fuzzed.
FUZZ := $(filter-out $(foreach b,$(backends),$(call without,$(b),$(b))) $(call without,ft232h,mpsse) $(call without,ch341a,sysfs),\
	$(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_FLAGS = -O1 -g -std=c11 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
FUZZ_OBJS := $(SRCS:%.c=$(BUILD)/fuzz/obj/%.o) $(DRIVERS:%.c=$(BUILD)/fuzz/obj/%.o) \
	$(UI_PURE:%.c=$(BUILD)/fuzz/obj/%.o) \
	$(GENERATED:%=$(BUILD)/fuzz/obj/%.o)

$(BUILD)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC  $< (fuzz)"
	$(Q)$(FUZZ_CC) $(CPPFLAGS) -Itests $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
$(GENERATED:%=$(BUILD)/fuzz/obj/%.o): $(BUILD)/fuzz/obj/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_FLAGS) -c -o $@ $<
$(BUILD)/fuzz/libfuzzed.a: $(FUZZ_OBJS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^
$(BUILD)/fuzz/%: $(BUILD)/fuzz/obj/tests/fuzz/fuzz_%.o $(BUILD)/fuzz/libfuzzed.a
	@echo "  LD  $@"
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)
.PRECIOUS: $(BUILD)/fuzz/obj/tests/fuzz/fuzz_%.o

fuzz: $(addprefix $(BUILD)/fuzz/,$(FUZZ)) ## fuzz the parsers
	@for target in $(FUZZ); do \
		mkdir -p $(BUILD)/fuzz/corpus-$$target; \
		echo "== $$target"; \
		$(BUILD)/fuzz/$$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
			-verbosity=0 -print_final_stats=0 -artifact_prefix=$(BUILD)/fuzz/ \
			$(BUILD)/fuzz/corpus-$$target tests/fuzz/corpus/$$target || exit 1; \
	done

# What test_fuzz.c replays: all targets in one program.
$(BUILD)/gen/fuzz_targets.h: $(wildcard tests/fuzz/fuzz_*.c)
	@mkdir -p $(@D)
	$(Q){ for t in $(FUZZ); do \
		printf '#define LLVMFuzzerTestOneInput target_%s\nint LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);\n' $$t; \
		printf '#include "fuzz/fuzz_%s.c"\n#undef LLVMFuzzerTestOneInput\n' $$t; done; \
	printf '#define FUZZ_TARGETS(X)'; for t in $(FUZZ); do printf ' X(%s)' $$t; done; echo; } > $@
$(BUILD)/obj/tests/stories/test_fuzz.o: $(BUILD)/gen/fuzz_targets.h
