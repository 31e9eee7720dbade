/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: build.c builtin.c flashrom.c load.c profile.c */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/gunzip.h"
#include "layout/builtin.h"
#include "layout/layout.h"
#include "support/suite.h"
#include "device/load.h"

static const char good[] = "[device]\n"
			   "name = Some router\n"
			   "size = 64K\n"
			   "\n"
			   "[region boot]\n"
			   "start = 0\n"
			   "len = 0x8000\n"
			   "boot = yes\n"
			   "[region data]\n"
			   "start = 0x8000\n"
			   "len = 0x8000\n"
			   "alias = radio\n"
			   "unit = yes ; comment\n"
			   "[field mac]\n"
			   "type = mac\n"
			   "at = 0x7ff0\n"
			   "unit = yes\n"
			   "[field cal]\n"
			   "type = cal\n"
			   "at = 0x8000\n"
			   "len = 0x200\n"
			   "expect = 0x7603, 7620\n"
			   "[derived]\n"
			   "wan = mac+1\n"
			   "[recognise]\n"
			   "need = 0x10 01 02 ff\n"
			   "hint = 0x0+0x8000 \"U-Boot\"\n";

static int parse(const char *text, struct layout *layout, struct np_error *err)
{
	return layout_parse_profile(text, strlen(text), "x.ini", layout, err);
}

START_TEST(a_profile_is_read_whole)
{
	struct layout layout;
	struct np_error err = {0};

	ck_assert_msg(parse(good, &layout, &err) == 0, "%s", err.message);
	ck_assert_str_eq(layout.device, "Some router");
	ck_assert_uint_eq(layout.size, 65536);
	ck_assert(layout.profile);
	ck_assert_uint_eq(layout.region_count, 2);
	ck_assert(layout.regions[0].boot && !layout.regions[0].unit && layout.regions[1].unit);
	ck_assert_ptr_eq(layout_find(&layout, "radio"), &layout.regions[1]);
	ck_assert_ptr_eq(layout_at(&layout, 0x7fff), &layout.regions[0]);
	ck_assert_ptr_null(layout_at(&layout, 0x10000));
	ck_assert_uint_eq(layout_field(&layout, "mac")->len, 6);
	ck_assert_uint_eq(layout_field(&layout, "cal")->expect[0], 0x7603);
	ck_assert_uint_eq(layout_field(&layout, "cal")->expect[1], 0x7620);
	ck_assert_uint_eq(layout.unit.count, 2);
	ck_assert_uint_eq(layout.unit.at[0].start, 0x7ff0);
	ck_assert_uint_eq(layout.unit.at[0].len, 6);
	ck_assert_uint_eq(layout.derived_count, 1);
	ck_assert_int_eq(layout.derived[0].offset, 1);
	ck_assert_uint_eq(layout.sign_count, 2);
	ck_assert(layout.signs[0].need && layout.signs[0].len == 3);
	ck_assert_uint_eq(layout.signs[1].span, 0x8000);
	ck_assert_mem_eq(layout.signs[1].bytes, "U-Boot", 6);
	layout_free(&layout);
}
END_TEST

