/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write, restore and erase: one job, three ways to say what the chip shall hold. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/gang/member.h"
#include "cli/part.h"
#include "cli/paste.h"
#include "cli/select.h"
#include "cli/session.h"
#include "cli/cmd/write.h"
#include "store/state.h"

/* The --base argument: chip-sized contents to sample; NULL when not given. */
static int load_base(const struct session *s, uint8_t **base, struct np_error *err)
{
	const char *path = s->cli->opt.base;
	size_t len = 0;
	int ret;

	*base = NULL;
	if (!path)
		return 0;
	if (strcmp(path, "blank") == 0) {
		*base = malloc(s->info->size);
		if (!*base)
			return np_fail(err, NP_E_MEMORY, "out of memory");
		memset(*base, 0xff, s->info->size);
		return 0;
	}
	ret = np_io_read(path, s->info->size, base, &len, err);
	if (!ret && len != s->info->size) {
		np_fail(err, NP_E_SIZE, "--base %s has %zu bytes, the chip %" PRIu64, path, len,
		        s->info->size);
		ret = np_hint(err, "--base takes a dump of the whole chip, or the word 'blank'");
	}
	return ret;
}

static struct write_options make_options(const struct cli_options *opt, const uint8_t *base)
{
	return (struct write_options){
		.dry_run = opt->dry_run,
		.explain = opt->explain,
		.no_backup = opt->no_backup,
		.backup_path = opt->backup,
		.base = base,
		.verify_none = opt->no_verify,
		.verify_all = opt->verify_all,
		.passes = opt->passes,
		.chip_erase = opt->chip_erase,
		.boot_last = opt->boot_last,
		.digest = opt->json,
	};
}

static void put_json(struct report *report, const struct write_result *r, bool dry_run)
{
	report_result(report, "dry_run", json_boolean(dry_run));
	report_result(report, "nothing_to_do", json_boolean(r->nothing_to_do));
	report_result(report, "changed_bytes", json_integer((json_int_t)r->changed_bytes));
	report_result(report, "erased_bytes", json_integer((json_int_t)r->erased_bytes));
	report_result(report, "programmed_bytes", json_integer((json_int_t)r->programmed_bytes));
	report_result(report, "verified_bytes", json_integer((json_int_t)r->verified_bytes));
	report_result(report, "retried_blocks", json_integer((json_int_t)r->retried_blocks));
	report_result(report, "duration_us", json_integer((json_int_t)r->duration_us));
	if (r->backup_path[0])
		report_result(report, "backup", report_text(r->backup_path));
	if (r->neighbour_bytes)
		report_result(report, "around_bytes", json_integer((json_int_t)r->neighbour_bytes));
	if (r->outside_path[0])
		report_result(report, "rest_backup", report_text(r->outside_path));
	if (r->outside_bytes || r->outside_unknown) {
		report_result(report, "rest_bytes", json_integer((json_int_t)r->outside_bytes));
		report_result(report, "rest_unknown_bytes",
		              json_integer((json_int_t)r->outside_unknown));
	}
	if (r->target_sha256[0])
		report_result(report, "target_sha256", json_string(r->target_sha256));
}

static void say_done(struct report *report, const struct write_result *r)
{
	char erased[32], programmed[32], verified[32], time[32];

	report_say(report, "done: erased %s, programmed %s, verified %s in %s",
	           np_format_size(r->erased_bytes, erased, sizeof(erased)),
	           np_format_size(r->programmed_bytes, programmed, sizeof(programmed)),
	           np_format_size(r->verified_bytes, verified, sizeof(verified)),
	           np_format_duration(r->duration_us, time, sizeof(time)));
	if (r->retried_blocks)
		report_warn(report, "%" PRIu64 " block%s had to be written twice",
		            r->retried_blocks, r->retried_blocks == 1 ? "" : "s");
}

