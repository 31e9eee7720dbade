/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs and erases: the array, by pages, bytes or words, and the OTP areas. */
#include "sim/norsim_int.h"

#include <string.h>

/* The security register that an address names, or NULL. */
static uint8_t *security_register(struct norsim *sim, uint32_t addr, uint32_t *number)
{
	const struct norsim_part *part = sim->part;
	uint32_t base = norsim_has(sim, NF_SECREG_TOP) ? part->size - 0x4000 : 0;
	uint32_t index = ((addr - base) >> 12) - part->otp_first;

	if (index >= part->otp_regs)
		return NULL;
	*number = index;
	return sim->nv.otp + (size_t)index * part->otp_size;
}

/* Their lock bits are the one-time bits of a register, in order. */
static bool register_locked(const struct norsim *sim, uint32_t number)
{
	enum norsim_reg_index index = norsim_has(sim, NF_IROW) ? NR_CR : NR_SR2;
	unsigned once = sim->part->regs[index].once & (index == NR_CR ? 0xF0 : 0xFF);

	while (number--)
		once &= once - 1;
	return sim->nv.regs[index] & once & -once;
}

uint8_t norsim_answer_security(struct norsim *sim, uint32_t index)
{
	uint32_t number, mask = sim->part->otp_size - 1U;
	const uint8_t *reg = security_register(sim, sim->addr, &number);

	return reg ? reg[(sim->addr + index) & mask] : 0xFF;
}

/* ---- program and erase ---- */

/* The OTP area that takes the place of the last sector in OTP mode. */
static uint8_t *otp_area(struct norsim *sim, uint32_t addr)
{
	uint32_t base = norsim_has(sim, NF_OTP_EON) ? sim->part->size - 0x1000 : 0;

	if (!sim->otp_mode || addr < base || addr - base >= sim->part->otp_size)
		return NULL;
	return sim->nv.otp + (addr - base);
}

static bool otp_locked(const struct norsim *sim)
{
	return norsim_has(sim, NF_OTP_EON) ? sim->nv.otp_flags & EON_OTP_LOCK
	                                   : sim->nv.otp_flags & 0x03;
}

static void count_program(struct norsim *sim, uint32_t offset)
{
	sim->stats.pages_programmed++;
	sim->stats.bytes_programmed += sim->data_len;
	sim->stats.page_wraps += offset + sim->data_len > sim->part->page;
}

void norsim_act_program(struct norsim *sim)
{
	uint32_t offset = sim->addr & (sim->part->page - 1U), base = sim->addr - offset;
	uint8_t *otp = otp_area(sim, base);

	if (otp ? otp_locked(sim) : norsim_protected(sim, base, sim->part->page)) {
		norsim_work_refused(sim, false);
		return;
	}
	count_program(sim, offset);
	norsim_work_program(sim, otp ? otp : sim->mem + base, sim->part->page, otp != NULL);
}

static void count_erase(struct norsim *sim, uint32_t len)
{
	if (len == 0x1000)
		sim->stats.erases_4k++;
	else if (len == 0x8000)
		sim->stats.erases_32k++;
	else if (len == 0x10000)
		sim->stats.erases_64k++;
	else if (len == 0x40000)
		sim->stats.erases_256k++;
	else if (len == sim->part->die)
		sim->stats.erases_die++;
	else if (len == sim->part->size)
		sim->stats.erases_chip++;
	else
		sim->stats.erases_odd++;
}

static uint32_t erase_ms(const struct norsim_part *part, uint32_t len)
{
	const struct norsim_times *t = part->times;

	if (len == part->die)
		return t->chip_ms / (part->size / part->die);
	return len == part->size ? t->chip_ms
	       : len <= 0x2000   ? t->erase_4k_ms
	       : len <= 0x8000   ? t->erase_32k_ms
	       : len <= 0x10000  ? t->erase_64k_ms
	                         : t->erase_256k_ms;
}

static void erase_span(struct norsim *sim, uint32_t base, uint32_t len)
{
	uint8_t *otp = len == 0x1000 ? otp_area(sim, base) : NULL;

	/* Only Eon's OTP area can be erased. */
	if (otp ? otp_locked(sim) || !norsim_has(sim, NF_OTP_EON)
	        : norsim_protected(sim, base, len)) {
		norsim_work_refused(sim, true);
		return;
	}
	count_erase(sim, len);
	if (otp)
		norsim_work_erase(sim, otp, sim->part->otp_size, erase_ms(sim->part, len), true);
	else
		norsim_work_erase(sim, sim->mem + base, len, erase_ms(sim->part, len), false);
}

