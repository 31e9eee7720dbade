/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: field.c evidence.c recognise_chip.c recognise_family.c recognise_load.c */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/builtin.h"
#include "device/recognise.h"
#include "base/idnum.h"
#include "device/field.h"
#include "support/rig.h"
#include "support/suite.h"
#include "device/load.h"

static void put_field(const struct layout_field *field, uint8_t *image)
{
	static const uint8_t mac[] = {0xa0, 0xf3, 0xc1, 0x12, 0x34, 0x56};
	uint8_t *at = image + field->start;

	memset(at, 0xff, field->len);
	if (field->type == FIELD_MAC)
		memcpy(at, mac, 6);
	else if (field->type == FIELD_MAC_TEXT)
		memcpy(at, "a0:f3:c1:12:34:56", 17);
	else if (field->type == FIELD_IMEI)
		memcpy(at, "490154203237518", 15);
	else if (field->type == FIELD_CAL) {
		rig_noise(at, field->len, 7);
		at[0] = (uint8_t)field->expect[0];
		at[1] = (uint8_t)(field->expect[0] >> 8);
	}
}

/* A dump as the profile says one looks, with random bytes everywhere else. */
static uint8_t *synthetic(const struct layout *layout)
{
	uint8_t *image = malloc(layout->size);

	rig_noise(image, layout->size, 1);
	for (size_t i = 0; i < layout->region_count; i++)
		if (layout->regions[i].unit)
			memset(image + layout->regions[i].start, 0xff, layout->regions[i].len);
	/* A MAC may lie inside a calibration field: the calibration first. */
	for (size_t i = 0; i < layout->field_count; i++)
		if (layout->fields[i].type == FIELD_CAL)
			put_field(&layout->fields[i], image);
	for (size_t i = 0; i < layout->field_count; i++)
		if (layout->fields[i].type != FIELD_CAL && layout->fields[i].type != FIELD_BYTES)
			put_field(&layout->fields[i], image);
	for (size_t i = 0; i < layout->sign_count; i++) {
		const struct layout_sign *sign = &layout->signs[i];
		uint64_t at = sign->start + (sign->span > 0x1000 ? 0x200 + 0x80 * i : 0);

		memcpy(image + at, sign->bytes, sign->len);
	}
	return image;
}

static struct layout load(const char *name)
{
	struct layout layout;
	struct np_error err = {0};

	ck_assert_msg(layout_load(name, &layout, &err) == 0, "%s", err.message);
	return layout;
}

static bool has_identity(const struct layout *layout)
{
	for (size_t i = 0; i < layout->sign_count; i++)
		if (layout->signs[i].identity)
			return true;
	return layout->together[0] != '\0';
}

/* Named alone; or, where the profile says that a few devices look alike, among them. */
static bool named(const struct recognition *found, const struct layout *layout, const char *name)
{
	bool is = strcmp(found->name, name) == 0;

	if (!has_identity(layout))
		return !found->name[0];
	if (!layout->together[0])
		return is && !found->ambiguous;
	for (size_t i = 0; i < found->also_count; i++)
		is |= strcmp(found->also[i], name) == 0;
	return is && recognise_certain(found);
}

START_TEST(a_profile_with_an_identity_recognises_its_own_dump_and_no_other)
{
	unsigned count = 0;

	for (const struct layout_builtin *b = layout_builtins; b->name; b++) {
		struct layout layout = load(b->name);
		uint8_t *image = synthetic(&layout);
		struct recognition result;

		ck_assert_int_eq(recognise_dump(image, layout.size, &result, NULL), 0);
		ck_assert_msg(named(&result, &layout, b->name), "%s was taken for '%s' (%s)",
		              b->name, result.device, result.why);
		count += result.name[0] != '\0';
		free(image);
		layout_free(&layout);
	}
	ck_assert_uint_ge(count, 60);
}
END_TEST

