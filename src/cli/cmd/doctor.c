/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doctor: says what is wrong between the plug and the chip. The verdict is made in src/doctor;
 * here it gets its words. */
#include "doctor/doctor.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/paste.h"
#include "cli/session.h"
#include "spi/driver.h"
#include "store/journal.h"

#define PAGE_MAX 65536
#define MAP_ROW  32

struct visit {
	struct cli *cli;
	struct doctor_facts facts;
	struct doctor_verdict verdict;
	char chosen[sizeof(((struct spi_found *)0)->spec)]; /* where -p did not say */
};

/* ---- facts that only the command can ask for ---- */

/* An interrupted job leaves contents half old, half new. */
static void look_for_job(void *ctx, struct nor *nor)
{
	struct visit *visit = ctx;
	struct np_error open = {0};

	visit->facts.unfinished_job =
		journal_is_open(NULL, visit->facts.programmer, nor_info(nor), &open);
	snprintf(visit->facts.job, sizeof(visit->facts.job), "%s", open.message);
}

static int examine(struct visit *visit, struct doctor_request *request, struct np_error *err)
{
	struct np_error why = {0};
	int ret = 0;

	if (!request->programmer) {
		ret = programmer_default(visit->cli, visit->chosen, sizeof(visit->chosen), &why);
		request->programmer = visit->chosen;
	}
	if (!ret)
		return doctor_examine(request, &visit->facts, err);
	if (ret != NP_E_USAGE) {
		doctor_not_opened(&visit->facts, &why);
		return 0;
	}
	*err = why;
	return ret;
}

static int visit_clip(struct visit *visit, struct np_error *err)
{
	const struct cli_options *opt = &visit->cli->opt;
	struct doctor_request request = {.programmer = opt->programmer,
	                                 .trace = opt->trace,
	                                 .chip = {.chip = opt->chip, .hz = opt->speed_hz},
	                                 .look = look_for_job,
	                                 .ctx = visit};
	struct chipfile *chips = NULL;
	int ret = session_load_chips(opt, &chips, err);

	request.chip.extra = chipfile_rows(chips);
	request.chip.extra_count = chipfile_count(chips);
	visit->facts.voltage_ok = opt->voltage_ok;
	if (!ret)
		ret = examine(visit, &request, err);
	chipfile_free(chips);
	return ret;
}

/* ---- words ---- */

static bool wants_wiring(const struct doctor_verdict *v)
{
	static const char *const names[] = {"no-answer-high", "no-answer-low", "contact", "shifted",
	                                    "noise"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(v->name, names[i]) == 0)
			return true;
	return false;
}

static void say_lines(struct report *report, const char *text)
{
	while (*text) {
		int len = (int)strcspn(text, "\n");

		report_say(report, "  %.*s", len, text);
		text += len + (text[len] == '\n');
	}
}

static void say_clocks(struct report *report, const struct doctor_facts *f)
{
	char hz[32];

	for (size_t i = 0; i < DOCTOR_CLOCKS && f->clocks[i].hz; i++)
		report_say(report, "             %8s  %u of %u IDs, %u of %u pages alike",
		           np_format_hz(f->clocks[i].hz, hz, sizeof(hz)), f->clocks[i].ids_agreed,
		           f->clocks[i].ids, f->clocks[i].pages - f->clocks[i].pages_differ,
		           f->clocks[i].pages);
}

static void say_map(struct report *report, const struct doctor_facts *f)
{
	char row[MAP_ROW + 1] = "";

	for (size_t i = 0; f->read && i < DOCTOR_PLACES; i++) {
		row[i % MAP_ROW] = ".=#"[f->places[i]];
		if (i % MAP_ROW == MAP_ROW - 1)
			report_say(report, "          %-11s [%s]", i < MAP_ROW ? "map" : "", row);
	}
}

static const char *action(const struct visit *visit, char *buf, size_t len)
{
	return paste_hint(visit->verdict.action,
	                  visit->cli->opt.programmer ? visit->cli->opt.programmer : NULL, buf, len);
}

static void say_all(const struct visit *visit)
{
	struct report *report = &visit->cli->report;
	const struct doctor_verdict *v = &visit->verdict;
	char text[1024];

	for (size_t i = 0; i < v->count; i++) {
		const struct doctor_check *c = &v->checks[i];

		report_say(report, "%-9s %-11s %s", doctor_level_name(c->level), c->name, c->text);
		if (strcmp(c->name, "clock") == 0)
			say_clocks(report, &visit->facts);
		if (strcmp(c->name, "reads") == 0)
			say_map(report, &visit->facts);
	}
	if (wants_wiring(v))
		say_lines(report, doctor_wiring(visit->facts.driver, NULL));
	report_say(report, "conclusion: %s", v->conclusion);
	report_say(report, "next: %s", action(visit, text, sizeof(text)));
}

