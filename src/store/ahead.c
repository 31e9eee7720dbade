/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/ahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/backup.h"

#define PIECE (64u << 10)
#define FLUSH (1u << 20) /* the system is asked to begin writing so often */

struct ahead {
	pthread_t thread;
	struct np_io_out out; /* the thread's while it runs, as the next three */
	const uint8_t *image;
	uint64_t size;
	struct np_error err;
	bool named; /* by the user */

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t told;  /* there is something to do */
	pthread_cond_t moved; /* something was done */
	uint64_t reached, written;
	bool sync, drop, finished;
	int ret;
};

/* ---- the thread ---- */

enum order { WRITE, SYNC, DROP };

static enum order next_order(struct ahead *a, uint64_t *len)
{
	enum order order;

	pthread_mutex_lock(&a->lock);
	while (a->reached == a->written && !a->sync && !a->drop)
		pthread_cond_wait(&a->told, &a->lock);
	*len = a->reached - a->written < PIECE ? a->reached - a->written : PIECE;
	order = a->drop ? DROP : *len ? WRITE : SYNC;
	pthread_mutex_unlock(&a->lock);
	return order;
}

static int write_piece(struct ahead *a, uint64_t len)
{
	uint64_t at = a->out.len;
	int ret = np_io_write(&a->out, a->image + at, len, &a->err);

	if (!ret && at / FLUSH != (at + len) / FLUSH)
		np_io_sync_soon(&a->out);
	pthread_mutex_lock(&a->lock);
	a->written += ret ? 0 : len;
	pthread_cond_signal(&a->moved);
	pthread_mutex_unlock(&a->lock);
	return ret;
}

static void *follow(void *ctx)
{
	struct ahead *a = ctx;
	enum order order = WRITE;
	uint64_t len;
	int ret = 0;

	while (!ret && order == WRITE) {
		order = next_order(a, &len);
		if (order == WRITE)
			ret = write_piece(a, len);
	}
	if (!ret && order == SYNC)
		ret = np_io_sync(&a->out, &a->err);
	pthread_mutex_lock(&a->lock);
	a->ret = ret;
	a->finished = true;
	pthread_cond_signal(&a->moved);
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
	np_io_abort(&a->out);
	pthread_cond_destroy(&a->moved);
	pthread_cond_destroy(&a->told);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

void ahead_begin(struct store *store, const char *path, const uint8_t *image, uint64_t size)
{
	struct ahead *a;

	ahead_drop(store);
	a = calloc(1, sizeof(*a));
	if (!a || backup_create(store, path, &a->out, NULL)) {
		free(a);
		return;
	}
	a->image = image;
	a->size = size;
	a->named = path != NULL;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->told, NULL);
	pthread_cond_init(&a->moved, NULL);
	if (start(a)) {
		dispose(a);
		return;
	}
	/* The name that the plan tells. */
	if (!path)
		snprintf(store->next, sizeof(store->next), "%s", a->out.path);
	store->ahead = a;
}

static void tell(struct ahead *a, bool *flag)
{
	pthread_mutex_lock(&a->lock);
	*flag = true;
	pthread_cond_signal(&a->told);
	pthread_mutex_unlock(&a->lock);
}

void ahead_reached(struct ahead *a, uint64_t len)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	if (len > a->reached && len <= a->size) {
		a->reached = len;
		pthread_cond_signal(&a->told);
	}
	pthread_mutex_unlock(&a->lock);
}

void ahead_wait(struct ahead *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	while (!a->finished && a->written < a->reached)
		pthread_cond_wait(&a->moved, &a->lock);
	pthread_mutex_unlock(&a->lock);
}

void ahead_sync(struct ahead *a)
{
	if (a)
		tell(a, &a->sync);
}

int ahead_take(struct store *store, const char *path, const uint8_t *image, uint64_t size,
               struct np_io_out *out, bool *taken, struct np_error *err)
{
	struct ahead *a = store->ahead;
	int ret;

	*taken = false;
	if (!a || a->size != size || a->image != image || a->named != (path != NULL)) {
		ahead_drop(store);
		return 0;
	}
	store->ahead = NULL;
	tell(a, &a->sync);
	pthread_join(a->thread, NULL);
	ret = a->ret;
	if (ret && err)
		*err = a->err;
	/* A second reading may have changed bytes since. */
	if (!ret && a->written == size && np_io_holds(&a->out, image, size)) {
		np_io_move(out, &a->out);
		*taken = true;
	}
	dispose(a);
	return ret;
}

void ahead_drop(struct store *store)
{
	struct ahead *a = store->ahead;

	if (!a)
		return;
	store->ahead = NULL;
	tell(a, &a->drop);
	pthread_join(a->thread, NULL);
	dispose(a);
}
