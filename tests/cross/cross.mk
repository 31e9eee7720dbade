# SPDX-License-Identifier: GPL-2.0-or-later
# The unit tests on other machines: Debian's cross compilers, their programs run by qemu.

ARCH ?= arm64
.PHONY: cross
cross: ## the unit tests for ARCH (arm64, armhf, s390x), run by qemu
	bash tests/cross/cross.sh $(ARCH) $(BUILD)
