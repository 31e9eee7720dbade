/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One client being served. For the files of this room only. */
#ifndef NP_SERVE_CONN_H
#define NP_SERVE_CONN_H

#include "nor/nor_told.h"
#include "serprog/serprog_wire.h"
#include "serve/serve.h"

#define CONN_IN       (192u << 10) /* more than the window and one request */
#define CONN_OUT      (64u << 10)
#define CONN_WINDOW   65000u
#define CONN_XFER_MAX 1024u /* bytes that a frame sends */
#define CONN_FRAMES   64u   /* sent ahead, in one run of the bus */

#define CONN_GAP_US   2000000u /* inside a request; a network is slower than a tty */
#define CONN_QUIET_US 25000u   /* ends what is thrown away */

/* Besides 0 and the negative codes: nothing came in time. */
#define CONN_LATE 1

struct conn {
	struct serial line;
	const struct serve_target *target;
	struct spi_bus *bus; /* NULL until it is needed */
	struct nor_told *told;

	uint8_t *in, *out;
	size_t in_at, in_len, out_len;
	bool gone; /* the line is of no use any more */

	bool guard;
	bool halted; /* something failed: nothing more is done until the client has asked what */
	uint32_t token;
	uint32_t delay_us; /* plain: what O_EXEC will wait */
	struct {
		uint8_t cmd, seq, status;
		uint32_t done;
	} last;
	struct np_error failure; /* of the programmer */
};

/* ---- bytes (conn.c) ---- */

/* Make sure that `len` bytes (at most CONN_IN) are there; the longest gap between them is wait_us.
 * CONN_LATE, or NP_E_GONE. What was to be sent is sent first. */
int conn_need(struct conn *conn, size_t len, uint32_t wait_us);

/* Take in what has arrived, without waiting. Returns how many bytes are there. */
size_t conn_poll(struct conn *conn);

static inline const uint8_t *conn_at(const struct conn *conn)
{
	return conn->in + conn->in_at;
}

static inline size_t conn_have(const struct conn *conn)
{
	return conn->in_len - conn->in_at;
}

/* Has the client gone, or does it ask to stop with a NOP as its next byte? */
bool conn_wants_stop(struct conn *conn);

/* Throw away what comes until there is silence; a client that never falls silent is given up. */
void conn_drain(struct conn *conn);

void conn_put(struct conn *conn, const void *data, size_t len);
int conn_flush(struct conn *conn);

/* The programmer, opened if it is not yet. The bus, and the chip as the client describes it; NULL
 * after a failure. */
struct spi_bus *conn_bus(struct conn *conn);
struct nor_told *conn_told(struct conn *conn);

/* Close it and release its pins. */
void conn_let_go(struct conn *conn);

/* The clock and limits, also while the programmer is closed. */
const struct spi_caps *conn_caps(const struct conn *conn);

/* ---- the two dialects ---- */

/* A plain command of which the first byte is there. False: refused. */
bool plain_command(struct conn *conn);

/* A request of the bridge's of which the first byte is there. False: damaged (and answered). */
bool bridge_command(struct conn *conn);

/* ---- replies of the bridge (bridge.c) ---- */

void bridge_reply(struct conn *conn, uint8_t cmd, uint8_t seq, uint8_t status, const void *payload,
                  size_t len);

/* The programmer failed: which status says so, from what spi_run() said. */
uint8_t bridge_status_of(struct conn *conn, int ret, const struct np_error *err);

/* ---- what streams (stream.c) ---- */

/* Send the blocks of a READ, status first. */
void stream_read(struct conn *conn, uint8_t seq, const struct wire_read *read, uint32_t len);

/* The CRC of what the chip answers, continued from *crc. A bridge status. */
uint8_t stream_crc(struct conn *conn, const struct wire_read *read, uint32_t len, uint32_t *crc);

struct stream_program {
	uint8_t opcode, addr_len;
	struct nor_told_ready ready;
	uint32_t addr, len;
};

/* Take the pages that follow and program them. A bridge status; *done and *last for the report. */
uint8_t stream_program(struct conn *conn, const struct stream_program *job, uint32_t *done,
                       uint8_t *last);

#endif
