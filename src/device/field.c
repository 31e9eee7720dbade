/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/field.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/idnum.h"
#include "base/units.h"
#include "device/gbe.h"

const char *unit_type_name(enum layout_field_type type)
{
	switch (type) {
	case FIELD_MAC:
	case FIELD_MAC_TEXT:
	case FIELD_GBE_MAC:
		return "MAC";
	case FIELD_PIN:
		return "PIN";
	case FIELD_IMEI:
		return "IMEI";
	case FIELD_SERIAL:
		return "serial";
	case FIELD_CAL:
		return "calibration";
	case FIELD_BYTES:
		break;
	}
	return "bytes";
}

static void judge(struct unit_value *value, enum unit_state state, const char *flaw)
{
	value->state = state;
	snprintf(value->flaw, sizeof(value->flaw), "%s", flaw);
}

static void judge_mac(const uint8_t mac[IDNUM_MAC_LEN], struct unit_value *value)
{
	const char *flaw = idnum_mac_flaw(mac);

	idnum_mac_format(mac, value->text);
	if (flaw)
		judge(value, UNIT_DOUBTFUL, flaw);
	else if ((flaw = idnum_mac_placeholder(mac)) != NULL)
		judge(value, UNIT_PLACEHOLDER, flaw);
}

static void read_mac(const struct layout_field *field, const uint8_t *at, struct unit_value *value)
{
	uint8_t mac[IDNUM_MAC_LEN];

	if (field->type == FIELD_MAC) {
		memcpy(mac, at, IDNUM_MAC_LEN);
	} else if (!idnum_mac_parse((const char *)at, field->len, mac)) {
		snprintf(value->text, sizeof(value->text), "?");
		judge(value, UNIT_DOUBTFUL,
		      bytes_all(at, field->len, 0xff) ? "blank" : "not written as an address");
		return;
	}
	judge_mac(mac, value);
}

static void read_gbe(const struct layout_field *field, const uint8_t *at, struct unit_value *value)
{
	uint8_t mac[IDNUM_MAC_LEN];
	const char *flaw = gbe_read_mac(at, field->len, mac);

	judge_mac(mac, value);
	if (flaw && value->state == UNIT_GOOD)
		judge(value, UNIT_DOUBTFUL, flaw);
}

/* Printable characters as they are, the rest as dots; trailing NULs and FFs cut. */
static void read_text(const struct layout_field *field, const uint8_t *at, struct unit_value *value)
{
	size_t len = field->len < sizeof(value->text) ? field->len : sizeof(value->text) - 1;

	while (len && (at[len - 1] == 0 || at[len - 1] == 0xff))
		len--;
	for (size_t i = 0; i < len; i++)
		value->text[i] = isprint(at[i]) ? (char)at[i] : '.';
	value->text[len] = '\0';
}

static void read_digits(const struct layout_field *field, const uint8_t *at,
                        struct unit_value *value)
{
	bool imei = field->type == FIELD_IMEI;
	const char *flaw = imei ? idnum_imei_flaw((const char *)at, field->len)
	                        : idnum_pin_flaw((const char *)at, field->len);

	read_text(field, at, value);
	if (!flaw)
		return;
	if (bytes_all(at, field->len, 0xff))
		flaw = "blank";
	judge(value, strstr(flaw, "placeholder") ? UNIT_PLACEHOLDER : UNIT_DOUBTFUL, flaw);
}

static bool is_mediatek(unsigned number)
{
	return (number >> 8) == 0x76 || (number >> 8) == 0x79;
}

static void read_cal(const struct layout_field *field, const uint8_t *at, struct unit_value *value)
{
	unsigned number = (unsigned)(at[0] | at[1] << 8);

	snprintf(value->text, sizeof(value->text), is_mediatek(number) ? "MT%04X" : "0x%04x",
	         number);
	if (bytes_all(at, field->len, 0xff) || bytes_all(at, field->len, 0)) {
		snprintf(value->text, sizeof(value->text), "-");
		judge(value, UNIT_DOUBTFUL, "blank");
		return;
	}
	for (size_t i = 0; field->expect[i]; i++)
		if (field->expect[i] == number)
			return;
	if (!field->expect[0])
		return;
	value->state = UNIT_DOUBTFUL;
	snprintf(value->flaw, sizeof(value->flaw), "begins with 0x%04x, not with 0x%04x%s", number,
	         field->expect[0], field->expect[1] ? " or a relative" : "");
}

