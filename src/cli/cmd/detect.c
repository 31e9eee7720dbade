/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/session.h"
#include "job/selection.h"

static const char *hex(const uint8_t *bytes, size_t count, char *buf, size_t len)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < count && used + 4 < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s%02X", i ? " " : "", bytes[i]);
	return buf;
}

static void say_identity(struct session *s)
{
	struct report *report = &s->cli->report;
	const struct nor_info *info = s->info;
	char name[192], size[32], text[256];
	struct np_error doubt = {0};

	report_say(report, "chip       %s, %s%s", session_chip_name(s, name, sizeof(name)),
	           np_format_size(info->size, size, sizeof(size)),
	           info->size_overridden ? " (as told by --size)" : "");
	report_say(report, "JEDEC ID   %s",
	           hex(info->jedec_id, info->jedec_id_len, text, sizeof(text)));
	if (info->has_sfdp)
		report_say(report, "SFDP       revision %u.%u", info->sfdp_major, info->sfdp_minor);
	else
		report_say(report, "SFDP       none");
	if (info->size_doubt.text[0])
		report_say(report, "size       %s", info->size_doubt.text);
	if (nor_check_size(info, &doubt))
		report_say(report, "           %s", doubt.hint);
	report_say(report, "unique ID  %s",
	           info->uid_len ? hex(info->uid, info->uid_len, text, sizeof(text)) : "none");
	report_say(report, "supply     %s", nor_supply_text(&info->supply, text, sizeof(text)));
}

static void say_candidates(struct session *s)
{
	const struct nor_info *info = s->info;

	if (info->candidate_count < 2)
		return;
	report_say(&s->cli->report, "           these share the ID and are driven alike:");
	for (size_t i = 0; i < info->candidate_count; i++)
		report_say(&s->cli->report, "           %s %s", info->candidates[i]->maker,
		           info->candidates[i]->name);
}

static void say_geometry(struct session *s)
{
	const struct nor_info *info = s->info;
	char size[32], text[160] = "";
	size_t used = 0;

	for (size_t i = 0; i < info->erase_count && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s (%.3g ms)",
		                         i ? ", " : "",
		                         np_format_size(info->erase[i].size, size, sizeof(size)),
		                         info->erase[i].typ_us / 1e3);
	report_say(&s->cli->report, "erases     %s; pages of %u bytes", text[0] ? text : "none",
	           info->page);
}

/* A chip that holds less than it says answers above with a copy. */
static int say_repeats(struct session *s, struct np_error *err)
{
	struct report *report = &s->cli->report;
	uint64_t len = 0;
	char size[32];
	int ret = nor_repeats(s->nor, &len, err);
	bool repeats = !ret && len && len < s->info->size;

	if (ret)
		return ret;
	if (repeats)
		report_say(
			report,
			"contents   repeat after %s: a chip that holds no more does so, whatever is "
			"printed on it",
			np_format_size(len, size, sizeof(size)));
	report_result(report, "repeats_after",
	              repeats ? json_integer((json_int_t)len) : json_null());
	return 0;
}

static void say_contact(struct session *s)
{
	struct report *report = &s->cli->report;
	const struct nor_info *info = s->info;
	char hz[32], tried[32];

	report_say(report, "programmer %s", spi_name(s->bus));
	if (s->levels)
		report_say(report, "           %s", s->levels);
	if (info->hz < info->hz_tried)
		report_say(report, "clock      %s (%s did not read reliably)",
		           np_format_hz(info->hz, hz, sizeof(hz)),
		           np_format_hz(info->hz_tried, tried, sizeof(tried)));
	else
		report_say(report, "clock      %s", np_format_hz(info->hz, hz, sizeof(hz)));
	report_say(report, "contact    %u of %u ID reads agree%s", info->id_agreed, info->id_reads,
	           info->id_agreed < info->id_reads ? ": reseat the clip" : "");
	if (info->woken)
		report_say(report, "           it was asleep (deep power-down) and was woken");
	if (info->was_busy)
		report_say(report, "           it was busy with an earlier operation");
	if (info->reset)
		report_say(report, "           it answered only after a reset");
}

/* With a layout the protected addresses have names. */
static void say_protected(struct session *s, const struct nor_protection *p)
{
	char range[48], names[128];

	for (size_t i = 0; p->known && s->has_layout && i < p->range_count; i++)
		report_say(&s->cli->report, "           %s: %s",
		           range_text(p->ranges[i], range, sizeof(range)),
		           region_names(&s->layout, p->ranges[i], names, sizeof(names)));
}

static json_t *ranges_json(const struct nor_protection *p)
{
	json_t *list = json_array();

	for (size_t i = 0; p->known && i < p->range_count; i++)
		json_array_append_new(list, json_pack("{s:I, s:I}", "start",
		                                      (json_int_t)p->ranges[i].start, "length",
		                                      (json_int_t)p->ranges[i].len));
	return list;
}

