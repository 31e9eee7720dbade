/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What norprog has kept: list, show, verify, prune, export. Needs no programmer. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/paste.h"
#include "job/kept.h"
#include "store/state.h"

/* ---- words ---- */

/* "before write new.bin to radio", "read". */
static const char *purpose(const struct manifest *m, char *buf, size_t len)
{
	const char *slash = strrchr(m->file, '/');

	if (strcmp(m->operation, "read") == 0)
		snprintf(buf, len, "read");
	else
		snprintf(buf, len, "before %s%s%.120s%s%s", m->operation, m->file[0] ? " of " : "",
		         slash && slash[1] ? slash + 1 : m->file, m->regions[0] ? " to " : "",
		         m->regions);
	return buf;
}

static json_t *kept_json(const struct kept *one)
{
	const struct manifest *m = one->manifest;

	return json_pack("{s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:s, s:I, s:I, s:s, s:b, s:b, s:o, "
	                 "s:o}",
	                 "path", report_text(one->path), "chip", report_text(m->chip), "unique_id",
	                 m->uid, "date", m->date, "mac", one->mac, "device",
	                 report_text(one->device), "profile", report_text(m->profile), "operation",
	                 m->operation, "size", (json_int_t)m->size, "chip_size",
	                 (json_int_t)m->chip_size, "sha256", m->sha256, "whole",
	                 m->size == m->chip_size, "needed", one->needed, "file",
	                 report_text(m->file), "regions", report_text(m->regions));
}

static void say_one(struct report *report, const struct kept_list *list, const struct kept *one)
{
	const struct manifest *m = one->manifest;
	char what[320], size[32], flags[128];

	np_format_size(m->size, size, sizeof(size));
	report_say(report, "%zu  %s  %s%s%s%s%s", (size_t)(one - list->at) + 1, m->date,
	           one->device[0] ? one->device : m->chip, one->mac[0] ? "  " : "", one->mac,
	           !one->mac[0] && m->uid[0] ? "  ID " : "", !one->mac[0] ? m->uid : "");
	report_say(report, "   %s%s, %s%s", size, m->size == m->chip_size ? "" : " of the chip",
	           purpose(m, what, sizeof(what)),
	           one->needed ? "; an unfinished job needs it" : "");
	if (manifest_flags_text(&m->contents, flags, sizeof(flags))[0])
		report_say(report, "   doubtful: %s", flags);
	report_say(report, "   %s", one->path);
	report_event(report, "backup", kept_json(one));
}

static int list_all(struct cli *cli, struct kept_list *list, const char *dir, struct np_error *err)
{
	(void)dir;
	(void)err;
	for (size_t i = 0; i < list->count; i++)
		say_one(&cli->report, list, &list->at[i]);
	if (!list->count)
		report_say(&cli->report, "no backups are kept yet: each write, restore and erase "
		                         "keeps one");
	if (list->damaged)
		report_warn(&cli->report, "%zu more cannot be read: their manifests are damaged",
		            list->damaged);
	report_result(&cli->report, "count", json_integer((json_int_t)list->count));
	return 0;
}

/* ---- one ---- */

static int named(const struct cli *cli, const struct kept_list *list, const struct kept **one,
                 struct np_error *err)
{
	if (cli->opt.arg_count > 1)
		return kept_find(list, cli->opt.args[1], one, err);
	np_fail(err, NP_E_USAGE, "backups %s: which one?", cli->opt.args[0]);
	return np_hint(err, "`norprog backups` lists them; name one by its number or its file");
}

static int show(struct cli *cli, struct kept_list *list, const char *dir, struct np_error *err)
{
	struct report *report = &cli->report;
	const struct kept *one;
	const struct manifest *m;
	char path[NP_PATH_MAX];
	int ret = named(cli, list, &one, err);

	(void)dir;
	if (ret)
		return ret;
	say_one(report, list, one);
	m = one->manifest;
	report_say(report, "   chip %s (%s), %" PRIu64 " bytes%s%s", m->chip, m->jedec_id,
	           m->chip_size, m->uid[0] ? ", unique ID " : "", m->uid);
	report_say(report, "   read with %s, %u pass%s, %" PRIu64 " block%s disagreed",
	           m->programmer, m->passes, m->passes == 1 ? "" : "es", m->disagreements,
	           m->disagreements == 1 ? "" : "s");
	for (size_t i = 0; i < m->segment_count; i++)
		report_say(report, "   0x%06" PRIx64 "+%" PRIu64, m->segments[i].start,
		           m->segments[i].len);
	report_say(report, "   SHA-256 %s", m->sha256);
	report_paste(report, "to put it back: norprog restore %s",
	             paste_quote(one->path, path, sizeof(path)));
	return 0;
}

static int verify_one(struct cli *cli, const struct kept *one, struct np_error *err)
{
	struct np_error why = {0};
	int ret = kept_verify(one, &why);

	report_say(&cli->report, "%s  %s", ret ? "DAMAGED" : "ok     ", one->path);
	if (ret)
		report_warn(&cli->report, "%s", why.message);
	report_event(&cli->report, "verified",
	             json_pack("{s:o, s:b}", "path", report_text(one->path), "ok", !ret));
	if (ret)
		*err = why;
	return ret;
}

