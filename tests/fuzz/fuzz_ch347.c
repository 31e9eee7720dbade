/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a CH347 answers while commands go out: frames that are as they should be but for their
 * contents and length, and anything else. */
#include "fuzz/fuzz.h"

#include "ch347_wire.h"
#include "fuzz/wire.h"

static void ch347_holds(const struct ch347_wire *wire)
{
	size_t most = 8;

	for (size_t i = 0; i < wire->count; i++)
		most += wire->msgs[i].rx_len / CH347_DATA + 2;
	fuzz_must(wire->due_count <= wire->ahead && wire->due_at < CH347_AHEAD_MAX);
	fuzz_must(wire->in_msg <= wire->out_msg && wire->out_msg <= wire->count);
	fuzz_must(!wire->in_pos || wire->in_pos <= wire->msgs[wire->in_msg].rx_len);
	fuzz_must(ch347_wire_want(wire) <= most + CH347_AHEAD_MAX);
}

/* An answer of the command that is due, with `len` bytes of the input. */
static size_t ch347_answer(const struct ch347_wire *wire, struct input *input, size_t len,
                           uint8_t *frame)
{
	const uint8_t *bytes = input_bytes(input, len, &len);

	frame[0] = (uint8_t)(wire->due_count ? wire->due[wire->due_at].command : CH347_CS);
	frame[1] = (uint8_t)len;
	frame[2] = (uint8_t)(len >> 8);
	memcpy(frame + 3, bytes, len);
	return 3 + len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t frame[CH347_PACKET];
	struct ch347_wire wire;
	struct queue queue;
	bool sound = true;
	size_t ahead = 1 + input_byte(&input) % CH347_AHEAD_MAX;

	queue_make(&queue, &input);
	ch347_wire_begin(&wire, queue.msgs, queue.count, 15000000, ahead);
	while (input.left && sound) {
		uint8_t what = input_byte(&input);
		size_t len = 2u * input_byte(&input);
		const uint8_t *bytes;

		for (int i = what & 7; i; i--)
			fuzz_must(ch347_wire_encode(&wire, frame) <= CH347_FRAME_MAX);
		if (what & 0x10)
			ch347_wire_stop(&wire);
		if (what & 0x20) {
			len = ch347_answer(&wire, &input, len < CH347_DATA ? len : CH347_DATA,
			                   frame);
			sound = ch347_wire_decode(&wire, frame, len);
		} else if (what & 0x40) {
			bytes = input_bytes(&input, len, &len);
			sound = ch347_wire_decode(&wire, bytes, len);
		}
		ch347_holds(&wire);
	}
	queue_free(&queue);
	return 0;
}
