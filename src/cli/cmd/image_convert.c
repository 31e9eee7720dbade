/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image convert, swap, invert, join: the same bytes in another form. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"
#include "cli/cmd/image.h"
#include "cli/mapped_file.h"
#include "image/hexfile.h"
#include "image/transform.h"

#define JOIN_LIMIT ((uint64_t)1 << 30)

/* ---- convert ---- */

static bool ends_with(const char *path, const char *ending)
{
	size_t len = strlen(path), n = strlen(ending);

	return len > n && strcasecmp(path + len - n, ending) == 0;
}

/* The form of the result, by the name it is to have; raw bytes for any other. */
static enum hexfile_kind wanted_kind(const char *path)
{
	static const struct {
		const char *ending;
		enum hexfile_kind kind;
	} endings[] = {
		{".hex", HEXFILE_INTEL},     {".ihex", HEXFILE_INTEL},   {".ihx", HEXFILE_INTEL},
		{".srec", HEXFILE_MOTOROLA}, {".s19", HEXFILE_MOTOROLA}, {".s28", HEXFILE_MOTOROLA},
		{".s37", HEXFILE_MOTOROLA},  {".mot", HEXFILE_MOTOROLA},
	};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (ends_with(path, endings[i].ending))
			return endings[i].kind;
	return HEXFILE_NONE;
}

/* Gaps become FFh in a raw file: whoever writes it whole writes them too. */
static void tell_gaps(struct cli *cli, const struct hexfile *hex)
{
	uint64_t gaps = hex->len - np_ranges_bytes(&hex->covers);
	char size[32];

	if (gaps)
		report_warn(&cli->report,
		            "%s of it are gaps, which a plain image file can only hold as FFh",
		            np_format_size(gaps, size, sizeof(size)));
}

static int save_as(struct cli *cli, const char *source, const uint8_t *data, size_t len,
                   struct np_error *err)
{
	enum hexfile_kind kind = cli->opt.output ? wanted_kind(cli->opt.output) : HEXFILE_NONE;
	size_t text_len;
	char *text;
	int ret;

	if (kind == HEXFILE_NONE)
		return image_file_save(cli, source, data, len, err);
	ret = hexfile_format(kind, data, len, 0, &text, &text_len, err);
	if (!ret)
		ret = image_file_save(cli, source, (const uint8_t *)text, text_len, err);
	free(text);
	return ret;
}

int image_verb_convert(struct cli *cli, struct np_error *err)
{
	struct hexfile hex = {0};
	struct image_file file;
	int ret = image_file_open_raw(&file, cli->opt.args[1], err);

	if (!ret && cli->opt.in_place)
		ret = np_fail(err, NP_E_USAGE,
		              "convert makes a new file: -o FILE.bin, .hex, .srec");
	if (!ret && hexfile_detect(file.data, file.len) != HEXFILE_NONE) {
		ret = hexfile_parse(file.data, file.len, file.path, &hex, err);
		if (!ret && cli->opt.output && wanted_kind(cli->opt.output) == HEXFILE_NONE)
			tell_gaps(cli, &hex);
		if (!ret)
			ret = save_as(cli, file.path, hex.data, hex.len, err);
	} else if (!ret) {
		image_file_close(&file);
		ret = image_file_open(&file, cli->opt.args[1], err);
		if (!ret)
			ret = save_as(cli, file.path, file.data, file.len, err);
	}
	hexfile_free(&hex);
	image_file_close(&file);
	return ret;
}

/* ---- swap and invert ---- */

static int transform_file(struct cli *cli, enum transform transform, struct np_error *err)
{
	struct image_file file;
	uint8_t *copy = NULL;
	int ret = image_file_open(&file, cli->opt.args[1], err);

	if (!ret)
		ret = image_file_copy(&file, &copy, err);
	if (!ret) {
		transform_apply(transform, copy, file.len);
		ret = image_file_save(cli, file.path, copy, file.len, err);
	}
	free(copy);
	image_file_close(&file);
	return ret;
}

int image_verb_swap(struct cli *cli, struct np_error *err)
{
	static const struct {
		const char *word;
		enum transform transform;
	} words[] = {{"2", TRANSFORM_SWAP2}, {"4", TRANSFORM_SWAP4}, {"bits", TRANSFORM_MIRROR}};
	const char *word = cli->opt.args[2];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(word, words[i].word) == 0)
			return transform_file(cli, words[i].transform, err);
	np_fail(err, NP_E_USAGE, "swap: '%s' is neither 2, 4 nor bits", word);
	return np_hint(err, "`norprog image identify FILE` tries which of them makes it readable");
}

int image_verb_invert(struct cli *cli, struct np_error *err)
{
	return transform_file(cli, TRANSFORM_INVERT, err);
}

/* ---- join ---- */

static int append(const char *path, uint8_t **joined, size_t *len, struct np_error *err)
{
	struct image_file file;
	uint8_t *more;
	int ret = image_file_open(&file, path, err);

	if (ret)
		return ret;
	if (*len + file.len > JOIN_LIMIT) {
		image_file_close(&file);
		return np_fail(err, NP_E_SIZE, "%s: together they have more than 1 GiB", path);
	}
	more = realloc(*joined, *len + file.len);
	if (more) {
		memcpy(more + *len, file.data, file.len);
		*joined = more;
		*len += file.len;
	}
	image_file_close(&file);
	return more ? 0 : np_fail(err, NP_E_MEMORY, "out of memory");
}

/* An image that lies in several chips, read back one after the other. */
int image_verb_join(struct cli *cli, struct np_error *err)
{
	uint8_t *joined = NULL;
	size_t len = 0;
	int ret = 0;

	if (cli->opt.in_place)
		ret = np_fail(err, NP_E_USAGE, "join makes a new file: -o FILE");
	for (size_t i = 1; i < cli->opt.arg_count && !ret; i++)
		ret = append(cli->opt.args[i], &joined, &len, err);
	if (!ret)
		ret = image_file_save(cli, cli->opt.args[1], joined, len, err);
	free(joined);
	return ret;
}
