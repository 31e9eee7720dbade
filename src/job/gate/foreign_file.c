/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "job/gate/gate.h"

/* Text may be settings that belong in a region, and a whole dump may hold anything; but no
 * processor starts from a text file. */
static bool may_be_text(const struct facts *facts)
{
	const struct intent_image *image = &facts->intent->image;
	const struct selection *sel = &facts->intent->selection;

	if (strcmp(image->wrap.name, "text") != 0 && strcmp(image->wrap.name, "XML text") != 0)
		return false;
	/* A file whose length fits nothing is refused by the gate file-size, which says more. */
	return image->len == facts->size || image->misfit || !selection_is_whole(sel);
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	const char *path = image->path ? image->path : "the file";

	(void)err;
	if ((image->wrap.kind != WRAP_FOREIGN && image->wrap.kind != WRAP_UPDATE) ||
	    may_be_text(facts))
		return 0;
	gate_refuse(verdict, NP_E_POLICY, "%s is no flash image: %s", path, image->wrap.name);
	if (image->wrap.kind == WRAP_UPDATE)
		return gate_hint(verdict,
		                 "it holds the image in a form that norprog does not know: let "
		                 "the vendor's tool write it out, or find a plain image");
	return gate_hint(verdict, "look at it, and download the file itself");
}

const struct gate gate_foreign_file = {
	.name = "foreign-file",
	.stage = GATE_ASKED,
	.jobs = GATE_IMAGE | GATE_VERIFY,
	.can_be_overridden = true,
	.ends = true,
	.protects = "Protects the firmware from files that are none: a web page that was "
		    "saved instead of the download, a document, a program.",
	.ask = ask,
};
