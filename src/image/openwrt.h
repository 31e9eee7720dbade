/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What OpenWrt's own JSON says of devices: the metadata behind a sysupgrade file (public: fwtool),
 * and /etc/board.json of a running system. Bounded and pure.
 */
#ifndef NP_IMAGE_OPENWRT_H
#define NP_IMAGE_OPENWRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPENWRT_DEVICES  16
#define OPENWRT_JSON_MAX ((size_t)64 << 10)

struct openwrt_devices {
	char at[OPENWRT_DEVICES][64]; /* "tplink,archer-c7-v2", as the file has it */
	size_t count;
	bool more;               /* there were more of them, or names too long to be any */
	char board[64];          /* metadata: the image's own name of its board; "" */
	char model[96];          /* board.json: the name for people; "" */
	char compat_version[16]; /* metadata: "1.1"; "1.0" where it says nothing */
};

/* The JSON of a sysupgrade's metadata. False: none, or it names no device. */
bool openwrt_parse_metadata(const uint8_t *json, size_t len, struct openwrt_devices *devices);

/* The same where it stands: found by the trailers at the very end of a sysupgrade file, behind which
 * a signature may stand. */
bool openwrt_find_metadata(const uint8_t *file, size_t len, struct openwrt_devices *devices);

/* The text of a board.json: one device, in at[0]. False: it is none. */
bool openwrt_parse_board(const uint8_t *json, size_t len, struct openwrt_devices *devices);

#endif
