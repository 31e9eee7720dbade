/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programmers and the chip behind one: list, open, detect, contact, protection, bytes. */
#include "api/api_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/units.h"
#include "chip/chipdb.h"
#include "spi/choose.h"

#define CONTACT_READS_MAX 1024u

/* ---- programmers ---- */

struct listing {
	norprog_programmer_fn *fn;
	void *ctx;
};

static void list_one(void *ctx, const struct spi_found *found)
{
	const struct listing *listing = ctx;
	struct norprog_programmer one = {.driver = found->driver,
	                                 .where = found->where,
	                                 .product = found->product,
	                                 .serial = found->serial,
	                                 .bound = found->bound,
	                                 .spec = found->spec,
	                                 .note = found->note,
	                                 .may_open = found->may_open,
	                                 .certain = found->certain};

	listing->fn(listing->ctx, &one);
}

int norprog_programmers(norprog *np, norprog_programmer_fn *fn, void *ctx)
{
	struct listing listing = {fn, ctx};
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	if (fn)
		spi_list(list_one, &listing);
	return api_leave(np, &scope, fn ? 0 : api_null(np, "fn"));
}

static int open_bus(norprog *np, const char *spec)
{
	char chosen[sizeof(((struct spi_found *)0)->spec)];
	int ret = api_close(np);

	if (!ret && !spec)
		ret = spi_choose(chosen, sizeof(chosen), NULL, NULL, &np->err);
	spec = spec ? spec : chosen;
	if (!ret)
		ret = spi_open(spec, np->options[NORPROG_TRACE], &np->bus, &np->err);
	if (ret)
		return ret;
	np->spec_hz = spi_spec_clock(spec);
	snprintf(np->bus_name, sizeof(np->bus_name), "%s", spi_name(np->bus));
	return 0;
}

int norprog_open(norprog *np, const char *spec)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	return ret ? ret : api_leave(np, &scope, open_bus(np, spec));
}

/* Forget the chip alone. */
static int api_forget_chip(norprog *np)
{
	int ret = nor_close(np->nor, &np->err);

	np->nor = NULL;
	np->detected = false;
	chipfile_free(np->chips);
	np->chips = NULL;
	norprog_layout_free(np->in_force);
	np->in_force = NULL;
	return ret;
}

int api_close(norprog *np)
{
	int ret = api_forget_chip(np);

	spi_close(np->bus);
	np->bus = NULL;
	np->bus_name[0] = '\0';
	return ret;
}

int norprog_close(norprog *np)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	return ret ? ret : api_leave(np, &scope, api_close(np));
}

/* ---- detect ---- */

int api_load_chips(norprog *np)
{
	const char *path = np->options[NORPROG_CHIPS_FILE];
	uint8_t *text = NULL;
	size_t len = 0;
	int ret;

	if (!path)
		return 0;
	ret = np_io_read(path, CHIPFILE_BYTES, &text, &len, &np->err);
	if (!ret)
		ret = chipfile_parse((const char *)text, len, path, &np->chips, &np->err);
	free(text);
	return ret;
}

static void copy(char *to, size_t len, const char *from)
{
	snprintf(to, len, "%s", from ? from : "");
}

static void describe_chip(norprog *np)
{
	const struct nor_info *info = nor_info(np->nor);
	struct api_chip *chip = &np->chip;

	copy(chip->name, sizeof(chip->name), info->name);
	copy(chip->maker, sizeof(chip->maker), info->chip->maker);
	copy(chip->note, sizeof(chip->note), info->chip->note);
	copy(chip->programmer, sizeof(chip->programmer), np->bus_name);
	np_format_hex(info->jedec_id, info->jedec_id_len, chip->jedec_id);
	np_format_hex(info->uid, info->uid_len, chip->unique_id);
	chip->pub = (struct norprog_chip){.name = chip->name,
	                                  .maker = chip->maker,
	                                  .size = info->size,
	                                  .page = info->page,
	                                  .jedec_id = chip->jedec_id,
	                                  .unique_id = chip->unique_id,
	                                  .note = chip->note,
	                                  .programmer = chip->programmer,
	                                  .has_sfdp = info->has_sfdp,
	                                  .sfdp_major = info->sfdp_major,
	                                  .sfdp_minor = info->sfdp_minor,
	                                  .low_voltage = !info->supply.suits_3v3,
	                                  .size_overridden = info->size_overridden,
	                                  .id_reads = info->id_reads,
	                                  .id_agreed = info->id_agreed,
	                                  .hz = info->hz,
	                                  .hz_tried = info->hz_tried,
	                                  .was_asleep = info->woken,
	                                  .was_busy = info->was_busy,
	                                  .was_reset = info->reset};
	for (size_t i = 0; i < info->erase_count && i < 4; i++)
		chip->pub.erase[i] = info->erase[i].size;
}

