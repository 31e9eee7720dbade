/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A programmer behind `norprog serve`, in one process and in simulated time: the client's and the
 * server's clock move by what the chip's bus costs and by the latency of the line between them, and by
 * nothing else. So what a job takes across a network is the same number on every machine.
 */
#ifndef TESTS_SUPPORT_FAR_H
#define TESTS_SUPPORT_FAR_H

#include "spi/driver.h"
#include "support/rig.h"

struct far;

/* The rig's simulated programmer is served behind a line with this latency each way; before
 * rig_open(). */
struct far *far_put(struct rig *rig, uint32_t one_way_us);

/* The client's clock, from its first byte on. */
uint64_t far_us(const struct far *far);

/* How often the programmer stood still, because what it was to do next was still on its way. */
uint64_t far_idles(const struct far *far);

/* The line breaks with the n-th write from now, of either side: `lost` says whether what is under way
 * then still arrives. A line that is opened anew is whole. */
void far_break(struct far *far, uint64_t writes, bool lost);
uint64_t far_writes_left(const struct far *far);

/* Has the server let go of the programmer? */
bool far_is_released(const struct far *far);

void far_free(struct far *far);

#endif
