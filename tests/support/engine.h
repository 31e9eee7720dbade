/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine on the strict model: what its test programs share. One chip open at a time. */
#ifndef NP_TESTS_SUPPORT_ENGINE_H
#define NP_TESTS_SUPPORT_ENGINE_H

#include "nor/nor.h"
#include "sim/sim.h"

#define MIB          (1u << 20)
#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* The bus, what stands behind it, the chip on it, the last error. */
struct engine {
	struct spi_bus *bus;
	void *sim;
	struct nor *nor;
	struct np_error err;
};

extern struct engine engine;

/* Open the bus; then identify (returns nor_open()'s code), or both and it must work. */
void engine_start(struct sim_config *config);
int engine_identify(void);
void engine_open(struct sim_config *config);
void engine_open_part(const char *part);

/* Close chip and bus, which must work; or only the bus, after a failed identification. */
void engine_finish(void);
void engine_close_failed(void);

/* `len` seeded random bytes; the caller frees them. */
uint8_t *engine_random(size_t len, uint32_t seed);

/* The pieces, a page of the open chip at most each, that program data at addr; the caller frees
 * them. */
struct nor_piece *engine_pieces(const uint8_t *data, uint32_t addr, size_t len, size_t *count);

/* Program len bytes at addr, a 64 KiB erase block a call, as the executor does. */
int engine_program(const uint8_t *data, uint32_t addr, size_t len);

#endif
