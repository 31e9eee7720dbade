/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choosing among attached devices, and words for what stands in the way of opening one. */
#include "usb/usb.h"

#include <stdio.h>
#include <string.h>

#include "usb/usb_sysfs.h"

bool usb_is(const struct usb_choice *choice, const struct usb_seen *seen)
{
	for (size_t i = 0; i < choice->id_count; i++)
		if (seen->vendor == choice->ids[i].vendor &&
		    seen->product == choice->ids[i].product)
			return true;
	return false;
}

static bool chosen(const struct usb_choice *choice, const struct usb_seen *seen)
{
	return usb_is(choice, seen) && (!choice->serial || !strcmp(choice->serial, seen->serial)) &&
	       (!choice->where || !strcmp(choice->where, seen->where));
}

static int none_found(const struct usb_choice *choice, size_t others, struct np_error *err)
{
	if (others && choice->serial)
		np_fail(err, NP_E_NO_PROGRAMMER, "no %s with serial number %s", choice->what,
		        choice->serial);
	else if (others && choice->where)
		np_fail(err, NP_E_NO_PROGRAMMER, "no %s at bus path %s", choice->what,
		        choice->where);
	else
		np_fail(err, NP_E_NO_PROGRAMMER, "no %s is attached", choice->what);
	return np_hint(err, "`norprog list` shows what is attached; check the plug and the cable");
}

static int several_found(const struct usb_choice *choice, const struct usb_seen *seen, size_t count,
                         struct np_error *err)
{
	char text[320] = "";

	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(text);

		if (!chosen(choice, &seen[i]))
			continue;
		snprintf(text + len, sizeof(text) - len, "%sbus=%s%s%s", len ? ", " : "",
		         seen[i].where, seen[i].serial[0] ? " or serial=" : "", seen[i].serial);
	}
	np_fail(err, NP_E_NO_PROGRAMMER, "several %s are attached", choice->what);
	return np_hint(err, "choose one: %s", text);
}

int usb_pick(const struct usb_choice *choice, struct usb_seen *picked, struct np_error *err)
{
	struct usb_seen seen[USB_SEEN_MAX];
	size_t count, matches = 0, others = 0;
	int ret = usb_list(seen, USB_SEEN_MAX, &count, err);

	if (ret)
		return ret;
	for (size_t i = 0; i < count; i++) {
		others += usb_is(choice, &seen[i]);
		if (chosen(choice, &seen[i]) && !matches++)
			*picked = seen[i];
	}
	if (!matches)
		return none_found(choice, others, err);
	if (matches > 1)
		return several_found(choice, seen, count, err);
	return picked->may_open ? 0 : usb_fail_access(picked, err);
}

/* ---- words for what stands in the way ---- */

int usb_fail_open(const struct usb_seen *seen, const char *why, struct np_error *err)
{
	if (!usb_sysfs_gone(seen->node))
		return np_fail(err, NP_E_BUS, "open USB %s: %s", seen->where, why);
	np_fail(err, NP_E_NO_PROGRAMMER, "the adapter at USB %s went away", seen->where);
	return np_hint(err, "plug it in again and look at its cable");
}

int usb_fail_access(const struct usb_seen *seen, struct np_error *err)
{
	char advice[480];

	usb_sysfs_advise(seen->node, advice, sizeof(advice));
	np_fail(err, NP_E_ACCESS, "no permission to open %s (USB %04x:%04x at %s)", seen->node,
	        seen->vendor, seen->product, seen->where);
	return np_hint(err, "%s", advice);
}

int usb_fail_busy(const struct usb_seen *seen, unsigned interface, struct np_error *err)
{
	char holder[96], driver[64];

	usb_sysfs_driver(seen->where, interface, driver, sizeof(driver));
	if (usb_sysfs_holder(seen->node, holder, sizeof(holder))) {
		np_fail(err, NP_E_BUSY, "USB %s is in use by %s", seen->where, holder);
		return np_hint(err, "let it finish, or end it, then try again");
	}
	if (driver[0] && strcmp(driver, "usbfs") != 0) {
		np_fail(err, NP_E_BUSY, "USB %s is held by the kernel driver %s", seen->where,
		        driver);
		return np_hint(err,
		               "close what uses it, or unbind it: echo %s:1.%u | sudo tee "
		               "/sys/bus/usb/drivers/%s/unbind",
		               seen->where, interface, driver);
	}
	np_fail(err, NP_E_BUSY, "USB %s is in use by another program", seen->where);
	return np_hint(err, "find it with: sudo fuser -v %s", seen->node);
}

void usb_describe(const struct usb_seen *seen, unsigned interface, struct spi_found *found)
{
	char advice[480];

	snprintf(found->where, sizeof(found->where), "%s", seen->where);
	snprintf(found->product, sizeof(found->product), "%s", seen->name);
	snprintf(found->serial, sizeof(found->serial), "%s", seen->serial);
	usb_sysfs_driver(seen->where, interface, found->bound, sizeof(found->bound));
	found->may_open = seen->may_open;
	if (seen->may_open)
		return;
	usb_sysfs_advise(seen->node, advice, sizeof(advice));
	snprintf(found->note, sizeof(found->note), "%s", advice);
}
