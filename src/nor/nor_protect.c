/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block protection: decoded, lifted for a job (volatile where the part allows), put back on every
 * exit. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "nor/nor_priv.h"
#include "nor/nor_status.h"

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
	char bits[32];
	size_t at = 0;

	for (size_t i = 0; i < p->sr_count; i++)
		at += (size_t)snprintf(p->text + at, sizeof(p->text) - at, "SR%zu=%02X ", i + 1,
		                       p->sr[i]);
	if (reg4 != NOR_REG4_NONE)
		at += (size_t)snprintf(p->text + at, sizeof(p->text) - at, "%s=%02X ",
		                       reg4_names[reg4], p->sr[3]);
	at--;
	if (!p->known)
		at += (size_t)snprintf(p->text + at, sizeof(p->text) - at,
		                       ": protected, range not known for this part (%s set)",
		                       nor_status_bits_set(&nor->chip, p->sr, bits, sizeof(bits)));
	else if (!p->range_count)
		at += (size_t)snprintf(p->text + at, sizeof(p->text) - at, ": nothing protected");
	else
		at += (size_t)snprintf(p->text + at, sizeof(p->text) - at,
		                       ": protects 0x%06" PRIx64 "-0x%06" PRIx64,
		                       p->ranges[0].start,
		                       p->ranges[0].start + p->ranges[0].len - 1);
	snprintf(p->text + at, sizeof(p->text) - at, "%s%s",
	         p->srp ? "; SRP set (WP# low locks it)" : "", p->locked ? "; locked" : "");
}

int nor_protection_read(struct nor *nor, struct nor_protection *protection, struct np_error *err)
{
	int ret;

	memset(protection, 0, sizeof(*protection));
	ret = nor_status_read_all(nor, protection->sr, err);
	if (ret)
		return ret;
	protection->sr_count = (uint8_t)nor_status_count(&nor->chip);
	protection->known =
		nor_status_protected(&nor->chip, protection->sr, &protection->ranges[0]);
	protection->range_count = protection->known && protection->ranges[0].len > 0;
	nor_status_locks(&nor->chip, protection->sr, &protection->srp, &protection->locked);
	protection->lifted = nor->lifted;
	describe(nor, protection);
	return 0;
}

const char *nor_protection_explain(const struct nor *nor, const struct nor_protection *protection,
                                   char *buf, size_t len)
{
	return nor_status_explain(&nor->chip, protection->sr, buf, len);
}

static int does_not_yield(const char *what, const struct nor_protection *p, struct np_error *err)
{
	np_fail(err, NP_E_PROTECTED, "the protection %s (%s)", what, p->text);
	if (p->locked)
		return np_hint(
			err,
			"the status register is locked: cut the power for a second and try again; if it "
			"stays so, the lock is for ever");
	return np_hint(err, "tie WP# (pin 3) to 3.3 V and try again");
}

static int unlock_sectors(struct nor *nor, struct np_error *err)
{
	struct spi_msg msgs[2] = {nor_cmd_op(NOR_OP_WREN), nor_cmd_op(NOR_OP_GBULK)};

	if (!(nor->chip.flags & NOR_F_GBULK))
		return 0;
	return nor_run_busy(nor, msgs, 2, &nor->sr_busy, err);
}

/* Sector locks that are held let go first; `sr` is then what the chip reads. */
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
	const struct np_range *r = &p->ranges[0];

	if (!p->known)
		return true;
	return p->range_count && r->start < need.start + need.len && need.start < r->start + r->len;
}

int nor_protection_lift(struct nor *nor, struct np_range need, struct np_error *err)
{
	struct nor_protection p;
	uint8_t to[4];
	bool ok = false, try_volatile = nor->chip.flags & NOR_F_VOLATILE_SR;
	int ret = nor_protection_read(nor, &p, err);

	if (ret || nor->lifted || !overlaps(&p, need))
		return ret;
	/* A dead MISO reads as all ones, and that written back would set one-time bits. */
	ret = nor_check_present(nor, err);
	if (!ret)
		ret = unlock_sectors(nor, err);
	if (ret)
		return ret;
	memcpy(nor->saved_sr, p.sr, 4);
	nor->lifted = true;
	ret = release_sectors(nor, p.sr, err);
	if (ret)
		return np_context(err, "lift the block protection");
	nor_status_clear(&nor->chip, p.sr, to);
	if (try_volatile) {
		ret = write_and_check(nor, p.sr, to, true, &ok, err);
		nor->lifted_volatile = ok;
	}
	if (!ret && !ok)
		ret = write_and_check(nor, p.sr, to, false, &ok, err);
	if (ret)
		return np_context(err, "lift the block protection");
	if (ok) {
		np_log(NP_LOG_INFO, "protection lifted%s; was %s",
		       nor->lifted_volatile ? " (until power-off)" : "", p.text);
		return 0;
	}
	ret = nor_protection_restore(nor, err);
	return ret ? ret : does_not_yield("does not lift", &p, err);
}

int nor_protection_restore(struct nor *nor, struct np_error *err)
{
	uint8_t now[4], to[4];
	bool ok = false;
	int ret;

	if (!nor->lifted)
		return 0;
	nor_status_again(&nor->chip, nor->saved_sr, to);
	ret = nor_status_read_all(nor, now, err);
	if (!ret && took(nor, now, to))
		ok = true;
	else if (!ret)
		ret = write_and_check(nor, now, to, nor->lifted_volatile, &ok, err);
	if (ret)
		return np_context(err, "put the block protection back");
	nor->lifted = false;
	if (ok)
		return 0;
	np_fail(err, NP_E_PROTECTED, "the block protection could not be put back (SR1 was %02Xh)",
	        nor->saved_sr[0]);
	return np_hint(err,
	               "`norprog protect status` shows it; `norprog protect on RANGE` sets it");
}

static int cannot_express(struct np_range range, struct np_range nearest, struct np_error *err)
{
	np_fail(err, NP_E_RANGE, "this part cannot protect exactly 0x%06" PRIx64 "+0x%" PRIx64,
	        range.start, range.len);
	if (!nearest.len)
		return np_hint(err, "which bits protect which addresses is not known for this "
		                    "part: nothing was changed");
	return np_hint(err, "the smallest it can that covers it: 0x%06" PRIx64 "+0x%" PRIx64,
	               nearest.start, nearest.len);
}

int nor_protection_set(struct nor *nor, struct np_range range, struct np_error *err)
{
	struct np_range nearest = {0, 0};
	struct nor_protection p;
	uint8_t to[4];
	bool ok = false;
	int ret = nor_check_range(nor, range.start, range.len, err);

	if (!ret)
		ret = nor_protection_read(nor, &p, err);
	if (!ret)
		ret = nor_check_present(nor, err);
	if (ret)
		return ret;
	if (range.len == 0)
		nor_status_clear(&nor->chip, p.sr, to);
	else if (!nor_status_encode(&nor->chip, p.sr, range, to, &nearest))
		return cannot_express(range, nearest, err);
	if (range.len == 0)
		ret = unlock_sectors(nor, err);
	if (!ret)
		ret = release_sectors(nor, p.sr, err);
	if (!ret)
		ret = write_and_check(nor, p.sr, to, false, &ok, err);
	if (ret)
		return np_context(err, "write the status register");
	nor->lifted = false;
	if (ok)
		return 0;
	return does_not_yield(range.len ? "could not be set" : "does not lift", &p, err);
}
