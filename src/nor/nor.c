/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nor/nor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "chip/chipdb.h"
#include "chip/chipdb_names.h"
#include "nor/nor_priv.h"

#define FIRST_HZ   33000000 /* every 25-series part answers 9Fh and 5Ah at this */
#define SFDP_TRIES 8
#define UID_TRIES  8

const struct nor_info *nor_info(const struct nor *nor)
{
	return &nor->info;
}

struct spi_bus *nor_bus(const struct nor *nor)
{
	return nor->bus;
}

int nor_check_supply(const struct nor_info *info, struct np_error *err)
{
	if (info->supply.suits_3v3)
		return 0;
	np_fail(err, NP_E_VOLTAGE, "3.3 V may destroy this chip: %s", info->supply.why);
	return np_hint(err, "read the marking on the package; feed a 1.8 V part through a level "
	                    "adapter; then say that the supply is right with --voltage-ok");
}

/* Raw bytes of the SFDP space, one read. Blocks for the bus. Errors: bus errors. */
static int nor_sfdp_read(struct nor *nor, uint32_t addr, uint8_t *buf, size_t len,
                         struct np_error *err)
{
	struct spi_msg msg;
	int ret = 0;

	for (size_t at = 0; at < len && !ret; at += msg.rx_len) {
		msg = nor_cmd_addr(NOR_OP_RDSFDP, addr + (uint32_t)at, 3, 1);
		msg.rx = buf + at;
		msg.rx_len = len - at < nor->caps->max_rx ? len - at : nor->caps->max_rx;
		ret = nor_run(nor, &msg, 1, err);
	}
	return ret;
}

/* The first two reads of SFDP, in one run where a message holds it. */
static int read_twice(struct nor *nor, uint8_t *data, uint8_t *again, size_t len,
                      struct np_error *err)
{
	uint8_t *const to[2] = {data, again};
	struct spi_msg msgs[2];
	int ret;

	if (nor->has_sfdp_ahead && len <= NOR_SFDP_AHEAD) {
		memcpy(data, nor->sfdp_ahead[0], len);
		memcpy(again, nor->sfdp_ahead[1], len);
		return 0;
	}
	if (len > nor->caps->max_rx) {
		ret = nor_sfdp_read(nor, 0, data, len, err);
		return ret ? ret : nor_sfdp_read(nor, 0, again, len, err);
	}
	for (size_t i = 0; i < 2; i++) {
		msgs[i] = nor_cmd_addr(NOR_OP_RDSFDP, 0, 3, 1);
		msgs[i].rx = to[i];
		msgs[i].rx_len = len;
	}
	msgs[0].pause_us = NOR_APART_US;
	return nor_run(nor, msgs, 2, err);
}

/* Used only when two reads agree, because erase opcodes come from it. A clock that garbles it is
 * lowered where it may be. */
static int read_agreeing(struct nor *nor, uint8_t *data, uint8_t *again, size_t len,
                         struct np_error *err)
{
	int ret = read_twice(nor, data, again, len, err);

	for (unsigned i = 0; i < SFDP_TRIES && !ret; i++) {
		if (i)
			ret = nor_sfdp_read(nor, 0, again, len, err);
		if (!ret && memcmp(data, again, len) == 0)
			return 0;
		nor->has_sfdp_ahead = false;
		if (!ret && !nor->info.hz && nor->caps->hz / 2 >= nor->caps->hz_min)
			ret = spi_set_hz(nor->bus, nor->caps->hz / 2, err);
		memcpy(data, again, len);
	}
	if (ret)
		return ret;
	np_fail(err, NP_E_UNSTABLE, "the SFDP reads disagree");
	return np_hint(err, "bad contact: reseat the clip, shorten the wires%s",
	               nor_or_slower(nor));
}

static int read_sfdp(struct nor *nor, struct np_error *err)
{
	uint8_t data[NOR_SFDP_MAX], again[NOR_SFDP_MAX];
	struct np_error why = {0};
	size_t got = 0, need = sfdp_needed(NULL, 0);
	int ret;

	while (need > got && need <= NOR_SFDP_MAX) {
		ret = read_agreeing(nor, data, again, need, err);
		if (ret)
			return ret;
		got = need;
		need = sfdp_needed(data, got);
	}
	if (!need)
		return 0;
	ret = sfdp_parse(data, got, &nor->sfdp, &why);
	if (ret) {
		np_log(NP_LOG_WARN, "SFDP not used: %s", why.message);
		snprintf(nor->sfdp_flaw, sizeof(nor->sfdp_flaw), "%.159s", why.message);
		return 0;
	}
	nor->info.has_sfdp = true;
	nor->info.sfdp_major = nor->sfdp.major;
	nor->info.sfdp_minor = nor->sfdp.minor;
	return 0;
}

