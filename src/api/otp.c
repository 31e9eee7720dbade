/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One-time programmable areas: what cannot be taken back has to be asked for by name. */
#include "api/api_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int list(norprog *np)
{
	int ret = api_need_chip(np);

	return ret ? ret : nor_otp_list(np->nor, np->otp.areas, &np->otp.count, &np->err);
}

static void tell(const struct nor_otp_area *area, norprog_otp_fn *fn, void *ctx)
{
	struct norprog_otp_area one = {.number = area->number,
	                               .name = area->name,
	                               .len = area->len,
	                               .lock_known = area->lock_known,
	                               .locked = area->locked,
	                               .erasable = area->erasable};

	fn(ctx, &one);
}

int norprog_otp_list(norprog *np, norprog_otp_fn *fn, void *ctx)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	ret = fn ? list(np) : api_null(np, "fn");
	for (size_t i = 0; i < np->otp.count && !ret; i++)
		tell(&np->otp.areas[i], fn, ctx);
	return api_leave(np, &scope, ret);
}

static int find(norprog *np, unsigned number, const struct nor_otp_area **area)
{
	int ret = list(np);

	*area = NULL;
	for (size_t i = 0; i < np->otp.count && !ret; i++)
		if (np->otp.areas[i].number == number)
			*area = &np->otp.areas[i];
	if (ret || *area)
		return ret;
	return np_fail(&np->err, NORPROG_E_RANGE, "%s has no OTP area %u", np->chip.name, number);
}

static int read_area(norprog *np, unsigned number, void *buf, size_t len)
{
	const struct nor_otp_area *area;
	int ret = find(np, number, &area);

	if (!ret && area->len != len)
		ret = np_fail(&np->err, NORPROG_E_RANGE, "the %s has %" PRIu32 " bytes, not %zu",
		              area->name, area->len, len);
	return ret ? ret : nor_otp_read(np->nor, area, buf, &np->err);
}

int norprog_otp_read(norprog *np, unsigned number, void *buf, size_t len)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	ret = buf ? read_area(np, number, buf, len) : api_null(np, "buf");
	return api_leave(np, &scope, ret);
}

/* ---- changes ---- */

static bool holds_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; at && *at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, word, len) == 0 && (at[len] == '\0' || at[len] == ','))
			return true;
	}
	return false;
}

static int refuse(norprog *np, const char *gate, int code, const char *what)
{
	snprintf(np->gate, sizeof(np->gate), "%s", gate);
	np_fail(&np->err, code, "%s", what);
	return np_hint(&np->err, "if that is what is wanted, override \"%s\"", gate);
}

static int permit(norprog *np, const struct nor_otp_area *area, const char *doing,
                  const char *overrides)
{
	struct np_error why = {0};
	char text[200];

	snprintf(text, sizeof(text), "%s the %s cannot be taken back.", doing, area->name);
	if (area->locked)
		return np_fail(&np->err, NORPROG_E_PROTECTED, "the %s is locked for ever",
		               area->name);
	if (!holds_word(overrides, "supply") && nor_check_supply(nor_info(np->nor), &why))
		return refuse(np, "supply", NORPROG_E_VOLTAGE, why.message);
	if (!holds_word(overrides, "permanent"))
		return refuse(np, "permanent", NORPROG_E_POLICY, text);
	return api_ask(np, text, NULL);
}

static int write_area(norprog *np, const struct nor_otp_area *area, uint32_t offset,
                      const void *data, size_t len, const char *overrides)
{
	int ret;

	if (!data)
		return api_null(np, "data");
	if (!len || offset >= area->len || len > area->len - offset)
		return np_fail(&np->err, NORPROG_E_RANGE,
		               "%zu bytes at %" PRIu32 " do not fit the %" PRIu32 " of the %s", len,
		               offset, area->len, area->name);
	ret = permit(np, area, "writing", overrides);
	if (ret)
		return ret;
	return nor_otp_write(np->nor, area, offset, data, (uint32_t)len, &np->err);
}

static int erase_area(norprog *np, const struct nor_otp_area *area, const char *overrides)
{
	uint8_t bytes[NOR_OTP_LEN_MAX];
	int ret = 0;

	if (!area->erasable)
		return np_fail(&np->err, NORPROG_E_UNSUPPORTED, "the %s cannot be erased",
		               area->name);
	ret = permit(np, area, "erasing", overrides);
	if (!ret)
		ret = nor_otp_erase(np->nor, area, &np->err);
	if (!ret)
		ret = nor_otp_read(np->nor, area, bytes, &np->err);
	for (uint32_t i = 0; i < area->len && !ret; i++)
		if (bytes[i] != 0xff)
			ret = np_fail(&np->err, NORPROG_E_VERIFY,
			              "the %s is not blank after its erase", area->name);
	return ret;
}

static int lock_area(norprog *np, const struct nor_otp_area *area, const char *overrides)
{
	int ret;

	if (area->locked)
		return 0;
	ret = permit(np, area, "locking", overrides);
	return ret ? ret : nor_otp_lock(np->nor, area, &np->err);
}

static int change(norprog *np, unsigned number, enum norprog_otp_change what, uint32_t offset,
                  const void *data, size_t len, const char *overrides)
{
	const struct nor_otp_area *area;
	int ret = find(np, number, &area);

	if (ret)
		return ret;
	if (what == NORPROG_OTP_WRITE)
		return write_area(np, area, offset, data, len, overrides);
	if (data || len || offset)
		return np_fail(&np->err, NORPROG_E_USAGE, "bytes are for NORPROG_OTP_WRITE alone");
	if (what == NORPROG_OTP_ERASE)
		return erase_area(np, area, overrides);
	if (what == NORPROG_OTP_LOCK)
		return lock_area(np, area, overrides);
	return np_fail(&np->err, NORPROG_E_USAGE, "there is no change %d", (int)what);
}

int norprog_otp_change(norprog *np, unsigned number, enum norprog_otp_change what, uint32_t offset,
                       const void *data, size_t len, const char *overrides)
{
	struct api_scope scope;
	int ret = api_enter_work(np, &scope);

	if (ret)
		return ret;
	return api_leave(np, &scope, change(np, number, what, offset, data, len, overrides));
}
