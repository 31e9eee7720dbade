/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write, restore and erase: one job, three ways to say what the chip shall hold. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/input.h"
#include "cli/place.h"
#include "cli/select.h"
#include "cli/session.h"
#include "device/field.h"
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

static bool only_raw(const struct cli_words *words)
{
	struct np_range ignored;

	for (size_t i = 0; i < words->count; i++)
		if (!np_parse_range(words->at[i], &ignored))
			return false;
	return true;
}

/* --set: the values go into the image, their bytes into the selection and out of what is kept. */
static int set_fields(struct session *s, struct selection *sel, struct image *image,
                      struct np_ranges *set, struct np_error *err)
{
	const struct cli_words *words = &s->cli->opt.set;
	int ret = 0;

	for (size_t i = 0; i < words->count && !ret; i++) {
		const struct layout_field *field;

		ret = unit_field_set(&s->layout, words->at[i], image->data, s->info->size, &field,
		                     err);
		if (!ret && np_ranges_overlap(set, (struct np_range){field->start, field->len}))
			ret = np_fail(err, NP_E_USAGE, "--set %s: %s has a value already",
			              words->at[i], field->name);
		if (!ret)
			ret = np_ranges_add(set, (struct np_range){field->start, field->len}, err);
	}
	if (!ret)
		ret = np_ranges_add_all(&sel->todo, set, err);
	if (!ret)
		ret = np_ranges_remove_all(&sel->keep, set, err);
	return ret;
}

