/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/kept.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "device/field.h"
#include "device/load.h"
#include "store/backup.h"
#include "store/journal.h"
#include "store/shelf.h"

/* ---- whose it is ---- */

/* The segments of a backup as ranges; they lie end to end. */
static int ranges_of(const struct manifest *m, struct np_ranges *ranges, struct np_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < m->segment_count && !ret; i++)
		ret = np_ranges_add(
			ranges, (struct np_range){m->segments[i].start, m->segments[i].len}, err);
	return ret;
}

/* The field's value in the file, if the backup holds it. */
static bool read_field(int fd, const struct manifest *m, const struct layout_field *field,
                       struct unit_value *value)
{
	struct layout_field here = *field;
	uint8_t bytes[8192]; /* the longest is a GbE region's two copies */

	here.start = 0;
	for (size_t i = 0; i < m->segment_count; i++) {
		const struct manifest_segment *s = &m->segments[i];

		if (field->len <= sizeof(bytes) && field->start >= s->start &&
		    field->start + field->len <= s->start + s->len)
			return pread(fd, bytes, field->len,
			             (off_t)(s->offset + field->start - s->start)) ==
			               (ssize_t)field->len &&
			       unit_field_read(&here, bytes, field->len, value);
	}
	return false;
}

static bool is_mac(enum layout_field_type type)
{
	return type == FIELD_MAC || type == FIELD_MAC_TEXT || type == FIELD_GBE_MAC;
}

