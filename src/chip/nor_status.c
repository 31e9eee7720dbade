/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chip/nor_status.h"

#include <string.h>

#define SR1_BUSY     0x01
#define SR1_WEL      0x02
#define SR1_BP       0x3c /* where BP0.. sit when nothing better is known */
#define SR1_SWP      0x0c /* Atmel: software protection status: none, some or all sectors locked */
#define SR1_SWP_SOME 0x04

#define NO_REGISTER 0xff

#define SECTOR_LEN   UINT64_C(4096)
#define BLOCK_LEN    UINT64_C(65536)
#define SEC_LEN_MAX  (BLOCK_LEN / 2)
#define UNIT_DIVISOR 64

static const struct nor_prot unknown_prot = {.kind = NOR_PROT_NONE};

/* One setting of the protection bits. */
struct setting {
	unsigned bp;
	bool tb, sec, cmp;
};

static const struct nor_prot *prot_of(const struct nor_chip *chip)
{
	return chip->prot ? chip->prot : &unknown_prot;
}

/* SR2 and SR3 of all ones do not exist: the line is not driven. */
static bool exists(const uint8_t sr[4], unsigned reg)
{
	return reg == 1 || reg == 4 || ((reg == 2 || reg == 3) && sr[reg - 1] != NO_REGISTER);
}

static bool get_bit(const uint8_t sr[4], uint8_t where)
{
	unsigned reg = where >> 4;

	return exists(sr, reg) && sr[reg - 1] >> (where & 7) & 1;
}

static void put_bit(uint8_t sr[4], uint8_t where, bool value)
{
	unsigned reg = where >> 4;
	uint8_t mask = (uint8_t)(1U << (where & 7));

	if (!exists(sr, reg))
		return;
	sr[reg - 1] = value ? (uint8_t)(sr[reg - 1] | mask) : (uint8_t)(sr[reg - 1] & ~mask);
}

static unsigned bp_count(const struct nor_prot *prot)
{
	unsigned n = 0;

	while (n < NOR_BP_MAX && prot->bp[n] != NOR_NO_BIT)
		n++;
	return n;
}

static unsigned bp_all_ones(const struct nor_prot *prot)
{
	return (1U << bp_count(prot)) - 1;
}

static struct setting setting_get(const struct nor_prot *prot, const uint8_t sr[4])
{
	struct setting set = {
		.tb = get_bit(sr, prot->tb),
		.sec = get_bit(sr, prot->sec),
		.cmp = get_bit(sr, prot->cmp),
	};

	for (unsigned i = 0; i < bp_count(prot); i++)
		set.bp |= (unsigned)get_bit(sr, prot->bp[i]) << i;
	return set;
}

static void setting_put(const struct nor_prot *prot, struct setting set, uint8_t sr[4])
{
	for (unsigned i = 0; i < bp_count(prot); i++)
		put_bit(sr, prot->bp[i], set.bp >> i & 1);
	if (!prot->tb_otp)
		put_bit(sr, prot->tb, set.tb);
	put_bit(sr, prot->sec, set.sec);
	put_bit(sr, prot->cmp, set.cmp);
	put_bit(sr, prot->wps, false);
	put_bit(sr, prot->idle, false);
	put_bit(sr, prot->contested, false);
}

/* Bytes that BP = 1 stands for. */
static uint64_t unit_len(const struct nor_chip *chip)
{
	const struct nor_prot *prot = chip->prot;
	uint64_t share = chip->size / UNIT_DIVISOR;

	if (prot->unit_kib)
		return UINT64_C(1024) * prot->unit_kib;
	return prot->kind != NOR_PROT_BLOCKS && share > BLOCK_LEN ? share : BLOCK_LEN;
}

static uint64_t doubled_len(const struct nor_chip *chip, unsigned bp)
{
	uint64_t len = bp ? unit_len(chip) << (bp - 1) : 0;

	return len < chip->size ? len : chip->size;
}

/* Doubling up to a half, then halving what is left, down to a unit. */
static uint64_t growing_len(const struct nor_chip *chip, unsigned bp)
{
	uint64_t unit = unit_len(chip), half = chip->size / 2, open = half;

	if (unit << (bp - 1) <= half)
		return doubled_len(chip, bp);
	for (; bp && unit << (bp - 1) > half; bp--)
		open /= 2;
	return open < unit ? chip->size : chip->size - open;
}

/* Bytes that BP and SEC stand for, before TB and CMP say where; `open`: they are what stays
 * writable, at the end where TB has the others. */
