/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bare CS frames into a chip model, for tests that speak to it with no bus and no engine. */
#ifndef TESTS_SUPPORT_FRAMES_H
#define TESTS_SUPPORT_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/norsim.h"

#define FRAME_BYTE_NS 400 /* 20 MHz */

/* The model that the functions below speak to; opened and closed by the test. */
extern struct norsim *sim;

/* Opens or fails the test. `faults` may be NULL. */
struct norsim *open_part(const char *part, const char *file, const struct norsim_faults *faults);

void frame(const uint8_t *out, size_t out_len, uint8_t *in, size_t in_len);

/* One frame of these bytes; ASK also receives. */
#define BYTES(...)        ((const uint8_t[]){__VA_ARGS__})
#define SEND(...)         frame(BYTES(__VA_ARGS__), sizeof(BYTES(__VA_ARGS__)), NULL, 0)
#define ASK(in, len, ...) frame(BYTES(__VA_ARGS__), sizeof(BYTES(__VA_ARGS__)), in, len)

/* One register byte, read with `op`. */
uint8_t status(uint8_t op);

/* Let the operation in work end; fails the test if it never would, or if SR1 still says busy. */
void wait_ready(void);

/* Write enable, then the command with a three-byte address. No waiting. */
void program(uint32_t addr, const uint8_t *data, size_t len);
void erase(uint8_t op, uint32_t addr);

/* A sector programmed and erased again: did it erase? */
bool erases(uint32_t addr);

/* Registers and the range that they protect (len > 0): fails the test unless just that range
 * refuses to erase. */
struct range_case {
	uint8_t sr1, sr2;
	uint32_t start, len;
};

void check_range(const struct range_case *c);

bool all_ff(const uint8_t *bytes, size_t len);

#endif
