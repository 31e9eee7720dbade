/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/gate_scene.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "device/load.h"
#include "store/manifest.h"

struct layout layout;

/* A unit of the MR200 v1: MAC and calibration where its profile has them. */
void make_unit(uint8_t *flash, uint64_t seed, uint8_t last)
{
	rig_fill(flash, rig.size, seed);
	/* The hardware id in the firmware's header. */
	memcpy(flash + 0x20034, "\x01\x00\x50\xd7\x4a\x00\x00\x00", 8);
	memcpy(flash + MAC, "\x50\xd4\xf7\x12\x34", 5);
	flash[MAC + 5] = last;
	memcpy(flash + CAL, "\x20\x76", 2);
	memcpy(flash + CAL + 0x8000, "\x10\x76", 2);
}

void start(const char *part)
{
	rig.config.chip.part = part;
	rig_open(&rig);
	image = malloc(rig.size);
	before = malloc(rig.size);
	make_unit(norsim_mem(rig.chip), 1, 7);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	memcpy(image, before, rig.size);
}

void gate_scene_setup(void)
{
	writing_setup();
	ck_assert_msg(layout_load("tplink-mr200-v1", &layout, &err) == 0, "%s", err.message);
}

void gate_scene_teardown(void)
{
	layout_free(&layout);
	writing_teardown();
}

/* What the chip holds now, which may differ from `before`. */
uint8_t *now(void)
{
	return norsim_mem(rig.chip);
}

const char *in_dir(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", rig.dir, name);
	return path;
}

void save(const char *name, const uint8_t *data, size_t len)
{
	ck_assert_msg(np_io_save(in_dir(name), data, len, NP_IO_NEW, &err) == 0, "%s", err.message);
}

/* The manifest of a file that was read from this chip at `start`. */
void save_manifest(const char *name, const uint8_t *flash, uint64_t at, uint64_t len,
                   const char *uid)
{
	struct np_range range = {at, len};
	struct manifest manifest;

	manifest_begin(&manifest, nor_info(rig.nor), "sim", "read");
	if (uid)
		snprintf(manifest.uid, sizeof(manifest.uid), "%s", uid);
	manifest.passes = 2;
	ck_assert_int_eq(
		manifest_describe(&manifest, flash, &(struct np_ranges){&range, 1, 1}, NULL, &err),
		0);
	ck_assert_msg(manifest_save(&manifest, in_dir(name), NP_IO_NEW, &err) == 0, "%s",
	              err.message);
	manifest_free(&manifest);
}

static uint64_t erases_until;

static int cut_when_erased(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	return norsim_stats(rig.chip)->erases_64k + norsim_stats(rig.chip)->erases_4k >
	       erases_until;
}

/* Leave an unfinished job: `blocks` of 64 KiB at 1 MiB, the first erased. */
void cut_off(unsigned blocks)
{
	struct np_range range = {0x100000, blocks * 64 * KiB};
	struct np_ranges only = {&range, 1, 1};

	memcpy(image, now(), rig.size);
	rig_fill(image + range.start, range.len, 9);
	norsim_clear_stats(rig.chip);
	erases_until = 0;
	rig.job.step_hook = cut_when_erased;
	ck_assert_int_eq(WRITE(.select = &only), NP_E_GONE);
	rig_reopen(&rig);
}
