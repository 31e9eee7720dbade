/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base/units.h"
#include "cli/session.h"
#include "store/state.h"

static void tell(struct session *s, enum resume_mode mode, const struct write_result *r)
{
	struct report *report = &s->cli->report;
	char erased[32], programmed[32], time[32];

	if (s->cli->opt.explain)
		report_say(report, "explained: nothing was erased or written");
	else if (mode == RESUME_DISCARD)
		report_say(report, "the unfinished job is forgotten; the chip was left as it is");
	else
		report_say(report, "%s: erased %s, programmed %s in %s",
		           mode == RESUME_UNDO ? "the backup is back on the chip"
		                               : "the job is finished",
		           np_format_size(r->erased_bytes, erased, sizeof(erased)),
		           np_format_size(r->programmed_bytes, programmed, sizeof(programmed)),
		           np_format_duration(r->duration_us, time, sizeof(time)));
	if (r->backup_path[0]) {
		report_say(report, "backup: %s", r->backup_path);
		report_result(report, "backup", report_text(r->backup_path));
	}
	report_result(report, "erased_bytes", json_integer((json_int_t)r->erased_bytes));
	report_result(report, "programmed_bytes", json_integer((json_int_t)r->programmed_bytes));
	report_result(report, "duration_us", json_integer((json_int_t)r->duration_us));
}

static int resume(struct session *s, enum resume_mode mode, struct np_error *err)
{
	struct resume_options options = {.mode = mode, .explain = s->cli->opt.explain};
	struct write_result *result = calloc(1, sizeof(*result));
	int ret;

	if (!result)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	ret = session_overrides(s, &options.overrides, err);
	s->job.backup = s->cli->opt.backup;
	if (!ret)
		ret = job_resume(&s->job, &options, result, err);
	if (!ret)
		tell(s, mode, result);
	else if (result->gate)
		report_result(&s->cli->report, "gate", json_string(result->gate));
	free(result);
	return ret;
}

int cmd_resume(struct cli *cli, struct np_error *err)
{
	enum resume_mode mode = cli->opt.undo      ? RESUME_UNDO
	                        : cli->opt.discard ? RESUME_DISCARD
	                                           : RESUME_FINISH;
	struct session session;
	int ret = session_prepare(&session, cli, err);

	if (!ret)
		ret = store_default_dir(session.state_dir, sizeof(session.state_dir), err);
	if (!ret)
		ret = session_open(&session, err);
	if (!ret)
		ret = resume(&session, mode, err);
	return session_close(&session, ret, err);
}
