/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contents on disk. The array is FILE itself, mapped and shared, so that a killed process
 * leaves what the chip would hold; registers and OTP are a small file beside it.
 */
#include "sim/norsim_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"

#define BLANK_PIECE (1U << 20)

static const char magic[8] = "norsimR1";

static void factory_state(const struct norsim_part *part, struct norsim_nv *nv)
{
	memset(nv, 0, sizeof(*nv));
	memcpy(nv->magic, magic, sizeof(magic));
	strncpy(nv->part, part->name, sizeof(nv->part) - 1);
	for (size_t i = 0; i < NR_COUNT; i++)
		nv->regs[i] = part->regs[i].factory;
	for (size_t i = 0; i < NORSIM_DIES_MAX; i++)
		memcpy(nv->die_regs[i], nv->regs, sizeof(nv->regs));
	memset(nv->otp, 0xFF, sizeof(nv->otp));
}

static int fill_blank(int fd, size_t size)
{
	uint8_t blank[65536];

	memset(blank, 0xFF, sizeof(blank));
	for (size_t done = 0; done < size;) {
		size_t want = size - done < sizeof(blank) ? size - done : sizeof(blank);
		ssize_t n = write(fd, blank, want);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

static int check_size(struct norsim *sim, const char *path, struct np_error *err)
{
	struct stat st;
	int saved;

	if (fstat(sim->fd, &st) || !S_ISREG(st.st_mode))
		return np_fail(err, NP_E_INPUT, "chip file %s: not a regular file", path);
	if (st.st_size == 0) {
		if (!fill_blank(sim->fd, sim->part->size))
			return 0;
		saved = errno;
		unlink(path);
		return np_fail(err, NP_E_OUTPUT, "chip file %s: %s", path, strerror(saved));
	}
	if ((uint64_t)st.st_size == sim->part->size)
		return 0;
	np_fail(err, NP_E_INPUT, "chip file %s holds %lld bytes, but a %s has %u", path,
	        (long long)st.st_size, sim->part->name, sim->part->size);
	return np_hint(err, "name the chip that the file belongs to (chip=...), or another file");
}

/* The chip file stands for the programmer: what may not be opened is no bad input. */
static int not_opened(const char *what, const char *path, int error, struct np_error *err)
{
	if (error != EACCES && error != EPERM && error != EROFS)
		return np_fail(err, error == EISDIR ? NP_E_INPUT : NP_E_OUTPUT, "%s %s: %s", what,
		               path, strerror(error));
	np_fail(err, NP_E_ACCESS, "%s %s: %s", what, path, strerror(error));
	return np_hint(err, "name a file that you may read and write (file=...)");
}

static int lock_file(struct norsim *sim, const char *path, struct np_error *err)
{
	sim->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (sim->fd < 0)
		return not_opened("chip file", path, errno, err);
	if (!flock(sim->fd, LOCK_EX | LOCK_NB))
		return 0;
	np_fail(err, NP_E_BUSY, "chip file %s is in use by another process", path);
	return np_hint(err, "wait for the other norprog to end, or name another file");
}

static int load_regs(struct norsim *sim, struct np_error *err)
{
	struct norsim_nv nv = sim->nv;
	ssize_t n;

	if (!sim->regs_path)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	sim->regs_fd = open(sim->regs_path, O_RDWR | O_CLOEXEC);
	if (sim->regs_fd < 0 && errno == ENOENT)
		return 0;
	if (sim->regs_fd < 0)
		return not_opened("register file", sim->regs_path, errno, err);
	n = pread(sim->regs_fd, &nv, sizeof(nv), 0);
	/* The registers of dies came later than the format. */
	if (n < (ssize_t)offsetof(struct norsim_nv, die_regs) ||
	    memcmp(nv.magic, magic, sizeof(magic)) != 0 ||
	    memcmp(nv.part, sim->nv.part, sizeof(nv.part)) != 0) {
		np_fail(err, NP_E_INPUT, "register file %s does not belong to a %s", sim->regs_path,
		        sim->part->name);
		return np_hint(err, "delete it to start with the factory's registers");
	}
	sim->nv = nv;
	return 0;
}

/*
 * A blank array that costs memory only where it is written: one blank piece, mapped privately again
 * and again.
 */
static void *map_blank(size_t size)
{
	uint8_t *mem = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t piece = size < BLANK_PIECE ? size : BLANK_PIECE;
	int fd = np_os_nameless();
	bool good = mem != MAP_FAILED && fd >= 0 && !fill_blank(fd, piece);

	for (size_t at = 0; good && at < size; at += piece)
		good = mmap(mem + at, piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd,
		            0) != MAP_FAILED;
	if (fd >= 0)
		close(fd);
	if (good)
		return mem;
	if (mem != MAP_FAILED)
		munmap(mem, size);
	return MAP_FAILED;
}

int norsim_file_open(struct norsim *sim, const char *path, struct np_error *err)
{
	void *mem;
	int ret;

	factory_state(sim->part, &sim->nv);
	if (path) {
		ret = lock_file(sim, path, err);
		if (!ret)
			ret = check_size(sim, path, err);
		if (asprintf(&sim->regs_path, "%s.regs", path) < 0)
			sim->regs_path = NULL;
		if (!ret)
			ret = load_regs(sim, err);
		if (ret)
			return ret;
	}
	norsim_dies_load(sim);
	mem = path ? mmap(NULL, sim->part->size, PROT_READ | PROT_WRITE, MAP_SHARED, sim->fd, 0)
	           : map_blank(sim->part->size);
	if (mem == MAP_FAILED)
		return np_fail(err, NP_E_MEMORY, "cannot map the chip's contents: %s",
		               strerror(errno));
	sim->mem = mem;
	return 0;
}

/* Failures are left to the file system: a chip has no way to report that its cells ran out of disk.
 */
void norsim_file_save_regs(struct norsim *sim)
{
	struct norsim_nv fresh, nv = sim->nv;

	if (!sim->regs_path)
		return;
	norsim_dies_store(sim, &nv);
	if (sim->regs_fd < 0) {
		factory_state(sim->part, &fresh);
		if (memcmp(&fresh, &nv, sizeof(fresh)) == 0)
			return;
		sim->regs_fd = open(sim->regs_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	}
	if (sim->regs_fd >= 0 && pwrite(sim->regs_fd, &nv, sizeof(nv), 0) < 0) {
		close(sim->regs_fd);
		sim->regs_fd = -1;
	}
}

void norsim_file_close(struct norsim *sim)
{
	if (sim->mem)
		munmap(sim->mem, sim->part->size);
	if (sim->regs_fd >= 0)
		close(sim->regs_fd);
	if (sim->fd >= 0)
		close(sim->fd);
	free(sim->regs_path);
}
