# SPDX-License-Identifier: GPL-2.0-or-later
# The unit tests on other machines: Debian's cross compilers, their programs run by qemu.

ARCH ?= arm64
.PHONY: cross cross-pure unit-pure
cross: ## the unit tests for ARCH (arm64, armhf, s390x), run by qemu
	+bash tests/cross/cross.sh $(ARCH) $(BUILD)

# What byte order, word size and alignment can break shows where bytes are read and written: CI runs these.
# Not test_serprog, because qemu-user does not know how a tty is told any rate (TCGETS2).
PURE := $(foreach room,base chip spi plan layout image store drivers,$(filter $(BUILD)/tests/unit/$(room)/%,$(filter-out %/test_serprog,$(UNIT))))
unit-pure: $(PURE)
	BUILD=$(BUILD) bash tests/run --unit-only $(PURE)
cross-pure: ## those of them that take formats apart, for ARCH
	+bash tests/cross/cross.sh $(ARCH) $(BUILD) unit-pure
