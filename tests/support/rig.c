/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/rig.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/stop.h"
#include "support/suite.h"

const struct layout rig_plain = {.name = "plain"};

static void on_event(void *ctx, const struct np_event *event)
{
	struct rig *rig = ctx;

	switch (event->type) {
	case NP_EV_PHASE:
		if (event->phase == NP_PHASE_READ)
			rig->read_total += event->total;
		break;
	case NP_EV_PLAN:
		rig->plans++;
		rig->last_count = event->plan->count < 64 ? event->plan->count : 64;
		if (rig->last_count)
			memcpy(rig->last_steps, event->plan->steps,
			       rig->last_count * sizeof(*rig->last_steps));
		break;
	case NP_EV_BACKUP:
		rig->backups++;
		snprintf(rig->backup, sizeof(rig->backup), "%s", event->path);
		break;
	case NP_EV_STEP:
		rig->steps++;
		break;
	case NP_EV_REREAD:
		rig->rereads++;
		break;
	case NP_EV_NOTE:
		rig->notes++;
		snprintf(rig->text, sizeof(rig->text), "%s", event->text);
		break;
	case NP_EV_WARN:
		rig->warnings++;
		snprintf(rig->warned, sizeof(rig->warned), "%s", event->text);
		break;
	case NP_EV_GATE:
		if (rig->verdict_count < 64) {
			rig->verdicts[rig->verdict_count].gate = event->gate;
			rig->verdicts[rig->verdict_count++].answer = event->answer;
		}
		break;
	case NP_EV_PROGRESS:
		ck_assert_uint_le(event->done, event->total ? event->total : UINT64_MAX);
		break;
	default:
		break;
	}
}

static int on_confirm(void *ctx, const struct plan *plan, struct np_error *err)
{
	struct rig *rig = ctx;

	(void)plan;
	rig->asked++;
	return rig->refuse ? np_fail(err, NP_E_CONFIRM, "no") : 0;
}

static int on_step(void *ctx, uint64_t step)
{
	struct rig *rig = ctx;

	(void)step;
	if (++rig->step != rig->cut_at)
		return 0;
	if (rig->kill)
		raise(SIGKILL);
	if (!rig->stop_level)
		return 1;
	for (unsigned i = 0; i < rig->stop_level; i++)
		np_stop_request();
	return 0;
}

