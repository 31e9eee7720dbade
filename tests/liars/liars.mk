# SPDX-License-Identifier: GPL-2.0-or-later
# Chips that lie, composed at random: NORPROG_LIARS is how many, SEED the first.
LIARS_TEST := $(BUILD)/tests/liars/test_liars
EXTRA_TESTS += $(LIARS_TEST)
EXTRA_RUN += $(LIARS_TEST)

$(LIARS_TEST): tests/liars/test_liars.py $(BUILD)/norprog
	@mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\nexec /usr/bin/python3 %s %s\n' $(abspath $<) $(abspath $(BUILD)) > $@ && chmod +x $@
