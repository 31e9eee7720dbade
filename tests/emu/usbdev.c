/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usbdev.h"

#include <errno.h>
#include <stdlib.h>

void queue_push(struct usb_queue *queue, struct usb_urb *urb)
{
	urb->next = NULL;
	if (queue->tail)
		queue->tail->next = urb;
	else
		queue->head = urb;
	queue->tail = urb;
}

struct usb_urb *queue_pop(struct usb_queue *queue)
{
	struct usb_urb *urb = queue->head;

	if (!urb)
		return NULL;
	queue->head = urb->next;
	if (!queue->head)
		queue->tail = NULL;
	return urb;
}

bool queue_remove(struct usb_queue *queue, const struct usb_urb *urb)
{
	struct usb_urb **link = &queue->head, *before = NULL;

	while (*link && *link != urb) {
		before = *link;
		link = &before->next;
	}
	if (!*link)
		return false;
	*link = urb->next;
	if (queue->tail == urb)
		queue->tail = before;
	return true;
}

static uint64_t queue_len(const struct usb_queue *queue)
{
	uint64_t len = 0;

	for (const struct usb_urb *urb = queue->head; urb; urb = urb->next)
		len++;
	return len;
}

static bool is_in(const struct usb_urb *urb)
{
	return urb->endpoint & 0x80;
}

/* "> c101" or "< c301": what was sent and what was answered. */
static void record(const struct usb_device *dev, char way, const uint8_t *data, size_t len)
{
	if (!dev->record)
		return;
	fprintf(dev->record, "%c ", way);
	for (size_t i = 0; i < len; i++)
		fprintf(dev->record, "%02x", data[i]);
	fputc('\n', dev->record);
}

void usbdev_submit(struct usb_device *dev, struct usb_urb *urb, uint64_t now_ps)
{
	struct usb_pipe *pipe = is_in(urb) ? &dev->in : &dev->out;
	uint64_t nth = ++dev->bulk_seen;

	usbdev_run(dev, now_ps);
	urb->submitted_ps = now_ps;
	urb->untold = dev->faults.lose_over &&
	              queue_len(&dev->in.queue) + queue_len(&dev->out.queue) +
	                              queue_len(&dev->done) + queue_len(&dev->lost) >=
	                      dev->faults.lose_over;
	if (is_in(urb)) {
		dev->stats.urbs_in++;
	} else {
		dev->stats.urbs_out++;
		record(dev, '>', urb->data, urb->len);
		if (!dev->out.queue.head && dev->model->idle(dev))
			dev->stats.dry++;
	}
	if (nth == dev->faults.stall_at)
		pipe->halted = true;
	if (nth == dev->faults.silent_at)
		dev->silent = true;
	queue_push(&pipe->queue, urb);
	if (pipe->halted)
		usbdev_abort(dev, urb, -EPIPE, now_ps);
	else if (nth == dev->faults.error_at)
		usbdev_abort(dev, urb, -EPROTO, now_ps);
}

uint64_t usbdev_next(const struct usb_device *dev)
{
	return dev->model->next(dev);
}

void usbdev_step(struct usb_device *dev, uint64_t at_ps)
{
	dev->now_ps = at_ps;
	dev->model->step(dev);
}

void usbdev_run(struct usb_device *dev, uint64_t until_ps)
{
	uint64_t at_ps;

	while ((at_ps = usbdev_next(dev)) <= until_ps && at_ps != PS_NEVER)
		usbdev_step(dev, at_ps);
	if (dev->now_ps < until_ps)
		dev->now_ps = until_ps;
}

bool usbdev_run_to_done(struct usb_device *dev)
{
	uint64_t at_ps;

	while (!dev->done.head && (at_ps = usbdev_next(dev)) != PS_NEVER)
		usbdev_step(dev, at_ps);
	return dev->done.head;
}

static void finish(struct usb_device *dev, struct usb_urb *urb, int status, uint64_t at_ps)
{
	urb->status = status;
	urb->done_ps = at_ps;
	queue_push(&dev->done, urb);
}

void usbdev_complete(struct usb_device *dev, struct usb_pipe *pipe, int status, uint64_t at_ps)
{
	struct usb_urb *urb = queue_pop(&pipe->queue);

	if (pipe == &dev->in)
		dev->stats.bytes_in += urb->actual;
	if (pipe == &dev->in)
		record(dev, '<', urb->data, urb->actual);
	if (urb->untold) {
		dev->stats.lost++;
		queue_push(&dev->lost, urb);
	} else {
		finish(dev, urb, status, at_ps);
	}
}

void usbdev_abort(struct usb_device *dev, struct usb_urb *urb, int status, uint64_t at_ps)
{
	struct usb_pipe *pipe = is_in(urb) ? &dev->in : &dev->out;

	dev->model->forget(dev, urb);
	if (queue_remove(&pipe->queue, urb) || queue_remove(&dev->lost, urb))
		finish(dev, urb, status, at_ps);
}

size_t usbdev_in_packet(struct usb_device *dev, size_t len)
{
	dev->stats.packets_in++;
	if (dev->faults.short_in && ++dev->in_seen % dev->faults.short_in == 0)
		return len / 2;
	return len;
}

uint64_t usbdev_asked(const struct usb_device *dev, const struct usb_pipe *pipe)
{
	uint64_t at_ps;

	if (dev->silent || pipe->halted || !pipe->queue.head)
		return PS_NEVER;
	at_ps = pipe->queue.head->submitted_ps;
	if (at_ps < dev->now_ps)
		at_ps = dev->now_ps;
	return dev->line && at_ps < dev->line->free_ps ? dev->line->free_ps : at_ps;
}

void usbdev_take_line(struct usb_device *dev, uint64_t end_ps)
{
	if (!dev->line)
		return;
	dev->line->busy_ps += end_ps - dev->now_ps;
	dev->line->free_ps = end_ps;
}

static void free_queue(struct usb_queue *queue)
{
	struct usb_urb *urb;

	while ((urb = queue_pop(queue)) != NULL) {
		free(urb->data);
		free(urb);
	}
}

void usbdev_free(struct usb_device *dev)
{
	if (!dev)
		return;
	free_queue(&dev->out.queue);
	free_queue(&dev->in.queue);
	free_queue(&dev->done);
	free_queue(&dev->lost);
	free(dev->state);
	free(dev);
}
