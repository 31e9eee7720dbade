/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device profiles: base/ini.c splits the lines, the tables below say what each key means. */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "layout/build.h"

enum section {
	SECTION_NONE,
	SECTION_DEVICE,
	SECTION_REGION,
	SECTION_GROUP,
	SECTION_FIELD,
	SECTION_RECOGNISE,
	SECTION_DERIVED
};

struct parser {
	struct np_ini ini;
	enum section section;
	uint32_t seen;         /* keys of this section, by index in its table */
	const struct key *key; /* being taken */
	bool device_seen;
	struct layout_region region;
	struct layout_field field;
	struct layout_build *build;
	struct np_error *err;
};

enum key_use { KEY_OPTIONAL, KEY_REQUIRED, KEY_REPEATED };

struct key {
	const char *name;
	int (*set)(struct parser *p, const char *value);
	enum key_use use;
	size_t at, room; /* where it goes in what the section describes, and how much fits there */
};

static int fail(struct parser *p, const char *what, const char *value)
{
	return layout_build_fail(p->build, p->err, p->ini.line, "%s: '%s'", what, value);
}

/* ---- values ---- */

static int set_text(struct parser *p, const char *value, char *to, size_t room)
{
	if (strlen(value) >= room)
		return layout_build_fail(p->build, p->err, p->ini.line,
		                         "longer than %zu characters: '%s'", room - 1, value);
	strcpy(to, value);
	return 0;
}

