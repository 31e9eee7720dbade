/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this device tree safe to hand to libfdt? Checked here token by token, because fdt_check_full()
 * of libfdt 1.6 follows a null pointer in some trees with broken property names. For src/layout and
 * src/image.
 */
#ifndef NP_LAYOUT_FDT_SOUND_H
#define NP_LAYOUT_FDT_SOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True for a whole tree of version 17 within `len` bytes: blocks inside it, every name ended, every
 * property inside its block, nodes balanced. */
bool fdt_is_sound(const uint8_t *data, size_t len);

/* Does a tree begin here that says itself that it is longer than `len`? Only its header and the
 * beginning of its root are looked at. */
bool fdt_is_cut(const uint8_t *data, size_t len);

#endif
