/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of libudev that libusb calls, for `make static`: Debian's libusb is built for libudev, which Debian
 * ships as a shared library only. Devices are listed from sysfs, and come and go by the kernel's own events
 * (Documentation/ABI/stable/sysfs-bus-usb, lib/kobject_uevent.c), so no udev daemon has to run.
 *
 * The names and their meaning are libudev's (man 3 udev); libusb asks for USB devices only, so nothing else is
 * looked at.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define USB_DEVICES "/sys/bus/usb/devices"

struct udev {
	int refs;
};
struct udev_list_entry {
	struct udev_list_entry *next;
	char path[sizeof(USB_DEVICES) + 256];
};
struct udev_enumerate {
	struct udev_list_entry *first;
};
struct udev_device {
	char sysname[256];
	char node[64];
	char action[16];
};
struct udev_monitor {
	int fd;
};

struct udev *udev_new(void);
struct udev *udev_unref(struct udev *udev);
struct udev_enumerate *udev_enumerate_new(struct udev *udev);
struct udev_enumerate *udev_enumerate_unref(struct udev_enumerate *list);
int udev_enumerate_add_match_subsystem(struct udev_enumerate *list, const char *subsystem);
int udev_enumerate_add_match_property(struct udev_enumerate *list, const char *property,
                                      const char *value);
int udev_enumerate_scan_devices(struct udev_enumerate *list);
struct udev_list_entry *udev_enumerate_get_list_entry(struct udev_enumerate *list);
struct udev_list_entry *udev_list_entry_get_next(struct udev_list_entry *entry);
const char *udev_list_entry_get_name(struct udev_list_entry *entry);
struct udev_device *udev_device_new_from_syspath(struct udev *udev, const char *path);
struct udev_device *udev_device_unref(struct udev_device *device);
const char *udev_device_get_sysname(struct udev_device *device);
const char *udev_device_get_devnode(struct udev_device *device);
const char *udev_device_get_action(struct udev_device *device);
struct udev_monitor *udev_monitor_new_from_netlink(struct udev *udev, const char *name);
struct udev_monitor *udev_monitor_unref(struct udev_monitor *monitor);
int udev_monitor_filter_add_match_subsystem_devtype(struct udev_monitor *monitor,
                                                    const char *subsystem, const char *devtype);
int udev_monitor_enable_receiving(struct udev_monitor *monitor);
int udev_monitor_get_fd(struct udev_monitor *monitor);
struct udev_device *udev_monitor_receive_device(struct udev_monitor *monitor);

struct udev *udev_new(void)
{
	return calloc(1, sizeof(struct udev));
}

struct udev *udev_unref(struct udev *udev)
{
	free(udev);
	return NULL;
}

struct udev_enumerate *udev_enumerate_new(struct udev *udev)
{
	(void)udev;
	return calloc(1, sizeof(struct udev_enumerate));
}

struct udev_enumerate *udev_enumerate_unref(struct udev_enumerate *list)
{
	struct udev_list_entry *entry, *next;

	for (entry = list ? list->first : NULL; entry; entry = next) {
		next = entry->next;
		free(entry);
	}
	free(list);
	return NULL;
}

int udev_enumerate_add_match_subsystem(struct udev_enumerate *list, const char *subsystem)
{
	(void)list;
	return strcmp(subsystem, "usb") ? -ENOTSUP : 0;
}

int udev_enumerate_add_match_property(struct udev_enumerate *list, const char *property,
                                      const char *value)
{
	(void)list;
	return strcmp(property, "DEVTYPE") || strcmp(value, "usb_device") ? -ENOTSUP : 0;
}

/* Interfaces ("1-1:1.0") stand beside the devices. */
int udev_enumerate_scan_devices(struct udev_enumerate *list)
{
	DIR *folder = opendir(USB_DEVICES);
	const struct dirent *file;

	while (folder && (file = readdir(folder))) {
		struct udev_list_entry *entry;

		if (file->d_name[0] == '.' || strchr(file->d_name, ':'))
			continue;
		entry = calloc(1, sizeof(*entry));
		if (!entry)
			break;
		snprintf(entry->path, sizeof(entry->path), "%s/%s", USB_DEVICES, file->d_name);
		entry->next = list->first;
		list->first = entry;
	}
	if (folder)
		closedir(folder);
	return 0;
}

struct udev_list_entry *udev_enumerate_get_list_entry(struct udev_enumerate *list)
{
	return list->first;
}

struct udev_list_entry *udev_list_entry_get_next(struct udev_list_entry *entry)
{
	return entry->next;
}

