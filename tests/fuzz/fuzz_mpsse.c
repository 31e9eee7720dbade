/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an FTDI chip answers: transfers of any length, in packets of either size, while commands go
 * out. */
#include "fuzz/fuzz.h"

#include "fuzz/wire.h"
#include "mpsse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct mpsse_pins pins = mpsse_pins_for(0);
	struct input input = {data, size};
	uint8_t out[512], payload[512];
	struct mpsse mpsse;
	struct queue queue;
	long took = 0;

	queue_make(&queue, &input);
	mpsse_begin(&mpsse, queue.msgs, queue.count, &pins, 15000000);
	while (input.left && took >= 0) {
		uint8_t what = input_byte(&input);
		size_t packet = what & 0x80 ? 512 : 64, len;
		const uint8_t *answer = input_bytes(&input, 4u * (what & 0x7F), &len);

		fuzz_must(mpsse_encode(&mpsse, out, sizeof(out)) <= sizeof(out));
		if (what == 0xC5)
			mpsse_stop(&mpsse);
		fuzz_must(mpsse_payload(answer, len, packet, payload) <= len);
		took = mpsse_decode(&mpsse, answer, len, packet);
		fuzz_must(mpsse.got <= mpsse.asked && mpsse_done(&mpsse) <= queue.count &&
		          mpsse_due(&mpsse) <= mpsse.data_due + 1);
	}
	queue_free(&queue);
	return 0;
}
