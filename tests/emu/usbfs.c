/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usbfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/usbdevice_fs.h>

#include "client.h"

#define IOCTL_PS      (2 * PS_PER_US)
#define MAX_URB_BYTES (16u << 20) /* usbfs' own limit on what URBs may hold */

struct conn {
	pid_t pid;
};

static struct usbfs *fs_of(struct node *node)
{
	return node->state;
}

static uint64_t on_grid(uint64_t at_ps)
{
	return (at_ps + USBFS_GRID_PS - 1) / USBFS_GRID_PS * USBFS_GRID_PS;
}

/* ---- connections ---- */

static void *fs_open(struct node *node, pid_t pid)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	(void)node;
	if (conn)
		conn->pid = pid;
	return conn;
}

static void drop_urbs(struct usb_queue *queue, struct usb_device *dev, const void *owner)
{
	struct usb_queue keep = {0};
	struct usb_urb *urb;

	while ((urb = queue_pop(queue)) != NULL) {
		if (urb->owner != owner) {
			queue_push(&keep, urb);
			continue;
		}
		dev->model->forget(dev, urb);
		free(urb->data);
		free(urb);
	}
	*queue = keep;
}

static void fs_close(struct node *node, void *conn)
{
	struct usbfs *fs = fs_of(node);

	drop_urbs(&fs->dev->out.queue, fs->dev, conn);
	drop_urbs(&fs->dev->in.queue, fs->dev, conn);
	drop_urbs(&fs->dev->done, fs->dev, conn);
	drop_urbs(&fs->dev->lost, fs->dev, conn);
	if (fs->claimed == conn)
		fs->claimed = NULL;
	free(conn);
}

/* ---- interface ---- */

static long claim(struct usbfs *fs, const void *conn, unsigned int iface)
{
	if (iface != fs->id.interface)
		return iface < fs->id.interface ? -EBUSY : -EINVAL;
	if (fs->claimed == conn)
		return 0;
	if (fs->claimed || fs->claimed_elsewhere || fs->kernel_driver)
		return -EBUSY;
	fs->claimed = conn;
	return 0;
}

static long claim_by(struct usbfs *fs, struct conn *conn, uint64_t arg)
{
	unsigned int iface;

	return client_peek(conn->pid, arg, &iface, sizeof(iface)) ? claim(fs, conn, iface)
	                                                          : -EFAULT;
}

static long release(struct usbfs *fs, const void *conn)
{
	if (fs->claimed != conn)
		return -EINVAL;
	fs->claimed = NULL;
	return 0;
}

static long get_driver(struct usbfs *fs, struct conn *conn, uint64_t arg)
{
	struct usbdevfs_getdriver get = {0};
	const char *name = fs->claimed || fs->claimed_elsewhere ? "usbfs" : fs->kernel_driver;

	if (!name)
		return -ENODATA;
	strncpy(get.driver, name, sizeof(get.driver) - 1);
	return client_poke(conn->pid, arg, &get, sizeof(get)) ? 0 : -EFAULT;
}

static void detach(struct usbfs *fs)
{
	if (fs->kernel_driver)
		fs->detached = fs->kernel_driver;
	fs->kernel_driver = NULL;
}

/* As the kernel: the driver binds again when nobody holds the interface; 1 is success. */
static long attach(struct usbfs *fs)
{
	if (fs->claimed || fs->claimed_elsewhere)
		return -EBUSY;
	if (!fs->detached)
		return 0;
	fs->kernel_driver = fs->detached;
	fs->detached = NULL;
	return 1;
}

static long disconnect_claim(struct usbfs *fs, struct conn *conn, uint64_t arg)
{
	struct usbdevfs_disconnect_claim dc;

	if (!client_peek(conn->pid, arg, &dc, sizeof(dc)))
		return -EFAULT;
	if (fs->claimed_elsewhere || (fs->claimed && fs->claimed != conn))
		return -EBUSY;
	detach(fs);
	return claim(fs, conn, dc.interface);
}

static long driver_ioctl(struct usbfs *fs, struct conn *conn, uint64_t arg)
{
	struct usbdevfs_ioctl command;

	if (!client_peek(conn->pid, arg, &command, sizeof(command)))
		return -EFAULT;
	if (command.ioctl_code == USBDEVFS_CONNECT)
		return attach(fs);
	if (command.ioctl_code != USBDEVFS_DISCONNECT || !fs->kernel_driver)
		return -ENODATA;
	detach(fs);
	return 0;
}

