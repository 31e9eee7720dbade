/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block protection: decoded, lifted for a job (volatile where the part allows), put back on every
 * exit. In a stack whose dies C2h selects, each die has its own: nor->die is the one in work, and
 * ranges count from its start until they are handed out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "nor/nor_priv.h"
#include "chip/nor_status.h"

/* The die in work as a chip of its own. */
static struct nor_chip die_chip(const struct nor *nor)
{
	struct nor_chip chip = nor->chip;

	chip.size = (uint32_t)nor_die_size(nor);
	return chip;
}

/* What of a range of the chip lies in the die in work. */
static struct np_range in_die(const struct nor *nor, struct np_range range)
{
	uint64_t size = nor_die_size(nor), start = size * nor->die, end = range.start + range.len;
	uint64_t from = range.start > start ? range.start : start;
	uint64_t to = end < start + size ? end : start + size;

	return from < to ? (struct np_range){from - start, to - from} : (struct np_range){0, 0};
}

typedef int die_fn(struct nor *nor, void *ctx, struct np_error *err);

/* Do it on each die; the first failure ends it. */
static int each_die(struct nor *nor, die_fn *fn, void *ctx, struct np_error *err)
{
	int ret = 0;

	for (nor->die = 0; nor->die < nor_dies(nor) && !ret; nor->die++)
		ret = fn(nor, ctx, err);
	nor->die = 0;
	return ret;
}

static bool is_lifted(const struct nor *nor)
{
	return nor->lifted >> nor->die & 1;
}

/* Bits that a status write is meant to change, read back. */
static bool took(const struct nor *nor, const uint8_t sr[4], const uint8_t to[4])
{
	if ((sr[0] ^ to[0]) & nor_status_readable(&nor->chip))
		return false;
	for (size_t i = 1; i < nor_status_count(&nor->chip) && i < 3; i++)
		if (sr[i] != to[i])
			return false;
	return nor_status_reg4(&nor->chip) == NOR_REG4_NONE || sr[3] == to[3];
}

static int write_and_check(struct nor *nor, const uint8_t from[4], const uint8_t to[4],
                           bool is_volatile, bool *ok, struct np_error *err)
{
	uint8_t now[4];
	int ret = nor_status_write(nor, from, to, is_volatile, err);

	if (!ret)
		ret = nor_status_read_all(nor, now, err);
	*ok = !ret && took(nor, now, to);
	return ret;
}

static void describe(struct nor *nor, struct nor_protection *p)
{
	static const char *const reg4_names[] = {
		[NOR_REG4_CONFIG] = "CR", [NOR_REG4_FUNCTION] = "FR", [NOR_REG4_EON_OTP] = "OTP"};
	enum nor_reg4 reg4 = nor_status_reg4(&nor->chip);
	bool guess = nor->chip.prot && nor->chip.prot->kind == NOR_PROT_GUESS;
	uint64_t base = nor_die_size(nor) * nor->die;
	char bits[64];
	size_t at = 0;

	for (size_t i = 0; i < p->sr_count; i++)
		at += (size_t)snprintf(p->text + at, sizeof(p->text) - at, "SR%zu=%02X ", i + 1,
		                       p->sr[i]);
	if (reg4 != NOR_REG4_NONE)
		at += (size_t)snprintf(p->text + at, sizeof(p->text) - at, "%s=%02X ",
		                       reg4_names[reg4], p->sr[3]);
	at--;
	if (!p->known)
		at += (size_t)snprintf(
			p->text + at, sizeof(p->text) - at,
			guess ? ": protection not known for this part (%s set)"
			      : ": protected, range not known for this part (%s set)",
			nor_status_bits_set(&nor->chip, p->sr, bits, sizeof(bits)));
	if (p->known && !p->range_count)
		at += (size_t)snprintf(p->text + at, sizeof(p->text) - at, ": nothing protected");
	for (size_t i = 0; p->known && i < p->range_count && at < sizeof(p->text); i++)
		at += (size_t)snprintf(p->text + at, sizeof(p->text) - at,
		                       "%s0x%06" PRIx64 "-0x%06" PRIx64, i ? ", " : ": protects ",
		                       base + p->ranges[i].start,
		                       base + p->ranges[i].start + p->ranges[i].len - 1);
	if (at >= sizeof(p->text))
		return;
	snprintf(p->text + at, sizeof(p->text) - at, "%s%s%s",
	         p->wpsel ? "; WPSEL set: each block has a lock, closed at power-up" : "",
	         p->srp ? "; SRP set (WP# low locks it)" : "", p->locked ? "; locked" : "");
}

