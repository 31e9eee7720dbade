/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings against the files of an image, from the manifests beside them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "job/intent.h"
#include "store/trust.h"

#define FILES_MOST 4096u /* of a folder */

/* Of a file that is written to another place than its manifest names, all findings count. */
static const struct np_ranges *asked(const struct intent *intent)
{
	return intent->image.by_address ? &intent->selection.todo : NULL;
}

static int examine_file(struct intent *intent, const char *path, const struct nor_info *chip,
                        struct np_error *err)
{
	struct intent_image *image = &intent->image;
	struct trust *more =
		realloc(image->trust, (image->trust_count + 1) * sizeof(*image->trust));
	struct np_error why = {0};
	int ret;

	if (!more)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	image->trust = more;
	more += image->trust_count;
	ret = trust_examine(more, path, chip, asked(intent), &why);
	if (!ret && more->has_manifest) {
		image->trust_count++;
		return 0;
	}
	trust_free(more);
	if (ret == NP_E_MEMORY)
		return np_fail(err, ret, "out of memory");
	if (ret)
		np_log(NP_LOG_WARN, "what %s says is not used: %s", path, why.message);
	return 0;
}

static int is_bin(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && strcmp(entry->d_name + len - 4, ".bin") == 0;
}

static int examine_folder(struct intent *intent, const struct nor_info *chip, struct np_error *err)
{
	struct dirent **entries = NULL;
	int count = scandir(intent->image.path, &entries, is_bin, alphasort), ret = 0;
	char path[NP_PATH_MAX];

	/* The path is no folder: the image is in memory, and the path only names where it came
	 * from. */
	if (count < 0)
		return examine_file(intent, intent->image.path, chip, err);
	for (int i = 0; i < count; i++) {
		if (!ret && i < (int)FILES_MOST &&
		    (size_t)snprintf(path, sizeof(path), "%s/%s", intent->image.path,
		                     entries[i]->d_name) < sizeof(path))
			ret = examine_file(intent, path, chip, err);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

int intent_examine(struct intent *intent, const struct nor_info *chip, struct np_error *err)
{
	struct intent_image *image = &intent->image;
	const struct selection *sel = &intent->selection;

	if (image->examined || !image->path)
		return 0;
	image->examined = true;
	image->by_address = !sel->placed && !image->stripped &&
	                    (!image->len || image->len == chip->size ||
	                     image->len != np_ranges_bytes(&sel->only) || selection_is_whole(sel));
	return image->len ? examine_file(intent, image->path, chip, err)
	                  : examine_folder(intent, chip, err);
}
