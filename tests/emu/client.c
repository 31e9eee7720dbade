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