const char *udev_list_entry_get_name(struct udev_list_entry *entry)
{
	return entry->path;
}

/* Sets *number to what the file `name` below `path` says; returns if it could be read. */
static int number_read(const char *path, const char *name, int *number)
{
	char file[sizeof(USB_DEVICES) + 280];
	FILE *f;
	int ok;

	snprintf(file, sizeof(file), "%s/%s", path, name);
	f = fopen(file, "re");
	ok = f && fscanf(f, "%d", number) == 1 && *number >= 0 && *number <= 999;
	if (f)
		fclose(f);
	return ok;
}

struct udev_device *udev_device_new_from_syspath(struct udev *udev, const char *path)
{
	const char *name = strrchr(path, '/');
	struct udev_device *device = calloc(1, sizeof(*device));
	int bus, address;

	(void)udev;
	if (!device || !name || !number_read(path, "busnum", &bus) ||
	    !number_read(path, "devnum", &address)) {
		free(device);
		return NULL;
	}
	snprintf(device->sysname, sizeof(device->sysname), "%s", name + 1);
	snprintf(device->node, sizeof(device->node), "/dev/bus/usb/%03d/%03d", bus, address);
	return device;
}

struct udev_device *udev_device_unref(struct udev_device *device)
{
	free(device);
	return NULL;
}

const char *udev_device_get_sysname(struct udev_device *device)
{
	return device->sysname;
}

const char *udev_device_get_devnode(struct udev_device *device)
{
	return device->node;
}

const char *udev_device_get_action(struct udev_device *device)
{
	return device->action;
}

/* Group 1 carries the kernel's events, which is what libudev calls "kernel" in place of "udev". */
struct udev_monitor *udev_monitor_new_from_netlink(struct udev *udev, const char *name)
{
	struct udev_monitor *monitor = calloc(1, sizeof(*monitor));
	struct sockaddr_nl from = {.nl_family = AF_NETLINK, .nl_groups = 1};

	(void)udev;
	(void)name;
	if (!monitor)
		return NULL;
	monitor->fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (monitor->fd < 0 || bind(monitor->fd, (struct sockaddr *)&from, sizeof(from)) < 0)
		return udev_monitor_unref(monitor);
	return monitor;
}

struct udev_monitor *udev_monitor_unref(struct udev_monitor *monitor)
{
	if (monitor && monitor->fd >= 0)
		close(monitor->fd);
	free(monitor);
	return NULL;
}

int udev_monitor_filter_add_match_subsystem_devtype(struct udev_monitor *monitor,
                                                    const char *subsystem, const char *devtype)
{
	(void)monitor;
	(void)subsystem;
	(void)devtype;
	return 0;
}

int udev_monitor_enable_receiving(struct udev_monitor *monitor)
{
	(void)monitor;
	return 0;
}

int udev_monitor_get_fd(struct udev_monitor *monitor)
{
	return monitor->fd;
}

/* What stands behind `key` in the event of `len` bytes, or "". The event ends in a NUL. */
static const char *event_value(const char *event, size_t len, const char *key)
{
	const char *line;

	for (line = event; line < event + len; line += strlen(line) + 1)
		if (!strncmp(line, key, strlen(key)))
			return line + strlen(key);
	return "";
}

/* Only the kernel sends from port 0: another program's word that a device has gone is not believed. */
struct udev_device *udev_monitor_receive_device(struct udev_monitor *monitor)
{
	char event[4096];
	struct sockaddr_nl from = {0};
	socklen_t from_len = sizeof(from);
	ssize_t len = recvfrom(monitor->fd, event, sizeof(event) - 1, 0, (struct sockaddr *)&from,
	                       &from_len);
	struct udev_device *device;
	const char *name;

	if (len <= 0 || from.nl_pid)
		return NULL;
	event[len] = '\0';
	if (strcmp(event_value(event, (size_t)len, "SUBSYSTEM="), "usb") ||
	    strcmp(event_value(event, (size_t)len, "DEVTYPE="), "usb_device"))
		return NULL;
	device = calloc(1, sizeof(*device));
	if (!device)
		return NULL;
	name = strrchr(event_value(event, (size_t)len, "DEVPATH="), '/');
	snprintf(device->sysname, sizeof(device->sysname), "%.255s", name ? name + 1 : "");
	snprintf(device->node, sizeof(device->node), "/dev/%.58s",
	         event_value(event, (size_t)len, "DEVNAME="));
	snprintf(device->action, sizeof(device->action), "%.15s",
	         event_value(event, (size_t)len, "ACTION="));
	return device;
}
