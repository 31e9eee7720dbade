/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The strict chip: power, CS edges, and the bytes between them. */
#include "sim/norsim_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define OP_RELEASE   0xAB
#define OP_READ_SFDP 0x5A
#define OP_READ_SR3  0x15
#define OP_DIE       0xC2

static uint64_t hash_text(uint64_t seed, const char *text)
{
	for (; text && *text; text++)
		seed = norsim_hash(seed, (uint8_t)*text);
	return seed;
}

static uint64_t hash_name(const char *name)
{
	uint64_t seed = 0;

	for (; *name; name++)
		seed = norsim_hash(seed, (uint8_t)toupper((unsigned char)*name));
	return seed;
}

/* The same file is the same chip, however its path and the part are spelled. */
static void derive_uid(struct norsim *sim, const struct norsim_config *config)
{
	char *path = config->file ? realpath(config->file, NULL) : NULL;
	uint64_t seed = config->uid;

	if (!seed)
		seed = hash_text(hash_name(config->part), path ? path : config->file);
	free(path);
	for (size_t i = 0; i < NORSIM_UID_MAX; i++)
		sim->uid[i] = (uint8_t)norsim_hash(seed, i);
	/* Winbond's first byte is never blank on a real part; keep FF and 00 out of ours. */
	sim->uid[0] = (uint8_t)(0xD0 | (sim->uid[0] & 7));
}

static int unknown_part(const char *name, struct np_error *err)
{
	char known[400] = "";

	for (const char *const *part = norsim_parts(); *part; part++) {
		if (known[0])
			strncat(known, ", ", sizeof(known) - strlen(known) - 1);
		strncat(known, *part, sizeof(known) - strlen(known) - 1);
	}
	np_fail(err, NP_E_USAGE, "the chip model knows no part '%s'", name);
	return np_hint(err, "parts: %s", known);
}

static void begin_found_busy(struct norsim *sim)
{
	uint32_t block = sim->part->size < 0x10000 ? sim->part->size : 0x10000;

	norsim_work_erase(sim, sim->mem + sim->part->size - block, block,
	                  sim->part->times->erase_64k_ms, false);
}

static void found_state(struct norsim *sim)
{
	const struct norsim_faults *f = &sim->faults;

	const int start[NR_COUNT] = {
		[NR_SR1] = f->start_sr1,
		[NR_SR2] = f->start_sr2,
		[NR_SR3] = f->start_sr3,
		[NR_CR] = f->start_cr,
	};

	for (size_t i = 0; i < NR_COUNT; i++)
		if (start[i] & NORSIM_SR_SET)
			sim->nv.regs[i] = sim->regs[i] = (uint8_t)start[i];
	sim->asleep = f->start_powered_down;
	sim->wel = f->start_wel;
	sim->mode_4byte |= f->start_4byte && norsim_has(sim, NF_4BYTE_MODE);
	sim->qpi = f->start_qpi;
	sim->otp_mode = f->start_otp && norsim_has(sim, NF_OTP_EON);
	if (f->start_busy)
		begin_found_busy(sim);
}

static int find_part(struct norsim *sim, const struct norsim_config *config, struct np_error *err)
{
	int ret = norsim_describe(config->parts_file, config->part, &sim->described, err);

	if (ret == NP_E_USAGE && !config->parts_file)
		return unknown_part(config->part, err);
	if (!ret)
		sim->part = &sim->described->part;
	return ret;
}

static int add_locks(struct norsim *sim, struct np_error *err)
{
	if (!(sim->part->features & (NF_BLOCK_LOCKS | NF_ATMEL | NF_SST26 | NF_WPSEL)))
		return 0;
	sim->locks = calloc(1, sim->part->size >> 12);
	return sim->locks ? 0 : np_fail(err, NP_E_MEMORY, "out of memory");
}

static void free_sim(struct norsim *sim)
{
	norsim_file_close(sim);
	free(sim->locks);
	free(sim->described);
	free(sim);
}

int norsim_open(const struct norsim_config *config, struct norsim **out, struct np_error *err)
{
	struct norsim *sim = calloc(1, sizeof(*sim));
	int ret;

	if (!sim)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	sim->faults = config->faults;
	sim->rng = norsim_hash(config->faults.seed, 1);
	sim->fd = sim->regs_fd = -1;
	ret = find_part(sim, config, err);
	if (!ret)
		ret = norsim_file_open(sim, config->file, err);
	if (!ret)
		ret = add_locks(sim, err);
	if (ret) {
		free_sim(sim);
		return ret;
	}
	derive_uid(sim, config);
	if (norsim_has(sim, NF_OTP_4B | NF_SPANSION))
		memcpy(sim->nv.otp, sim->uid, NORSIM_UID_MAX);
	norsim_power_on(sim);
	found_state(sim);
	*out = sim;
	return 0;
}