/* What stands at the end of `good` or instead of it, and what the complaint must say. */
static const struct {
	const char *text, *says;
} wrong[] = {
	{"", "x.ini: no [device] section"},
	{"[device]\nname = x\n", "x.ini:1: 'size' is missing"},
	{"[device]\nname = x\nsize = 100\n", "x.ini:3: not the size of a flash: '100'"},
	{"[device]\nname = x\nsize = 64K\n", "x.ini: no region in it"},
	{"name = x\n", "x.ini:1: a key before the first section"},
	{"[device]\nname = x\nsize = 64K\ncolour = red\n", "x.ini:4: unknown key: 'colour'"},
	{"[device]\nname = x\nname = y\n", "x.ini:3: given twice: 'name'"},
	{"[device]\nname = x\n  size = 1M\n", "x.ini:3: the line is indented"},
	{"[device]\nalias = a/b\n", "x.ini:2: an alias has no '/', no '.' and plain"},
	{"[device]\nalias = C7 v1.1\n", "x.ini:2: an alias has no '/', no '.' and plain"},
	{"[device]\nalias = 1\nalias = 2\nalias = 3\nalias = 4\nalias = 5\nalias = 6\nalias = 7\n",
         "x.ini:8: too many aliases: '7'"},
	{"[planet]\nname = x\n", "x.ini:1: unknown or repeated section [planet]"},
	{"[device]\n\n[region a]\nstart = 0\nlen = 1\n", "x.ini:1: the section is empty"},
	{"[device\nname = x\n", "x.ini:1: "},
	{"[device]\nname\n", "x.ini:2: neither [section] nor key = value"},
	{"[region a]\nlen = 1\n", "x.ini:1: 'start' is missing"},
	{"[region a b]\nstart = 1\n", "x.ini:1: a name is made of"},
	{"[region a]\nstart = -1\n", "x.ini:2: not a number: '-1'"},
	{"[region a]\nunit = maybe\n", "x.ini:2: expected yes or no"},
	{"[field f]\ntype = wheel\n", "x.ini:2: unknown field type: 'wheel'"},
	{"[field f]\ntype = bytes\nat = 1\n", "x.ini:1: field f: 'len' is missing"},
	{"[field f]\nexpect = 0x76030\n", "x.ini:2: expected up to 7 chip numbers"},
	{"[recognise]\nneed = 0x0 1\n", "x.ini:2: expected up to 63 hex bytes"},
	{"[recognise]\nneed = here 01\n", "x.ini:2: expected ADDRESS"},
	{"[derived]\nwan = mac+999\n", "x.ini:2: expected FIELD, FIELD+N"},
	{"[recognise]\nneed = 0x0 01\n[region a]\n", "x.ini:3: the section is empty"},
};

START_TEST(every_complaint_names_its_line)
{
	struct layout layout;
	struct np_error err = {0};

	ck_assert_int_eq(parse(wrong[_i].text, &layout, &err), NP_E_INPUT);
	ck_assert_msg(strstr(err.message, wrong[_i].says) != NULL, "got: %s", err.message);
	layout_free(&layout);
}
END_TEST

static const struct {
	const char *more, *says;
} unfit[] = {
	{"[region x]\nstart = 0x7fff\nlen = 1\n",
         "x.ini:28: regions boot and x overlap at 0x007fff"},
	{"[region x]\nstart = 0xffff\nlen = 1\n", "x.ini:28: regions data and x overlap"},
	{"[region x]\nstart = 0x10000\nlen = 1\n", "x.ini:28: region x ends at 0x010001, behind"},
	{"[region boot]\nstart = 0x9000\nlen = 1\n", "overlap"},
	{"[region x]\nstart = 0xfffffffffffffff0\nlen = 0x20\n",
         "x.ini:28: region x: empty or too long"},
	{"[field mac]\ntype = mac\nat = 0\n", "x.ini:28: field mac is there twice"},
	{"[field f]\ntype = mac\nat = 0x7ffe\n",
         "x.ini:28: field f at 0x007ffe+6 lies in no region"},
	{"[derived]\nwan = cal+1\n", "x.ini:29: wan is derived from 'cal', which is no MAC"},
	{"[device]\nname = x\n", "x.ini:28: unknown or repeated section [device]"},
};

START_TEST(pieces_that_do_not_fit_are_named)
{
	char text[2048];
	struct layout layout;
	struct np_error err = {0};

	snprintf(text, sizeof(text), "%s%s", good, unfit[_i].more);
	ck_assert_int_eq(parse(text, &layout, &err), NP_E_INPUT);
	ck_assert_msg(strstr(err.message, unfit[_i].says) != NULL, "got: %s", err.message);
}
END_TEST

START_TEST(names_are_taken_once)
{
	static const char twice[] = "[device]\nname = x\nsize = 64K\n"
				    "[region a]\nstart = 0\nlen = 1\n"
				    "[region b]\nstart = 1\nlen = 1\nalias = a\n";
	static const char group[] = "[device]\nname = x\nsize = 64K\n"
				    "[region unit]\nstart = 0\nlen = 1\n";
	struct layout layout;
	struct np_error err = {0};

	ck_assert_int_eq(parse(twice, &layout, &err), NP_E_INPUT);
	ck_assert_str_eq(err.message, "x.ini:7: region b: the name is taken by another region");
	ck_assert_int_eq(parse(group, &layout, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "x.ini:4: 'unit' is the group"));
}
END_TEST

