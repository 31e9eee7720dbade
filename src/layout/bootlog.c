/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The partitions that a kernel announces while it boots, as people paste them: other lines in
 * between, lists inside lists (relative to the partition they divide), several flashes in one log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "layout/map.h"
#include "layout/source.h"

#define DEPTH_MAX   8 /* lists inside lists; kernels nest three deep at most */
#define FLASHES_MAX 8
#define NAMES_MAX   (2 * LAYOUT_MAX)
#define DEVICE_MAX  48

/* A list under way: "Creating 6 MTD partitions on "spi0.0"" and what is still to come of it. */
struct list {
	char device[DEVICE_MAX];
	unsigned announced, left;
};

struct flash {
	char device[DEVICE_MAX];
	struct layout_region regions[LAYOUT_MAX];
	size_t count;
	unsigned missing; /* announced, and not in the log */
};

struct bootlog {
	struct list stack[DEPTH_MAX];
	size_t depth;
	struct flash flashes[FLASHES_MAX];
	size_t flash_count;
	char names[NAMES_MAX][LAYOUT_NAME_MAX]; /* of partitions, also of those inside others */
	size_t name_count;
	struct flash *flash; /* whose list is at the bottom of the stack; NULL: none */
};

/* ---- lines ---- */

/* `Creating 6 MTD partitions on "spi0.0":` or `6 fixed-partitions partitions found on MTD device
 * spi0.0`, which newer kernels print in front of the first and, for some lists, instead of it. */
static bool announces(const char *line, struct list *list)
{
	const char *at = strstr(line, "Creating "),
		   *found = strstr(line, " partitions found on MTD ");

	if (at && sscanf(at, "Creating %u MTD partitions on \"%47[^\"]\"", &list->announced,
	                 list->device) == 2)
		return true;
	if (!found || sscanf(found, " partitions found on MTD device %47s", list->device) != 1)
		return false;
	/* The number stands in front of the parser's name. */
	while (found > line && found[-1] != ' ')
		found--;
	if (found == line)
		return false;
	found--;
	while (found > line && found[-1] >= '0' && found[-1] <= '9')
		found--;
	return sscanf(found, "%u ", &list->announced) == 1;
}

static bool partition(const char *line, struct layout_region *region)
{
	unsigned long long start, end;

	for (const char *at = strstr(line, "0x"); at; at = strstr(at + 2, "0x")) {
		if (sscanf(at, "0x%llx-0x%llx : \"%63[^\"]\"", &start, &end, region->name) == 3 &&
		    end > start) {
			region->start = start;
			region->len = end - start;
			return true;
		}
	}
	return false;
}

/* ---- lists ---- */

/* The kernel divides a partition, not a flash: addresses in this list begin at that partition. */
static bool is_partition(const struct bootlog *log, const char *device)
{
	for (size_t i = 0; i < log->name_count; i++)
		if (strcmp(log->names[i], device) == 0)
			return true;
	return false;
}

static void remember_name(struct bootlog *log, const char *name)
{
	if (log->name_count < NAMES_MAX && !is_partition(log, name))
		snprintf(log->names[log->name_count++], LAYOUT_NAME_MAX, "%s", name);
}

static void leave_flash(struct bootlog *log)
{
	if (log->flash && log->depth)
		log->flash->missing = log->stack[0].left;
	log->depth = 0;
	log->flash = NULL;
}

static struct flash *find_flash(struct bootlog *log, const char *device)
{
	for (size_t i = 0; i < log->flash_count; i++)
		if (strcmp(log->flashes[i].device, device) == 0)
			return &log->flashes[i];
	return NULL;
}

/* A log may hold several boots: the last one of each flash counts. */
static void enter_flash(struct bootlog *log, const struct list *list)
{
	struct flash *flash = find_flash(log, list->device);

	leave_flash(log);
	if (!flash && log->flash_count == FLASHES_MAX)
		return;
	if (!flash)
		flash = &log->flashes[log->flash_count++];
	memset(flash, 0, sizeof(*flash));
	snprintf(flash->device, sizeof(flash->device), "%s", list->device);
	flash->missing = list->announced;
	log->flash = flash;
	log->stack[log->depth++] = *list;
}