/* The same dumps without their identities: relatives at best. */
START_TEST(family_evidence_names_nobody)
{
	for (const struct layout_builtin *b = layout_builtins; b->name; b++) {
		struct layout layout = load(b->name);
		struct recognition result;
		uint8_t *image;

		for (size_t i = 0; i < layout.sign_count; i++)
			if (layout.signs[i].identity)
				memset(layout.signs[i].bytes, 0x55, layout.signs[i].len);
		image = synthetic(&layout);
		for (size_t i = 0; layout.together[0] && i < layout.field_count; i++)
			if (layout.fields[i].type == FIELD_IMEI ||
			    layout.fields[i].type == FIELD_PIN)
				memset(image + layout.fields[i].start, 0xff, layout.fields[i].len);
		ck_assert_int_eq(recognise_dump(image, layout.size, &result, NULL), 0);
		ck_assert_msg(!result.name[0], "%s was taken for '%s' (%s)", b->name, result.name,
		              result.why);
		free(image);
		layout_free(&layout);
	}
}
END_TEST

/* An identity of another device beats what a profile's fields say together. */
START_TEST(a_foreign_header_puts_an_arrangement_out)
{
	struct layout layout = load("tplink-mr200-v1");
	uint8_t *image = synthetic(&layout), *h = image + 0x20000;
	struct recognition result;

	memset(h, 0, 0x200);
	h[0] = 2;
	h[0x90] = 0xa5;
	memcpy(h + 0x34, "\x01\x00\x00\xc2\x44\x00\x00\x00", 8); /* of an Archer C20 v1 */
	ck_assert_int_eq(recognise_dump(image, layout.size, &result, NULL), 0);
	ck_assert_str_eq(result.name, "tplink-archer-c20-v1");
	memcpy(h + 0x34, "\x01\x02\x03\x04\x05\x06\x07\x08", 8); /* of nobody known */
	ck_assert_int_eq(recognise_dump(image, layout.size, &result, NULL), 0);
	ck_assert_str_eq(result.name, "");
	free(image);
	layout_free(&layout);
}
END_TEST

struct reader {
	const uint8_t *flash;
	uint64_t bytes;
};

static int read_flash(void *ctx, const struct np_ranges *places, uint8_t *image,
                      struct np_error *err)
{
	struct reader *reader = ctx;

	(void)err;
	for (size_t i = 0; i < places->count; i++) {
		memcpy(image + places->at[i].start, reader->flash + places->at[i].start,
		       places->at[i].len);
		reader->bytes += places->at[i].len;
	}
	return 0;
}

/* A chip of noise, of blanks, or of zeros: known to be nobody's after little reading. */
START_TEST(nobody_is_told_from_little_reading)
{
	for (uint64_t size = 1 << 20; size <= 32 << 20; size *= 2) {
		uint8_t *flash = malloc(size), *image = malloc(size);

		for (int kind = 0; kind < 3; kind++) {
			struct reader reader = {.flash = flash};
			struct recognition result;

			if (kind)
				memset(flash, kind == 1 ? 0xff : 0, size);
			else
				rig_noise(flash, size, 5);
			memset(image, 0xff, size);
			ck_assert_int_eq(
				recognise_chip(size, image, read_flash, &reader, &result, NULL), 0);
			ck_assert_str_eq(result.name, "");
			ck_assert_msg(reader.bytes <= RECOGNISE_READ_MAX, "%llu bytes of %llu",
			              (unsigned long long)reader.bytes, (unsigned long long)size);
			ck_assert_msg(size != 8 << 20 || reader.bytes <= 2048, "%llu bytes",
			              (unsigned long long)reader.bytes);
		}
		free(flash);
		free(image);
	}
}
END_TEST

/* Who divides a flash like this? An MR200 is among those that do; noise is like nobody. */
START_TEST(relatives_are_counted)
{
	struct layout layout = load("tplink-mr200-v1");
	uint8_t *image = synthetic(&layout);
	struct recognise_family family;

	ck_assert_int_eq(recognise_family(image, layout.size, &family, NULL), 0);
	ck_assert_uint_ge(family.count, 2);
	ck_assert_uint_gt(family.name_count, 0);
	memset(image, 0xff, layout.size);
	ck_assert_int_eq(recognise_family(image, layout.size, &family, NULL), 0);
	ck_assert_uint_eq(family.count, 0);
	free(image);
	layout_free(&layout);
}
END_TEST

/* Whatever the noise: nothing in it looks like the beginning of a list. */
START_TEST(no_noise_calls_for_more_reading)
{
	uint8_t *flash = malloc(16 << 20), *image = malloc(16 << 20);

	for (unsigned seed = 1; seed <= 40; seed++) {
		size_t size = seed % 2 ? 8 << 20 : 16 << 20;
		struct reader reader = {.flash = flash};
		struct recognition result;

		rig_noise(flash, size, seed);
		memset(image, 0xff, size);
		ck_assert_int_eq(recognise_chip(size, image, read_flash, &reader, &result, NULL),
		                 0);
		ck_assert_str_eq(result.name, "");
		ck_assert_msg(reader.bytes <= 4096, "seed %u: %llu bytes", seed,
		              (unsigned long long)reader.bytes);
	}
	free(flash);
	free(image);
}
END_TEST

