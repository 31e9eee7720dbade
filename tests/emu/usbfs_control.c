/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors and control transfers: what every USB device answers, whatever it is good for. */
#include "usbfs.h"

#include <errno.h>
#include <string.h>

#define CONTROL_PS(high_speed) ((high_speed) ? 3 * PS_PER_US : 120 * PS_PER_US)

enum { DEVICE_LEN = 18, CONFIG_LEN = 9, INTERFACE_LEN = 9, ENDPOINT_LEN = 7, VENDOR_CLASS = 0xFF };

static uint8_t *put_endpoint(uint8_t *at, uint8_t address, uint8_t type, uint16_t packet,
                             uint8_t interval)
{
	const uint8_t endpoint[ENDPOINT_LEN] = {ENDPOINT_LEN,  5,           address, type,
	                                        packet & 0xFF, packet >> 8, interval};

	memcpy(at, endpoint, sizeof(endpoint));
	return at + sizeof(endpoint);
}

static uint8_t *put_device(const struct usbfs *fs, uint8_t *at)
{
	const struct usbfs_identity *id = &fs->id;
	const uint8_t device[DEVICE_LEN] = {
		DEVICE_LEN,
		1,
		id->high_speed ? 0x00 : 0x10,
		id->high_speed ? 0x02 : 0x01,
		id->high_speed ? 0x00 : VENDOR_CLASS,
		0,
		0,
		id->high_speed ? 64 : 8,
		id->vendor & 0xFF,
		id->vendor >> 8,
		id->product & 0xFF,
		id->product >> 8,
		id->version & 0xFF,
		id->version >> 8,
		id->manufacturer ? 1 : 0,
		id->name ? 2 : 0,
		id->serial ? 3 : 0,
		1,
	};

	memcpy(at, device, sizeof(device));
	return at + sizeof(device);
}

void usbfs_describe(struct usbfs *fs)
{
	const struct usb_model *model = fs->dev->model;
	uint64_t told = fs->dev->faults.told_packet;
	uint16_t packet = (uint16_t)(told ? told - 1 : model->bulk_packet);
	uint8_t endpoints = fs->id.high_speed ? 2 : 3;
	uint8_t interfaces = fs->id.interface + 1;
	uint8_t total =
		(uint8_t)(CONFIG_LEN + interfaces * INTERFACE_LEN + endpoints * ENDPOINT_LEN);
	const uint8_t config[CONFIG_LEN] = {CONFIG_LEN, 2, total, 0, interfaces, 1, 0, 0x80, 48};
	uint8_t *at = put_device(fs, fs->descriptors);

	memcpy(at, config, sizeof(config));
	at += sizeof(config);
	for (uint8_t i = 0; i < interfaces; i++) {
		bool ours = i == fs->id.interface;
		const uint8_t iface[INTERFACE_LEN] = {INTERFACE_LEN, 4, i, 0, ours ? endpoints : 0,
		                                      VENDOR_CLASS,  1, 2, 0};

		memcpy(at, iface, sizeof(iface));
		at += sizeof(iface);
	}
	at = put_endpoint(at, model->in_ep, 2, packet, 0);
	at = put_endpoint(at, model->out_ep, 2, packet, 0);
	if (!fs->id.high_speed) /* the CH341A's interrupt endpoint, unused in SPI mode */
		at = put_endpoint(at, 0x81, 3, 8, 1);
	fs->descriptors_len = (size_t)(at - fs->descriptors);
}

static int string_descriptor(const struct usbfs *fs, uint8_t index, uint8_t *data)
{
	const char *const strings[] = {fs->id.manufacturer, fs->id.name, fs->id.serial};
	const char *text;
	size_t i, len;

	if (!index) {
		memcpy(data, "\x04\x03\x09\x04", 4);
		return 4;
	}
	text = index <= 3 ? strings[index - 1] : NULL;
	if (!text)
		return -EPIPE;
	len = strlen(text);
	for (i = 0; i < len; i++) {
		data[2 + 2 * i] = (uint8_t)text[i];
		data[3 + 2 * i] = 0;
	}
	data[0] = (uint8_t)(2 + 2 * len);
	data[1] = 0x03;
	return data[0];
}

static int get_descriptor(const struct usbfs *fs, const struct usb_setup *setup, uint8_t *data)
{
	switch (setup->value >> 8) {
	case 1:
		memcpy(data, fs->descriptors, 18);
		return 18;
	case 2:
		memcpy(data, fs->descriptors + 18, fs->descriptors_len - 18);
		return (int)(fs->descriptors_len - 18);
	case 3:
		return string_descriptor(fs, setup->value & 0xFF, data);
	default:
		return -EPIPE;
	}
}

static int standard_request(struct usbfs *fs, const struct usb_setup *setup, uint8_t *data)
{
	if (setup->type == 0x80 && setup->request == 6)
		return get_descriptor(fs, setup, data);
	if (setup->type == 0x80 && setup->request == 8) {
		data[0] = 1; /* the configuration */
		return 1;
	}
	if ((setup->type & 0x1F) <= 1 && setup->request == 0) {
		data[0] = data[1] = 0; /* status */
		return 2;
	}
	return setup->type & 0x80 ? -EPIPE : 0;
}

void usbfs_control(struct usbfs *fs, struct usb_urb *urb, uint64_t now_ps)
{
	struct usb_setup setup = {
		.type = urb->data[0],
		.request = urb->data[1],
		.value = (uint16_t)(urb->data[2] | urb->data[3] << 8),
		.index = (uint16_t)(urb->data[4] | urb->data[5] << 8),
		.length = (uint16_t)(urb->data[6] | urb->data[7] << 8),
	};
	uint8_t answer[512] = {0};
	int len;

	if (setup.type & 0x60)
		len = fs->dev->model->control(fs->dev, &setup, answer);
	else
		len = standard_request(fs, &setup, answer);
	urb->status = len < 0 ? len : 0;
	if (len > setup.length)
		len = setup.length;
	if (len > 0 && setup.type & 0x80 && (size_t)len + 8 <= urb->len) {
		memcpy(urb->data + 8, answer, (size_t)len);
		urb->actual = (size_t)len;
	} else if (len >= 0 && !(setup.type & 0x80)) {
		urb->actual = urb->len - 8;
	}
	urb->done_ps = now_ps + CONTROL_PS(fs->id.high_speed);
}
