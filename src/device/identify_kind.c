/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The public names of what a file can be. */
#include "device/identify.h"

const char *image_kind_name(enum image_kind kind)
{
	static const char *const names[] = {
		[IMAGE_UNKNOWN] = "unknown",
		[IMAGE_BLANK] = "blank",
		[IMAGE_FULL_DUMP] = "full-dump",
		[IMAGE_FULL_DUMP_UNKNOWN] = "full-dump-unknown-device",
		[IMAGE_DUMP_AND_MORE] = "dump-and-more",
		[IMAGE_BOOT_AND_FIRMWARE] = "boot-and-firmware",
		[IMAGE_VENDOR_UPGRADE] = "vendor-upgrade",
		[IMAGE_VENDOR_UPGRADE_BOOT] = "vendor-upgrade-with-boot",
		[IMAGE_OPENWRT_SYSUPGRADE] = "openwrt-sysupgrade",
		[IMAGE_OPENWRT_FACTORY] = "openwrt-factory",
		[IMAGE_KERNEL] = "kernel",
		[IMAGE_ROOTFS] = "rootfs",
		[IMAGE_BOOT_LOADER] = "boot-loader",
		[IMAGE_CALIBRATION] = "calibration",
		[IMAGE_DEVICE_TREE] = "device-tree",
		[IMAGE_PC_FIRMWARE] = "pc-firmware",
		[IMAGE_CAPSULE] = "capsule",
		[IMAGE_VENDOR_PACKAGE] = "vendor-package",
		[IMAGE_PACKED] = "packed",
		[IMAGE_HEX] = "hex-file",
		[IMAGE_FOREIGN] = "foreign",
		[IMAGE_SWAPPED] = "swapped-dump",
	};

	return names[kind];
}
