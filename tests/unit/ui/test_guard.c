/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: order.c hub.c show.c listen.c bench.c bench_clip.c bench_job.c desk.c desk_look.c server.c routes.c ui/run.c cmd/ui.c */
/* Who may talk to the page's server, and what it takes for an order. The rest is tried in a browser:
 * tests/ui/test_ui.py. */
#include <stdlib.h>
#include <string.h>

#include "support/suite.h"
#include "ui/guard.h"
#include "ui/hub.h"
#include "ui/listen.h"
#include "ui/order.h"

#define KEY "0123456789abcdef0123456789abcdef"

START_TEST(hosts)
{
	static const char *const ours[] = {"127.0.0.1:8080", "localhost:8080", "[::1]:8080",
	                                   "127.1.2.3:8080"};
	static const char *const strangers[] = {"evil.example:8080",
	                                        "127.0.0.1",
	                                        "127.0.0.1:8081",
	                                        "localhost",
	                                        "localhost.evil:8080",
	                                        "127.0.0.1.evil:8080",
	                                        "192.168.0.2:8080",
	                                        "[::2]:8080",
	                                        "[::1:8080",
	                                        "[localhost]:8080",
	                                        ":8080",
	                                        "",
	                                        "127.0.0.1:",
	                                        "127.0.0.1:8080x",
	                                        "127.0.0.1:808080",
	                                        "127.0.0.1:-1",
	                                        "0x7f.1:8080",
	                                        "user@127.0.0.1:8080"};
	struct ui_guard guard = {.port = 8080, .loopback = true};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		ck_assert_msg(ui_guard_host(&guard, ours[i]), "%s", ours[i]);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		ck_assert_msg(!ui_guard_host(&guard, strangers[i]), "%s", strangers[i]);
	ck_assert(!ui_guard_host(&guard, NULL));
	guard.loopback = false;
	ck_assert(ui_guard_host(&guard, "192.168.0.2:8080"));
	ck_assert(!ui_guard_host(&guard, "router.lan:8080"));
}
END_TEST

START_TEST(origins)
{
	static const char host[] = "127.0.0.1:8080";

	ck_assert(ui_guard_origin(host, NULL));
	ck_assert(ui_guard_origin(host, "http://127.0.0.1:8080"));
	ck_assert(!ui_guard_origin(host, "https://127.0.0.1:8080"));
	ck_assert(!ui_guard_origin(host, "http://127.0.0.1:8081"));
	ck_assert(!ui_guard_origin(host, "http://127.0.0.1:80800"));
	ck_assert(!ui_guard_origin(host, "http://evil.example"));
	ck_assert(!ui_guard_origin(host, "null"));
	ck_assert(!ui_guard_origin(host, ""));
}
END_TEST

START_TEST(secrets)
{
	struct ui_guard guard = {.once = KEY};

	ck_assert(!ui_guard_secret(KEY, NULL));
	ck_assert(!ui_guard_secret(KEY, ""));
	ck_assert(!ui_guard_secret("", ""));
	ck_assert(!ui_guard_secret(KEY, "0123456789abcdef0123456789abcdee"));
	ck_assert(!ui_guard_secret(KEY, KEY "0"));
	ck_assert(ui_guard_secret(KEY, KEY));
	ck_assert(!ui_guard_take_once(&guard, "x"));
	ck_assert(ui_guard_take_once(&guard, KEY));
	ck_assert(!ui_guard_take_once(&guard, KEY));
	ck_assert(!ui_guard_take_once(&guard, ""));
}
END_TEST

START_TEST(orders)
{
	static const char good[] =
		"{\"op\":\"write\",\"keep\":[\"unit\"],\"at\":\"0x20000\",\"strip\":true}";
	static const char *const bad[] = {"",
	                                  "null",
	                                  "[]",
	                                  "{}",
	                                  "{\"op\":\"format\"}",
	                                  "{\"op\":1}",
	                                  "{\"op\":\"read\",\"op\":\"erase\"}",
	                                  "{\"op\":\"read\",\"yes\":true}",
	                                  "{\"op\":\"write\",\"keep\":\"unit\"}",
	                                  "{\"op\":\"write\",\"keep\":[1]}",
	                                  "{\"op\":\"write\",\"keep\":[\"\"]}",
	                                  "{\"op\":\"write\",\"at\":131072}",
	                                  "{\"op\":\"write\",\"strip\":1}",
	                                  "{\"op\":\"read\"} x"};
	struct ui_order order;
	const char *why = NULL;

	ck_assert(ui_order_parse(good, strlen(good), &order, &why));
	ck_assert_int_eq(order.operation, NORPROG_WRITE);
	ck_assert_uint_eq(order.keep.count, 1);
	ck_assert_str_eq(order.keep.at[0], "unit");
	ck_assert_str_eq(order.at, "0x20000");
	ck_assert(order.strip && ui_order_needs_plan(&order));
	ui_order_free(&order);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!ui_order_parse(bad[i], strlen(bad[i]), &order, &why), "%s", bad[i]);
		ck_assert_ptr_nonnull(why);
	}
}
END_TEST

