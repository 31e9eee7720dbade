/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What takes time. At the start of an operation the array gets the state that a power failure in
 * the middle would leave; at its end the right one. So a cut, a reset or a killed process needs no
 * further work: what is in the array is what a chip would hold.
 */
#include "sim/norsim_int.h"

#include <string.h>

#define NS_PER_MS   1000000ULL
#define DIE_SKEW_NS 100000ULL /* each die of a stack ends so much later than the one before it */

static uint64_t scaled(const struct norsim *sim, uint64_t ns)
{
	return sim->faults.slow_percent ? ns * sim->faults.slow_percent / 100 : ns;
}

static unsigned last_die(const struct norsim *sim)
{
	return sim->part->die ? sim->part->size / sim->part->die - 1 : 0;
}

/* A status write or a chip erase; which die has an address is known already. */
static bool reaches_all(const struct norsim *sim, enum norsim_work_kind kind)
{
	return norsim_has(sim, NF_DIE_STATUS) && !norsim_has(sim, NF_DIE_SELECT) &&
	       (kind == NW_REGS || (kind == NW_ERASE && sim->work.len == sim->part->size));
}

void norsim_work_start(struct norsim *sim, enum norsim_work_kind kind, uint64_t ns)
{
	uint64_t busy = scaled(sim, ns);

	sim->work.every_die = reaches_all(sim, kind);
	sim->work.die = sim->die;
	if (sim->work.every_die)
		busy += last_die(sim) * DIE_SKEW_NS;
	sim->work.kind = kind;
	sim->work.until = sim->faults.busy_forever ? UINT64_MAX : sim->now + busy;
	sim->stats.busy_ns += busy;
}

/* As the die whose status is read sees it. */
uint64_t norsim_work_left(const struct norsim *sim)
{
	uint64_t left = norsim_busy_left(sim), skew;

	if (!norsim_has(sim, NF_DIE_STATUS) || norsim_has(sim, NF_DIE_SELECT) || left == UINT64_MAX)
		return left;
	if (!sim->work.every_die)
		return sim->work.die == sim->die ? left : 0;
	skew = (last_die(sim) - sim->die) * DIE_SKEW_NS;
	return left > skew ? left - skew : 0;
}

static void set_bytes(uint8_t *to, size_t len, uint64_t random)
{
	memcpy(to, &random, len);
}

/* Bits that have to fall, and by the middle of the operation only some have. */
static void half_program(const struct norsim *sim)
{
	const struct norsim_work *w = &sim->work;
	uint64_t salt = norsim_hash(sim->faults.seed, sim->programs);

	for (size_t i = 0; i < w->len; i += 8) {
		uint8_t keep[8];
		size_t n = w->len - i < 8 ? w->len - i : 8;

		set_bytes(keep, n, norsim_hash(salt, i));
		for (size_t k = 0; k < n; k++)
			w->target[i + k] &= w->page[i + k] | keep[k];
	}
}

/* One third blank, one third with some bits risen, one third untouched; which is where, the seed
 * says. */
static void half_erase(const struct norsim *sim)
{
	const struct norsim_work *w = &sim->work;
	uint64_t salt = norsim_hash(sim->faults.seed ^ sim->stats.frames, w->len);
	size_t third = (w->len / 3) & ~(size_t)7, first = salt % 3;
	uint8_t *blank = w->target + third * first;
	uint8_t *weak = w->target + third * ((first + 1) % 3);

	memset(blank, 0xFF, third);
	for (size_t i = 0; i < third; i += 8) {
		uint64_t word;

		memcpy(&word, weak + i, 8);
		salt ^= salt << 13;
		salt ^= salt >> 7;
		salt ^= salt << 17;
		word |= salt;
		memcpy(weak + i, &word, 8);
	}
}

static void count_lost_bits(struct norsim *sim)
{
	const struct norsim_work *w = &sim->work;

	for (size_t i = 0; i < w->len; i++) {
		unsigned lost = w->page[i] & ~w->target[i] & 0xFFU;

		if (lost && w->page[i] != 0xFF)
			sim->stats.lost_bits += (uint64_t)__builtin_popcount(lost);
	}
}

