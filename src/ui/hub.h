/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be seen, between the thread that works and the pages that watch. The worker publishes
 * texts and paints the map; each watcher asks for what changed since it last looked, so that a page
 * that comes late sees the same as one that was there from the beginning, and a slow one holds
 * no other up. All functions may be called from any thread.
 */
#ifndef NP_UI_HUB_H
#define NP_UI_HUB_H

#include <norprog.h>

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UI_CELLS_MAX 4096 /* of the map */
#define UI_NOTES_MAX 64

enum ui_section {
	UI_CLIP,
	UI_DOCTOR, /* what was found of the connection */
	UI_DEVICE,
	UI_FILE,
	UI_READ, /* what was read of the chip */
	UI_JOB,
	UI_KEPT,
	UI_NOTES,
	UI_PROGRESS,
	UI_SECTIONS
};

/* The colours of a cell. The letters go to the page. */
#define UI_CELL_NONE      '.'
#define UI_CELL_READ      'r'
#define UI_CELL_AGAIN     'g' /* once more, not compared yet */
#define UI_CELL_AGREED    'a'
#define UI_CELL_DISAGREED 'd'
#define UI_CELL_VOTED     'v'
#define UI_CELL_UNSTABLE  'u' /* what is there is not known */
#define UI_CELL_PLANNED   'p'
#define UI_CELL_ERASE     'e'
#define UI_CELL_PROGRAM   'x'
#define UI_CELL_VERIFY    'y'
#define UI_CELL_WRITTEN   'w' /* and read back */
#define UI_CELL_SAME      'o'
#define UI_CELL_DIFFERS   'f'

struct ui_hub;

/* What one page has seen. Zeroed: nothing. */
struct ui_seen {
	uint64_t section[UI_SECTIONS];
	uint64_t paint;
	size_t cell_count;
	char cells[UI_CELLS_MAX];
};

/* NULL: out of memory. */
struct ui_hub *ui_hub_new(void);
void ui_hub_free(struct ui_hub *hub);

/* Publish a section; takes over `value` (NULL: null). */
void ui_hub_put(struct ui_hub *hub, enum ui_section section, json_t *value);

/* Add a line to the notes. */
void ui_hub_note(struct ui_hub *hub, enum norprog_log_level level, const char *text);

/* A map for a chip of `size` bytes, with all cells UI_CELL_NONE; 0: no map. */
void ui_hub_map(struct ui_hub *hub, uint64_t size);

/* Paint the cells that bytes touch. */
void ui_hub_paint(struct ui_hub *hub, uint64_t start, uint64_t len, char colour);

/* Turn every cell of one colour into another. */
void ui_hub_repaint(struct ui_hub *hub, char from, char to);

/* Wait until there is something that `seen` has not, for at most `wait_ms`, and return it as text of
 * a stream of server-sent events, to be freed; "" when nothing came; NULL when the server ends. */
char *ui_hub_next(struct ui_hub *hub, struct ui_seen *seen, unsigned wait_ms);

/* How many pages watch. */
void ui_hub_watch(struct ui_hub *hub, int more);
unsigned ui_hub_watchers(struct ui_hub *hub);

/* Let all watchers go. */
void ui_hub_end(struct ui_hub *hub);

/* A JSON string of any bytes: what is no UTF-8 becomes question marks. NULL becomes "". */
json_t *ui_text(const char *text);

#endif