static int set_name(struct parser *p, const char *value, char *to)
{
	for (const char *c = value; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			return fail(p, "a name is made of letters, digits, '-', '_' and '.'",
			            value);
	return *value ? set_text(p, value, to, LAYOUT_NAME_MAX) : fail(p, "empty name", value);
}

static int set_number(struct parser *p, const char *value, uint64_t *to)
{
	return np_parse_size(value, to) ? 0 : fail(p, "not a number", value);
}

static int set_flag(struct parser *p, const char *value, bool *to)
{
	*to = strcmp(value, "yes") == 0;
	return *to || strcmp(value, "no") == 0 ? 0 : fail(p, "expected yes or no", value);
}

/* ---- keys that fill one member of what the section describes ---- */

static void *member(struct parser *p)
{
	void *all = &p->region;

	if (p->section == SECTION_DEVICE)
		all = &p->build->layout;
	else if (p->section == SECTION_FIELD)
		all = &p->field;
	return (char *)all + p->key->at;
}

static int key_text(struct parser *p, const char *value)
{
	return set_text(p, value, member(p), p->key->room);
}

static int key_name(struct parser *p, const char *value)
{
	return set_name(p, value, member(p));
}

static int key_number(struct parser *p, const char *value)
{
	return set_number(p, value, member(p));
}

static int key_flag(struct parser *p, const char *value)
{
	return set_flag(p, value, member(p));
}

/* ---- [device] ---- */

static int device_size(struct parser *p, const char *value)
{
	uint64_t *size = &p->build->layout.size;

	if (!np_parse_size(value, size) || !*size || *size > UINT32_MAX || (*size & (*size - 1)))
		return fail(p, "not the size of a flash", value);
	return 0;
}

/* What is no name of a profile's and no path is looked for among these: '/' and '.' make a path. */
static int device_alias(struct parser *p, const char *value)
{
	struct layout *layout = &p->build->layout;

	for (const char *c = value; *c; c++)
		if (!isprint((unsigned char)*c) || strchr("/.", *c))
			return fail(p, "an alias has no '/', no '.' and plain characters only",
			            value);
	if (layout->alias_count == LAYOUT_ALIASES)
		return fail(p, "too many aliases", value);
	return set_text(p, value, layout->aliases[layout->alias_count++], LAYOUT_NAME_MAX);
}

/* ---- [field NAME] ---- */

static const struct {
	const char *name;
	enum layout_field_type type;
	uint64_t len; /* 0: must be given */
} field_types[] = {
	{"mac", FIELD_MAC, 6},     {"mac-text", FIELD_MAC_TEXT, 17}, {"pin", FIELD_PIN, 8},
	{"imei", FIELD_IMEI, 15},  {"serial", FIELD_SERIAL, 0},      {"cal", FIELD_CAL, 0},
	{"bytes", FIELD_BYTES, 0},
};

static int field_type(struct parser *p, const char *value)
{
	for (size_t i = 0; i < sizeof(field_types) / sizeof(field_types[0]); i++) {
		if (strcmp(value, field_types[i].name) != 0)
			continue;
		p->field.type = field_types[i].type;
		if (!p->field.len)
			p->field.len = field_types[i].len;
		return 0;
	}
	return fail(p, "unknown field type", value);
}

static int field_len(struct parser *p, const char *value)
{
	int rc = set_number(p, value, &p->field.len);

	return rc || p->field.len ? rc : fail(p, "a field has at least one byte", value);
}

static int field_expect(struct parser *p, const char *value)
{
	size_t room = sizeof(p->field.expect) / sizeof(p->field.expect[0]) - 1, n = 0;

	while (*value) {
		char *end;
		unsigned long number = strtoul(value, &end, 16);

		if (end == value || end - value > 6 || !number || number > UINT16_MAX || n == room)
			return fail(p, "expected up to 7 chip numbers like 0x7603", value);
		p->field.expect[n++] = (uint16_t)number;
		value = end + strspn(end, " ,");
	}
	return 0;
}

/* ---- [recognise] ---- */

static bool sign_hex(const char *text, struct layout_sign *sign)
{
	while (*text) {
		if (!np_parse_hex_byte(text, &sign->bytes[sign->len]) ||
		    ++sign->len == sizeof(sign->bytes))
			return false;
		text += 2;
		text += strspn(text, " ");
	}
	return sign->len != 0;
}

static bool sign_text(const char *text, struct layout_sign *sign)
{
	size_t len = strlen(text);

	if (len < 3 || text[len - 1] != '"' || len - 2 >= sizeof(sign->bytes))
		return false;
	sign->len = len - 2;
	memcpy(sign->bytes, text + 1, sign->len);
	return true;
}

/* "mac, cal-5g" without its blanks. */
static bool field_list(const char *text, char list[LAYOUT_TOGETHER])
{
	size_t n = 0;

	for (; *text; text++) {
		if (*text == ' ')
			continue;
		if (n + 1 == LAYOUT_TOGETHER)
			return false;
		list[n++] = *text;
	}
	list[n] = '\0';
	return n != 0;
}

/* What stands at a place, and " with FIELD, FIELD" behind it. */
static bool sign_what(const char *value, struct layout_sign *sign)
{
	char what[200];
	char *with;

	if ((size_t)snprintf(what, sizeof(what), "%s", value) >= sizeof(what))
		return false;
	with = strstr(what, " with ");
	if (with && sign->identity) {
		*with = '\0';
		if (!field_list(with + 6, sign->with))
			return false;
	}
	return *what == '"' ? sign_text(what, sign) : sign_hex(what, sign);
}

/* ADDR or START+SPAN, then hex bytes or a quoted text. */
static int add_sign(struct parser *p, const char *value, bool need, bool identity)
{
	struct layout_sign sign = {.span = 1, .need = need, .identity = identity};
	size_t len = strcspn(value, " ");
	const char *what = value + len + strspn(value + len, " ");
	char place[48] = "";
	struct np_range range;

	if (p->build->sign_count == LAYOUT_MAX)
		return fail(p, "too many signs", value);
	if (len < sizeof(place))
		memcpy(place, value, len);
	if (np_parse_range(place, &range)) {
		sign.start = range.start;
		sign.span = range.len;
	} else if (!np_parse_size(place, &sign.start)) {
		return fail(p, "expected ADDRESS or START+SPAN", value);
	}
	if (!sign_what(what, &sign))
		return fail(p, "expected up to 63 hex bytes or a quoted text", value);
	p->build->signs[p->build->sign_count++] = sign;
	return 0;
}

static int recognise_need(struct parser *p, const char *value)
{
	return add_sign(p, value, true, false);
}

static int recognise_hint(struct parser *p, const char *value)
{
	return add_sign(p, value, false, false);
}

static int recognise_identity(struct parser *p, const char *value)
{
	return add_sign(p, value, false, true);
}

static int recognise_together(struct parser *p, const char *value)
{
	return field_list(value, p->build->layout.together)
	               ? 0
	               : fail(p, "expected names of fields", value);
}

/* ---- [derived]: any name = FIELD+N ---- */

static int add_derived(struct parser *p, const char *name, const char *value)
{
	struct layout_build *build = p->build;
	struct layout_derived *derived = &build->derived[build->derived_count];
	size_t len = strlen(value);
	char field[LAYOUT_NAME_MAX] = "", *end;
	const char *sign;
	long offset = 0;

	if (build->derived_count == LAYOUT_MAX)
		return fail(p, "too many derived values", name);
	/* A field name may hold '-': what begins the offset is the last sign before the digits. */
	sign = value + strlen(value);
	while (sign > value && isdigit((unsigned char)sign[-1]))
		sign--;
	if (*sign && sign > value && (sign[-1] == '+' || sign[-1] == '-')) {
		len = (size_t)(sign - 1 - value);
		offset = strtol(sign - 1, &end, 10);
	}
	if (!len || len >= sizeof(field) || offset < -255 || offset > 255)
		return fail(p, "expected FIELD, FIELD+N or FIELD-N", value);
	memcpy(field, value, len);
	derived->offset = (int)offset;
	build->derived_line[build->derived_count++] = p->ini.line;
	return set_name(p, name, derived->name) || set_name(p, field, derived->field) ? -1 : 0;
}

/* ---- sections ---- */

#define PLACE(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define KEYS_END                               \
	{                                      \
		NULL, NULL, KEY_OPTIONAL, 0, 0 \
	}

/* clang-format off */
static const struct key device_keys[] = {
	{"name", key_text, KEY_REQUIRED, PLACE(layout, device)},
	{"size", device_size, KEY_REQUIRED, 0, 0},
	{"alias", device_alias, KEY_REPEATED, 0, 0},
	{"source", key_text, KEY_OPTIONAL, PLACE(layout, source)},
	{"doubt", key_text, KEY_OPTIONAL, PLACE(layout, doubt)},
	KEYS_END
};
static const struct key region_keys[] = {
	{"start", key_number, KEY_REQUIRED, PLACE(layout_region, start)},
	{"len", key_number, KEY_REQUIRED, PLACE(layout_region, len)},
	{"holds", key_text, KEY_OPTIONAL, PLACE(layout_region, holds)},
	{"alias", key_name, KEY_OPTIONAL, PLACE(layout_region, alias)},
	{"unit", key_flag, KEY_OPTIONAL, PLACE(layout_region, unit)},
	{"boot", key_flag, KEY_OPTIONAL, PLACE(layout_region, boot)},
	{"doubt", key_text, KEY_OPTIONAL, PLACE(layout_region, doubt)},
	KEYS_END
};
static const struct key group_keys[] = {
	{"start", key_number, KEY_REQUIRED, PLACE(layout_region, start)},
	{"len", key_number, KEY_REQUIRED, PLACE(layout_region, len)},
	KEYS_END
};
static const struct key field_keys[] = {
	{"type", field_type, KEY_REQUIRED, 0, 0},
	{"at", key_number, KEY_REQUIRED, PLACE(layout_field, start)},
	{"len", field_len, KEY_OPTIONAL, 0, 0},
	{"expect", field_expect, KEY_OPTIONAL, 0, 0},
	{"doubt", key_text, KEY_OPTIONAL, PLACE(layout_field, doubt)},
	{"unit", key_flag, KEY_OPTIONAL, PLACE(layout_field, unit)},
	KEYS_END
};
static const struct key recognise_keys[] = {
	{"need", recognise_need, KEY_REPEATED, 0, 0},
	{"hint", recognise_hint, KEY_REPEATED, 0, 0},
	{"identity", recognise_identity, KEY_REPEATED, 0, 0},
	{"together", recognise_together, KEY_OPTIONAL, 0, 0},
	KEYS_END
};
/* clang-format on */

static const struct key *keys_of(enum section section)
{
	switch (section) {
	case SECTION_DEVICE:
		return device_keys;
	case SECTION_REGION:
		return region_keys;
	case SECTION_GROUP:
		return group_keys;
	case SECTION_FIELD:
		return field_keys;
	default:
		return recognise_keys;
	}
}

static int end_field(struct parser *p)
{
	struct layout_build *build = p->build;

	if (!p->field.len)
		return layout_build_fail(build, p->err, p->ini.open_line,
		                         "field %s: 'len' is missing", p->field.name);
	if (build->field_count == LAYOUT_MAX)
		return layout_build_fail(build, p->err, p->ini.open_line, "more than %d fields",
		                         LAYOUT_MAX);
	build->field_line[build->field_count] = p->ini.open_line;
	build->fields[build->field_count++] = p->field;
	return 0;
}

/* The open section is complete: does it say all it must? */
static int end_section(void *ctx)
{
	struct parser *p = ctx;
	const struct key *keys = keys_of(p->section);

	if (p->section == SECTION_DERIVED)
		return 0;
	for (size_t i = 0; keys[i].name; i++)
		if (keys[i].use == KEY_REQUIRED && !(p->seen & 1u << i))
			return layout_build_fail(p->build, p->err, p->ini.open_line,
			                         "'%s' is missing in this section", keys[i].name);
	if (p->section == SECTION_REGION)
		return layout_build_region(p->build, &p->region, p->ini.open_line, p->err);
	if (p->section == SECTION_GROUP)
		return layout_build_group(p->build, &p->region, p->ini.open_line, p->err);
	return p->section == SECTION_FIELD ? end_field(p) : 0;
}

/* What is wrong with a name is wrong in the line of the section, not in that of its first key. */
static int name_section(struct parser *p, const char *name, char *to)
{
	unsigned line = p->ini.line;
	int rc;

	p->ini.line = p->ini.section_line;
	rc = set_name(p, name, to);
	p->ini.line = line;
	return rc;
}

static int begin_section(void *ctx, const char *name)
{
	struct parser *p = ctx;

	p->seen = 0;
	p->region = (struct layout_region){0};
	p->field = (struct layout_field){0};
	if (strncmp(name, "region ", 7) == 0) {
		p->section = SECTION_REGION;
		return name_section(p, name + 7, p->region.name);
	}
	if (strncmp(name, "group ", 6) == 0) {
		p->section = SECTION_GROUP;
		return name_section(p, name + 6, p->region.name);
	}
	if (strncmp(name, "field ", 6) == 0) {
		p->section = SECTION_FIELD;
		return name_section(p, name + 6, p->field.name);
	}
	if (strcmp(name, "device") == 0 && !p->device_seen) {
		p->section = SECTION_DEVICE;
		p->device_seen = true;
		return 0;
	}
	if (strcmp(name, "recognise") == 0)
		p->section = SECTION_RECOGNISE;
	else if (strcmp(name, "derived") == 0)
		p->section = SECTION_DERIVED;
	else
		return layout_build_fail(p->build, p->err, p->ini.section_line,
		                         "unknown or repeated section [%s]", name);
	return 0;
}

static int take_key(void *ctx, const char *name, const char *value)
{
	struct parser *p = ctx;
	const struct key *keys = keys_of(p->section);

	if (p->section == SECTION_DERIVED)
		return add_derived(p, name, value);
	for (size_t i = 0; keys[i].name; i++) {
		if (strcmp(name, keys[i].name) != 0)
			continue;
		if (p->seen & 1u << i && keys[i].use != KEY_REPEATED)
			return fail(p, "given twice", name);
		p->seen |= 1u << i;
		p->key = &keys[i];
		return keys[i].set(p, value);
	}
	return fail(p, "unknown key", name);
}

/* ---- the file ---- */

static int bad_line(void *ctx, unsigned line, const char *what, const char *value)
{
	struct parser *p = ctx;

	return layout_build_fail(p->build, p->err, line, "%s%s%s%s", what, value ? ": '" : "",
	                         value ? value : "", value ? "'" : "");
}

static const struct np_ini_user profile_of = {
	.begin = begin_section, .key = take_key, .end = end_section, .fail = bad_line};

static int parse(struct parser *p)
{
	int rc = np_ini_read(&p->ini, p);

	if (!rc && !p->device_seen)
		rc = layout_build_fail(p->build, p->err, 0, "no [device] section");
	return rc;
}

static bool fields_exist(const struct layout *layout, const char *list)
{
	while (*list)
		if (!layout_field_next(layout, &list))
			return false;
	return true;
}

static int check_lists(const struct layout_build *build, const struct layout *layout,
                       struct np_error *err)
{
	bool right = fields_exist(layout, layout->together);

	for (size_t i = 0; i < layout->sign_count; i++)
		right &= fields_exist(layout, layout->signs[i].with);
	return right ? 0
	             : layout_build_fail(build, err, 0, "[recognise] names a field there is not");
}

int layout_parse_profile(const char *text, size_t len, const char *name, struct layout *layout,
                         struct np_error *err)
{
	struct parser p = {.ini = {.text = text, .len = len, .user = &profile_of}, .err = err};
	int rc;

	*layout = (struct layout){0};
	p.build = layout_build_new(name);
	if (!p.build)
		return np_fail(err, NP_E_MEMORY, "%s: out of memory", name);
	snprintf(p.build->layout.name, sizeof(p.build->layout.name), "%s", name);
	p.build->layout.profile = true;
	rc = parse(&p);
	if (!rc)
		rc = layout_build_finish(p.build, layout, err);
	if (!rc) {
		rc = check_lists(p.build, layout, err);
		if (rc)
			layout_free(layout);
	}
	free(p.build);
	return rc;
}
