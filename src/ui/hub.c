/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/hub.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ui/wait.h"

static const char *const section_names[UI_SECTIONS] = {
	[UI_CLIP] = "clip", [UI_DOCTOR] = "doctor", [UI_DEVICE] = "device",
	[UI_FILE] = "file", [UI_READ] = "read",     [UI_JOB] = "job",
	[UI_KEPT] = "kept", [UI_NOTES] = "notes",   [UI_PROGRESS] = "progress",
};

struct ui_hub {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct {
		uint64_t version;
		char *text; /* owned; NULL: nothing yet */
	} section[UI_SECTIONS];
	json_t *notes; /* owned: an array */
	uint64_t paint, size;
	size_t cell_count;
	uint64_t cell_len;
	char cells[UI_CELLS_MAX];
	unsigned watchers;
	bool ended;
};

json_t *ui_text(const char *text)
{
	json_t *made;
	char *copy;

	if (!text)
		return json_string("");
	made = json_string(text);
	if (made)
		return made;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (char *at = copy; *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	made = json_string(copy);
	free(copy);
	return made;
}

struct ui_hub *ui_hub_new(void)
{
	struct ui_hub *hub = calloc(1, sizeof(*hub));

	if (!hub)
		return NULL;
	hub->notes = json_array();
	if (!hub->notes) {
		free(hub);
		return NULL;
	}
	pthread_mutex_init(&hub->lock, NULL);
	ui_wait_make(&hub->changed);
	return hub;
}

void ui_hub_free(struct ui_hub *hub)
{
	if (!hub)
		return;
	for (size_t i = 0; i < UI_SECTIONS; i++)
		free(hub->section[i].text);
	json_decref(hub->notes);
	pthread_cond_destroy(&hub->changed);
	pthread_mutex_destroy(&hub->lock);
	free(hub);
}

/* ---- publishing ---- */

/* With the lock held. A text that did not change is no news. */
static void put_locked(struct ui_hub *hub, enum ui_section section, const json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : strdup("null");
	char *before = hub->section[section].text;

	if (!text || (before && strcmp(before, text) == 0)) {
		free(text);
		return;
	}
	free(before);
	hub->section[section].text = text;
	hub->section[section].version++;
	pthread_cond_broadcast(&hub->changed);
}

void ui_hub_put(struct ui_hub *hub, enum ui_section section, json_t *value)
{
	pthread_mutex_lock(&hub->lock);
	put_locked(hub, section, value);
	pthread_mutex_unlock(&hub->lock);
	json_decref(value);
}

void ui_hub_note(struct ui_hub *hub, enum norprog_log_level level, const char *text)
{
	const char *name = level == NORPROG_LOG_WARN ? "warn" : "info";
	json_t *note = json_pack("{s:s, s:o, s:I}", "level", name, "text", ui_text(text), "time",
	                         (json_int_t)time(NULL));

	if (!note)
		return;
	pthread_mutex_lock(&hub->lock);
	json_array_append_new(hub->notes, note);
	if (json_array_size(hub->notes) > UI_NOTES_MAX)
		json_array_remove(hub->notes, 0);
	put_locked(hub, UI_NOTES, hub->notes);
	pthread_mutex_unlock(&hub->lock);
}

/* ---- the map ---- */

static void painted(struct ui_hub *hub)
{
	hub->paint++;
	pthread_cond_broadcast(&hub->changed);
}

void ui_hub_map(struct ui_hub *hub, uint64_t size)
{
	uint64_t len = 4096;

	while (size / len > UI_CELLS_MAX)
		len *= 2;
	pthread_mutex_lock(&hub->lock);
	hub->size = size;
	hub->cell_len = len;
	hub->cell_count = (size_t)((size + len - 1) / len);
	memset(hub->cells, UI_CELL_NONE, sizeof(hub->cells));
	painted(hub);
	pthread_mutex_unlock(&hub->lock);
}

void ui_hub_paint(struct ui_hub *hub, uint64_t start, uint64_t len, char colour)
{
	size_t first, last;

	pthread_mutex_lock(&hub->lock);
	if (len && start < hub->size) {
		if (len > hub->size - start)
			len = hub->size - start;
		first = (size_t)(start / hub->cell_len);
		last = (size_t)((start + len - 1) / hub->cell_len);
		memset(hub->cells + first, colour, last - first + 1);
		painted(hub);
	}
	pthread_mutex_unlock(&hub->lock);
}

void ui_hub_repaint(struct ui_hub *hub, char from, char to)
{
	pthread_mutex_lock(&hub->lock);
	for (size_t i = 0; i < hub->cell_count; i++)
		if (hub->cells[i] == from)
			hub->cells[i] = to;
	painted(hub);
	pthread_mutex_unlock(&hub->lock);
}

/* ---- watching ---- */

static bool has_news(const struct ui_hub *hub, const struct ui_seen *seen)
{
	for (size_t i = 0; i < UI_SECTIONS; i++)
		if (hub->section[i].version != seen->section[i])
			return true;
	return hub->paint != seen->paint;
}

/* "event: map": {"cells": N, "len": BYTES, "runs": [[first, count, "colour"], ...]}, the runs that
 * changed. */
static void tell_map(struct ui_hub *hub, struct ui_seen *seen, FILE *out)
{
	size_t count = hub->cell_count, end;
	const char *comma = "";

	if (seen->cell_count != count)
		memset(seen->cells, 0, sizeof(seen->cells));
	fprintf(out, "event: map\ndata: {\"cells\":%zu,\"len\":%llu,\"runs\":[", count,
	        (unsigned long long)hub->cell_len);
	for (size_t i = 0; i < count; i = end) {
		end = i + 1;
		if (hub->cells[i] == seen->cells[i])
			continue;
		while (end < count && hub->cells[end] == hub->cells[i] &&
		       hub->cells[end] != seen->cells[end])
			end++;
		fprintf(out, "%s[%zu,%zu,\"%c\"]", comma, i, end - i, hub->cells[i]);
		comma = ",";
	}
	fputs("]}\n\n", out);
	memcpy(seen->cells, hub->cells, count);
	seen->cell_count = count;
	seen->paint = hub->paint;
}

static char *tell_news(struct ui_hub *hub, struct ui_seen *seen)
{
	size_t len = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return strdup("");
	for (size_t i = 0; i < UI_SECTIONS; i++) {
		if (hub->section[i].version == seen->section[i])
			continue;
		fprintf(out, "event: %s\ndata: %s\n\n", section_names[i], hub->section[i].text);
		seen->section[i] = hub->section[i].version;
	}
	if (hub->paint != seen->paint)
		tell_map(hub, seen, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return strdup("");
}

static struct timespec deadline_in(unsigned ms)
{
	struct timespec at;

	clock_gettime(UI_WAIT_CLOCK, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += (long)(ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_nsec -= 1000000000;
		at.tv_sec++;
	}
	return at;
}

char *ui_hub_next(struct ui_hub *hub, struct ui_seen *seen, unsigned wait_ms)
{
	struct timespec deadline = deadline_in(wait_ms);
	char *text = NULL;

	pthread_mutex_lock(&hub->lock);
	while (!hub->ended && !has_news(hub, seen))
		if (pthread_cond_timedwait(&hub->changed, &hub->lock, &deadline))
			break;
	if (!hub->ended)
		text = tell_news(hub, seen);
	pthread_mutex_unlock(&hub->lock);
	return text;
}

void ui_hub_watch(struct ui_hub *hub, int more)
{
	pthread_mutex_lock(&hub->lock);
	hub->watchers += (unsigned)more;
	pthread_mutex_unlock(&hub->lock);
}

unsigned ui_hub_watchers(struct ui_hub *hub)
{
	unsigned watchers;

	pthread_mutex_lock(&hub->lock);
	watchers = hub->watchers;
	pthread_mutex_unlock(&hub->lock);
	return watchers;
}

void ui_hub_end(struct ui_hub *hub)
{
	pthread_mutex_lock(&hub->lock);
	hub->ended = true;
	pthread_cond_broadcast(&hub->changed);
	pthread_mutex_unlock(&hub->lock);
}
