/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the library's tests share: a folder, a chip on the simulated programmer, dumps of devices.
 * Like all here it knows the public header alone. */
#ifndef TESTS_LIB_SCENE_H
#define TESTS_LIB_SCENE_H

#include <norprog.h>

#include <check.h>

#define SIZE      (8u << 20) /* of the W25Q64FV that is simulated */
#define MAC_AT    0x7df100u
#define PIN_AT    0x7df200u
#define CAL_2G_AT 0x7f0000u
#define CAL_5G_AT 0x7f8000u

struct scene {
	char dir[64], state[128], chip_file[128];
	norprog *np;
	/* what was heard */
	unsigned plans, steps, phases, warnings, asked;
	unsigned stop_at_step; /* from 1: norprog_stop() when that step is done; 0: never */
	char log[256];
};

/* A new folder with a chip that holds `image` (SIZE bytes; NULL: blank), and a handle on it, open and
 * detected; question and events are wired to the scene. */
void scene_open(struct scene *scene, const uint8_t *image);

/* The same, of another simulated part. */
void scene_open_part(struct scene *scene, const char *part, size_t size, const uint8_t *image);

/* What scene_open() consists of, for parts of which a file tells: folder, chip and handle; then open
 * and detect (`part` may be followed by more of the simulator's options). */
void scene_prepare(struct scene *scene, const uint8_t *image, size_t size);
void scene_detect(struct scene *scene, const char *part);

/* Take the chip off the clip and put one on that holds `image` (SIZE bytes). */
void scene_swap(struct scene *scene, const char *part, const uint8_t *image);

/* Close the handle; remove the folder. */
void scene_close(struct scene *scene);

/* What the chip holds, from its file; the caller frees. */
uint8_t *scene_chip(const struct scene *scene);

/* A file in the scene's folder; the path is in `path` (128 bytes). */
void scene_file(const struct scene *scene, const char *name, const void *data, size_t len,
                char *path);

/* How many files the folder below the state folder holds. */
unsigned scene_files(const struct scene *scene, const char *folder);

/* A dump of a TP-Link Archer MR200 v1 ("mr200") or C2 v1 ("c2"), `unit` in its MAC, `seed` in its
 * firmware. The caller frees. */
uint8_t *dump_of(const char *device, uint8_t unit, unsigned seed);

/* The handle's last error has this code, and names this gate (NULL: not looked at). */
void must_fail(const struct scene *scene, int ret, int code, const char *gate);
void must_pass(const struct scene *scene, int ret);

/* Run it as the environment says (CK_FORK, CK_RUN_CASE). What main() returns. */
int scene_run(Suite *suite);

#endif