/* Where locks are in force and not all alike, each is asked. */
static int read_locks(struct nor *nor, struct nor_protection *p, struct np_error *err)
{
	uint8_t map[NOR_LOCKS_BYTES];
	bool some;
	enum nor_lock_kind kind = nor_status_lock_kind(&nor->chip, p->sr, &some);
	int ret;

	if (!some || !nor_locks_count(nor, kind))
		return 0;
	ret = nor_locks_read(nor, kind, map, err);
	if (!ret)
		p->range_count = nor_locks_ranges(nor, kind, map, p->ranges, NOR_PROT_RANGES);
	return ret;
}

/* Whatever BP bits say. */
static int read_wpsel(struct nor *nor, struct nor_protection *p, struct np_error *err)
{
	bool closed;
	int ret = nor_wpsel_read(nor, &p->wpsel, &closed, err);

	if (ret || !p->wpsel)
		return ret;
	p->known = true;
	p->range_count = closed && !nor->wpsel_opened;
	p->ranges[0] = (struct np_range){0, nor->info.size};
	return 0;
}

/* Of the die in work. */
static int read_die(struct nor *nor, struct nor_protection *p, struct np_error *err)
{
	const struct nor_chip chip = die_chip(nor);
	int ret;

	memset(p, 0, sizeof(*p));
	ret = nor_status_read_all(nor, p->sr, err);
	if (ret)
		return ret;
	p->sr_count = (uint8_t)nor_status_count(&chip);
	p->known = nor_status_protected(&chip, p->sr, &p->ranges[0]);
	p->range_count = p->known && p->ranges[0].len > 0;
	ret = read_locks(nor, p, err);
	if (!ret)
		ret = read_wpsel(nor, p, err);
	if (ret)
		return ret;
	nor_status_locks(&chip, p->sr, &p->srp, &p->locked);
	p->lifted = is_lifted(nor);
	describe(nor, p);
	return 0;
}

static void add_range(struct nor_protection *all, struct np_range range)
{
	struct np_range *last = all->range_count ? &all->ranges[all->range_count - 1] : NULL;

	if (last && (last->start + last->len == range.start || all->range_count == NOR_PROT_RANGES))
		last->len = range.start + range.len - last->start;
	else
		all->ranges[all->range_count++] = range;
}

static int read_and_add(struct nor *nor, void *ctx, struct np_error *err)
{
	uint64_t base = nor_die_size(nor) * nor->die;
	struct nor_protection *all = ctx, one;
	int ret = read_die(nor, &one, err);
	size_t at = strlen(all->text);

	if (ret)
		return ret;
	if (nor->die == 0) {
		*all = one;
		return 0;
	}
	all->known &= one.known;
	all->srp |= one.srp;
	all->locked |= one.locked;
	all->lifted |= one.lifted;
	for (size_t i = 0; i < one.range_count; i++)
		add_range(all, (struct np_range){base + one.ranges[i].start, one.ranges[i].len});
	snprintf(all->text + at, sizeof(all->text) - at, "; die %u: %s", nor->die + 1, one.text);
	return 0;
}

int nor_protection_read(struct nor *nor, struct nor_protection *protection, struct np_error *err)
{
	memset(protection, 0, sizeof(*protection));
	return each_die(nor, read_and_add, protection, err);
}

int nor_protection_found(struct nor *nor, struct nor_protection *protection, struct np_error *err)
{
	int ret;

	nor->takes_sr_ahead = nor->has_sr_ahead;
	ret = nor_protection_read(nor, protection, err);
	nor->has_sr_ahead = nor->takes_sr_ahead = false;
	return ret;
}

const char *nor_protection_explain(const struct nor *nor, const struct nor_protection *protection,
                                   char *buf, size_t len)
{
	return nor_status_explain(&nor->chip, protection->sr, buf, len);
}

static int does_not_yield(const struct nor *nor, const char *what, const struct nor_protection *p,
                          struct np_error *err)
{
	np_fail(err, NP_E_PROTECTED, "the protection %s (%s)", what, p->text);
	if (p->locked)
		return np_hint(
			err,
			"the status register is locked: cut the power for a second and try again; if it "
			"stays so, the lock is for ever");
	if (nor->chip.prot && nor->chip.prot->kind == NOR_PROT_GUESS)
		return np_hint(err, "tie WP# (pin 3) to 3.3 V and try again; a part that is lifted "
		                    "otherwise has to be described: --chips FILE (doc/CHIPS.md)");
	return np_hint(err, "tie WP# (pin 3) to 3.3 V and try again");
}

