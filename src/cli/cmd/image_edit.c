/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image extract, merge, patch, pad, trim: a new file from old ones. */
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/cmd/image.h"
#include "cli/mapped_file.h"
#include "image/image.h"
#include "device/field.h"

#define PAD_LIMIT ((uint64_t)1 << 30)

/* ---- extract ---- */

static int extract(struct cli *cli, const struct image_file *file, const char *word,
                   struct np_error *err)
{
	struct np_ranges set = {0};
	struct layout layout;
	bool has;
	int ret = image_file_layout(cli, file->data, file->len, &layout, &has, err);

	if (!ret)
		ret = layout_resolve(has ? &layout : NULL, word, file->len, &set, err);
	if (!ret && set.count != 1) {
		np_fail(err, NP_E_USAGE, "'%s' is %zu pieces", word, set.count);
		ret = np_hint(err, "extract one region or range at a time");
	}
	if (!ret)
		ret = image_file_save(cli, file->path, file->data + set.at[0].start, set.at[0].len,
		                      err);
	np_ranges_free(&set);
	if (has)
		layout_free(&layout);
	return ret;
}

int image_verb_extract(struct cli *cli, struct np_error *err)
{
	struct image_file file;
	int ret = image_file_open(&file, cli->opt.args[1], err);

	if (!ret && cli->opt.in_place)
		ret = np_fail(err, NP_E_USAGE, "extract makes a new file: -o FILE");
	if (!ret)
		ret = extract(cli, &file, cli->opt.args[2], err);
	image_file_close(&file);
	return ret;
}

/* ---- merge and patch: change a copy word by word, then save it ---- */

typedef int apply_fn(struct cli *cli, const struct layout *layout, char *word, uint8_t *image,
                     size_t len, struct np_error *err);

static int merge_word(struct cli *cli, const struct layout *layout, char *word, uint8_t *image,
                      size_t len, struct np_error *err)
{
	char *equals = strchr(word, '=');
	const struct layout_region *region;
	struct np_ranges ignored = {0};
	struct image_file piece;
	int ret;

	if (!equals)
		return np_fail(err, NP_E_USAGE, "'%s' is not REGION=FILE", word);
	*equals = '\0';
	region = layout_find(layout, word);
	if (!region) {
		/* layout_resolve() words the error; a raw range has no place here. */
		ret = layout_resolve(layout, word, len, &ignored, err);
		np_ranges_free(&ignored);
		return ret ? ret : np_fail(err, NP_E_USAGE, "merge takes region names: '%s'", word);
	}
	ret = image_file_open(&piece, equals + 1, err);
	/* A full dump as the source: the same region of it. */
	if (!ret && piece.len == len)
		memcpy(image + region->start, piece.data + region->start, region->len);
	else if (!ret)
		ret = image_merge(image, len, region, piece.data, piece.len, cli->opt.pad, err);
	image_file_close(&piece);
	return ret;
}

static int patch_word(struct cli *cli, const struct layout *layout, char *word, uint8_t *image,
                      size_t len, struct np_error *err)
{
	const struct layout_field *field;
	struct unit_value before, after;
	uint8_t *copy = malloc(len);
	int ret;

	if (!copy)
		return np_fail(err, NP_E_MEMORY, "out of memory for %zu bytes", len);
	memcpy(copy, image, len);
	ret = unit_field_set(layout, word, image, len, &field, err);
	if (!ret && unit_field_read(field, copy, len, &before) &&
	    unit_field_read(field, image, len, &after))
		report_say(&cli->report, "%s: %s -> %s", field->name, before.text, after.text);
	free(copy);
	return ret;
}

/* REGION= or FIELD= twice: which was meant? */
static int check_once(const struct cli_options *opt, struct np_error *err)
{
	for (size_t i = 2; i < opt->arg_count; i++) {
		size_t len = strcspn(opt->args[i], "=");

		for (size_t j = 2; j < i; j++)
			if (strncmp(opt->args[i], opt->args[j], len + 1) == 0)
				return np_fail(err, NP_E_USAGE, "%.*s is given twice", (int)len,
				               opt->args[i]);
	}
	return 0;
}

static int change_copy(struct cli *cli, apply_fn *apply, struct np_error *err)
{
	const struct cli_options *opt = &cli->opt;
	struct layout layout = {0};
	struct image_file file;
	uint8_t *copy = NULL;
	int ret = image_file_open(&file, opt->args[1], err);

	if (!ret)
		ret = check_once(opt, err);
	if (!ret)
		ret = image_file_need_layout(cli, file.data, file.len, &layout, err);
	if (!ret)
		ret = image_file_copy(&file, &copy, err);
	for (size_t i = 2; i < opt->arg_count && !ret; i++)
		ret = apply(cli, &layout, opt->args[i], copy, file.len, err);
	if (!ret)
		ret = image_file_save(cli, file.path, copy, file.len, err);
	free(copy);
	layout_free(&layout);
	image_file_close(&file);
	return ret;
}

int image_verb_merge(struct cli *cli, struct np_error *err)
{
	return change_copy(cli, merge_word, err);
}

int image_verb_patch(struct cli *cli, struct np_error *err)
{
	return change_copy(cli, patch_word, err);
}

/* ---- pad and trim ---- */

static int pad_file(struct cli *cli, const struct image_file *file, uint64_t size,
                    struct np_error *err)
{
	uint8_t *padded;
	int ret;

	if (size < file->len || size > PAD_LIMIT)
		return np_fail(err, NP_E_SIZE, "%s has %zu bytes: it cannot be padded to %llu",
		               file->path, file->len, (unsigned long long)size);
	padded = malloc(size);
	if (!padded)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	memcpy(padded, file->data, file->len);
	memset(padded + file->len, 0xff, size - file->len);
	ret = image_file_save(cli, file->path, padded, size, err);
	free(padded);
	return ret;
}

int image_verb_pad(struct cli *cli, struct np_error *err)
{
	struct image_file file;
	uint64_t size;
	int ret = image_file_open(&file, cli->opt.args[1], err);

	if (!ret && !np_parse_size(cli->opt.args[2], &size))
		ret = np_fail(err, NP_E_USAGE, "'%s' is not a size like 8M", cli->opt.args[2]);
	if (!ret)
		ret = pad_file(cli, &file, size, err);
	image_file_close(&file);
	return ret;
}

int image_verb_trim(struct cli *cli, struct np_error *err)
{
	struct image_file file;
	uint8_t *copy = NULL;
	int ret = image_file_open(&file, cli->opt.args[1], err);

	/* A copy: --in-place replaces the file that is mapped. */
	if (!ret)
		ret = image_file_copy(&file, &copy, err);
	if (!ret)
		ret = image_file_save(cli, file.path, copy, image_trimmed(copy, file.len, 1), err);
	free(copy);
	image_file_close(&file);
	return ret;
}
