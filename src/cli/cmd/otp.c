/* SPDX-License-Identifier: GPL-2.0-or-later */
/* otp: security registers and one-time areas. What cannot be taken back needs --permanent. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/plan_show.h"
#include "cli/session.h"
#include "nor/nor_otp.h"

#define LINE 16 /* bytes in a line of the dump */

struct otp {
	struct session session;
	struct nor_otp_area areas[NOR_OTP_AREAS];
	size_t count;
	const struct nor_otp_area *area; /* the one meant */
	uint8_t bytes[NOR_OTP_LEN_MAX];
};

static bool all_ff(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0xff)
			return false;
	return true;
}

static void say_line(struct report *report, const uint8_t *bytes, size_t at, size_t len)
{
	char hex[3 * LINE + 1], text[LINE + 1];

	for (size_t i = 0; i < len; i++) {
		snprintf(hex + 3 * i, 4, " %02x", bytes[at + i]);
		text[i] = bytes[at + i] >= 0x20 && bytes[at + i] < 0x7f ? (char)bytes[at + i] : '.';
	}
	text[len] = '\0';
	report_say(report, "  %04zx%-*s  %s", at, 3 * LINE, hex, text);
}

/* Blank stretches are left out, as in every hex dump. */
static void say_bytes(struct report *report, const uint8_t *bytes, size_t len)
{
	for (size_t at = 0; at < len; at += LINE) {
		size_t n = len - at < LINE ? len - at : LINE;

		if (!all_ff(bytes + at, n))
			say_line(report, bytes, at, n);
	}
}

static json_t *area_json(const struct nor_otp_area *area, const uint8_t *bytes)
{
	char hex[2 * NOR_OTP_LEN_MAX + 1];
	json_t *locked = area->lock_known ? json_boolean(area->locked) : json_null();

	np_format_hex(bytes, area->len, hex);
	return json_pack("{s:i, s:s, s:i, s:o, s:b, s:s}", "number", (int)area->number, "name",
	                 area->name, "size", (int)area->len, "locked", locked, "erasable",
	                 area->erasable, "data", hex);
}

static const char *lock_text(const struct nor_otp_area *area)
{
	if (!area->lock_known)
		return "lock not known";
	return area->locked ? "locked for ever" : "not locked";
}

static int show(struct otp *otp, struct np_error *err)
{
	struct report *report = &otp->session.cli->report;
	json_t *list = json_array();
	int ret = 0;

	for (size_t i = 0; i < otp->count && !ret; i++) {
		const struct nor_otp_area *area = &otp->areas[i];

		if (otp->area && otp->area != area)
			continue;
		ret = nor_otp_read(otp->session.nor, area, otp->bytes, err);
		if (ret)
			break;
		report_say(report, "%s (area %u): %u bytes, %s%s", area->name, area->number,
		           area->len, lock_text(area),
		           all_ff(otp->bytes, area->len) ? ", blank" : "");
		say_bytes(report, otp->bytes, area->len);
		json_array_append_new(list, area_json(area, otp->bytes));
	}
	report_result(report, "areas", list);
	return ret;
}

static int read_area(struct otp *otp, struct np_error *err)
{
	const struct cli_options *opt = &otp->session.cli->opt;
	const char *path = opt->args[1];
	struct np_io_out out = {.fd = -1};
	int ret = nor_otp_read(otp->session.nor, otp->area, otp->bytes, err);

	if (!ret)
		ret = np_io_create(&out, path, opt->force ? NP_IO_REPLACE : NP_IO_NEW, err);
	if (!ret)
		ret = np_io_write(&out, otp->bytes, otp->area->len, err);
	if (!ret)
		ret = np_io_commit(&out, NULL, err);
	np_io_abort(&out);
	if (!ret)
		report_say(&otp->session.cli->report, "%s: %u bytes of the %s", path,
		           otp->area->len, otp->area->name);
	report_result(&otp->session.cli->report, "file", report_text(path));
	return ret;
}

/* Asked before every change that may be permanent. A register that can be erased is asked about as
 * well, because what it held is not saved. */
static int permit(struct otp *otp, const char *doing, bool final, struct np_error *err)
{
	const struct cli_options *opt = &otp->session.cli->opt;
	const char *why = final ? "cannot be taken back" : "loses what it holds";

	if (otp->area->locked) {
		np_fail(err, NP_E_PROTECTED, "the %s is locked for ever", otp->area->name);
		return np_hint(err, "it can still be read: `norprog otp read`");
	}
	if (!opt->voltage_ok && nor_check_supply(otp->session.info, err))
		return NP_E_VOLTAGE;
	if (!opt->permanent) {
		np_fail(err, NP_E_POLICY, "%s the %s %s", doing, otp->area->name, why);
		return np_hint(err, "add --permanent if that is what you want");
	}
	report_note(&otp->session.cli->report, "%s the %s: this %s", doing, otp->area->name, why);
	return session_confirm(&otp->session, NULL, err);
}

/* --at: where in the area the file goes. */
static int offset_of(const struct otp *otp, uint64_t *offset, struct np_error *err)
{
	const char *text = otp->session.cli->opt.at;

	*offset = 0;
	if (!text || (np_parse_size(text, offset) && *offset < otp->area->len))
		return 0;
	return np_fail(err, NP_E_RANGE, "--at %s is not an offset within the %u bytes of the %s",
	               text, otp->area->len, otp->area->name);
}

