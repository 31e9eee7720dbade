/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status registers and what they protect. */
#include "sim/norsim_int.h"

#include <string.h>

#define SR3_WPS    0x04
#define SCUR_WPSEL 0x80 /* of Macronix's security register, in otp_flags */

struct span {
	uint32_t start, len;
};

/* In the die of `regs`, where each has its own, else in the chip. */
static struct span protected_span(const struct norsim *sim, const uint8_t *regs)
{
	const struct norsim_ranges *table = sim->part->ranges;
	uint32_t size = norsim_has(sim, NF_DIE_SELECT) ? sim->part->die : sim->part->size, len;
	uint32_t value = (regs[NR_SR1] | (uint32_t)regs[NR_SR2] << 8 | (uint32_t)regs[NR_CR] << 16 |
	                  (uint32_t)sim->nv.otp_flags << 24) &
	                 table->mask;
	const struct norsim_range *r = table->list, *end = r + table->count;

	while (r < end && r->value != value)
		r++;
	if (r == end)
		return (struct span){0, value ? size : 0};
	len = r->share ? size >> (r->share - 1) : r->bytes;
	if (len > size)
		len = size;
	if (r->rest && !(r->or_all && len == size))
		return (struct span){r->bottom ? len : 0, size - len};
	return (struct span){r->bottom ? 0 : size - len, len};
}

static bool locked_one_by_one(const struct norsim *sim, uint32_t addr, uint32_t len)
{
	for (uint32_t a = addr >> 12; sim->locks && a < (addr + len + 0xFFF) >> 12; a++)
		if (sim->locks[a])
			return true;
	return false;
}

static bool span_hit(struct span s, uint32_t addr, uint32_t len)
{
	return s.len && addr < s.start + s.len && s.start < addr + len;
}

/* Each die has its own registers, and counts its own addresses. */
static bool protected_in_dies(const struct norsim *sim, uint32_t addr, uint32_t len)
{
	uint32_t die = sim->part->die;

	for (uint32_t at = addr & ~(die - 1); at < addr + len; at += die) {
		struct span s = protected_span(sim, norsim_die_regs(sim, at));

		s.start += at;
		if (span_hit(s, addr, len))
			return true;
	}
	return false;
}

/* The stubborn fault does not protect by itself: it keeps the bits from being changed. */
bool norsim_protected(const struct norsim *sim, uint32_t addr, uint32_t len)
{
	if (sim->locks &&
	    (sim->part->features & (NF_ATMEL | NF_SST26) || sim->regs[NR_SR3] & SR3_WPS))
		return locked_one_by_one(sim, addr, len);
	if (norsim_has(sim, NF_WPSEL) && sim->nv.otp_flags & SCUR_WPSEL)
		return locked_one_by_one(sim, addr, len);
	if (!sim->part->ranges)
		return false;
	if (norsim_has(sim, NF_DIE_SELECT))
		return protected_in_dies(sim, addr, len);
	return span_hit(protected_span(sim, sim->regs), addr, len);
}

static bool regs_locked(const struct norsim *sim)
{
	return sim->faults.stubborn || sim->regs[NR_SR2] & sim->part->lock_mask;
}

static uint8_t merged(struct norsim_stats *stats, const struct norsim_reg *reg, uint8_t old,
                      uint8_t want, bool lasting)
{
	uint8_t plain = reg->writable & (uint8_t)~reg->once;
	uint8_t value = (uint8_t)((old & ~plain) | (want & plain));

	if (lasting && want & reg->once & ~old)
		stats->once_set++;
	/* One-time bits need a lasting write; once set they stay. */
	if (lasting)
		value |= want & reg->once;
	return value;
}

/* Atmel: bits 5:2 of a status write open or lock every sector when they agree; bit 7 (SPRL) keeps
 * them as they are until it is cleared. */
static void write_atmel(struct norsim *sim, uint8_t want)
{
	uint8_t all = want & 0x3C;

	if (!(sim->regs[NR_SR1] & 0x80) && (all == 0 || all == 0x3C))
		memset(sim->locks, all != 0, sim->part->size >> 12);
	sim->work.regs[NR_SR1] = want & 0x80;
}

static uint8_t atmel_bits(const struct norsim *sim)
{
	size_t count = sim->part->size >> 12, locked = 0;

	for (size_t i = 0; i < count; i++)
		locked += sim->locks[i];
	return locked == count ? 0x0C : locked ? 0x04 : 0;
}

/* A status write arrived whole: `mask` has a bit per register that it reaches. */
void norsim_regs_write(struct norsim *sim, const uint8_t *want, uint32_t mask)
{
	bool ewsr = norsim_has(sim, NF_EWSR) && sim->volatile_now;
	bool lasting = !sim->volatile_now || ewsr;

	if (lasting && !sim->wel && !ewsr) {
		sim->stats.ignored_latch++;
		return;
	}
	if (regs_locked(sim)) {
		sim->stats.ignored_protected++;
		return;
	}
	memcpy(sim->work.regs, lasting ? sim->nv.regs : sim->regs, NR_COUNT);
	for (size_t i = 0; i < NR_COUNT; i++)
		if (mask & 1U << i)
			sim->work.regs[i] = merged(&sim->stats, &sim->part->regs[i],
			                           sim->work.regs[i], want[i], lasting);
	if (norsim_has(sim, NF_ATMEL) && mask & 1U << NR_SR1)
		write_atmel(sim, want[NR_SR1]);
	if (!lasting) {
		memcpy(sim->regs, sim->work.regs, NR_COUNT);
		sim->stats.sr_writes_volatile++;
		return;
	}
	sim->stats.sr_writes_nv++;
	norsim_work_start(sim, NW_REGS, sim->part->times->sr_us * 1000ULL);
}

void norsim_regs_power_up(struct norsim *sim)
{
	const struct norsim_part *part = sim->part;

	if (norsim_has(sim, NF_RELOCK))
		for (size_t i = 0; i < NR_COUNT; i++)
			sim->nv.regs[i] = part->regs[i].factory;
	/* A lock-down without SRP0 lasts until power-up only. */
	if (!(sim->nv.regs[NR_SR1] & part->srp_mask))
		sim->nv.regs[NR_SR2] &= (uint8_t)~part->lock_mask;
	memcpy(sim->regs, sim->nv.regs, sizeof(sim->regs));
}

bool norsim_starts_4byte(const struct norsim *sim)
{
	return norsim_has(sim, NF_4BYTE_MODE | NF_SR3_15) && sim->regs[NR_SR3] & SR3_ADP;
}

void norsim_locks_power_up(struct norsim *sim)
{
	if (sim->locks)
		memset(sim->locks, 1, sim->part->size >> 12);
}

uint8_t norsim_status(struct norsim *sim, uint32_t index)
{
	uint8_t live = (uint8_t)((norsim_work_left(sim) ? SR1_BUSY : 0) | (sim->wel ? SR1_WEL : 0) |
	                         sim->error_bits);

	(void)index;
	if (sim->otp_mode && norsim_has(sim, NF_OTP_EON))
		return (uint8_t)(live | (sim->nv.otp_flags & 0xFC));
	if (norsim_has(sim, NF_ATMEL))
		return (uint8_t)(live | (sim->regs[NR_SR1] & 0x80) | atmel_bits(sim));
	return (uint8_t)(live | (sim->regs[NR_SR1] & ~(SR1_BUSY | SR1_WEL)));
}
