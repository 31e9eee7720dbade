/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usbip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/usbdevice_fs.h>

/* The protocol: a head of 48 bytes, numbers big-endian, then the data (kernel: Documentation/usb/usbip_protocol). */
enum {
	CMD_SUBMIT = 1,
	CMD_UNLINK = 2,
	RET_SUBMIT = 3,
	RET_UNLINK = 4,
	WAY_IN = 1,
	SHORT_NOT_OK = 1, /* transfer_flags */
	HEAD = 48,
	MOST = 16 << 20, /* usbfs' own limit on what URBs may hold */
};

struct message {
	uint32_t command, number, device, way, endpoint;
	union {
		struct {
			uint32_t flags, len, start_frame, packets, interval;
			uint8_t setup[8];
		} submit;
		struct {
			uint32_t status, len, start_frame, packets, errors;
			uint8_t padding[8];
		} done;
		uint32_t unlinked; /* whose number, or the status of that */
		uint8_t all[28];
	};
};

_Static_assert(sizeof(struct message) == HEAD, "the head of a USB/IP message has 48 bytes");

static bool receive_all(int fd, void *data, size_t len)
{
	return !len || recv(fd, data, len, MSG_WAITALL) == (ssize_t)len;
}

static bool send_all(int fd, const struct message *head, const uint8_t *data, size_t len)
{
	struct iovec pieces[] = {{.iov_base = (void *)(uintptr_t)head, .iov_len = HEAD},
	                         {.iov_base = (void *)(uintptr_t)data, .iov_len = len}};
	struct msghdr message = {.msg_iov = pieces, .msg_iovlen = len ? 2 : 1};

	return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)(HEAD + len);
}

static void free_urb(struct usb_urb *urb)
{
	free(urb->data);
	free(urb);
}

static uint64_t on_grid(uint64_t at_ps)
{
	return (at_ps + USBFS_GRID_PS - 1) / USBFS_GRID_PS * USBFS_GRID_PS;
}

/* ---- answers ---- */

static bool tell(const struct usbip *link, const struct usb_urb *urb)
{
	bool control = urb->type == USBDEVFS_URB_TYPE_CONTROL;
	bool in = control ? urb->data[0] & 0x80 : urb->endpoint & 0x80;
	bool cut = in && (uint32_t)urb->client_buffer & SHORT_NOT_OK && urb->actual < urb->len;
	int status = urb->status || !cut ? urb->status : -EREMOTEIO;
	struct message head = {.command = htonl(RET_SUBMIT),
	                       .number = htonl((uint32_t)urb->client_addr)};

	head.done.status = htonl((uint32_t)status);
	head.done.len = htonl((uint32_t)urb->actual);
	return send_all(link->fd, &head, urb->data + (control ? 8 : 0), in ? urb->actual : 0);
}

static bool give_queue(struct usbip *link, struct usb_queue *queue, uint64_t now_ps)
{
	bool good = true;

	while (good && queue->head && on_grid(queue->head->done_ps) <= now_ps) {
		struct usb_urb *urb = queue_pop(queue);

		good = tell(link, urb);
		free_urb(urb);
	}
	return good;
}

bool usbip_give_back(struct usbip *link, uint64_t now_ps)
{
	return give_queue(link, &link->other, now_ps) &&
	       give_queue(link, &link->rig->usb.dev->done, now_ps);
}

uint64_t usbip_due(const struct usbip *link)
{
	const struct usb_device *dev = link->rig->usb.dev;
	uint64_t at_ps = dev->done.head ? dev->done.head->done_ps : usbdev_next(dev);

	if (link->other.head && link->other.head->done_ps < at_ps)
		at_ps = link->other.head->done_ps;
	return at_ps == PS_NEVER ? PS_NEVER : on_grid(at_ps);
}

/* ---- requests ---- */

/* What every device does without being asked what it is. */
static void note_control(struct usbip *link, const uint8_t *setup)
{
	struct usb_device *dev = link->rig->usb.dev;
	bool set_configuration = setup[0] == 0x00 && setup[1] == 9;
	bool clear_halt = setup[0] == 0x02 && setup[1] == 1 && !setup[2];

	if (set_configuration || (clear_halt && setup[4] == dev->model->out_ep))
		dev->out.halted = false;
	if (set_configuration || (clear_halt && setup[4] == dev->model->in_ep))
		dev->in.halted = false;
	link->configured = link->configured || set_configuration;
}