static void read_bytes(const struct layout_field *field, const uint8_t *at,
                       struct unit_value *value)
{
	size_t shown = field->len < 16 ? field->len : 16, n = 0;

	for (size_t i = 0; i < shown; i++)
		n += (size_t)snprintf(value->text + n, sizeof(value->text) - n, "%s%02x",
		                      i ? " " : "", at[i]);
	if (shown < field->len)
		snprintf(value->text + n, sizeof(value->text) - n, " ...");
	if (bytes_all(at, field->len, 0xff))
		judge(value, UNIT_DOUBTFUL, "blank");
}

bool unit_field_read(const struct layout_field *field, const uint8_t *image, size_t len,
                     struct unit_value *value)
{
	const uint8_t *at = image + field->start;

	*value = (struct unit_value){.field = field, .state = UNIT_GOOD};
	if (field->start > len || field->len > len - field->start)
		return false;
	switch (field->type) {
	case FIELD_MAC:
	case FIELD_MAC_TEXT:
		read_mac(field, at, value);
		break;
	case FIELD_PIN:
	case FIELD_IMEI:
		read_digits(field, at, value);
		break;
	case FIELD_CAL:
		read_cal(field, at, value);
		break;
	case FIELD_SERIAL:
		read_text(field, at, value);
		if (bytes_all(at, field->len, 0xff))
			judge(value, UNIT_DOUBTFUL, "blank");
		break;
	case FIELD_BYTES:
		read_bytes(field, at, value);
		break;
	case FIELD_GBE_MAC:
		read_gbe(field, at, value);
		break;
	}
	return true;
}

/* ---- setting ---- */

static int refuse(struct np_error *err, const struct layout_field *field, const char *text,
                  const char *why)
{
	return np_fail(err, NP_E_USAGE, "%s=%s: %s", field->name, text, why);
}

static int check_mac(const struct layout_field *field, const char *text, uint8_t mac[IDNUM_MAC_LEN],
                     struct np_error *err)
{
	if (!idnum_mac_parse(text, strlen(text), mac))
		return refuse(err, field, text, "not an address like a0:f3:c1:00:00:01");
	if (idnum_mac_flaw(mac))
		return refuse(err, field, text, idnum_mac_flaw(mac));
	if (idnum_mac_placeholder(mac))
		return refuse(err, field, text, idnum_mac_placeholder(mac));
	return 0;
}

static int parse_mac(const struct layout_field *field, const char *text, uint8_t *to,
                     struct np_error *err)
{
	uint8_t mac[IDNUM_MAC_LEN];
	char formatted[IDNUM_MAC_TEXT];
	int ret = check_mac(field, text, mac, err);

	if (ret)
		return ret;
	if (field->type == FIELD_MAC) {
		memcpy(to, mac, IDNUM_MAC_LEN);
		return 0;
	}
	idnum_mac_format(mac, formatted);
	for (size_t i = 0, n = 0; formatted[i]; i++)
		if (field->len == 17 || formatted[i] != ':')
			to[n++] = (uint8_t)formatted[i];
	return 0;
}

static int parse_digits(const struct layout_field *field, const char *text, uint8_t *to,
                        struct np_error *err)
{
	const char *flaw = field->type == FIELD_IMEI ? idnum_imei_flaw(text, strlen(text))
	                                             : idnum_pin_flaw(text, strlen(text));

	if (flaw)
		return refuse(err, field, text, flaw);
	memcpy(to, text, field->len);
	return 0;
}

static int parse_hex(const struct layout_field *field, const char *text, uint8_t *to,
                     struct np_error *err)
{
	size_t n = 0;

	while (*text && n < field->len) {
		if (!np_parse_hex_byte(text, &to[n++]))
			return refuse(err, field, text, "not hex bytes");
		text += 2;
		text += strspn(text, ": ");
	}
	if (n != field->len || *text)
		return np_fail(err, NP_E_USAGE, "%s takes exactly %llu bytes in hex", field->name,
		               (unsigned long long)field->len);
	return 0;
}