static int check_file(const struct otp *otp, const char *path, size_t len, uint64_t offset,
                      struct np_error *err)
{
	if (len && len <= otp->area->len - offset)
		return 0;
	np_fail(err, NP_E_SIZE, "%s has %zu bytes, the %s takes %" PRIu64 " from offset %" PRIu64,
	        path, len, otp->area->name, otp->area->len - offset, offset);
	return np_hint(err, "cut the file, or choose another --at");
}

static int write_area(struct otp *otp, struct np_error *err)
{
	const char *path = otp->session.cli->opt.args[1];
	uint8_t *data = NULL;
	uint64_t offset = 0;
	size_t len = 0;
	int ret = np_io_read(path, NOR_OTP_LEN_MAX + 1, &data, &len, err);

	if (!ret)
		ret = offset_of(otp, &offset, err);
	if (!ret)
		ret = check_file(otp, path, len, offset, err);
	if (!ret)
		ret = permit(otp, "writing", !otp->area->erasable, err);
	if (!ret)
		ret = nor_otp_write(otp->session.nor, otp->area, (uint32_t)offset, data,
		                    (uint32_t)len, err);
	if (!ret)
		report_say(&otp->session.cli->report,
		           "%zu bytes at offset %" PRIu64 " of the %s, read back", len, offset,
		           otp->area->name);
	free(data);
	return ret;
}

static int lock_area(struct otp *otp, struct np_error *err)
{
	struct report *report = &otp->session.cli->report;
	int ret;

	if (otp->area->locked) {
		report_say(report, "the %s is locked already", otp->area->name);
		return 0;
	}
	ret = permit(otp, "locking", true, err);
	if (!ret)
		ret = nor_otp_lock(otp->session.nor, otp->area, err);
	if (!ret)
		report_say(report, "the %s is locked for ever", otp->area->name);
	return ret;
}

static int erase_area(struct otp *otp, struct np_error *err)
{
	int ret = 0;

	if (!otp->area->erasable)
		return np_fail(err, NP_E_UNSUPPORTED, "the %s cannot be erased", otp->area->name);
	ret = permit(otp, "erasing", false, err);
	if (!ret)
		ret = nor_otp_erase(otp->session.nor, otp->area, err);
	if (!ret)
		ret = nor_otp_read(otp->session.nor, otp->area, otp->bytes, err);
	if (!ret && !all_ff(otp->bytes, otp->area->len))
		ret = np_fail(err, NP_E_VERIFY, "the %s is not blank after its erase",
		              otp->area->name);
	if (!ret)
		report_say(&otp->session.cli->report, "the %s is blank", otp->area->name);
	return ret;
}

struct verb {
	const char *name;
	size_t args; /* with the verb */
	bool one_area;
	int (*run)(struct otp *otp, struct np_error *err);
};

static const struct verb verbs[] = {
	{"show", 1, false, show},       {"read", 2, true, read_area},
	{"write", 2, true, write_area}, {"erase", 1, true, erase_area},
	{"lock", 1, true, lock_area},
};

static int find_verb(const struct cli_options *opt, const struct verb **verb, struct np_error *err)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, opt->args[0]) == 0)
			*verb = &verbs[i];
	if (!*verb)
		return np_fail(err, NP_E_USAGE,
		               "otp: '%s' is none of show, read, write, erase, lock", opt->args[0]);
	if (opt->arg_count != (*verb)->args)
		return np_fail(err, NP_E_USAGE, "otp %s %s", (*verb)->name,
		               (*verb)->args == 2 ? "needs one FILE" : "takes no further argument");
	if (opt->at && (*verb)->run != write_area)
		return np_fail(err, NP_E_USAGE, "--at belongs to otp write alone");
	return 0;
}

/* --area, or the only one there is. */
static int choose_area(struct otp *otp, const struct verb *verb, struct np_error *err)
{
	const char *text = otp->session.cli->opt.area;
	uint64_t wanted;

	if (!otp->count)
		return np_fail(err, NP_E_UNSUPPORTED, "%s has no OTP area that norprog knows",
		               otp->session.info->name);
	if (!text && otp->count == 1)
		otp->area = &otp->areas[0];
	for (size_t i = 0; text && np_parse_size(text, &wanted) && i < otp->count; i++)
		if (otp->areas[i].number == wanted)
			otp->area = &otp->areas[i];
	if (otp->area || (!text && !verb->one_area))
		return 0;
	if (text)
		np_fail(err, NP_E_RANGE, "%s has no OTP area '%s'", otp->session.info->name, text);
	else
		np_fail(err, NP_E_RANGE, "which of the %zu areas is meant?", otp->count);
	return np_hint(err, "--area %u to --area %u; `norprog otp show` shows them",
	               otp->areas[0].number, otp->areas[otp->count - 1].number);
}

int cmd_otp(struct cli *cli, struct np_error *err)
{
	const struct verb *verb = NULL;
	struct otp otp = {.count = 0};
	int ret = session_prepare(&otp.session, cli, err);

	if (!ret)
		ret = find_verb(&cli->opt, &verb, err);
	if (!ret)
		ret = session_open(&otp.session, err);
	if (!ret)
		ret = nor_otp_list(otp.session.nor, otp.areas, &otp.count, err);
	if (!ret)
		ret = choose_area(&otp, verb, err);
	if (!ret)
		ret = verb->run(&otp, err);
	return session_close(&otp.session, ret, err);
}
