/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/os.h"

void shelf_free(struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->count; i++) {
		manifest_free(&shelf->at[i]->manifest);
		free(shelf->at[i]);
	}
	free(shelf->at);
	*shelf = (struct shelf){0};
}

bool shelf_is_whole(const struct manifest *m)
{
	return m->segment_count == 1 && m->segments[0].start == 0 &&
	       m->segments[0].len == m->chip_size && m->size == m->chip_size && !m->unstable.count;
}

/* ---- filling it ---- */

/* Takes the manifest over. */
static int put_on(struct shelf *shelf, const char *path, const char *name,
                  struct manifest *manifest, struct np_error *err)
{
	struct shelf_entry **at =
		np_os_grow(shelf->at, shelf->count + 1, sizeof(struct shelf_entry *));
	struct shelf_entry *entry = NULL;
	struct stat st;

	if (at) {
		shelf->at = at;
		entry = calloc(1, sizeof(*entry));
	}
	if (!entry) {
		manifest_free(manifest);
		return np_fail(err, NP_E_MEMORY, "out of memory");
	}
	shelf->at[shelf->count++] = entry;
	snprintf(entry->path, sizeof(entry->path), "%s", path);
	snprintf(entry->name, sizeof(entry->name), "%s", name);
	entry->manifest = *manifest;
	if (stat(path, &st) == 0)
		entry->written = np_os_written(&st);
	return 0;
}

struct search {
	struct shelf *shelf;
	const struct np_io_dir *dir;
	shelf_wants *wants;
	void *ctx;
};

static int put_if_wanted(const struct search *search, const char *path, const char *name,
                         struct manifest *manifest, int loaded, const char *why,
                         struct np_error *err)
{
	if (!loaded && (!search->wants || search->wants(search->ctx, manifest)))
		return put_on(search->shelf, path, name, manifest, err);
	search->shelf->damaged += loaded != 0;
	np_log(loaded && !search->wants ? NP_LOG_WARN : NP_LOG_DEBUG, "%s is passed over: %s", path,
	       loaded ? why : "another chip's");
	manifest_free(manifest);
	return 0;
}

static int try_name(void *ctx, const char *name, struct np_error *err)
{
	const struct search *search = ctx;
	size_t len = strlen(name);
	char path[NP_PATH_MAX], file[NP_NAME_MAX];
	struct np_error why = {0};
	struct manifest manifest;
	int loaded;

	if (len <= 9 || len >= sizeof(file) || strcmp(name + len - 9, ".bin.json") != 0)
		return 0;
	snprintf(file, sizeof(file), "%.*s", (int)(len - 5), name);
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", search->dir->path, file) >= sizeof(path))
		return 0;
	loaded = manifest_load_in(search->dir, name, &manifest, &why);
	return put_if_wanted(search, path, file, &manifest, loaded, why.message, err);
}

int shelf_fill(struct shelf *shelf, struct store *store, shelf_wants *wants, void *ctx,
               struct np_error *why, struct np_error *err)
{
	struct search search = {shelf, &store->backups, wants, ctx};

	if (store_open_backups(store, false, why))
		return 0;
	/* The folder's name, by which the numbers in it are told from others. */
	store_last(store);
	return np_io_dir_each(&store->backups, try_name, &search, err);
}

int shelf_add(struct shelf *shelf, const char *path, shelf_wants *wants, void *ctx,
              struct np_error *err)
{
	struct search search = {shelf, NULL, wants, ctx};
	struct np_error why = {0};
	struct manifest manifest;
	int loaded = manifest_load(path, &manifest, &why);

	return put_if_wanted(&search, path, "", &manifest, loaded, why.message, err);
}

/* ---- which is newer ---- */

static int by_number(const void *a, const void *b)
{
	const struct shelf_entry *x = *(const struct shelf_entry *const *)a,
				 *y = *(const struct shelf_entry *const *)b;

	return (x->manifest.sequence > y->manifest.sequence) -
	       (x->manifest.sequence < y->manifest.sequence);
}

static int by_date(const void *a, const void *b)
{
	const struct shelf_entry *x = *(const struct shelf_entry *const *)a,
				 *y = *(const struct shelf_entry *const *)b;
	int order = strcmp(x->manifest.date, y->manifest.date);

	if (order)
		return order;
	if (x->written.tv_sec != y->written.tv_sec)
		return x->written.tv_sec < y->written.tv_sec ? -1 : 1;
	return (x->written.tv_nsec > y->written.tv_nsec) -
	       (x->written.tv_nsec < y->written.tv_nsec);
}

bool shelf_is_numbered(const struct shelf_entry *entry, const struct store *store)
{
	return entry->manifest.sequence && strcmp(entry->manifest.state, store->id) == 0;
}

/* In the order they were made: the numbered ones as they are numbered; each of the others before
 * the first numbered one of a later date. */
int shelf_sort(struct shelf *shelf, const struct store *store, struct np_error *err)
{
	struct shelf_entry **sorted = calloc(shelf->count + 1, sizeof(struct shelf_entry *));
	size_t dated = 0, next = 0, count = 0;

	if (!sorted)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < shelf->count; i++)
			if (shelf_is_numbered(shelf->at[i], store) == (pass == 1))
				sorted[count++] = shelf->at[i];
	while (dated < count && !shelf_is_numbered(sorted[dated], store))
		dated++;
	qsort(sorted, dated, sizeof(struct shelf_entry *), by_date);
	qsort(sorted + dated, count - dated, sizeof(struct shelf_entry *), by_number);
	shelf->count = 0;
	for (size_t i = dated; i < count; i++) {
		while (next < dated &&
		       strcmp(sorted[next]->manifest.date, sorted[i]->manifest.date) <= 0)
			shelf->at[shelf->count++] = sorted[next++];
		shelf->at[shelf->count++] = sorted[i];
	}
	while (next < dated)
		shelf->at[shelf->count++] = sorted[next++];
	free(sorted);
	return 0;
}
