/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults on request: their words, and what they do to answers. All from one seed. */
#include "sim/norsim_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#define GARBLE_ONE_IN 16 /* bytes, above the clock limit */
#define WEAK_PAGE     256

uint64_t norsim_hash(uint64_t a, uint64_t b)
{
	uint64_t z = a * 0x9E3779B97F4A7C15ULL + b + 0xD1B54A32D192ED03ULL;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
	z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
	return z ^ z >> 31;
}

static uint64_t next_random(struct norsim *sim)
{
	sim->rng++;
	return norsim_hash(sim->faults.seed, sim->rng);
}

static void flip(uint8_t *bytes, uint64_t bit)
{
	bytes[bit / 8] ^= (uint8_t)(1U << (bit & 7));
}

static void flip_one_in(struct norsim *sim, uint8_t *in, size_t len)
{
	uint64_t rate = sim->faults.flip_one_in, at = 0;

	if (!sim->flip_in)
		sim->flip_in = 1 + next_random(sim) % (2 * rate - 1);
	while (sim->flip_in <= len - at) {
		at += sim->flip_in;
		flip(in, (at - 1) * 8 + next_random(sim) % 8);
		sim->flip_in = 1 + next_random(sim) % (2 * rate - 1);
	}
	sim->flip_in -= len - at;
}

static void garble(struct norsim *sim, uint8_t *in, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint64_t r = next_random(sim);

		if (r % GARBLE_ONE_IN == 0)
			flip(in + i, r >> 32 & 7);
	}
}

/* READ has no dummy byte to fetch the first one in: hardly a data sheet allows it beyond this. */
#define READ_MAX_HZ 50000000

static bool read_too_fast(const struct norsim *sim)
{
	return sim->stream == NS_ARRAY && !sim->cmd->dummy && sim->hz > READ_MAX_HZ;
}

static void shift(struct norsim *sim, uint8_t *in, size_t len)
{
	unsigned by = (unsigned)(sim->faults.shift_id % 8);

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = in[i];

		in[i] = (uint8_t)(sim->last_out << (8 - by) | byte >> by);
		sim->last_out = byte;
	}
}

void norsim_fault_answer(struct norsim *sim, uint8_t *in, size_t len)
{
	const struct norsim_faults *f = &sim->faults;

	if (!sim->powered)
		return;
	if (f->shift_id)
		shift(sim, in, len);
	if (f->flip_one_in)
		flip_one_in(sim, in, len);
	if ((f->max_hz && sim->hz > f->max_hz) || read_too_fast(sim))
		garble(sim, in, len);
}

/* The weak page: each read of any part of it has another bit wrong. */
void norsim_fault_array(struct norsim *sim, uint8_t *in, uint32_t addr, size_t len)
{
	uint64_t weak = sim->faults.weak_page_addr_plus1, from, to;

	if (!weak)
		return;
	weak = (weak - 1) & ~(uint64_t)(WEAK_PAGE - 1);
	from = weak > addr ? weak : addr;
	to = weak + WEAK_PAGE < addr + len ? weak + WEAK_PAGE : addr + len;
	if (from < to)
		flip(in + (from - addr), sim->weak_reads++ % ((to - from) * 8));
}

uint32_t norsim_array_size(const struct norsim *sim)
{
	uint64_t real = sim->faults.real_size;

	return real && real < sim->part->size ? (uint32_t)real : sim->part->size;
}

/* ---- the words ---- */

struct word {
	const char *name;
	enum { W_FLAG, W_COUNT, W_SIZE, W_HZ, W_TIME, W_MISO, W_REG } kind;
	size_t offset;
};

#define FIELD(name) offsetof(struct norsim_faults, name)

