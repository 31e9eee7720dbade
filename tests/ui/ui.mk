# SPDX-License-Identifier: GPL-2.0-or-later
# The page in a browser. `make screenshots` leaves pictures of it in build/tests/ui.
UI_TEST := $(BUILD)/tests/ui/test_ui
EXTRA_TESTS += $(if $(HAVE_UI),$(UI_TEST))
EXTRA_RUN += $(if $(HAVE_UI),$(UI_TEST))

$(UI_TEST): tests/ui/test_ui.py $(BUILD)/norprog
	@mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\nexec /usr/bin/python3 %s %s\n' $(abspath $<) $(abspath $(BUILD)) > $@ && chmod +x $@

.PHONY: screenshots
screenshots: $(UI_TEST) ## pictures of the page, into build/tests/ui
	ONLY=back_up_and_write,refusal_and_override,phone $(UI_TEST)
