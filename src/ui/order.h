/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the page asks to be done, as JSON; checked and bounded before anything is made of it. Pure. */
#ifndef NP_UI_ORDER_H
#define NP_UI_ORDER_H

#include <norprog.h>

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define UI_ORDER_BYTES 65536
#define UI_WORDS_MAX   64

struct ui_words {
	const char *at[UI_WORDS_MAX];
	size_t count;
};

/* Strings belong to `json`. */
struct ui_order {
	json_t *json; /* owned */
	enum norprog_operation operation;
	struct ui_words only, keep, set, override;
	const char *at;     /* an address or region; NULL: none */
	const char *backup; /* the path of a backup to work with; NULL: the file in hand */
	bool strip;         /* without the vendor's header in front */
};

/* {"op": "write", "keep": ["unit"], ...}. False, with a reason in *why, for what is no order; then
 * there is nothing to free. */
bool ui_order_parse(const char *text, size_t len, struct ui_order *order, const char **why);
void ui_order_free(struct ui_order *order);

/* The operation of an order's name; false for none of them. */
bool ui_order_operation(const char *name, enum norprog_operation *operation);
const char *ui_order_name(enum norprog_operation operation);

/* Does it change the chip, so that its plan has to be shown first? */
bool ui_order_needs_plan(const struct ui_order *order);

#endif
