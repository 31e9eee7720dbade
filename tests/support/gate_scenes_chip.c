/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Situations of the gates that look at the chip, the selection and unfinished jobs. */
#include "support/gate_scene.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"

/* ---- the chip and the selection ---- */

static int size_override(enum which which)
{
	struct nor_options options = {.size_override = 4 << 20};

	start("W25Q64FV");
	if (which == HIT) {
		nor_close(rig.nor, NULL);
		ck_assert_int_eq(nor_open(rig.bus, &options, &rig.nor, &err), 0);
		rig.job.nor = rig.nor;
	}
	memset(image + 0x100000, 0, 256);
	return WRITE(.only = "0x100000+256");
}

static int host_flash(enum which which)
{
	rig.config.host_own = which != NEAR;
	start("W25Q64FV");
	return WRITE(.only = "0x0+1K");
}

static int bad_read(enum which which)
{
	start("W25Q64FV");
	for (size_t i = 0; i < rig.size && which != NEAR; i++)
		now()[i] |= 0x10;
	memcpy(before, now(), rig.size);
	memcpy(image, now(), rig.size);
	memset(image + 0x100000, 0, 256);
	return WRITE(.override = which == LIFTED ? "bad-read" : NULL);
}

static int supply(enum which which)
{
	start(which == NEAR ? "W25Q64FV" : "W25Q64FW");
	memset(image + 0x100000, 0, 256);
	return WRITE(.only = "0x100000+256", .override = which == LIFTED ? "supply" : NULL);
}

/* The engine's own tests say when a contradiction stays open. */
static int size_contradiction(enum which which)
{
	struct nor_info *info;

	start("W25Q64FV");
	info = (struct nor_info *)nor_info(rig.nor);
	info->size_doubt = (struct nor_size_doubt){.by_table = 8 << 20,
	                                           .by_sfdp = 2 << 20,
	                                           .open = which == HIT,
	                                           .text = "8 or 2 MiB"};
	memset(image + 0x100000, 0, 256);
	return WRITE(.only = "0x100000+256");
}

/* The upper half copies the lower; or all but a byte of it. */
static int mirror(enum which which)
{
	start("W25Q64FV");
	if (which == HIT)
		norsim_faults(rig.chip)->real_size = rig.size / 2;
	memcpy(now() + rig.size / 2, now(), rig.size / 2);
	now()[rig.size - 1] ^= which == NEAR;
	memcpy(before, now(), rig.size);
	memcpy(image, now(), rig.size);
	memset(image + 0x100000, 0, 256);
	return WRITE(.override = which == LIFTED ? "mirror" : NULL);
}

static int erase_unknown(enum which which)
{
	start("W25Q64FV");
	if (which == HIT)
		((struct nor_info *)nor_info(rig.nor))->erase_count = 0;
	return WRITE(.only = "0x100000+256");
}

static int selection(enum which which)
{
	struct np_range range = {0x7ffff0, which == HIT ? 32 : 16};
	struct np_ranges only = {&range, 1, 1};

	start("W25Q64FV");
	return WRITE(.select = &only);
}

static int chip_erase(enum which which)
{
	start("W25Q64FV");
	memset(image + 0x100000, 0, 256);
	return WRITE(.only = which == HIT ? "0x100000+256" : NULL, .how.chip_erase = true);
}

/* ---- state ---- */

static int unfinished_job(enum which which)
{
	start("W25Q64FV");
	if (which != NEAR)
		cut_off(2);
	memcpy(before, now(), rig.size);
	if (which == LIFTED)
		ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), 0);
	return WRITE(.only = "0x200000+4K");
}

static int state_folder(enum which which)
{
	start("W25Q64FV");
	save("file", image, 1);
	memset(image + 0x200000, 0, 256);
	if (which == HIT)
		rig.job.state_dir = strdup(in_dir("file"));
	return WRITE(.only = "0x200000+4K");
}

