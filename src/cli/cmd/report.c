/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report on programmer and chip, to be sent to the maintainers of the tables. It holds nothing of
 * the flash's contents, and no number that only this unit has. */
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/version.h"
#include "cli/cmd/report.h"
#include "cli/session.h"
#include "store/state.h"

#define PROOF_LEN (64 * 1024)

/* Eon's unique ID lies in the SFDP space. */
#define EON_UID_AT  0x80
#define EON_UID_LEN 12

static json_t *hex_json(const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	char *text = malloc(2 * len + 1);
	json_t *json;

	if (!text)
		return json_null();
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 0xf];
	}
	text[2 * len] = '\0';
	json = json_string(text);
	free(text);
	return json;
}

/* Raw, with the unique ID left out where it lies in there. */
static int sfdp_json(struct session *s, json_t **json, struct np_error *err)
{
	uint8_t bytes[NOR_SFDP_MAX];
	bool is_sfdp = false;
	size_t len = 0;
	int ret = nor_sfdp(s->nor, bytes, &len, &is_sfdp, err);

	if (ret)
		return ret;
	if (s->info->chip->uid == NOR_UID_EON && len > EON_UID_AT)
		memset(bytes + EON_UID_AT, 0,
		       len - EON_UID_AT < EON_UID_LEN ? len - EON_UID_AT : EON_UID_LEN);
	*json = is_sfdp ? hex_json(bytes, len) : json_null();
	return 0;
}

/* The first 64 KiB read the same twice. */
static int prove_reading(struct session *s, bool *same, struct np_error *err)
{
	size_t len = s->info->size < PROOF_LEN ? (size_t)s->info->size : PROOF_LEN;
	uint8_t *both = malloc(2 * len);
	int ret = both ? 0 : np_fail(err, NP_E_MEMORY, "out of memory");

	for (size_t pass = 0; pass < 2 && !ret; pass++)
		ret = nor_read(s->nor, 0, both + pass * len, len, NULL, NULL, err);
	*same = !ret && memcmp(both, both + len, len) == 0;
	free(both);
	return ret;
}

static json_t *supply_json(const struct nor_supply *supply)
{
	return supply->from == NOR_SUPPLY_UNKNOWN
	               ? json_null()
	               : json_pack("[i, i]", supply->min_mv, supply->max_mv);
}

/* "ch341a at 1-1.4": where it is plugged in is left out, as private. */
static json_t *programmer_json(const struct session *s)
{
	const char *name = spi_name(s->bus);

	return json_stringn(name, strcspn(name, " "));
}

static json_t *chip_json(const struct session *s, const struct nor_protection *p, json_t *sfdp)
{
	const struct nor_info *info = s->info;
	json_t *erases = json_array();

	for (size_t i = 0; i < info->erase_count; i++)
		json_array_append_new(erases, json_pack("{s:I, s:i}", "size",
		                                        (json_int_t)info->erase[i].size, "opcode",
		                                        info->erase[i].op));
	return json_pack("{s:s, s:s, s:o, s:I, s:i, s:o, s:o, s:o, s:i, s:o}", "name", info->name,
	                 "maker", info->chip->maker ? info->chip->maker : "", "jedec_id",
	                 hex_json(info->jedec_id, info->jedec_id_len), "size",
	                 (json_int_t)info->size, "page", info->page, "erases", erases, "sfdp", sfdp,
	                 "status", hex_json(p->sr, p->sr_count), "unique_id_bytes", info->uid_len,
	                 "supply_mv", supply_json(&info->supply));
}

static json_t *measured_json(const struct session *s)
{
	json_t *erases = json_array();
	struct nor_measured m;

	nor_measured(s->nor, &m);
	for (size_t i = 0; i < s->info->erase_count; i++)
		if (m.erase_us[i])
			json_array_append_new(erases, json_pack("{s:I, s:I}", "size",
			                                        (json_int_t)s->info->erase[i].size,
			                                        "us", (json_int_t)m.erase_us[i]));
	return json_pack("{s:o, s:o}", "page_us",
	                 m.page_us ? json_integer((json_int_t)m.page_us) : json_null(), "erases",
	                 erases);
}

static json_t *proven_json(bool same, bool written)
{
	json_t *proven = json_pack("[s]", "identified");

	if (same)
		json_array_append_new(proven, json_string("read"));
	if (written) {
		json_array_append_new(proven, json_string("erased"));
		json_array_append_new(proven, json_string("programmed"));
	}
	return proven;
}

static int make(struct session *s, json_t **json, struct np_error *err)
{
	struct nor_protection p = {0};
	json_t *sfdp = NULL;
	bool same = false;
	int ret = nor_protection_read(s->nor, &p, err);

	if (!ret)
		ret = prove_reading(s, &same, err);
	if (!ret && s->cli->opt.prove)
		ret = report_prove(s, err);
	if (!ret)
		ret = sfdp_json(s, &sfdp, err);
	if (ret)
		return ret;
	*json = json_pack("{s:i, s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:o}", "format", 1,
	                  "norprog", NORPROG_VERSION, "programmer", programmer_json(s), "chip",
	                  chip_json(s, &p, sfdp), "hz", (json_int_t)s->info->hz, "hz_tried",
	                  (json_int_t)s->info->hz_tried, "id_reads", (json_int_t)s->info->id_reads,
	                  "id_agreed", (json_int_t)s->info->id_agreed, "measured", measured_json(s),
	                  "proven", proven_json(same, s->cli->opt.prove != NULL));
	return *json ? 0 : np_fail(err, NP_E_MEMORY, "out of memory");
}

static int save(struct session *s, json_t *json, struct np_error *err)
{
	const struct cli_options *opt = &s->cli->opt;
	char *text = json_dumps(json, JSON_INDENT(2));
	int ret;

	if (!text)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	ret = np_io_save(opt->args[0], text, strlen(text), opt->force ? NP_IO_REPLACE : NP_IO_NEW,
	                 err);
	free(text);
	if (ret)
		return ret;
	report_say(
		&s->cli->report,
		"%s: what programmer and chip say of themselves; nothing of what the chip holds, "
		"no unique ID",
		opt->args[0]);
	report_result(&s->cli->report, "file", report_text(opt->args[0]));
	return 0;
}

int cmd_report(struct cli *cli, struct np_error *err)
{
	struct session session;
	json_t *json = NULL;
	int ret = session_prepare(&session, cli, err);

	/* Asked before anything is erased for it. */
	if (!ret && !cli->opt.force && np_io_exists(cli->opt.args[0])) {
		np_fail(err, NP_E_OUTPUT, "%s exists and is not overwritten", cli->opt.args[0]);
		ret = np_hint(err, "another name, or --force");
	}
	if (!ret && cli->opt.prove)
		ret = store_default_dir(session.state_dir, sizeof(session.state_dir), err);
	if (!ret)
		ret = session_open(&session, err);
	if (!ret)
		ret = make(&session, &json, err);
	if (!ret)
		ret = save(&session, json, err);
	json_decref(json);
	return session_close(&session, ret, err);
}