START_TEST(words_become_ranges)
{
	struct layout layout;
	struct np_ranges set = {0};
	struct np_error err = {0};

	ck_assert_int_eq(parse(good, &layout, &err), 0);
	ck_assert_int_eq(layout_resolve(&layout, "unit", 65536, &set, &err), 0);
	ck_assert_uint_eq(np_ranges_bytes(&set), 0x8006);
	ck_assert_int_eq(layout_resolve(&layout, "0x10+6", 65536, &set, &err), 0);
	ck_assert_int_eq(layout_resolve(NULL, "0x20-0x21", 65536, &set, &err), 0);
	ck_assert_uint_eq(np_ranges_bytes(&set), 0x800e);
	ck_assert_int_eq(layout_resolve(&layout, "rom", 65536, &set, &err), NP_E_RANGE);
	ck_assert_str_eq(err.message, "layout x.ini has no region 'rom'");
	ck_assert_str_eq(err.hint, "its regions: boot, data; group: unit");
	ck_assert_int_eq(layout_resolve(&layout, "0xfffe+4", 65536, &set, &err), NP_E_RANGE);
	ck_assert_ptr_nonnull(strstr(err.message, "behind the end at 0x010000"));
	ck_assert_int_eq(layout_resolve(NULL, "rom", 65536, &set, &err), NP_E_RANGE);
	ck_assert_ptr_nonnull(strstr(err.hint, "-l"));
	ck_assert_int_eq(layout_resolve(&layout, "data", 0x9000, &set, &err), NP_E_RANGE);
	ck_assert_uint_eq(np_ranges_bytes(&set), 0x800e);
	np_ranges_free(&set);
	layout_free(&layout);
}
END_TEST

START_TEST(flashrom_files_are_read)
{
	static const char text[] = "# a comment\n"
				   "00000000:0001ffff boot\r\n"
				   "\n"
				   "  0x20000:0x2ffff  kernel # trailing\n"
				   "00030000:0003ffff data";
	struct layout layout;
	struct np_error err = {0};

	ck_assert_msg(layout_parse_flashrom(text, strlen(text), "f", &layout, &err) == 0, "%s",
	              err.message);
	ck_assert_uint_eq(layout.region_count, 3);
	ck_assert_uint_eq(layout_find(&layout, "kernel")->start, 0x20000);
	ck_assert_uint_eq(layout_find(&layout, "data")->len, 0x10000);
	ck_assert(!layout.profile);
	ck_assert_int_eq(layout_check(&layout, 0x40000, &err), 0);
	ck_assert_int_eq(layout_check(&layout, 0x3ffff, &err), NP_E_RANGE);
	ck_assert_int_eq(layout_resolve(&layout, "unit", 0x40000, &layout.unit, &err), NP_E_RANGE);
	layout_free(&layout);
}
END_TEST

static const struct {
	const char *text, *says;
} wrong_flashrom[] = {
	{"", "f: no region in it"},
	{"0:ff a\n100:1ff\n", "f:2: expected START:END NAME"},
	{"0:ff a\nhello\n", "f:2: expected START:END NAME"},
	{"100:ff a\n", "f:1: the region ends before it starts"},
	{"0:ff a\n80:1ff b\n", "f:2: regions a and b overlap at 0x000080"},
	{"0:ff a\n100:1ff a\n", "f:2: region a: the name is taken"},
	{"0:ff a b\n", "f:1: expected one name"},
	{"0:ffffffffffffffffff a\n", "f:1: expected START:END NAME"},
};

