/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "image/tree.h"
#include "layout/tree.h"

/* Trees in an image, plain or packed: each is sound, names a device, and lies where it is said. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_trees trees;

	if (image_find_trees(data, size, &trees, NULL) == 0) {
		for (size_t i = 0; i < trees.count; i++) {
			const struct image_tree *tree = &trees.at[i];
			struct tree_identity identity;
			struct np_error err = {0};
			struct layout layout;
			int ret;

			fuzz_must(tree->at < size && tree->len <= IMAGE_TREE_MAX);
			fuzz_must(tree_identity(tree->fdt, tree->len, &identity));
			ret = layout_from_tree(tree->fdt, tree->len, "fuzz", size, &layout, &err);
			fuzz_layout(ret, &layout, &err);
		}
	}
	image_trees_free(&trees);
	return 0;
}
