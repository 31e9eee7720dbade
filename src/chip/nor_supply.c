/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chip/nor_supply.h"

#include <stdio.h>
#include <string.h>

#define USUAL_MV 3300

bool nor_supply_takes_3v3(uint16_t max_mv)
{
	return max_mv >= USUAL_MV;
}

/* "1.65-1.95 V": as many decimals as the figures have. */
static const char *volts(uint16_t min_mv, uint16_t max_mv, char buf[32])
{
	int digits = min_mv % 100 || max_mv % 100 ? 2 : 1;

	snprintf(buf, 32, "%.*f-%.*f V", digits, min_mv / 1e3, digits, max_mv / 1e3);
	return buf;
}

/* How many candidates take 3.3 V, do not, and are silent; and one that does not. */
struct count {
	size_t usual, low, silent;
	const struct nor_chip *low_one;
};

static struct count count_rows(const struct nor_chip *const *rows, size_t count)
{
	struct count n = {0};

	for (size_t i = 0; i < count; i++) {
		if (!rows[i]->vcc_max_mv) {
			n.silent++;
		} else if (nor_supply_takes_3v3(rows[i]->vcc_max_mv)) {
			n.usual++;
		} else {
			n.low++;
			n.low_one = rows[i];
		}
	}
	return n;
}

static bool rows_distrust_sfdp(const struct nor_chip *const *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i]->flags & (NOR_F_BAD_SFDP | NOR_F_NO_SFDP))
			return true;
	return false;
}

static void by_sfdp(const struct sfdp *sfdp, const struct count *n, struct nor_supply *supply)
{
	char text[32];

	supply->from = NOR_SUPPLY_SFDP;
	supply->min_mv = sfdp->vcc_min_mv;
	supply->max_mv = sfdp->vcc_max_mv;
	supply->suits_3v3 = nor_supply_takes_3v3(sfdp->vcc_max_mv);
	volts(sfdp->vcc_min_mv, sfdp->vcc_max_mv, text);
	if (!supply->suits_3v3) {
		snprintf(supply->why, sizeof(supply->why), "by its SFDP it is a %s part", text);
	} else if (n->low_one && !n->usual) {
		supply->suits_3v3 = false;
		supply->from = NOR_SUPPLY_UNKNOWN;
		supply->min_mv = supply->max_mv = 0;
		snprintf(supply->why, sizeof(supply->why),
		         "by its SFDP it takes %s, but %.60s is a 1.8 V part", text,
		         n->low_one->name);
	}
}

/* The tightest limits of rows that agree about 3.3 V. */
static void by_rows(const struct nor_chip *const *rows, size_t count, struct nor_supply *supply)
{
	supply->from = NOR_SUPPLY_TABLE;
	supply->max_mv = UINT16_MAX;
	for (size_t i = 0; i < count; i++) {
		if (rows[i]->vcc_min_mv > supply->min_mv)
			supply->min_mv = rows[i]->vcc_min_mv;
		if (rows[i]->vcc_max_mv < supply->max_mv)
			supply->max_mv = rows[i]->vcc_max_mv;
	}
	supply->suits_3v3 = nor_supply_takes_3v3(supply->max_mv);
}

void nor_supply_find(const struct nor_chip *const *rows, size_t count,
                     const struct nor_chip *low_twin, const struct sfdp *sfdp, uint8_t maker_id,
                     struct nor_supply *supply)
{
	struct count n = count_rows(rows, count);
	const struct nor_chip *low = n.low_one ? n.low_one : low_twin;
	char text[32];

	memset(supply, 0, sizeof(*supply));
	if (sfdp && sfdp->vcc_max_mv && sfdp->maker_id == maker_id &&
	    !rows_distrust_sfdp(rows, count)) {
		by_sfdp(sfdp, &n, supply);
	} else if (low && n.low < count) {
		snprintf(supply->why, sizeof(supply->why),
		         "it may be %.60s, which answers alike and takes %s", low->name,
		         volts(low->vcc_min_mv, low->vcc_max_mv, text));
	} else if (!count || n.silent) {
		snprintf(supply->why, sizeof(supply->why), "nothing tells what supply it takes");
	} else {
		by_rows(rows, count, supply);
		if (!supply->suits_3v3)
			snprintf(supply->why, sizeof(supply->why), "it is a %s part",
			         volts(supply->min_mv, supply->max_mv, text));
	}
}

const char *nor_supply_text(const struct nor_supply *supply, char *buf, size_t len)
{
	char text[32];

	if (supply->from == NOR_SUPPLY_UNKNOWN)
		snprintf(buf, len, "not known: %s", supply->why);
	else
		snprintf(buf, len, "%s%s%s", volts(supply->min_mv, supply->max_mv, text),
		         supply->from == NOR_SUPPLY_SFDP ? " (by its SFDP)" : "",
		         supply->suits_3v3 ? "" : ": do not feed it 3.3 V");
	return buf;
}