static uint64_t setting_len(const struct nor_chip *chip, struct setting set, bool *open)
{
	const struct nor_prot *prot = chip->prot;
	unsigned ones = bp_all_ones(prot);
	uint64_t len;

	*open = false;
	if (set.bp == 0)
		return 0;
	if (set.bp == ones)
		return chip->size;
	if (set.sec) {
		len = SECTOR_LEN << (set.bp - 1);
		return len < SEC_LEN_MAX ? len : SEC_LEN_MAX;
	}
	if (prot->shape == NOR_PROT_GROWING)
		return growing_len(chip, set.bp);
	*open = (prot->inverted && !(prot->turned && set.tb)) ||
	        (prot->shape == NOR_PROT_MIRRORED && set.bp > ones / 2);
	len = doubled_len(chip, prot->inverted || !*open ? set.bp : ones - set.bp);
	*open = *open && len < chip->size;
	return len;
}

static struct np_range setting_range(const struct nor_chip *chip, struct setting set)
{
	bool open, bottom = set.tb && !chip->prot->turned;
	uint64_t len = setting_len(chip, set, &open);

	if (open != set.cmp) {
		len = chip->size - len;
		bottom = !bottom;
	}
	if (len == 0)
		return (struct np_range){0, 0};
	return (struct np_range){bottom ? 0 : chip->size - len, len};
}

/* Is a bit set that decides over ranges, and nobody knows how? */
static bool in_doubt(const struct nor_prot *prot, const uint8_t sr[4])
{
	return get_bit(sr, prot->contested);
}

static bool has_ranges(const struct nor_prot *prot)
{
	return prot->kind == NOR_PROT_WINBOND || prot->kind == NOR_PROT_BLOCKS ||
	       prot->kind == NOR_PROT_EON_BP3;
}

/* Parts whose ranges are not known: the bits that mean protection. Of a part that is not in the
 * tables, a lock of the registers hints at protection too. */
static bool any_bp_set(const struct nor_prot *prot, const uint8_t sr[4])
{
	if (bp_count(prot) == 0)
		return sr[0] & SR1_BP;
	for (unsigned i = 0; i < bp_count(prot); i++)
		if (get_bit(sr, prot->bp[i]))
			return true;
	if (prot->kind == NOR_PROT_GUESS && (get_bit(sr, prot->srp0) || get_bit(sr, prot->srp1)))
		return true;
	return get_bit(sr, prot->cmp) || get_bit(sr, prot->wps);
}

static bool in_sr3(const struct nor_prot *prot)
{
	return prot->wps >> 4 == 3 || prot->cmp >> 4 == 3;
}

/* Does protection, by any scheme that it may have, reach into SR3? */
static bool needs_sr3(const struct nor_chip *chip)
{
	for (size_t i = 0; i < NOR_TWINS && chip->twins[i]; i++)
		if (in_sr3(chip->twins[i]))
			return true;
	return in_sr3(prot_of(chip));
}

size_t nor_status_count(const struct nor_chip *chip)
{
	switch (chip->sr_write) {
	case NOR_SR_TWO_CLEARS:
	case NOR_SR_TWO:
		return needs_sr3(chip) ? 3 : 2;
	case NOR_SR_SEPARATE:
	case NOR_SR_THREE:
		return 3;
	case NOR_SR_ONE:
	case NOR_SR_MXIC:
		break;
	}
	return 1;
}

enum nor_reg4 nor_status_reg4(const struct nor_chip *chip)
{
	return chip->sr_write == NOR_SR_MXIC ? NOR_REG4_CONFIG : prot_of(chip)->reg4;
}

/* By one of the schemes that the chip may have. */
static struct np_range range_by(const struct nor_chip *chip, const struct nor_prot *prot,
                                const uint8_t sr[4])
{
	struct nor_chip as = *chip;

	as.prot = prot;
	return setting_range(&as, setting_get(prot, sr));
}

static bool same(struct np_range a, struct np_range b)
{
	return a.len == b.len && (a.len == 0 || a.start == b.start);
}

/* Does this scheme, with no ranges of its own, say that nothing is protected? */
static bool says_nothing(const struct nor_prot *prot, const uint8_t sr[4])
{
	if (prot->kind == NOR_PROT_SECTORS)
		return bp_count(prot) != 0 && !(sr[0] & SR1_SWP);
	return !any_bp_set(prot, sr);
}

/* Chips that answer alike: the range is known where all their schemes name the same one, with
 * whatever a T/B says that is not read. With no bit set none of them protects anything. */