void rig_init(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	sim_config_default(&rig->config);
	snprintf(rig->dir, sizeof(rig->dir), "%s/norprog-test-XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(rig->dir));
	np_stop_clear();
}

static void open_chip(struct rig *rig)
{
	struct nor_options options = {.hz = 0};
	struct np_error err = {0};

	ck_assert_msg(nor_open(rig->bus, &options, &rig->nor, &err) == 0, "%s", err.message);
	rig->job = (struct job){.nor = rig->nor,
	                        .layout = rig->job.layout,
	                        .programmer = "sim",
	                        .state_dir = rig->dir,
	                        .event = on_event,
	                        .event_ctx = rig,
	                        .confirm = on_confirm,
	                        .confirm_ctx = rig,
	                        .step_hook = on_step,
	                        .step_ctx = rig};
	rig->size = nor_info(rig->nor)->size;
}

void rig_open(struct rig *rig)
{
	struct spi_opened opened;
	struct np_error err = {0};

	ck_assert_msg(sim_open(&rig->config, &opened, &err) == 0, "%s", err.message);
	rig->sim = opened.self;
	if (rig->wrap)
		ck_assert_int_eq(rig->wrap(&opened, rig->wrap_ctx), 0);
	ck_assert_int_eq(spi_wrap(&opened, &rig->bus, &err), 0);
	rig->chip = sim_chip(rig->sim);
	open_chip(rig);
}

void rig_close(struct rig *rig)
{
	nor_close(rig->nor, NULL);
	rig->nor = NULL;
	spi_close(rig->bus);
	rig->bus = NULL;
	rig->chip = NULL;
}

void rig_reopen(struct rig *rig)
{
	nor_close(rig->nor, NULL);
	norsim_faults(rig->chip)->cut_at_clock = 0;
	norsim_power_on(rig->chip);
	np_stop_clear();
	rig->cut_at = rig->step = 0;
	rig->stop_level = 0;
	open_chip(rig);
}

static void remove_tree(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir))) {
		char inner[512];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		if (unlink(inner) != 0)
			remove_tree(inner);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

void rig_free(struct rig *rig)
{
	if (rig->bus)
		rig_close(rig);
	remove_tree(rig->dir);
	np_stop_clear();
}

static void select_ranges(struct rig *rig, struct selection *sel, const struct np_ranges *set,
                          int (*add)(struct selection *, const struct layout *, const char *,
                                     uint64_t, struct np_error *))
{
	struct np_error err = {0};
	char word[64];

	for (size_t i = 0; set && i < set->count; i++) {
		snprintf(word, sizeof(word), "%llu+%llu", (unsigned long long)set->at[i].start,
		         (unsigned long long)set->at[i].len);
		ck_assert_msg(add(sel, rig->job.layout, word, LAYOUT_SIZE_MAX, &err) == 0, "%s",
		              err.message);
	}
}

const char *rig_verdict(const struct rig *rig, const char *gate)
{
	const char *answer = "";

	for (size_t i = 0; i < rig->verdict_count; i++)
		if (strcmp(rig->verdicts[i].gate, gate) == 0)
			answer = rig->verdicts[i].answer;
	return answer;
}

static int load_file(struct rig *rig, const struct rig_order *order, struct intent *intent,
                     struct np_error *err)
{
	int ret = intent_look_at(intent, order->file, false, err);

	if (!ret && order->at)
		ret = selection_place(&intent->selection, rig->job.layout, order->at,
		                      intent->image.len, rig->size, err);
	return ret ? ret : intent_load(intent, &rig->job, order->file, err);
}

int rig_write(struct rig *rig, const struct rig_order *order, struct write_result *result,
              struct np_error *err)
{
	bool erase = !order->image && !order->file;
	struct intent intent = {.operation = erase ? INTENT_ERASE : order->operation,
	                        .image = {.data = (uint8_t *)order->image, .path = order->path}};
	struct selection *sel = &intent.selection;
	int ret = 0;

	select_ranges(rig, sel, order->select, selection_add);
	select_ranges(rig, sel, order->keep, selection_keep);
	sel->keep_nothing = order->keep_nothing;
	if (order->only)
		ret = selection_add(sel, rig->job.layout, order->only, rig->size, err);
	if (!ret && order->keep_word)
		ret = selection_keep(sel, rig->job.layout, order->keep_word, rig->size, err);
	if (!ret && order->file)
		ret = load_file(rig, order, &intent, err);
	rig->verdict_count = 0;
	if (order->override)
		ck_assert_int_eq(overrides_add(&intent.overrides, order->override, NULL), 0);
	if (!ret)
		ret = job_write(&rig->job, &intent, &order->how, result, err);
	snprintf(rig->refused, sizeof(rig->refused), "%s", ret && result->gate ? result->gate : "");
	intent_free(&intent);
	return ret;
}

int rig_resume(struct rig *rig, enum resume_mode mode, struct write_result *result,
               struct np_error *err)
{
	struct resume_options options = {.mode = mode};
	int ret;

	if (rig->voltage_ok)
		ck_assert_int_eq(overrides_add(&options.overrides, "supply", NULL), 0);
	if (rig->lift)
		ck_assert_int_eq(overrides_add(&options.overrides, rig->lift, NULL), 0);
	rig->verdict_count = 0;
	ret = job_resume(&rig->job, &options, result, err);
	snprintf(rig->refused, sizeof(rig->refused), "%s", ret && result->gate ? result->gate : "");
	return ret;
}

int rig_verify(struct rig *rig, const uint8_t *image, const struct np_ranges *only,
               struct verify_result *result, struct np_error *err)
{
	struct intent intent = {.operation = INTENT_VERIFY, .image = {.data = (uint8_t *)image}};
	int ret;

	select_ranges(rig, &intent.selection, only, selection_add);
	ret = job_verify(&rig->job, &intent, result, err);
	intent_free(&intent);
	return ret;
}

uint64_t rig_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void rig_noise(uint8_t *to, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i += 8) {
		uint64_t word = rig_random(&seed);

		memcpy(to + i, &word, len - i < 8 ? len - i : 8);
	}
}

void rig_fill(uint8_t *image, size_t len, uint64_t seed)
{
	uint64_t state = seed;

	for (size_t at = 0; at < len; at += 512) {
		bool blank = rig_random(&state) % 8 == 0;

		for (size_t i = at; i < at + 512 && i < len; i++)
			image[i] = blank ? 0xff : (uint8_t)rig_random(&state);
	}
}

const char *rig_path(const struct rig *rig, const char *name)
{
	static char path[2][256];
	static unsigned turn;

	turn ^= 1;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", rig->dir, name);
	return path[turn];
}

unsigned rig_files(const struct rig *rig, const char *folder)
{
	char path[128];
	struct dirent *entry;
	unsigned count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", rig->dir, folder);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return count;
}

uint64_t rig_seed(uint64_t normal)
{
	const char *text = getenv("NORPROG_SEED");
	uint64_t seed = text ? strtoull(text, NULL, 0) : normal;

	printf("seed %llu\n", (unsigned long long)seed);
	fflush(stdout); /* before a test that crashes */
	return seed;
}

unsigned rig_runs(unsigned normal, unsigned soak)
{
	const char *text = getenv("NORPROG_RUNS");

	if (text)
		return (unsigned)strtoul(text, NULL, 0);
	return getenv("NORPROG_SEED") ? 1 : rig_soak() ? soak : normal;
}

bool rig_soak(void)
{
	return getenv("NORPROG_SOAK") != NULL;
}
