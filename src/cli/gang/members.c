/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is in the gang: from -p and --label to adapters with a place and a name each. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/os.h"
#include "cli/gang/gang.h"
#include "cli/session.h"
#include "spi/choose.h"
#include "spi/driver.h"

#define LABEL_MAX 32

/* What is attached. */
struct attached {
	struct spi_found at[GANG_MAX];
	size_t count;
};

/* 1-1.2 before 1-1.10. */
static int by_place(const void *a, const void *b)
{
	return np_os_compare_places(((const struct spi_found *)a)->where,
	                            ((const struct spi_found *)b)->where);
}

static void note_found(void *ctx, const struct spi_found *found)
{
	struct attached *attached = ctx;

	if (attached->count < GANG_MAX)
		attached->at[attached->count++] = *found;
}

static struct member *add_member(struct gang *gang, const char *spec, struct np_error *err)
{
	struct member *member = &gang->members[gang->count];

	if (gang->count == GANG_MAX || strlen(spec) >= sizeof(member->spec)) {
		np_fail(err, NP_E_USAGE, "-p %s: more than %d adapters, or too long", spec,
		        GANG_MAX);
		return NULL;
	}
	for (size_t i = 0; i < gang->count; i++)
		if (strcmp(gang->members[i].spec, spec) == 0) {
			np_fail(err, NP_E_USAGE, "-p %s is given twice", spec);
			np_hint(err, "name each adapter once");
			return NULL;
		}
	memset(member, 0, sizeof(*member));
	member->from = member->to = -1;
	snprintf(member->spec, sizeof(member->spec), "%s", spec);
	gang->count++;
	return member;
}

static int add_all(struct gang *gang, const struct attached *attached, struct np_error *err)
{
	size_t before = gang->count;

	for (size_t i = 0; i < attached->count; i++) {
		const struct spi_found *found = &attached->at[i];
		bool named = false;

		for (size_t k = 0; k < before; k++)
			named |= strcmp(gang->members[k].spec, found->spec) == 0;
		if (found->certain && !found->host_own && !named &&
		    !add_member(gang, found->spec, err))
			return err->code;
	}
	if (gang->count > before)
		return 0;
	np_fail(err, NP_E_NO_PROGRAMMER, "-p all: nothing that is attached is surely a programmer");
	return np_hint(err,
	               "`norprog list` shows what is attached; name each with a -p of its own");
}

/* ---- places ---- */

static const struct spi_found *found_as(const struct attached *attached, const char *driver,
                                        const char *where, const char *serial)
{
	const struct spi_found *one = NULL;

	for (size_t i = 0; i < attached->count; i++) {
		const struct spi_found *found = &attached->at[i];

		if (strcmp(found->driver, driver) != 0 ||
		    (where && strcmp(found->where, where) != 0) ||
		    (serial && strcmp(found->serial, serial) != 0))
			continue;
		if (one)
			return NULL; /* which of them, opening will say */
		one = found;
	}
	return one;
}

/* Where a programmer is that its words name; also one that is not attached has a place, so that it can
 * be spoken of. */
static int find_place(struct member *member, const struct attached *attached, struct np_error *err)
{
	static const char *const keys[] = {"bus", "dev", "ip", "file", "serial"};
	const struct spi_driver *driver;
	const struct spi_found *found;
	const char *value = NULL, *channel;
	struct spi_spec spec;
	int ret = spi_spec_parse(member->spec, &spec, &driver, err);

	if (ret)
		return np_context(err, "-p %.100s", member->spec);
	found = found_as(attached, driver->name, spi_spec_get(&spec, "bus"),
	                 spi_spec_get(&spec, "serial"));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !value; i++)
		value = spi_spec_get(&spec, keys[i]);
	if (driver->list && found && !spi_spec_get(&spec, "dev") && !spi_spec_get(&spec, "ip"))
		value = found->where;
	/* Two channels of one chip are two adapters. */
	channel = spi_spec_get(&spec, "channel");
	snprintf(member->place, sizeof(member->place), "%.110s%s%.8s", value ? value : member->spec,
	         channel ? "-" : "", channel ? channel : "");
	return 0;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* Two names of one file or device are one place. */
static bool same_place(const char *a, const char *b)
{
	struct stat one, other;

	return strcmp(a, b) == 0 || (stat(a, &one) == 0 && stat(b, &other) == 0 &&
	                             one.st_dev == other.st_dev && one.st_ino == other.st_ino);
}