/* The command that takes it back, ready to paste. */
static void say_undo(struct report *report, const struct write_result *r)
{
	char path[NP_PATH_MAX], programmer[600];

	if (!r->backup_path[0] || r->nothing_to_do)
		return;
	paste_quote(r->backup_path, path, sizeof(path));
	report_paste(report, "undo: norprog restore %s%s%s", path, report->programmer ? " -p " : "",
	             report->programmer
	                     ? paste_quote(report->programmer, programmer, sizeof(programmer))
	                     : "");
}

/* What was looked at beyond the job's own blocks: never more than was compared. */
static void say_outside(struct report *report, const struct write_result *r)
{
	char equal[32], unknown[32], beside[32];

	if (r->neighbour_bytes)
		report_say(report, "neighbouring blocks: %s as before",
		           np_format_size(r->neighbour_bytes, beside, sizeof(beside)));
	if (r->outside_bytes)
		report_say(report, "outside the job: %s as in %s",
		           np_format_size(r->outside_bytes, equal, sizeof(equal)), r->outside_path);
	if (r->outside_unknown)
		report_say(report, "outside the job: %s not checked (no earlier backup)",
		           np_format_size(r->outside_unknown, unknown, sizeof(unknown)));
}

static void tell_result(struct session *s, const struct write_result *result)
{
	struct report *report = &s->cli->report;
	bool dry_run = s->cli->opt.dry_run || s->cli->opt.explain;

	if (result->nothing_to_do && s->cli->command->bit == CLI_ERASE)
		report_say(report, "nothing to do: it is blank already");
	else if (result->nothing_to_do)
		report_say(report, "nothing to do: the chip already holds %s", s->cli->opt.args[0]);
	else if (dry_run)
		report_say(report, "dry run: nothing was erased or written");
	else
		say_done(report, result);
	say_outside(report, result);
	if (!dry_run)
		say_undo(report, result);
	put_json(report, result, dry_run);
}

/* A dump with its manifest names no region: say what that comes to before the plan does. */
static void tell_scope(struct session *s, const struct intent *intent)
{
	char size[32];

	if (s->cli->command->bit == CLI_RESTORE && selection_is_whole(&intent->selection))
		report_say(&s->cli->report, "no --only given: restoring the whole chip (%s)",
		           np_format_size(s->info->size, size, sizeof(size)));
}

/* What the command line says becomes facts. `file` NULL: erase. */
static int fill_intent(struct session *s, const char *file, struct intent *intent,
                       const struct write_hooks *hooks, struct np_error *err)
{
	const struct cli_options *opt = &s->cli->opt;
	int ret = session_overrides(s, &intent->overrides, err);

	if (!ret && intent->operation == INTENT_WRITE)
		ret = intent_look_at(intent, file, opt->strip, err);
	else if (!ret && file)
		ret = intent_open_file(intent, file, err);
	if (!ret && opt->strip && !opt->at && intent->image.is.kind != IMAGE_CAPSULE)
		ret = np_fail(err, NP_E_USAGE, "--strip needs --at: where does the rest belong?");
	if (!ret)
		ret = part_from_options(intent, opt, err);
	if (!ret && intent->image.from[0])
		report_note(&s->cli->report, "%s: the image is taken out of it (%s)", file,
		            intent->image.from);
	if (!ret)
		ret = selection_from_options(&intent->selection, opt, session_layout(s),
		                             s->info->size, intent_image_bytes(&intent->image),
		                             err);
	if (!ret && hooks)
		ret = hooks->prepare(s, intent, hooks->ctx, err);
	if (ret == NP_E_SIZE && intent->image.is.kind == IMAGE_CAPSULE && !opt->strip)
		np_hint(err, "it begins with a header (%s): --strip leaves it out",
		        intent->image.is.text);
	if (!ret && file)
		ret = intent_load(intent, &s->job, file, err);
	for (size_t i = 0; i < opt->set.count && !ret; i++)
		ret = intent_set_field(intent, &s->job, opt->set.at[i], err);
	return ret;
}

