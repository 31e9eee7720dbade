/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge protocol (doc/BRIDGE.md) as bytes. Pure. */
#ifndef NP_DRIVERS_SERPROG_SERPROG_WIRE_H
#define NP_DRIVERS_SERPROG_SERPROG_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arduino/bridge_proto.h"
#include "spi/spi.h"

#define WIRE_REQUEST_MAX 64 /* everything but the data of an XFER */

/* A request being built. */
struct wire_request {
	uint8_t bytes[WIRE_REQUEST_MAX];
	size_t len;
};

void wire_begin(struct wire_request *request, uint8_t cmd, uint8_t seq);
void wire_u8(struct wire_request *request, uint8_t value);
void wire_u16(struct wire_request *request, uint16_t value);
void wire_u32(struct wire_request *request, uint32_t value);
void wire_end(struct wire_request *request); /* appends the CRC */

uint16_t wire_get16(const uint8_t *bytes);
uint32_t wire_get32(const uint8_t *bytes);
void wire_put32(uint8_t *bytes, uint32_t value);

/* The CRC of a reply: over cmd and seq, which are not sent, then `len` bytes from the status on. */
uint32_t wire_reply_crc(uint8_t cmd, uint8_t seq, const uint8_t *bytes, size_t len);

/* The CRC-24 that follows a page of PROGRAM. */
void wire_page_check(uint32_t addr, const uint8_t *data, size_t len,
                     uint8_t check[BRIDGE_PAGE_CRC_LEN]);

/* A block of READ being received. */
struct wire_block {
	uint8_t *out; /* where its `len` bytes go; the caller's */
	size_t len, at;
	size_t page_left, page_len;
	uint32_t crc;
	uint8_t state, check[4], check_len;
};

enum wire_result { WIRE_MORE, WIRE_DONE, WIRE_BAD };

void wire_block_begin(struct wire_block *block, uint32_t addr, uint8_t *out, size_t len);

/* Feed received bytes; *used says how many belonged to this block. Never writes beyond out[len].
 * WIRE_BAD: an impossible tag or a wrong CRC; out[] holds nothing to trust. */
enum wire_result wire_block_feed(struct wire_block *block, const uint8_t *data, size_t len,
                                 size_t *used);

/* A memory read: opcode, address bytes, dummy bytes. False when `msg` is not one that may be cut
 * into pieces and asked for again. */
struct wire_read {
	uint8_t opcode, addr_len, dummy;
	uint32_t addr;
};

bool wire_parse_read(const struct spi_msg *msg, struct wire_read *read);

/* What the next messages of a queue are for the bridge. */
enum wire_kind {
	WIRE_XFER,    /* one frame as it is */
	WIRE_WAIT,    /* one UNTIL message */
	WIRE_READ,    /* one memory read */
	WIRE_CRC,     /* one CRC message */
	WIRE_PROGRAM, /* write enable, page program, UNTIL; again for the pages that follow on */
	WIRE_EXEC,    /* write enable, a command, UNTIL; again for addresses that follow on */
};

struct wire_step {
	enum wire_kind kind;
	size_t msgs;        /* how many messages it takes */
	size_t count;       /* pages or steps */
	uint32_t addr, len; /* PROGRAM: all of it */
	uint8_t addr_len;
	uint32_t stride; /* EXEC */
};

void wire_next_step(const struct spi_msg *msgs, size_t count, struct wire_step *step);

#endif