static int verify(struct cli *cli, struct kept_list *list, const char *dir, struct np_error *err)
{
	const struct kept *one = NULL;
	size_t bad = 0;
	int ret;

	(void)dir;
	if (cli->opt.arg_count > 1) {
		ret = kept_find(list, cli->opt.args[1], &one, err);
		return ret ? ret : verify_one(cli, one, err);
	}
	if (!list->count)
		report_say(&cli->report, "no backups are kept yet: there is nothing to verify");
	for (size_t i = 0; i < list->count; i++)
		bad += verify_one(cli, &list->at[i], err) != 0;
	if (!bad)
		return 0;
	np_fail(err, NP_E_INPUT, "%zu of %zu backups are not what they were", bad, list->count);
	return np_hint(err, "do not restore from them; check the disk they are on");
}

static int export(struct cli *cli, struct kept_list *list, const char *dir, struct np_error *err)
{
	enum np_io_mode mode = cli->opt.force ? NP_IO_REPLACE : NP_IO_NEW;
	const struct kept *one;
	int ret = named(cli, list, &one, err);

	(void)dir;
	if (ret)
		return ret;
	if (cli->opt.arg_count < 3) {
		np_fail(err, NP_E_USAGE, "backups export: where to?");
		return np_hint(err, "norprog backups export %.100s FILE", cli->opt.args[1]);
	}
	ret = kept_export(one, cli->opt.args[2], mode, err);
	if (ret)
		return ret;
	report_say(&cli->report, "%s and %s.json: %s", cli->opt.args[2], cli->opt.args[2],
	           one->manifest->size == one->manifest->chip_size
	                   ? "all of the chip"
	                   : "parts of the chip; `restore` knows where they belong");
	report_result(&cli->report, "file", report_text(cli->opt.args[2]));
	return 0;
}

/* ---- prune ---- */

static int number_to_keep(const struct cli *cli, size_t *keep, struct np_error *err)
{
	const struct cli_words *words = &cli->opt.keep;
	const char *word = words->count == 1 ? words->at[0] : "";
	bool digits = *word && strlen(word) < 7 && strspn(word, "0123456789") == strlen(word);

	*keep = digits ? strtoul(word, NULL, 10) : 0;
	if (*keep)
		return 0;
	np_fail(err, NP_E_USAGE, "backups prune: how many of each chip shall stay?");
	return np_hint(err, "norprog backups prune --keep 3");
}

static size_t tell_fates(struct cli *cli, const struct kept_list *list)
{
	static const char *const why[] = {
		[KEPT_STAYS] = NULL,
		[KEPT_NEEDED] = "an unfinished job needs it",
		[KEPT_NAMELESS] = "nothing tells which chip it is of",
		[KEPT_DAMAGED] = "it is damaged; remove it by hand if it is of no use",
		[KEPT_MAY_GO] = NULL};
	size_t going = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct kept *one = &list->at[i];

		if (one->fate == KEPT_MAY_GO)
			report_say(&cli->report, "goes:  %s", one->path);
		else if (why[one->fate])
			report_say(&cli->report, "stays: %s (%s)", one->path, why[one->fate]);
		going += one->fate == KEPT_MAY_GO;
		report_event(&cli->report, "backup",
		             json_pack("{s:o, s:b}", "path", report_text(one->path), "goes",
		                       one->fate == KEPT_MAY_GO));
	}
	return going;
}

static int prune(struct cli *cli, struct kept_list *list, const char *dir, struct np_error *err)
{
	size_t keep, going, removed = 0;
	uint64_t bytes = 0;
	char size[32];
	int ret = number_to_keep(cli, &keep, err);

	if (!ret)
		ret = kept_choose(list, dir, keep, err);
	if (ret)
		return ret;
	going = tell_fates(cli, list);
	if (!going)
		report_say(&cli->report, "nothing to remove");
	if (going && !cli->opt.dry_run)
		ret = ask_yes(cli, "is about to remove backups", err);
	if (!ret && going && !cli->opt.dry_run)
		ret = kept_remove(list, dir, &removed, &bytes, err);
	if (!ret && removed)
		report_say(&cli->report, "removed %zu backup%s, %s", removed,
		           removed == 1 ? "" : "s", np_format_size(bytes, size, sizeof(size)));
	report_result(&cli->report, "removed", json_integer((json_int_t)removed));
	return ret;
}

static const struct {
	const char *name;
	int (*run)(struct cli *cli, struct kept_list *list, const char *dir, struct np_error *err);
} verbs[] = {{"list", list_all},
             {"show", show},
             {"verify", verify},
             {"prune", prune},
             {"export", export}};

int cmd_backups(struct cli *cli, struct np_error *err)
{
	const char *verb = cli->opt.arg_count ? cli->opt.args[0] : "list";
	struct kept_list list = {0};
	char dir[NP_PATH_MAX];
	size_t i = 0;
	int ret;

	while (i < sizeof(verbs) / sizeof(verbs[0]) && strcasecmp(verb, verbs[i].name) != 0)
		i++;
	if (i == sizeof(verbs) / sizeof(verbs[0])) {
		const char *names[] = {"list", "show", "verify", "prune", "export", NULL};
		const char *meant = np_suggest(verb, names);

		np_fail(err, NP_E_USAGE, "backups: unknown verb '%s'", verb);
		return np_hint(err, "%s%s%sThe verbs are list, show, verify, prune, export",
		               meant ? "did you mean `norprog backups " : "", meant ? meant : "",
		               meant ? "`? " : "");
	}
	ret = store_default_dir(dir, sizeof(dir), err);
	if (!ret)
		ret = kept_load(dir, &list, err);
	if (!ret)
		ret = verbs[i].run(cli, &list, dir, err);
	kept_free(&list);
	return ret;
}
