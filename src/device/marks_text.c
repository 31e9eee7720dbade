/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and numbers as text: U-Boot environments, NVRAM, the vendor's own blocks. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "device/marks_priv.h"

#define KEY_MAX    32
#define VALUE_MAX  48
#define MAC_CHARS  17
#define MAC_DIGITS 12

/* The key that ends in front of `end`: letters, digits, '_', '-', '.'. */
static size_t key_before(const struct mark_search *s, uint64_t end, char key[KEY_MAX])
{
	uint64_t start = end;

	while (start && end - start < KEY_MAX - 1 &&
	       (isalnum(s->data[start - 1]) || strchr("_-.", s->data[start - 1])) &&
	       s->data[start - 1])
		start--;
	memcpy(key, s->data + start, end - start);
	key[end - start] = '\0';
	return end - start;
}

static bool key_speaks_of_mac(const char *key)
{
	return strcasestr(key, "mac") || strcasestr(key, "ethaddr") || strcasestr(key, "hwaddr") ||
	       strcasestr(key, "eth1addr") || strcasestr(key, "wlanaddr");
}

static bool key_names_number(const char *key)
{
	static const char *const keys[] = {
		"sn",           "serial",        "serialno",  "serial_no",
		"serialnumber", "serial_number", "serialnum", "serial_num",
		"device_sn",    "sys_serial",    "pin",       "wps_pin",
		"wpspin",       "pin_code",      "pincode",   "wps_device_pin",
		"imei",         "imei1",         "meid",      "boardnum",
		"board_sn",     "uuid",          "device_id", "deviceid"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcasecmp(key, keys[i]) == 0)
			return true;
	return false;
}

/* "key=aa:bb..", "key: aa-bb..", "\"key\":\"aabb..\"": the address behind, and its place. */
static void try_keyed(struct mark_search *s, uint64_t sign)
{
	uint64_t end = sign, at = sign + 1;
	char key[KEY_MAX];
	uint8_t mac[IDNUM_MAC_LEN];

	if (end && s->data[end - 1] == '"')
		end--;
	if (!key_before(s, end, key))
		return;
	while (at < s->len && at - sign < 4 && (s->data[at] == ' ' || s->data[at] == '"'))
		at++;
	if (key_speaks_of_mac(key)) {
		const char *text = (const char *)s->data + at;
		size_t n = 0;

		if (s->len - at >= MAC_CHARS && idnum_mac_parse(text, MAC_CHARS, mac))
			n = MAC_CHARS;
		else if (s->len - at >= MAC_DIGITS && idnum_mac_parse(text, MAC_DIGITS, mac))
			n = MAC_DIGITS;
		if (!n || !mark_mac_real(mac))
			return;
		mark_anchor(s, mac, at);
		mark_add(s, MARK_MAC_TEXT, (struct np_range){at, n}, "MAC (%s)", key);
	} else if (key_names_number(key)) {
		size_t n = 0, digits = 0;

		while (at + n < s->len && n < VALUE_MAX &&
		       (isalnum(s->data[at + n]) || s->data[at + n] == '-'))
			digits += isdigit(s->data[at + n++]) != 0;
		if (n >= 6 && n < VALUE_MAX && digits >= 4)
			mark_add(s, MARK_NUMBER, (struct np_range){at, n}, "%s", key);
	}
}

/* An address as text that stands by itself between bytes that are none of a text. */
static void try_alone(struct mark_search *s, uint64_t colon)
{
	uint64_t at = colon - 2;
	uint8_t mac[IDNUM_MAC_LEN];

	if (colon < 2 || s->len - at < MAC_CHARS ||
	    !idnum_mac_parse((const char *)s->data + at, MAC_CHARS, mac) || !mark_mac_real(mac))
		return;
	if (!mark_blank(s, (int64_t)at - 2, 2) || at + MAC_CHARS == s->len ||
	    isprint(s->data[at + MAC_CHARS]))
		return;
	mark_anchor(s, mac, at);
	mark_add(s, MARK_MAC_TEXT, (struct np_range){at, MAC_CHARS}, "MAC as text");
}

static void each(struct mark_search *s, char sign, void (*try)(struct mark_search *, uint64_t))
{
	for (uint64_t at = 0; at < s->len;) {
		const uint8_t *hit = memchr(s->data + at, sign, s->len - at);

		if (!hit)
			return;
		at = (uint64_t)(hit - s->data);
		try(s, at++);
	}
}

void mark_texts(struct mark_search *s)
{
	each(s, '=', try_keyed);
	each(s, ':', try_keyed);
	each(s, ':', try_alone);
	each(s, '-', try_alone);
}
