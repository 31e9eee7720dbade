/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each opcode does. */
#include "sim/norsim_int.h"

#include <string.h>

#define RELEASE_NS 3000
#define SLEEP_NS   3000
#define EON_UID_AT 0x80U

/* ---- answers ---- */

static uint8_t answer_id(struct norsim *sim, uint32_t index)
{
	const struct norsim_part *part = sim->part;

	/* A NAND answers behind a dummy byte. */
	if (norsim_has(sim, NF_PAIR) && sim->die)
		return index && index < 4 ? part->pair_id[index - 1] : 0xFF;
	/* The three bytes repeat; an extended ID is followed by zeros. */
	if (part->id_len == 3)
		return part->id[index % 3];
	return index < part->id_len ? part->id[index] : 0;
}

static uint8_t answer_device(struct norsim *sim, uint32_t index)
{
	(void)index;
	return sim->part->device_id;
}

static uint8_t answer_rems(struct norsim *sim, uint32_t index)
{
	return (index + sim->addr) & 1 ? sim->part->device_id : sim->part->id[0];
}

static uint8_t answer_sr2(struct norsim *sim, uint32_t index)
{
	(void)index;
	return sim->regs[NR_SR2];
}

static uint8_t answer_sr3(struct norsim *sim, uint32_t index)
{
	(void)index;
	return (uint8_t)(sim->regs[NR_SR3] | (sim->mode_4byte ? SR3_ADS : 0));
}

static uint8_t answer_cr(struct norsim *sim, uint32_t index)
{
	(void)index;
	return (uint8_t)(sim->regs[NR_CR] |
	                 (norsim_has(sim, NF_CONFIG_15) && sim->mode_4byte ? 0x20 : 0));
}

static uint8_t answer_flag_status(struct norsim *sim, uint32_t index)
{
	(void)index;
	sim->fsr_due &= sim->work.kind != NW_NONE;
	return (uint8_t)((sim->flag_status & ~FSR_READY) |
	                 (sim->work.kind == NW_NONE ? FSR_READY : 0) |
	                 (sim->mode_4byte ? FSR_4BYTE : 0));
}

static uint8_t answer_zero(struct norsim *sim, uint32_t index)
{
	(void)sim;
	(void)index;
	return 0;
}

static uint8_t answer_otp_flags(struct norsim *sim, uint32_t index)
{
	(void)index;
	return sim->nv.otp_flags;
}

static uint8_t answer_ext_addr(struct norsim *sim, uint32_t index)
{
	(void)index;
	return sim->ext_addr;
}

static uint8_t answer_uid(struct norsim *sim, uint32_t index)
{
	bool own = norsim_has(sim, NF_DIE_SELECT) && index % sim->part->uid_len == 1;

	return (uint8_t)(sim->uid[index % sim->part->uid_len] + (own ? sim->die : 0));
}

static uint8_t answer_sfdp(struct norsim *sim, uint32_t index)
{
	uint32_t at = (sim->addr + index) & 0xFFFFFF;

	if (norsim_has(sim, NF_UID_EON) && at >= EON_UID_AT && at < EON_UID_AT + sim->part->uid_len)
		return sim->uid[at - EON_UID_AT];
	if (sim->part->raw_sfdp)
		return at < sim->part->raw_sfdp_len ? sim->part->raw_sfdp[at] : 0xFF;
	return norsim_sfdp_byte(sim->part->sfdp, at);
}

/* S25FS-S: the volatile copies lie 800000h above the others. */
static uint8_t answer_any_register(struct norsim *sim, uint32_t index)
{
	const uint8_t *regs = sim->addr & 0x800000 ? sim->regs : sim->nv.regs;

	(void)index;
	switch (sim->addr & 0x7FFFFF) {
	case 0:
		return norsim_status(sim, 0);
	case 2:
		return regs[NR_CR];
	case 3:
		return (uint8_t)(regs[NR_SR2] | (sim->mode_4byte ? 0x80 : 0));
	case 4:
		return regs[NR_SR3];
	default:
		return 0;
	}
}

/* ---- the latch, modes, power ---- */

static void act_write_enable(struct norsim *sim)
{
	sim->wel = true;
}

static void act_write_disable(struct norsim *sim)
{
	sim->wel = sim->in_aai = false;
	sim->otp_mode = false;
}

static void act_volatile_enable(struct norsim *sim)
{
	sim->volatile_next = true;
}

static void act_clear_flag_status(struct norsim *sim)
{
	sim->flag_status = FSR_READY;
}

