/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clone: a backup onto a replacement chip, with the settings that a board relies on. */
#include "cli/cmd/write.h"
#include "job/clone.h"

struct clone {
	struct manifest backup;
	struct clone_plan plan;
};

/* Not refused: the chip is meant to be another one. */
static int expect_another(struct intent *intent, struct np_error *err)
{
	int ret = overrides_add(&intent->overrides, "other-type", err);

	return ret ? ret : overrides_add(&intent->overrides, "other-unit", err);
}

static int prepare(struct session *s, struct intent *intent, void *ctx, struct np_error *err)
{
	struct clone *clone = ctx;
	struct nor_protection now;
	int ret = clone_place(&clone->backup, intent, s->info, err);

	intent->called = "clone"; /* resume tells what it cannot finish of it */
	if (!ret)
		ret = expect_another(intent, err);
	if (!ret)
		ret = nor_protection_read(s->nor, &now, err);
	if (ret)
		return ret;
	clone_plan(&clone->backup, s->info, &now, &clone->plan);
	for (size_t i = 0; i < clone->plan.note_count; i++)
		report_warn(&s->cli->report, "%s", clone->plan.notes[i]);
	return 0;
}

static int finish(struct session *s, void *ctx, struct np_error *err)
{
	const struct clone *clone = ctx;
	const struct nor_settings *settings = &clone->plan.settings;
	bool dry_run = s->cli->opt.dry_run || s->cli->opt.explain, written = false;
	struct nor_protection now;
	json_t *set = json_object();
	int ret = 0;

	for (enum nor_setting i = 0; i < NOR_SETTINGS; i++)
		if (settings->set[i])
			json_object_set_new(set, nor_setting_name(i),
			                    json_integer(settings->value[i]));
	report_result(&s->cli->report, "settings", set);
	if (!dry_run && clone->plan.differs)
		ret = nor_settings_write(s->nor, settings, &written, err);
	if (!ret)
		ret = nor_protection_read(s->nor, &now, err);
	if (!ret && written)
		report_say(&s->cli->report, "status registers set and read back: %s", now.text);
	if (ret)
		np_context(err, "the contents are written; its status registers are not");
	return ret;
}

int cmd_clone(struct cli *cli, struct np_error *err)
{
	struct clone clone = {0};
	struct write_hooks hooks = {prepare, finish, &clone};
	int ret = clone_read_backup(cli->opt.args[0], &clone.backup, err);

	if (!ret)
		ret = write_command(cli, INTENT_RESTORE, cli->opt.args[0], &hooks, err);
	manifest_free(&clone.backup);
	return ret;
}
