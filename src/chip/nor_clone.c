/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chip/nor_clone.h"

#include <string.h>

#define ABOVE_3_BYTES (UINT32_C(1) << 24)

/* Where a setting stands: bits of sr[reg]. mask 0: nowhere. */
struct place {
	unsigned reg;
	uint8_t mask;
};

const char *nor_setting_name(enum nor_setting setting)
{
	static const char *const names[NOR_SETTINGS] = {
		[NOR_SET_QUAD] = "quad enable (QE)",
		[NOR_SET_DRIVE] = "driver strength",
		[NOR_SET_ADDRESS] = "4-byte address mode at power-up",
	};

	return names[setting];
}

static bool is_of(const struct nor_chip *chip, const char *maker)
{
	return chip->maker && strcmp(chip->maker, maker) == 0;
}

/* Winbond: DRV1 and DRV0, bits 6 and 5 of SR3 (data sheets of W25Q128JV, W25Q256FV and W25Q256JV: status
 * register 3). Macronix: ODS, the configuration register's lowest three (data sheet of MX25L25635F:
 * configuration register; parts with fewer have reserved bits there, which read 0). A value goes to a
 * part of the same type only, where it means the same whatever it is called. Of other makers nothing is copied: a bit in the same place may be a lock. */
static struct place drive_place(const struct nor_chip *chip)
{
	if (nor_status_count(chip) == 3 && is_of(chip, "Winbond"))
		return (struct place){2, 0x60};
	if (chip->sr_write == NOR_SR_MXIC && is_of(chip, "Macronix"))
		return (struct place){3, 0x07};
	return (struct place){0, 0};
}

static struct place place_of(const struct nor_chip *chip, enum nor_setting setting)
{
	unsigned reg = chip->qe >> 4;

	switch (setting) {
	case NOR_SET_QUAD:
		if (reg < 1 || reg > 3)
			break;
		return (struct place){reg - 1, (uint8_t)(1U << (chip->qe & 7))};
	case NOR_SET_DRIVE:
		return drive_place(chip);
	case NOR_SET_ADDRESS:
		/* Winbond's ADP; the bit beside it tells the mode of now. */
		if (nor_status_count(chip) == 3 && chip->size > ABOVE_3_BYTES &&
		    is_of(chip, "Winbond"))
			return (struct place){2, 0x02};
		break;
	case NOR_SETTINGS:
		break;
	}
	return (struct place){0, 0};
}

/* SR2 and SR3 of all ones do not exist: the line is not driven. */
static bool has(struct place place, const uint8_t sr[4])
{
	return place.mask && (place.reg == 0 || place.reg == 3 || sr[place.reg] != 0xff);
}

bool nor_setting_get(const struct nor_chip *chip, const uint8_t sr[4], enum nor_setting setting,
                     uint8_t *value)
{
	struct place place = place_of(chip, setting);

	if (!has(place, sr))
		return false;
	*value = (uint8_t)((sr[place.reg] & place.mask) / (place.mask & -place.mask));
	return true;
}

bool nor_setting_alike(const struct nor_chip *from, const struct nor_chip *to,
                       enum nor_setting setting)
{
	if (!place_of(from, setting).mask || !place_of(to, setting).mask)
		return false;
	return setting == NOR_SET_QUAD || strcmp(from->name, to->name) == 0;
}

bool nor_setting_put(const struct nor_chip *chip, uint8_t sr[4], enum nor_setting setting,
                     uint8_t value)
{
	struct place place = place_of(chip, setting);

	if (!has(place, sr))
		return false;
	value = (uint8_t)(value * (place.mask & -place.mask)) & place.mask;
	sr[place.reg] = (uint8_t)((sr[place.reg] & ~place.mask) | value);
	return true;
}