static int open_all_locks(struct nor *nor, struct np_error *err)
{
	struct spi_msg msgs[2] = {nor_cmd_op(NOR_OP_WREN), nor_cmd_op(NOR_OP_GBULK)};

	return nor_run_busy(nor, msgs, 2, &nor->sr_busy, err);
}

/* Locks that no register shows. Where WPS decides, clearing it does, and the locks stay as they
 * are. */
static int unlock_sectors(struct nor *nor, struct np_error *err)
{
	if (!(nor->chip.flags & NOR_F_GBULK) || nor->chip.prot->wps != NOR_NO_BIT)
		return 0;
	return open_all_locks(nor, err);
}

/* Which of them are closed is lost when all are opened. */
static int save_locks(struct nor *nor, const uint8_t sr[4], struct np_error *err)
{
	bool some;
	enum nor_lock_kind kind = nor_status_lock_kind(&nor->chip, sr, &some);
	int ret;

	nor->opened = NOR_LOCK_NONE;
	if (!some || !nor_locks_count(nor, kind))
		return 0;
	ret = nor_locks_read(nor, kind, nor->saved_locks, err);
	nor->opened = ret ? NOR_LOCK_NONE : kind;
	return ret;
}

static int put_locks_back(struct nor *nor, struct np_error *err)
{
	uint8_t now[NOR_LOCKS_BYTES];
	int ret = nor_locks_read(nor, nor->opened, now, err);

	return ret ? ret : nor_locks_write(nor, nor->opened, now, nor->saved_locks, err);
}

/* Locked sector registers are unlocked first; `sr` is read again after that. */
static int release_sectors(struct nor *nor, uint8_t sr[4], struct np_error *err)
{
	uint8_t open[4];
	int ret;

	if (!nor_status_sectors_held(&nor->chip, sr, open))
		return 0;
	ret = nor_status_write(nor, sr, open, false, err);
	return ret ? ret : nor_status_read_all(nor, sr, err);
}

static bool overlaps(const struct nor_protection *p, struct np_range need)
{
	for (size_t i = 0; i < p->range_count; i++) {
		const struct np_range *r = &p->ranges[i];

		if (r->start < need.start + need.len && need.start < r->start + r->len)
			return true;
	}
	return !p->known;
}

bool nor_protects(struct nor *nor, struct np_range range)
{
	struct nor_protection p;

	return nor_protection_read(nor, &p, NULL) == 0 && p.known && overlaps(&p, range);
}

static int clear_bits(struct nor *nor, const uint8_t sr[4], bool *ok, struct np_error *err)
{
	uint8_t to[4];
	int ret = 0;

	nor_status_clear(&nor->chip, sr, to);
	if (nor->chip.flags & NOR_F_VOLATILE_SR) {
		ret = write_and_check(nor, sr, to, true, ok, err);
		nor->lifted_volatile |= (unsigned)*ok << nor->die;
	}
	if (!ret && !*ok)
		ret = write_and_check(nor, sr, to, false, ok, err);
	return ret;
}

/* WPS is set and does not yield, as when the registers are locked: the locks themselves open. */
static int open_instead(struct nor *nor, bool *ok, struct np_error *err)
{
	if (nor->opened != NOR_LOCK_BLOCKS || !(nor->chip.flags & NOR_F_GBULK))
		return 0;
	*ok = true;
	return open_all_locks(nor, err);
}

static int restore(struct nor *nor, bool *ok, struct np_error *err)
{
	const uint8_t *saved = nor->saved_sr[nor->die];
	uint8_t now[4], to[4];
	int ret = nor->opened != NOR_LOCK_NONE ? put_locks_back(nor, err) : 0;

	if (nor->opened == NOR_LOCK_NONE)
		nor_status_again(&nor->chip, saved, to);
	else
		memcpy(to, saved, sizeof(to));
	if (!ret)
		ret = nor_status_read_all(nor, now, err);
	*ok = !ret && took(nor, now, to);
	if (ret || *ok)
		return ret;
	return write_and_check(nor, now, to, nor->lifted_volatile >> nor->die & 1, ok, err);
}

