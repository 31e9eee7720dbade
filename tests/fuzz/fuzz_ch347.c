/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a CH347 answers: frames of any form, in any number, while commands go out. */
#include "fuzz/fuzz.h"

#include "ch347_wire.h"
#include "fuzz/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t out[CH347_FRAME_MAX];
	struct ch347_wire wire;
	struct queue queue;
	bool sound = true;
	size_t ahead = 1 + input_byte(&input) % CH347_AHEAD_MAX;

	queue_make(&queue, &input);
	ch347_wire_begin(&wire, queue.msgs, queue.count, 60000000, ahead);
	while (input.left && sound) {
		uint8_t what = input_byte(&input);
		size_t len;
		const uint8_t *answer = input_bytes(&input, 2u * (what & 0x7F), &len);

		fuzz_must(ch347_wire_encode(&wire, out) <= sizeof(out));
		if (what == 0xC5)
			ch347_wire_stop(&wire);
		sound = !(what & 0x80) || ch347_wire_decode(&wire, answer, len);
		fuzz_must(wire.in_msg <= queue.count && wire.due_count <= ahead &&
		          (wire.in_msg == queue.count ||
		           wire.in_pos <= queue.msgs[wire.in_msg].rx_len) &&
		          ch347_wire_want(&wire) < 64);
	}
	queue_free(&queue);
	return 0;
}
