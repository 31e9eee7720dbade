/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysfs says: strings that a USB device chose, and the size of spidev's buffer, with the queue
 * that is then put into such buffers. */
#include "fuzz/fuzz.h"

#include <ctype.h>
#include <stdio.h>

#include "fuzz/wire.h"
#include "spidev_wire.h"
#include "usb/usb_sysfs.h"

/* A line as it is read: at most `size` bytes, ended. */
static char *sysfs_line(struct input *input, size_t size)
{
	char *line = malloc(size);
	size_t len;
	const uint8_t *bytes = input_bytes(input, size - 1, &len);

	memcpy(line, bytes, len);
	line[len] = '\0';
	return line;
}

static void fill_batches(size_t bufsiz, struct input *input)
{
	static struct spidev_batch batch;
	struct queue queue;
	size_t done = 0, total;

	queue_make(&queue, input);
	for (size_t i = 0; i < queue.count; i++) {
		struct spi_msg *msg = &queue.msgs[i];

		if (msg->cmd_len + msg->tx_len > spidev_max_tx(bufsiz) ||
		    msg->rx_len > spidev_max_rx(bufsiz))
			queue.count = 0;
	}
	while (done < queue.count) {
		spidev_fill(&batch, queue.msgs + done, queue.count - done, bufsiz, 0);
		fuzz_must(batch.taken && batch.taken <= queue.count - done &&
		          batch.count <= SPIDEV_TRANSFERS);
		total = 0;
		for (size_t i = 0; i < batch.count; i++)
			total += batch.transfers[i].tx ? batch.transfers[i].len : 0;
		fuzz_must(total <= bufsiz);
		done += batch.taken;
	}
	queue.count = QUEUE_MAX;
	queue_free(&queue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	char *number = sysfs_line(&input, 32), *text = sysfs_line(&input, 96);
	size_t bufsiz = spidev_bufsiz(number);

	fuzz_must(bufsiz <= SPIDEV_BUFSIZ_MOST);
	if (spidev_max_tx(bufsiz))
		fill_batches(bufsiz, &input);
	usb_sysfs_clean(text);
	for (const char *c = text; *c; c++)
		fuzz_must(!iscntrl((unsigned char)*c));
	free(number);
	free(text);
	return 0;
}
