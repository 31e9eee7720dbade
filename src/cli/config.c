/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/ini.h"
#include "base/units.h"
#include "cli/cli.h"
#include "device/load.h"
#include "spi/driver.h"
#include "store/state.h"

#define FILE_MAX_BYTES 65536
#define SECTION        "[norprog]\n"

/* A file being read. `shift`: lines put in front of it. */
struct reading {
	struct config *config;
	struct np_ini ini;
	unsigned shift;
	bool foreign;  /* in a section that is not ours */
	unsigned seen; /* keys, a bit each */
	config_warn_fn *warn;
	void *ctx;
	struct np_error *err;
};

static int fail_at(struct reading *r, unsigned line, const char *what, const char *value)
{
	np_fail(r->err, NP_E_INPUT, "%s:%u: %s%s%.100s%s", r->config->path, line - r->shift, what,
	        value ? " '" : "", value ? value : "", value ? "'" : "");
	return np_hint(r->err, "mend that line (norprog(1), CONFIGURATION), or go on without the "
	                       "file: --no-config");
}

static int on_fail(void *ctx, unsigned line, const char *what, const char *value)
{
	return fail_at(ctx, line, what, value);
}

static void warn_at(struct reading *r, unsigned line, const char *what, const char *name)
{
	char text[NP_PATH_MAX + 200];

	snprintf(text, sizeof(text), "%s:%u: %s '%.60s' is not known and has no effect",
	         r->config->path, line - r->shift, what, name);
	r->warn(r->ctx, text);
}

static int on_begin(void *ctx, const char *section)
{
	struct reading *r = ctx;

	r->foreign = strcasecmp(section, "norprog") != 0;
	if (r->foreign)
		warn_at(r, r->ini.section_line, "section", section);
	return 0;
}

static int on_end(void *ctx)
{
	(void)ctx;
	return 0;
}

/* ---- keys ---- */

static int take_programmer(struct reading *r, const char *value)
{
	const struct spi_driver *driver;
	struct np_error why = {0};
	struct spi_spec spec;

	if (spi_spec_parse(value, &spec, &driver, &why))
		return fail_at(r, r->ini.line, "no programmer that -p would take:", value);
	snprintf(r->config->programmer, sizeof(r->config->programmer), "%s", value);
	return 0;
}

static int take_layouts(struct reading *r, const char *value)
{
	const char *home = strncmp(value, "~/", 2) == 0 ? store_home() : NULL;

	if (value[0] != '/' && !home)
		return fail_at(r, r->ini.line, "not a path that begins with / or ~/:", value);
	snprintf(r->config->layouts, sizeof(r->config->layouts), "%s%s", home ? home : "",
	         home ? value + 1 : value);
	return 0;
}

static int take_colour(struct reading *r, const char *value)
{
	static const char *const words[] = {"never", "auto", "always"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(value, words[i]) == 0) {
			r->config->colour = (enum config_colour)i;
			return 0;
		}
	return fail_at(r, r->ini.line, "colour is never, auto or always, not", value);
}

static bool good_address(const char *text)
{
	const char *colon = strrchr(text, ':');
	uint64_t port;

	return colon && colon != text && np_parse_size(colon + 1, &port) && port && port <= 65535 &&
	       !strpbrk(text, " \t,@=");
}

/* HOST:PORT, several with commas or with several lines. */
static int take_serve(struct reading *r, const char *value)
{
	struct config *c = r->config;
	char text[NP_INI_LINE + 1], *rest, *one;

	snprintf(text, sizeof(text), "%s", value);
	for (one = strtok_r(text, ", \t", &rest); one; one = strtok_r(NULL, ", \t", &rest)) {
		if (!good_address(one))
			return fail_at(r, r->ini.line, "not HOST:PORT:", one);
		if (c->serve_count == CONFIG_SERVE_MAX)
			return fail_at(r, r->ini.line, "more than 16 addresses, from", one);
		snprintf(c->serve[c->serve_count++], sizeof(c->serve[0]), "%s", one);
	}
	return 0;
}

static int on_key(void *ctx, const char *name, const char *value)
{
	static const struct {
		const char *name;
		int (*take)(struct reading *r, const char *value);
		bool many;
	} keys[] = {{"programmer", take_programmer, false},
	            {"layouts", take_layouts, false},
	            {"serve", take_serve, true},
	            {"colour", take_colour, false},
	            {"color", take_colour, false}};
	struct reading *r = ctx;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !r->foreign; i++) {
		if (strcasecmp(name, keys[i].name) != 0)
			continue;
		if (r->seen >> i & 1 && !keys[i].many)
			return fail_at(r, r->ini.line, "given twice:", name);
		r->seen |= 1u << i;
		return value[0] ? keys[i].take(r, value)
		                : fail_at(r, r->ini.line, "nothing is said for", name);
	}
	if (!r->foreign)
		warn_at(r, r->ini.line, "key", name);
	return 0;
}

