/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counter of a state folder. Dates do not order what was saved: a computer without a battery
 * for its clock begins anew in the past. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/os.h"
#include "base/units.h"
#include "store/manifest.h"
#include "store/state.h"

#define COUNTER     "counter"
#define COUNTER_MAX 512u  /* bytes of the file */
#define WAIT_TRIES  2000u /* of WAIT_US each: ten seconds */
#define WAIT_US     5000

struct counter {
	char id[STORE_ID_LEN];
	uint64_t last;
	char date[32]; /* when that number was given; "": not known */
};

int store_lock(struct store *store, struct np_io_lock *lock, struct np_error *err)
{
	int ret = store_open_jobs(store, true, err);

	if (ret)
		return ret;
	ret = np_io_lock_take(lock, &store->root, "lock", err);
	for (unsigned n = 0; n < WAIT_TRIES && ret == NP_E_BUSY; n++) {
		np_sleep_us(WAIT_US);
		ret = np_io_lock_take(lock, &store->root, "lock", err);
	}
	if (ret == NP_E_BUSY)
		np_hint(err, "end or continue the other norprog, which holds it");
	return ret;
}

/* Three lines: id, number, date. False when they are not. */
static bool parse(const char *text, struct counter *counter)
{
	unsigned long long last;

	return sscanf(text, "id %16[0-9a-f]\nlast %llu\ndate %31[0-9TZ:-]\n", counter->id, &last,
	              counter->date) == 3 &&
	       strlen(counter->id) == STORE_ID_LEN - 1 && last < INT64_MAX &&
	       ((counter->last = last), true);
}

/* The file is lost or damaged: the highest number that a manifest carries was the last. */
static int see_manifest(void *ctx, const char *name, struct np_error *err)
{
	struct store *store = ((void **)ctx)[0];
	struct counter *counter = ((void **)ctx)[1];
	size_t len = strlen(name);
	struct manifest manifest;

	(void)err;
	if (len <= 5 || strcmp(name + len - 5, ".json") != 0)
		return 0;
	if (manifest_load_in(&store->backups, name, &manifest, NULL) == 0 &&
	    manifest.sequence > counter->last) {
		counter->last = manifest.sequence;
		memcpy(counter->id, manifest.state, sizeof(counter->id));
	}
	manifest_free(&manifest);
	return 0;
}

static void new_id(char id[STORE_ID_LEN])
{
	uint8_t bytes[(STORE_ID_LEN - 1) / 2];
	struct timespec now;
	uint64_t ns;

	if (np_os_random(bytes, sizeof(bytes)) != 0) {
		/* Only to tell folders apart. */
		clock_gettime(CLOCK_REALTIME, &now);
		ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
		_Static_assert(sizeof(bytes) == sizeof(ns), "a clock fills an ID");
		memcpy(bytes, &ns, sizeof(bytes));
	}
	np_format_hex(bytes, sizeof(bytes), id);
}

static void load(struct store *store, struct counter *counter)
{
	void *ctx[] = {store, counter};
	uint8_t *text = NULL;
	size_t len;
	bool good = np_io_dir_read(&store->root, COUNTER, COUNTER_MAX, &text, &len, NULL) == 0 &&
	            parse((const char *)text, counter);

	free(text);
	if (good)
		return;
	*counter = (struct counter){.last = 0};
	if (store_open_backups(store, false, NULL) == 0)
		np_io_dir_each(&store->backups, see_manifest, ctx, NULL);
	if (!counter->id[0])
		new_id(counter->id);
}

static int save(struct store *store, const struct counter *counter, struct np_error *err)
{
	char text[COUNTER_MAX];
	struct np_io_out out;
	int ret = np_io_dir_create(&out, &store->root, COUNTER, NP_IO_REPLACE, err);

	snprintf(text, sizeof(text), "id %s\nlast %llu\ndate %s\n", counter->id,
	         (unsigned long long)counter->last, counter->date);
	if (!ret)
		ret = np_io_write(&out, text, strlen(text), err);
	if (!ret)
		ret = np_io_commit(&out, NULL, err);
	np_io_abort(&out);
	return ret;
}

int store_next(struct store *store, uint64_t *number, struct np_error *err)
{
	struct np_io_lock lock = {.held = false};
	struct counter counter;
	char now[32];
	int ret = store_lock(store, &lock, err);

	if (ret)
		return ret;
	load(store, &counter);
	manifest_utc(now);
	if (strcmp(now, counter.date) < 0)
		np_log(NP_LOG_WARN,
		       "this computer's clock says %s, which is before the last job (%s): do not rely on dates; the order of the backups is kept all the same",
		       now, counter.date);
	memcpy(counter.date, now, sizeof(counter.date));
	counter.last++;
	ret = save(store, &counter, err);
	np_io_lock_drop(&lock, &store->root);
	if (ret)
		return np_context(err, "counter");
	memcpy(store->id, counter.id, sizeof(store->id));
	*number = counter.last;
	return 0;
}

uint64_t store_last(struct store *store)
{
	struct counter counter;

	if (store_open_backups(store, false, NULL) || !store->root.path)
		return 0;
	load(store, &counter);
	memcpy(store->id, counter.id, sizeof(store->id));
	return counter.last;
}