static void act_clear_errors(struct norsim *sim)
{
	sim->error_bits = 0;
	sim->wel = false;
	if (sim->work.kind == NW_FAILED)
		sim->work.kind = NW_NONE;
}

static void act_sleep(struct norsim *sim)
{
	sim->asleep = true;
	sim->deaf_until = sim->now + SLEEP_NS;
}

static void act_release(struct norsim *sim)
{
	if (!sim->asleep)
		return;
	sim->asleep = false;
	sim->deaf_until = sim->now + RELEASE_NS;
}

static void act_reset_enable(struct norsim *sim)
{
	sim->reset_next = true;
}

static void reset_now(struct norsim *sim)
{
	norsim_dies_reset(sim);
	norsim_work_abort(sim);
	memcpy(sim->regs, sim->nv.regs, sizeof(sim->regs));
	sim->wel = sim->otp_mode = sim->fsr_due = false;
	sim->mode_4byte = norsim_starts_4byte(sim);
	sim->ext_addr = sim->error_bits = sim->die = 0;
	sim->flag_status = FSR_READY;
	norsim_locks_power_up(sim);
	sim->deaf_until = sim->now + NORSIM_RESET_NS;
}

static void act_reset(struct norsim *sim)
{
	if (sim->reset_now)
		reset_now(sim);
}

static bool latch_for_mode(struct norsim *sim)
{
	if (!norsim_has(sim, NF_4BYTE_WE))
		return true;
	if (!sim->wel)
		sim->stats.ignored_latch++;
	return sim->wel;
}

static void act_enter_4byte(struct norsim *sim)
{
	if (!latch_for_mode(sim))
		return;
	sim->mode_4byte = true;
	sim->wel = sim->wel && !norsim_has(sim, NF_4BYTE_WE);
}

static void act_exit_4byte(struct norsim *sim)
{
	if (!latch_for_mode(sim))
		return;
	sim->mode_4byte = false;
	sim->wel = sim->wel && !norsim_has(sim, NF_4BYTE_WE);
	if (norsim_has(sim, NF_EXT_ADDR_ON_EXIT))
		sim->ext_addr = 1;
}

static void act_ext_addr(struct norsim *sim)
{
	sim->ext_addr = sim->args[0] & (uint8_t)((sim->part->size - 1) >> 24);
	sim->wel = false;
}

static void act_enter_otp(struct norsim *sim)
{
	sim->otp_mode = true;
}

static void act_exit_otp(struct norsim *sim)
{
	sim->otp_mode = false;
}

static void act_lock_otp(struct norsim *sim)
{
	sim->work.value = 0x02; /* Macronix: LDSO */
	norsim_work_start(sim, NW_OTP_FLAG, sim->part->times->sr_us * 1000ULL);
}

/* ---- registers ---- */

static void act_write_status(struct norsim *sim)
{
	const struct norsim_part *part = sim->part;
	uint8_t want[NR_COUNT] = {0};
	uint32_t mask = 0;

	if (sim->data_len > part->wr01_count) {
		sim->stats.malformed++;
		return;
	}
	if (sim->otp_mode && norsim_has(sim, NF_OTP_EON)) {
		if (!sim->wel) {
			sim->stats.ignored_latch++;
			return;
		}
		sim->work.value = sim->args[0] & 0xF8;
		norsim_work_start(sim, NW_OTP_FLAG, part->times->sr_us * 1000ULL);
		return;
	}
	for (size_t i = 0; i < part->wr01_count; i++) {
		if (i < sim->data_len)
			want[part->wr01[i]] = sim->args[i];
		if (i < sim->data_len || part->wr01_short_clears)
			mask |= 1U << part->wr01[i];
	}
	norsim_regs_write(sim, want, mask);
}

static void act_write_one_register(struct norsim *sim)
{
	uint8_t want[NR_COUNT] = {0};

	if (sim->data_len > 1) {
		sim->stats.malformed++;
		return;
	}
	want[sim->cmd_arg] = sim->args[0];
	norsim_regs_write(sim, want, 1U << sim->cmd_arg);
}

static void set_locks(struct norsim *sim, uint8_t value, uint32_t from, uint32_t count)
{
	if (sim->locks)
		memset(sim->locks + from, value, count);
	sim->wel = false;
}

static void act_lock_all(struct norsim *sim)
{
	set_locks(sim, (uint8_t)sim->cmd_arg, 0, sim->part->size >> 12);
}

/* Single sectors in the first and last 64 KiB, whole blocks between; Atmel: whole blocks, and none
 * while SPRL holds them. */
