/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image that is spread over two chips: only the first of them begins with a flash descriptor,
 * which tells them apart. */
#include "base/bytes.h"
#include "image/pc_map.h"
#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	uint8_t front[PC_DESCRIPTOR];
	bool first, has;
	int ret;

	if (!image->part || !image->data || facts->size < PC_DESCRIPTOR)
		return 0;
	ret = facts_read(facts, (struct np_range){0, PC_DESCRIPTOR}, front, err);
	if (ret)
		return ret;
	first = pc_has_descriptor(image->data, facts->size);
	has = pc_has_descriptor(front, sizeof(front));
	if (first == has || bytes_all(front, sizeof(front), 0xff))
		return 0;
	gate_refuse(
		verdict, NP_E_UNIT,
		has ? "this chip begins with a flash descriptor, part %u of the image does not: "
		      "it is the first part's chip"
		    : "part %u of the image begins with a flash descriptor, what this chip holds "
		      "does not: it is another part's chip",
		image->part);
	return gate_hint(verdict, has ? "put the clip on the other chip, or write --part 1/..."
	                              : "put the clip on the other chip, or write its part");
}

const struct gate gate_wrong_part = {
	.name = "wrong-part",
	.stage = GATE_READ,
	.jobs = GATE_WRITE | GATE_VERIFY,
	.can_be_overridden = true,
	.protects = "Protects a board with two chips: the part of the image that belongs in "
		    "the other chip would replace what this one holds.",
	.ask = ask,
};
