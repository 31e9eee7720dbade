/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Situations of the gates that ask which device and whose data. */
#include "support/gate_scene.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/gbe.h"
#include "support/firmware.h"
#include "support/upgrade.h"

/* ---- whose flash ---- */

static int ambiguous_device(enum which which)
{
	start("W25Q64FV");
	if (which == HIT) /* the header of an Archer C50 v4, too */
		memcpy(now() + 0x50034, "\x9b\x58\x1d\x00\x93\x00\x00\x00", 8);
	rig.job.layout = which == LIFTED ? &rig_plain : NULL;
	return rig_write(&rig,
	                 &(struct rig_order){.only = which == LIFTED ? "0x100000+4K" : NULL,
	                                     .keep_nothing = true,
	                                     .override = "unit-data"},
	                 &result, &err);
}

static int fit(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	if (which != NEAR)
		memset(now() + MAC, 0xff, 6);
	memcpy(before, now(), rig.size);
	memset(image + 0x7e0000, 0, 256);
	return WRITE(.only = "romfile", .override = which == LIFTED ? "layout-fit" : NULL);
}

static int other_device(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	make_unit(image, 2, 7);
	if (which != NEAR) {
		/* An MR200 v5: its MAC stands in the block behind. */
		memset(image + 0x7d0000, 0xff, 0x20000);
		memcpy(image + 0x7ef100, "\x50\xd4\xf7\x12\x34\x56", 6);
		memcpy(image + CAL, "\x28\x76", 2);
		memcpy(image + 0x20034, "\x05\x00\x00\x20\x05\x00\x00\x00", 8);
	}
	return WRITE(.keep_word = "unit", .override = which == LIFTED ? "other-device" : NULL);
}

/* Nobody's flash: noise without blanks, and one block as calibration looks. */
static void make_stranger(uint8_t *flash, uint64_t seed, bool calibration)
{
	for (size_t i = 0; i < rig.size; i += 8) {
		uint64_t word = rig_random(&seed);

		memcpy(flash + i, &word, 8);
	}
	if (!calibration)
		return;
	memset(flash + 0xff0000 % rig.size, 0xff, 0x10000);
	memcpy(flash + 0xff0000 % rig.size, "\x03\x76\x00\x00\x50\xd4\xf7\x12\x34\x56", 10);
	for (size_t i = 10; i < 0x400; i++)
		flash[0xff0000 % rig.size + i] = (uint8_t)rig_random(&seed) | 1;
}

/* One board's Ethernet settings: a MAC, and a sum of words. */
static void gbe_write(uint8_t *gbe, uint8_t last)
{
	uint8_t mac[6] = {0x10, 0x60, 0x4b, 0x11, 0x22, last};

	gbe[0x20] = gbe[0x1020] = 0x5a;
	ck_assert(gbe_write_mac(gbe, 0x2000, mac));
}

/* The flash of a PC: descriptor, GbE with a MAC, ME, BIOS. */
static void make_pc(uint8_t *flash, uint64_t seed)
{
	static const uint32_t regions[][3] = {{0, 0, 0x1000},
	                                      {1, 0x300000, 0x500000},
	                                      {2, 0x3000, 0x2fd000},
	                                      {3, 0x1000, 0x2000}};

	make_stranger(flash, seed, false);
	memset(flash, 0xff, 0x3000);
	put_le32(flash + 0x10, 0x0ff0a55a);
	put_le32(flash + 0x14, 0x00040003);
	put_le32(flash + 0x18, 0x80 >> 4);
	for (unsigned i = 0; i < 16; i++)
		put_le32(flash + 0x40 + 4 * i, 0x00007fff);
	for (unsigned i = 0; i < 4; i++)
		put_le32(flash + 0x40 + 4 * regions[i][0],
		         (regions[i][1] + regions[i][2] - 1) >> 12 << 16 | regions[i][1] >> 12);
	gbe_write(flash + 0x1000, (uint8_t)seed);
}

static int missing_regions(enum which which)
{
	start("W25Q64FV");
	make_pc(now(), 1);
	memcpy(before, now(), rig.size);
	make_pc(image, 1);
	memset(image + 0x400000, 0, 256);
	if (which != NEAR)
		memset(image, 0xff, 0x300000);
	return WRITE(.override = which == LIFTED ? "missing-regions" : NULL,
	             .keep = &(struct np_ranges){&(struct np_range){0x1000, 0x2000}, 1, 1});
}