static long clear_halt(struct usbfs *fs, struct conn *conn, uint64_t arg)
{
	unsigned int endpoint;

	if (!client_peek(conn->pid, arg, &endpoint, sizeof(endpoint)))
		return -EFAULT;
	if (endpoint == fs->dev->model->out_ep)
		fs->dev->out.halted = false;
	else if (endpoint == fs->dev->model->in_ep)
		fs->dev->in.halted = false;
	else
		return -EINVAL;
	return 0;
}

/* ---- URBs ---- */

/* Control completions may overtake bulk ones that end later; keep the list in order. */
static void insert_done(struct usb_queue *done, struct usb_urb *urb)
{
	struct usb_queue sorted = {0};
	struct usb_urb *other;

	while ((other = queue_pop(done)) != NULL) {
		if (urb && other->done_ps > urb->done_ps) {
			queue_push(&sorted, urb);
			urb = NULL;
		}
		queue_push(&sorted, other);
	}
	if (urb)
		queue_push(&sorted, urb);
	*done = sorted;
}

static struct usb_urb *read_urb(struct conn *conn, uint64_t arg, int *error)
{
	struct usbdevfs_urb theirs;
	struct usb_urb *urb;
	bool control;

	*error = -EFAULT;
	if (!client_peek(conn->pid, arg, &theirs, sizeof(theirs)))
		return NULL;
	control = theirs.type == USBDEVFS_URB_TYPE_CONTROL;
	*error = -EINVAL;
	if (theirs.buffer_length < (control ? 8 : 0) || theirs.type == USBDEVFS_URB_TYPE_ISO)
		return NULL;
	*error = -ENOMEM;
	if (theirs.buffer_length > (int)MAX_URB_BYTES)
		return NULL;
	urb = calloc(1, sizeof(*urb));
	if (!urb)
		return NULL;
	urb->len = (size_t)theirs.buffer_length;
	urb->data = malloc(urb->len + 1);
	urb->owner = conn;
	urb->client_addr = arg;
	urb->client_buffer = (uint64_t)(uintptr_t)theirs.buffer;
	urb->type = theirs.type;
	urb->endpoint = theirs.endpoint;
	if (urb->data && (control || !(urb->endpoint & 0x80)) &&
	    !client_peek(conn->pid, urb->client_buffer, urb->data, urb->len))
		*error = -EFAULT;
	else if (urb->data)
		return urb;
	free(urb->data);
	free(urb);
	return NULL;
}

static long submit(struct node *node, struct conn *conn, uint64_t arg)
{
	struct usbfs *fs = fs_of(node);
	uint64_t now_ps = clock_now(node->clock);
	struct usb_urb *urb;
	int error;

	urb = read_urb(conn, arg, &error);
	if (!urb)
		return error;
	if (urb->type == USBDEVFS_URB_TYPE_CONTROL) {
		fs->dev->stats.urbs_control++;
		usbfs_control(fs, urb, now_ps);
		insert_done(&fs->dev->done, urb);
		return 0;
	}
	if (fs->claimed != conn ||
	    (urb->endpoint != fs->dev->model->out_ep && urb->endpoint != fs->dev->model->in_ep)) {
		free(urb->data);
		free(urb);
		return fs->claimed != conn ? -EINVAL : -ENOENT;
	}
	usbdev_submit(fs->dev, urb, now_ps);
	return 0;
}

static struct usb_urb *find_urb(const struct usb_queue *queue, const void *owner, uint64_t addr)
{
	struct usb_urb *urb = queue->head;

	while (urb && (urb->owner != owner || urb->client_addr != addr))
		urb = urb->next;
	return urb;
}

static long discard(struct node *node, struct conn *conn, uint64_t addr)
{
	struct usb_device *dev = fs_of(node)->dev;
	struct usb_urb *urb = find_urb(&dev->out.queue, conn, addr);

	if (!urb)
		urb = find_urb(&dev->in.queue, conn, addr);
	if (!urb)
		urb = find_urb(&dev->lost, conn, addr);
	if (!urb)
		return -EINVAL; /* already completed, or never submitted */
	usbdev_abort(dev, urb, -ENOENT, clock_now(node->clock));
	dev->stats.cancelled++;
	return 0;
}

