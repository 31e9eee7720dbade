/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An Arduino on the bench: an ATmega328P running a firmware ELF on libsimavr, a UART line to a host
 * and a NOR chip on SPI. libsimavr's UART and SPI are replaced: its SPI takes 100 us a byte, its
 * UART sends polled bytes at half rate and has a 64-byte receive FIFO that hides overruns. Here a
 * UART frame is 10 bits of the divided clock, the receiver holds two bytes and a third in its shift
 * register, and an SPI byte takes 8 divided clocks. Everything happens in simulated time; nothing
 * here looks at a wall clock.
 *
 * libsimavr is GPL-3: this is for test programs only.
 */
#ifndef AVRDEV_H
#define AVRDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sim/norsim.h"

struct avrdev;

/* What goes wrong on the line, both ways alike. Zero: nothing. */
struct line_faults {
	uint64_t seed;
	uint64_t flip_one_in, drop_one_in, double_one_in; /* bytes between faults, on average */
	uint64_t flip_at, drop_at;               /* the n-th byte from the host, counted from 1 */
	uint64_t answer_flip_at, answer_drop_at; /* the n-th byte from the board */
	uint64_t gone_after;       /* the port disappears after this many bytes from the host */
	uint64_t silent_after;     /* the board's answers end after this many bytes */
	uint64_t reset_after;      /* the board is reset after this many bytes from the host */
	uint32_t garbage_at_start; /* bytes of noise that the host finds first */
};

struct avrdev_config {
	const char *elf;
	uint32_t f_cpu;
	uint32_t baud;       /* the host's rate; avrdev_set_baud() changes it */
	struct norsim *chip; /* stays the caller's */
	uint64_t latency_ns; /* from the end of a byte's frame until the host can read it */
	uint64_t boot_ns;    /* after a reset the boot loader eats the line this long */
	bool exact;          /* never skip polling loops: slower, same result */
	struct line_faults faults;
};

struct avrdev_stats {
	uint64_t host_bytes;  /* host to board, as sent by the host */
	uint64_t board_bytes; /* board to host, as sent by the board */
	uint64_t overruns; /* bytes the UART lost because the firmware did not take them in time */
	uint64_t flips, drops, doubles;
	uint64_t resets;
};

/* Load and boot the firmware, some 20 ms of its time. Errors: NP_E_INPUT (the ELF), NP_E_MEMORY. */
int avrdev_open(const struct avrdev_config *config, struct avrdev **dev, struct np_error *err);
void avrdev_close(struct avrdev *dev);

uint64_t avrdev_now(const struct avrdev *dev); /* ns */

/* Queue bytes on the line, behind those queued before. */
void avrdev_send(struct avrdev *dev, const uint8_t *data, size_t len);

/* Bytes queued that the line has not carried yet. */
size_t avrdev_unsent(const struct avrdev *dev);

/* Take up to `len` bytes that the host can see by now; returns how many. */
size_t avrdev_receive(struct avrdev *dev, uint8_t *buf, size_t len);

/* Run until `until` (ns), or until the host can see a byte. */
void avrdev_run(struct avrdev *dev, uint64_t until);

/* Let time pass, whatever arrives. */
void avrdev_pass(struct avrdev *dev, uint64_t ns);

/* Whether the firmware waits for the host: nothing on the line either way, and it has been polling,
 * or sleeps. */
bool avrdev_idle(const struct avrdev *dev);

/* DTR: the boot loader first, then the firmware. Bytes on the line are lost. */
void avrdev_reset(struct avrdev *dev);

/* The host's rate. More than 4 % off the board's divider, bytes arrive as noise. */
void avrdev_set_baud(struct avrdev *dev, uint32_t baud);

/* The host's latency from now on. */
void avrdev_set_latency(struct avrdev *dev, uint64_t ns);

/* Simulate every polling loop from now on. */
void avrdev_set_exact(struct avrdev *dev, bool exact);

/* Other faults from now on; chance begins anew at their seed, counts at 0. */
void avrdev_set_faults(struct avrdev *dev, const struct line_faults *faults);

/* Whether the port has disappeared (see line_faults). */
bool avrdev_gone(const struct avrdev *dev);

/* Whether the chip's pins are driven. */
bool avrdev_pins_driven(const struct avrdev *dev);

/* Whether the status LED (D8) is on. */
bool avrdev_led(const struct avrdev *dev);

const struct avrdev_stats *avrdev_stats(const struct avrdev *dev);
void avrdev_clear_stats(struct avrdev *dev);

/* "…-16mhz-2000000.elf": the clock and rate in a firmware's name; false when it has none. */
bool avrdev_parse_name(const char *elf, uint32_t *f_cpu, uint32_t *baud);

#endif