void norsim_act_erase(struct norsim *sim)
{
	uint32_t len = sim->cmd_arg ? sim->cmd_arg : sim->part->size;
	uint32_t base = sim->cmd_arg ? sim->addr & ~(len - 1) : 0;

	if (!sim->cmd_arg && norsim_has(sim, NF_DIE_SELECT)) {
		len = sim->part->die;
		base = sim->die * len;
	}

	erase_span(sim, base, len);
}

/* ---- uneven maps ---- */

struct span {
	uint32_t base, len;
};

/* SST26: four sectors of 8 KiB and one of 32 KiB at the bottom, the same upside down at the top. */
static struct span edge_block(const struct norsim *sim)
{
	uint32_t last = sim->part->size - 0x10000, addr = sim->addr;
	bool bottom = addr < 0x10000, small;

	if (!bottom && addr < last)
		return (struct span){addr & ~0xFFFFU, 0x10000};
	small = bottom ? addr < 0x8000 : addr >= last + 0x8000;
	return small ? (struct span){addr & ~0x1FFFU, 0x2000}
	             : (struct span){addr & ~0x7FFFU, 0x8000};
}

/* EN25B: one block in five sectors; what D8h erases in the others is what it is asked for. */
static struct span boot_block(const struct norsim *sim, uint32_t asked)
{
	static const uint32_t from[] = {0, 0x1000, 0x2000, 0x4000, 0x8000, 0x10000};
	bool top = norsim_has(sim, NF_BOOT_TOP);
	uint32_t first = top ? sim->part->size - 0x10000 : 0, addr = sim->addr - first, i = 0;

	if (sim->addr < first || addr >= 0x10000)
		return (struct span){sim->addr & ~(asked - 1), asked};
	if (top)
		addr = 0xFFFF - addr;
	while (addr >= from[i + 1])
		i++;
	return (struct span){first + (top ? 0x10000 - from[i + 1] : from[i]),
	                     from[i + 1] - from[i]};
}

#define CR1_TBPARM 0x04 /* the small sectors lie at the top */
#define CR3_20H    0x08 /* there are none */
#define CR3_D8H    0x02 /* D8h erases 256 KiB */

/* S25FS-S: eight sectors of 4 KiB at one end, which 20h erases and nothing else does; D8h erases
 * what they leave of their block. len 0: not for this opcode. */
static struct span s25fs_block(const struct norsim *sim, uint32_t asked)
{
	uint32_t block = sim->regs[NR_SR3] & CR3_D8H ? 0x40000 : 0x10000, size = sim->part->size;
	uint32_t first = sim->regs[NR_CR] & CR1_TBPARM ? size - 0x8000 : 0, addr = sim->addr;
	uint32_t base = addr & ~(block - 1);
	bool none = sim->regs[NR_SR3] & CR3_20H;
	bool small = !none && addr >= first && addr < first + 0x8000;

	if (asked == 0x1000 || small)
		return (struct span){addr & ~0xFFFU, asked == 0x1000 && small ? 0x1000 : 0};
	if (none || first / block != addr / block)
		return (struct span){base, block};
	return (struct span){first ? base : base + 0x8000, block - 0x8000};
}

static bool erase_uneven(struct norsim *sim, const struct norsim_erase_op *erase)
{
	struct span s;

	if (norsim_has(sim, NF_EDGES) && erase->size == 0x10000)
		s = edge_block(sim);
	else if (norsim_has(sim, NF_S25FS) && erase->size)
		s = s25fs_block(sim, erase->size);
	else if (norsim_has(sim, NF_BOOT_TOP | NF_BOOT_BOTTOM) && erase->size)
		s = boot_block(sim, erase->size);
	else
		return false;
	if (s.len)
		erase_span(sim, s.base, s.len);
	else
		sim->stats.malformed++;
	return true;
}

const struct norsim_erase_op *norsim_listed_erase(const struct norsim *sim, uint8_t op)
{
	for (size_t i = 0; i < sim->part->erase_count; i++)
		if (sim->part->erases[i].op == op)
			return &sim->part->erases[i];
	return NULL;
}

