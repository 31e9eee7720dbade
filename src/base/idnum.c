/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/idnum.h"

#include <stdio.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool idnum_mac_parse(const char *text, size_t len, uint8_t mac[IDNUM_MAC_LEN])
{
	size_t step = len == 17 ? 3 : 2;

	if (len != 17 && len != 12)
		return false;
	for (size_t i = 0; i < IDNUM_MAC_LEN; i++) {
		const char *at = text + i * step;
		int high = hex_digit(at[0]), low = hex_digit(at[1]);

		if (high < 0 || low < 0)
			return false;
		if (step == 3 && i && (at[-1] != text[2] || (at[-1] != ':' && at[-1] != '-')))
			return false;
		mac[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

const char *idnum_mac_format(const uint8_t mac[IDNUM_MAC_LEN], char buf[IDNUM_MAC_TEXT])
{
	snprintf(buf, IDNUM_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
	         mac[3], mac[4], mac[5]);
	return buf;
}

void idnum_mac_add(uint8_t mac[IDNUM_MAC_LEN], int offset)
{
	uint64_t value = 0;

	for (size_t i = 0; i < IDNUM_MAC_LEN; i++)
		value = value << 8 | mac[i];
	value += (uint64_t)(int64_t)offset;
	for (size_t i = IDNUM_MAC_LEN; i-- > 0; value >>= 8)
		mac[i] = (uint8_t)value;
}

const char *idnum_mac_flaw(const uint8_t mac[IDNUM_MAC_LEN])
{
	static const uint8_t blank[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t zero[IDNUM_MAC_LEN];

	if (memcmp(mac, blank, IDNUM_MAC_LEN) == 0)
		return "blank";
	if (memcmp(mac, zero, IDNUM_MAC_LEN) == 0)
		return "all zero";
	if (mac[0] & 1)
		return "multicast";
	if (memcmp(mac, zero, 3) == 0)
		return "no maker's prefix";
	return NULL;
}

const char *idnum_mac_placeholder(const uint8_t mac[IDNUM_MAC_LEN])
{
	static const struct {
		uint8_t mac[IDNUM_MAC_LEN];
		const char *what;
	} known[] = {
		{{0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5}, "the placeholder F0F1F2F3F4F5"},
		{{0x00, 0x11, 0x22, 0x33, 0x44, 0x55}, "the placeholder 001122334455"},
		{{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc}, "the placeholder 123456789ABC"},
		{{0x00, 0x0c, 0x43, 0x28, 0x80, 0x50}, "Ralink's reference address"},
		{{0x00, 0x0c, 0x43, 0x76, 0x20, 0x00}, "Ralink's reference address"},
		{{0x00, 0x0c, 0x43, 0x00, 0x00, 0x01}, "Ralink's reference address"},
		{{0x88, 0x88, 0x88, 0x88, 0x87, 0x88}, "Intel's reference address"},
		{{0x00, 0x00, 0x00, 0x00, 0x88, 0x88}, "a reference address"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (memcmp(mac, known[i].mac, IDNUM_MAC_LEN) == 0)
			return known[i].what;
	return NULL;
}

static bool all_digits(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

const char *idnum_imei_flaw(const char *text, size_t len)
{
	int sum = 0;

	if (len != IDNUM_IMEI_LEN || !all_digits(text, len))
		return "not 15 digits";
	if (memcmp(text, "001122334455667", IDNUM_IMEI_LEN) == 0)
		return "the placeholder 001122334455667";
	if (memcmp(text, "000000000000000", IDNUM_IMEI_LEN) == 0)
		return "all zero";
	for (size_t i = 0; i < IDNUM_IMEI_LEN; i++) {
		int digit = text[i] - '0';

		if (i % 2)
			digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
		sum += digit;
	}
	return sum % 10 ? "its check digit is wrong" : NULL;
}

const char *idnum_pin_flaw(const char *text, size_t len)
{
	int sum = 0;

	if (len != IDNUM_PIN_LEN || !all_digits(text, len))
		return "not 8 digits";
	if (memcmp(text, "00000000", IDNUM_PIN_LEN) == 0)
		return "all zero";
	for (size_t i = 0; i < IDNUM_PIN_LEN; i++)
		sum += (i % 2 ? 1 : 3) * (text[i] - '0');
	return sum % 10 ? "its check digit is wrong" : NULL;
}
