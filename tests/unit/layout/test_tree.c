/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: facts.c facts_words.c */
/* Device trees as dtc makes them: each way in which a tree tells a map and unit data. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/tree.h"
#include "support/firmware.h"
#include "support/suite.h"

#define CELLS "#address-cells = <1>; #size-cells = <1>; "
#define MAP   "partitions { compatible = \"fixed-partitions\"; " CELLS
#define NOR   "compatible = \"jedec,spi-nor\"; reg = <0>; "
#define BUS   "#address-cells = <1>; #size-cells = <0>; "
#define FIXED "nvmem-layout { compatible = \"fixed-layout\"; " CELLS

static struct layout layout;
static struct np_error err;

static struct blob compiled(const char *root)
{
	char path[] = "/tmp/np-tree-XXXXXX", command[200];
	FILE *file = fdopen(mkstemp(path), "w");
	struct blob blob;

	fprintf(file,
	        "/dts-v1/; / { compatible = \"v,board\", \"v,soc\"; model = \"V Board\"; %s };\n",
	        root);
	fclose(file);
	snprintf(command, sizeof(command), "dtc -q -I dts -O dtb -o $OUT %s", path);
	blob = firmware_run(command);
	remove(path);
	return blob;
}

static int parse_for(const char *root, uint64_t size)
{
	struct blob tree = compiled(root);
	int rc = layout_from_tree(tree.at, tree.len, "t", size, &layout, &err);

	free(tree.at);
	return rc;
}

/* One flash of 8 MiB with a boot loader, a firmware and what `art` holds; `users` behind it. */
static void parse(const char *art, const char *users)
{
	char root[4000];

	snprintf(root, sizeof(root),
	         "spi { " BUS "flash@0 { " NOR MAP
	         "boot: partition@0 { label = \"u-boot\"; reg = <0 0x20000>; }; "
	         "partition@20000 { label = \"firmware\"; reg = <0x20000 0x7d0000>; }; "
	         "art: partition@7f0000 { label = \"store\"; reg = <0x7f0000 0x10000>; %s }; "
	         "}; }; }; %s",
	         art, users);
	ck_assert_msg(parse_for(root, 0) == 0, "%s", err.message);
}

static void field_is(const char *name, enum layout_field_type type, uint64_t start, uint64_t len)
{
	const struct layout_field *field = layout_field(&layout, name);

	ck_assert_msg(field != NULL, "no field %s", name);
	ck_assert_int_eq(field->type, type);
	ck_assert_uint_eq(field->start, start);
	ck_assert_uint_eq(field->len, len);
}

static void derived_is(const char *name, const char *field, int offset)
{
	for (size_t i = 0; i < layout.derived_count; i++) {
		const struct layout_derived *d = &layout.derived[i];

		if (strcmp(d->name, name) == 0 && strcmp(d->field, field) == 0 &&
		    d->offset == offset)
			return;
	}
	ck_abort_msg("no %s = %s%+d", name, field, offset);
}

START_TEST(cells_of_a_fixed_layout)
{
	parse(FIXED
	      "cal: cal@1000 { reg = <0x1000 0x440>; }; "
	      "m0: mac@0 { reg = <0 6>; compatible = \"mac-base\"; #nvmem-cell-cells = <1>; }; "
	      "m1: mac@6 { reg = <6 6>; }; "
	      "t: mac@20 { reg = <0x20 0x11>; }; s: mac@40 { reg = <0x40 12>; }; };",
	      "eth@1 { nvmem-cells = <&m0 1>; nvmem-cell-names = \"mac-address\"; }; "
	      "eth@2 { nvmem-cells = <&m1>; nvmem-cell-names = \"mac-address\"; }; "
	      "eth@3 { nvmem-cells = <&t>; nvmem-cell-names = \"mac-address\"; }; "
	      "eth@4 { nvmem-cells = <&s>; nvmem-cell-names = \"mac-address\"; }; "
	      "wifi@5 { nvmem-cells = <&cal>, <&m0 (-2)>; "
	      "nvmem-cell-names = \"calibration\", \"mac-address\"; };");
	ck_assert_str_eq(layout.name, "v,board");
	ck_assert_str_eq(layout.device, "V Board");
	ck_assert(layout.profile && layout_find(&layout, "store")->unit);
	ck_assert(layout_find(&layout, "u-boot")->boot);
	ck_assert_uint_eq(layout.field_count, 5);
	field_is("mac", FIELD_MAC, 0x7f0000, 6);
	field_is("mac-2", FIELD_MAC, 0x7f0006, 6);
	field_is("mac-3", FIELD_MAC_TEXT, 0x7f0020, 17);
	field_is("mac-4", FIELD_MAC_TEXT, 0x7f0040, 12);
	field_is("cal", FIELD_CAL, 0x7f1000, 0x440);
	ck_assert_uint_eq(layout.derived_count, 5);
	derived_is("eth-1", "mac", 1);
	derived_is("wifi-5", "mac", -2);
	derived_is("eth-2", "mac-2", 0);
	layout_free(&layout);
}
END_TEST