/* Shorter texts are filled with NULs, as C firmware reads them. */
static int parse_text(const struct layout_field *field, const char *text, uint8_t *to,
                      struct np_error *err)
{
	size_t len = strlen(text);

	if (!len || len > field->len)
		return np_fail(err, NP_E_USAGE, "%s takes 1 to %llu characters", field->name,
		               (unsigned long long)field->len);
	memset(to, 0, field->len);
	memcpy(to, text, len);
	return 0;
}

static int parse_value(const struct layout_field *field, const char *text, uint8_t *to,
                       struct np_error *err)
{
	switch (field->type) {
	case FIELD_MAC:
	case FIELD_MAC_TEXT:
		return parse_mac(field, text, to, err);
	case FIELD_PIN:
	case FIELD_IMEI:
		return parse_digits(field, text, to, err);
	case FIELD_SERIAL:
		return parse_text(field, text, to, err);
	case FIELD_CAL:
		np_fail(err, NP_E_USAGE, "%s: calibration is measured, not typed", field->name);
		return np_hint(err, "put it back from a backup: restore FILE --only REGION");
	case FIELD_BYTES:
	case FIELD_GBE_MAC: /* unit_field_write() sets it in place */
		break;
	}
	return parse_hex(field, text, to, err);
}

static int write_gbe(const struct layout_field *field, const char *text, uint8_t *gbe,
                     struct np_error *err)
{
	uint8_t mac[IDNUM_MAC_LEN];
	int ret = check_mac(field, text, mac, err);

	if (ret || gbe_write_mac(gbe, field->len, mac))
		return ret;
	np_fail(err, NP_E_USAGE, "%s: the GbE region is blank: there is nothing to put it into",
	        field->name);
	return np_hint(err, "take a GbE region of this board's model first: --only gbe");
}

int unit_field_write(const struct layout_field *field, const char *text, uint8_t *image, size_t len,
                     struct np_error *err)
{
	uint8_t value[256];
	int rc;

	if (field->start > len || field->len > len - field->start)
		return np_fail(err, NP_E_RANGE, "%s at 0x%06llx is behind the image's end",
		               field->name, (unsigned long long)field->start);
	if (field->type == FIELD_GBE_MAC)
		return write_gbe(field, text, image + field->start, err);
	if (field->len > sizeof(value) && field->type != FIELD_CAL)
		return np_fail(err, NP_E_USAGE, "%s is too long to be typed", field->name);
	rc = parse_value(field, text, value, err);
	if (!rc)
		memcpy(image + field->start, value, field->len);
	return rc;
}

/* `wan=..` where wan is mac+1: the stored address is one less. A bad address stays as it is, for
 * unit_field_write() to complain about. NULL when `name` is nothing derived. */
static const struct layout_field *underived(const struct layout *layout, const char *name,
                                            const char **value, char text[IDNUM_MAC_TEXT])
{
	for (size_t i = 0; i < layout->derived_count; i++) {
		const struct layout_derived *derived = &layout->derived[i];
		uint8_t mac[IDNUM_MAC_LEN];

		if (strcmp(derived->name, name) != 0)
			continue;
		if (idnum_mac_parse(*value, strlen(*value), mac)) {
			idnum_mac_add(mac, -derived->offset);
			*value = idnum_mac_format(mac, text);
		}
		return layout_field(layout, derived->field);
	}
	return NULL;
}

static size_t list_name(char *names, size_t len, size_t n, const char *name)
{
	if (n >= len)
		return n;
	return n + (size_t)snprintf(names + n, len - n, "%s%s", n ? ", " : "", name);
}

static int fail_no_field(const struct layout *layout, const char *name, struct np_error *err)
{
	char names[300] = "";
	size_t n = 0;

	for (size_t i = 0; i < layout->field_count; i++)
		n = list_name(names, sizeof(names), n, layout->fields[i].name);
	for (size_t i = 0; i < layout->derived_count; i++)
		n = list_name(names, sizeof(names), n, layout->derived[i].name);
	np_fail(err, NP_E_USAGE, "layout %s has no field '%s'", layout->name, name);
	return np_hint(err, "its fields: %s", n ? names : "none");
}