void norsim_act_erase_listed(struct norsim *sim)
{
	const struct norsim_erase_op *erase = norsim_listed_erase(sim, sim->op);

	if (erase_uneven(sim, erase))
		return;
	sim->cmd_arg = erase->size == sim->part->size ? 0 : erase->size;
	if (erase->below && sim->addr >= erase->below) {
		sim->stats.malformed++;
		return;
	}
	norsim_act_erase(sim);
}

/* SST25: no page buffer. */
static void program_bytes(struct norsim *sim, uint32_t addr, const uint8_t *bytes, uint32_t len)
{
	memset(sim->page, 0xFF, len);
	memcpy(sim->page, bytes, len);
	if (norsim_protected(sim, addr, len)) {
		norsim_work_refused(sim, false);
		return;
	}
	sim->stats.pages_programmed++;
	sim->stats.bytes_programmed += len;
	norsim_work_program(sim, sim->mem + addr, len, false);
}

void norsim_act_program_byte(struct norsim *sim)
{
	if (sim->data_len != 1)
		sim->stats.malformed++;
	else
		program_bytes(sim, sim->addr, sim->args, 1);
}

void norsim_act_aai_word(struct norsim *sim)
{
	uint32_t addr = sim->in_aai ? sim->aai_addr : sim->addr;

	if (sim->data_len != 2 || addr & 1) {
		sim->stats.malformed++;
		return;
	}
	sim->in_aai = true;
	sim->aai_addr = (addr + 2) & (sim->part->size - 1);
	program_bytes(sim, addr, sim->args, 2);
}

static uint8_t *open_security_register(struct norsim *sim, bool erase)
{
	uint32_t number;
	uint8_t *reg = security_register(sim, sim->addr, &number);

	if (!reg) {
		sim->stats.malformed++;
		return NULL;
	}
	if (!register_locked(sim, number))
		return reg;
	norsim_work_refused(sim, erase);
	return NULL;
}

void norsim_act_security_program(struct norsim *sim)
{
	uint8_t *reg = open_security_register(sim, false);
	uint32_t page = sim->addr & (sim->part->otp_size - 1U) & ~(sim->part->page - 1U);

	if (reg)
		norsim_work_program(sim, reg + page, sim->part->page, true);
}

void norsim_act_security_erase(struct norsim *sim)
{
	uint8_t *reg = open_security_register(sim, true);

	if (reg)
		norsim_work_erase(sim, reg, sim->part->otp_size, sim->part->times->erase_4k_ms,
		                  true);
}

/*
 * OTP areas with opcodes of their own. Spansion: regions of 32 bytes, each locked by a bit of the
 * four bytes at 10h that fell; the sixteen before them are the factory's. Micron: one bit of the
 * byte behind the area locks all of it.
 */
#define SPANSION_LOCKS  16
#define SPANSION_REGION 32

static uint32_t plain_otp_size(const struct norsim *sim)
{
	return norsim_has(sim, NF_SPANSION) ? sim->part->otp_size : sim->part->otp_size + 1U;
}

static bool plain_otp_locked(const struct norsim *sim, uint32_t at)
{
	const uint8_t *otp = sim->nv.otp;
	uint32_t region = at / SPANSION_REGION;

	if (!norsim_has(sim, NF_SPANSION))
		return !(otp[sim->part->otp_size] & 1);
	return at < SPANSION_LOCKS || !(otp[SPANSION_LOCKS + region / 8] >> region % 8 & 1);
}

uint8_t norsim_answer_plain_otp(struct norsim *sim, uint32_t index)
{
	uint32_t at = sim->addr + index;

	return at < plain_otp_size(sim) ? sim->nv.otp[at] : 0xFF;
}

void norsim_act_plain_otp_program(struct norsim *sim)
{
	uint32_t page = sim->addr & ~(sim->part->page - 1U), size = plain_otp_size(sim);
	uint32_t len = size - page < sim->part->page ? size - page : sim->part->page;

	if (page >= size) {
		sim->stats.malformed++;
		return;
	}
	for (uint32_t i = 0; i < len; i++) {
		if (sim->page[i] != 0xFF && plain_otp_locked(sim, page + i)) {
			norsim_work_refused(sim, false);
			return;
		}
	}
	norsim_work_program(sim, sim->nv.otp + page, len, true);
}

/* In OTP mode a read starting in the OTP area sees it; elsewhere the array. */
uint8_t norsim_answer_array_otp(struct norsim *sim, uint32_t index)
{
	uint32_t at = (sim->addr + index) & (sim->part->size - 1);
	const uint8_t *otp = otp_area(sim, at);

	return otp ? *otp : sim->mem[at];
}