/* In steps a chip gets the name that its whole dump gets. */
START_TEST(steps_find_what_the_whole_dump_tells)
{
	for (const struct layout_builtin *b = layout_builtins; b->name; b++) {
		struct layout layout = load(b->name);
		uint8_t *flash = synthetic(&layout), *image = malloc(layout.size);
		struct reader reader = {.flash = flash};
		struct recognition result;

		memset(image, 0xff, layout.size);
		ck_assert_int_eq(
			recognise_chip(layout.size, image, read_flash, &reader, &result, NULL), 0);
		ck_assert_msg(named(&result, &layout, b->name), "%s was taken for '%s'", b->name,
		              result.device);
		free(flash);
		free(image);
		layout_free(&layout);
	}
}
END_TEST

/* What is looked for in a wide place is looked for only where its fields stand. */
START_TEST(wide_identities_lean_on_fields)
{
	for (const struct layout_builtin *b = layout_builtins; b->name; b++) {
		struct layout layout = load(b->name);

		for (size_t i = 0; i < layout.sign_count; i++)
			ck_assert_msg(!layout.signs[i].identity || layout.signs[i].span <= 0x400 ||
			                      layout.signs[i].with[0],
			              "%s", b->name);
		layout_free(&layout);
	}
}
END_TEST

/* Four megabytes' worth of Archer C2 on a chip of twice the size. */
START_TEST(a_bigger_flash_is_said_and_its_unit_data_are_found)
{
	struct layout small = load("tplink-mr200-v1");
	uint8_t *image = synthetic(&small), *big = malloc(2 * small.size);
	struct recognition result;
	struct layout layout;

	memset(big, 0xff, 2 * small.size);
	memcpy(big, image, small.size);
	ck_assert_int_eq(recognise_dump(big, 2 * small.size, &result, NULL), 0);
	ck_assert_str_eq(result.name, "tplink-mr200-v1");
	ck_assert_uint_eq(result.flash_size, small.size);
	ck_assert_int_eq(recognise_load(&result, big, 2 * small.size, &layout, NULL), 0);
	ck_assert(np_ranges_overlap(&layout.unit, (struct np_range){0x7df100, 6}));
	ck_assert_ptr_nonnull(strstr(layout.doubt, "where they were"));
	layout_free(&layout);
	memcpy(big + 0xfd0000, image + 0x7d0000, 0x30000);
	memset(big + 0x7d0000, 0xff, 0x30000);
	ck_assert_int_eq(recognise_load(&result, big, 2 * small.size, &layout, NULL), 0);
	ck_assert(np_ranges_contain(&layout.unit, (struct np_range){0xfdf100, 6}));
	ck_assert(np_ranges_contain(&layout.unit, (struct np_range){0xff0000, 0x200}));
	ck_assert(!np_ranges_overlap(&layout.unit, (struct np_range){0x7e0000, 0x10000}));
	ck_assert_ptr_nonnull(strstr(layout.doubt, "moved to its end"));
	layout_free(&layout);
	layout_free(&small);
	free(big);
	free(image);
}
END_TEST

START_TEST(random_and_blank_bytes_are_nobodys)
{
	size_t size = 8 << 20;
	uint8_t *image = malloc(size);
	struct recognition result;

	for (unsigned seed = 1; seed <= 20; seed++) {
		rig_noise(image, size, seed);
		ck_assert_int_eq(recognise_dump(image, size, &result, NULL), 0);
		ck_assert_msg(!result.name[0], "seed %u: %s", seed, result.why);
	}
	memset(image, 0xff, size);
	ck_assert_int_eq(recognise_dump(image, size, &result, NULL), 0);
	ck_assert_str_eq(result.name, "");
	ck_assert_int_eq(recognise_dump(image, size - 512, &result, NULL), 0);
	ck_assert_str_eq(result.name, "");
	ck_assert_str_eq(result.why, "its size is no flash's");
	free(image);
}
END_TEST

