/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of jobs that write share: one chip, an image for it, and what the chip held before. */
#ifndef NP_TEST_WRITING_H
#define NP_TEST_WRITING_H

#include "support/rig.h"

#define KiB 1024u

extern struct rig rig;
extern uint8_t *image, *before; /* as long as the chip */
extern struct write_result result;
extern struct np_error err;

/* The image is written as rig_order's other members say. */
#define WRITE(...) rig_write(&rig, &(struct rig_order){.image = image, __VA_ARGS__}, &result, &err)

/* The fixture. Nothing is open yet, so that a test can choose the chip and the bus. */
void writing_setup(void);
void writing_teardown(void);

/* Opens what rig.config names: the chip has one random content, `before` the same, the image another. */
void writing_start(void);

/* One range; freed with np_ranges_free(). */
struct np_ranges writing_range(uint64_t start, uint64_t len);

#endif