static void put_json(const struct visit *visit)
{
	struct report *report = &visit->cli->report;
	const struct doctor_verdict *v = &visit->verdict;
	const struct doctor_facts *f = &visit->facts;
	json_t *clocks = json_array();
	char text[1024];

	for (size_t i = 0; i < v->count; i++)
		report_event(report, "check",
		             json_pack("{s:s, s:s, s:o}", "name", v->checks[i].name, "level",
		                       doctor_level_name(v->checks[i].level), "text",
		                       report_text(v->checks[i].text)));
	for (size_t i = 0; i < DOCTOR_CLOCKS && f->clocks[i].hz; i++)
		json_array_append_new(clocks, json_pack("{s:I, s:i, s:i, s:i, s:i}", "hz",
		                                        (json_int_t)f->clocks[i].hz, "ids",
		                                        f->clocks[i].ids, "ids_agreed",
		                                        f->clocks[i].ids_agreed, "pages",
		                                        f->clocks[i].pages, "pages_differ",
		                                        f->clocks[i].pages_differ));
	report_result(report, "verdict", json_string(v->name));
	report_result(report, "conclusion", report_text(v->conclusion));
	report_result(report, "action", report_text(action(visit, text, sizeof(text))));
	report_result(report, "clocks", clocks);
}

/* ---- the page ---- */

struct page {
	char *text;
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct page *page, const char *format, ...)
{
	size_t room = PAGE_MAX - page->used;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(page->text + page->used, room, format, args);
	va_end(args);
	if (n > 0)
		page->used += (size_t)n < room ? (size_t)n : room - 1;
}

static void add_text(struct page *page, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			add(page, "&lt;");
		else if (*text == '&')
			add(page, "&amp;");
		else
			add(page, "%c", *text);
	}
}

static int save_page(const struct visit *visit, const char *path, struct np_error *err)
{
	const struct doctor_verdict *v = &visit->verdict;
	struct page page = {.text = malloc(PAGE_MAX)};
	char drawing[DOCTOR_DRAWING];
	int ret;

	if (!page.text)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	add(&page, "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>norprog doctor</title>\n"
	           "<style>body{font:16px sans-serif;max-width:50em;margin:2em auto}"
	           ".ok{color:#075}.doubtful{color:#a60}.wrong{color:#b00}</style>\n"
	           "<h1>norprog doctor</h1>\n<p><b>");
	add_text(&page, v->conclusion);
	add(&page, "</b></p>\n<p>");
	add_text(&page, v->action);
	add(&page, "</p>\n<table>\n");
	for (size_t i = 0; i < v->count; i++) {
		const char *level = doctor_level_name(v->checks[i].level);

		add(&page, "<tr><td class=\"%s\">%s<td>%s<td>", level, level, v->checks[i].name);
		add_text(&page, v->checks[i].text);
		add(&page, "\n");
	}
	add(&page, "</table>\n<h2>SOIC8, WSON8</h2>\n%s<pre>",
	    doctor_drawing(visit->facts.driver, "SOIC8", drawing, sizeof(drawing)));
	add_text(&page, doctor_wiring(visit->facts.driver, "SOIC8"));
	add(&page, "</pre>\n<h2>SOIC16</h2>\n%s<pre>",
	    doctor_drawing(visit->facts.driver, "SOIC16", drawing, sizeof(drawing)));
	add_text(&page, doctor_wiring(visit->facts.driver, "SOIC16"));
	add(&page, "</pre>\n");
	ret = np_io_save(path, page.text, page.used,
	                 visit->cli->opt.force ? NP_IO_REPLACE : NP_IO_NEW, err);
	free(page.text);
	return ret;
}

/* A code whose exit code is the verdict's. */
static int code_of(int exit_code)
{
	return exit_code == 3 ? NP_E_NO_PROGRAMMER : exit_code == 7 ? NP_E_POLICY : NP_E_UNSTABLE;
}

int cmd_doctor(struct cli *cli, struct np_error *err)
{
	struct visit *visit = calloc(1, sizeof(*visit));
	int ret;

	if (!visit)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	visit->cli = cli;
	ret = visit_clip(visit, err);
	if (!ret) {
		doctor_judge(&visit->facts, &visit->verdict);
		say_all(visit);
		put_json(visit);
		if (cli->opt.html)
			ret = save_page(visit, cli->opt.html, err);
	}
	if (!ret && visit->verdict.exit_code) {
		ret = code_of(visit->verdict.exit_code);
		cli->report.concluded = true;
		np_fail(err, ret, "%s", visit->verdict.conclusion);
		np_hint(err, "%s", visit->verdict.action);
	}
	free(visit);
	return ret;
}
