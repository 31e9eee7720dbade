/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers that make a unit unique: MAC, IMEI, WPS PIN; how they are written, checked, and
 * recognised as placeholders, as people put them into dumps that they publish. Pure.
 */
#ifndef NP_BASE_IDNUM_H
#define NP_BASE_IDNUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDNUM_MAC_LEN  6
#define IDNUM_MAC_TEXT 18 /* "a0:f3:c1:00:00:01" and the NUL */
#define IDNUM_IMEI_LEN 15
#define IDNUM_PIN_LEN  8

/* "a0:f3:c1:00:00:01", with - instead of :, or twelve digits; exactly `len` characters. */
bool idnum_mac_parse(const char *text, size_t len, uint8_t mac[IDNUM_MAC_LEN]);

/* Returns `buf`. */
const char *idnum_mac_format(const uint8_t mac[IDNUM_MAC_LEN], char buf[IDNUM_MAC_TEXT]);

/* mac + offset as a 48-bit number, as vendors derive the WAN and 5 GHz addresses. */
void idnum_mac_add(uint8_t mac[IDNUM_MAC_LEN], int offset);

/* NULL when it can be a device's own address, else what is wrong ("blank", "all zero",
 * "multicast"). A placeholder can be plausible: ask idnum_mac_placeholder() too. */
const char *idnum_mac_flaw(const uint8_t mac[IDNUM_MAC_LEN]);

/* NULL, or why this cannot be a device's address: F0F1F2F3F4F5, 001122334455, 123456789ABC, or the
 * address that the radio maker's reference design ships with. */
const char *idnum_mac_placeholder(const uint8_t mac[IDNUM_MAC_LEN]);

/* Fifteen digits, the last of which makes the Luhn sum a multiple of ten. NULL when right, else why
 * not. 001122334455667 is named as the placeholder it is. */
const char *idnum_imei_flaw(const char *text, size_t len);

/* Eight digits with 3 (d1+d3+d5+d7) + d2+d4+d6+d8 a multiple of ten. NULL when right, else why
 * not. */
const char *idnum_pin_flaw(const char *text, size_t len);

#endif