static int restore_die(struct nor *nor, struct np_error *err)
{
	bool ok = false;
	int ret;

	if (!is_lifted(nor))
		return 0;
	ret = restore(nor, &ok, err);
	if (ret)
		return np_context(err, "put the block protection back");
	nor->lifted &= ~(1U << nor->die);
	nor->lifted_volatile &= ~(1U << nor->die);
	nor->opened = NOR_LOCK_NONE;
	if (ok)
		return 0;
	np_fail(err, NP_E_PROTECTED, "the block protection could not be put back (SR1 was %02Xh)",
	        nor->saved_sr[nor->die][0]);
	return np_hint(err,
	               "`norprog protect status` shows it; `norprog protect on RANGE` sets it");
}

int nor_protection_restore(struct nor *nor, struct np_error *err)
{
	struct np_error second = {0};
	int ret = 0;

	if (nor->wpsel_opened) {
		ret = nor_wpsel_set(nor, true, err);
		nor->wpsel_opened = ret != 0;
	}
	/* If one die fails, the others are put back all the same. */
	for (nor->die = 0; nor->die < nor_dies(nor); nor->die++) {
		int one = restore_die(nor, ret ? &second : err);

		ret = ret ? ret : one;
	}
	nor->die = 0;
	return ret;
}

/* Where locks can be asked, they are asked whether they opened. */
static int open_wpsel(struct nor *nor, const struct nor_protection *p, struct np_error *err)
{
	bool on, closed = false;
	int ret = nor_wpsel_set(nor, false, err);

	nor->wpsel_opened = !ret;
	if (!ret && !nor->native4)
		ret = nor_wpsel_read(nor, &on, &closed, err);
	if (ret)
		return np_context(err, "open the block locks");
	return closed ? does_not_yield(nor, "does not lift", p, err) : 0;
}

/* `ctx`: the range of the chip that has to be open. */
static int lift_die(struct nor *nor, void *ctx, struct np_error *err)
{
	struct np_range need = in_die(nor, *(const struct np_range *)ctx);
	struct nor_protection p;
	bool ok = false;
	int ret = read_die(nor, &p, err);

	if (ret || is_lifted(nor) || !need.len || !overlaps(&p, need))
		return ret;
	/* A dead MISO reads as all ones, and that written back would set one-time bits. */
	ret = nor_check_present(nor, err);
	if (!ret && p.wpsel)
		return open_wpsel(nor, &p, err);
	if (!ret)
		ret = save_locks(nor, p.sr, err);
	if (!ret)
		ret = unlock_sectors(nor, err);
	if (ret)
		return ret;
	memcpy(nor->saved_sr[nor->die], p.sr, 4);
	nor->lifted |= 1U << nor->die;
	ret = release_sectors(nor, p.sr, err);
	if (!ret)
		ret = clear_bits(nor, p.sr, &ok, err);
	if (!ret && ok && nor->opened == NOR_LOCK_BLOCKS)
		nor->opened = NOR_LOCK_NONE;
	else if (!ret && !ok)
		ret = open_instead(nor, &ok, err);
	if (ret)
		return np_context(err, "lift the block protection");
	if (!ok)
		return does_not_yield(nor, "does not lift", &p, err);
	np_log(NP_LOG_INFO, "protection lifted%s; was %s",
	       nor->lifted_volatile >> nor->die & 1 ? " (until power-off)" : "", p.text);
	return 0;
}

int nor_protection_lift(struct nor *nor, struct np_range need, struct np_error *err)
{
	struct np_error failed = {0};
	int ret = each_die(nor, lift_die, &need, err);
	int back;

	if (ret != NP_E_PROTECTED)
		return ret;
	back = nor_protection_restore(nor, &failed);
	if (!back)
		return ret;
	*err = failed;
	return back;
}

static int cannot_express(const struct nor *nor, struct np_range range, struct np_range nearest,
                          struct np_error *err)
{
	np_fail(err, NP_E_RANGE, "this part cannot protect exactly 0x%06" PRIx64 "+0x%" PRIx64,
	        range.start, range.len);
	if (!nearest.len)
		return np_hint(err, "which bits protect which addresses is not known for this "
		                    "part: nothing was changed");
	return np_hint(err, "the smallest it can that covers it: 0x%06" PRIx64 "+0x%" PRIx64 "%s",
	               nearest.start, nearest.len,
	               nor->chip.twins[0] ? "; more may be possible with --chip NAME" : "");
}

/* What was closed by `map` and is not `range` alone: sectors are larger than they were asked for.
 */
static int put_back_and_say(struct nor *nor, const uint8_t *map, const uint8_t *before,
                            struct np_range range, struct np_error *err)
{
	struct np_range got = {0, 0};
	int ret;

