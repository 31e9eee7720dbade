/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/pattern.h"
#include "cli/session.h"
#include "chip/chipdb.h"
#include "chip/chipdb_names.h"
#include "chip/nor_supply.h"
#include "store/hwreport.h"

/* What is listed: rows, and what people reported of them. */
struct listing {
	struct report *report;
	struct hwreports reports;
};

static const char *proof_text(enum nor_proof proof, size_t reports, bool written)
{
	if (reports)
		return written ? "reported" : "read";
	switch (proof) {
	case NOR_PROOF_TABLE:
		return "table";
	case NOR_PROOF_MODEL:
		return "model";
	case NOR_PROOF_REPORTED:
		return "reported";
	}
	return "table";
}

static const char *id_text(const struct nor_chip *chip, char *buf, size_t len)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < chip->id_len && used + 4 < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s%02X", i ? " " : "",
		                         chip->id[i]);
	return buf;
}

static void show_chip(const struct listing *listing, const struct nor_chip *chip)
{
	struct report *report = listing->report;
	bool written;
	size_t reports = hwreports_count(&listing->reports, chip, &written);
	const char *proof = proof_text(chip->proof, reports, written);
	char id[32], size[32];
	bool known = chip->vcc_max_mv, low = known && !nor_supply_takes_3v3(chip->vcc_max_mv);

	report_say(report, "%-24s %-12s %-18s %9s  %-5s  %s", chip->name, chip->maker,
	           id_text(chip, id, sizeof(id)), np_format_size(chip->size, size, sizeof(size)),
	           !known ? "?"
	           : low  ? chip->vcc_max_mv < 1500 ? "1.2 V" : "1.8 V"
	                  : "3.3 V",
	           proof);
	if (report->level > 0 && chip->note)
		report_say(report, "    %s", chip->note);
	if (report->level > 0 && chip->source)
		report_say(report, "    source: %s", chip->source);
	report_event(report, "chip",
	             json_pack("{s:s, s:s, s:s, s:I, s:s, s:I, s:o, s:s?, s:s?}", "name",
	                       chip->name, "maker", chip->maker, "jedec_id", id, "size",
	                       (json_int_t)chip->size, "proven", proof, "reports",
	                       (json_int_t)reports, "low_voltage",
	                       known ? json_boolean(low) : json_null(), "note", chip->note,
	                       "source", chip->source));
}

static int by_name(const void *a, const void *b)
{
	const struct nor_chip *one = *(const struct nor_chip *const *)a;
	const struct nor_chip *other = *(const struct nor_chip *const *)b;
	int order = strcasecmp(one->maker, other->maker);

	return order ? order : strcasecmp(one->name, other->name);
}

static bool wanted(const struct nor_chip *chip, const char *pattern)
{
	char id[32];

	return pattern_matches(pattern, chip->name) || pattern_matches(pattern, chip->maker) ||
	       pattern_matches(pattern, id_text(chip, id, sizeof(id))) ||
	       chipdb_id_is(chip, pattern);
}

static void show_all(const struct listing *listing, const struct nor_chip **found, size_t count)
{
	struct report *report = listing->report;

	qsort(found, count, sizeof(*found), by_name); /* NOLINT: pointers are what is sorted */
	if (count)
		report_say(report, "%-24s %-12s %-18s %9s  %-5s  %s", "chip", "maker", "JEDEC ID",
		           "size", "Vcc", "proven");
	for (size_t i = 0; i < count; i++)
		show_chip(listing, found[i]);
	if (count) {
		report_say(report, "%zu %s. Proven: 'table' from figures only, 'model' driven",
		           count, count == 1 ? "chip" : "chips");
		report_say(report, "end to end on the strict chip model, 'read' or 'reported' "
		                   "(written, too) on");
		report_say(report,
		           "hardware by a user. Parts not listed are driven by their SFDP.");
	}
	report_result(report, "count", json_integer((json_int_t)count));
}

/* The user's own first, then the tables. */
static const struct nor_chip *chip_at(const struct chipfile *own, size_t index)
{
	size_t count = chipfile_count(own);

	return index < count ? &chipfile_rows(own)[index] : chipdb_at(index - count);
}

static size_t collect(const struct chipfile *own, const char *pattern,
                      const struct nor_chip **found)
{
	const struct nor_chip *chip;
	size_t count = 0;

	for (size_t i = 0; (chip = chip_at(own, i)); i++)
		if (wanted(chip, pattern))
			found[count++] = chip;
	return count;
}

/* No name has the pattern in it: those that it names best as a marking or as other tools write it.
 */
static size_t collect_best(const struct chipfile *own, const char *pattern,
                           const struct nor_chip **found)
{
	const struct nor_chip *chip;
	unsigned best = 1;
	size_t count = 0;

	for (size_t i = 0; (chip = chip_at(own, i)); i++) {
		unsigned score = chipdb_name_score(chip, pattern);

		if (score < best)
			continue;
		if (score > best)
			count = 0;
		best = score;
		found[count++] = chip;
	}
	return count;
}

static int list(struct cli *cli, const struct chipfile *own, struct np_error *err)
{
	const char *pattern = cli->opt.arg_count ? cli->opt.args[0] : "";
	struct listing listing = {.report = &cli->report};
	const struct nor_chip **found;
	size_t total = 0, count;
	int ret = hwreports_load(cli->opt.reports, &listing.reports, err);

	if (ret) {
		hwreports_free(&listing.reports);
		return ret;
	}

	while (chip_at(own, total))
		total++;
	found = calloc(total + 1, sizeof(const struct nor_chip *));
	if (!found) {
		hwreports_free(&listing.reports);
		return np_fail(err, NP_E_MEMORY, "out of memory");
	}
	count = collect(own, pattern, found);
	if (!count)
		count = collect_best(own, pattern, found);
	show_all(&listing, found, count);
	hwreports_free(&listing.reports);
	free(found);
	if (count)
		return 0;
	np_fail(err, NP_E_FAIL, "no chip matches '%s'", pattern);
	return np_hint(err,
	               "`norprog chips` lists all; parts with SFDP are driven even when unlisted");
}

int cmd_chips(struct cli *cli, struct np_error *err)
{
	struct chipfile *own;
	int ret = session_load_chips(&cli->opt, &own, err);

	if (!ret)
		ret = list(cli, own, err);
	chipfile_free(own);
	return ret;
}
