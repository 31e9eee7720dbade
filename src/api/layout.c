/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layouts as the public sees them, and the one in force. */
#include "api/api_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/load.h"

/* Regions and groups, in address order, what holds others first. */
static const struct layout_region *in_order(const struct layout *layout, size_t *region,
                                            size_t *group)
{
	const struct layout_region *r =
		*region < layout->region_count ? &layout->regions[*region] : NULL;
	const struct layout_region *g =
		*group < layout->group_count ? &layout->groups[*group] : NULL;

	if (g && (!r || g->start <= r->start)) {
		++*group;
		return g;
	}
	++*region;
	return r;
}

static void describe(norprog_layout *made)
{
	const struct layout *layout = &made->layout;
	const struct layout_region *from;
	size_t region = 0, group = 0, count = 0;

	made->info = (struct norprog_layout_info){.name = layout->name,
	                                          .device = layout->device,
	                                          .source = layout->source,
	                                          .doubt = layout->doubt,
	                                          .size = layout->size,
	                                          .profile = layout->profile};
	while ((from = in_order(layout, &region, &group)) != NULL)
		made->regions[count++] = (struct norprog_region){.name = from->name,
		                                                 .alias = from->alias,
		                                                 .holds = from->holds,
		                                                 .doubt = from->doubt,
		                                                 .start = from->start,
		                                                 .len = from->len,
		                                                 .unit = from->unit,
		                                                 .boot = from->boot};
}

int api_layout_wrap(struct layout *layout, norprog_layout **out, struct np_error *err)
{
	size_t count = layout->region_count + layout->group_count;
	norprog_layout *made = calloc(1, sizeof(*made));

	*out = NULL;
	if (made)
		made->regions = calloc(count + 1, sizeof(*made->regions));
	if (!made || !made->regions) {
		free(made);
		layout_free(layout);
		return np_fail(err, NP_E_MEMORY, "out of memory");
	}
	made->layout = *layout;
	describe(made);
	*out = made;
	return 0;
}

static int load(norprog *np, const char *spec, norprog_layout **out)
{
	struct layout layout;
	int ret = layout_load(spec, &layout, &np->err);

	return ret ? ret : api_layout_wrap(&layout, out, &np->err);
}

int norprog_layout_load(norprog *np, const char *spec, norprog_layout **layout)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (layout)
		*layout = NULL;
	if (ret)
		return ret;
	ret = spec && layout ? load(np, spec, layout) : api_null(np, "spec or layout");
	return api_leave(np, &scope, ret);
}

void norprog_layout_free(norprog_layout *layout)
{
	if (!layout)
		return;
	layout_free(&layout->layout);
	free(layout->regions);
	free(layout);
}

const char *norprog_layout_name(size_t index)
{
	const char *const *names = layout_builtin_names();

	for (size_t i = 0; names[i]; i++)
		if (i == index)
			return names[i];
	return NULL;
}

const struct norprog_layout_info *norprog_layout_info(const norprog_layout *layout)
{
	return layout ? &layout->info : NULL;
}

const struct norprog_region *norprog_layout_region(const norprog_layout *layout, size_t index)
{
	if (!layout || index >= layout->layout.region_count + layout->layout.group_count)
		return NULL;
	return &layout->regions[index];
}

/* ---- in force ---- */

int api_layout_make(norprog *np, const char *spec, norprog_layout **out)
{
	struct layout layout;
	int ret = layout_load(spec, &layout, &np->err);

	if (ret)
		return ret;
	if (np->detected)
		ret = layout_fit(&layout, nor_info(np->nor)->size, &np->err);
	if (ret) {
		layout_free(&layout);
		return ret;
	}
	return api_layout_wrap(&layout, out, &np->err);
}

static int put_in_force(norprog *np, const char *spec)
{
	norprog_layout *made;
	int ret = api_layout_make(np, spec, &made);

	if (ret)
		return ret;
	norprog_layout_free(np->in_force);
	np->in_force = made;
	return 0;
}

int api_layout_fit(norprog *np)
{
	const char *spec = np->options[NORPROG_LAYOUT];

	norprog_layout_free(np->in_force);
	np->in_force = NULL;
	return spec ? put_in_force(np, spec) : 0;
}

void api_layout_doubt(norprog *np)
{
	if (np->options[NORPROG_LAYOUT])
		return;
	norprog_layout_free(np->in_force);
	np->in_force = NULL;
}

const norprog_layout *norprog_layout_in_force(const norprog *np)
{
	return np ? np->in_force : NULL;
}

/* ---- which device ---- */

static void join_also(const struct recognition *found, char *buf, size_t len)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < found->also_count && used < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s%s", used ? "," : "",
		                         found->also[i]);
}

static void describe_device(norprog *np, const struct recognition *found,
                            const struct layout *layout)
{
	struct api_device *device = &np->device;

	snprintf(device->name, sizeof(device->name), "%s", found->name);
	snprintf(device->device, sizeof(device->device), "%.159s", layout ? layout->device : "");
	snprintf(device->why, sizeof(device->why), "%s", found->why);
	join_also(found, device->also, sizeof(device->also));
	device->pub = (struct norprog_device){.name = device->name,
	                                      .device = device->device,
	                                      .why = device->why,
	                                      .also = device->also,
	                                      .ambiguous = found->ambiguous && !found->alike};
}

int api_recognise(norprog *np)
{
	struct recognition found = {0};
	struct layout layout = {0};
	struct job job = api_job(np);
	int ret = job_recognise(&job, NULL, &found, &layout, &np->err);

	if (ret)
		return ret;
	describe_device(np, &found, recognise_certain(&found) ? &layout : NULL);
	if (!layout.region_count || np->options[NORPROG_LAYOUT]) {
		layout_free(&layout);
		return 0;
	}
	norprog_layout_free(np->in_force);
	np->in_force = NULL;
	return api_layout_wrap(&layout, &np->in_force, &np->err);
}

int norprog_recognise(norprog *np, const struct norprog_device **device)
{
	struct api_scope scope;
	int ret = api_enter_work(np, &scope);

	if (device)
		*device = NULL;
	if (ret)
		return ret;
	ret = api_need_chip(np);
	if (!ret)
		ret = api_recognise(np);
	if (!ret && device)
		*device = &np->device.pub;
	return api_leave(np, &scope, ret);
}
