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

#endif
