/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/json.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX (16u << 20)

json_t *json_from_ranges(const struct np_ranges *set)
{
	json_t *array = json_array();

	for (size_t i = 0; i < set->count; i++)
		json_array_append_new(array,
		                      json_pack("{s:I,s:I}", "start", (json_int_t)set->at[i].start,
		                                "length", (json_int_t)set->at[i].len));
	return array;
}

int json_get_text(const json_t *object, const char *key, char *buf, size_t len,
                  struct np_error *err)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (!text || strlen(text) >= len)
		return np_fail(err, NP_E_INPUT, "\"%s\" is missing or not a short text", key);
	memcpy(buf, text, strlen(text) + 1);
	return 0;
}

int json_get_number(const json_t *object, const char *key, uint64_t *value, struct np_error *err)
{
	const json_t *number = json_object_get(object, key);

	if (!json_is_integer(number) || json_integer_value(number) < 0)
		return np_fail(err, NP_E_INPUT, "\"%s\" is missing or not a number >= 0", key);
	*value = (uint64_t)json_integer_value(number);
	return 0;
}

int json_get_range(const json_t *object, uint64_t limit, struct np_range *range,
                   struct np_error *err)
{
	int ret;

	*range = (struct np_range){0, 0};
	ret = json_get_number(object, "start", &range->start, err);

	if (!ret)
		ret = json_get_number(object, "length", &range->len, err);
	if (ret)
		return ret;
	if (!range->len || range->start >= limit || range->len > limit - range->start)
		return np_fail(err, NP_E_INPUT, "a range at %llu lies outside the chip",
		               (unsigned long long)range->start);
	return 0;
}

int json_get_ranges(const json_t *object, const char *key, uint64_t limit, struct np_ranges *set,
                    struct np_error *err)
{
	const json_t *array = json_object_get(object, key);
	struct np_range range;
	int ret = 0;

	if (array && !json_is_array(array))
		return np_fail(err, NP_E_INPUT, "\"%s\" is not a list", key);
	for (size_t i = 0; i < json_array_size(array) && !ret; i++) {
		ret = json_get_range(json_array_get(array, i), limit, &range, err);
		if (!ret)
			ret = np_ranges_add(set, range, err);
	}
	return ret;
}

int json_finish(json_t *root, struct np_io_out *out, int ret, struct np_error *err)
{
	char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;

	json_decref(root);
	if (!ret && !text)
		ret = np_fail(err, NP_E_MEMORY, "%s: out of memory", out->path);
	if (!ret)
		ret = np_io_write(out, text, strlen(text), err);
	if (!ret)
		ret = np_io_write(out, "\n", 1, err);
	if (!ret)
		ret = np_io_commit(out, NULL, err);
	np_io_abort(out);
	free(text);
	return ret;
}

int json_save(json_t *root, const char *path, enum np_io_mode mode, struct np_error *err)
{
	struct np_io_out out;

	return json_finish(root, &out, np_io_create(&out, path, mode, err), err);
}

int json_parse(const char *text, size_t len, const char *path, json_t **root, struct np_error *err)
{
	json_error_t error;
	uint64_t format = 0;
	int ret;

	*root = json_loadb(text, len, 0, &error);
	if (!*root)
		return np_fail(err, NP_E_INPUT, "%s:%d: %s", path, error.line, error.text);
	ret = json_get_number(*root, "format", &format, err);
	if (!ret && format != 1)
		ret = np_fail(err, NP_E_INPUT, "format %llu is not known",
		              (unsigned long long)format);
	if (!ret)
		return 0;
	json_decref(*root);
	*root = NULL;
	np_context(err, "%s", path);
	return ret;
}

int json_open(const char *path, json_t **root, struct np_error *err)
{
	uint8_t *text;
	size_t len;
	int ret = np_io_read(path, FILE_MAX, &text, &len, err);

	*root = NULL;
	if (ret)
		return ret;
	ret = json_parse((const char *)text, len, path, root, err);
	free(text);
	return ret;
}

int json_open_in(const struct np_io_dir *dir, const char *name, json_t **root, struct np_error *err)
{
	uint8_t *text;
	size_t len;
	int ret = np_io_dir_read(dir, name, FILE_MAX, &text, &len, err);

	*root = NULL;
	if (ret)
		return ret;
	ret = json_parse((const char *)text, len, name, root, err);
	free(text);
	return ret;
}