static int detect(norprog *np)
{
	struct nor_options options = {.chip = np->options[NORPROG_CHIP],
	                              .size_override = np->size,
	                              .hz = np->clock_hz ? np->clock_hz : np->spec_hz};
	int ret = np->bus ? api_forget_chip(np) : api_need_chip(np);

	if (!ret)
		ret = api_load_chips(np);
	options.extra = chipfile_rows(np->chips);
	options.extra_count = chipfile_count(np->chips);
	if (!ret)
		ret = nor_open(np->bus, &options, &np->nor, &np->err);
	if (ret)
		return ret;
	describe_chip(np);
	np->detected = true;
	return api_layout_fit(np);
}

int norprog_detect(norprog *np, const struct norprog_chip **chip)
{
	struct api_scope scope;
	int ret = api_enter_work(np, &scope);

	if (chip)
		*chip = NULL;
	if (ret)
		return ret;
	ret = detect(np);
	if (!ret && chip)
		*chip = &np->chip.pub;
	return api_leave(np, &scope, ret);
}

const struct norprog_chip *norprog_chip(const norprog *np)
{
	return np && np->detected ? &np->chip.pub : NULL;
}

int norprog_contact(norprog *np, unsigned reads, unsigned *agreed)
{
	struct api_scope scope;
	size_t alike = 0;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	ret = api_need_chip(np);
	if (!ret && (!reads || reads > CONTACT_READS_MAX))
		ret = np_fail(&np->err, NORPROG_E_USAGE, "%u reads: 1 to %u are possible", reads,
		              CONTACT_READS_MAX);
	if (!ret)
		ret = nor_id_repeat(np->nor, reads, &alike, &np->err);
	if (agreed)
		*agreed = (unsigned)alike;
	return api_leave(np, &scope, ret);
}

/* ---- protection ---- */

static int read_protection(norprog *np)
{
	struct api_protection *p = &np->protection;
	struct nor_protection found = {0};
	int ret = api_need_chip(np);

	if (!ret)
		ret = nor_protection_read(np->nor, &found, &np->err);
	if (ret)
		return ret;
	copy(p->text, sizeof(p->text), found.text);
	nor_protection_explain(np->nor, &found, p->meaning, sizeof(p->meaning));
	p->pub = (struct norprog_protection){.text = p->text,
	                                     .meaning = p->meaning,
	                                     .known = found.known,
	                                     .ranges = p->ranges,
	                                     .range_count = found.known ? found.range_count : 0,
	                                     .wp_decides = found.srp,
	                                     .locked = found.locked};
	for (size_t i = 0; i < p->pub.range_count; i++)
		p->ranges[i] = (struct norprog_range){found.ranges[i].start, found.ranges[i].len};
	return 0;
}

int norprog_protection(norprog *np, const struct norprog_protection **protection)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (protection)
		*protection = NULL;
	if (ret)
		return ret;
	ret = protection ? read_protection(np) : api_null(np, "protection");
	if (!ret)
		*protection = &np->protection.pub;
	return api_leave(np, &scope, ret);
}

static const struct layout *layout_of(const norprog *np)
{
	return np->in_force ? &np->in_force->layout : NULL;
}

static int protect(norprog *np, const char *text)
{
	struct np_ranges set = {0};
	struct np_range range = {0};
	int ret = api_need_chip(np);

	if (!ret && text) {
		ret = layout_resolve(layout_of(np), text, nor_info(np->nor)->size, &set, &np->err);
		if (!ret && set.count != 1)
			ret = np_fail(&np->err, NORPROG_E_RANGE, "'%s' is not one contiguous range",
			              text);
		if (!ret)
			range = set.at[0];
		np_ranges_free(&set);
	}
	return ret ? ret : nor_protection_set(np->nor, range, &np->err);
}

int norprog_protect(norprog *np, const char *range)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	return ret ? ret : api_leave(np, &scope, protect(np, range));
}

/* ---- parts ---- */

int norprog_parts(norprog_part_fn *fn, void *ctx)
{
	static const char *const proofs[] = {"table", "model", "reported"};
	const struct nor_chip *row;
	char id[2 * NOR_ID_MAX + 1];

	if (!fn)
		return NORPROG_E_USAGE;
	for (size_t i = 0; (row = chipdb_at(i)) != NULL; i++) {
		struct norprog_part part = {.name = row->name,
		                            .maker = row->maker ? row->maker : "",
		                            .jedec_id = id,
		                            .size = row->size,
		                            .low_voltage = !nor_supply_takes_3v3(row->vcc_max_mv),
		                            .proven = proofs[row->proof],
		                            .note = row->note ? row->note : "",
		                            .source = row->source ? row->source : ""};

		np_format_hex(row->id, row->id_len, id);
		fn(ctx, &part);
	}
	return 0;
}