int unit_field_set(const struct layout *layout, const char *assignment, uint8_t *image, size_t len,
                   const struct layout_field **field, struct np_error *err)
{
	const char *equals = strchr(assignment, '=');
	const struct layout_field *found;
	char name[LAYOUT_NAME_MAX] = "", stored[IDNUM_MAC_TEXT];
	const char *value;
	int ret;

	if (!equals || (size_t)(equals - assignment) >= sizeof(name))
		return np_fail(err, NP_E_USAGE, "'%s' is not FIELD=VALUE", assignment);
	memcpy(name, assignment, (size_t)(equals - assignment));
	value = equals + 1;
	found = layout_field(layout, name);
	if (!found)
		found = underived(layout, name, &value, stored);
	if (!found)
		return fail_no_field(layout, name, err);
	if (field)
		*field = found;
	ret = unit_field_write(found, value, image, len, err);
	return ret && err && !err->hint[0]
	               ? np_hint(err,
	                         "the label on the unit or its last backup tells the right one")
	               : ret;
}

const char *unit_derived_text(const struct layout *layout, const struct layout_derived *derived,
                              const uint8_t *image, size_t len, char *buf, size_t buf_len)
{
	const struct layout_field *field = layout_field(layout, derived->field);
	struct unit_value value;
	uint8_t mac[IDNUM_MAC_LEN];
	char text[IDNUM_MAC_TEXT];

	buf[0] = '\0';
	if (!field || !unit_field_read(field, image, len, &value) || value.state != UNIT_GOOD ||
	    !idnum_mac_parse(value.text, strlen(value.text), mac))
		return buf;
	idnum_mac_add(mac, derived->offset);
	snprintf(buf, buf_len, "%s", idnum_mac_format(mac, text));
	return buf;
}

/* ---- the MAC inside calibration ---- */

#define CAL_MAC       4 /* where MediaTek's EEPROM has it */
#define NEIGHBOUR_MAX 8 /* how far a vendor counts on from the unit's address for its radios */

static bool holds_mac(const struct layout_field *field)
{
	return field->type == FIELD_MAC || field->type == FIELD_MAC_TEXT;
}

static bool neighbours(const uint8_t a[IDNUM_MAC_LEN], const uint8_t b[IDNUM_MAC_LEN])
{
	for (int offset = -NEIGHBOUR_MAX; offset <= NEIGHBOUR_MAX; offset++) {
		uint8_t near[IDNUM_MAC_LEN];

		memcpy(near, a, sizeof(near));
		idnum_mac_add(near, offset);
		if (memcmp(near, b, sizeof(near)) == 0)
			return true;
	}
	return false;
}

bool unit_cal_other_mac(const struct layout *layout, const struct layout_field *cal,
                        const uint8_t *image, size_t len, uint8_t mac[IDNUM_MAC_LEN],
                        const struct layout_field **field)
{
	struct unit_value value;
	const uint8_t *at = image + cal->start;

	*field = NULL;
	if (cal->type != FIELD_CAL || cal->len < CAL_MAC + IDNUM_MAC_LEN ||
	    !unit_field_read(cal, image, len, &value) || value.state != UNIT_GOOD ||
	    !is_mediatek((unsigned)(at[0] | at[1] << 8)) || idnum_mac_flaw(at + CAL_MAC))
		return false;
	memcpy(mac, at + CAL_MAC, IDNUM_MAC_LEN);
	for (size_t i = 0; i < layout->field_count; i++) {
		const struct layout_field *own = &layout->fields[i];
		uint8_t stored[IDNUM_MAC_LEN];

		if (!holds_mac(own) || !unit_field_read(own, image, len, &value) ||
		    value.state != UNIT_GOOD ||
		    !idnum_mac_parse(value.text, strlen(value.text), stored))
			continue;
		if (neighbours(stored, mac))
			return false;
		if (!*field)
			*field = own;
	}
	return *field != NULL;
}