static void act_lock_block(struct norsim *sim)
{
	uint32_t sector = sim->addr >> 12, last = (sim->part->size >> 12) - 16;
	bool atmel = norsim_has(sim, NF_ATMEL);

	if (atmel && sim->regs[NR_SR1] & SR1_SPRL) {
		sim->stats.ignored_protected++;
		sim->wel = false;
		return;
	}
	if (!atmel && (sector < 16 || sector >= last))
		set_locks(sim, (uint8_t)sim->cmd_arg, sector, 1);
	else
		set_locks(sim, (uint8_t)sim->cmd_arg, sector & ~15U, 16);
}

static uint8_t answer_block_lock(struct norsim *sim, uint32_t index)
{
	(void)index;
	return sim->locks ? sim->locks[sim->addr >> 12] : 0;
}

static uint8_t answer_sector_lock(struct norsim *sim, uint32_t index)
{
	return answer_block_lock(sim, index) ? 0xFF : 0x00;
}

static void act_open_blocks(struct norsim *sim)
{
	if (sim->locks)
		memset(sim->locks, 0, sim->part->size >> 12);
	sim->wel = false;
}

/* Spansion: the bank holds the address bits beyond the third byte; bit 7 asks for four bytes. */
static void act_bank(struct norsim *sim)
{
	sim->ext_addr = sim->args[0] & (uint8_t)((sim->part->size - 1) >> 24);
	sim->mode_4byte = sim->args[0] & 0x80;
}

static uint8_t answer_bank(struct norsim *sim, uint32_t index)
{
	(void)index;
	return (uint8_t)(sim->ext_addr | (sim->mode_4byte ? 0x80 : 0));
}

static void act_select_die(struct norsim *sim)
{
	unsigned dies = norsim_has(sim, NF_PAIR) ? 2 : sim->part->size / sim->part->die;

	if (sim->data_len > 1 || sim->args[0] >= dies)
		sim->stats.malformed++;
	else if (norsim_has(sim, NF_DIE_SELECT))
		norsim_die_switch(sim, sim->args[0]);
	else
		sim->die = sim->args[0];
}

/* ---- the table ---- */

#define MODE  NC_ADDR_MODE
#define LATCH (NC_WEL | NC_EXACT)
#define PLAIN(op, flags, feature, act)                                         \
	{                                                                      \
		op, 0, 0, NS_IGNORE, (flags) | NC_EXACT, feature, NULL, act, 0 \
	}
#define STATUS(op, feature, answer)                                       \
	{                                                                 \
		op, 0, 0, NS_STATUS, NC_BUSY_OK, feature, answer, NULL, 0 \
	}
#define BYTES(op, addr, dummy, feature, answer)                        \
	{                                                              \
		op, addr, dummy, NS_BYTES, 0, feature, answer, NULL, 0 \
	}
#define WRITE_REG(op, feature, reg)                                                    \
	{                                                                              \
		op, 0, 0, NS_ARGS, NC_DATA, feature, NULL, act_write_one_register, reg \
	}

