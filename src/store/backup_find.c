/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which backup is the last of this very chip, and what was changed since it was made. */
#include "store/backup_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "store/shelf.h"

static bool same_chip(const struct manifest *m, const struct nor_info *info, const char *profile)
{
	char id[2 * NOR_ID_MAX + 1], uid[2 * NOR_UID_MAX + 1];

	np_format_hex(info->jedec_id, info->jedec_id_len, id);
	np_format_hex(info->uid, info->uid_len, uid);
	if (m->chip_size != info->size || strcmp(m->jedec_id, id) != 0 || strcmp(m->uid, uid) != 0)
		return false;
	return uid[0] || !profile || !m->profile[0] || strcmp(m->profile, profile) == 0;
}

struct wanted {
	const struct nor_info *info;
	const char *profile;
};

static bool wants(void *ctx, const struct manifest *manifest)
{
	const struct wanted *wanted = ctx;

	return same_chip(manifest, wanted->info, wanted->profile);
}

static int look_through(struct store *store, const char *profile, struct shelf *shelf,
                        struct np_error *err)
{
	struct wanted wanted = {store->chip, profile};
	struct np_error why = {0};
	int ret = shelf_fill(shelf, store, wants, &wanted, &why, err);

	/* A search must not fail because of it, so it counts as no backup. */
	if (!ret && why.code)
		np_log(NP_LOG_WARN, "backups cannot be looked for: %s", why.message);
	return ret;
}

/* ---- what came after ---- */

/* The first job whose changes may have come after backup `index`. A dated one may lie anywhere when
 * the clock of the numbered ones went back. */
static size_t first_after(const struct shelf *shelf, size_t index, const struct store *store)
{
	const struct shelf_entry *before = NULL;

	if (index < shelf->count && shelf_is_numbered(shelf->at[index], store))
		return index;
	for (size_t i = 0; i < shelf->count; i++) {
		if (!shelf_is_numbered(shelf->at[i], store))
			continue;
		if (before && strcmp(before->manifest.date, shelf->at[i]->manifest.date) > 0)
			return 0;
		before = shelf->at[i];
	}
	return index;
}

/* What the job that kept this backup may have changed. */
static int add_changes(struct np_ranges *unknown, const struct manifest *m, struct np_error *err)
{
	int ret = 0;

	if (strcmp(m->operation, "read") == 0)
		return 0;
	if (m->says_changes)
		return np_ranges_add_all(unknown, &m->changes, err);
	for (size_t i = 0; i < m->segment_count && !ret; i++)
		ret = np_ranges_add(
			unknown, (struct np_range){m->segments[i].start, m->segments[i].len}, err);
	return ret;
}

/* The newest whole one whose file is what its manifest says. `index` is count when there is none.
 */
static int choose(const struct shelf *shelf, struct backup_found *found, size_t *index,
                  struct np_error *err)
{
	int ret = np_ranges_add(&found->whole, (struct np_range){0, found->size}, err);

	for (size_t i = shelf->count; i-- > 0 && !ret;) {
		const struct manifest *m = &shelf->at[i]->manifest;
		struct np_error why = {0};

		if (!shelf_is_whole(m))
			continue;
		if (!segments_open(&found->file, shelf->at[i]->path, &found->whole, m->sha256,
		                   &why)) {
			*index = i;
			return 0;
		}
		np_log(NP_LOG_WARN, "%s", why.message);
	}
	*index = shelf->count;
	return ret;
}

int backup_find(struct store *store, const char *also, const char *profile,
                struct backup_found *found, struct np_error *err)
{
	struct wanted wanted = {store->chip, profile};
	struct shelf shelf = {0};
	size_t index = 0;
	int ret;

	*found = (struct backup_found){.file = {.fd = -1}, .size = store->chip->size};
	ret = look_through(store, profile, &shelf, err);
	if (!ret && also)
		ret = shelf_add(&shelf, also, wants, &wanted, err);
	if (!ret)
		ret = shelf_sort(&shelf, store, err);
	if (!ret)
		ret = choose(&shelf, found, &index, err);
	if (!ret && index < shelf.count) {
		memcpy(found->path, shelf.at[index]->path, sizeof(found->path));
		memcpy(found->date, shelf.at[index]->manifest.date, sizeof(found->date));
		found->sure = store->chip->uid_len > 0;
		ret = np_ranges_add_all(&found->unknown, &shelf.at[index]->manifest.assumed, err);
	}
	for (size_t i = first_after(&shelf, index, store); i < shelf.count && !ret; i++)
		ret = add_changes(&found->unknown, &shelf.at[i]->manifest, err);
	shelf_free(&shelf);
	return ret;
}

struct digest_search {
	struct store *store;
	const char *sha256;
	char *path;
};

static int try_digest(void *ctx, const char *name, struct np_error *err)
{
	struct digest_search *search = ctx;
	struct np_io_dir *dir = &search->store->backups;
	size_t len = strlen(name);
	struct manifest manifest;
	bool same;

	(void)err;
	if (len <= 5 || strcmp(name + len - 5, ".json") != 0)
		return 0;
	same = manifest_load_in(dir, name, &manifest, NULL) == 0 &&
	       strcmp(manifest.sha256, search->sha256) == 0;
	manifest_free(&manifest);
	return same && (size_t)snprintf(search->path, NP_PATH_MAX, "%s/%.*s", dir->path,
	                                (int)(len - 5), name) < NP_PATH_MAX;
}

int backup_find_digest(struct store *store, const char *sha256, char path[NP_PATH_MAX],
                       struct np_error *err)
{
	struct digest_search search = {store, sha256, path};
	int ret = store_open_backups(store, false, err);

	if (!ret)
		ret = np_io_dir_each(&store->backups, try_digest, &search, err);
	if (ret == 1)
		return 0;
	return ret ? ret : np_fail(err, NP_E_INPUT, "no backup with the SHA-256 %s", sha256);
}

int backup_find_last(struct store *store, char path[NP_PATH_MAX], struct np_error *err)
{
	struct shelf shelf = {0};
	int ret = look_through(store, NULL, &shelf, err);

	if (!ret)
		ret = shelf_sort(&shelf, store, err);
	path[0] = '\0';
	for (size_t i = shelf.count; i-- > 0 && !ret && !path[0];)
		if (strcmp(shelf.at[i]->manifest.operation, "read") != 0 &&
		    strcmp(shelf.at[i]->manifest.operation, "resume") != 0)
			memcpy(path, shelf.at[i]->path, NP_PATH_MAX);
	shelf_free(&shelf);
	if (!ret && !path[0])
		ret = np_fail(err, NP_E_INPUT, "no backup of this chip in the state folder");
	return ret;
}

void backup_found_free(struct backup_found *found)
{
	segments_close(&found->file);
	np_ranges_free(&found->whole);
	np_ranges_free(&found->unknown);
}