/* More names than an order has room for are refused, not cut. */
START_TEST(orders_too_long)
{
	char text[2048] = "{\"op\":\"write\",\"keep\":[\"a\"";
	struct ui_order order;
	const char *why;

	for (size_t i = 0; i < UI_WORDS_MAX; i++)
		strcat(text, ",\"a\"");
	strcat(text, "]}");
	ck_assert(!ui_order_parse(text, strlen(text), &order, &why));
	ck_assert(!ui_order_parse(text, UI_ORDER_BYTES + 1, &order, &why));
}
END_TEST

/* Every operation that changes the chip is shown as a plan first. */
START_TEST(plans_come_first)
{
	static const char *const changing[] = {"write", "restore", "erase", "resume", "undo"};
	struct ui_order order = {0};

	for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++) {
		ck_assert(ui_order_operation(changing[i], &order.operation));
		ck_assert(ui_order_needs_plan(&order));
		ck_assert_str_eq(ui_order_name(order.operation), changing[i]);
	}
}
END_TEST

/* Who comes late sees the same; who has seen it gets nothing twice. */
START_TEST(watchers)
{
	struct ui_hub *hub = ui_hub_new();
	struct ui_seen *seen = calloc(2, sizeof(*seen));
	char *text;

	ck_assert(hub && seen);
	ui_hub_map(hub, 16u << 20);
	ui_hub_put(hub, UI_CLIP, ui_text("\xff<b>"));
	for (int i = 0; i < 2; i++) {
		text = ui_hub_next(hub, &seen[i], 0);
		ck_assert_ptr_nonnull(strstr(text, "event: clip\ndata: \"?<b>\"\n\n"));
		ck_assert_ptr_nonnull(strstr(text, "\"runs\":[[0,4096,\".\"]]"));
		free(text);
	}
	ui_hub_paint(hub, 8192, 4097, UI_CELL_READ);
	text = ui_hub_next(hub, &seen[0], 0);
	ck_assert_str_eq(
		text, "event: map\ndata: {\"cells\":4096,\"len\":4096,\"runs\":[[2,2,\"r\"]]}\n\n");
	free(text);
	text = ui_hub_next(hub, &seen[0], 0);
	ck_assert_str_eq(text, "");
	free(text);
	ui_hub_paint(hub, UINT64_MAX, 5, UI_CELL_READ);
	ui_hub_paint(hub, (16u << 20) - 1, UINT64_MAX, UI_CELL_READ);
	ui_hub_end(hub);
	ck_assert_ptr_null(ui_hub_next(hub, &seen[0], 0));
	free(seen);
	ui_hub_free(hub);
}
END_TEST

START_TEST(addresses)
{
	static const char *const bad[] = {"",     ":",      "127.0.0.1:x",    "127.0.0.1:70000",
	                                  "[::1", "[::1]x", "host.example:1", "1.2.3:"};
	struct ui_listen where;
	struct ui_error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(ui_listen_open(bad[i], &where, &err) == NORPROG_E_USAGE, "%s",
		              bad[i]);
	ck_assert_int_eq(ui_listen_open(NULL, &where, &err), 0);
	ck_assert(where.loopback && where.port);
	ck_assert_int_eq(ui_listen_open(where.address, &where, &err), NORPROG_E_BUSY);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ui");
	TCase *tc = suite_group(suite, "ui", NULL, NULL);

	tcase_add_test(tc, hosts);
	tcase_add_test(tc, origins);
	tcase_add_test(tc, secrets);
	tcase_add_test(tc, orders);
	tcase_add_test(tc, orders_too_long);
	tcase_add_test(tc, plans_come_first);
	tcase_add_test(tc, watchers);
	tcase_add_test(tc, addresses);
	return run_suite(suite);
}
