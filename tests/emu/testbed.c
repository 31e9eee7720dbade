/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "testbed.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <umockdev.h>

enum { MAX_DEVICES = 8, USB_MAJOR = 189, FIRST_ADDRESS = 2 };

#define HOST       "/devices/pci0000:00/0000:00:14.0"
#define HUB        HOST "/usb1"
#define PTY_LENGTH 64

struct device {
	char node[40];     /* "/dev/..." */
	char sys_name[16]; /* "1-1"; empty for spidev */
	unsigned interface;
	bool unplugged;
	char pty[PTY_LENGTH]; /* the slave's path */
	int master, slave;    /* -1: none */
};

struct testbed {
	UMockdevTestbed *mock;
	char *root;
	struct device devices[MAX_DEVICES];
	size_t count;
};

int testbed_create(struct testbed **result, struct np_error *err)
{
	struct testbed *bed = calloc(1, sizeof(*bed));

	if (!bed)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	bed->mock = umockdev_testbed_new();
	bed->root = umockdev_testbed_get_root_dir(bed->mock);
	*result = bed;
	return 0;
}

static int describe(struct testbed *bed, const char *text, struct np_error *err)
{
	GError *error = NULL;

	if (umockdev_testbed_add_from_string(bed->mock, text, &error))
		return 0;
	np_fail(err, NP_E_FAIL, "describe a device: %s", error ? error->message : "refused");
	g_clear_error(&error);
	return NP_E_FAIL;
}

static void bed_path(const struct testbed *bed, char *buf, const char *path)
{
	snprintf(buf, PATH_MAX, "%s%s", bed->root, path);
}

static void make_dirs(char *path)
{
	char *slash = path;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = 0;
		mkdir(path, 0755);
		*slash = '/';
	}
}

/* ---- USB ---- */

