/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usb/usb_sysfs.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void usb_sysfs_clean(char *text)
{
	for (size_t len = strlen(text); len && isspace((unsigned char)text[len - 1]); len--)
		text[len - 1] = '\0';
	for (char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
}

static void first_line(const char *path, char *buf, size_t size)
{
	FILE *file = fopen(path, "re");

	buf[0] = '\0';
	if (!file)
		return;
	if (!fgets(buf, (int)size, file))
		buf[0] = '\0';
	fclose(file);
	usb_sysfs_clean(buf);
}

void usb_sysfs_text(const char *where, const char *attribute, char *buf, size_t size)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s/%s", where, attribute);
	first_line(path, buf, size);
}

void usb_sysfs_driver(const char *where, unsigned interface, char *buf, size_t size)
{
	char path[256], target[256];
	const char *name;
	ssize_t len;

	buf[0] = '\0';
	snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s:1.%u/driver", where, interface);
	len = readlink(path, target, sizeof(target) - 1);
	if (len <= 0)
		return;
	target[len] = '\0';
	name = strrchr(target, '/');
	snprintf(buf, size, "%s", name ? name + 1 : target);
}

static bool has_open(const char *pid, const char *node)
{
	char path[300], target[256];
	size_t node_len = strlen(node);
	struct dirent *entry;
	bool found = false;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%.20s/fd/%.20s", pid, entry->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		if (len < (ssize_t)node_len)
			continue;
		target[len] = '\0';
		found = strcmp(target + len - node_len, node) == 0;
	}
	closedir(dir);
	return found;
}

bool usb_sysfs_holder(const char *node, char *buf, size_t size)
{
	struct dirent *entry;
	bool found = false;
	char path[64], name[64];
	DIR *dir = opendir("/proc");

	buf[0] = '\0';
	while (dir && !found && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]) || atoi(entry->d_name) == getpid() ||
		    !has_open(entry->d_name, node))
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/comm", entry->d_name);
		first_line(path, name, sizeof(name));
		snprintf(buf, size, "%s (pid %.20s)", name, entry->d_name);
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}

bool usb_sysfs_gone(const char *node)
{
	return access(node, F_OK) != 0;
}

bool usb_sysfs_may_open(const char *node)
{
	return access(node, R_OK | W_OK) == 0;
}

/* The rule file that norprog ships serves all adapters; a file made of the one at hand would hide it
 * and the next adapter's as well. */
void usb_sysfs_advise(const char *node, char *buf, size_t size)
{
	snprintf(buf, size,
	         "install norprog's udev rules once (`sudo make install`, or copy "
	         "udev/60-norprog.rules to /etc/udev/rules.d/), then `sudo udevadm control "
	         "--reload && sudo udevadm trigger` and replug it; the group is plugdev (`sudo "
	         "groupadd -f plugdev && sudo usermod -aG plugdev $USER`, then log in again); at "
	         "once: sudo setfacl -m u:$USER:rw %s",
	         node);
}