static const struct norsim_cmd commands[] = {
	{0x02, MODE, 0, NS_ARGS, NC_WEL | NC_DATA, NF_BYTE, NULL, norsim_act_program_byte, 0},
	{0xAD, MODE, 0, NS_ARGS, NC_WEL | NC_DATA, NF_AAI, NULL, norsim_act_aai_word, 0},
	{0x98, 0, 0, NS_IGNORE, LATCH, NF_GBULK, NULL, act_open_blocks, 0},
	{0x98, 0, 0, NS_IGNORE, LATCH, NF_SST26, NULL, act_open_blocks, 0},
	{0x17, 0, 0, NS_ARGS, NC_DATA, NF_BANK_17, NULL, act_bank, 0},
	{0xC2, 0, 0, NS_ARGS, NC_DATA | NC_BUSY_OK, NF_DIE_STATUS, NULL, act_select_die, 0},
	{0xC2, 0, 0, NS_ARGS, NC_DATA | NC_BUSY_OK, NF_PAIR, NULL, act_select_die, 0},
	BYTES(0x16, 0, 0, NF_BANK_17, answer_bank),
	PLAIN(0x50, 0, NF_EWSR, act_volatile_enable),
	{0x03, MODE, 0, NS_ARRAY, 0, 0, NULL, NULL, 0},
	{0x0B, MODE, 1, NS_ARRAY, 0, 0, NULL, NULL, 0},
	{0x13, 4, 0, NS_ARRAY, 0, NF_READ4, NULL, NULL, 0},
	{0x0C, 4, 1, NS_ARRAY, 0, NF_READ4, NULL, NULL, 0},
	{0x02, MODE, 0, NS_PAGE, NC_WEL | NC_DATA, 0, NULL, norsim_act_program, 0},
	{0x12, 4, 0, NS_PAGE, NC_WEL | NC_DATA, NF_WRITE4, NULL, norsim_act_program, 0},
	STATUS(0x05, 0, norsim_status),
	PLAIN(0x06, 0, 0, act_write_enable),
	PLAIN(0x04, 0, 0, act_write_disable),
	{0x01, 0, 0, NS_ARGS, NC_DATA, 0, NULL, act_write_status, 0},
	BYTES(0x9F, 0, 0, 0, answer_id),
	{0xAB, 0, 3, NS_BYTES, NC_SHORT_OK, NF_SLEEP, answer_device, act_release, 0},
	{0xAB, 0, 3, NS_BYTES, 0, NF_DEVICE_ID, answer_device, NULL, 0},
	PLAIN(0xB9, 0, NF_SLEEP, act_sleep),
	BYTES(0x90, 3, 0, NF_REMS, answer_rems),
	STATUS(0x35, NF_SR2_35, answer_sr2),
	STATUS(0x35, NF_SPANSION, answer_cr),
	STATUS(0x07, NF_SPANSION, answer_zero),
	BYTES(0x65, MODE, 1, NF_S25FS, answer_any_register),
	STATUS(0x15, NF_SR3_15, answer_sr3),
	STATUS(0x15, NF_CONFIG_15, answer_cr),
	STATUS(0x70, NF_FLAG_STATUS, answer_flag_status),
	WRITE_REG(0x31, NF_WRITE_31, NR_SR2),
	WRITE_REG(0x11, NF_SR3_15, NR_SR3),
	PLAIN(0x50, 0, NF_VOLATILE_50, act_volatile_enable),
	PLAIN(0x50, 0, NF_FLAG_STATUS, act_clear_flag_status),
	PLAIN(0x30, NC_BUSY_OK, NF_SPANSION, act_clear_errors),
	/* Mode reset: exits QPI or continuous read where there is one, and does nothing otherwise.
         */
	{0xFF, 0, 0, NS_IGNORE, NC_BUSY_OK, 0, NULL, NULL, 0},
	PLAIN(0xF0, NC_BUSY_OK, NF_SPANSION, reset_now),
	PLAIN(0x66, NC_BUSY_OK, NF_RESET, act_reset_enable),
	PLAIN(0x99, NC_BUSY_OK, NF_RESET, act_reset),
	BYTES(0x4B, 0, 4, NF_UID_4B, answer_uid),
	BYTES(0x4B, MODE, 1, NF_OTP_4B, norsim_answer_plain_otp),
	{0x42, MODE, 0, NS_PAGE, NC_WEL | NC_DATA, NF_OTP_4B, NULL, norsim_act_plain_otp_program,
         0},
	BYTES(0x48, MODE, 1, NF_SECREGS, norsim_answer_security),
	{0x42, MODE, 0, NS_PAGE, NC_WEL | NC_DATA, NF_SECREGS, NULL, norsim_act_security_program,
         0},
	{0x44, MODE, 0, NS_IGNORE, LATCH, NF_SECREGS, NULL, norsim_act_security_erase, 0},
	BYTES(0x68, 3, 1, NF_IROW, norsim_answer_security),
	{0x62, 3, 0, NS_PAGE, NC_WEL | NC_DATA, NF_IROW, NULL, norsim_act_security_program, 0},
	{0x64, 3, 0, NS_IGNORE, LATCH, NF_IROW_ERASE, NULL, norsim_act_security_erase, 0},
	STATUS(0x48, NF_IROW, answer_cr),
	WRITE_REG(0x42, NF_IROW, NR_CR),
	PLAIN(0x3A, 0, NF_OTP_EON, act_enter_otp),
	PLAIN(0xB1, 0, NF_OTP_MXIC, act_enter_otp),
	PLAIN(0xC1, 0, NF_OTP_MXIC, act_exit_otp),
	BYTES(0x2B, 0, 0, NF_OTP_MXIC, answer_otp_flags),
	PLAIN(0x2F, NC_WEL, NF_OTP_MXIC, act_lock_otp),
	PLAIN(0xB7, 0, NF_4BYTE_MODE, act_enter_4byte),
	PLAIN(0xE9, 0, NF_4BYTE_MODE, act_exit_4byte),
	{0xC5, 0, 0, NS_ARGS, NC_WEL | NC_DATA, NF_EXT_ADDR, NULL, act_ext_addr, 0},
	BYTES(0xC8, 0, 0, NF_EXT_ADDR, answer_ext_addr),
	{0x7E, 0, 0, NS_IGNORE, LATCH, NF_BLOCK_LOCKS, NULL, act_lock_all, 1},
	{0x98, 0, 0, NS_IGNORE, LATCH, NF_BLOCK_LOCKS, NULL, act_lock_all, 0},
	{0x36, MODE, 0, NS_IGNORE, LATCH, NF_BLOCK_LOCKS, NULL, act_lock_block, 1},
	{0x39, MODE, 0, NS_IGNORE, LATCH, NF_BLOCK_LOCKS, NULL, act_lock_block, 0},
	BYTES(0x3D, MODE, 0, NF_BLOCK_LOCKS, answer_block_lock),
	{0x98, 0, 0, NS_IGNORE, LATCH, NF_WPSEL, NULL, act_open_blocks, 0},
	{0x7E, 0, 0, NS_IGNORE, LATCH, NF_WPSEL, NULL, act_lock_all, 1},
	BYTES(0x3C, MODE, 0, NF_WPSEL, answer_sector_lock),
	{0x36, MODE, 0, NS_IGNORE, LATCH, NF_ATMEL, NULL, act_lock_block, 1},
	{0x39, MODE, 0, NS_IGNORE, LATCH, NF_ATMEL, NULL, act_lock_block, 0},
	BYTES(0x3C, MODE, 0, NF_ATMEL, answer_sector_lock),
	STATUS(0x48, NF_FUNCTION_48, answer_cr),
};

