/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the targets of the USB adapters' codecs share: a queue of messages as the input has it. */
#ifndef NP_TESTS_FUZZ_WIRE_H
#define NP_TESTS_FUZZ_WIRE_H

#include "fuzz/fuzz.h"

#include "spi/spi.h"

#define QUEUE_MAX 8

/* Messages whose buffers are as long as they say, for a sanitizer to see the first byte behind. */
struct queue {
	struct spi_msg msgs[QUEUE_MAX];
	uint8_t *tx[QUEUE_MAX];
	size_t count;
};

struct input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t input_byte(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->at++;
}

/* At most `max` bytes of the input. */
static inline const uint8_t *input_bytes(struct input *input, size_t max, size_t *len)
{
	const uint8_t *at = input->at;

	*len = max < input->left ? max : input->left;
	input->at += *len;
	input->left -= *len;
	return at;
}

static inline void queue_make(struct queue *queue, struct input *input)
{
	memset(queue, 0, sizeof(*queue));
	queue->count = 1 + input_byte(input) % QUEUE_MAX;
	for (size_t i = 0; i < queue->count; i++) {
		struct spi_msg *msg = &queue->msgs[i];
		uint8_t form = input_byte(input);

		msg->cmd_len = 1 + form % 6;
		msg->pause_us = form & 0x40 ? input_byte(input) : 0;
		msg->tx_len = form & 0x80 ? 7u * input_byte(input) : 0;
		msg->rx_len = msg->tx_len ? 0 : 9u * input_byte(input);
		msg->tx = queue->tx[i] = calloc(1, msg->tx_len + 1);
		msg->rx = malloc(msg->rx_len ? msg->rx_len : 1);
	}
}

static inline void queue_free(struct queue *queue)
{
	for (size_t i = 0; i < queue->count; i++) {
		free(queue->tx[i]);
		free(queue->msgs[i].rx);
	}
}

#endif
