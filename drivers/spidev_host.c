/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spidev_host.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"

#define RP1_HZ      200000000u
#define DIVIDER_MAX 65536u

/* Is there a name in the list that begins with `wanted`? A list cut short has no NUL at its end. */
static bool names(const char *list, size_t len, const char *wanted)
{
	size_t at = 0, wanted_len = strlen(wanted);

	while (at < len) {
		size_t word = strnlen(list + at, len - at);

		if (word >= wanted_len && memcmp(list + at, wanted, wanted_len) == 0)
			return true;
		at += word + 1;
	}
	return false;
}

/* What device trees call displays and touch panels that are driven from user space. */
static const char *const displays[] = {
	"ilitek,",     "sitronix,",  "solomon,", "solomon-systech,", "waveshare,",
	"galaxycore,", "pervasive,", "ti,tsc20", "ti,ads7846",       "multi-inno,"};

const char *spidev_host_own(const char *name, const char *board, size_t board_len,
                            const char *device, size_t device_len)
{
	if (strcmp(name, "spidev10.0") == 0 && names(board, board_len, "brcm,bcm2712"))
		return "the boot EEPROM of this Raspberry Pi 5";
	if (names(device, device_len, "jedec,spi-nor") || names(device, device_len, "spi-flash"))
		return "this computer's own flash, says its device tree";
	for (size_t i = 0; i < sizeof(displays) / sizeof(displays[0]); i++)
		if (names(device, device_len, displays[i]))
			return "a display of this computer, says its device tree";
	return NULL;
}

uint32_t spidev_divided_hz(uint32_t core_hz, uint32_t asked_hz)
{
	uint64_t divider = asked_hz ? ((uint64_t)core_hz + asked_hz - 1) / asked_hz : DIVIDER_MAX;

	divider += divider % 2;
	if (divider < 2)
		divider = 2;
	if (divider > DIVIDER_MAX)
		divider = DIVIDER_MAX;
	return (uint32_t)((core_hz + divider - 1) / divider);
}

void spidev_bus_text(bool divided, uint32_t core_hz, char *buf, size_t len)
{
	char core[32], made[32];

	if (!divided)
		snprintf(buf, len, "SPI bus of this computer");
	else if (!core_hz)
		snprintf(
			buf, len,
			"SPI bus of this computer, clock the core's / 2, 4, 6...; root sees which");
	else
		snprintf(buf, len,
		         "SPI bus of this computer, clock %s / 2, 4, 6...: hz=20M makes %s",
		         np_format_hz(core_hz, core, sizeof(core)),
		         np_format_hz(spidev_divided_hz(core_hz, 20000000), made, sizeof(made)));
}

bool spidev_is_divided(const char *name, const char *board, size_t board_len, uint32_t *fixed_hz)
{
	static const char *const old[] = {"brcm,bcm2835", "brcm,bcm2836", "brcm,bcm2837",
	                                  "brcm,bcm2711"};

	*fixed_hz = 0;
	if (names(board, board_len, "brcm,bcm2712")) {
		*fixed_hz = RP1_HZ;
		return strncmp(name, "spidev10.", 9) != 0; /* that one is not the RP1's */
	}
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		if (names(board, board_len, old[i]))
			return true;
	return false;
}