START_TEST(a_shifted_or_cut_dump_is_no_full_dump)
{
	struct layout layout = load("tplink-mr200-v1");
	uint8_t *image = synthetic(&layout), *other = malloc(layout.size);
	struct recognition result;

	memcpy(other + 512, image, layout.size - 512);
	memset(other, 0xff, 512);
	ck_assert_int_eq(recognise_dump(other, layout.size, &result, NULL), 0);
	ck_assert_str_eq(result.name, "");
	memcpy(other, image, layout.size);
	memset(other, 0xff, 0x20000);
	ck_assert_int_eq(recognise_dump(other, layout.size, &result, NULL), 0);
	ck_assert(result.boot_blank);
	ck_assert_int_eq(recognise_dump(image, layout.size / 2, &result, NULL), 0);
	ck_assert_str_eq(result.name, "");
	free(image);
	free(other);
	layout_free(&layout);
}
END_TEST

START_TEST(an_mr200_v5_is_not_a_v1)
{
	struct layout layout = load("tplink-mr200-v5");
	uint8_t *image = synthetic(&layout);
	struct layout v1 = load("tplink-mr200-v1");
	char why[200];

	memset(image + 0x7d0000, 0xff, 0x10000);
	ck_assert_int_lt(recognise_score(&v1, image, v1.size, why, sizeof(why)), 0);
	ck_assert_ptr_nonnull(strstr(why, "mac at 0x7df100"));
	free(image);
	layout_free(&layout);
	layout_free(&v1);
}
END_TEST

/* An MR500 in stock form as boot logs tell: its boot loader's birth names it, its numbers alone tell
 * that it is one of three that are divided alike. */
static uint8_t *stock_mr500(bool known_build, struct recognition *found)
{
	struct layout layout = load("tplink-mr500-v1");
	uint8_t *image = malloc(layout.size);

	memset(image, 0xff, layout.size);
	rig_noise(image, 0x20000, 3);
	memcpy(image + 0x500, "U-Boot 1.1.3 (Jun  1 2024 - 01:02:03)", 38);
	if (known_build)
		memcpy(image + 0x500, "U-Boot 1.1.3 (Dec 29 2022 - 09:42:47)", 38);
	memcpy(image + 0x3000, "EN25QH128A\0GD25Q128C\0part_num=7 partitions=", 44);
	rig_noise(image + 0x20000, 0xf00000, 4);
	for (size_t i = 0; i < layout.field_count; i++)
		put_field(&layout.fields[i], image);
	layout_free(&layout);
	ck_assert_int_eq(recognise_dump(image, 16 << 20, found, NULL), 0);
	return image;
}

START_TEST(an_mr500_is_named_by_its_boot_loader)
{
	struct recognition found;
	uint8_t *image = stock_mr500(true, &found);

	ck_assert_str_eq(found.name, "tplink-mr500-v1");
	ck_assert(!found.ambiguous);
	/* The state of the boards that lost their calibration, and of the dump that is public. */
	memset(image + 0xff0000, 0xff, 0x10000);
	memcpy(image + 0xfcf100, "\xf0\xf1\xf2\xf3\xf4\xf5", 6);
	memcpy(image + 0xfcf500, "001122334455667", 15);
	ck_assert_int_eq(recognise_dump(image, 16 << 20, &found, NULL), 0);
	ck_assert_str_eq(found.name, "tplink-mr500-v1");
	ck_assert(!found.ambiguous);
	free(image);
}
END_TEST

/* Which of them it is, nobody knows; where its data lie is certain all the same. */
START_TEST(what_few_devices_share_names_them_all)
{
	struct recognition found;
	struct layout layout;
	uint8_t *image = stock_mr500(false, &found);

	ck_assert_str_eq(found.name, "tplink-mr500-v1");
	ck_assert_uint_eq(found.also_count, 1); /* the MR600 v1 has another 5 GHz chip */
	ck_assert_str_eq(found.also[0], "tplink-mr600-v2");
	ck_assert(found.ambiguous && found.alike);
	ck_assert_int_eq(recognise_load(&found, image, 16 << 20, &layout, NULL), 0);
	ck_assert_str_eq(layout.device, "TP-Link Archer MR500 v1 or TP-Link Archer MR600 v2 (EU)");
	ck_assert(np_ranges_contain(&layout.unit, (struct np_range){0xfc0000, 0x10000}));
	ck_assert(np_ranges_contain(&layout.unit, (struct np_range){0xff0000, 0x10000}));
	layout_free(&layout);
	memcpy(image + 0xff8000, "\x12\x76", 2);
	ck_assert_int_eq(recognise_dump(image, 16 << 20, &found, NULL), 0);
	ck_assert_str_eq(found.name, "tplink-mr600-v1");
	ck_assert(!found.ambiguous);
	image[0xfcf500 + 3] ^= 1; /* a wrong check digit is still an IMEI that somebody changed */
	image[0xfcf500 + 4] = 'x';
	ck_assert_int_eq(recognise_dump(image, 16 << 20, &found, NULL), 0);
	ck_assert_str_eq(found.name, "");
	free(image);
}
END_TEST