/* As trees were until 2023: cells right in the partition. */
START_TEST(cells_of_a_partition_itself)
{
	parse("compatible = \"nvmem-cells\"; " CELLS "e: eeprom@0 { reg = <0 0x200>; }; "
	      "m: macaddr@4 { reg = <4 6>; };",
	      "wifi@0 { nvmem-cells = <&e>, <&m>; nvmem-cell-names = \"eeprom\", "
	      "\"mac-address\"; };");
	field_is("cal", FIELD_CAL, 0x7f0000, 0x200);
	field_is("mac", FIELD_MAC, 0x7f0004, 6);
	ck_assert(layout_find(&layout, "store")->unit);
	layout_free(&layout);
}
END_TEST

/* And before there were cells: a partition and an offset. */
START_TEST(properties_of_old_trees)
{
	parse("", "eth@0 { mtd-mac-address = <&art 0x28>; mtd-mac-address-increment = <(-1)>; }; "
	          "wifi@1 { mediatek,mtd-eeprom = <&art 0x8000>; }; "
	          "wmac@2 { mtd-cal-data = <&art 0x1000>; ralink,mtd-eeprom = <&art 0>; }; "
	          "odd@3 { mtd-mac-address = <&art 0x10000>; };");
	ck_assert_uint_eq(layout.field_count, 4);
	field_is("mac", FIELD_MAC, 0x7f0028, 6);
	derived_is("eth-0", "mac", -1);
	ck_assert_uint_eq(layout_field(&layout, "cal")->start, 0x7f0000);
	ck_assert_uint_eq(layout_field(&layout, "cal-2")->start, 0x7f1000);
	ck_assert_uint_eq(layout_field(&layout, "cal-3")->start, 0x7f8000);
	ck_assert(layout_find(&layout, "store")->unit);
	layout_free(&layout);
}
END_TEST

/* ethaddr= stands anywhere in an environment: all of it is kept, and there is no field. */
START_TEST(a_mac_in_an_environment)
{
	parse("nvmem-layout { compatible = \"u-boot,env\"; e: ethaddr { #nvmem-cell-cells = <1>; }; "
	      "};",
	      "eth@0 { nvmem-cells = <&e 1>; nvmem-cell-names = \"mac-address\"; };");
	ck_assert(layout_find(&layout, "store")->unit);
	ck_assert_uint_eq(layout.field_count, 0);
	layout_free(&layout);
	parse("compatible = \"u-boot,env\"; ethaddr { }; bootcmd { };", "");
	ck_assert(layout_find(&layout, "store")->unit);
	layout_free(&layout);
}
END_TEST

/* Six bytes do not make a boot loader this unit's own, nor a firmware. */
START_TEST(a_boot_loader_is_kept_by_the_bytes_alone)
{
	ck_assert_int_eq(
		parse_for("spi { " BUS "flash@0 { " NOR MAP
	                  "partition@0 { label = \"u-boot\"; reg = <0 0x20000>; " FIXED
	                  "m: mac@1fc00 { reg = <0x1fc00 6>; }; }; }; "
	                  "partition@20000 { label = \"firmware\"; reg = <0x20000 0x7e0000>; " FIXED
	                  "n: mac@10 { reg = <0x10 6>; }; }; }; }; }; }; "
	                  "e@0 { nvmem-cells = <&m &n>; nvmem-cell-names = \"mac-address\", "
	                  "\"mac-address\"; };",
	                  0),
		0);
	ck_assert(!layout_find(&layout, "u-boot")->unit && !layout_find(&layout, "firmware")->unit);
	ck_assert_uint_eq(layout.unit.count, 2);
	ck_assert_uint_eq(layout.unit.at[0].start, 0x1fc00);
	ck_assert_uint_eq(np_ranges_bytes(&layout.unit), 12);
	layout_free(&layout);
}
END_TEST

START_TEST(what_is_not_unit_data_is_left)
{
	parse(FIXED "f: firmware@0 { reg = <0 0x4000>; }; d: delay@8000 { reg = <0x8000 4>; }; "
	            "far: mac@ffff { reg = <0xffff 6>; }; no: mac@100 { reg = <0x100 0>; }; };",
	      "phy@0 { nvmem-cells = <&f>, <&d>; nvmem-cell-names = \"firmware\", "
	      "\"rgmii-delay\"; }; "
	      "e@1 { nvmem-cells = <&far &no>; nvmem-cell-names = \"mac-address\", "
	      "\"mac-address\"; }; e@2 { nvmem-cells = <0x7777>; nvmem-cell-names = \"mac-address\"; "
	      "};");
	ck_assert(!layout_find(&layout, "store")->unit && !layout.profile);
	ck_assert_uint_eq(layout.field_count, 0);
	layout_free(&layout);
}
END_TEST

