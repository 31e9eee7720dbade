/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contents that a chip seldom holds and a bad read often shows. Pure. */
#ifndef NP_IMAGE_SUSPECT_H
#define NP_IMAGE_SUSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bits that are the same in every byte, as when one data line of a parallel socket or one bit of a
 * shift register is stuck: in *ones those that are never 0, in *zeros those that are never 1. Looks
 * only at contents of at least 64 KiB that are otherwise as mixed as code is: text, tables and
 * blank flash have such bits, too, and give none.
 */
void image_stuck_bits(const uint8_t *data, size_t len, uint8_t *ones, uint8_t *zeros);

/*
 * By how many bytes `b` runs ahead of `a` from their first difference on: bytes were lost (1 to 8)
 * or came twice (-1 to -8) on the way from the adapter. 0 when they are equal, or differ otherwise.
 */
int image_shift(const uint8_t *a, const uint8_t *b, size_t len);

/*
 * The weight of an address bit that does not arrive: every byte equals the one that this far away
 * has. The lowest such bit, from 64 bytes on; half of `len` when the halves are equal. 0: none, or
 * there is too little in the image to tell.
 */
uint64_t image_address_line(const uint8_t *data, uint64_t len);

/*
 * Stretches of zeros of a like length, a like distance apart, many in a row: a SoC on the same
 * supply that breaks down and starts again does that. Sections of a firmware are padded to round
 * addresses; those are not counted.
 */
bool image_zero_bursts(const uint8_t *data, size_t len);

/* Entropy of the bytes in thousandths of a bit per byte: 0 (all alike) to 8000 (noise, packed or
 * enciphered). */
unsigned image_entropy(const uint8_t *data, size_t len);

#endif
