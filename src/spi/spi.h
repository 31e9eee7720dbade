/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wire contract between the chip engine and the programmers.
 *
 * The unit is a message: everything between CS falling and CS rising. The engine hands a bus a
 * queue of messages; the bus keeps their order, keeps the pauses between them, and stops at the
 * first one that fails. What a bus is good at it declares in its caps; the engine reads those and
 * never asks which adapter it is. A 16 MiB read is one message where `max_msg` allows.
 */
#ifndef NP_SPI_SPI_H
#define NP_SPI_SPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SPI_CMD_MAX  12 /* opcode, up to 4 address bytes, dummy bytes */
#define SPI_RX_LEAST 8u /* a bus that takes less in one message reads no ID and no SFDP header */

enum spi_msg_flag {
	/* A status read: each byte of the answer is sampled as it is clocked. A bus that can only
	 * wait with CS low (spidev) may keep the pause of the message before this one between this
	 * message's command and its data. */
	SPI_MSG_STATUS = 1 << 0,
	/* Repeat the whole message (CS edges included, or clock on while CS is low: the bus's
	 * choice) until (rx[0] & until_mask) == until_value, at most `until_us`. rx_len is 1. Only
	 * where caps.until. Not ready in time is NP_E_TIMEOUT for this message, with the last
	 * status in rx[0]. */
	SPI_MSG_UNTIL = 1 << 1,
	/* Report the CRC-32 (np_crc32(), start 0) of the rx_len bytes the chip answers in `crc`
	 * instead of delivering them; `rx` is NULL. Only where caps.crc. */
	SPI_MSG_CRC = 1 << 2,
};

/*
 * One CS frame: `cmd_len` bytes of cmd are sent, then `tx_len` bytes of tx, then `rx_len` bytes are
 * received into rx. Any part may be empty, but not all. Buffers stay the caller's and must live
 * until spi_run() returns. MOSI is all ones or all zeros while receiving: the chip does not care.
 */
struct spi_msg {
	uint8_t cmd[SPI_CMD_MAX];
	uint8_t cmd_len;
	uint8_t flags; /* enum spi_msg_flag */
	uint8_t until_mask, until_value;
	uint32_t until_us; /* limit of an UNTIL message */
	uint32_t pause_us; /* least time from this CS rise to the next CS fall */
	const uint8_t *tx;
	size_t tx_len;
	uint8_t *rx;
	size_t rx_len;
	uint32_t crc; /* out: the answer of a CRC message */
};

/*
 * What a bus promises. Values hold at the clock now set; spi_set_hz() may change byte_ns.
 */
struct spi_caps {
	uint32_t depth; /* messages in flight; 1: each message is a host round trip of its own */
	uint32_t max_queue;    /* most messages in one spi_run(); >= 1 */
	size_t max_tx;         /* most bytes sent in one message, cmd included */
	size_t max_rx;         /* most bytes received in one message ("max_msg" of a read) */
	uint32_t byte_ns;      /* one data byte on the wire, framing included */
	uint32_t msg_ns;       /* what a message costs besides its bytes: CS edges, headers */
	uint32_t trip_us;      /* one host round trip: per spi_run(), or per message at depth 1 */
	uint32_t pause_ns_min; /* a pause shorter than this costs this much */
	uint32_t hz, hz_min, hz_max; /* clock now, and what can be set; equal: fixed */
	bool until;                  /* can repeat a status message by itself */
	bool crc;                    /* can answer with a CRC instead of the data */
	/* The line between host and adapter protects its bytes (USB, ioctl, or a CRC of its own). A
	 * bus where this is false (plain serprog) may turn one opcode into another. */
	bool safe_line;
};

/*
 * Called by the bus while a run is under way, at least every 100 ms of work or 256 KiB: `msg` is
 * the index of the message in work, `bytes` how many of its data bytes are done. A non-zero return
 * asks the bus to stop: it ends the message, drains what is in flight and returns NP_E_INTERRUPTED.
 */
typedef int spi_progress_fn(void *ctx, size_t msg, size_t bytes);

struct spi_bus; /* an open programmer */

/*
 * Run `count` (1..caps.max_queue) messages in order. Blocks until all are done or one failed;
 * always bounded. *done (may be NULL) is the number known to have completed; what stood behind a
 * failure has unknown effect on the chip. `progress` may be NULL. The bus stays usable after
 * NP_E_TIMEOUT of an UNTIL message and after NP_E_INTERRUPTED; after other errors only spi_close()
 * is sure to work, though later runs may. Errors: NP_E_BUS, NP_E_TIMEOUT, NP_E_GONE,
 * NP_E_INTERRUPTED, NP_E_UNSUPPORTED (breaks a cap).
 */
int spi_run(struct spi_bus *bus, struct spi_msg *msgs, size_t count, size_t *done,
            spi_progress_fn *progress, void *ctx, struct np_error *err);

/* The caps now in force. Valid until spi_set_hz() or spi_close(). */
const struct spi_caps *spi_caps(const struct spi_bus *bus);

/* Ask for a clock of at most `hz`; caps.hz says what was set. A bus with a fixed clock accepts any
 * value and keeps its own. Errors: NP_E_UNSUPPORTED (below what it can do), NP_E_BUS. */
int spi_set_hz(struct spi_bus *bus, uint32_t hz, struct np_error *err);

/* Let time pass with the chip deselected: sleeps, or moves the time of a bus that has its own. */
void spi_sleep(struct spi_bus *bus, uint64_t us);

/* "ch341a at 1-1.4": for messages and manifests. */
const char *spi_name(const struct spi_bus *bus);

/* The USB serial number of the adapter, as the device tells it; "" where it has none. Valid while the
 * bus is open. */
const char *spi_serial(const struct spi_bus *bus);

/* What of this computer itself hangs there ("the boot EEPROM of this Raspberry Pi 5"): it may be
 * read, but must not be erased or written. NULL: nothing that is known. Static. */
const char *spi_host_own(const struct spi_bus *bus);

/* Write out and close the trace, if there is one. NP_E_OUTPUT when it is not complete, which
 * spi_close() can only log. */
int spi_end_trace(struct spi_bus *bus, struct np_error *err);

/* Release pins, give the adapter back to the kernel, free. Never fails; NULL is fine. */
void spi_close(struct spi_bus *bus);

#endif
