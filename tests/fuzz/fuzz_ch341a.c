/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a CH341A answers: packets of any length, in any number, while requests go out. */
#include "fuzz/fuzz.h"

#include "ch341a_wire.h"
#include "fuzz/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t out[8 * CH341A_PACKET];
	struct ch341a_wire wire;
	struct queue queue;
	bool sound = true;
	size_t due;

	queue_make(&queue, &input);
	ch341a_wire_begin(&wire, queue.msgs, queue.count);
	due = ch341a_wire_due(&wire);
	while (input.left && sound) {
		uint8_t what = input_byte(&input);
		size_t len;
		const uint8_t *answer = input_bytes(&input, what & 0x3F, &len);

		fuzz_must(ch341a_wire_encode(&wire, out, sizeof(out)) <= sizeof(out));
		if (what == 0xC5)
			ch341a_wire_stop(&wire);
		sound = ch341a_wire_decode(&wire, answer, len);
		fuzz_must(ch341a_wire_due(&wire) <= due && wire.in_msg <= queue.count &&
		          wire.sound <= wire.in_msg);
	}
	queue_free(&queue);
	return 0;
}