int nor_sfdp(struct nor *nor, uint8_t buf[NOR_SFDP_MAX], size_t *len, bool *is_sfdp,
             struct np_error *err)
{
	uint8_t again[NOR_SFDP_MAX];
	size_t got = 0, need = sfdp_needed(NULL, 0);
	int ret = 0;

	*len = 0;
	while (need > got && !ret) {
		ret = read_agreeing(nor, buf, again, need, err);
		got = need;
		if (!ret)
			need = sfdp_extent(buf, got) ? sfdp_extent(buf, got)
			                             : sfdp_needed(buf, got);
	}
	*is_sfdp = need > 0;
	if (!ret && !need)
		ret = read_agreeing(nor, buf, again, need = NOR_SFDP_ODD, err);
	if (!ret)
		*len = need;
	return ret ? np_context(err, "read SFDP") : 0;
}

const char *nor_sfdp_text(const struct nor *nor, char *buf, size_t len)
{
	buf[0] = '\0';
	if (nor->info.has_sfdp)
		sfdp_describe(&nor->sfdp, buf, len);
	return buf;
}

static const char *spell_id(const uint8_t *id, size_t len, char text[3 * NOR_ID_MAX + 1])
{
	text[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(text + 3 * i - (i > 0), 4, "%s%02X", i ? " " : "", id[i]);
	return text;
}

static int mismatch(struct nor *nor, const struct nor_chip *asked, size_t len, struct np_error *err)
{
	char is[3 * NOR_ID_MAX + 1], would[3 * NOR_ID_MAX + 1];

	np_fail(err, NP_E_CHIP_MISMATCH, "the chip answers ID %s, but %s would answer %s",
	        spell_id(nor->info.jedec_id, len, is), asked->name,
	        spell_id(asked->id, len, would));
	return np_hint(err,
	               "leave --chip out: norprog finds the part by its ID; one that it does not "
	               "know is read with --size, and written once it is described under its "
	               "own ID in a file (--chips FILE, doc/CHIPS.md)");
}

/* By ID and SFDP. */
static void choose_by_itself(struct nor *nor, const struct nor_options *options)
{
	struct nor_info *info = &nor->info;

	info->candidate_count =
		chipdb_find(info->jedec_id, info->jedec_id_len, info->has_sfdp ? &nor->sfdp : NULL,
	                    options->extra, options->extra_count, info->candidates, NOR_CANDIDATES);
}

/* "W25Q64" or "EF4017" names no part but several: those that fit the chip and are among them. */
static bool choose_by_family(struct nor *nor, const struct nor_options *options)
{
	struct nor_info *info = &nor->info;
	size_t kept = 0;

	choose_by_itself(nor, options);
	for (size_t i = 0; i < info->candidate_count; i++)
		if (chipdb_name_begins(info->candidates[i], options->chip) ||
		    chipdb_id_is(info->candidates[i], options->chip))
			info->candidates[kept++] = info->candidates[i];
	info->candidate_count = kept;
	return kept != 0;
}

static int choose_by_name(struct nor *nor, const struct nor_options *options, struct np_error *err)
{
	const struct nor_chip *row =
		chipdb_by_name(options->chip, options->extra, options->extra_count);
	size_t known;

	if (!row && choose_by_family(nor, options))
		return 0;
	if (!row)
		row = chipdb_by_marking(options->chip, nor->info.jedec_id, nor->info.jedec_id_len,
		                        options->extra, options->extra_count);
	if (!row) {
		np_fail(err, NP_E_USAGE, "unknown chip '%s'", options->chip);
		return np_hint(err,
		               "leave --chip out: norprog finds the part by its ID; `norprog "
		               "chips %s` lists parts of such a name, if there are any",
		               options->chip);
	}
	/* Extended bytes count as well, because parts that share the first three differ in erase
	 * size. */
	known = row->id_len < nor->info.jedec_id_len ? row->id_len : nor->info.jedec_id_len;
	if (memcmp(row->id, nor->info.jedec_id, known) != 0)
		return mismatch(nor, row, known, err);
	nor->info.candidates[0] = row;
	nor->info.candidate_count = 1;
	return 0;
}

static int choose(struct nor *nor, const struct nor_options *options, struct np_error *err)
{
	if (options->chip)
		return choose_by_name(nor, options, err);
	choose_by_itself(nor, options);
	return 0;
}

static int unknown(struct nor *nor, struct np_error *err)
{
	const uint8_t *id = nor->info.jedec_id;
	const char *maker = chipdb_maker(id[0]);
	const char *other = chipdb_other_kind(id);
	const struct nor_chip *near;

	if (other) {
		np_fail(err, NP_E_UNKNOWN_CHIP, "this is %s (ID %02X %02X %02X), no SPI NOR flash",
		        other, id[0], id[1], id[2]);
		return np_hint(
			err,
			"norprog drives 25-series flash alone; flashrom drives some DataFlash");
	}
	np_fail(err, NP_E_UNKNOWN_CHIP, "unknown chip: ID %02X %02X %02X%s%s%s, and %s", id[0],
	        id[1], id[2], maker ? " (" : "", maker ? maker : "", maker ? ")" : "",
	        nor->sfdp_flaw[0] ? nor->sfdp_flaw : "no usable SFDP");
	near = chipdb_shifted(id);
	if (near)
		return np_hint(
			err,
			"shifted by a bit: moved back it is %02X %02X %02X, as of %s; shorten "
			"the wires, reseat the clip at pin 6 (CLK)%s",
			near->id[0], near->id[1], near->id[2], near->name, nor_or_slower(nor));
	near = chipdb_near(id);
	if (near)
		return np_hint(
			err,
			"%02X %02X %02X of %s differs in a bit or two: probably bad contact, "
			"or WP# and HOLD# (pins 3, 7) float: tie them to 3.3 V, reseat the clip",
			near->id[0], near->id[1], near->id[2], near->name);
	return np_hint(
		err,
		"`norprog read --size 8M` (what the marking says) reads it all the same; to write "
		"it, describe it in a file (doc/CHIPS.md) and pass that with --chips FILE");
}

static void name_it(struct nor *nor)
{
	struct nor_info *info = &nor->info;

	if (info->candidate_count)
		chipdb_names(info->candidates, info->candidate_count, info->name,
		             sizeof(info->name));
	else
		snprintf(info->name, sizeof(info->name), "unknown part (%s)",
		         info->has_sfdp ? "driven by its SFDP" : "read as --size says");
}

/* Merge what is known of the part into chip, erase and times. */
static int describe(struct nor *nor, const struct nor_options *options, struct np_error *err)
{
	struct nor_info *info = &nor->info;
	int ret = choose(nor, options, err);

	if (!ret)
		ret = nor_dies_settle(nor, options->chip != NULL, err);
	if (ret)
		return ret;
	if (!info->candidate_count)
		info->near = chipdb_near(info->jedec_id);
	info->known = info->candidate_count || info->has_sfdp;
	if (!info->known && (!options->size_override || chipdb_other_kind(info->jedec_id)))
		return unknown(nor, err);
	if (!info->known)
		return nor_size_force(nor, options->size_override, err);
	return chipdb_resolve(info->candidates, info->candidate_count,
	                      info->has_sfdp ? &nor->sfdp : NULL, &nor->chip, nor->erase,
	                      &nor->times, err);
}

static int resolve(struct nor *nor, const struct nor_options *options, struct np_error *err)
{
	struct nor_info *info = &nor->info;
	int ret = describe(nor, options, err);

	if (ret)
		return ret;
	if (!info->candidate_count)
		nor->chip.maker = chipdb_maker(info->jedec_id[0]);
	info->chip = &nor->chip;
	name_it(nor);
	info->size = nor->chip.size;
	nor_size_weigh(nor);
	if (options->size_override && !info->size_doubt.open) {
		info->size_overridden |= options->size_override != nor->chip.size;
		info->size = options->size_override;
	}
	info->page = nor->chip.page ? nor->chip.page : 256;
	/* A user who names the part has read its marking, which tells more than the ID. */
	nor_supply_find(info->candidates, info->candidate_count,
	                options->chip ? NULL : chipdb_low_twin(info->jedec_id, info->jedec_id_len),
	                info->has_sfdp ? &nor->sfdp : NULL, info->jedec_id[0], &info->supply);
	for (size_t i = 0; i < NOR_ERASE_TYPES && nor->erase[i].size; i++)
		info->erase[info->erase_count++] = nor->erase[i];
	return 0;
}

/* SFDP can express 18 hours, and 32 bits of microseconds hold only 71 minutes, which is longer than
 * any part takes. */
static uint32_t us_of_ms(uint32_t ms)
{
	return ms < UINT32_MAX / 1000 ? ms * 1000 : UINT32_MAX;
}

static void set_times(struct nor *nor)
{
	const struct nor_times *t = &nor->times;

	nor->page_busy = (struct nor_busy){.typ_us = t->page_typ_us, .max_us = t->page_max_us};
	nor->page_alone = nor->page_busy;
	nor->sr_busy = (struct nor_busy){.typ_us = t->sr_typ_us, .max_us = t->sr_max_us};
	nor->chip_busy = (struct nor_busy){.typ_us = us_of_ms(t->chip_typ_ms),
	                                   .max_us = us_of_ms(t->chip_max_ms)};
	for (size_t i = 0; i < nor->info.erase_count; i++)
		nor->erase_busy[i] = (struct nor_busy){.typ_us = nor->info.erase[i].typ_us,
		                                       .max_us = nor->info.erase[i].max_us};
}

static size_t uid_len(const struct nor *nor)
{
	static const uint8_t lengths[] = {
		[NOR_UID_NONE] = 0, [NOR_UID_4B] = 8, [NOR_UID_EON] = 12, [NOR_UID_GD16] = 16};

	return lengths[nor->chip.uid];
}

size_t nor_uid_ask(const struct nor *nor, struct spi_msg msgs[NOR_UID_MSGS],
                   uint8_t (*uid)[NOR_UID_MAX])
{
	size_t len = uid_len(nor), count = 0;

	if (!len || nor->chip.uid == NOR_UID_EON)
		return 0;
	for (size_t i = 0; i < 2; i++, count++) {
		count += nor_die_select(nor, nor->die, &msgs[count]);
		msgs[count] = nor_cmd_addr(NOR_OP_UID, 0xffffffff,
		                           nor->addr_len == 4 && !nor->native4 ? 4 : 3, 1);
		msgs[count].rx = uid[i];
		msgs[count].rx_len = len;
		msgs[count].pause_us = i ? 0 : NOR_APART_US;
	}
	return count;
}

/* Twice, in one run where the command is one message. */
static int read_uid_twice(struct nor *nor, uint8_t (*uid)[NOR_UID_MAX], struct np_error *err)
{
	struct spi_msg msgs[NOR_UID_MSGS];
	size_t count = nor_uid_ask(nor, msgs, uid);
	int ret = 0;

	if (count)
		return nor_run(nor, msgs, count, err);
	for (size_t i = 0; i < 2 && !ret; i++)
		ret = nor_sfdp_read(nor, 0x80, uid[i], uid_len(nor), err);
	return ret;
}

/* A unique ID names journals and backups, so it is used only if it reads the same twice and is not
 * just a floating line. */
static int read_uid(struct nor *nor, struct np_error *err)
{
	size_t len = uid_len(nor);
	uint8_t uid[2][NOR_UID_MAX];
	bool varied = false, agree = nor->has_uid_ahead && len;
	int ret = 0;

	if (agree) {
		memcpy(uid, nor->uid_ahead, sizeof(uid));
		agree = memcmp(uid[0], uid[1], len) == 0;
	}
	/* Tried again, because one flipped bit would make a chip with an unfinished job look like
	 * another one. */
	for (unsigned i = 0; i < UID_TRIES && len && !ret && !agree; i++) {
		ret = read_uid_twice(nor, uid, err);
		agree = !ret && memcmp(uid[0], uid[1], len) == 0;
	}
	if (ret || !agree)
		return ret;
	for (size_t i = 1; i < len; i++)
		varied |= uid[0][i] != uid[0][0];
	if (!varied)
		return 0;
	memcpy(nor->info.uid, uid[0], len);
	nor->info.uid_len = (uint8_t)len;
	return 0;
}

static int start_clock(struct nor *nor, const struct nor_options *options, struct np_error *err)
{
	uint32_t hz = options->hz;

	if (hz) {
		int ret = spi_set_hz(nor->bus, hz, err);

		nor->info.hz = nor->caps->hz;
		return ret;
	}
	if (nor->caps->hz_min >= nor->caps->hz_max)
		return 0;
	hz = nor->caps->hz_max < FIRST_HZ ? nor->caps->hz_max : FIRST_HZ;
	return spi_set_hz(nor->bus, hz, err);
}

/* Micron's stacks end an operation only once the flag status register was read. */
static void ask_flags(struct nor *nor)
{
	if (!(nor->chip.flags & NOR_F_FSR) || !nor->chip.die)
		return;
	nor->ready_op = NOR_OP_MICRON_RDFSR;
	nor->ready_mask = NOR_FSR_READY | NOR_FSR_SUSPENDED;
	nor->ready_value = NOR_FSR_READY;
}

static int bring_up(struct nor *nor, const struct nor_options *options, struct np_error *err)
{
	int ret = start_clock(nor, options, err);

	if (!ret)
		ret = nor_identify(nor, options->hz != 0, err);
	if (!ret)
		ret = read_sfdp(nor, err);
	if (!ret)
		ret = resolve(nor, options, err);
	if (ret)
		return ret;
	ret = nor_uneven_setup(nor, err);
	if (ret)
		return ret;
	set_times(nor);
	ask_flags(nor);
	ret = nor_wait_dies(nor, &nor->chip_busy, err);
	if (!ret)
		ret = nor_status_setup(nor, err);
	if (!ret)
		ret = nor_addr_setup(nor, err);
	if (!ret)
		ret = nor_dies_find_nand(nor, options->ask_for_pair, err);
	if (!ret)
		ret = nor_clock_settle(nor, err);
	if (!ret)
		ret = nor_size_settle(nor, options->size_override, err);
	if (!ret)
		ret = read_uid(nor, err);
	return ret;
}

void nor_free(struct nor *nor)
{
	free(nor->queue);
	free(nor->tails);
	free(nor);
}

struct nor *nor_new(struct spi_bus *bus, struct np_error *err)
{
	struct nor *nor = calloc(1, sizeof(*nor));

	if (nor) {
		nor->bus = bus;
		nor->caps = spi_caps(bus);
		nor->addr_len = 3;
		nor->ready_op = NOR_OP_RDSR;
		nor->ready_mask = NOR_SR_WIP;
		nor->queue = calloc(NOR_QUEUE, sizeof(*nor->queue));
		nor->tails = malloc(NOR_TAIL_BYTES);
	}
	if (nor && nor->queue && nor->tails)
		return nor;
	if (nor)
		nor_free(nor);
	np_fail(err, NP_E_MEMORY, "out of memory");
	return NULL;
}

int nor_open(struct spi_bus *bus, const struct nor_options *options, struct nor **nor,
             struct np_error *err)
{
	struct nor *n = nor_new(bus, err);
	struct np_error ignored = {0};
	int ret;

	if (!n)
		return NP_E_MEMORY;
	ret = bring_up(n, options, err);
	if (!ret) {
		*nor = n;
		return 0;
	}
	nor_addr_restore(n, &ignored);
	nor_free(n);
	return ret;
}

int nor_sfdp_of_unknown(struct spi_bus *bus, uint32_t hz, uint8_t buf[NOR_SFDP_MAX], size_t *len,
                        bool *is_sfdp, struct np_error *err)
{
	const struct nor_options options = {.hz = hz};
	struct nor *nor = nor_new(bus, err);
	int ret;

	*len = 0;
	if (!nor)
		return NP_E_MEMORY;
	ret = start_clock(nor, &options, err);
	if (!ret)
		ret = nor_identify(nor, hz != 0, err);
	if (!ret)
		ret = nor_sfdp(nor, buf, len, is_sfdp, err);
	nor_free(nor);
	return ret;
}

int nor_close(struct nor *nor, struct np_error *err)
{
	int ret, ret_addr;

	if (!nor)
		return 0;
	ret = nor_protection_restore(nor, err);
	ret_addr = nor_addr_restore(nor, ret ? NULL : err);
	nor_free(nor);
	return ret ? ret : ret_addr;
}
