/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/order.h"

#include <string.h>

#define WORD_MAX 4096

static const char *const names[] = {
	[NORPROG_READ] = "read",       [NORPROG_VERIFY] = "verify",   [NORPROG_WRITE] = "write",
	[NORPROG_RESTORE] = "restore", [NORPROG_ERASE] = "erase",     [NORPROG_RESUME] = "resume",
	[NORPROG_UNDO] = "undo",       [NORPROG_DISCARD] = "discard",
};

#define NAMES (sizeof(names) / sizeof(names[0]))

bool ui_order_operation(const char *name, enum norprog_operation *operation)
{
	for (size_t i = 0; i < NAMES; i++)
		if (strcmp(names[i], name) == 0) {
			*operation = (enum norprog_operation)i;
			return true;
		}
	return false;
}

const char *ui_order_name(enum norprog_operation operation)
{
	return (size_t)operation < NAMES ? names[operation] : "";
}

bool ui_order_needs_plan(const struct ui_order *order)
{
	return order->operation != NORPROG_READ && order->operation != NORPROG_VERIFY &&
	       order->operation != NORPROG_DISCARD;
}

/* A text of reasonable length; jansson has seen to it that it is UTF-8 without a NUL. */
static bool take_text(const json_t *value, const char **text)
{
	if (!json_is_string(value) || !json_string_length(value) ||
	    json_string_length(value) > WORD_MAX)
		return false;
	*text = json_string_value(value);
	return true;
}

static bool take_words(const json_t *value, struct ui_words *words)
{
	if (!json_is_array(value) || json_array_size(value) > UI_WORDS_MAX)
		return false;
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!take_text(json_array_get(value, i), &words->at[words->count++]))
			return false;
	return true;
}

static bool take_member(struct ui_order *order, const char *key, const json_t *value)
{
	const char *name = NULL;

	if (strcmp(key, "op") == 0)
		return take_text(value, &name) && ui_order_operation(name, &order->operation);
	if (strcmp(key, "only") == 0)
		return take_words(value, &order->only);
	if (strcmp(key, "keep") == 0)
		return take_words(value, &order->keep);
	if (strcmp(key, "set") == 0)
		return take_words(value, &order->set);
	if (strcmp(key, "override") == 0)
		return take_words(value, &order->override);
	if (strcmp(key, "at") == 0)
		return take_text(value, &order->at);
	if (strcmp(key, "backup") == 0)
		return take_text(value, &order->backup);
	order->strip = json_is_true(value);
	return strcmp(key, "strip") == 0 && json_is_boolean(value);
}

/* An unknown member is refused: a newer page would think it was heeded. */
static bool take_all(struct ui_order *order)
{
	const char *key;
	json_t *value;

	if (!json_is_object(order->json) || !json_object_get(order->json, "op"))
		return false;
	json_object_foreach(order->json, key,
	                    value) if (!take_member(order, key, value)) return false;
	return true;
}

bool ui_order_parse(const char *text, size_t len, struct ui_order *order, const char **why)
{
	json_error_t error;

	memset(order, 0, sizeof(*order));
	*why = "the request is no JSON";
	if (len > UI_ORDER_BYTES)
		return false;
	order->json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!order->json)
		return false;
	*why = "the request is not understood: reload the page";
	if (take_all(order))
		return true;
	ui_order_free(order);
	return false;
}

void ui_order_free(struct ui_order *order)
{
	json_decref(order->json);
	memset(order, 0, sizeof(*order));
}
