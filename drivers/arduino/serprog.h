/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serprog v1 and the bridge commands: one function per dialect, each takes the command byte. */
#ifndef SERPROG_H
#define SERPROG_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of one frame that can be sent: they wait in the ring until all have arrived. */
#define XFER_MAX 960
/* What the host may have on the way. */
#define WINDOW 1000

/* Set while plain commands that reach the chip are refused. */
extern bool guard;

/* Why the CPU last started (MCUSR). */
extern uint8_t reset_cause;

/* A plain command; false when it is unknown or refused (nothing answered yet). */
bool serprog_run(uint8_t cmd);

/* A bridge command, framed and checked; false when it was damaged or cut short (and answered). */
bool bridge_run(uint8_t cmd);

/* The parts of bridge commands that stream (stream.c). Each returns a bridge status. */
struct wait {
	uint8_t opcode, mask, value;
	uint32_t limit_us;
};

struct report {
	uint32_t done;
	uint8_t last;
};

/* Poll the chip's status in one frame. `stop`: a byte from the host ends it. */
uint8_t stream_wait(const struct wait *wait, bool stop, struct report *report);

struct program {
	uint8_t we, opcode, addr_len;
	struct wait wait;
	uint32_t addr, len;
};

uint8_t stream_program(struct program *program, struct report *report);

/* Send blocks; the chip is selected and its next byte is the one at `addr`. */
void stream_read(uint32_t addr, uint32_t len);

/* CRC over the next `len` bytes of a selected chip. */
uint32_t stream_crc(uint32_t crc, uint32_t len);

#endif
