/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two handles at once, each with its chip, in one process: what one does, is told, logs, fails with
 * or is stopped by is nothing to the other. `make tsan` runs this under ThreadSanitizer.
 */
#include "scene.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* One worker: writes a dump over another while the main thread looks on. */
struct worker {
	struct scene scene;
	uint8_t *before, *after;
	int ret;
	atomic_int begun, go;
	pthread_t caller;
	unsigned strangers; /* callbacks in another thread than the caller's */
};

static void wait_at_first_step(void *ctx, const struct norprog_event *event)
{
	struct worker *w = ctx;

	w->strangers += !pthread_equal(pthread_self(), w->caller);
	if (event->type != NORPROG_EV_STEP)
		return;
	atomic_store(&w->begun, 1);
	while (!atomic_load(&w->go))
		;
}

static void open_worker(struct worker *w, uint8_t unit)
{
	memset(w, 0, sizeof(*w));
	w->before = dump_of("mr200", unit, unit);
	w->after = dump_of("mr200", unit, unit + 100u);
	scene_open(&w->scene, w->before);
	must_pass(&w->scene, norprog_set_events(w->scene.np, wait_at_first_step, w));
}

static void close_worker(struct worker *w)
{
	scene_close(&w->scene);
	free(w->before);
	free(w->after);
}

static void *work(void *ctx)
{
	struct worker *w = ctx;
	norprog_job *job = NULL;

	w->caller = pthread_self();
	w->ret = norprog_job_new(w->scene.np, NORPROG_WRITE, &job);
	w->ret = w->ret ? w->ret : norprog_job_bytes(job, w->after, SIZE);
	w->ret = w->ret ? w->ret : norprog_job_keep(job, "unit");
	w->ret = w->ret ? w->ret : norprog_job_run(job, NULL);
	norprog_job_free(job);
	return NULL;
}

static void start(struct worker *w, pthread_t *thread)
{
	ck_assert_int_eq(pthread_create(thread, NULL, work, w), 0);
	while (!atomic_load(&w->begun))
		;
}

static int holds(const struct worker *w, const uint8_t *image, size_t len)
{
	uint8_t *chip = scene_chip(&w->scene);
	int same = memcmp(chip, image, len) == 0;

	free(chip);
	return same;
}

/* Both are in the middle; one is stopped, the other goes on to its end. */
START_TEST(test_two_at_once)
{
	struct worker one, other;
	pthread_t first, second;

	open_worker(&one, 1);
	open_worker(&other, 2);
	start(&one, &first);
	start(&other, &second);
	/* What runs has the handle to itself. */
	ck_assert_int_eq(norprog_detect(one.scene.np, NULL), NORPROG_E_BUSY);
	ck_assert_int_eq(norprog_set(other.scene.np, NORPROG_SIZE, "1M"), NORPROG_E_BUSY);
	ck_assert_int_eq(norprog_close(one.scene.np), NORPROG_E_BUSY);
	ck_assert_int_eq(norprog_open(other.scene.np, "sim"), NORPROG_E_BUSY);
	norprog_free(one.scene.np);
	norprog_stop(one.scene.np);
	atomic_store(&one.go, 1);
	atomic_store(&other.go, 1);
	pthread_join(first, NULL);
	pthread_join(second, NULL);
	ck_assert_int_eq(one.ret, NORPROG_E_INTERRUPTED);
	ck_assert_int_eq(other.ret, 0);
	ck_assert_int_eq(norprog_error(one.scene.np)->code, NORPROG_E_INTERRUPTED);
	ck_assert_int_eq(norprog_error(other.scene.np)->code, 0);
	ck_assert(!holds(&one, one.after, 0x7d0000));
	ck_assert(holds(&other, other.after, 0x7d0000));
	ck_assert_uint_eq(one.strangers + other.strangers, 0);
	ck_assert_uint_eq(scene_files(&other.scene, "jobs"), 0);
	ck_assert_uint_ge(scene_files(&one.scene, "jobs"), 2);
	close_worker(&one);
	close_worker(&other);
}
END_TEST

static void *read_again_and_again(void *ctx)
{
	struct worker *w = ctx;
	uint8_t *bytes = malloc(SIZE);

	for (int i = 0; i < 4 && !w->ret; i++) {
		w->ret = norprog_detect(w->scene.np, NULL);
		w->ret = w->ret ? w->ret : norprog_recognise(w->scene.np, NULL);
		w->ret = w->ret ? w->ret : norprog_read(w->scene.np, 0, bytes, SIZE, 2);
		w->strangers += memcmp(bytes, w->before, SIZE) != 0;
	}
	free(bytes);
	return NULL;
}

/* The same state folder for all, and everything that reads. */
START_TEST(test_readers)
{
	struct worker workers[3];
	pthread_t threads[3];

	for (int i = 0; i < 3; i++) {
		open_worker(&workers[i], (uint8_t)(i + 1));
		must_pass(&workers[i].scene, norprog_set_events(workers[i].scene.np, NULL, NULL));
		must_pass(&workers[i].scene, norprog_set(workers[i].scene.np, NORPROG_STATE_FOLDER,
		                                         workers[0].scene.state));
	}
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, read_again_and_again, &workers[i]), 0);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		must_pass(&workers[i].scene, workers[i].ret);
		ck_assert_uint_eq(workers[i].strangers, 0);
	}
	for (int i = 0; i < 3; i++)
		close_worker(&workers[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("threads");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, test_two_at_once);
	tcase_add_test(tc, test_readers);
	suite_add_tcase(suite, tc);
	return scene_run(suite);
}