/* null: not known. */
static void put_supply(struct report *report, const struct nor_supply *supply)
{
	bool known = supply->from != NOR_SUPPLY_UNKNOWN;

	report_result(report, "low_voltage",
	              known ? json_boolean(!supply->suits_3v3) : json_null());
	report_result(report, "supply_mv",
	              known ? json_pack("[i, i]", supply->min_mv, supply->max_mv) : json_null());
	report_result(report, "supply_from",
	              known ? json_string(supply->from == NOR_SUPPLY_SFDP ? "sfdp" : "table")
	                    : json_null());
	report_result(report, "supply_ask",
	              supply->suits_3v3 ? json_null() : json_string(supply->why));
}

static void put_json(struct session *s, const struct nor_protection *p)
{
	struct report *report = &s->cli->report;
	const struct nor_info *info = s->info;
	char text[64];

	report_result(report, "name", report_text(info->name));
	report_result(report, "maker", json_string(info->chip->maker ? info->chip->maker : ""));
	report_result(report, "size", json_integer((json_int_t)info->size));
	report_result(report, "size_doubt",
	              info->size_doubt.text[0] ? json_string(info->size_doubt.text) : json_null());
	report_result(report, "size_certain",
	              json_boolean(!info->size_doubt.open && !info->size_overridden));
	report_result(report, "jedec_id",
	              json_string(hex(info->jedec_id, info->jedec_id_len, text, sizeof(text))));
	report_result(report, "sfdp", json_boolean(info->has_sfdp));
	report_result(report, "unique_id",
	              json_string(hex(info->uid, info->uid_len, text, sizeof(text))));
	report_result(report, "status", json_string(p->text));
	report_result(report, "protection_known", json_boolean(p->known));
	report_result(report, "protected", ranges_json(p));
	report_result(report, "hz", json_integer(info->hz));
	report_result(report, "id_reads", json_integer(info->id_reads));
	report_result(report, "id_agreed", json_integer(info->id_agreed));
	put_supply(report, &info->supply);
	report_result(report, "programmer", report_text(spi_name(s->bus)));
}

/* -v: what SFDP says, line by line. */
static void say_sfdp(struct session *s)
{
	char text[2048], *rest = text, *line;

	if (s->cli->report.level < 1)
		return;
	nor_sfdp_text(s->nor, text, sizeof(text));
	while ((line = strsep(&rest, "\n")))
		if (*line)
			report_say(&s->cli->report, "           %s", line);
}

static int put_sfdp(struct session *s, const uint8_t *bytes, size_t len, const char *what,
                    struct np_error *err)
{
	const struct cli_options *opt = &s->cli->opt;
	int ret = np_io_save(opt->sfdp, bytes, len, opt->force ? NP_IO_REPLACE : NP_IO_NEW, err);

	if (ret)
		return ret;
	report_say(&s->cli->report, "%s: %zu bytes of %s", opt->sfdp, len, what);
	report_result(&s->cli->report, "sfdp_file", report_text(opt->sfdp));
	return 0;
}

static int save_sfdp(struct session *s, struct np_error *err)
{
	uint8_t bytes[NOR_SFDP_MAX];
	size_t len = 0;
	bool is_sfdp = false;
	int ret;

	if (!s->cli->opt.sfdp)
		return 0;
	ret = nor_sfdp(s->nor, bytes, &len, &is_sfdp, err);
	return ret ? ret
	           : put_sfdp(s, bytes, len, is_sfdp ? "SFDP" : "what 5Ah answers: no SFDP", err);
}

/* A chip that is refused: what it says of itself is what its owner can send. The refusal stands. */
static void save_sfdp_of_refused(struct session *s)
{
	struct np_error err = {0};
	uint8_t bytes[NOR_SFDP_MAX];
	size_t len = 0;
	bool is_sfdp = false;
	int ret;

	if (!s->cli->opt.sfdp || !s->bus)
		return;
	ret = nor_sfdp_of_unknown(s->bus, spi_caps(s->bus)->hz, bytes, &len, &is_sfdp, &err);
	if (!ret)
		ret = put_sfdp(
			s, bytes, len,
			is_sfdp ? "SFDP, unused: send them to the developers with the ID and "
				  "the marking on the chip"
				: "what 5Ah answers: no SFDP",
			&err);
	if (ret)
		report_warn(&s->cli->report, "%s was not written: %s", s->cli->opt.sfdp,
		            err.message);
}

static int detect(struct session *s, struct np_error *err)
{
	struct nor_protection protection = {0};
	int ret = nor_protection_read(s->nor, &protection, err);

	if (ret)
		return ret;
	say_identity(s);
	say_candidates(s);
	say_sfdp(s);
	say_geometry(s);
	report_say(&s->cli->report, "status     %s", protection.text);
	say_protected(s, &protection);
	say_contact(s);
	ret = say_repeats(s, err);
	if (ret)
		return ret;
	if (s->info->chip->note)
		report_say(&s->cli->report, "note       %s", s->info->chip->note);
	put_json(s, &protection);
	return save_sfdp(s, err);
}

int cmd_detect(struct cli *cli, struct np_error *err)
{
	struct session session;
	int ret = session_prepare(&session, cli, err);

	if (!ret)
		ret = session_open(&session, err);
	if (ret)
		save_sfdp_of_refused(&session);
	if (!ret)
		ret = detect(&session, err);
	return session_close(&session, ret, err);
}
