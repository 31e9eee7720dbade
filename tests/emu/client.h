/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of the program under test. All calls return false when an address is not the
 * client's. */
#ifndef NP_EMU_CLIENT_H
#define NP_EMU_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

bool client_peek(pid_t pid, uint64_t addr, void *buf, size_t len);
bool client_poke(pid_t pid, uint64_t addr, const void *buf, size_t len);

/* Several at once, in one call of the system: a transfer's end is a few words and its bytes. */
#define CLIENT_PIECES 4
struct client_piece {
	uint64_t addr;
	const void *from;
	size_t len;
};
bool client_poke_all(pid_t pid, const struct client_piece *pieces, size_t count);

#endif