void norsim_close(struct norsim *sim)
{
	if (!sim)
		return;
	/* The chip stays powered when the program ends, so an operation that was begun is
	 * finished. */
	if (sim->powered && sim->work.kind != NW_NONE && sim->work.until != UINT64_MAX &&
	    sim->work.until > sim->now)
		norsim_advance(sim, sim->work.until - sim->now);
	if (sim->powered && norsim_dies_busy_left(sim) != UINT64_MAX)
		norsim_advance(sim, norsim_dies_busy_left(sim));
	free_sim(sim);
}

void norsim_power_on(struct norsim *sim)
{
	norsim_dies_reset(sim);
	sim->powered = true;
	sim->selected = false;
	sim->cmd = NULL;
	sim->stream = NS_IGNORE;
	sim->asleep = sim->wel = sim->volatile_next = sim->reset_next = sim->qpi = false;
	sim->otp_mode = sim->in_aai = sim->fsr_due = false;
	sim->ext_addr = sim->error_bits = sim->die = 0;
	sim->flag_status = FSR_READY;
	sim->work.kind = NW_NONE;
	sim->deaf_until = sim->now + sim->faults.wake_us * 1000;
	norsim_regs_power_up(sim);
	sim->mode_4byte = norsim_starts_4byte(sim);
	norsim_locks_power_up(sim);
}

static void power_off(struct norsim *sim)
{
	norsim_dies_reset(sim);
	sim->powered = false;
	sim->cmd = NULL;
	sim->stream = NS_IGNORE;
	sim->work.kind = NW_NONE;
	sim->faults.cut_at_clock = 0;
}

static uint64_t odd_count(const struct norsim *sim)
{
	return sim->stats.ignored_latch + sim->stats.ignored_protected + sim->stats.malformed;
}

/* A command that needs the latch is dropped at its opcode on some parts and at CS rise on others;
 * the model decides when CS rises, so that an early deselect changes nothing. */
static void act_on(struct norsim *sim, const struct norsim_cmd *cmd)
{
	if (cmd->flags & NC_SHORT_OK) {
		cmd->act(sim);
		return;
	}
	if (sim->pos < sim->header_len || (cmd->flags & NC_EXACT && sim->data_len) ||
	    (cmd->flags & NC_DATA && !sim->data_len)) {
		sim->stats.malformed++;
		return;
	}
	if (cmd->flags & NC_WEL && !sim->wel) {
		sim->stats.ignored_latch++;
		return;
	}
	cmd->act(sim);
}

static void finish_frame(struct norsim *sim)
{
	const struct norsim_cmd *cmd = sim->cmd;
	uint64_t odd = odd_count(sim);

	sim->cmd = NULL;
	if (!cmd || !cmd->act || !sim->powered)
		return;
	act_on(sim, cmd);
	if (odd_count(sim) != odd)
		sim->odd_op = sim->op;
}

void norsim_meddle_at(struct norsim *sim, uint64_t clock, norsim_meddle_fn *meddle, void *ctx)
{
	sim->meddle = meddle;
	sim->meddle_ctx = ctx;
	sim->meddle_at_clock = clock;
}

/* It may ask to be called again. */
static void let_meddle(struct norsim *sim)
{
	norsim_meddle_fn *meddle = sim->meddle;

	if (!meddle || sim->stats.clocks < sim->meddle_at_clock)
		return;
	sim->meddle = NULL;
	meddle(sim, sim->meddle_ctx);
}

void norsim_cs(struct norsim *sim, bool low)
{
	if (low == sim->selected)
		return;
	if (low)
		let_meddle(sim);
	sim->selected = low;
	if (!low)
		finish_frame(sim);
	sim->cmd = NULL;
	sim->stream = NS_IGNORE;
	sim->data_len = 0;
	sim->pos = 0;
	sim->addr = 0;
	sim->header_len = 1;
	sim->last_out = 0xFF;
}

static bool heard(struct norsim *sim, uint8_t op)
{
	if (!sim->powered || sim->faults.silent)
		return false;
	/* Two clocks are an opcode there, and three of four lines are high: of all that a plain master
	 * may send only what begins with two ones makes FFh of it. */
	if (sim->qpi) {
		sim->qpi = op < 0xC0;
		return false;
	}
	if (sim->now < sim->deaf_until || (sim->asleep && op != OP_RELEASE)) {
		sim->stats.ignored_asleep++;
		return false;
	}
	return true;
}