static int wrong_part(enum which which)
{
	struct intent intent = {.operation = INTENT_WRITE};
	static const char *const lifted[] = {"wrong-part", "unit-data", "flawed-value"};
	uint8_t *both;
	int ret;

	start("W25Q64FV");
	make_pc(now(), 1);
	memcpy(before, now(), rig.size);
	both = malloc(2 * rig.size);
	memcpy(both, before, rig.size);
	both[0x500000] ^= 0xff;
	make_stranger(both + rig.size, 5, false);
	save("both.bin", both, 2 * rig.size);
	free(both);
	ck_assert_int_eq(intent_look_at(&intent, in_dir("both.bin"), false, &err), 0);
	ck_assert_int_eq(intent_take_part(&intent, which == NEAR ? "1/2" : "2/2", "8M+8M", &err),
	                 0);
	intent.selection.keep_nothing = true;
	ck_assert_int_eq(intent_load(&intent, &rig.job, in_dir("both.bin"), &err), 0);
	for (size_t i = 0; i < 3 && which == LIFTED; i++)
		ck_assert_int_eq(overrides_add(&intent.overrides, lifted[i], NULL), 0);
	rig.verdict_count = 0;
	ret = job_write(&rig.job, &intent, &(struct write_options){0}, &result, &err);
	snprintf(rig.refused, sizeof(rig.refused), "%s", ret && result.gate ? result.gate : "");
	intent_free(&intent);
	return ret;
}

static int other_map(enum which which)
{
	start("W25Q64FV");
	make_pc(now(), 1);
	memcpy(before, now(), rig.size);
	memcpy(image, before, rig.size);
	image[0x500000] ^= 0xff;
	if (which == HIT) {
		put_le32(image + 0x44, 0x07ff0400);
		put_le32(image + 0x48, 0x03ff0003);
	}
	return WRITE(.only = NULL);
}

static int lost_value(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	memset(image + 0x200000, 0, 256);
	if (which == HIT)
		memset(now() + CAL + 0x8000, 0xff, 0x8000);
	return WRITE(.keep_word = "radio");
}

static int keep_blank(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	memset(now() + CAL, 0xff, 0x10000);
	if (which == NEAR)
		now()[CAL + 0x1000] = 0;
	memcpy(before, now(), rig.size);
	memset(image + 0x200000, 0, 256);
	return WRITE(.keep_word = "radio", .override = which == LIFTED ? "keep-blank" : NULL);
}

static int unit_data(enum which which)
{
	start("W25Q64FV");
	make_unit(image, 2, 9);
	if (which == NEAR) {
		memcpy(image + 0x7d0000, before + 0x7d0000, 0x10000);
		memcpy(image + CAL, before + CAL, 0x10000);
	}
	return WRITE(.override = which == LIFTED ? "unit-data" : NULL);
}

static int unit_form(enum which which)
{
	start("W25Q64FV");
	make_stranger(now(), 1, true);
	memcpy(before, now(), rig.size);
	make_stranger(image, 2, true);
	if (which == NEAR)
		memcpy(image + 0x7f0000, before + 0x7f0000, 0x10000);
	return WRITE(.override = which == LIFTED ? "unit-form" : NULL);
}

static int unknown_device(enum which which)
{
	start("W25Q64FV");
	make_stranger(now(), 1, false);
	memcpy(before, now(), rig.size);
	if (which == HIT || which == LIFTED)
		make_stranger(image, 2, false);
	else /* the same unit with other firmware */
		memcpy(image, before, rig.size);
	for (size_t i = 0x100000; which == NEAR && i < 0x600000; i++)
		image[i] ^= 0x5a;
	return WRITE(.override = which == LIFTED ? "unknown-device" : NULL);
}

static int placeholder(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	memcpy(image + MAC, which == NEAR ? "\xf0\xf1\xf2\xf3\xf4\xf6" : "\xf0\xf1\xf2\xf3\xf4\xf5",
	       6);
	image[MAC] = which == NEAR ? 0x50 : 0xf0;
	return WRITE(.only = "rom", .override = which == LIFTED ? "placeholder" : NULL);
}

static int flawed_value(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	image[CAL + 0x200] ^= 1;
	if (which != NEAR)
		image[CAL] ^= 1;
	return WRITE(.only = "radio", .override = which == LIFTED ? "flawed-value" : NULL);
}

const struct gate_scene gate_scenes_unit[] = {
	{"ambiguous-device", ambiguous_device, 0, "this could be", true},
	{"layout-fit", fit, NP_E_POLICY, "does not fit", true},
	{"other-device", other_device, NP_E_POLICY, "MR200 v5", true},
	{"wrong-part", wrong_part, NP_E_UNIT, "it is the first part's chip", true},
	{"missing-regions", missing_regions, NP_E_UNIT, "the image has none", true},
	{"other-map", other_map, 0, "divides the flash otherwise", false},
	{"lost-value", lost_value, 0, "is kept, and it is blank", false},
	{"keep-blank", keep_blank, NP_E_UNIT, "radio is blank", true},
	{"unit-data", unit_data, NP_E_UNIT, "only this unit has", true},
	{"unit-form", unit_form, NP_E_UNIT, "looks like data that only this unit has", true},
	{"unknown-device", unknown_device, NP_E_UNIT, "does not know where", true},
	{"placeholder", placeholder, NP_E_UNIT, "censored", true},
	{"flawed-value", flawed_value, NP_E_UNIT, "would be no calibration", true},
	{.gate = NULL},
};