START_TEST(wrong_flashrom_lines_are_named)
{
	struct layout layout;
	struct np_error err = {0};
	const char *text = wrong_flashrom[_i].text;

	ck_assert_int_eq(layout_parse_flashrom(text, strlen(text), "f", &layout, &err), NP_E_INPUT);
	ck_assert_msg(strstr(err.message, wrong_flashrom[_i].says) != NULL, "got: %s", err.message);
}
END_TEST

START_TEST(unknown_names_get_near_ones)
{
	struct layout layout;
	struct np_error err = {0};

	ck_assert_int_eq(layout_load("tplink-mr200v1", &layout, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.hint, "tplink-mr200-v1"));
	ck_assert_int_eq(layout_load("qqqqqqqqqqqq", &layout, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.hint, "norprog layouts"));
	ck_assert_int_eq(layout_load("/", &layout, &err), NP_E_INPUT);
}
END_TEST

START_TEST(files_are_told_apart_by_content)
{
	char path[] = "/tmp/np-layout-XXXXXX";
	int fd = mkstemp(path);
	struct layout layout;
	struct np_error err = {0};

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "; c\n\n", 5), 5);
	ck_assert_int_eq(write(fd, good, strlen(good)), (ssize_t)strlen(good));
	ck_assert_msg(layout_load(path, &layout, &err) == 0, "%s", err.message);
	ck_assert(layout.profile);
	ck_assert_str_eq(layout.path, path);
	layout_free(&layout);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(pwrite(fd, "# x\n0:ffff all\n", 15, 0), 15);
	ck_assert_msg(layout_load(path, &layout, &err) == 0, "%s", err.message);
	ck_assert(!layout.profile);
	layout_free(&layout);
	/* As saved by an editor of Windows: byte order mark, CR LF. */
	ck_assert_int_eq(pwrite(fd,
	                        "\xef\xbb\xbf"
	                        "0:ffff all\r\n",
	                        15, 0),
	                 15);
	ck_assert_msg(layout_load(path, &layout, &err) == 0, "%s", err.message);
	ck_assert_str_eq(layout.regions[0].name, "all");
	layout_free(&layout);
	close(fd);
	unlink(path);
}
END_TEST

/* Every built-in profile: parses, names its source, covers unit data, passes its own check. */
START_TEST(every_builtin_profile_checks_itself)
{
	const char *const *names = layout_builtin_names();

	ck_assert_ptr_nonnull(names[0]);
	for (size_t i = 0; names[i]; i++) {
		struct layout layout;
		struct np_error err = {0};

		ck_assert_msg(layout_load(names[i], &layout, &err) == 0, "%s", err.message);
		ck_assert_str_eq(layout.name, names[i]);
		ck_assert_str_eq(layout.path, "built-in");
		ck_assert_msg(layout.source[0] && layout.device[0], "%s: no source", names[i]);
		ck_assert_msg(layout_check(&layout, layout.size, &err) == 0, "%s", err.message);
		ck_assert_msg(layout.unit.count > 0, "%s: nothing is this unit's own", names[i]);
		ck_assert_msg(layout.regions[0].boot || layout.regions[0].start == 0, "%s",
		              names[i]);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(names[j], names[i]);
		for (size_t j = 0; j < layout.field_count; j++) {
			const struct layout_field *field = &layout.fields[j];
			struct np_range range = {field->start, field->len};

			ck_assert_msg(field->type == FIELD_BYTES ||
			                      np_ranges_contain(&layout.unit, range),
			              "%s: %s is no part of the unit data", names[i], field->name);
		}
		layout_free(&layout);
	}
}
END_TEST

static struct layout load(const char *name)
{
	struct layout layout;
	struct np_error err = {0};

	ck_assert_msg(layout_load(name, &layout, &err) == 0, "%s", err.message);
	return layout;
}

