/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stack whose dies C2h selects: each is a chip of its own with its own registers, latch, address
 * mode and work, and hears nothing while another is selected. The first is at power-up.
 */
#include "sim/norsim_int.h"

#include <string.h>

static unsigned count(const struct norsim *sim)
{
	return norsim_has(sim, NF_DIE_SELECT) ? sim->part->size / sim->part->die : 0;
}

void norsim_die_switch(struct norsim *sim, uint8_t die)
{
	struct norsim_die *from = &sim->dies[sim->die], *to = &sim->dies[die];

	memcpy(from->regs, sim->regs, NR_COUNT);
	memcpy(from->nv_regs, sim->nv.regs, NR_COUNT);
	from->wel = sim->wel;
	from->mode_4byte = sim->mode_4byte;
	from->ext_addr = sim->ext_addr;
	from->work = sim->work;
	memcpy(sim->regs, to->regs, NR_COUNT);
	memcpy(sim->nv.regs, to->nv_regs, NR_COUNT);
	sim->wel = to->wel;
	sim->mode_4byte = to->mode_4byte;
	sim->ext_addr = to->ext_addr;
	sim->work = to->work;
	sim->die = die;
}

void norsim_dies_reset(struct norsim *sim)
{
	if (!count(sim))
		return;
	for (uint8_t i = 0; i < count(sim); i++) {
		norsim_die_switch(sim, i);
		norsim_work_abort(sim);
		memcpy(sim->regs, sim->nv.regs, NR_COUNT);
		sim->wel = false;
		sim->mode_4byte = norsim_starts_4byte(sim);
		sim->ext_addr = 0;
	}
	norsim_die_switch(sim, 0);
}

const uint8_t *norsim_die_regs(const struct norsim *sim, uint32_t addr)
{
	uint32_t die = addr / sim->part->die;

	return die == sim->die ? sim->regs : sim->dies[die].regs;
}

uint64_t norsim_dies_busy_left(const struct norsim *sim)
{
	uint64_t longest = 0;

	for (unsigned i = 0; i < count(sim); i++) {
		const struct norsim_work *work = &sim->dies[i].work;

		if (i == sim->die || work->kind == NW_NONE || work->until <= sim->now)
			continue;
		if (work->until == UINT64_MAX)
			return UINT64_MAX;
		if (work->until - sim->now > longest)
			longest = work->until - sim->now;
	}
	return longest;
}

void norsim_dies_load(struct norsim *sim)
{
	if (!count(sim))
		return;
	memcpy(sim->nv.regs, sim->nv.die_regs[0], NR_COUNT);
	for (unsigned i = 0; i < count(sim); i++)
		memcpy(sim->dies[i].nv_regs, sim->nv.die_regs[i], NR_COUNT);
}

void norsim_dies_store(const struct norsim *sim, struct norsim_nv *nv)
{
	for (unsigned i = 0; i < count(sim); i++)
		memcpy(nv->die_regs[i], i == sim->die ? sim->nv.regs : sim->dies[i].nv_regs,
		       NR_COUNT);
	if (count(sim))
		memcpy(nv->regs, nv->die_regs[0], NR_COUNT);
}
