/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which backup is the last of this very chip, and what was changed since it was made. */
#include "store/backup_find.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"

/* One backup of this chip. */
struct entry {
	char path[NP_PATH_MAX];
	struct manifest manifest; /* owned */
	struct timespec written;  /* tells the order within one second */
};

struct shelf {
	struct entry **at; /* owned, each of them too */
	size_t count;
};

static void shelf_free(struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->count; i++) {
		manifest_free(&shelf->at[i]->manifest);
		free(shelf->at[i]);
	}
	free(shelf->at);
}

static bool same_chip(const struct manifest *m, const struct nor_info *info, const char *profile)
{
	char id[2 * NOR_ID_MAX + 1], uid[2 * NOR_UID_MAX + 1];

	manifest_hex(info->jedec_id, info->jedec_id_len, id);
	manifest_hex(info->uid, info->uid_len, uid);
	if (m->chip_size != info->size || strcmp(m->jedec_id, id) != 0 || strcmp(m->uid, uid) != 0)
		return false;
	return uid[0] || !profile || !m->profile[0] || strcmp(m->profile, profile) == 0;
}

/* Does it hold all of the chip, as a read that was trusted? */
static bool is_whole(const struct manifest *m)
{
	return m->segment_count == 1 && m->segments[0].start == 0 &&
	       m->segments[0].len == m->chip_size && m->size == m->chip_size && !m->unstable.count;
}

static int put_on(struct shelf *shelf, const char *path, const struct nor_info *info,
                  const char *profile, struct np_error *err)
{
	struct entry **at = reallocarray(shelf->at, shelf->count + 1, sizeof(struct entry *));
	struct entry *entry;
	struct np_error why = {0};
	struct stat st;

	if (!at)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	shelf->at = at;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	snprintf(entry->path, sizeof(entry->path), "%s", path);
	if (manifest_load(path, &entry->manifest, &why) ||
	    !same_chip(&entry->manifest, info, profile) || stat(path, &st) != 0) {
		np_log(NP_LOG_DEBUG, "%s is no backup of this chip: %s", path, why.message);
		manifest_free(&entry->manifest);
		free(entry);
		return 0;
	}
	entry->written = st.st_mtim;
	shelf->at[shelf->count++] = entry;
	return 0;
}

static int look_through(struct shelf *shelf, const char *state_dir, const struct nor_info *info,
                        const char *profile, struct np_error *err)
{
	char path[NP_PATH_MAX + 512];
	struct dirent *name;
	DIR *dir;
	int ret = 0;

	snprintf(path, sizeof(path), "%s/backups", state_dir);
	dir = opendir(path);
	while (dir && !ret && (name = readdir(dir))) {
		size_t len = strlen(name->d_name);

		if (len <= 9 || strcmp(name->d_name + len - 9, ".bin.json") != 0)
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/backups/%.*s", state_dir,
		                     (int)(len - 5), name->d_name) < NP_PATH_MAX)
			ret = put_on(shelf, path, info, profile, err);
	}
	if (dir)
		closedir(dir);
	return ret;
}

static int by_age(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a,
			   *y = *(const struct entry *const *)b;
	int order = strcmp(x->manifest.date, y->manifest.date);

	if (order)
		return order;
	if (x->written.tv_sec != y->written.tv_sec)
		return x->written.tv_sec < y->written.tv_sec ? -1 : 1;
	return (x->written.tv_nsec > y->written.tv_nsec) -
	       (x->written.tv_nsec < y->written.tv_nsec);
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

		if (!is_whole(m))
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

int backup_find(const char *state_dir, const char *also, const struct nor_info *info,
                const char *profile, struct backup_found *found, struct np_error *err)
{
	struct shelf shelf = {0};
	size_t index = 0;
	int ret;

	*found = (struct backup_found){.file = {.fd = -1}, .size = info->size};
	ret = look_through(&shelf, state_dir, info, profile, err);
	if (!ret && also)
		ret = put_on(&shelf, also, info, profile, err);
	if (!ret && shelf.count)
		qsort(shelf.at, shelf.count, sizeof(struct entry *), by_age);
	if (!ret)
		ret = choose(&shelf, found, &index, err);
	if (!ret && index < shelf.count) {
		memcpy(found->path, shelf.at[index]->path, sizeof(found->path));
		memcpy(found->date, shelf.at[index]->manifest.date, sizeof(found->date));
		found->sure = info->uid_len > 0;
		ret = np_ranges_add_all(&found->unknown, &shelf.at[index]->manifest.assumed, err);
	}
	for (size_t i = index; i < shelf.count && !ret; i++)
		ret = add_changes(&found->unknown, &shelf.at[i]->manifest, err);
	shelf_free(&shelf);
	return ret;
}

void backup_found_free(struct backup_found *found)
{
	segments_close(&found->file);
	np_ranges_free(&found->whole);
	np_ranges_free(&found->unknown);
}