/* Asking for SFDP, a third register or another die is how to find out that there is none. */
static void note_odd(struct norsim *sim, uint8_t op)
{
	if (op != OP_READ_SFDP && op != OP_READ_SR3 && op != OP_DIE)
		sim->odd_op = op;
}

static void decode_opcode(struct norsim *sim, uint8_t op)
{
	const struct norsim_cmd *cmd;

	sim->stats.frames++;
	if (!heard(sim, op))
		return;
	/* 50h and 66h arm the very next command only. */
	sim->volatile_now = sim->volatile_next;
	sim->reset_now = sim->reset_next;
	sim->volatile_next = sim->reset_next = false;
	sim->op = op;
	cmd = norsim_cmd_find(sim, op);
	if (!cmd) {
		sim->stats.unknown++;
		note_odd(sim, op);
		return;
	}
	if ((sim->work.kind != NW_NONE || sim->fsr_due) && !(cmd->flags & NC_BUSY_OK)) {
		sim->stats.ignored_busy++;
		note_odd(sim, op);
		return;
	}
	sim->cmd = cmd;
	sim->cmd_arg = cmd->arg;
	sim->addr_len = cmd->addr == NC_ADDR_MODE ? (sim->mode_4byte ? 4 : 3) : cmd->addr;
	sim->header_len = 1U + sim->addr_len + cmd->dummy;
	sim->stream = cmd->stream;
	if (cmd->stream == NS_PAGE)
		memset(sim->page, 0xFF, sizeof(sim->page));
}

static void header_byte(struct norsim *sim, uint8_t byte, uint64_t byte_ns)
{
	norsim_advance(sim, byte_ns);
	if (sim->pos == 0)
		decode_opcode(sim, byte);
	else if (sim->pos <= sim->addr_len)
		sim->addr = sim->addr << 8 | byte;
	sim->pos++;
	if (sim->pos == 1U + sim->addr_len && sim->addr_len) {
		if (sim->addr_len == 3)
			sim->addr |= (uint32_t)sim->ext_addr << 24;
		sim->addr &= norsim_array_size(sim) - 1;
		if (norsim_has(sim, NF_DIE_SELECT))
			sim->addr = sim->die * sim->part->die + sim->addr % sim->part->die;
		else if (sim->part->die)
			sim->die = (uint8_t)(sim->addr / sim->part->die);
	}
}

/* At its end the address starts over: of the chip or, in a stack, of the die. */
static void array_out(struct norsim *sim, uint8_t *in, size_t len)
{
	uint32_t size = sim->part->die ? sim->part->die : norsim_array_size(sim);
	uint32_t at = sim->addr & (size - 1), base = sim->addr - at;

	sim->stats.bytes_read += len;
	sim->stats.die_wraps += sim->part->die && at + len > size;
	sim->addr = base + (uint32_t)((at + len) & (size - 1));
	while (in && len) {
		size_t n = len < size - at ? len : size - at;

		memcpy(in, sim->mem + base + at, n);
		norsim_fault_array(sim, in, base + at, n);
		in += n;
		len -= n;
		at = 0;
	}
}

static void status_out(struct norsim *sim, uint8_t *in, size_t len, uint64_t byte_ns)
{
	sim->stats.status_reads += len;
	while (len) {
		uint64_t seen = norsim_work_left(sim);
		uint64_t left = seen ? seen : norsim_busy_left(sim);
		uint64_t same = byte_ns ? left / byte_ns + (left % byte_ns != 0) : len;
		size_t n = left && same < len ? (size_t)same : len;

		if (in) {
			memset(in, sim->cmd->answer(sim, 0), n);
			in += n;
		}
		norsim_advance(sim, n * byte_ns);
		len -= n;
	}
}

static void page_in(struct norsim *sim, const uint8_t *out, size_t len)
{
	uint32_t page = sim->part->page;
	uint32_t at = (uint32_t)((sim->addr + sim->data_len) & (page - 1));

	while (len) {
		size_t n = len < page - at ? len : page - at;

		if (out)
			memcpy(sim->page + at, out, n);
		else
			memset(sim->page + at, 0xFF, n);
		out = out ? out + n : NULL;
		len -= n;
		at = 0;
	}
}

