/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "cli/cli.h"
#include "cli/mapped_file.h"
#include "device/learn.h"
#include "layout/layout.h"

/* A proposal that norprog itself would not read is none. */
static int check(const struct image_text *text, struct np_error *err)
{
	struct layout layout;
	int ret = layout_parse_profile(text->at, text->len, "the proposal", &layout, err);

	if (!ret)
		layout_free(&layout);
	return ret;
}

static int tell(struct cli *cli, const struct image_text *text, struct np_error *err)
{
	const struct cli_options *opt = &cli->opt;
	int ret;

	report_result(&cli->report, "profile", json_stringn(text->at, text->len));
	if (!opt->output) {
		if (!cli->report.json)
			fwrite(text->at, 1, text->len, stdout);
		return 0;
	}
	ret = np_io_save(opt->output, text->at, text->len, opt->force ? NP_IO_REPLACE : NP_IO_NEW,
	                 err);
	if (!ret)
		report_say(&cli->report, "%s written: check it, then use it with -l %s",
		           opt->output, opt->output);
	return ret;
}

static int learn(struct cli *cli, const struct image_file *files, size_t count,
                 struct np_error *err)
{
	struct learn_dump dumps[LEARN_MAX];
	struct image_text text = {0};
	int ret;

	for (size_t i = 0; i < count; i++) {
		if (files[i].len != files[0].len)
			return np_fail(err, NP_E_SIZE, "%s and %s are not of one size",
			               files[0].path, files[i].path);
		dumps[i] = (struct learn_dump){files[i].data, files[i].path};
	}
	ret = learn_profile(dumps, count, files[0].len, &text, err);
	if (!ret)
		ret = check(&text, err);
	if (!ret)
		ret = tell(cli, &text, err);
	image_text_free(&text);
	return ret;
}

int cmd_device(struct cli *cli, struct np_error *err)
{
	const struct cli_options *opt = &cli->opt;
	struct image_file files[LEARN_MAX] = {0};
	size_t count = opt->arg_count - 1;
	int ret = 0;

	if (strcmp(opt->args[0], "learn") != 0 || !count || count > LEARN_MAX) {
		np_fail(err, NP_E_USAGE, "device: expected learn and 1 to %d backups", LEARN_MAX);
		return np_hint(err, "norprog device learn BACKUP [BACKUP2 ...]");
	}
	for (size_t i = 0; i < count && !ret; i++)
		ret = image_file_open(&files[i], opt->args[i + 1], err);
	if (!ret)
		ret = learn(cli, files, count, err);
	for (size_t i = 0; i < count; i++)
		image_file_close(&files[i]);
	return ret;
}