/* Device and MAC, by the profile that was in force. */
static void learn(struct kept *one)
{
	const struct manifest *m = one->manifest;
	struct np_error ignored = {0};
	struct unit_value value;
	struct layout layout;
	int fd;

	if (!m->profile[0] || strchr(m->profile, '/') || layout_load(m->profile, &layout, &ignored))
		return;
	snprintf(one->device, sizeof(one->device), "%s", layout.device);
	fd = open(one->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	for (size_t i = 0; i < layout.field_count && fd >= 0 && !one->mac[0]; i++)
		if (is_mac(layout.fields[i].type) && read_field(fd, m, &layout.fields[i], &value) &&
		    value.state == UNIT_GOOD)
			snprintf(one->mac, sizeof(one->mac), "%.*s", (int)sizeof(one->mac) - 1,
			         value.text);
	if (fd >= 0)
		close(fd);
	layout_free(&layout);
}

/* ---- the list ---- */

struct needs {
	struct kept_list *list;
	bool damaged;
};

static int mark_needed(void *ctx, const struct kept_job *job, struct np_error *err)
{
	struct needs *needs = ctx;

	(void)err;
	needs->damaged |= job->damaged;
	for (size_t i = 0; i < needs->list->count; i++) {
		struct kept *one = &needs->list->at[i];

		one->needed |= strcmp(job->backup, one->path) == 0 ||
		               (job->backup_sha256[0] &&
		                strcmp(job->backup_sha256, one->manifest->sha256) == 0);
	}
	return 0;
}

static int fill(struct kept_list *list, struct store *store, struct np_error *err)
{
	struct np_error why = {0};
	int ret = shelf_fill(list->shelf, store, NULL, NULL, &why, err);

	if (!ret && why.code) {
		*err = why;
		ret = why.code;
	}
	if (!ret)
		ret = shelf_sort(list->shelf, store, err);
	if (!ret)
		list->at = calloc(list->shelf->count + 1, sizeof(*list->at));
	if (!ret && !list->at)
		ret = np_fail(err, NP_E_MEMORY, "out of memory");
	if (ret)
		return ret;
	list->count = list->shelf->count;
	list->damaged = list->shelf->damaged;
	for (size_t i = 0; i < list->count; i++) {
		struct kept *one = &list->at[i];

		one->path = list->shelf->at[list->count - 1 - i]->path;
		one->name = list->shelf->at[list->count - 1 - i]->name;
		one->manifest = &list->shelf->at[list->count - 1 - i]->manifest;
		learn(one);
	}
	return 0;
}

int kept_load(const char *state_dir, struct kept_list *list, struct np_error *err)
{
	struct store store = {.dir = state_dir};
	struct needs needs = {.list = list};
	int ret;

	*list = (struct kept_list){.shelf = calloc(1, sizeof(struct shelf))};
	if (!list->shelf)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	ret = fill(list, &store, err);
	store_close(&store);
	return ret ? ret : kept_jobs(state_dir, mark_needed, &needs, err);
}

void kept_free(struct kept_list *list)
{
	if (list->shelf)
		shelf_free(list->shelf);
	free(list->shelf);
	free(list->at);
	*list = (struct kept_list){0};
}

/* More digits may be a date or a part of an ID. */
#define NUMBER_DIGITS 6

static bool names(const struct kept *one, const char *word, bool part)
{
	const char *name = one->name;

	if (part)
		return strstr(name, word) != NULL;
	return strcmp(one->path, word) == 0 || strcmp(name, word) == 0;
}

static const struct kept *by_number(const struct kept_list *list, const char *word)
{
	size_t n = strspn(word, "0123456789") == strlen(word) ? strtoul(word, NULL, 10) : 0;

	return n && n <= list->count ? &list->at[n - 1] : NULL;
}

int kept_find(const struct kept_list *list, const char *word, const struct kept **one,
              struct np_error *err)
{
	size_t found = 0;

	bool number = strspn(word, "0123456789") == strlen(word) && strlen(word) < NUMBER_DIGITS;

	*one = by_number(list, word);
	for (int part = 0; part < 2 && !*one && !found && !number; part++)
		for (size_t i = 0; list->at && i < list->count; i++)
			if (names(&list->at[i], word, part)) {
				*one = &list->at[i];
				found++;
			}
	if (*one && found < 2)
		return 0;
	if (found)
		np_fail(err, NP_E_INPUT, "%zu backups have '%s' in their names", found, word);
	else
		np_fail(err, NP_E_INPUT, "no backup is called '%s'", word);
	return np_hint(err, "`norprog backups` lists them; name one by its number or its file");
}

int kept_verify(const struct kept *one, struct np_error *err)
{
	struct segment_file file = {.fd = -1};
	struct np_ranges ranges = {0};
	int ret = ranges_of(one->manifest, &ranges, err);

	if (!ret)
		ret = segments_open(&file, one->path, &ranges, one->manifest->sha256, err);
	segments_close(&file);
	np_ranges_free(&ranges);
	return ret;
}

/* ---- what may go ---- */

/* Which chip it is of, as text; false when nothing tells. */
static bool chip_of(const struct kept *one, char *text, size_t len)
{
	const struct manifest *m = one->manifest;

	if (m->uid[0])
		snprintf(text, len, "%s %s", m->jedec_id, m->uid);
	else
		snprintf(text, len, "%s %llu %s %s", m->jedec_id, (unsigned long long)m->chip_size,
		         m->profile, one->mac);
	return m->uid[0] || one->mac[0];
}

static bool same_chip(const struct kept *a, const struct kept *b)
{
	char x[512], y[512];

	return chip_of(a, x, sizeof(x)) && chip_of(b, y, sizeof(y)) && strcmp(x, y) == 0;
}

/* How many newer ones of the same chip stay as sound, and is a whole one among them? */
static size_t count_newer(const struct kept_list *list, size_t index, bool *whole)
{
	size_t n = 0;

	*whole = false;
	for (size_t i = 0; i < index; i++) {
		const struct kept *one = &list->at[i];

		if (one->fate != KEPT_STAYS || !same_chip(one, &list->at[index]))
			continue;
		n++;
		*whole |= shelf_is_whole(one->manifest);
	}
	return n;
}

static enum kept_fate choose(const struct kept_list *list, size_t index, size_t keep)
{
	const struct kept *one = &list->at[index];
	struct np_error why = {0};
	char chip[512];
	bool whole;
	size_t newer = count_newer(list, index, &whole);

	if (!chip_of(one, chip, sizeof(chip)))
		return KEPT_NAMELESS;
	if (newer < keep || (!whole && shelf_is_whole(one->manifest)))
		return kept_verify(one, &why) ? KEPT_DAMAGED : KEPT_STAYS;
	return one->needed ? KEPT_NEEDED : KEPT_MAY_GO;
}

int kept_choose(struct kept_list *list, const char *state_dir, size_t keep, struct np_error *err)
{
	struct needs needs = {.list = list};
	int ret = kept_jobs(state_dir, mark_needed, &needs, err);

	if (!ret && needs.damaged) {
		np_fail(err, NP_E_POLICY,
		        "the record of an unfinished job is damaged: which backup "
		        "it needs is not known");
		return np_hint(err, "`norprog resume` with that chip on the clip says what can "
		                    "be done");
	}
	for (size_t i = 0; i < list->count && !ret; i++)
		list->at[i].fate = choose(list, i, keep ? keep : 1);
	return ret;
}

int kept_remove(const struct kept_list *list, const char *state_dir, size_t *removed,
                uint64_t *bytes, struct np_error *err)
{
	struct store store = {.dir = state_dir};
	struct np_io_lock lock = {.held = false};
	char json[NP_NAME_MAX + 8];
	int ret = store_open_backups(&store, false, err);

	*removed = *bytes = 0;
	if (!ret && store.backups.path)
		ret = store_lock(&store, &lock, err);
	for (size_t i = 0; i < list->count && !ret && store.backups.path; i++) {
		const struct kept *one = &list->at[i];

		if (one->fate != KEPT_MAY_GO)
			continue;
		snprintf(json, sizeof(json), "%s.json", one->name);
		ret = np_io_dir_remove(&store.backups, one->name, err);
		if (!ret)
			ret = np_io_dir_remove(&store.backups, json, err);
		*removed += !ret;
		*bytes += ret ? 0 : one->manifest->size;
	}
	np_io_lock_drop(&lock, &store.root);
	store_close(&store);
	return ret;
}

int kept_export(const struct kept *one, const char *path, enum np_io_mode mode,
                struct np_error *err)
{
	const struct manifest *m = one->manifest;
	uint8_t *data = NULL;
	size_t len = 0;
	int ret = kept_verify(one, err);

	if (!ret)
		ret = np_io_read(one->path, m->size, &data, &len, err);
	if (!ret)
		ret = np_io_save(path, data, len, mode, err);
	free(data);
	if (ret)
		return ret;
	ret = manifest_save(m, path, mode, err);
	if (ret && mode == NP_IO_NEW)
		np_io_remove(path, NULL);
	return ret;
}

/* ---- unfinished jobs ---- */

struct visit {
	struct store *store;
	int (*fn)(void *ctx, const struct kept_job *job, struct np_error *err);
	void *ctx;
};

static void fill_job(struct kept_job *job, const struct journal *j)
{
	memcpy(job->operation, j->operation, sizeof(job->operation));
	memcpy(job->chip, j->chip, sizeof(job->chip));
	memcpy(job->uid, j->uid, sizeof(job->uid));
	memcpy(job->programmer, j->programmer, sizeof(job->programmer));
	memcpy(job->started, j->started, sizeof(job->started));
	memcpy(job->file, j->file, sizeof(job->file));
	memcpy(job->regions, j->regions, sizeof(job->regions));
	if (!j->backup_is_ours)
		memcpy(job->backup, j->backup, sizeof(job->backup));
	memcpy(job->backup_sha256, j->backup_sha256, sizeof(job->backup_sha256));
	job->chip_size = j->size;
}

static int visit_record(void *ctx, const char *name, struct np_error *err)
{
	const struct visit *visit = ctx;
	size_t len = strlen(name), text_len = 0;
	struct kept_job *job = calloc(1, sizeof(*job));
	struct journal journal = {0};
	struct np_error why = {0};
	uint8_t *text = NULL;
	char lock[NP_NAME_MAX];
	int ret = 0;

	if (!job)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	if (len <= 5 || strcmp(name + len - 5, ".json") != 0) {
		free(job);
		return 0;
	}
	snprintf(lock, sizeof(lock), ".%.*s.lock", (int)len - 5, name);
	job->alive = np_io_lock_alive(&visit->store->jobs, lock);
	job->damaged =
		np_io_dir_read(&visit->store->jobs, name, 16 << 20, &text, &text_len, &why) ||
		journal_parse(&journal, (const char *)text, text_len, &why);
	if (!job->damaged)
		fill_job(job, &journal);
	if (job->damaged)
		np_log(NP_LOG_WARN, "%s/%s: %s", visit->store->jobs.path, name, why.message);
	/* Without its digest it cannot be told which backup it needs. */
	job->damaged |= !journal.backup_sha256[0];
	ret = visit->fn(visit->ctx, job, err);
	journal_free(&journal);
	free(text);
	free(job);
	return ret;
}

int kept_jobs(const char *state_dir,
              int (*fn)(void *ctx, const struct kept_job *job, struct np_error *err), void *ctx,
              struct np_error *err)
{
	struct store store = {.dir = state_dir};
	struct visit visit = {&store, fn, ctx};
	int ret = store_open_jobs(&store, false, err);

	if (!ret && store.jobs.path)
		ret = np_io_dir_each(&store.jobs, visit_record, &visit, err);
	store_close(&store);
	return ret;
}