static void data_bytes(struct norsim *sim, const uint8_t *out, uint8_t *in, size_t len,
                       uint64_t byte_ns)
{
	if (in && sim->stream != NS_ARRAY && sim->stream != NS_STATUS)
		memset(in, 0xFF, len);
	if (sim->stream == NS_STATUS) {
		status_out(sim, in, len, byte_ns);
	} else if (sim->stream == NS_ARRAY) {
		array_out(sim, in, len);
	} else if (sim->stream == NS_PAGE) {
		page_in(sim, out, len);
	} else if (sim->stream == NS_BYTES && in) {
		for (size_t i = 0; i < len; i++)
			in[i] = sim->cmd->answer(sim, (uint32_t)(sim->data_len + i));
	} else if (sim->stream == NS_ARGS) {
		for (size_t i = 0; i < len && sim->data_len + i < NORSIM_ARGS_MAX; i++)
			sim->args[sim->data_len + i] = out ? out[i] : 0xFF;
	}
	if (sim->stream != NS_STATUS)
		norsim_advance(sim, len * byte_ns);
	sim->data_len += len;
	if (in && sim->stream != NS_IGNORE)
		norsim_fault_answer(sim, in, len);
}

static void clock_powered(struct norsim *sim, const uint8_t *out, uint8_t *in, size_t len,
                          uint64_t byte_ns)
{
	sim->stats.clocks += len * 8;
	for (; len && sim->pos < sim->header_len; len--) {
		header_byte(sim, out ? *out++ : 0xFF, byte_ns);
		if (in)
			*in++ = 0xFF;
	}
	if (len)
		data_bytes(sim, out, in, len, byte_ns);
}

/* The supply sagged: all that is volatile is lost, the frame in hand with it. */
static void brown_out(struct norsim *sim)
{
	norsim_dies_reset(sim);
	norsim_work_abort(sim);
	norsim_power_on(sim);
	sim->faults.reset_at_clock = 0;
	if (sim->deaf_until < sim->now + NORSIM_RESET_NS)
		sim->deaf_until = sim->now + NORSIM_RESET_NS;
	/* CS is still low: the next command begins when it has been high. */
	sim->selected = true;
	sim->pos = sim->header_len = 1;
}

/* The bytes that still get through whole before power fails at clock `at` (0: never). */
static size_t before(const struct norsim *sim, uint64_t at, size_t len)
{
	uint64_t whole;

	if (!at || !sim->powered)
		return len;
	whole = at > sim->stats.clocks ? (at - 1 - sim->stats.clocks) / 8 : 0;
	return whole < len ? (size_t)whole : len;
}

void norsim_clock(struct norsim *sim, const uint8_t *out, uint8_t *in, size_t len, uint64_t byte_ns)
{
	size_t cut = before(sim, sim->faults.cut_at_clock, len);
	size_t good = before(sim, sim->faults.reset_at_clock, cut);

	if (!sim->selected) {
		if (in)
			memset(in, 0xFF, len);
		norsim_advance(sim, len * byte_ns);
		return;
	}
	clock_powered(sim, out, in, good, byte_ns);
	if (good < len) {
		if (good < cut)
			brown_out(sim);
		else
			power_off(sim);
		clock_powered(sim, NULL, in ? in + good : NULL, len - good, byte_ns);
	}
	if (in && sim->faults.miso_stuck)
		memset(in, sim->faults.miso_stuck > 0 ? 0xFF : 0x00, len);
}

void norsim_time(struct norsim *sim, uint64_t ns)
{
	norsim_advance(sim, ns);
}

uint64_t norsim_now(const struct norsim *sim)
{
	return sim->now;
}

uint64_t norsim_busy_left(const struct norsim *sim)
{
	if (!sim->powered || sim->work.kind == NW_NONE)
		return 0;
	return sim->work.until == UINT64_MAX ? UINT64_MAX : sim->work.until - sim->now;
}

void norsim_set_hz(struct norsim *sim, uint64_t hz)
{
	sim->hz = hz;
}

bool norsim_powered(const struct norsim *sim)
{
	return sim->powered;
}

const struct norsim_stats *norsim_stats(const struct norsim *sim)
{
	return &sim->stats;
}

void norsim_clear_stats(struct norsim *sim)
{
	memset(&sim->stats, 0, sizeof(sim->stats));
}

uint8_t *norsim_mem(struct norsim *sim)
{
	return sim->mem;
}

size_t norsim_size(const struct norsim *sim)
{
	return sim->part->size;
}

struct norsim_faults *norsim_faults(struct norsim *sim)
{
	return &sim->faults;
}
