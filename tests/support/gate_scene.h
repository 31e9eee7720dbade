/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the situations of the gates' test are made of: a chip with a unit's data, an image, files with
 * manifests, and what the last job answered. For tests/unit/job/gate/test_gate.c alone. */
#ifndef TESTS_SUPPORT_GATE_SCENE_H
#define TESTS_SUPPORT_GATE_SCENE_H

#include "job/gate/gate.h"
#include "support/writing.h"

#define MAC 0x7df100u
#define CAL 0x7f0000u

/* How a situation is played: the gate refuses or warns; the refusal is lifted; one that is near and
 * passes. */
enum which { HIT, LIFTED, NEAR };

struct gate_scene {
	const char *gate;
	int (*play)(enum which which);
	int code;          /* of the refusal; 0: it only warns */
	const char *words; /* of its message */
	bool lifted;       /* there is a way through */
};

/* Each ends with an empty one. */
extern const struct gate_scene gate_scenes_chip[], gate_scenes_file[], gate_scenes_unit[];

extern struct layout layout; /* of the MR200 v1 */

#define LOAD(name, ...) \
	rig_write(&rig, &(struct rig_order){.file = in_dir(name), __VA_ARGS__}, &result, &err)

void gate_scene_setup(void);
void gate_scene_teardown(void);

/* A unit of the MR200 v1: MAC and calibration where its profile has them. */
void make_unit(uint8_t *flash, uint64_t seed, uint8_t last);

/* Open a chip of this type that holds a unit; `before` and `image` are copies of it. */
void start(const char *part);

/* What the chip holds now, which may differ from `before`. */
uint8_t *now(void);

/* A path in the state folder, valid until the next call. */
const char *in_dir(const char *name);
void save(const char *name, const uint8_t *data, size_t len);

/* The manifest of a file that was read from this chip at `at`. */
void save_manifest(const char *name, const uint8_t *flash, uint64_t at, uint64_t len,
                   const char *uid);

/* Leave an unfinished job: `blocks` of 64 KiB at 1 MiB, the first erased. */
void cut_off(unsigned blocks);

#endif