static struct usb_urb *first_done(const struct usbfs *fs, const void *owner)
{
	struct usb_urb *urb = fs->dev->done.head;

	while (urb && urb->owner != owner)
		urb = urb->next;
	return urb;
}

/* The next completion of this connection; in virtual time the wait for it is over at once. */
static struct usb_urb *next_done(struct node *node, const void *owner)
{
	struct usbfs *fs = fs_of(node);
	struct usb_urb *urb = first_done(fs, owner);
	uint64_t now_ps = clock_now(node->clock);

	if (urb && on_grid(urb->done_ps) <= now_ps)
		return urb;
	if (node->clock->real || node->together)
		return NULL;
	fs->dev->stats.waits++;
	if (!urb && usbdev_run_to_done(fs->dev))
		urb = first_done(fs, owner);
	if (urb) {
		clock_reach(node->clock, on_grid(urb->done_ps));
		usbdev_run(fs->dev, clock_now(node->clock));
	}
	return urb;
}

/* What the kernel writes back: the bytes that came in, the status, the length, and for whom it is. */
static bool give_back(const struct conn *conn, const struct usb_urb *urb, uint64_t told_at)
{
	bool control = urb->type == USBDEVFS_URB_TYPE_CONTROL;
	bool in = control ? urb->data[0] & 0x80 : urb->endpoint & 0x80;
	size_t head = control ? 8 : 0;
	uint64_t addr = urb->client_addr;
	int status = urb->status, actual = (int)urb->actual;
	const struct client_piece pieces[] = {
		{addr + offsetof(struct usbdevfs_urb, status), &status, sizeof(status)},
		{addr + offsetof(struct usbdevfs_urb, actual_length), &actual, sizeof(actual)},
		{told_at, &addr, sizeof(addr)},
		{urb->client_buffer + head, urb->data + head, in ? urb->actual : 0},
	};

	return client_poke_all(conn->pid, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

static long reap(struct node *node, struct conn *conn, uint64_t arg)
{
	struct usbfs *fs = fs_of(node);
	struct usb_urb *urb = next_done(node, conn);
	bool given;

	if (!urb)
		return node->gone ? -ENODEV : -EAGAIN;
	given = give_back(conn, urb, arg);
	queue_remove(&fs->dev->done, urb);
	free(urb->data);
	free(urb);
	return given ? 0 : -EFAULT;
}

/* ---- the node ---- */

static long capabilities(struct conn *conn, uint64_t arg)
{
	uint32_t caps = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
	                USBDEVFS_CAP_BULK_SCATTER_GATHER | USBDEVFS_CAP_REAP_AFTER_DISCONNECT;

	return client_poke(conn->pid, arg, &caps, sizeof(caps)) ? 0 : -EFAULT;
}

static long reset(struct node *node)
{
	struct usb_device *dev = fs_of(node)->dev;

	dev->out.halted = dev->in.halted = false;
	dev->model->reset(dev);
	return 0;
}

static long fs_ioctl(struct node *node, void *opaque, unsigned int request, uint64_t arg)
{
	struct usbfs *fs = fs_of(node);
	struct conn *conn = opaque;

	usbdev_run(fs->dev, clock_now(node->clock));
	if (node->gone && request != USBDEVFS_REAPURBNDELAY)
		return -ENODEV;
	switch (request) {
	case USBDEVFS_SUBMITURB:
		return submit(node, conn, arg);
	case USBDEVFS_REAPURBNDELAY:
		return reap(node, conn, arg);
	case USBDEVFS_DISCARDURB:
		return discard(node, conn, arg);
	case USBDEVFS_GET_CAPABILITIES:
		return capabilities(conn, arg);
	case USBDEVFS_CLAIMINTERFACE:
		return claim_by(fs, conn, arg);
	case USBDEVFS_RELEASEINTERFACE:
		return release(fs, conn);
	case USBDEVFS_GETDRIVER:
		return get_driver(fs, conn, arg);
	case USBDEVFS_DISCONNECT_CLAIM:
		return disconnect_claim(fs, conn, arg);
	case USBDEVFS_IOCTL:
		return driver_ioctl(fs, conn, arg);
	case USBDEVFS_CLEAR_HALT:
	case USBDEVFS_RESETEP:
		return clear_halt(fs, conn, arg);
	case USBDEVFS_RESET:
		return reset(node);
	case USBDEVFS_GET_SPEED:
		return fs->id.high_speed ? 3 : 2;
	case USBDEVFS_SETCONFIGURATION:
	case USBDEVFS_SETINTERFACE:
		return 0;
	default:
		return -ENOTTY;
	}
}

static long fs_transfer(struct node *node, void *conn, bool write, uint64_t addr, size_t len)
{
	const struct usbfs *fs = fs_of(node);

	if (write)
		return -EINVAL;
	if (len > fs->descriptors_len)
		len = fs->descriptors_len;
	return client_poke(((struct conn *)conn)->pid, addr, fs->descriptors, len) ? (long)len
	                                                                           : -EFAULT;
}

static bool fs_ready(struct node *node)
{
	struct usb_device *dev = fs_of(node)->dev;

	if (dev->done.head && !node->clock->real)
		return true;
	if (!node->clock->real) /* a reap would find out; to run ahead of the client now would be
	                           wrong */
		return (dev->out.queue.head || dev->in.queue.head) &&
		       dev->model->next(dev) != PS_NEVER;
	usbdev_run(dev, clock_now(node->clock));
	return dev->done.head && on_grid(dev->done.head->done_ps) <= clock_now(node->clock);
}

static uint64_t fs_due(struct node *node)
{
	const struct usb_device *dev = fs_of(node)->dev;

	if (dev->done.head)
		return on_grid(dev->done.head->done_ps);
	return dev->model->next(dev);
}

static uint64_t fs_when(struct node *node, void *conn, unsigned int request)
{
	const struct usbfs *fs = fs_of(node);
	uint64_t now_ps = clock_now(node->clock);
	const struct usb_urb *urb;

	if (request != USBDEVFS_REAPURBNDELAY || node->gone)
		return now_ps;
	urb = first_done(fs, conn);
	if (urb)
		return on_grid(urb->done_ps) > now_ps ? on_grid(urb->done_ps) : now_ps;
	/* Where nothing will come by itself it hears so, and looks at its own clock. */
	return usbdev_next(fs->dev) != PS_NEVER ? PS_NEVER : now_ps;
}

static uint64_t fs_next(struct node *node)
{
	return node->gone ? PS_NEVER : usbdev_next(fs_of(node)->dev);
}

static void fs_step(struct node *node, uint64_t at_ps)
{
	usbdev_step(fs_of(node)->dev, at_ps);
}

static const struct node_ops usbfs_ops = {
	.open = fs_open,
	.close = fs_close,
	.ioctl = fs_ioctl,
	.transfer = fs_transfer,
	.ready = fs_ready,
	.due = fs_due,
	.when = fs_when,
	.next = fs_next,
	.step = fs_step,
};

void usbfs_init(struct usbfs *fs, struct node *node)
{
	usbfs_describe(fs);
	node->ops = &usbfs_ops;
	node->state = fs;
	node->ioctl_ps = IOCTL_PS;
}

static void abort_all(struct usb_device *dev, struct usb_pipe *pipe, uint64_t now_ps)
{
	while (pipe->queue.head)
		usbdev_abort(dev, pipe->queue.head, -ESHUTDOWN, now_ps);
}

void usbfs_unplug(struct node *node)
{
	struct usbfs *fs = fs_of(node);
	uint64_t now_ps = clock_now(node->clock);

	if (node->gone)
		return;
	node->gone = true;
	fs->unplugs++;
	fs->claimed = NULL;
	abort_all(fs->dev, &fs->dev->out, now_ps);
	abort_all(fs->dev, &fs->dev->in, now_ps);
	while (fs->dev->lost.head)
		usbdev_abort(fs->dev, fs->dev->lost.head, -ESHUTDOWN, now_ps);
	wire_power_off(fs->dev->wire, now_ps);
}

void usbfs_replug(struct node *node)
{
	struct usbfs *fs = fs_of(node);

	if (!node->gone)
		return;
	node->gone = false;
	fs->dev->now_ps = clock_now(node->clock);
	wire_power_on(fs->dev->wire, fs->dev->now_ps);
	reset(node);
}
