/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "cli/gang/member.h"
#include "cli/part.h"
#include "cli/select.h"
#include "cli/session.h"

static void put_json(struct session *s, const struct verify_result *r, const char *region)
{
	struct report *report = &s->cli->report;

	report_result(report, "differing_bytes", json_integer((json_int_t)r->differing_bytes));
	if (!r->differing_bytes)
		return;
	report_result(report, "first", json_integer((json_int_t)r->first));
	report_result(report, "region", report_text(region));
	report_result(report, "chip_byte", json_integer(r->chip_byte));
	report_result(report, "file_byte", json_integer(r->image_byte));
}

/* The job knows the address; only here is known what the place is called and what it was compared
 * with. */
static int explain(struct session *s, const struct verify_result *r, const char *what, int ret,
                   struct np_error *err)
{
	struct np_range first = {r->first, 1};
	char names[LAYOUT_NAME_MAX * 2];

	region_names(session_layout(s), first, names, sizeof(names));
	put_json(s, r, names);
	if (ret != NP_E_VERIFY)
		return ret;
	return np_fail(err, NP_E_VERIFY,
	               "the chip differs from %s in %" PRIu64 " byte%s, first at 0x%06" PRIx64
	               "%s%s%s: chip %02x, expected %02x",
	               what, r->differing_bytes, r->differing_bytes == 1 ? "" : "s", r->first,
	               names[0] ? " (region " : "", names, names[0] ? ")" : "", r->chip_byte,
	               r->image_byte);
}

static int verify(struct session *s, struct intent *intent, const char *file, struct np_error *err)
{
	const struct selection *sel = &intent->selection;
	struct verify_result result = {0};
	bool everything;
	int ret = job_verify(&s->job, intent, &result, err);

	everything = selection_is_whole(sel) && !sel->keep.count;
	ret = explain(s, &result, file ? file : "blank", ret, err);
	if (!ret)
		report_say(&s->cli->report, "%" PRIu64 " bytes compared: %s%s%s",
		           np_ranges_bytes(&sel->todo), file ? "the chip holds " : "they are blank",
		           file ? file : "", everything || !file ? "" : " there");
	return ret;
}

static int open_own(struct session *s, struct intent *intent, const char **file, char *own,
                    size_t len, struct np_error *err)
{
	int ret = member_source(s, *file, own, len, err);

	*file = own;
	if (!ret)
		ret = intent_open_file(intent, own, err);
	return ret ? ret : part_from_options(intent, &s->cli->opt, err);
}

int cmd_verify(struct cli *cli, struct np_error *err)
{
	const char *file = cli->opt.blank ? NULL : cli->opt.args[0];
	struct intent intent = {.operation = INTENT_VERIFY};
	struct session session;
	char own[NP_PATH_MAX];
	bool wire = cli->report.wire && file; /* then the chip says which file it is */
	int ret = session_prepare(&session, cli, err);

	if (!ret && file && !wire)
		ret = intent_open_file(&intent, file, err);
	if (!ret && !wire)
		ret = part_from_options(&intent, &cli->opt, err);
	if (!ret)
		ret = session_open(&session, err);
	if (!ret && wire)
		ret = open_own(&session, &intent, &file, own, sizeof(own), err);
	if (!ret)
		ret = selection_from_options(&intent.selection, &cli->opt, session_layout(&session),
		                             session.info->size, intent_image_bytes(&intent.image),
		                             err);
	if (!ret && file)
		ret = intent_load(&intent, &session.job, file, err);
	if (!ret)
		ret = verify(&session, &intent, file, err);
	intent_free(&intent);
	return session_close(&session, ret, err);
}
