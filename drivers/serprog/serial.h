/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A byte line to a serprog device: a tty, a TCP connection, or whatever a test puts in its place.
 * All waits are bounded by the caller's time-outs, and time itself is asked of the line, so that a
 * simulated board can answer in simulated time.
 */
#ifndef NP_DRIVERS_SERPROG_SERIAL_H
#define NP_DRIVERS_SERPROG_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "spi/driver.h"

struct serial_ops {
	/* Hand over all `len` bytes; blocks while the kernel's buffer is full, at most a few
	 * seconds. NP_E_GONE, NP_E_TIMEOUT. */
	int (*write)(void *self, const uint8_t *data, size_t len, struct np_error *err);
	/* Wait at most `wait_us` for a byte, then take what is there, up to `len`; *got 0: nothing
	 * came. NP_E_GONE when the other end closed. */
	int (*read)(void *self, uint8_t *buf, size_t len, uint32_t wait_us, size_t *got,
	            struct np_error *err);
	/* Set the rate; NULL where there is none (TCP). NP_E_UNSUPPORTED when the port cannot. */
	int (*set_baud)(void *self, uint32_t baud, struct np_error *err);
	uint64_t (*now_us)(void *self);
	void (*sleep_us)(void *self, uint32_t us);
	void (*close)(void *self);
};

struct serial {
	const struct serial_ops *ops;
	void *self;
	char name[80];       /* "/dev/ttyACM0", "host:port" */
	uint32_t latency_us; /* one round trip, roughly */
	uint32_t slack_us;   /* how late an answer may be and still come */
};

/* Open a tty: raw 8N1, exclusively (flock and TIOCEXCL), low latency where the driver has it.
 * Opening resets most Arduinos; HUPCL is cleared, so that closing does not do it again. Errors:
 * NP_E_NO_PROGRAMMER, NP_E_ACCESS, NP_E_BUSY. */
int serial_open_tty(const char *path, struct serial *serial, struct np_error *err);

/* Connect to HOST, PORT; at most 5 s. Errors: NP_E_NO_PROGRAMMER, NP_E_USAGE. */
int serial_open_tcp(const char *host, const char *port, struct serial *serial,
                    struct np_error *err);

/* A connection that was accepted: `fd`, non-blocking, is the line's from now on, also on failure.
 * NP_E_MEMORY. */
int serial_adopt_tcp(int fd, const char *name, struct serial *serial, struct np_error *err);

/* Serial ports that are there, for `list`. Opens none of them. */
int serial_list(spi_found_fn *fn, void *ctx, struct np_error *err);

#endif