START_TEST(the_key_devices_are_as_the_sources_say)
{
	struct layout layout = load("tplink-mr200-v1");

	ck_assert_uint_eq(layout_find(&layout, "rom")->start, 0x7d0000);
	ck_assert_uint_eq(layout_field(&layout, "mac")->start, 0x7df100);
	ck_assert(!layout_find(&layout, "romfile")->unit && layout_find(&layout, "radio")->unit);
	layout_free(&layout);
	for (int i = 0; i < 2; i++) {
		layout = load(i ? "tplink-mr600-v2" : "tplink-mr500-v1");
		ck_assert_uint_eq(layout_find(&layout, "radio")->start, 0xff0000);
		ck_assert_uint_eq(layout_field(&layout, "mac")->start, 0xfcf100);
		ck_assert(!layout_at(&layout, 0xfe0000)->unit);
		layout_free(&layout);
	}
	layout = load("tplink-archer-c7-v2");
	ck_assert_uint_eq(layout.unit.count, 3);
	ck_assert_uint_eq(layout.unit.at[0].start, 0x1fc00);
	ck_assert_uint_eq(layout.unit.at[0].len, 6);
	ck_assert_uint_eq(layout.unit.at[1].start, 0x1fe00);
	ck_assert_uint_eq(layout.unit.at[1].len, 8);
	ck_assert_uint_eq(layout.unit.at[2].start, 0xff0000);
	layout_free(&layout);
}
END_TEST

/* Nobody may be given another device's map: every name means one profile. */
START_TEST(every_alias_means_one_profile)
{
	const char *const *names = layout_builtin_names();
	size_t count = 0;

	for (size_t i = 0; names[i]; i++) {
		struct layout layout = load(names[i]);

		for (size_t j = 0; j < layout.alias_count; j++, count++) {
			for (size_t k = 0; names[k]; k++)
				ck_assert_str_ne(names[k], layout.aliases[j]);
			for (size_t k = 0; k < j; k++)
				ck_assert_int_ne(strcasecmp(layout.aliases[k], layout.aliases[j]),
				                 0);
			/* The first that has it is taken: it would be another's, were it there
			 * twice. */
			ck_assert_str_eq(layout_builtin_name(layout.aliases[j]), names[i]);
		}
		layout_free(&layout);
	}
	ck_assert_uint_ge(count, 100);
	ck_assert_ptr_null(layout_builtin_name(""));
	ck_assert_ptr_null(layout_builtin_name("Archer C7"));
}
END_TEST

START_TEST(a_device_is_loaded_by_openwrts_and_the_vendors_name)
{
	static const char *const same[][2] = {
		{"tplink,archer-c7-v2", "tplink-archer-c7-v2"},
		{"ARCHER c7 V2", "tplink-archer-c7-v2"},
		{"tplink,archer-mr200", "tplink-mr200-v1"},
		{"Archer MR500 v1", "tplink-mr500-v1"},
		{"Archer C7 v3", "tplink-archer-c7-v2"},
		{"tplink,tl-wdr7500-v3", "tplink-tl-wdr7500-v3"},
		{"tplink,mr600-v2-eu", "tplink-mr600-v2"},
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct layout layout = load(same[i][0]);

		ck_assert_str_eq(layout.name, same[i][1]);
		ck_assert_str_eq(layout.path, "built-in");
		layout_free(&layout);
	}
}
END_TEST

START_TEST(a_mac_that_is_none_is_not_trusted)
{
	struct layout layout = load("tplink-mr200-v1");
	uint8_t *image = malloc(8 << 20);
	char why[128];

	memset(image, 0xff, 8 << 20);
	ck_assert(!layout_plausible(&layout, image, 8 << 20, why, sizeof(why)));
	ck_assert_str_eq(why, "mac at 0x7df100 is ff ff ff ff ff ff (blank)");
	memcpy(image + 0x7df100, "\xa0\xf3\xc1\x01\x02\x03", 6);
	ck_assert(layout_plausible(&layout, image, 8 << 20, why, sizeof(why)));
	image[0x7df100] |= 1;
	ck_assert(!layout_plausible(&layout, image, 8 << 20, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "multicast"));
	ck_assert(!layout_plausible(&layout, image, 0x7df103, why, sizeof(why)));
	free(image);
	layout_free(&layout);
}
END_TEST

