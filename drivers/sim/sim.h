/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulated programmer, for tests and benches that want to look behind it. The command reaches
 * it as `-p sim:chip=...` through the registry.
 */
#ifndef NP_DRIVERS_SIM_SIM_H
#define NP_DRIVERS_SIM_SIM_H

#include "sim/norsim.h"
#include "spi/driver.h"

/* The kind of bus to imitate. sim_config_default() fills in every field. */
struct sim_config {
	struct norsim_config chip;
	bool real_time;              /* sleep, so that the wall clock follows the model's */
	uint32_t hz, hz_min, hz_max; /* hz_min == hz_max: fixed */
	uint32_t depth, max_queue;
	size_t max_tx, max_rx;
	uint32_t trip_us, msg_ns, pause_ns_min;
	bool until, crc, safe_line;
	bool host_own;          /* as if the chip were this computer's own */
	uint64_t fail_msg;      /* the n-th message (from 1, over all runs) fails; 0 none */
	const char *stats_path; /* at close one line of JSON goes there; NULL: NORPROG_SIM_STATS or
	                           nowhere */
};

/* What went over the wire since open. */
struct sim_counters {
	uint64_t runs, messages;
	uint64_t trips;      /* host round trips: runs at depth > 1, messages at depth 1 */
	uint64_t wire_bytes; /* both ways */
	uint64_t wire_ns;    /* what those bytes and the messages' overhead took */
	uint64_t pause_ns;
	uint64_t device_ns; /* the model's clock: all of it */
};

/* depth 32, 4096 messages a queue, 20 MHz of 100 kHz..50 MHz, 64 MiB a message, 125 us a trip, no
 * `until`, no `crc`, safe line, W25Q64FV in memory, virtual time. */
void sim_config_default(struct sim_config *config);

/* Open; strings need not outlive the call. Errors: as norsim_open(). */
int sim_open(const struct sim_config *config, struct spi_opened *out, struct np_error *err);

/* sim_open() and spi_wrap() in one; *self (may be NULL) is what the two below take. */
int sim_open_bus(const struct sim_config *config, struct spi_bus **bus, void **self,
                 struct np_error *err);

/* The chip behind, and the counters. Valid until the bus is closed. */
struct norsim *sim_chip(void *self);
const struct sim_counters *sim_counters(void *self);
void sim_clear_counters(void *self);

/* Arm fail-msg anew: the n-th message from now fails. */
void sim_fail_message(void *self, uint64_t n);

#endif