static int orphan_job(enum which which)
{
	start("MX25L6433F");
	cut_off(4);
	rig.job.programmer = "another port";
	if (which == NEAR)
		memcpy(now() + 0x100000, before, 0x40000);
	memcpy(before, now(), rig.size);
	if (which == LIFTED)
		ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), 0);
	return WRITE(.only = "0x200000+4K");
}

/* ---- resume ---- */

static int lost_file(enum which which)
{
	start("MX25L6433F");
	/* blank but for the job: nothing denies that this is the chip, and nothing says so */
	if (which == LIFTED) {
		memset(now(), 0xff, rig.size);
		rig_fill(now() + 0x100000, 0x30000, 5);
	}
	cut_off(3);
	if (which == HIT)
		rig_fill(now() + 0x400000, 0x200000, 77);
	rig.lift = which == LIFTED ? "lost-file" : NULL;
	memcpy(before, now(), rig.size);
	ck_assert_int_eq(np_io_save(rig.backup, "x", 1, NP_IO_REPLACE, &err), 0);
	return rig_resume(&rig, RESUME_FINISH, &result, &err);
}

static int other_chip(enum which which)
{
	start("MX25L6433F");
	cut_off(3);
	if (which != NEAR)
		rig_fill(now() + 0x120000, 4 * KiB, 77);
	rig.lift = which == LIFTED ? "other-chip" : NULL;
	memcpy(before, now(), rig.size);
	return rig_resume(&rig, RESUME_FINISH, &result, &err);
}

static int unproven_chip(enum which which)
{
	start("MX25L6433F");
	cut_off(3);
	if (which != NEAR)
		rig_fill(now() + 0x400000, 0x200000, 77);
	rig.lift = which == LIFTED ? "unproven-chip" : NULL;
	memcpy(before, now(), rig.size);
	return rig_resume(&rig, RESUME_FINISH, &result, &err);
}

static uint8_t *base;

static int cut_when_programmed(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	return norsim_stats(rig.chip)->pages_programmed >= 200;
}

static int base_assumed(enum which which)
{
	start("W25Q64FV");
	base = malloc(rig.size);
	memset(now() + 0x100000, 0xff, 0x40000);
	memcpy(base, now(), rig.size);
	memcpy(image, now(), rig.size);
	rig_fill(image + 0x100000, 0x40000, 2);
	norsim_clear_stats(rig.chip);
	rig.job.step_hook = cut_when_programmed;
	ck_assert_int_eq(WRITE(.how.base = which == HIT ? base : NULL), NP_E_GONE);
	rig_reopen(&rig);
	free(base);
	return rig_resume(&rig, RESUME_UNDO, &result, &err);
}

const struct gate_scene gate_scenes_chip[] = {
	{"host-flash", host_flash, NP_E_POLICY, "this computer's own flash", false},
	{"size-override", size_override, NP_E_POLICY, "size was overridden", false},
	{"supply", supply, NP_E_VOLTAGE, "3.3 V may destroy", true},
	{"size-contradiction", size_contradiction, NP_E_POLICY, "size is not certain", false},
	{"mirror", mirror, NP_E_UNSTABLE, "repeats after 4 MiB", true},
	{"bad-read", bad_read, NP_E_UNSTABLE, "read badly", true},
	{"erase-unknown", erase_unknown, NP_E_UNSUPPORTED, "no erase command", false},
	{"selection", selection, NP_E_RANGE, "beyond the chip", false},
	{"chip-erase", chip_erase, NP_E_USAGE, "only a part is selected", false},
	{"unfinished-job", unfinished_job, NP_E_JOURNAL, "unfinished", true},
	{"state-folder", state_folder, NP_E_OUTPUT, "state folder", false},
	{"orphan-job", orphan_job, NP_E_JOURNAL, "unfinished", true},
	{"lost-file", lost_file, NP_E_POLICY, "files lost", true},
	{"other-chip", other_chip, NP_E_POLICY, "another chip", true},
	{"unproven-chip", unproven_chip, NP_E_POLICY, "no unique ID", true},
	{"base-assumed", base_assumed, 0, "never read before", false},
	{.gate = NULL},
};
