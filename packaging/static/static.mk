# SPDX-License-Identifier: GPL-2.0-or-later
# One program without shared libraries, for machines whose distribution has no package: Debian's static
# libraries and glibc. `norprog ui` is left out, because Debian has no static GnuTLS for libmicrohttpd.

STATIC_ARCH = $(if $(filter command environment,$(firstword $(origin ARCH))),$(ARCH),$(shell dpkg --print-architecture))
STATIC_FLAGS = HAVE_UI= BUILD=$(BUILD) CFLAGS="-O2 -ffunction-sections -fdata-sections" \
	LDFLAGS="-static -Wl,--gc-sections" EXTRA_OBJS=$(BUILD)/obj/packaging/static/udev.o

.PHONY: static static-program
static: ## a tarball with one static program, for ARCH (amd64, arm64, armhf), into build/
	+TRY=$(TRY) bash packaging/static/static.sh $(BUILD) $(VERSION) $(STATIC_ARCH)

static-program:
	$(MAKE) $(STATIC_FLAGS) $(BUILD)/norprog