/* Does the text begin with a section, after remarks? */
static bool has_section(const char *text)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		text += strspn(text, " \t\r");
		if (!strchr("#;\n", *text))
			return *text == '[';
	}
	return false;
}

/* Parse a file's text into *config, whose path is set. Errors: NP_E_INPUT, with path and line. */
static int config_parse(struct config *config, const char *text, size_t len, config_warn_fn *warn,
                        void *ctx, struct np_error *err)
{
	static const struct np_ini_user user = {
		.begin = on_begin, .key = on_key, .end = on_end, .fail = on_fail};
	struct reading r = {.config = config, .warn = warn, .ctx = ctx, .err = err};
	size_t front = strlen(SECTION);
	char *all = malloc(len + front + 1);
	bool any = false;
	int ret;

	if (!all)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	/* The section's name may be left out. */
	memcpy(all, SECTION, front);
	memcpy(all + front, text, len);
	all[front + len] = '\0';
	for (const char *c = all + front; *c && !any; c += strcspn(c, "\n"), c += *c == '\n')
		any = !strchr("#;\n\r", *c);
	r.shift = !has_section(all + front);
	r.ini = (struct np_ini){.text = r.shift ? all : all + front,
	                        .len = len + (r.shift ? front : 0),
	                        .user = &user};
	ret = any || memchr(text, '\0', len) ? np_ini_read(&r.ini, &r) : 0;
	free(all);
	return ret;
}

/* ---- the command's ---- */

static bool find_path(char path[NP_PATH_MAX])
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = store_home();
	int n;

	if (xdg && xdg[0] == '/')
		n = snprintf(path, NP_PATH_MAX, "%s/norprog/config", xdg);
	else if (home)
		n = snprintf(path, NP_PATH_MAX, "%s/.config/norprog/config", home);
	else
		return false;
	return n > 0 && n < NP_PATH_MAX && np_io_exists(path);
}

static void on_warn(void *ctx, const char *text)
{
	struct cli *cli = ctx;

	report_warn(&cli->report, "%s", text);
}

static bool wants_colour(const struct cli *cli)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");

	if (cli->config.colour != CONFIG_COLOUR_AUTO)
		return cli->config.colour == CONFIG_COLOUR_ALWAYS;
	return cli->report.terminal && !(none && *none) && !(term && strcmp(term, "dumb") == 0);
}

/* A name that norprog does not know itself may be one of the user's folder. */
static void find_layout(struct cli *cli)
{
	static char path[NP_PATH_MAX + 80];
	struct config *config = &cli->config;
	struct np_error ignored = {0};
	struct layout layout = {0};
	bool known = true;

	if (!config->layouts[0] || !cli->opt.layout || strpbrk(cli->opt.layout, "/.") ||
	    strlen(cli->opt.layout) > 64 || np_io_exists(cli->opt.layout))
		return;
	if (layout_load_device(cli->opt.layout, &layout, &known, &ignored) == 0)
		layout_free(&layout);
	snprintf(path, sizeof(path), "%s/%s.ini", config->layouts, cli->opt.layout);
	if (known)
		return;
	if (!np_io_exists(path)) {
		report_note(&cli->report, "layout %s: there is no %s (%s)", cli->opt.layout, path,
		            config->path);
		return;
	}
	report_note(&cli->report, "layout %s: %s (%s)", cli->opt.layout, path, config->path);
	cli->opt.layout = path;
}

int config_load(struct cli *cli, struct np_error *err)
{
	struct config *config = &cli->config;
	uint8_t *text = NULL;
	size_t len = 0;
	int ret;

	if (cli->opt.no_config || !find_path(config->path)) {
		config->path[0] = '\0';
		return 0;
	}
	ret = np_io_read(config->path, FILE_MAX_BYTES, &text, &len, err);
	if (ret)
		np_hint(err, "go on without it: --no-config");
	else
		ret = config_parse(config, (const char *)text, len, on_warn, cli, err);
	free(text);
	if (ret)
		return ret;
	cli->report.colour = wants_colour(cli);
	find_layout(cli);
	return 0;
}

const char *config_programmer(struct cli *cli)
{
	const char *env = getenv("NORPROG_PROGRAMMER"), *spec = cli->config.programmer;
	unsigned changes = CLI_WRITE | CLI_RESTORE | CLI_ERASE | CLI_CLONE | CLI_RESUME |
	                   CLI_PROTECT | CLI_OTP;
	char text[sizeof(cli->config.programmer) + NP_PATH_MAX + 32];

	if ((env && *env) || !spec[0])
		return NULL;
	snprintf(text, sizeof(text), "programmer %s, as %s says", spec, cli->config.path);
	if (cli->command && cli->command->bit & changes) {
		report_warn(&cli->report, "%s", text);
		return spec;
	}
	report_note(&cli->report, "%s", text);
	report_event(&cli->report, "note", json_pack("{s:o}", "text", report_text(text)));
	return spec;
}
