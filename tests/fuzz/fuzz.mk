# SPDX-License-Identifier: GPL-2.0-or-later
# make fuzz: one libFuzzer program per target, run for FUZZ_SECONDS each over the corpus.
FUZZ_SECONDS ?= 20
FUZZ_CC ?= clang
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_FLAGS = -O1 -g -std=c11 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined

$(BUILD)/fuzz/%: tests/fuzz/fuzz_%.c tests/fuzz/fuzz.h $(SRCS) $(GEN)
	@mkdir -p $(@D)
	@echo "  FUZZ $*"
	$(Q)$(FUZZ_CC) $(CPPFLAGS) -Itests $(FUZZ_FLAGS) -o $@ $< $(filter src/base/% src/plan/layout% \
		src/plan/image% src/plan/unit% src/plan/recognise.c src/plan/region.c src/plan/fdt_sound.c,$(SRCS)) $(GEN) $(LIBS)

fuzz: $(addprefix $(BUILD)/fuzz/,$(FUZZ))
	@for target in $(FUZZ); do \
		mkdir -p $(BUILD)/fuzz/corpus-$$target; \
		echo "== $$target"; \
		$(BUILD)/fuzz/$$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
			-verbosity=0 -print_final_stats=0 -artifact_prefix=$(BUILD)/fuzz/ \
			$(BUILD)/fuzz/corpus-$$target tests/fuzz/corpus/$$target || exit 1; \
	done