/* The table gives a place for each address that a driver may ask for; not every unit fills all. */
START_TEST(blank_places_beside_an_address_are_no_contradiction)
{
	static const char text[] = "[device]\nname = X\nsize = 1M\nsource = made up\n"
				   "[region art]\nstart = 0\nlen = 1M\nunit = yes\n"
				   "[field a]\ntype = mac\nat = 0x10\n"
				   "[field b]\ntype = mac-text\nat = 0x20\n"
				   "[field c]\ntype = mac\nat = 0x40\n";
	struct layout layout;
	uint8_t image[1 << 12];
	char why[128];

	ck_assert_int_eq(layout_parse_profile(text, sizeof(text) - 1, "x", &layout, NULL), 0);
	memset(image, 0xff, sizeof(image));
	ck_assert(!layout_plausible(&layout, image, sizeof(image), why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "a at 0x000010"));
	memcpy(image + 0x40, "\xa0\xf3\xc1\x01\x02\x03", 6);
	ck_assert(layout_plausible(&layout, image, sizeof(image), why, sizeof(why)));
	memset(image + 0x10, 0, 6);
	ck_assert(layout_plausible(&layout, image, sizeof(image), why, sizeof(why)));
	memcpy(image + 0x10, "\x01\xf3\xc1\x01\x02\x03", 6);
	ck_assert(!layout_plausible(&layout, image, sizeof(image), why, sizeof(why)));
	memset(image + 0x10, 0xff, 6);
	memcpy(image + 0x20, "bootcmd=bootm 0x9", 17);
	ck_assert(!layout_plausible(&layout, image, sizeof(image), why, sizeof(why)));
	layout_free(&layout);
}
END_TEST

/* Damage real profiles at random: whatever comes out is an error with text, or a sound layout. */
START_TEST(mutated_profiles_never_break_the_parser)
{
	for (unsigned seed = 1; seed <= 4000; seed++) {
		const struct layout_builtin *b = &layout_builtins[seed % 4];
		size_t len = b->len;
		char *text;
		struct layout layout;
		struct np_error err = {0};
		int rc = np_gunzip(b->packed, b->packed_len, len, &text, &err);

		ck_assert_int_eq(rc, 0);
		srand(seed);
		for (int i = rand() % 4; i >= 0; i--)
			text[(size_t)rand() % len] = (char)(rand() % 4 ? rand() % 96 + 32 : rand());
		if (rand() % 4 == 0)
			len = (size_t)rand() % len;
		rc = layout_parse_profile(text, len, "m", &layout, &err);
		if (rc && !err.message[0])
			ck_abort_msg("seed %u: an error without words", seed);
		if (!rc && layout_check(&layout, layout.size, &err))
			ck_abort_msg("seed %u: accepted, but %s", seed, err.message);
		layout_free(&layout);
		rc = layout_parse_flashrom(text, len, "m", &layout, &err);
		if (!rc)
			layout_free(&layout);
		free(text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("layout");
	TCase *tc = tcase_create("layouts");

	tcase_add_test(tc, a_profile_is_read_whole);
	tcase_add_loop_test(tc, every_complaint_names_its_line, 0,
	                    (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_loop_test(tc, pieces_that_do_not_fit_are_named, 0,
	                    (int)(sizeof(unfit) / sizeof(unfit[0])));
	tcase_add_test(tc, names_are_taken_once);
	tcase_add_test(tc, words_become_ranges);
	tcase_add_test(tc, flashrom_files_are_read);
	tcase_add_loop_test(tc, wrong_flashrom_lines_are_named, 0,
	                    (int)(sizeof(wrong_flashrom) / sizeof(wrong_flashrom[0])));
	tcase_add_test(tc, unknown_names_get_near_ones);
	tcase_add_test(tc, files_are_told_apart_by_content);
	tcase_add_test(tc, every_builtin_profile_checks_itself);
	tcase_add_test(tc, the_key_devices_are_as_the_sources_say);
	tcase_add_test(tc, every_alias_means_one_profile);
	tcase_add_test(tc, a_device_is_loaded_by_openwrts_and_the_vendors_name);
	tcase_add_test(tc, a_mac_that_is_none_is_not_trusted);
	tcase_add_test(tc, blank_places_beside_an_address_are_no_contradiction);
	tcase_add_test(tc, mutated_profiles_never_break_the_parser);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