/* The fault: one bit that should have fallen stays up. */
static void spare_one_bit(struct norsim *sim)
{
	struct norsim_work *w = &sim->work;

	for (size_t i = 0; i < w->len; i++) {
		unsigned falling = w->target[i] & ~w->page[i] & 0xFFU;

		if (falling) {
			w->page[i] |= (uint8_t)(falling & -falling);
			return;
		}
	}
}

void norsim_work_program(struct norsim *sim, uint8_t *target, size_t len, bool otp)
{
	struct norsim_work *w = &sim->work;

	w->target = target;
	w->len = len;
	w->otp = otp;
	memcpy(w->page, sim->page, len);
	sim->programs++;
	count_lost_bits(sim);
	if (sim->programs == sim->faults.program_fails_at)
		spare_one_bit(sim);
	half_program(sim);
	norsim_work_start(sim, NW_PROGRAM, sim->part->times->page_us * 1000ULL);
}

void norsim_work_erase(struct norsim *sim, uint8_t *target, size_t len, uint64_t ms, bool otp)
{
	sim->work.target = target;
	sim->work.len = len;
	sim->work.otp = otp;
	half_erase(sim);
	norsim_work_start(sim, NW_ERASE, ms * NS_PER_MS);
}

static void finish_program(struct norsim *sim)
{
	const struct norsim_work *w = &sim->work;

	for (size_t i = 0; i < w->len; i++)
		w->target[i] &= w->page[i];
}

static void finish_regs(struct norsim *sim)
{
	memcpy(sim->regs, sim->work.regs, sizeof(sim->regs));
	memcpy(sim->nv.regs, sim->work.regs, sizeof(sim->nv.regs));
}

static void finish(struct norsim *sim)
{
	struct norsim_work *w = &sim->work;

	if (w->kind == NW_PROGRAM)
		finish_program(sim);
	else if (w->kind == NW_ERASE)
		memset(w->target, 0xFF, w->len);
	else if (w->kind == NW_REGS)
		finish_regs(sim);
	else if (w->kind == NW_OTP_FLAG) {
		sim->stats.once_set += (w->value & ~sim->nv.otp_flags) != 0;
		sim->nv.otp_flags |= w->value;
	}
	if (w->kind == NW_REGS || w->kind == NW_OTP_FLAG || w->otp)
		norsim_file_save_regs(sim);
	w->kind = NW_NONE;
	w->otp = false;
	sim->wel = sim->in_aai;
	sim->fsr_due = norsim_has(sim, NF_FSR_DUE);
}

void norsim_work_abort(struct norsim *sim)
{
	if (sim->work.kind == NW_NONE)
		return;
	sim->stats.resets_busy++;
	sim->work.kind = NW_NONE;
	sim->work.otp = false;
}

/* Protection stood in the way. */
void norsim_work_refused(struct norsim *sim, bool erase)
{
	sim->stats.ignored_protected++;
	sim->flag_status |= FSR_PROTECTED | (erase ? FSR_E_ERR : FSR_P_ERR);
	if (norsim_has(sim, NF_SPANSION)) {
		sim->error_bits |= erase ? SR1_E_ERR : SR1_P_ERR;
		sim->work.kind = NW_FAILED;
		sim->work.until = UINT64_MAX;
		return;
	}
	sim->wel = false;
}

/* In a stack another die may be busy while this one takes commands. */
static void finish_others(struct norsim *sim)
{
	uint8_t heard = sim->die;

	for (uint8_t i = 0; i < NORSIM_DIES_MAX; i++) {
		const struct norsim_work *work = &sim->dies[i].work;

		if (i == heard || work->kind == NW_NONE || sim->now < work->until)
			continue;
		norsim_die_switch(sim, i);
		finish(sim);
		norsim_die_switch(sim, heard);
	}
}

void norsim_advance(struct norsim *sim, uint64_t ns)
{
	sim->now += ns;
	if (sim->powered && sim->work.kind != NW_NONE && sim->now >= sim->work.until)
		finish(sim);
	if (sim->powered && norsim_has(sim, NF_DIE_SELECT))
		finish_others(sim);
}