static bool twins_agree(const struct nor_chip *chip, const uint8_t sr[4], struct np_range *range)
{
	uint8_t other[4];

	*range = (struct np_range){0, 0};
	for (size_t i = 0; i < NOR_TWINS && chip->twins[i]; i++) {
		const struct nor_prot *twin = chip->twins[i];
		struct np_range by;

		if (get_bit(sr, twin->wps) || in_doubt(twin, sr) ||
		    (!has_ranges(twin) && !says_nothing(twin, sr)))
			return false;
		by = has_ranges(twin) ? range_by(chip, twin, sr) : (struct np_range){0, 0};
		if (i == 0)
			*range = by;
		memcpy(other, sr, sizeof(other));
		if (twin->tb >> 4 == 4 && nor_status_reg4(chip) == NOR_REG4_NONE)
			put_bit(other, twin->tb, !get_bit(sr, twin->tb));
		if (!same(by, *range) ||
		    (has_ranges(twin) && !same(range_by(chip, twin, other), *range))) {
			*range = (struct np_range){0, 0};
			return false;
		}
	}
	return true;
}

bool nor_status_protected(const struct nor_chip *chip, const uint8_t sr[4], struct np_range *range)
{
	const struct nor_prot *prot = prot_of(chip);
	struct np_range whole = {0, chip->size}, none = {0, 0};

	if (chip->twins[0])
		return twins_agree(chip, sr, range);
	if (prot->kind != NOR_PROT_GUESS && get_bit(sr, prot->wps)) {
		*range = whole;
		return true;
	}
	if (prot->kind == NOR_PROT_SECTORS) {
		*range = bp_count(prot) == 0 || sr[0] & SR1_SWP ? whole : none;
		return true;
	}
	if (has_ranges(prot) && !in_doubt(prot, sr)) {
		*range = setting_range(chip, setting_get(prot, sr));
		return true;
	}
	*range = none;
	if (in_doubt(prot, sr))
		return false;
	return !any_bp_set(prot, sr);
}

void nor_status_clear(const struct nor_chip *chip, const uint8_t from[4], uint8_t to[4])
{
	const struct nor_prot *prot = prot_of(chip);
	uint8_t sr[4];

	memcpy(sr, from, sizeof(sr));
	sr[0] &= (uint8_t) ~(SR1_BUSY | SR1_WEL);
	if (prot->kind == NOR_PROT_NONE && bp_count(prot) == 0)
		sr[0] &= (uint8_t)~SR1_BP;
	setting_put(prot, (struct setting){0}, sr);
	for (size_t i = 0; i < NOR_TWINS && chip->twins[i]; i++)
		setting_put(chip->twins[i], (struct setting){0}, sr);
	memcpy(to, sr, sizeof(sr));
}

/* Atmel: what is written to bits 2..5 opens or locks; what is read there is whether any is locked.
 */
static bool shows_sectors(const struct nor_prot *prot)
{
	return prot->kind == NOR_PROT_SECTORS && bp_count(prot) != 0;
}

enum nor_lock_kind nor_status_lock_kind(const struct nor_chip *chip, const uint8_t sr[4],
                                        bool *some)
{
	const struct nor_prot *prot = prot_of(chip);

	*some = prot->kind != NOR_PROT_GUESS && get_bit(sr, prot->wps);
	if (*some)
		return NOR_LOCK_BLOCKS;
	*some = shows_sectors(prot) && (sr[0] & SR1_SWP) == SR1_SWP_SOME;
	return shows_sectors(prot) ? NOR_LOCK_ATMEL : NOR_LOCK_NONE;
}

uint8_t nor_status_readable(const struct nor_chip *chip)
{
	uint8_t mask = (uint8_t) ~(SR1_BUSY | SR1_WEL);

	return shows_sectors(prot_of(chip)) ? mask & (uint8_t) ~(SR1_BP ^ SR1_SWP) : mask;
}

void nor_status_again(const struct nor_chip *chip, const uint8_t sr[4], uint8_t to[4])
{
	const struct nor_prot *prot = prot_of(chip);

	memcpy(to, sr, 4);
	if (shows_sectors(prot) && sr[0] & SR1_SWP)
		setting_put(prot, (struct setting){.bp = bp_all_ones(prot)}, to);
}

/* The n-th of all settings a part has, plainest first (no CMP, no SEC, no TB); false past the last.
 * A one-time TB stays as it is. */