/* ---- which flash ---- */

#define NAND                                                                                 \
	"nand@0 { compatible = \"spi-nand\"; " MAP                                           \
	"p0: partition@0 { label = \"nand\"; reg = <0 0x20000>; " FIXED                      \
	"x: mac@0 { reg = <0 6>; compatible = \"mac-base\"; #nvmem-cell-cells = <2>; }; }; " \
	"}; }; }; "

START_TEST(another_flash_is_not_meant)
{
	/* Its cells take two arguments, which are to be stepped over. */
	ck_assert_int_eq(parse_for(NAND "spi { " BUS "flash@0 { " NOR MAP
	                                "partition@0 { label = \"a\"; reg = <0 0x800000>; " FIXED
	                                "m: mac@4 { reg = <4 6>; }; }; }; }; }; }; "
	                                "e@0 { nvmem-cells = <&x 7 8>, <&m>; "
	                                "nvmem-cell-names = \"mac-address\", \"mac-address\"; };",
	                           0),
	                 0);
	ck_assert_uint_eq(layout.region_count, 1);
	ck_assert_uint_eq(layout.field_count, 1);
	field_is("mac", FIELD_MAC, 4, 6);
	ck_assert(!layout.doubt[0]);
	layout_free(&layout);
	/* An SPI NOR flash without partitions does not lend another's its name. */
	ck_assert_int_eq(parse_for(NAND "spi { " BUS "flash@0 { " NOR "}; };", 0), NP_E_INPUT);
	/* Where there is none at all, the map may be a parallel flash's: told, with a doubt. */
	ck_assert_int_eq(parse_for("flash { compatible = \"cfi-flash\"; " MAP
	                           "partition@0 { label = \"a\"; reg = <0 0x1000>; }; }; };",
	                           0),
	                 0);
	ck_assert(layout.doubt[0]);
	layout_free(&layout);
}
END_TEST

START_TEST(the_flash_of_the_right_size_is_taken)
{
	static const char two[] =
		"spi { " BUS "flash@0 { compatible = \"jedec,spi-nor\"; reg = <0>; " MAP
		"partition@0 { label = \"small\"; reg = <0 0x80000>; }; }; }; "
		"flash@1 { compatible = \"jedec,spi-nor\"; reg = <1>; " MAP
		"partition@0 { label = \"big\"; reg = <0 0x1000000>; }; }; }; };";
	static const char off[] = "spi@1 { " BUS "status = \"disabled\"; flash@0 { " NOR MAP
				  "partition@0 { label = \"off\"; reg = <0 0x80000>; }; }; }; }; "
				  "spi@2 { " BUS "flash@0 { " NOR MAP
				  "partition@0 { label = \"on\"; reg = <0 0x80000>; }; }; }; };";

	ck_assert_int_eq(parse_for(two, 0x1000000), 0);
	ck_assert_str_eq(layout.regions[0].name, "big");
	layout_free(&layout);
	ck_assert_int_eq(parse_for(two, 0x80000), 0);
	ck_assert_str_eq(layout.regions[0].name, "small");
	layout_free(&layout);
	ck_assert_int_eq(parse_for(two, 0), 0);
	ck_assert_str_eq(layout.regions[0].name, "small");
	layout_free(&layout);
	ck_assert_int_eq(parse_for(off, 0), 0);
	ck_assert_str_eq(layout.regions[0].name, "on");
	layout_free(&layout);
}
END_TEST

/* ---- maps ---- */

START_TEST(partitions_in_partitions_are_placed_from_their_start)
{
	ck_assert_int_eq(
		parse_for("spi { " BUS "flash@0 { " NOR MAP
	                  "partition@100000 { label = \"outer\"; compatible = "
	                  "\"fixed-partitions\"; " CELLS "reg = <0x100000 0x100000>; "
	                  "partition@0 { label = \"kernel\"; reg = <0 0x80000>; }; "
	                  "partition@80000 { label = \"data\"; reg = <0x80000 0x80000>; " FIXED
	                  "m: mac@6 { reg = <6 6>; }; }; }; }; }; }; }; "
	                  "e@0 { nvmem-cells = <&m>; nvmem-cell-names = \"mac-address\"; };",
	                  0),
		0);
	ck_assert_uint_eq(layout.region_count, 2);
	ck_assert_uint_eq(layout.group_count, 1);
	ck_assert_uint_eq(layout_find(&layout, "data")->start, 0x180000);
	ck_assert(layout_find(&layout, "data")->unit && !layout_find(&layout, "kernel")->unit);
	field_is("mac", FIELD_MAC, 0x180006, 6);
	layout_free(&layout);
}
END_TEST

