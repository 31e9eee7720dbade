/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge protocol's numbers, for the firmware and the host. What they mean: doc/BRIDGE.md. */
#ifndef BRIDGE_PROTO_H
#define BRIDGE_PROTO_H

#define SERPROG_ACK 0x06
#define SERPROG_NAK 0x15

enum serprog_cmd {
	SERPROG_NOP = 0x00,
	SERPROG_Q_IFACE = 0x01,
	SERPROG_Q_CMDMAP = 0x02,
	SERPROG_Q_PGMNAME = 0x03,
	SERPROG_Q_SERBUF = 0x04,
	SERPROG_Q_BUSTYPE = 0x05,
	SERPROG_Q_OPBUF = 0x07,
	SERPROG_Q_WRNMAXLEN = 0x08,
	SERPROG_O_INIT = 0x0b,
	SERPROG_O_DELAY = 0x0e,
	SERPROG_O_EXEC = 0x0f,
	SERPROG_SYNCNOP = 0x10,
	SERPROG_Q_RDNMAXLEN = 0x11,
	SERPROG_S_BUSTYPE = 0x12,
	SERPROG_O_SPIOP = 0x13,
	SERPROG_S_SPI_FREQ = 0x14,
	SERPROG_S_PIN_STATE = 0x15,
};

#define SERPROG_BUS_SPI 0x08

enum bridge_cmd {
	BRIDGE_HELLO = 0x40,
	BRIDGE_STATUS = 0x41,
	BRIDGE_READ = 0x42,
	BRIDGE_XFER = 0x43,
	BRIDGE_WAIT = 0x44,
	BRIDGE_CRC = 0x45,
	BRIDGE_PROGRAM = 0x46,
	BRIDGE_EXEC = 0x47,
	BRIDGE_LEAVE = 0x48,
	BRIDGE_SPEED = 0x49,
};

enum bridge_status {
	BRIDGE_OK = 0x06,
	BRIDGE_DAMAGED = 0x15,
	BRIDGE_RANGE = 0x21,
	BRIDGE_CHIP_BUSY = 0x22,
	BRIDGE_BAD_PAGE = 0x23,
	BRIDGE_STARVED = 0x24,
	BRIDGE_STOPPED = 0x26,
	BRIDGE_FAILED = 0x27, /* of `norprog serve`: the programmer behind it failed */
};

/* In HELLO's last byte, where a board has why it was reset: requests may be sent ahead, and only a
 * NOP that comes next stops what is in work. */
#define BRIDGE_SENDS_AHEAD 0x80
#define BRIDGE_FIXED_HZ    0x40 /* beside it: the clock cannot be set */

enum bridge_page {
	BRIDGE_PAGE_PLAIN = 0,
	BRIDGE_PAGE_FILL = 1,
	BRIDGE_PAGE_SAME = 2,
};

#define BRIDGE_VERSION      1
#define BRIDGE_PAGE_LEN     256
#define BRIDGE_BLOCK_LEN    4096
#define BRIDGE_ACK          0x80 /* | pages done & 7Fh */
#define BRIDGE_CMD_MAX      12
#define BRIDGE_PAGE_CRC_LEN 3
#define BRIDGE_GAP_MS       100
#define BRIDGE_QUIET_MS     25
#define BRIDGE_RELEASE_MS   2000
#define BRIDGE_GUARD_MS     5000

/* Bytes of the parameters after cmd and seq, and of the payloads. */
#define BRIDGE_HELLO_PARAMS   4
#define BRIDGE_HELLO_PAYLOAD  18
#define BRIDGE_STATUS_PAYLOAD 11
#define BRIDGE_READ_PARAMS    11
#define BRIDGE_XFER_PARAMS    8
#define BRIDGE_WAIT_PARAMS    7
#define BRIDGE_CRC_PARAMS     15
#define BRIDGE_PROGRAM_PARAMS 18
#define BRIDGE_EXEC_PARAMS    28
#define BRIDGE_REPORT_LEN     5

#endif
