# SPDX-License-Identifier: GPL-2.0-or-later
# The page: in a browser, and what strangers send to its server.
UI_TESTS := $(patsubst tests/ui/%.py,$(BUILD)/tests/ui/%,$(wildcard tests/ui/test_*.py))
EXTRA_TESTS += $(if $(HAVE_UI),$(UI_TESTS))
# The browser looks at the page; test_http drives the same server, so under the sanitizers it alone is run.
EXTRA_RUN += $(if $(HAVE_UI),$(if $(SANFLAGS),$(filter %/test_http,$(UI_TESTS)),$(UI_TESTS)))

$(UI_TESTS): $(BUILD)/tests/ui/%: tests/ui/%.py tests/ui/support.py $(BUILD)/norprog
	@mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\nexec /usr/bin/python3 %s %s\n' $(abspath $<) $(abspath $(BUILD)) > $@ && chmod +x $@

# Its rules are run by test_access where they are there; its own checks are made in any case.
.PHONY: axe
axe: ## fetch axe-core, for the accessibility test
	npm install --no-audit --no-fund --prefix $(BUILD)/axe axe-core

.PHONY: screenshots bench-ui tsan-ui
screenshots: $(BUILD)/norprog ## the pictures of the README, into doc/ui (pngquant makes them small)
	@mkdir -p doc/ui
	/usr/bin/python3 tests/ui/screenshots.py $(BUILD) doc/ui

bench-ui: $(BUILD)/norprog ## how soon the page is there, what it weighs, and what reading through it costs
	/usr/bin/python3 tests/ui/bench.py $(BUILD)

# The server's threads, under ThreadSanitizer.
tsan-ui:
	$(MAKE) BUILD=$(BUILD)/tsan CFLAGS="-O1 -g -Wno-format-truncation" SANFLAGS="-fsanitize=thread" $(BUILD)/tsan/norprog
	TSAN_OPTIONS="halt_on_error=0 exitcode=66" /usr/bin/python3 tests/ui/test_http.py $(BUILD)/tsan