static int open_pty(struct testbed *bed, struct device *device, struct np_error *err)
{
	char path[PATH_MAX];
	struct termios raw;

	device->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (device->master < 0 || grantpt(device->master) || unlockpt(device->master) ||
	    ptsname_r(device->master, device->pty, sizeof(device->pty)))
		return np_fail(err, NP_E_FAIL, "open a pty: %s", strerror(errno));
	device->slave = open(device->pty, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (device->slave < 0 || tcgetattr(device->slave, &raw))
		return np_fail(err, NP_E_FAIL, "open %s: %s", device->pty, strerror(errno));
	cfmakeraw(&raw);
	tcsetattr(device->slave, TCSANOW, &raw);
	bed_path(bed, path, device->node);
	make_dirs(path);
	unlink(path);
	if (symlink(device->pty, path))
		return np_fail(err, NP_E_FAIL, "create %s: %s", path, strerror(errno));
	return 0;
}

static char *hex(const uint8_t *data, size_t len)
{
	char *text = malloc(2 * len + 1);
	size_t i;

	for (i = 0; text && i < len; i++)
		sprintf(text + 2 * i, "%02X", data[i]);
	return text;
}

/* The bus that the adapters hang on; libusb looks for it as their parent. */
static int add_hub(struct testbed *bed, struct np_error *err)
{
	const uint8_t descriptors[] = {
		18, 1, 0,  2, 9, 0, 1, 64,   0x6B, 0x1D, 2, 0,    0, 6, 0, 0,  0, 1, /* device */
		9,  2, 25, 0, 1, 1, 0, 0xE0, 0,                                /* configuration */
		9,  4, 0,  0, 1, 9, 0, 0,    0,    7,    5, 0x81, 3, 4, 0, 12, /* interface,
	                                                                          endpoint */
	};
	char text[1024], *bytes = hex(descriptors, sizeof(descriptors));

	snprintf(text, sizeof(text),
	         "P: " HUB "\n"
	         "E: DEVNAME=/dev/bus/usb/001/001\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\n"
	         "E: BUSNUM=001\nE: DEVNUM=001\nE: MAJOR=189\nE: MINOR=0\nN: bus/usb/001/001\n"
	         "A: dev=189:0\\n\nA: busnum=1\\n\nA: devnum=1\\n\nA: bConfigurationValue=1\\n\n"
	         "A: speed=480\\n\nA: idVendor=1d6b\\n\nA: idProduct=0002\\n\n"
	         "H: descriptors=%s\n",
	         bytes ? bytes : "");
	free(bytes);
	return describe(bed, text, err);
}

static size_t attribute(char *at, size_t room, const char *name, const char *value)
{
	return value ? (size_t)snprintf(at, room, "A: %s=%s\\n\n", name, value) : 0;
}

static int add_device(struct testbed *bed, const struct testbed_usb *usb,
                      const struct device *device, struct np_error *err)
{
	unsigned address = (unsigned)bed->count + FIRST_ADDRESS;
	char text[2048], *bytes = hex(usb->descriptors, usb->descriptors_len);
	size_t len;

	len = (size_t)snprintf(
		text, sizeof(text),
		"P: " HUB "/%s\n"
		"E: DEVNAME=%s\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\nE: DRIVER=usb\n"
		"E: BUSNUM=001\nE: DEVNUM=%03u\nE: MAJOR=%d\nE: MINOR=%u\n"
		"E: PRODUCT=%x/%x/%x\nE: ID_VENDOR_ID=%04x\nE: ID_MODEL_ID=%04x\n"
		"A: dev=%d:%u\\n\nA: busnum=1\\n\nA: devnum=%u\\n\nA: devpath=%s\\n\n"
		"A: bConfigurationValue=1\\n\nA: bNumInterfaces= %u\\n\nA: speed=%s\\n\n"
		"A: idVendor=%04x\\n\nA: idProduct=%04x\\n\nA: bcdDevice=%04x\\n\n"
		"H: descriptors=%s\n",
		device->sys_name, device->node, address, USB_MAJOR, address - 1, usb->vendor,
		usb->product, usb->version, usb->vendor, usb->product, USB_MAJOR, address - 1,
		address, device->sys_name + 2, usb->interface + 1u, usb->high_speed ? "480" : "12",
		usb->vendor, usb->product, usb->version, bytes ? bytes : "");
	len += attribute(text + len, sizeof(text) - len, "manufacturer", usb->manufacturer);
	len += attribute(text + len, sizeof(text) - len, "product", usb->name);
	attribute(text + len, sizeof(text) - len, "serial", usb->serial);
	free(bytes);
	return describe(bed, text, err);
}

static int add_interface(struct testbed *bed, const struct testbed_usb *usb, struct device *device,
                         struct np_error *err)
{
	char text[1024], link[128] = "";

	if (usb->kernel_driver)
		snprintf(link, sizeof(link),
		         "E: DRIVER=%s\nL: driver=../../../../../../bus/usb/drivers/%s\n",
		         usb->kernel_driver, usb->kernel_driver);
	snprintf(
		text, sizeof(text),
		"P: " HUB "/%s/%s:1.%u\n"
		"E: DEVTYPE=usb_interface\nE: SUBSYSTEM=usb\n%s"
		"A: bInterfaceNumber=%02x\\n\nA: bInterfaceClass=ff\\n\nA: bAlternateSetting= 0\\n\n",
		device->sys_name, device->sys_name, usb->interface, link, usb->interface);
	device->interface = usb->interface;
	return describe(bed, text, err);
}

int testbed_add_usb(struct testbed *bed, const struct testbed_usb *usb, struct np_error *err)
{
	struct device *device = &bed->devices[bed->count];
	int result;

	if (!bed->count && (result = add_hub(bed, err)) != 0)
		return result;
	snprintf(device->node, sizeof(device->node), "/dev/bus/usb/001/%03zu",
	         bed->count + FIRST_ADDRESS);
	snprintf(device->sys_name, sizeof(device->sys_name), "1-%zu", bed->count + 1);
	result = add_device(bed, usb, device, err);
	if (!result)
		result = add_interface(bed, usb, device, err);
	if (!result)
		result = open_pty(bed, device, err);
	if (!result)
		bed->count++;
	return result;
}

/* ---- spidev ---- */

static int write_file(const struct testbed *bed, const char *name, const char *data, size_t len,
                      struct np_error *err)
{
	char path[PATH_MAX];
	FILE *file;

	bed_path(bed, path, name);
	make_dirs(path);
	file = fopen(path, "we");
	if (!file || fwrite(data, 1, len, file) != len || fclose(file))
		return np_fail(err, NP_E_FAIL, "write %s: %s", path, strerror(errno));
	return 0;
}

static int write_bufsiz(const struct testbed *bed, uint32_t bufsiz, struct np_error *err)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u\n", bufsiz);

	return write_file(bed, "/sys/module/spidev/parameters/bufsiz", text, (size_t)len, err);
}

