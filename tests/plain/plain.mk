# SPDX-License-Identifier: GPL-2.0-or-later
# What FreeBSD and macOS take instead of Linux's own calls (*_posix.c), tried on Linux.
PLAIN_UNIT := base/test_os base/test_io_dir base/test_io_sweep base/test_clock drivers/serprog/test_serial_wait \
	drivers/serprog/test_serprog drivers/sim/test_norsim $(if $(filter ch341a,$(BACKENDS)),drivers/usb/test_usb_find)
PLAIN_BATS := serve gang stop
.PHONY: plain
plain: ## the tests of what FreeBSD and macOS would take, on Linux
	$(MAKE) BUILD=$(BUILD)/plain OS_PLAIN=1 all $(PLAIN_UNIT:%=$(BUILD)/plain/tests/unit/%)
	BUILD=$(BUILD)/plain bash tests/run --unit-only $(PLAIN_UNIT:%=$(BUILD)/plain/tests/unit/%)
	BUILD=$(BUILD)/plain bats $(PLAIN_BATS:%=tests/cli/%.bats)