START_TEST(the_rest_and_overlaps)
{
	ck_assert_int_eq(parse_for("spi { " BUS "flash@0 { " NOR MAP
	                           "partition@0 { label = \"a\"; reg = <0 0x30000>; }; "
	                           "partition@20000 { label = \"b\"; reg = <0x20000 0x20000>; }; "
	                           "partition@40000 { label = \"c\"; reg = <0x40000 0>; }; "
	                           "}; }; };",
	                           0),
	                 0);
	ck_assert_uint_eq(layout_find(&layout, "a")->len, 0x20000);
	ck_assert(layout.doubt[0]);
	ck_assert(layout_find(&layout, "c")->open_end);
	ck_assert_int_eq(layout_fit(&layout, 0x800000, &err), 0);
	ck_assert_uint_eq(layout_find(&layout, "c")->len, 0x7c0000);
	layout_free(&layout);
}
END_TEST

START_TEST(regions_that_tell_by_their_names)
{
	ck_assert_int_eq(
		parse_for("spi { " BUS "flash@0 { " NOR MAP
	                  "partition@0 { label = \"RouterBoot\"; reg = <0 0x20000>; }; "
	                  "partition@20000 { label = \"0:ART\"; reg = <0x20000 0x10000>; }; "
	                  "partition@30000 { label = \"Factory\"; reg = <0x30000 0x10000>; }; "
	                  "partition@40000 { label = \"artist\"; reg = <0x40000 0x10000>; }; "
	                  "partition@50000 { label = \"factory-fw\"; reg = <0x50000 0x10000>; }; "
	                  "partition@60000 { label = \"radio\"; reg = <0x60000 0x7a0000>; }; "
	                  "}; }; };",
	                  0),
		0);
	ck_assert(layout_find(&layout, "RouterBoot")->unit);
	ck_assert(layout_find(&layout, "0-ART")->unit && layout_find(&layout, "factory")->unit);
	ck_assert(!layout_find(&layout, "artist")->unit);
	ck_assert(!layout_find(&layout, "factory-fw")->unit);
	/* Seven megabytes are no calibration, whatever they are called. */
	ck_assert(!layout_find(&layout, "radio")->unit);
	layout_free(&layout);
}
END_TEST

/* More cells than are looked at: never silently fewer kept. */
START_TEST(too_many_cells_make_a_doubt)
{
	char *art = malloc(20000), *users = malloc(30000);
	size_t n = 0, m = 0;

	n += (size_t)sprintf(art, FIXED);
	for (int i = 0; i < 120; i++) {
		n += (size_t)sprintf(art + n, "m%d: mac@%x { reg = <0x%x 6>; }; ", i, 16 * i,
		                     16 * i);
		m += (size_t)sprintf(users + m,
		                     "e@%x { nvmem-cells = <&m%d>; nvmem-cell-names = "
		                     "\"mac-address\"; }; ",
		                     i, i);
	}
	strcpy(art + n, "};");
	{
		char *root = malloc(60000);

		sprintf(root,
		        "spi { " BUS "flash@0 { " NOR MAP
		        "art: partition@0 { label = \"store\"; reg = <0 0x10000>; %s }; }; }; }; %s",
		        art, users);
		ck_assert_int_eq(parse_for(root, 0), 0);
		free(root);
	}
	ck_assert(layout_find(&layout, "store")->unit && layout.doubt[0]);
	layout_free(&layout);
	free(art);
	free(users);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("layout_tree");
	TCase *tc = suite_group(suite, "tree", NULL, NULL);

	tcase_add_test(tc, cells_of_a_fixed_layout);
	tcase_add_test(tc, cells_of_a_partition_itself);
	tcase_add_test(tc, properties_of_old_trees);
	tcase_add_test(tc, a_mac_in_an_environment);
	tcase_add_test(tc, a_boot_loader_is_kept_by_the_bytes_alone);
	tcase_add_test(tc, what_is_not_unit_data_is_left);
	tcase_add_test(tc, another_flash_is_not_meant);
	tcase_add_test(tc, the_flash_of_the_right_size_is_taken);
	tcase_add_test(tc, partitions_in_partitions_are_placed_from_their_start);
	tcase_add_test(tc, the_rest_and_overlaps);
	tcase_add_test(tc, regions_that_tell_by_their_names);
	tcase_add_test(tc, too_many_cells_make_a_doubt);
	return run_suite(suite);
}