int testbed_add_spidev(struct testbed *bed, uint32_t bufsiz, bool pi5, struct np_error *err)
{
	static const char tree[] = "raspberrypi,5-model-b\0brcm,bcm2712";
	struct device *device = &bed->devices[bed->count];
	size_t cs = bed->count;
	unsigned number = pi5 ? 10 : 0;
	char text[512];
	int result;

	snprintf(text, sizeof(text),
	         "P: /devices/platform/soc/fe204000.spi/spi_master/spi%u/spi%u.%zu/spidev/"
	         "spidev%u.%zu\n"
	         "N: spidev%u.%zu=00\n"
	         "E: DEVNAME=/dev/spidev%u.%zu\nE: SUBSYSTEM=spidev\nE: MAJOR=153\nE: MINOR=%zu\n"
	         "A: dev=153:%zu\\n\n",
	         number, number, cs, number, cs, number, cs, number, cs, cs, cs);
	result = describe(bed, text, err);
	snprintf(device->node, sizeof(device->node), "/dev/spidev%u.%zu", number, cs);
	device->master = device->slave = -1;
	if (!result && bufsiz)
		result = write_bufsiz(bed, bufsiz, err);
	if (!result && pi5)
		result = write_file(bed, "/sys/firmware/devicetree/base/compatible", tree,
		                    sizeof(tree), err);
	if (!result)
		bed->count++;
	return result;
}

/* ---- while it runs ---- */

const char *testbed_node(const struct testbed *bed, size_t index)
{
	return bed->devices[index].node;
}

const char *testbed_socket(struct testbed *bed, size_t index, char *buf, size_t len)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/ioctl%s", bed->root, bed->devices[index].node);
	make_dirs(path);
	snprintf(buf, len, "%s", path);
	return buf;
}

void testbed_set_ready(struct testbed *bed, size_t index, bool ready)
{
	struct device *device = &bed->devices[index];

	if (device->slave >= 0)
		tcflow(device->slave, ready ? TCOON : TCOOFF);
}

void testbed_deny(struct testbed *bed, size_t index)
{
	const struct device *device = &bed->devices[index];
	char path[PATH_MAX];

	bed_path(bed, path, device->node);
	chmod(device->slave >= 0 ? device->pty : path, 0);
}

static void sys_links(const struct testbed *bed, size_t index, void (*act)(const char *path))
{
	const struct device *device = &bed->devices[index];
	char path[PATH_MAX], name[80];

	snprintf(name, sizeof(name), "/sys/bus/usb/devices/%s", device->sys_name);
	bed_path(bed, path, name);
	act(path);
	snprintf(name, sizeof(name), "/sys/bus/usb/devices/%s:1.%u", device->sys_name,
	         device->interface);
	bed_path(bed, path, name);
	act(path);
}

/* A link is hidden by another place, which no program looks at. */
static void hide(const char *path)
{
	char other[PATH_MAX + 8];
	const char *name = strrchr(path, '/') + 1;

	snprintf(other, sizeof(other), "%.*s../%s", (int)(name - path), path, name);
	rename(path, other);
}

static void show(const char *path)
{
	char other[PATH_MAX + 8];
	const char *name = strrchr(path, '/') + 1;

	snprintf(other, sizeof(other), "%.*s../%s", (int)(name - path), path, name);
	rename(other, path);
}

void testbed_unplug(struct testbed *bed, size_t index)
{
	struct device *device = &bed->devices[index];
	char path[PATH_MAX];

	if (device->unplugged)
		return;
	device->unplugged = true;
	bed_path(bed, path, device->node);
	if (!*device->sys_name) {
		hide(path);
		return;
	}
	sys_links(bed, index, hide);
	unlink(path);
	close(device->master); /* hangs up the slave: POLLERR for whoever has it open */
	close(device->slave);
	device->master = device->slave = -1;
}

int testbed_replug(struct testbed *bed, size_t index, struct np_error *err)
{
	struct device *device = &bed->devices[index];

	if (!device->unplugged)
		return 0;
	device->unplugged = false;
	if (!*device->sys_name) {
		char path[PATH_MAX];

		bed_path(bed, path, device->node);
		show(path);
		return 0;
	}
	sys_links(bed, index, show);
	return open_pty(bed, device, err);
}

void testbed_free(struct testbed *bed)
{
	size_t i;

	if (!bed)
		return;
	for (i = 0; i < bed->count; i++) {
		if (bed->devices[i].master < 0)
			continue;
		close(bed->devices[i].slave);
		close(bed->devices[i].master);
	}
	g_object_unref(bed->mock);
	g_free(bed->root);
	free(bed);
}
