# SPDX-License-Identifier: GPL-2.0-or-later
# The page: in a browser, and what strangers send to its server.
UI_TESTS := $(patsubst tests/ui/%.py,$(BUILD)/tests/ui/%,$(wildcard tests/ui/test_*.py))
EXTRA_TESTS += $(if $(HAVE_UI),$(UI_TESTS))
EXTRA_RUN += $(if $(HAVE_UI),$(UI_TESTS))

$(UI_TESTS): $(BUILD)/tests/ui/%: tests/ui/%.py tests/ui/support.py $(BUILD)/norprog
	@mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\nexec /usr/bin/python3 %s %s\n' $(abspath $<) $(abspath $(BUILD)) > $@ && chmod +x $@

# Its rules are run by test_access where they are there; its own checks are made in any case.
.PHONY: axe
axe: ## fetch axe-core, for the accessibility test
	npm install --no-audit --no-fund --prefix $(BUILD)/axe axe-core
