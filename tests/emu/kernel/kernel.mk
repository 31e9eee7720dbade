# SPDX-License-Identifier: GPL-2.0-or-later
# The emulated adapters on the USB of a real kernel, in a machine of qemu's: processor time, and what only a kernel does.
# Neither is part of `make test` or of `make bench`: they take minutes, and a kernel package of 70 MB.

ifeq ($(call have,umockdev-1.0),yes)
EMU_VHCI := $(BUILD)/tests/emu-vhci
VHCI_OBJS := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/emu/kernel/*.c))
$(VHCI_OBJS): CPPFLAGS += -Itests/emu

$(EMU_VHCI): $(VHCI_OBJS) $(filter-out %/emu_run.o %/testbed.o %/server.o,$(EMU_OBJS)) $(EMU_LIB)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

EXTRA_TESTS += $(EMU_VHCI)
endif

in_guest = bash tests/emu/kernel/run.sh $(BUILD) tests/emu/kernel/$(1) $(2) || [ $$? = 77 ]

.PHONY: bench-kernel check-kernel deps-kernel
bench-kernel: all $(EMU_VHCI) ## processor time over the usbfs of a real kernel, in qemu
	$(call in_guest,bench.sh,8)

check-kernel: all $(EMU_VHCI) ## unplugging, permissions, kernel drivers on the USB of a real kernel, in qemu
	$(call in_guest,checks.sh,2)

deps-kernel: ## what these two need (Debian): qemu, and a kernel package, which is unpacked and not installed
	apt-get install -y --no-install-recommends qemu-system-x86 seabios busybox-static kmod cpio flashrom
	@mkdir -p $(BUILD)/kernel/root
	cd $(BUILD)/kernel && apt-get download "$$(apt-cache depends linux-image-amd64 | sed -n 's/ *Depends: //p' | head -n 1)"
	for package in $(BUILD)/kernel/linux-image-*.deb; do dpkg-deb -x "$$package" $(BUILD)/kernel/root; done
