/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"

#include <sys/uio.h>

bool client_peek(pid_t pid, uint64_t addr, void *buf, size_t len)
{
	struct iovec here = {.iov_base = buf, .iov_len = len};
	struct iovec there = {.iov_base = (void *)(uintptr_t)addr, .iov_len = len};

	return !len || process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)len;
}

bool client_poke(pid_t pid, uint64_t addr, const void *buf, size_t len)
{
	struct iovec here = {.iov_base = (void *)(uintptr_t)buf, .iov_len = len};
	struct iovec there = {.iov_base = (void *)(uintptr_t)addr, .iov_len = len};

	return !len || process_vm_writev(pid, &here, 1, &there, 1, 0) == (ssize_t)len;
}

bool client_poke_all(pid_t pid, const struct client_piece *pieces, size_t count)
{
	struct iovec here[CLIENT_PIECES], there[CLIENT_PIECES];
	size_t total = 0;

	for (size_t i = 0; i < count; i++) {
		here[i].iov_base = (void *)(uintptr_t)pieces[i].from;
		there[i].iov_base = (void *)(uintptr_t)pieces[i].addr;
		here[i].iov_len = there[i].iov_len = pieces[i].len;
		total += pieces[i].len;
	}
	return process_vm_writev(pid, here, count, there, count, 0) == (ssize_t)total;
}
