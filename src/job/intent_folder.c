/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of REGION.bin as an image: each file says by its name, or by its manifest, where it
 * belongs. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "job/intent.h"
#include "job/job.h"
#include "store/backup.h"

#define ENDING ".bin"

static int is_bin(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), ending = strlen(ENDING);

	return len > ending && strcmp(entry->d_name + len - ending, ENDING) == 0;
}

/* NAME says where: a region or a range. */
static bool place_by_name(const struct job *job, const char *file, struct np_range *range)
{
	const struct layout_region *region;
	char name[LAYOUT_NAME_MAX];
	size_t len = strlen(file) - strlen(ENDING);

	if (len >= sizeof(name))
		return false;
	memcpy(name, file, len);
	name[len] = '\0';
	region = job->layout ? layout_find(job->layout, name) : NULL;
	if (!region)
		return np_parse_range(name, range);
	*range = (struct np_range){region->start, region->len};
	return true;
}

static int add_cover(struct intent_image *image, const char *path, struct np_range range,
                     struct np_error *err)
{
	if (np_ranges_overlap(&image->covers, range))
		return np_fail(err, NP_E_INPUT,
		               "%s holds bytes that another file of the folder holds too", path);
	return np_ranges_add(&image->covers, range, err);
}

static int load_named(const struct job *job, const char *path, struct np_range range,
                      struct intent_image *image, struct np_error *err)
{
	uint8_t *data = NULL;
	size_t len = 0;
	int ret;

	if (range.len > nor_info(job->nor)->size ||
	    range.start > nor_info(job->nor)->size - range.len)
		return np_fail(err, NP_E_RANGE, "%s: its place lies beyond the end of the chip",
		               path);
	ret = np_io_read(path, nor_info(job->nor)->size, &data, &len, err);
	if (!ret && len != range.len)
		ret = np_fail(err, NP_E_SIZE, "%s has %zu bytes, its region %" PRIu64, path, len,
		              range.len);
	if (!ret)
		ret = add_cover(image, path, range, err);
	if (!ret)
		memcpy(image->data + range.start, data, len);
	free(data);
	return ret;
}

/* No name to go by: FILE.json tells. */
static int load_by_manifest(const struct job *job, const char *path, struct intent_image *image,
                            struct np_error *err)
{
	struct np_ranges covered = {0};
	int ret = backup_load(path, nor_info(job->nor)->size, image->data, &covered, err);

	for (size_t i = 0; i < covered.count && !ret; i++)
		ret = add_cover(image, path, covered.at[i], err);
	if (ret == NP_E_INPUT && !job->layout)
		np_hint(err, "--layout says where a region of that name lies");
	np_ranges_free(&covered);
	return ret;
}

static int load_one(const struct job *job, const char *folder, const char *file,
                    struct intent_image *image, struct np_error *err)
{
	char path[NP_PATH_MAX];
	struct np_range range;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, file) >= sizeof(path))
		return np_fail(err, NP_E_INPUT, "the path is too long: %s", folder);
	if (place_by_name(job, file, &range))
		return load_named(job, path, range, image, err);
	return load_by_manifest(job, path, image, err);
}

int intent_load_folder(struct intent *intent, const struct job *job, const char *path,
                       struct np_error *err)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_bin, alphasort);
	int ret = 0;

	if (count < 0)
		return np_fail_file(err, path, errno);
	if (!count)
		ret = np_fail(err, NP_E_INPUT, "%s holds no REGION.bin file", path);
	for (int i = 0; i < count; i++) {
		if (!ret)
			ret = load_one(job, path, entries[i]->d_name, &intent->image, err);
		free(entries[i]);
	}
	free(entries);
	return ret;
}
