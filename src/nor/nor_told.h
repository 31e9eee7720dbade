/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip that the client of `serve` knows: each request says which opcodes to send and how to ask
 * whether the chip is ready. Nothing is identified here. What is learned is how long its pages
 * take, so that they go down the wire in trains.
 */
#ifndef NP_NOR_NOR_TOLD_H
#define NP_NOR_NOR_TOLD_H

#include "nor/nor.h"

#define NOR_TOLD_PAGE 256 /* bytes of a piece, at most */

struct nor_told;

/* How it says that it is ready: masked, the answer to `opcode` equals `value`. */
struct nor_told_ready {
	uint8_t opcode, mask, value;
	uint32_t limit_us; /* of every wait; above 0 */
};

/* On an open bus, which stays the caller's and must outlive it. Sends nothing. NP_E_MEMORY. */
int nor_told_open(struct spi_bus *bus, struct nor_told **told, struct np_error *err);
void nor_told_close(struct nor_told *told);

/*
 * Wait until it is ready. `progress` (may be NULL) is asked between looks; non-zero ends the wait.
 * *last is the last answer seen. Errors: NP_E_TIMEOUT (limit_us is over), NP_E_INTERRUPTED, bus
 * errors.
 */
int nor_told_wait(struct nor_told *told, const struct nor_told_ready *ready,
                  nor_progress_fn *progress, void *ctx, uint8_t *last, struct np_error *err);

/*
 * Program pieces, each inside one page of 256 bytes, with 02h or, `native4`, 12h, and `addr_len`
 * address bytes; behind each the chip is waited for, for a second at most. No page that the chip
 * holds already is sent a second time, since some parts must not be programmed twice. Errors as
 * nor_told_wait(); *done says how many pieces are known to be programmed.
 */
int nor_told_program(struct nor_told *told, bool native4, unsigned addr_len,
                     const struct nor_told_ready *ready, const struct nor_piece *pieces,
                     size_t count, size_t *done, uint8_t *last, struct np_error *err);

#endif