static bool setting_nth(const struct nor_prot *prot, unsigned n, bool tb_now, struct setting *set)
{
	unsigned values = bp_all_ones(prot) + 1;

	set->bp = n % values;
	n /= values;
	set->tb = prot->tb_otp && tb_now;
	if (prot->tb != NOR_NO_BIT && !prot->tb_otp) {
		set->tb = n & 1;
		n >>= 1;
	}
	set->sec = false;
	if (prot->sec != NOR_NO_BIT) {
		set->sec = n & 1;
		n >>= 1;
	}
	set->cmp = false;
	if (prot->cmp != NOR_NO_BIT) {
		set->cmp = n & 1;
		n >>= 1;
	}
	return n == 0;
}

static bool covers(struct np_range outer, struct np_range inner)
{
	return outer.start <= inner.start && outer.start + outer.len >= inner.start + inner.len;
}

/* `to` says `set`, and every scheme the chip may have takes it for `range`. */
static bool put_setting(const struct nor_chip *chip, const struct nor_prot *prot,
                        const uint8_t from[4], struct setting set, struct np_range range,
                        uint8_t to[4])
{
	struct np_range by;

	nor_status_clear(chip, from, to);
	setting_put(prot, set, to);
	return !chip->twins[0] || (twins_agree(chip, to, &by) && same(by, range));
}

static bool encode_by(const struct nor_chip *chip, const struct nor_prot *prot,
                      const uint8_t from[4], struct np_range range, uint8_t to[4],
                      struct np_range *nearest)
{
	bool tb_now = get_bit(from, prot->tb);
	struct setting set = {.bp = bp_all_ones(prot), .tb = prot->tb_otp && tb_now};
	struct nor_chip as = *chip;

	/* All ones is everything in every scheme there is; smaller values may be, or not. */
	if (range.len == chip->size && put_setting(chip, prot, from, set, range, to)) {
		*nearest = range;
		return true;
	}
	as.prot = prot;
	for (unsigned n = 0; setting_nth(prot, n, tb_now, &set); n++) {
		struct np_range can = setting_range(&as, set);

		if (!covers(can, range) || (nearest->len && can.len >= nearest->len) ||
		    !put_setting(chip, prot, from, set, can, to))
			continue;
		*nearest = can;
		if (same(can, range))
			return true;
	}
	return false;
}

static bool encode_ranges(const struct nor_chip *chip, const uint8_t from[4], struct np_range range,
                          uint8_t to[4], struct np_range *nearest)
{
	if (has_ranges(prot_of(chip)))
		return encode_by(chip, prot_of(chip), from, range, to, nearest);
	for (size_t i = 0; i < NOR_TWINS && chip->twins[i]; i++)
		if (has_ranges(chip->twins[i]) &&
		    encode_by(chip, chip->twins[i], from, range, to, nearest))
			return true;
	return false;
}

bool nor_status_encode(const struct nor_chip *chip, const uint8_t from[4], struct np_range range,
                       uint8_t to[4], struct np_range *nearest)
{
	const struct nor_prot *prot = prot_of(chip);

	*nearest = (struct np_range){0, 0};
	if (range.len > chip->size || range.start > chip->size - range.len)
		return false;
	nor_status_clear(chip, from, to);
	if (range.len == 0)
		return true;
	if (has_ranges(prot) || chip->twins[0])
		return encode_ranges(chip, from, range, to, nearest);
	if (prot->kind != NOR_PROT_SECTORS)
		return false;
	*nearest = (struct np_range){0, chip->size};
	if (range.len != chip->size || bp_count(prot) == 0)
		return false;
	setting_put(prot, (struct setting){.bp = bp_all_ones(prot)}, to);
	return true;
}

void nor_status_locks(const struct nor_chip *chip, const uint8_t sr[4], bool *srp, bool *locked)
{
	const struct nor_prot *prot = prot_of(chip);

	*srp = get_bit(sr, prot->srp0);
	*locked = get_bit(sr, prot->srp1);
	for (size_t i = 0; i < NOR_TWINS && chip->twins[i]; i++) {
		*srp = *srp || get_bit(sr, chip->twins[i]->srp0);
		*locked = *locked || get_bit(sr, chip->twins[i]->srp1);
	}
}

bool nor_status_sectors_held(const struct nor_chip *chip, const uint8_t sr[4], uint8_t open[4])
{
	const struct nor_prot *prot = prot_of(chip);

	memcpy(open, sr, 4);
	open[0] &= (uint8_t) ~(SR1_BUSY | SR1_WEL);
	put_bit(open, prot->srp0, false);
	return shows_sectors(prot) && get_bit(sr, prot->srp0);
}