/* ---- numbers of a unit ---- */

START_TEST(macs_are_checked)
{
	uint8_t mac[6];
	char text[IDNUM_MAC_TEXT];

	ck_assert(idnum_mac_parse("A0:f3:C1:00:00:ff", 17, mac));
	ck_assert_ptr_null(idnum_mac_flaw(mac));
	idnum_mac_add(mac, 1);
	ck_assert_str_eq(idnum_mac_format(mac, text), "a0:f3:c1:00:01:00");
	idnum_mac_add(mac, -2);
	ck_assert_str_eq(idnum_mac_format(mac, text), "a0:f3:c1:00:00:fe");
	ck_assert(idnum_mac_parse("a0f3c1000001", 12, mac));
	ck_assert(!idnum_mac_parse("a0:f3-c1:00:00:01", 17, mac));
	ck_assert(!idnum_mac_parse("a0:f3:c1:00:00:0g", 17, mac));
	ck_assert(!idnum_mac_parse("a0:f3:c1:00:00", 14, mac));
	ck_assert(idnum_mac_parse("f0f1f2f3f4f5", 12, mac));
	ck_assert_ptr_null(idnum_mac_flaw(mac));
	ck_assert_ptr_nonnull(idnum_mac_placeholder(mac));
}
END_TEST

START_TEST(imei_and_pin_have_check_digits)
{
	ck_assert_ptr_null(idnum_imei_flaw("490154203237518", 15));
	ck_assert_ptr_nonnull(idnum_imei_flaw("490154203237517", 15));
	ck_assert_ptr_nonnull(strstr(idnum_imei_flaw("001122334455667", 15), "placeholder"));
	ck_assert_ptr_nonnull(idnum_imei_flaw("49015420323751", 14));
	ck_assert_ptr_null(idnum_pin_flaw("12345670", 8));
	ck_assert_ptr_nonnull(idnum_pin_flaw("12345671", 8));
	ck_assert_ptr_nonnull(idnum_pin_flaw("1234567x", 8));
	ck_assert_ptr_nonnull(idnum_pin_flaw("00000000", 8));
}
END_TEST

START_TEST(fields_are_read_and_judged)
{
	struct layout layout = load("tplink-mr500-v1");
	uint8_t *image = synthetic(&layout);
	struct unit_value value;

	ck_assert(unit_field_read(layout_field(&layout, "mac"), image, layout.size, &value));
	ck_assert_int_eq(value.state, UNIT_GOOD);
	ck_assert_str_eq(value.text, "a0:f3:c1:12:34:56");
	ck_assert(unit_field_read(layout_field(&layout, "cal-5g"), image, layout.size, &value));
	ck_assert_str_eq(value.text, "MT7663");
	image[0xff8000] = 0x10;
	ck_assert(unit_field_read(layout_field(&layout, "cal-5g"), image, layout.size, &value));
	ck_assert_int_eq(value.state, UNIT_DOUBTFUL);
	ck_assert_str_eq(value.flaw, "begins with 0x7610, not with 0x7663 or a relative");
	memset(image + 0xff0000, 0xff, 0x400);
	ck_assert(unit_field_read(layout_field(&layout, "cal-2g"), image, layout.size, &value));
	ck_assert_str_eq(value.flaw, "blank");
	memcpy(image + 0xfcf500, "001122334455667", 15);
	ck_assert(unit_field_read(layout_field(&layout, "imei"), image, layout.size, &value));
	ck_assert_int_eq(value.state, UNIT_PLACEHOLDER);
	ck_assert(!unit_field_read(layout_field(&layout, "cal-5g"), image, 0xff8100, &value));
	free(image);
	layout_free(&layout);
}
END_TEST

