/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the serprog driver's files. */
#ifndef NP_DRIVERS_SERPROG_SERPROG_INT_H
#define NP_DRIVERS_SERPROG_SERPROG_INT_H

#include "serprog/serial.h"
#include "serprog/serprog.h"
#include "serprog/serprog_wire.h"
#include "spi/spi.h"

/* Besides 0 and the negative codes: the line lost or mangled something; getting back in step and
 * asking again may help. */
#define LINE_FAULT 1

struct serprog {
	struct serial line;
	struct spi_caps caps;
	uint32_t baud; /* 0: unknown (TCP) */
	uint8_t map[32];
	char name[17];
	uint8_t in[65536];
	size_t in_at, in_len;
	char heard[200]; /* what came first, as text: a server may say why it will not serve */
	size_t heard_len;
	bool map_asked;    /* the questions for version and map went out with the SYNCNOP */
	bool hello_asked;  /* and a HELLO behind them, */
	uint64_t asked_us; /* at this time; 0: not yet, and it is done once only */

	/* the bridge */
	bool may_be_bridge;
	bool bridge;
	bool adrift;    /* out of step: get back before the next request */
	bool streaming; /* the device may still be sending blocks */
	bool was_reset; /* greet it again before the next run */
	uint8_t seq;
	uint32_t token;
	uint16_t window, xfer_max;
	bool ahead; /* `norprog serve`: a connection loses nothing, so answers need not be awaited */
	struct {
		uint8_t cmd, seq, status;
		uint32_t done;
	} last; /* from STATUS */
};

/* A request that was sent and whose reply is still to come. */
struct serprog_sent {
	size_t base, msgs; /* of the run */
	size_t bytes;      /* on the way */
	enum wire_kind kind;
	uint8_t seq; /* of the first frame, where there are several */
};

/* The pages of a PROGRAM under way. They count from the start of the step. */
struct page_stream {
	struct wire_step step;
	size_t base;        /* the step's first message */
	size_t from;        /* first page of this stream */
	size_t acked;       /* pages of this stream */
	size_t next;        /* page being sent */
	size_t sent, freed; /* bytes */
	uint8_t frame[BRIDGE_PAGE_LEN + BRIDGE_PAGE_CRC_LEN];
	size_t frame_len, frame_at;
	bool stopped;
	uint8_t seq;
};

#define BRIDGE_SENT_MOST 16
#define BRIDGE_STREAMS   4
#define BRIDGE_SEND_NONE SIZE_MAX

/* One spi_run(). */
struct serprog_run {
	struct serprog *sp;
	struct spi_msg *msgs;
	size_t count;
	size_t base; /* index of the message in work */
	spi_progress_fn *progress;
	void *ctx;
	struct np_error *err;

	/* the bridge: what was sent ahead, the first to be answered first */
	struct serprog_sent sent[BRIDGE_SENT_MOST];
	size_t sent_count;
	size_t next; /* the message to be sent next; BRIDGE_SEND_NONE: no more for now */
	bool behind; /* something is being answered, so that `sent` stands behind it */
	struct page_stream
		streams[BRIDGE_STREAMS]; /* the PROGRAMs among them; the first is in work */
	size_t stream_count;
};

/* ---- the line (serprog_line.c) ---- */

int sp_write(struct serprog *sp, const uint8_t *data, size_t len, struct np_error *err);

/* Make sure that a byte is in sp->in; LINE_FAULT when none came within `wait_us`. */
int sp_fill(struct serprog *sp, uint32_t wait_us, struct np_error *err);

/* Exactly `len` bytes; the first may take `wait_us` beyond the line's own slack. */
int sp_read(struct serprog *sp, uint8_t *buf, size_t len, uint32_t wait_us, struct np_error *err);

/* Throw away input until it was silent for `quiet_us`; LINE_FAULT when it never is. */
int sp_discard(struct serprog *sp, uint32_t quiet_us, struct np_error *err);

/* What `bytes` take on the line, microseconds. */
uint32_t sp_line_us(const struct serprog *sp, size_t bytes);

/* SYNCNOPs until the device answers one, at most `limit_us`. NP_E_NO_PROGRAMMER. */
int sp_sync(struct serprog *sp, uint32_t limit_us, struct np_error *err);

static inline bool sp_has(const struct serprog *sp, uint8_t cmd)
{
	return sp->map[cmd / 8] >> cmd % 8 & 1;
}

/* Non-zero: the caller wants to stop. */
int sp_progress(const struct serprog_run *run, size_t msg, size_t bytes);

/* ---- the two dialects ---- */

