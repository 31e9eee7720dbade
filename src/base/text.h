/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of foreign origin: the model in a device tree, names of regions, manifests, boot
 * arguments, file names. What of it reaches a terminal or a page goes through here first.
 */
#ifndef NP_BASE_TEXT_H
#define NP_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * `text` as one line of letters that no terminal takes for an order: UTF-8 stays, while control
 * characters (C0, DEL, C1), bytes that are no UTF-8, and the marks that turn the direction of
 * writing become \xNN. Cut at `len` - 1 bytes, between letters. Returns `buf`. `text` and `buf` do
 * not overlap; four times the length of the text is room enough.
 */
const char *np_text_printable(const char *text, char *buf, size_t len);

/*
 * `line` broken at spaces into lines of at most `columns` letters, divided by newlines, into `buf`.
 * What goes on is indented: to the column of the last field where the line is a row of fields
 * (divided by two spaces or more), else by two more than the line itself. What stands between
 * backticks is one word, because it is there to be copied; a word that is longer than a line stays
 * whole and where it is. `columns` 0: as it is. Where `len` does not suffice the line is copied unbroken, cut.
 * Returns `buf`.
 */
const char *np_text_wrap(const char *line, size_t columns, char *buf, size_t len);

/*
 * The next line of `text`, of which `len` bytes are there: without its end, cut to the size of
 * `line`, with a NUL. *at, 0 at first, moves behind it. False when there is none.
 */
bool np_text_line(const char *text, size_t len, size_t *at, char *line, size_t size);

#endif