START_TEST(fields_are_set_only_to_what_can_be)
{
	struct layout layout = load("tplink-mr500-v1");
	uint8_t *image = malloc(layout.size);
	struct np_error err = {0};
	const struct layout_field *field = NULL;

	memset(image, 0xff, layout.size);
	ck_assert_int_eq(
		unit_field_set(&layout, "mac=A0-F3-C1-00-00-01", image, layout.size, &field, &err),
		0);
	ck_assert_mem_eq(image + 0xfcf100, "\xa0\xf3\xc1\x00\x00\x01\xff", 7);
	ck_assert_str_eq(field->name, "mac");
	ck_assert_int_eq(
		unit_field_set(&layout, "mac=01:00:5e:00:00:01", image, layout.size, NULL, &err),
		NP_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.message, "multicast"));
	ck_assert_int_eq(
		unit_field_set(&layout, "imei=490154203237518", image, layout.size, NULL, &err), 0);
	ck_assert_mem_eq(image + 0xfcf500, "490154203237518\xff", 16);
	ck_assert_int_eq(
		unit_field_set(&layout, "imei=490154203237519", image, layout.size, NULL, &err),
		NP_E_USAGE);
	ck_assert_int_eq(unit_field_set(&layout, "cal-2g=00", image, layout.size, NULL, &err),
	                 NP_E_USAGE);
	ck_assert_int_eq(unit_field_set(&layout, "colour=red", image, layout.size, NULL, &err),
	                 NP_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.hint, "mac, imei"));
	ck_assert_int_eq(
		unit_field_set(&layout, "special-id=45550000", image, layout.size, NULL, &err), 0);
	ck_assert_mem_eq(image + 0xfcf200, "\x45\x55\x00\x00", 4);
	ck_assert_int_eq(unit_field_set(&layout, "mac=a0f3c1000002", image, 0xfcf103, NULL, &err),
	                 NP_E_RANGE);
	free(image);
	layout_free(&layout);
}
END_TEST

START_TEST(derived_addresses_follow_the_stored_one)
{
	struct layout layout = load("tplink-mr600-v2");
	uint8_t *image = synthetic(&layout);
	char text[32];

	ck_assert_uint_eq(layout.derived_count, 3);
	ck_assert_str_eq(unit_derived_text(&layout, &layout.derived[2], image, layout.size, text,
	                                   sizeof(text)),
	                 "a0:f3:c1:12:34:55");
	ck_assert_int_eq(
		unit_field_set(&layout, "wan=a0:f3:c1:aa:bb:00", image, layout.size, NULL, NULL),
		0);
	ck_assert_mem_eq(image + 0xfcf100, "\xa0\xf3\xc1\xaa\xba\xff", 6);
	free(image);
	layout_free(&layout);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("recognise");
	TCase *tc = tcase_create("recognise");

	tcase_add_test(tc, a_profile_with_an_identity_recognises_its_own_dump_and_no_other);
	tcase_add_test(tc, family_evidence_names_nobody);
	tcase_add_test(tc, a_foreign_header_puts_an_arrangement_out);
	tcase_add_test(tc, nobody_is_told_from_little_reading);
	tcase_add_test(tc, no_noise_calls_for_more_reading);
	tcase_add_test(tc, relatives_are_counted);
	tcase_add_test(tc, steps_find_what_the_whole_dump_tells);
	tcase_add_test(tc, wide_identities_lean_on_fields);
	tcase_add_test(tc, a_bigger_flash_is_said_and_its_unit_data_are_found);
	tcase_add_test(tc, random_and_blank_bytes_are_nobodys);
	tcase_add_test(tc, a_shifted_or_cut_dump_is_no_full_dump);
	tcase_add_test(tc, an_mr200_v5_is_not_a_v1);
	tcase_add_test(tc, an_mr500_is_named_by_its_boot_loader);
	tcase_add_test(tc, what_few_devices_share_names_them_all);
	tcase_add_test(tc, macs_are_checked);
	tcase_add_test(tc, imei_and_pin_have_check_digits);
	tcase_add_test(tc, fields_are_read_and_judged);
	tcase_add_test(tc, fields_are_set_only_to_what_can_be);
	tcase_add_test(tc, derived_addresses_follow_the_stored_one);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
