/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: order.c guard.c */
/* What the page's server is asked: an order as JSON; after the first NUL a Host, after the second an
 * Origin. What is accepted is complete and bounded, and no stranger's name is taken for ours. */
#include "fuzz/fuzz.h"

#include "ui/guard.h"
#include "ui/order.h"

static void check_words(const struct ui_words *words)
{
	fuzz_must(words->count <= UI_WORDS_MAX);
	for (size_t i = 0; i < words->count; i++)
		fuzz_must(words->at[i] && words->at[i][0] && strlen(words->at[i]) <= 4096);
}

static void check_order(const uint8_t *data, size_t size)
{
	enum norprog_operation operation;
	struct ui_order order;
	const char *why = NULL;

	if (!ui_order_parse((const char *)data, size, &order, &why)) {
		fuzz_must(why && why[0] && !order.json);
		return;
	}
	fuzz_must(size <= UI_ORDER_BYTES && json_object_get(order.json, "op"));
	fuzz_must(ui_order_operation(ui_order_name(order.operation), &operation) &&
	          operation == order.operation);
	check_words(&order.only);
	check_words(&order.keep);
	check_words(&order.set);
	check_words(&order.override);
	fuzz_must(!order.at || order.at[0]);
	fuzz_must(!order.backup || order.backup[0]);
	ui_order_free(&order);
	fuzz_must(!order.json && !order.keep.count);
}

/* Letters of a name that is looked up would lead anywhere. */
static int is_address(const char *host)
{
	if (strncmp(host, "localhost:", 10) == 0)
		return 1;
	return strspn(host, host[0] == '[' ? "0123456789abcdefABCDEF:.[]" : "0123456789.:") ==
	       strlen(host);
}

static void check_names(const char *host, const char *origin)
{
	struct ui_guard guard = {.port = 8080, .loopback = true};
	int ours = ui_guard_host(&guard, host);

	fuzz_must(!ours || is_address(host));
	fuzz_must(!ours || strstr(host, ":8080"));
	if (ui_guard_origin(host, origin))
		fuzz_must(strncmp(origin, "http://", 7) == 0 && strcmp(origin + 7, host) == 0);
	guard.loopback = false;
	fuzz_must(!ours || ui_guard_host(&guard, host));
	fuzz_must(!ui_guard_host(&guard, host) || is_address(host));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 2);
	const char *host, *origin;
	size_t len;

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	copy[size] = copy[size + 1] = '\0';
	len = strlen(copy);
	check_order(data, len < size ? len : size);
	check_order(data, size);
	host = copy + (len < size ? len + 1 : size);
	origin = host + strlen(host);
	origin += origin < copy + size;
	check_names(host, origin);
	free(copy);
	return 0;
}
