/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *rig_name(enum emu_kind kind)
{
	static const char *const names[] = {"ch341a", "ft232h", "spidev", "ch347"};

	return names[kind];
}

/* ---- the chip ---- */

static int load_image(const char *path, struct norsim *sim, struct np_error *err)
{
	FILE *file = fopen(path, "rbe");
	size_t size = norsim_size(sim), len;
	bool longer;

	if (!file)
		return np_fail(err, NP_E_INPUT, "%s: %s", path, strerror(errno));
	len = fread(norsim_mem(sim), 1, size, file);
	longer = fgetc(file) != EOF;
	fclose(file);
	if (len != size || longer)
		return np_fail(err, NP_E_INPUT, "%s is not %zu bytes long", path, size);
	return 0;
}

static int save_image(const char *path, struct norsim *sim, struct np_error *err)
{
	FILE *file = fopen(path, "wbe");
	size_t size = norsim_size(sim);

	if (!file || fwrite(norsim_mem(sim), 1, size, file) != size || fclose(file))
		return np_fail(err, NP_E_OUTPUT, "%s: %s", path, strerror(errno));
	return 0;
}

/* The file of the n-th chip: a % in its name is n. NULL: it has none. */
static const char *file_of(const char *name, size_t index, char *buf, size_t len)
{
	const char *mark = name ? strchr(name, '%') : NULL;

	if (!mark)
		return index ? NULL : name;
	snprintf(buf, len, "%.*s%zu%s", (int)(mark - name), name, index + 1, mark + 1);
	return buf;
}

int rig_insert_chip(struct rig *rig, const struct emu_options *o, struct np_error *err)
{
	/* Each chip its own unique ID. */
	struct norsim_config config = {
		.part = o->chip, .parts_file = o->parts, .uid = rig->index ? rig->index + 1 : 0};
	char path[4096];
	const char *image = file_of(o->image, rig->index, path, sizeof(path));
	int result;

	if (!rig->index)
		config.faults = o->chip_faults;
	result = norsim_open(&config, &rig->sim, err);
	if (!result && image)
		result = load_image(image, rig->sim, err);
	return result;
}

int rig_save(const struct rig *rig, const struct emu_options *o, struct np_error *err)
{
	char path[4096];
	const char *save = file_of(o->save, rig->index, path, sizeof(path));

	return save ? save_image(save, rig->sim, err) : 0;
}

/* ---- the adapter ---- */

static const struct usbfs_identity identities[] = {
	[EMU_CH341A] = {.vendor = 0x1A86,
                        .product = 0x5512,
                        .version = 0x0304,
                        .name = "USB UART-LPT"},
	[EMU_FT232H] = {.high_speed = true,
                        .vendor = 0x0403,
                        .product = 0x6014,
                        .version = 0x0900,
                        .manufacturer = "FTDI",
                        .name = "Single RS232-HS"},
	[EMU_CH347] = {.high_speed = true,
                       .interface = 2,
                       .vendor = 0x1A86,
                       .product = 0x55DB,
                       .version = 0x0241,
                       .manufacturer = "wch.cn",
                       .name = "USB To UART+SPI+I2C"},
};

static struct usbfs_identity identity(struct rig *rig, const struct emu_options *o)
{
	struct usbfs_identity id = identities[rig->kind];
	bool ftdi = rig->kind == EMU_FT232H;

	if (o->vendor || o->product) {
		id.vendor = o->vendor;
		id.product = o->product;
	}
	if (id.product == 0x55DE) /* CH347F: two UARTs before the SPI interface */
		id.interface = 4;
	if (ftdi || o->serial) {
		snprintf(rig->serial, sizeof(rig->serial), "%s%.0zu",
		         o->serial ? o->serial : "FTEMU1", o->same_serial ? 0 : rig->index);
		id.serial = rig->serial;
	}
	return id;
}

static struct usb_device *(*const creators[])(struct wire *, const struct usb_faults *) = {
	[EMU_CH341A] = ch341a_create,
	[EMU_FT232H] = ft232h_create,
	[EMU_CH347] = ch347_create,
};

int rig_add_usb(struct rig *rig, const struct emu_options *o, struct np_error *err)
{
	struct usb_device *dev;

	wire_init(&rig->wire, rig->sim, o->hz ? o->hz : 1500000);
	rig->wire.fault = o->wire;
	dev = rig->usb.dev = creators[rig->kind](&rig->wire, &o->usb_faults);
	if (!dev)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	if (o->record && !rig->index)
		dev->record = fopen(o->record, "we");
	if (o->record && !rig->index && !dev->record)
		return np_fail(err, NP_E_OUTPUT, "%s: %s", o->record, strerror(errno));
	rig->usb.id = identity(rig, o);
	rig->usb.claimed_elsewhere = o->claimed;
	rig->usb.kernel_driver = o->kernel_driver;
	usbfs_init(&rig->usb, &rig->node);
	return 0;
}

void rig_free(struct rig *rig)
{
	if (rig->usb.dev && rig->usb.dev->record)
		fclose(rig->usb.dev->record);
	usbdev_free(rig->usb.dev);
	norsim_close(rig->sim);
}

/* ---- unplugging ---- */

bool rig_unplugs(const struct rig *rig, const struct emu_options *o)
{
	const struct norsim_stats *s = norsim_stats(rig->sim);

	if (rig->usb.unplugs || rig->spi.stats.unplugs ||
	    (o->victim && o->victim != rig->index + 1))
		return false;
	switch (o->unplug) {
	case UNPLUG_OPEN:
		return rig->node.ioctls > 0;
	case UNPLUG_IOCTLS:
		return rig->node.ioctls >= o->unplug_at;
	case UNPLUG_URBS:
		return rig->usb.dev->bulk_seen >= o->unplug_at;
	case UNPLUG_CLOCKS:
		return rig->wire.clocks >= o->unplug_at;
	case UNPLUG_READ:
		return s->bytes_read >= o->unplug_at;
	case UNPLUG_PAGES:
		return s->pages_programmed >= o->unplug_at;
	case UNPLUG_ERASES:
		return s->erases_4k + s->erases_32k + s->erases_64k + s->erases_256k +
		               s->erases_chip >=
		       o->unplug_at;
	default:
		return false;
	}
}
