/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the names of cells and partitions mean. */
#include <string.h>
#include <strings.h>

#include "layout/facts.h"

static bool begins(const char *word, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && strncasecmp(word, with, n) == 0;
}

enum facts_kind facts_kind_of(const char *word, size_t len)
{
	static const struct {
		const char *begins;
		enum facts_kind kind;
	} words[] = {
		{"mac-address", FACTS_MAC},     {"macaddr", FACTS_MAC},
		{"mac_addr", FACTS_MAC},        {"hw_mac_addr", FACTS_MAC},
		{"ethaddr", FACTS_MAC},         {"calibration", FACTS_CAL},
		{"pre-calibration", FACTS_CAL}, {"precal", FACTS_CAL},
		{"eeprom", FACTS_CAL},          {"cal", FACTS_CAL},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (begins(word, len, words[i].begins))
			return words[i].kind;
	/* eth1addr, eth2addr, ... */
	if (len == 8 && begins(word, len, "eth") && strncasecmp(word + 4, "addr", 4) == 0)
		return FACTS_MAC;
	return FACTS_NONE;
}

static bool is_one_of(const char *name, const char *const *list)
{
	/* Qualcomm puts a number in front: "0:ART", whose ':' became '-'. */
	if ((name[0] == '0' || name[0] == '1') && name[1] == '-')
		name += 2;
	for (; *list; list++)
		if (strcasecmp(name, *list) == 0)
			return true;
	return false;
}

bool facts_is_boot(const char *name)
{
	static const char *const names[] = {
		"u-boot",
		"uboot",
		"u-boot-a",
		"u-boot-b",
		"u-boot2",
		"u-boot-bak",
		"uboot-0",
		"boot",
		"bootloader",
		"bootbase",
		"factory-boot",
		"factory-uboot",
		"fs-uboot",
		"cfe",
		"urlader",
		"urloader",
		"redboot",
		"jboot",
		"loader",
		"bootpri",
		"bootbak",
		"boot-pri",
		"boot-bak",
		"boot0",
		"bl2",
		"bl3",
		"fip",
		"preloader",
		"atf",
		"sbl1",
		"sbl2",
		"sbl3",
		"appsbl",
		"appsbl_1",
		"appsbl1",
		"oldappsbl",
		"bootupa",
		"bootupb",
		"bootloader-fs",
		"bootware_basic",
		"bootware_extend",
		"at91bootstrap",
		"bootloader-nor",
		"SPI--RO--U-Boot-Image",
		NULL,
	};

	return is_one_of(name, names);
}

bool facts_is_firmware(const char *name)
{
	static const char *const names[] = {
		"firmware",    "kernel",    "rootfs",      "ubi",      "os-image",
		"file-system", "linux",     "fw",          "image",    "fwconcat0",
		"fwconcat1",   "fwconcat2", "rootfs_data", "recovery", NULL,
	};

	return is_one_of(name, names) || strncasecmp(name, "firmware", 8) == 0;
}

/* MikroTik's hard_config lies somewhere inside RouterBoot. */
bool facts_is_unit_name(const char *name)
{
	/* clang-format off */
	static const char *const names[] = {
		"art", "artmtd", "art2", "art_block", "art_bak", "art-backup", "caldata", "caldata_backup",
		"caldata-backup", "calibration", "calibrate", "factory", "factory2", "factory5g", "radio",
		"radiocfg", "rf", "rf-eeprom", "eeprom", "board-data", "board_data", "boarddata", "bdinfo",
		"bdcfg", "board-info", "board_info", "board_config", "boardconfig", "devdata", "devinfo",
		"device_id", "device-id", "deviceid", "mfginfo", "mfcdata", "manufacture", "oemdata",
		"oeminfo", "hwinfo", "hw-info", "default-mac", "product-info", "product_info", "productdata",
		"pin", "serial", "mac", "env_mac", "MAC-IP", "bdata", "permanent", "permanent_config",
		"SC-Nvram-permanent-data-", "SC-PID-OFF", "dnidata", "iNIC_rf", "hwconfig", "RouterBoot",
		"RouterBOOT-primary", "mikrotik", "2860", NULL,
	};
	/* clang-format on */

	return is_one_of(name, names);
}