/* Called by its place; by its words where two would be called the same. */
static int name_members(struct gang *gang, struct np_error *err)
{
	for (size_t i = 0; i < gang->count; i++) {
		struct member *member = &gang->members[i];

		for (size_t k = 0; k < i; k++)
			if (same_place(member->place, gang->members[k].place)) {
				np_fail(err, NP_E_USAGE,
				        "-p %.160s and -p %.160s are the same adapter",
				        gang->members[k].spec, member->spec);
				return np_hint(err, "name each once, as `norprog list` does");
			}
		snprintf(member->name, sizeof(member->name), "%s", last_part(member->place));
	}
	for (size_t i = 0; i < gang->count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(gang->members[i].name, gang->members[k].name) == 0)
				snprintf(gang->members[i].name, GANG_NAME_MAX, "%s",
				         gang->members[i].place);
	return 0;
}

/* ---- labels ---- */

/* A label becomes the name of a file. */
static bool good_label(const char *label)
{
	size_t len = strlen(label);

	for (const char *c = label; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
			return false;
	return len && len <= LABEL_MAX && label[0] != '.' && label[0] != '-';
}

static struct member *labelled_by(struct gang *gang, const char *key, size_t len)
{
	for (size_t i = 0; i < gang->count; i++) {
		struct member *member = &gang->members[i];
		const char *names[] = {member->place, member->spec, last_part(member->place)};

		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (strlen(names[k]) == len && strncmp(names[k], key, len) == 0)
				return member;
	}
	return NULL;
}

static int fail_label(const struct gang *gang, const char *text, struct np_error *err)
{
	char known[300] = "";

	for (size_t i = 0; i < gang->count; i++) {
		size_t used = strlen(known);

		snprintf(known + used, sizeof(known) - used, "%s%s", used ? ", " : "",
		         gang->members[i].place);
	}
	np_fail(err, NP_E_USAGE, "--label %s: this job has no adapter there", text);
	return np_hint(err, "the adapters are at %s", known);
}

static int take_label(struct gang *gang, const char *text, struct np_error *err)
{
	const char *equals = strrchr(text, '=');
	struct member *member;

	if (!equals || equals == text || !good_label(equals + 1)) {
		np_fail(err, NP_E_USAGE, "--label %s: not PATH=NAME", text);
		return np_hint(err,
		               "a name has up to %d letters, digits, '.', '_' and '-': --label "
		               "1-1.4=left",
		               LABEL_MAX);
	}
	member = labelled_by(gang, text, (size_t)(equals - text));
	if (!member)
		return fail_label(gang, text, err);
	if (member->labelled) {
		np_fail(err, NP_E_USAGE, "--label %s: this adapter is '%s' already", text,
		        member->name);
		return np_hint(err, "give it one --label only");
	}
	snprintf(member->name, sizeof(member->name), "%s", equals + 1);
	member->labelled = true;
	return 0;
}

/* No two of one name, in any case: their files would be one. */
static int check_names(const struct gang *gang, struct np_error *err)
{
	for (size_t i = 0; i < gang->count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcasecmp(gang->members[i].name, gang->members[k].name) == 0) {
				np_fail(err, NP_E_USAGE, "two adapters are called '%s'",
				        gang->members[i].name);
				return np_hint(err,
				               "give each a name of its own: --label %.100s=NAME",
				               gang->members[i].place);
			}
	return 0;
}

int members_make(struct gang *gang, struct np_error *err)
{
	const struct cli_options *opt = &gang->cli->opt;
	struct attached *attached = calloc(1, sizeof(*attached));
	char chosen[sizeof(((struct spi_found *)0)->spec)];
	int ret = attached ? 0 : np_fail(err, NP_E_MEMORY, "out of memory");
	bool all = false;

	if (!ret) {
		spi_list(note_found, attached);
		qsort(attached->at, attached->count, sizeof(attached->at[0]), by_place);
	}
	if (!ret && !opt->programmers.count)
		ret = programmer_default(gang->cli, chosen, sizeof(chosen), err);
	if (!ret && !opt->programmers.count && !add_member(gang, chosen, err))
		ret = err->code;
	for (size_t i = 0; i < opt->programmers.count && !ret; i++) {
		if (strcasecmp(opt->programmers.at[i], "all") == 0)
			all = true;
		else if (!add_member(gang, opt->programmers.at[i], err))
			ret = err->code;
	}
	if (!ret && all)
		ret = add_all(gang, attached, err);
	for (size_t i = 0; i < gang->count && !ret; i++)
		ret = find_place(&gang->members[i], attached, err);
	if (!ret)
		ret = name_members(gang, err);
	for (size_t i = 0; i < opt->label.count && !ret; i++)
		ret = take_label(gang, opt->label.at[i], err);
	if (!ret)
		ret = check_names(gang, err);
	free(attached);
	return ret;
}
