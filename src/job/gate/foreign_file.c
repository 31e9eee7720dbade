/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "job/gate/gate.h"

/* Settings are kept as text in some flashes, and a whole dump may be whatever it is; but no
 * processor starts in a text. */
static bool may_be_text(const struct facts *facts)
{
	const struct intent_image *image = &facts->intent->image;
	const struct selection *sel = &facts->intent->selection;

	if (strcmp(image->wrap.name, "text") != 0 && strcmp(image->wrap.name, "XML text") != 0)
		return false;
	/* What fits nowhere is refused for that. */
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
	.protects = "The flash from what is no firmware at all: a web page that was saved "
		    "instead of the download, a document, a program, a pointer to a file.",
	.ask = ask,
};