/* Ask a device which commands it has; then a plain one for name and caps, and take the bus. */
int plain_ask_map(struct serprog *sp, struct np_error *err);
int plain_set_up(struct serprog *sp, struct np_error *err);
int plain_set_hz(struct serprog *sp, uint32_t hz, struct np_error *err);
int plain_run(struct serprog_run *run, size_t count, size_t *done);
void plain_release(struct serprog *sp);

/* Greet the bridge: LINE_FAULT or NP_E_UNSUPPORTED when it is not one that this driver
 * speaks to. */
int bridge_hello(struct serprog *sp, struct np_error *err);

/* A HELLO for a device of which it is not yet known whether it is a bridge: none of its bytes is a
 * command of serprog's, so that another device refuses them all. Its answer is left to
 * bridge_hello(). */
struct wire_request;
void bridge_make_first_hello(struct serprog *sp, struct wire_request *request);
int bridge_set_hz(struct serprog *sp, uint32_t hz, struct np_error *err);
int bridge_run(struct serprog_run *run, size_t count, size_t *done);
void bridge_leave(struct serprog *sp);

/* ---- the bridge's parts (serprog_ask.c, serprog_bridge.c, serprog_program.c) ---- */

/* An answer: payload goes to `payload`, `len` bytes if the status is BRIDGE_OK. */
struct bridge_reply {
	uint8_t status;
	uint8_t *payload;
	size_t len;
	uint32_t done; /* of a report */
	uint8_t last;
};

/* Read a reply to (cmd, seq); `first` is its status if that was read already, else -1. */
int bridge_read_reply(struct serprog *sp, uint8_t cmd, uint8_t seq, int first, uint32_t wait_us,
                      struct bridge_reply *reply, struct np_error *err);

/* Get back in step: afterwards sp->last is known. NP_E_BUS when the board was reset or does not
 * answer. */
int bridge_resync(struct serprog *sp, struct np_error *err);

/* Send a finished request, read its reply, and after faults do so again, a bounded number of
 * times. */
int bridge_ask(struct serprog *sp, const struct wire_request *request, uint32_t wait_us,
               struct bridge_reply *reply, struct np_error *err);

/* Counts faults; NP_E_BUS when there were too many in a row. `progress`: something got done
 * since. */
struct fault_budget {
	unsigned in_row;
};

int bridge_after_fault(struct serprog *sp, struct fault_budget *budget, bool progress,
                       struct np_error *err);

#define BRIDGE_FRAME_MAX 1024 /* bytes that a frame sends; more than any firmware's xfer_max */

/* The replies to frames that were sent. (serprog_frames.c) */
int bridge_run_frames(struct serprog_run *run, size_t *msgs_done);

/* ---- requests sent ahead (serprog_ahead.c) ---- */

#define BRIDGE_CRC_PIECE 65536 /* one request covers no more: progress is told in between */

/* Send what may be on the way now, from run->next on. */
int bridge_send_ahead(struct serprog_run *run);

/* Was the message in work sent ahead? Then it is the first of run->sent, and is taken from it. */
bool bridge_take_sent(struct serprog_run *run, struct serprog_sent *sent);

/* After a fault: nothing of it will be answered. */
void bridge_forget_sent(struct serprog_run *run);

int bridge_send_crc(struct serprog_run *run, size_t base, uint8_t *seq);
int bridge_send_exec(struct serprog_run *run, size_t base, const struct wire_step *step,
                     size_t from, uint8_t *seq);
int bridge_send_frames(struct serprog_run *run, size_t base, size_t count, uint8_t *seq);

/* The request and as many pages as the window allows; the others go out while they are
 * acknowledged. */
int bridge_send_pages(struct serprog_run *run, size_t base, const struct wire_step *step,
                      uint8_t *seq);
bool bridge_pages_all_sent(const struct serprog_run *run);

/* Does the message go as a frame; and how many of those from `msgs` on go together, at least one,
 * in how many bytes? */
bool bridge_is_frame(const struct serprog *sp, const struct spi_msg *msg, enum wire_kind kind);
size_t bridge_frames_together(const struct serprog *sp, const struct spi_msg *msgs, size_t count,
                              size_t *bytes);

int bridge_program(struct serprog_run *run, const struct wire_step *step, size_t *msgs_done);
int bridge_exec(struct serprog_run *run, const struct wire_step *step, size_t *msgs_done);

/* Wait for the first byte of a long operation's answer, telling progress; a stop request goes to
 * the device and sets *stopped. */
int bridge_await(const struct serprog_run *run, uint64_t limit_us, bool *stopped);

#endif
