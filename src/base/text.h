/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of foreign origin: the model in a device tree, names of regions, manifests, boot
 * arguments, file names. What of it reaches a terminal or a page goes through here first.
 */
#ifndef NP_BASE_TEXT_H
#define NP_BASE_TEXT_H

#include <stddef.h>

/*
 * `text` as one line of letters that no terminal takes for an order: UTF-8 stays, while control
 * characters (C0, DEL, C1), bytes that are no UTF-8, and the marks that turn the direction of
 * writing become \xNN. Cut at `len` - 1 bytes, between letters. Returns `buf`. `text` and `buf` do
 * not overlap; four times the length of the text is room enough.
 */
const char *np_text_printable(const char *text, char *buf, size_t len);

#endif