	nor_locks_ranges(nor, NOR_LOCK_ATMEL, map, &got, 1);
	ret = nor_locks_write(nor, NOR_LOCK_ATMEL, map, before, err);
	return ret ? ret : cannot_express(nor, range, got, err);
}

/* Atmel: just the sectors in `range`, none other. */
static int set_locks(struct nor *nor, struct nor_protection *p, struct np_range range,
                     struct np_error *err)
{
	uint8_t before[NOR_LOCKS_BYTES], want[NOR_LOCKS_BYTES], now[NOR_LOCKS_BYTES];
	struct np_range covered;
	int ret;

	nor_locks_cover(nor, NOR_LOCK_ATMEL, range, want, &covered);
	if (covered.start != range.start || covered.len != range.len)
		return cannot_express(nor, range, covered, err);
	ret = release_sectors(nor, p->sr, err);
	if (!ret)
		ret = nor_locks_read(nor, NOR_LOCK_ATMEL, before, err);
	if (!ret)
		ret = nor_locks_write(nor, NOR_LOCK_ATMEL, before, want, err);
	if (!ret)
		ret = nor_locks_read(nor, NOR_LOCK_ATMEL, now, err);
	if (ret)
		return np_context(err, "close the sector locks");
	nor->lifted = 0;
	if (memcmp(now, want, sizeof(now)) == 0)
		return 0;
	return put_back_and_say(nor, now, before, range, err);
}

static int set_bits(struct nor *nor, struct nor_protection *p, const uint8_t to[4], bool *ok,
                    struct np_error *err)
{
	int ret = release_sectors(nor, p->sr, err);

	if (!ret)
		ret = write_and_check(nor, p->sr, to, false, ok, err);
	return ret ? np_context(err, "write the status register") : 0;
}

/* A new setting, tried on all dies before any is written. */
struct change {
	struct np_range range;
	bool write;
};

/* The setting of the die in work for its share of the range. */
static int encode_die(struct nor *nor, const struct change *change, const uint8_t sr[4],
                      uint8_t to[4], struct np_error *err)
{
	struct np_range share = in_die(nor, change->range), nearest = {0, 0};
	const struct nor_chip chip = die_chip(nor);

	if (!share.len) {
		nor_status_clear(&chip, sr, to);
		return 0;
	}
	if (nor_status_encode(&chip, sr, share, to, &nearest))
		return 0;
	nearest.start += nor_die_size(nor) * nor->die;
	return cannot_express(nor, change->range, nearest, err);
}

static int set_die(struct nor *nor, void *ctx, struct np_error *err)
{
	const struct change *change = ctx;
	struct nor_protection p;
	uint8_t to[4];
	bool ok = false;
	int ret = read_die(nor, &p, err);

	if (!ret)
		ret = encode_die(nor, change, p.sr, to, err);
	if (ret || !change->write)
		return ret;
	if (!change->range.len)
		ret = unlock_sectors(nor, err);
	if (!ret)
		ret = set_bits(nor, &p, to, &ok, err);
	if (ret)
		return ret;
	nor->lifted &= ~(1U << nor->die);
	if (ok)
		return 0;
	return does_not_yield(nor, change->range.len ? "could not be set" : "does not lift", &p,
	                      err);
}

int nor_protection_set(struct nor *nor, struct np_range range, struct np_error *err)
{
	struct change change = {range, false};
	struct nor_protection p;
	bool some;
	bool fixed = !nor->info.known || nor->chip.flags & NOR_F_READ_ONLY;
	int ret = fixed ? nor_check_change(nor, 0, 0, err)
	                : nor_check_range(nor, range.start, range.len, err);

	if (!ret)
		ret = nor_protection_read(nor, &p, err);
	if (!ret)
		ret = nor_check_present(nor, err);
	if (ret)
		return ret;
	if (p.wpsel) {
		np_fail(err, NP_E_PROTECTED,
		        "WPSEL is set, for ever: this chip has a lock for each "
		        "block instead of ranges, all closed at power-up");
		return np_hint(err, "jobs open them by themselves and close them again");
	}
	if (range.len && range.len < nor->info.size &&
	    nor_status_lock_kind(&nor->chip, p.sr, &some) == NOR_LOCK_ATMEL &&
	    nor_locks_count(nor, NOR_LOCK_ATMEL))
		return set_locks(nor, &p, range, err);
	if (nor_dies(nor) > 1)
		ret = each_die(nor, set_die, &change, err);
	change.write = true;
	return ret ? ret : each_die(nor, set_die, &change, err);
}
