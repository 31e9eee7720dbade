/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report --prove: a range is saved, erased, programmed, and put back. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ranges.h"
#include "cli/cmd/report.h"
#include "cli/paste.h"
#include "job/gate/gate.h"

#define PROVE_MAX (1U << 20)

/* Bytes of which no block is blank, the same in each run. */
static uint8_t *noise(size_t len)
{
	uint8_t *bytes = malloc(len);
	uint32_t state = 2463534242;

	for (size_t i = 0; bytes && i < len; i++) {
		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		bytes[i] = (uint8_t)(state >> 8);
	}
	return bytes;
}

static int select_range(struct session *s, struct intent *intent, struct np_error *err)
{
	const char *word = s->cli->opt.prove;
	int ret;

	if (selection_is_name(word))
		return np_fail(err, NP_E_USAGE, "--prove takes a range, not '%s'", word);
	ret = selection_add(&intent->selection, session_layout(s), word, s->info->size, err);
	if (!ret)
		ret = selection_settle(&intent->selection, s->info->size, err);
	if (!ret && intent->selection.only.at[0].len > PROVE_MAX) {
		np_fail(err, NP_E_USAGE, "--prove %s: more than 1 MiB proves nothing more", word);
		ret = np_hint(err, "one erase block is enough: --prove 0x%" PRIx64 "+64K",
		              intent->selection.only.at[0].start);
	}
	return ret;
}

static int take_noise(struct session *s, struct intent *intent, struct np_error *err)
{
	size_t len = (size_t)intent->selection.only.at[0].len;
	uint8_t *bytes = noise(len);
	int ret = bytes ? intent_take(intent, &s->job, bytes, len, err)
	                : np_fail(err, NP_E_MEMORY, "out of memory");

	free(bytes);
	return ret;
}

/* What is put back was there a moment ago, so the gates about its contents are overridden. */
static void override_all(struct overrides *overrides)
{
	for (size_t i = 0; gate_table[i] && overrides->count < OVERRIDES_MAX; i++)
		if (gate_table[i]->can_be_overridden)
			overrides->at[overrides->count++] = gate_table[i]->name;
}

static int put_back(struct session *s, const uint8_t *saved, const char *backup,
                    struct np_error *err)
{
	struct write_result *result = calloc(1, sizeof(*result));
	struct intent intent = {.operation = INTENT_WRITE};
	struct job job = s->job;
	char path[NP_PATH_MAX];
	int ret =
		result ? select_range(s, &intent, err) : np_fail(err, NP_E_MEMORY, "out of memory");

	job.confirm = NULL; /* asked and answered for both */
	override_all(&intent.overrides);
	if (!ret)
		ret = intent_take(&intent, &job, saved, (size_t)intent.selection.only.at[0].len,
		                  err);
	if (!ret)
		ret = job_write(&job, &intent, &(struct write_options){.no_backup = true}, result,
		                err);
	if (ret) {
		np_context(err, "the range of --prove holds noise and was not put back");
		np_hint(err,
		        "`norprog restore %s` puts it back; if that finds an open job, "
		        "`norprog resume`",
		        paste_quote(backup, path, sizeof(path)));
	}
	intent_free(&intent);
	free(result);
	return ret;
}

/* Two passes that agree; the job's own backup stands behind them. */
static int save_range(struct session *s, const struct np_ranges *only, uint8_t **saved,
                      struct np_error *err)
{
	struct read_options options = {.only = only, .passes = 2};
	uint8_t *image = malloc(s->info->size);
	struct read_result result = {0};
	int ret = image ? job_read(&s->job, &options, image, &result, err)
	                : np_fail(err, NP_E_MEMORY, "out of memory");

	read_result_free(&result);
	*saved = ret ? NULL : malloc((size_t)only->at[0].len);
	if (!ret && !*saved)
		ret = np_fail(err, NP_E_MEMORY, "out of memory");
	if (!ret)
		memcpy(*saved, image + only->at[0].start, (size_t)only->at[0].len);
	free(image);
	return ret;
}

static int already_noise(struct np_error *err)
{
	np_fail(err, NP_E_FAIL, "the range holds what --prove would write: nothing was proven");
	return np_hint(err, "was an earlier --prove not put back? `norprog restore FILE` takes the "
	                    "backup that it named; else give another range");
}

int report_prove(struct session *s, struct np_error *err)
{
	struct write_result *result = calloc(1, sizeof(*result));
	struct intent intent = {.operation = INTENT_WRITE};
	uint8_t *saved = NULL;
	int ret = result ? session_overrides(s, &intent.overrides, err)
	                 : np_fail(err, NP_E_MEMORY, "out of memory");

	if (!ret)
		ret = select_range(s, &intent, err);
	if (!ret)
		ret = save_range(s, &intent.selection.only, &saved, err);
	if (!ret)
		ret = take_noise(s, &intent, err);
	if (!ret)
		ret = job_write(&s->job, &intent, &(struct write_options){0}, result, err);
	if (ret && result && result->gate)
		report_result(&s->cli->report, "gate", json_string(result->gate));
	if (!ret && result->nothing_to_do)
		ret = already_noise(err);
	else if (!ret)
		ret = put_back(s, saved, result->backup_path, err);
	intent_free(&intent);
	free(saved);
	free(result);
	return ret;
}