static int change(struct session *s, struct intent *intent, struct np_error *err)
{
	struct write_result *result = calloc(1, sizeof(*result));
	struct write_options options;
	uint8_t *base = NULL;
	int ret;

	if (!result)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	ret = load_base(s, &base, err);
	if (!ret) {
		tell_scope(s, intent);
		options = make_options(&s->cli->opt, base);
		ret = job_write(&s->job, intent, &options, result, err);
	}
	if (!ret)
		tell_result(s, result);
	else if (result->gate)
		report_result(&s->cli->report, "gate", json_string(result->gate));
	free(base);
	free(result);
	return ret;
}

/* Can the backup have this name? Checked before the chip is read, and again when it is made.
 */
static int check_backup(const struct cli_options *opt, struct np_error *err)
{
	static const char *const endings[] = {"", ".json"};
	char path[NP_PATH_MAX];
	struct np_io_out out;
	int ret = 0;

	for (size_t i = 0; i < 2 && opt->backup && !opt->dry_run && !opt->explain && !ret; i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s%s", opt->backup, endings[i]) >=
		    sizeof(path))
			return np_fail(err, NP_E_OUTPUT, "backup: the path is too long");
		ret = np_io_create(&out, path, NP_IO_NEW, err);
		np_io_abort(&out);
		if (ret)
			np_context(err, "backup");
	}
	return ret;
}

/* A full dump says nothing about what to put back; a folder and a partial backup do. */
static bool says_its_place(const char *path)
{
	char manifest[NP_PATH_MAX];
	struct np_error ignored = {0};
	uint64_t size;

	if (intent_check_file(path, &size, &ignored) || !size)
		return true;
	return (size_t)snprintf(manifest, sizeof(manifest), "%s.json", path) < sizeof(manifest) &&
	       np_io_exists(manifest);
}

static int check_place(const struct cli *cli, const char *path, struct np_error *err)
{
	if (cli->opt.only.count || says_its_place(path))
		return 0;
	np_fail(err, NP_E_USAGE, "restore %s: say which regions, with --only", path);
	return np_hint(err, "`norprog write %s` puts back the whole chip", path);
}

/* In a gang a folder has a file for each, and a sheet may have fields for each. */
static int join_gang(struct session *s, enum intent_operation operation, const char **file,
                     char *own, size_t len, struct np_error *err)
{
	int ret = 0;

	if (*file) {
		ret = member_source(s, *file, own, len, err);
		*file = own;
	}
	if (!ret && operation == INTENT_RESTORE)
		ret = check_place(s->cli, own, err);
	return ret ? ret : member_fields(s, err);
}

int write_command(struct cli *cli, enum intent_operation operation, const char *file,
                  const struct write_hooks *hooks, struct np_error *err)
{
	struct intent intent = {.operation = operation};
	struct session session;
	uint64_t len;
	char own[NP_PATH_MAX];
	int ret = session_prepare(&session, cli, err);

	if (!ret && file)
		ret = intent_check_file(file, &len, err);
	if (!ret)
		ret = check_backup(&cli->opt, err);
	if (!ret)
		ret = store_default_dir(session.state_dir, sizeof(session.state_dir), err);
	if (!ret)
		ret = session_open(&session, err);
	if (!ret && cli->report.wire)
		ret = join_gang(&session, operation, &file, own, sizeof(own), err);
	if (!ret)
		ret = fill_intent(&session, file, &intent, hooks, err);
	if (!ret)
		ret = change(&session, &intent, err);
	if (!ret && hooks)
		ret = hooks->finish(&session, hooks->ctx, err);
	intent_free(&intent);
	return session_close(&session, ret, err);
}

int cmd_write(struct cli *cli, struct np_error *err)
{
	return write_command(cli, INTENT_WRITE, cli->opt.args[0], NULL, err);
}

int cmd_restore(struct cli *cli, struct np_error *err)
{
	int ret = check_place(cli, cli->opt.args[0], err);

	return ret ? ret : write_command(cli, INTENT_RESTORE, cli->opt.args[0], NULL, err);
}

int cmd_erase(struct cli *cli, struct np_error *err)
{
	return write_command(cli, INTENT_ERASE, NULL, NULL, err);
}