static void begin_list(struct bootlog *log, struct list *list)
{
	struct list *top = log->depth ? &log->stack[log->depth - 1] : NULL;

	list->left = list->announced;
	/* Two lines may announce one list. */
	if (top && strcmp(top->device, list->device) == 0 && top->left == top->announced)
		*top = *list;
	else if (!is_partition(log, list->device))
		enter_flash(log, list);
	else if (log->depth < DEPTH_MAX)
		log->stack[log->depth++] = *list;
}

static void end_lists(struct bootlog *log)
{
	while (log->depth && !log->stack[log->depth - 1].left) {
		if (log->depth == 1) {
			leave_flash(log);
			return;
		}
		log->depth--;
	}
}

static void add(struct bootlog *log, const struct layout_region *region)
{
	struct flash *flash = log->flash;

	if (!log->depth)
		return;
	remember_name(log, region->name);
	if (log->depth == 1 && flash && flash->count < LAYOUT_MAX)
		flash->regions[flash->count++] = *region;
	log->stack[log->depth - 1].left--;
	end_lists(log);
}

static void take_line(struct bootlog *log, const char *line)
{
	struct layout_region region = {.len = 0};
	struct list list = {.left = 0};

	/* No flash has thousands of partitions: such a number is damage. */
	if (announces(line, &list) && list.announced && list.announced <= LAYOUT_MAX)
		begin_list(log, &list);
	else if (partition(line, &region))
		add(log, &region);
}

static void take_text(struct bootlog *log, const char *text, size_t len)
{
	char line[256];
	size_t at = 0;

	while (np_text_line(text, len, &at, line, sizeof(line)))
		take_line(log, line);
	leave_flash(log);
}

/* ---- which flash ---- */

static int fail_choice(const struct bootlog *log, const struct layout_build *build,
                       const char *device, struct np_error *err)
{
	char names[FLASHES_MAX * (DEVICE_MAX + 2)] = "";
	size_t n = 0;

	for (size_t i = 0; i < log->flash_count; i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", i ? ", " : "",
		                      log->flashes[i].device);
	if (device)
		layout_build_fail(build, err, 0, "the log divides no flash named %s", device);
	else
		layout_build_fail(build, err, 0, "the log divides %zu flashes: %s",
		                  log->flash_count, names);
	return np_hint(err, "say which: -l %s#DEVICE, DEVICE being one of %s", build->name, names);
}

static int choose(struct bootlog *log, const char *device, const struct layout_build *build,
                  const struct flash **flash, struct np_error *err)
{
	*flash = device ? find_flash(log, device) : &log->flashes[0];
	if (!log->flash_count)
		return layout_build_fail(build, err, 0,
		                         "no \"Creating N MTD partitions\" in the log");
	if (!*flash || (!device && log->flash_count > 1))
		return fail_choice(log, build, device, err);
	if (!(*flash)->missing)
		return 0;
	layout_build_fail(build, err, 0, "the log announces %zu partitions on %s and lists %zu",
	                  (*flash)->count + (*flash)->missing, (*flash)->device, (*flash)->count);
	return np_hint(err,
	               "take the log again, whole: what is missing from it would not be protected");
}

int layout_parse_bootlog(const char *text, size_t len, const char *device, const char *name,
                         struct layout *layout, struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);
	struct bootlog *log = calloc(1, sizeof(*log));
	const struct flash *flash = NULL;
	int rc = 0;

	if (!build || !log) {
		free(build);
		free(log);
		return np_fail(err, NP_E_MEMORY, "%s: out of memory", name);
	}
	take_text(log, text, len);
	rc = choose(log, device, build, &flash, err);
	for (size_t i = 0; !rc && i < flash->count; i++)
		rc = layout_map_add(build, flash->regions[i].name, strlen(flash->regions[i].name),
		                    flash->regions[i].start, flash->regions[i].len, err);
	free(log);
	return layout_map_end(build, rc, layout, err);
}