static const struct word words[] = {
	{"flip", W_COUNT, FIELD(flip_one_in)},
	{"seed", W_SIZE, FIELD(seed)},
	{"miso", W_MISO, FIELD(miso_stuck)},
	{"silent", W_FLAG, FIELD(silent)},
	{"busy-forever", W_FLAG, FIELD(busy_forever)},
	{"wp", W_FLAG, FIELD(stubborn)},
	{"cut", W_COUNT, FIELD(cut_at_clock)},
	{"reset", W_COUNT, FIELD(reset_at_clock)},
	{"slow", W_COUNT, FIELD(slow_percent)},
	{"max-hz", W_HZ, FIELD(max_hz)},
	{"wake", W_TIME, FIELD(wake_us)},
	{"asleep", W_FLAG, FIELD(start_powered_down)},
	{"wel", W_FLAG, FIELD(start_wel)},
	{"start-busy", W_FLAG, FIELD(start_busy)},
	{"4byte", W_FLAG, FIELD(start_4byte)},
	{"otp", W_FLAG, FIELD(start_otp)},
	{"qpi", W_FLAG, FIELD(start_qpi)},
	{"program-fails", W_COUNT, FIELD(program_fails_at)},
	{"shift", W_COUNT, FIELD(shift_id)},
	{"weak-page", W_SIZE, FIELD(weak_page_addr_plus1)},
	{"real-size", W_SIZE, FIELD(real_size)},
	{"sr1", W_REG, FIELD(start_sr1)},
	{"sr2", W_REG, FIELD(start_sr2)},
	{"sr3", W_REG, FIELD(start_sr3)},
	{"cr", W_REG, FIELD(start_cr)},
};

static bool parse_time(const char *text, uint64_t *us)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (end == text || *text == '-' || value > 1000000000ULL)
		return false;
	if (strcmp(end, "ms") == 0)
		value *= 1000;
	else if (strcmp(end, "us") != 0)
		return false;
	*us = value;
	return true;
}

static bool parse_miso(const char *text, int *stuck)
{
	*stuck = strcmp(text, "high") == 0 ? 1 : strcmp(text, "low") == 0 ? -1 : 0;
	return *stuck != 0;
}

static bool store_number(const struct word *word, const char *value, char *base)
{
	uint64_t number = 0;
	uint32_t hz = 0;
	bool ok;

	if (word->kind == W_HZ) {
		ok = np_parse_hz(value, &hz);
		number = hz;
	} else if (word->kind == W_TIME) {
		ok = parse_time(value, &number);
	} else {
		ok = np_parse_size(value, &number);
	}
	if (word->kind == W_COUNT)
		ok = ok && number > 0;
	if (word->kind == W_REG) {
		ok = ok && number <= 0xFF;
		*(int *)(void *)(base + word->offset) = (int)number | NORSIM_SR_SET;
		return ok;
	}
	if (word->offset == FIELD(weak_page_addr_plus1))
		number++;
	if (word->offset == FIELD(real_size))
		ok = ok && number && !(number & (number - 1));
	memcpy(base + word->offset, &number, sizeof(number));
	return ok;
}

static bool store(const struct word *word, const char *value, struct norsim_faults *faults)
{
	char *base = (char *)faults;

	if (word->kind == W_FLAG) {
		*(bool *)(base + word->offset) = true;
		return !value;
	}
	if (!value)
		return false;
	if (word->kind == W_MISO)
		return parse_miso(value, &faults->miso_stuck);
	return store_number(word, value, base);
}

static int unknown_word(const char *text, struct np_error *err)
{
	static const char *const shapes[] = {"",      "=N",        "=SIZE", "=HZ",
	                                     "=20ms", "=high|low", "=0x1C"};
	char known[400] = "fail-msg=N";

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		strncat(known, ", ", sizeof(known) - strlen(known) - 1);
		strncat(known, words[i].name, sizeof(known) - strlen(known) - 1);
		strncat(known, shapes[words[i].kind], sizeof(known) - strlen(known) - 1);
	}
	np_fail(err, NP_E_USAGE, "fault '%s': the chip model knows no such word or value", text);
	return np_hint(err, "faults, joined by '+': %s", known);
}

static int parse_word(char *text, struct norsim_faults *faults, uint64_t *fail_msg,
                      struct np_error *err)
{
	char *value = strchr(text, '=');

	if (value)
		*value++ = '\0';
	if (strcmp(text, "fail-msg") == 0 && fail_msg && value && np_parse_size(value, fail_msg) &&
	    *fail_msg)
		return 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i].name) == 0 && store(&words[i], value, faults))
			return 0;
	if (value)
		value[-1] = '=';
	return unknown_word(text, err);
}

int norsim_parse_faults(const char *text, struct norsim_faults *faults, uint64_t *fail_msg,
                        struct np_error *err)
{
	char copy[256], *at, *next;

	if (strlen(text) >= sizeof(copy))
		return np_fail(err, NP_E_USAGE, "fault list longer than %zu characters",
		               sizeof(copy) - 1);
	strcpy(copy, text);
	for (at = copy; at; at = next) {
		int ret;

		next = strchr(at, '+');
		if (next)
			*next++ = '\0';
		ret = parse_word(at, faults, fail_msg, err);
		if (ret)
			return ret;
	}
	return 0;
}