/* Opcodes whose meaning depends on more than the part's features. */
static const struct norsim_cmd read_sfdp = BYTES(0x5A, 3, 1, 0, answer_sfdp);
static const struct norsim_cmd read_otp = BYTES(0x03, MODE, 0, 0, norsim_answer_array_otp);
static const struct norsim_cmd fast_read_otp = BYTES(0x0B, MODE, 1, 0, norsim_answer_array_otp);
static const struct norsim_cmd erase_chip = {0, 0, 0, NS_IGNORE, LATCH, 0, NULL, norsim_act_erase,
                                             0};
static const struct norsim_cmd erase_listed = {
	0, MODE, 0, NS_IGNORE, LATCH, 0, NULL, norsim_act_erase_listed, 0};
static const struct norsim_cmd erase_listed_4 = {
	0, 4, 0, NS_IGNORE, LATCH, 0, NULL, norsim_act_erase_listed, 0};
static const struct norsim_cmd aai_next = {
	0xAD, 0, 0, NS_ARGS, NC_WEL | NC_DATA, 0, NULL, norsim_act_aai_word, 0};

/* A part erases with the opcodes of its list and no others. */
static const struct norsim_cmd *find_erase(const struct norsim *sim, uint8_t op)
{
	const struct norsim_erase_op *erase = norsim_listed_erase(sim, op);

	if (!erase)
		return NULL;
	if (!erase->size)
		return &erase_chip;
	return op == 0x21 || op == 0x5C || op == 0xDC ? &erase_listed_4 : &erase_listed;
}

static bool erases(uint8_t op)
{
	static const uint8_t ops[] = {0x20, 0x21, 0x52, 0x5C, 0x60, 0xC7, 0xD7, 0xD8, 0xDC};

	return memchr(ops, op, sizeof(ops)) != NULL;
}

/* In the middle of auto address increment an SST25 hears ADh, 04h and 05h. */
static bool deaf_in_aai(const struct norsim *sim, uint8_t op)
{
	return sim->in_aai && op != 0xAD && op != 0x04 && op != 0x05;
}

const struct norsim_cmd *norsim_cmd_find(const struct norsim *sim, uint8_t op)
{
	/* The other die of this stack is a NAND with its own commands. Only those that tell who
	 * it is and that switch back are known. */
	if (norsim_has(sim, NF_PAIR) && sim->die && op != 0x9F && op != 0xC2)
		return NULL;
	if (op == 0x5A)
		return sim->part->sfdp || sim->part->raw_sfdp || norsim_has(sim, NF_UID_EON)
		               ? &read_sfdp
		               : NULL;
	if (deaf_in_aai(sim, op))
		return NULL;
	if (sim->in_aai && op == 0xAD)
		return &aai_next;
	if (erases(op) || norsim_listed_erase(sim, op))
		return find_erase(sim, op);
	if (sim->otp_mode && op == 0x03)
		return &read_otp;
	if (sim->otp_mode && op == 0x0B)
		return &fast_read_otp;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].op == op && norsim_has(sim, commands[i].feature))
			return &commands[i];
	return NULL;
}
