/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/ahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#define PIECE (64u << 10)
#define FLUSH (1u << 20) /* the system is asked to begin writing so often */

struct ahead {
	pthread_t thread;
	struct ahead_file *files; /* the thread's while it runs */
	size_t count;
	const uint8_t *image;

	pthread_mutex_t lock;      /* of all below */
	pthread_cond_t moved;      /* one of them is another than before */
	uint64_t reached, settled; /* told of, and written of that */
	bool sync, drop, finished;

	struct np_error err; /* the thread's until `ret` says otherwise */
	atomic_int ret;
};

/* ---- the thread ---- */

/* What of it is read, and comes next in the file. */
static bool next_piece(const struct ahead_file *file, uint64_t reached, struct np_range *piece)
{
	uint64_t done = file->out.len;
	size_t i = 0;

	for (; i < file->segments.count && done >= file->segments.at[i].len; i++)
		done -= file->segments.at[i].len;
	if (i == file->segments.count || file->segments.at[i].start + done >= reached)
		return false;
	piece->start = file->segments.at[i].start + done;
	piece->len = file->segments.at[i].len - done;
	if (piece->len > reached - piece->start)
		piece->len = reached - piece->start;
	if (piece->len > PIECE)
		piece->len = PIECE;
	return true;
}

static struct ahead_file *find_work(const struct ahead *a, struct np_range *piece)
{
	for (size_t i = 0; i < a->count; i++)
		if (next_piece(&a->files[i], a->reached, piece))
			return &a->files[i];
	return NULL;
}

/* NULL when nothing is to be written any more. */
static struct ahead_file *wait_for_work(struct ahead *a, struct np_range *piece, bool *drop)
{
	struct ahead_file *file = NULL;

	pthread_mutex_lock(&a->lock);
	while (!a->drop) {
		file = find_work(a, piece);
		if (file)
			break;
		a->settled = a->reached;
		pthread_cond_broadcast(&a->moved);
		if (a->sync)
			break;
		pthread_cond_wait(&a->moved, &a->lock);
	}
	*drop = a->drop;
	pthread_mutex_unlock(&a->lock);
	return file;
}

static int write_piece(struct np_io_out *out, const uint8_t *data, uint64_t len,
                       struct np_error *err)
{
	uint64_t at = out->len;
	int ret = np_io_write(out, data, len, err);

	if (!ret && at / FLUSH != (at + len) / FLUSH)
		np_io_sync_soon(out);
	return ret;
}

static void *follow(void *ctx)
{
	struct ahead *a = ctx;
	struct ahead_file *file;
	struct np_range piece;
	bool drop = false;
	int ret = 0;

	while (!ret && (file = wait_for_work(a, &piece, &drop)))
		ret = write_piece(&file->out, a->image + piece.start, piece.len, &a->err);
	for (size_t i = 0; i < a->count && !ret && !drop; i++)
		ret = np_io_sync(&a->files[i].out, &a->err);
	a->ret = ret;
	pthread_mutex_lock(&a->lock);
	a->finished = true;
	pthread_cond_broadcast(&a->moved);
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* Signals are for the threads that know what to do with them. */
static int start(struct ahead *a)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&a->thread, NULL, follow, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

/* ---- the caller ---- */

static void dispose(struct ahead *a)
{
	pthread_cond_destroy(&a->moved);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

struct ahead *ahead_begin(struct ahead_file *files, size_t count, const uint8_t *image)
{
	struct ahead *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->files = files;
	a->count = count;
	a->image = image;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->moved, NULL);
	if (!start(a))
		return a;
	dispose(a);
	return NULL;
}

void ahead_reached(struct ahead *a, uint64_t addr)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	if (addr > a->reached) {
		a->reached = addr;
		pthread_cond_broadcast(&a->moved);
	}
	pthread_mutex_unlock(&a->lock);
}

void ahead_wait(struct ahead *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	while (!a->finished && a->settled < a->reached)
		pthread_cond_wait(&a->moved, &a->lock);
	pthread_mutex_unlock(&a->lock);
}

static void tell(struct ahead *a, bool *flag)
{
	pthread_mutex_lock(&a->lock);
	*flag = true;
	pthread_cond_broadcast(&a->moved);
	pthread_mutex_unlock(&a->lock);
}

void ahead_sync(struct ahead *a)
{
	if (a)
		tell(a, &a->sync);
}

int ahead_check(const struct ahead *a, struct np_error *err)
{
	int ret = a ? a->ret : 0;

	if (ret && err)
		*err = a->err;
	return ret;
}

int ahead_end(struct ahead *a, bool keep, struct np_error *err)
{
	int ret;

	if (!a)
		return 0;
	tell(a, keep ? &a->sync : &a->drop);
	pthread_join(a->thread, NULL);
	ret = keep ? ahead_check(a, err) : 0;
	dispose(a);
	return ret;
}