static struct write_options make_options(const struct session *s, const struct selection *sel,
                                         const struct image *image, const uint8_t *base,
                                         const struct np_ranges *set)
{
	const struct cli_options *opt = &s->cli->opt;
	bool everything = sel->whole && !sel->keep.count;

	return (struct write_options){
		.image = image->data,
		.image_whole =
			np_ranges_contain(&image->covers, (struct np_range){0, s->info->size}),
		.select = everything ? NULL : &sel->todo,
		.keep = sel->keep.count ? &sel->keep : NULL,
		.partial = !sel->whole,
		.dry_run = opt->dry_run,
		.no_backup = opt->no_backup,
		.backup_path = opt->backup,
		.base = base,
		.verify_none = opt->no_verify,
		.verify_all = opt->verify_all,
		.passes = opt->passes,
		.chip_erase = opt->chip_erase,
		.allow_chip_erase = everything && !image->data,
		.boot_last = opt->boot_last,
		.unit_named = sel->unit_named,
		.recognise = true,
		.raw_named = opt->only.count && only_raw(&opt->only),
		.keep_blank = only_raw(&opt->keep),
		.unit_set = set->count ? set : NULL,
		.voltage_ok = opt->voltage_ok,
		.digest = opt->json,
		.image_path = s->cli->command->bit == CLI_ERASE ? NULL : s->cli->opt.args[0],
		.operation = s->cli->command->name,
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

/* What was looked at beyond the job's own blocks: never more than was compared. */
static void say_outside(struct report *report, const struct write_result *r)
{
	char equal[32], unknown[32], around[32];

	if (r->neighbour_bytes)
		report_say(report, "around: %s as before",
		           np_format_size(r->neighbour_bytes, around, sizeof(around)));
	if (r->outside_bytes)
		report_say(report, "the rest: %s as in %s",
		           np_format_size(r->outside_bytes, equal, sizeof(equal)), r->outside_path);
	if (r->outside_unknown)
		report_say(report, "the rest: %s compared with nothing",
		           np_format_size(r->outside_unknown, unknown, sizeof(unknown)));
}

static void tell_result(struct session *s, const struct write_result *result)
{
	struct report *report = &s->cli->report;
	bool dry_run = s->cli->opt.dry_run;

	if (result->nothing_to_do && s->cli->command->bit == CLI_ERASE)
		report_say(report, "nothing to do: it is blank already");
	else if (result->nothing_to_do)
		report_say(report, "nothing to do: the chip already holds %s", s->cli->opt.args[0]);
	else if (dry_run)
		report_say(report, "dry run: nothing was erased or written");
	else
		say_done(report, result);
	say_outside(report, result);
	put_json(report, result, dry_run);
}

/* A dump with its manifest names no region: say what that comes to before the plan does. */
static void tell_scope(struct session *s, const struct selection *sel)
{
	char size[32];

	if (s->cli->command->bit == CLI_RESTORE && sel->whole)
		report_say(&s->cli->report, "the whole chip is put back (%s), for want of --only",
		           np_format_size(s->info->size, size, sizeof(size)));
}

static int change(struct session *s, struct selection *sel, const char *file, struct image *image,
                  struct np_error *err)
{
	struct write_result *result = calloc(1, sizeof(*result));
	struct write_options options;
	struct np_ranges set = {0};
	uint8_t *base = NULL;
	int ret = 0;

	if (!result)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	if (file)
		ret = image_load(s, file, s->cli->command->bit == CLI_RESTORE, sel, image, err);
	if (!ret)
		ret = set_fields(s, sel, image, &set, err);
	if (!ret)
		ret = load_base(s, &base, err);
	if (!ret) {
		tell_scope(s, sel);
		options = make_options(s, sel, image, base, &set);
		ret = job_write(&s->job, &options, result, err);
	}
	if (!ret)
		tell_result(s, result);
	np_ranges_free(&set);
	free(base);
	free(result);
	return ret;
}

/* Can the backup have this name? Asked before anybody waits for a read, and again when it is kept.
 */
static int check_backup(const struct cli_options *opt, struct np_error *err)
{
	static const char *const endings[] = {"", ".json"};
	char path[NP_PATH_MAX];
	struct np_io_out out;
	int ret = 0;

	for (size_t i = 0; i < 2 && opt->backup && !opt->dry_run && !ret; i++) {
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

/* `file` NULL: erase. */
static int run(struct cli *cli, const char *file, struct np_error *err)
{
	struct session session;
	struct selection sel = {0};
	struct image image = {0};
	uint64_t size = 0;
	int ret = session_prepare(&session, cli, err);

	if (!ret && file)
		ret = image_check(file, &size, err);
	if (!ret)
		ret = check_backup(&cli->opt, err);
	if (!ret)
		ret = store_default_dir(session.state_dir, sizeof(session.state_dir), err);
	if (!ret)
		ret = session_open(&session, err);
	if (!ret && file && cli->command->bit == CLI_WRITE)
		ret = place_check(&session, file, err);
	if (!ret)
		ret = selection_build(&sel, &cli->opt, session_layout(&session), session.info->size,
		                      size - session.skip, err);
	if (!ret)
		ret = change(&session, &sel, file, &image, err);
	image_free(&image);
	selection_free(&sel);
	return session_close(&session, ret, err);
}

int cmd_write(struct cli *cli, struct np_error *err)
{
	return run(cli, cli->opt.args[0], err);
}

/* A full dump says nothing about what to put back; a folder and a partial backup do. */
static bool says_its_place(const char *path)
{
	char manifest[NP_PATH_MAX];
	struct np_error ignored = {0};
	uint64_t size;

	if (image_check(path, &size, &ignored) || !size)
		return true;
	return (size_t)snprintf(manifest, sizeof(manifest), "%s.json", path) < sizeof(manifest) &&
	       np_io_exists(manifest);
}

int cmd_restore(struct cli *cli, struct np_error *err)
{
	if (!cli->opt.only.count && !says_its_place(cli->opt.args[0])) {
		np_fail(err, NP_E_USAGE, "restore %s: say which regions, with --only",
		        cli->opt.args[0]);
		return np_hint(err, "`norprog write %s` puts back the whole chip",
		               cli->opt.args[0]);
	}
	return run(cli, cli->opt.args[0], err);
}

int cmd_erase(struct cli *cli, struct np_error *err)
{
	return run(cli, NULL, err);
}