/* `message` with its data as a URB; NULL: the connection is broken. */
static struct usb_urb *read_urb(const struct usbip *link, const struct message *message)
{
	bool in = ntohl(message->way) == WAY_IN, control = !message->endpoint;
	size_t head = control ? 8 : 0, len = ntohl(message->submit.len);
	struct usb_urb *urb = len <= MOST ? calloc(1, sizeof(*urb)) : NULL;

	if (!urb)
		return NULL;
	*urb = (struct usb_urb){
		.client_addr = ntohl(message->number),
		.client_buffer = ntohl(message->submit.flags),
		.type = control ? USBDEVFS_URB_TYPE_CONTROL : USBDEVFS_URB_TYPE_BULK,
		.endpoint = (uint8_t)(ntohl(message->endpoint) | (in ? 0x80 : 0)),
		.len = head + len,
		.data = calloc(1, head + len + 1),
	};
	if (urb->data)
		memcpy(urb->data, message->submit.setup, head);
	if (urb->data && (in || receive_all(link->fd, urb->data + head, len)))
		return urb;
	free_urb(urb);
	return NULL;
}

static bool submit(struct usbip *link, const struct message *message, uint64_t now_ps)
{
	struct usb_device *dev = link->rig->usb.dev;
	struct usb_urb *urb = read_urb(link, message);

	if (!urb)
		return false;
	if (urb->type == USBDEVFS_URB_TYPE_CONTROL) {
		dev->stats.urbs_control++;
		note_control(link, urb->data);
		usbfs_control(&link->rig->usb, urb, now_ps);
		queue_push(&link->other, urb);
	} else if (urb->endpoint == dev->model->out_ep || urb->endpoint == dev->model->in_ep) {
		usbdev_submit(dev, urb, now_ps);
	} else {
		queue_push(&link->deaf, urb);
	}
	return true;
}

static struct usb_urb *find(const struct usb_queue *queue, uint32_t number)
{
	struct usb_urb *urb = queue->head;

	while (urb && urb->client_addr != number)
		urb = urb->next;
	return urb;
}

/* Take back what has not yet been told, wherever it waits; NULL: it has been told. */
static struct usb_urb *take_back(struct usbip *link, uint32_t number, uint64_t now_ps)
{
	struct usb_device *dev = link->rig->usb.dev;
	struct usb_queue *const queues[] = {&dev->out.queue, &dev->in.queue, &dev->lost,
	                                    &dev->done,      &link->other,   &link->deaf};

	for (size_t i = 0; i < sizeof(queues) / sizeof(queues[0]); i++) {
		struct usb_urb *urb = find(queues[i], number);

		if (!urb)
			continue;
		if (i < 3) {
			usbdev_abort(dev, urb, -ENOENT, now_ps);
			queue_remove(&dev->done, urb);
		} else {
			queue_remove(queues[i], urb);
		}
		return urb;
	}
	return NULL;
}

static bool unlink_urb(struct usbip *link, const struct message *message, uint64_t now_ps)
{
	struct usb_urb *urb = take_back(link, ntohl(message->unlinked), now_ps);
	struct message head = {.command = htonl(RET_UNLINK), .number = message->number};

	if (urb) {
		link->rig->usb.dev->stats.cancelled++;
		head.unlinked = htonl((uint32_t)-ECONNRESET);
		free_urb(urb);
	}
	return send_all(link->fd, &head, NULL, 0);
}

bool usbip_receive(struct usbip *link, uint64_t now_ps)
{
	struct message message;

	if (!receive_all(link->fd, &message, HEAD))
		return false;
	link->rig->node.ioctls++;
	switch (ntohl(message.command)) {
	case CMD_SUBMIT:
		return submit(link, &message, now_ps);
	case CMD_UNLINK:
		return unlink_urb(link, &message, now_ps);
	default:
		return false;
	}
}

static void forget(struct usb_queue *queue)
{
	struct usb_urb *urb;

	while ((urb = queue_pop(queue)) != NULL)
		free_urb(urb);
}

void usbip_close(struct usbip *link)
{
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
	forget(&link->other);
	forget(&link->deaf);
}
