/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SFDP in words. */
#include "chip/sfdp.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/units.h"

/* A buffer that is filled line by line and never overrun. */
struct text {
	char *buf;
	size_t len, used;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	if (text->used >= text->len)
		return;
	va_start(args, format);
	n = vsnprintf(text->buf + text->used, text->len - text->used, format, args);
	va_end(args);
	if (n > 0)
		text->used += (size_t)n;
}

static const char *revision_name(uint8_t minor)
{
	static const char *const names[] = {
		[0] = "JESD216",  [5] = "JESD216A", [6] = "JESD216B", [7] = "JESD216C",
		[8] = "JESD216D", [9] = "JESD216E", [10] = "JESD216F"};

	if (minor < sizeof(names) / sizeof(names[0]) && names[minor])
		return names[minor];
	return "JESD216, revision not known";
}

static void add_erase(struct text *text, const struct nor_erase *erase, bool has_times)
{
	char size[32], typ[32], max[32];

	add(text, "  erase %s: %02Xh", np_format_size(erase->size, size, sizeof(size)), erase->op);
	if (erase->op4)
		add(text, ", four address bytes %02Xh", erase->op4);
	if (has_times)
		add(text, ", typically %s, at most %s",
		    np_format_duration(erase->typ_us, typ, sizeof(typ)),
		    np_format_duration(erase->max_us, max, sizeof(max)));
	add(text, "\n");
}

static void add_times(struct text *text, const struct sfdp *sfdp)
{
	char typ[32], max[32];

	if (!sfdp->has_times) {
		add(text, "  no times\n");
		return;
	}
	add(text, "  page program: typically %s, at most %s\n",
	    np_format_duration(sfdp->page_typ_us, typ, sizeof(typ)),
	    np_format_duration(sfdp->page_max_us, max, sizeof(max)));
	add(text, "  chip erase: typically %s, at most %s\n",
	    np_format_duration(sfdp->chip_typ_ms * UINT64_C(1000), typ, sizeof(typ)),
	    np_format_duration(sfdp->chip_max_ms * UINT64_C(1000), max, sizeof(max)));
}

static void add_addressing(struct text *text, const struct sfdp *sfdp)
{
	add(text, "  addressing:");
	if (sfdp->addr4_only)
		add(text, " four bytes only");
	if (sfdp->addr4_native)
		add(text, " own opcodes for four bytes");
	if (sfdp->addr4_enter)
		add(text, " B7h enters four bytes");
	if (sfdp->addr4_enter_we)
		add(text, " 06h B7h enters four bytes");
	if (sfdp->addr4_bank)
		add(text, " C5h bank");
	if (sfdp->addr4_brwr)
		add(text, " 17h bank");
	if (!sfdp->addr4_only && !sfdp->addr4_native && !sfdp->addr4_enter &&
	    !sfdp->addr4_enter_we && !sfdp->addr4_bank && !sfdp->addr4_brwr)
		add(text, " three bytes");
	add(text, "\n");
}

void sfdp_describe(const struct sfdp *sfdp, char *buf, size_t len)
{
	struct text text = {buf, len, 0};
	char size[32];

	if (!len)
		return;
	buf[0] = '\0';
	add(&text, "SFDP %u.%u, basic table %u.%u (%s), %zu dwords\n", sfdp->major, sfdp->minor,
	    sfdp->bfpt_major, sfdp->bfpt_minor, revision_name(sfdp->bfpt_minor), sfdp->bfpt_len);
	add(&text, "  size %s, page %u bytes\n", np_format_size(sfdp->size, size, sizeof(size)),
	    sfdp->page);
	for (size_t i = 0; i < sfdp->erase_count; i++)
		add_erase(&text, &sfdp->erase[i], sfdp->has_times);
	add_times(&text, sfdp);
	add_addressing(&text, sfdp);
	add(&text, "  quad enable kind %u%s%s%s\n", sfdp->qer,
	    sfdp->volatile_sr_50h ? ", 50h for volatile status writes" : "",
	    sfdp->soft_reset ? ", reset by 66h 99h" : "",
	    sfdp->has_sector_map ? ", uneven erase map" : "");
	for (size_t i = 0; i < sfdp->bfpt_len; i++)
		add(&text, "%s%08x%s", i % 8 ? " " : "  ", sfdp->bfpt[i],
		    i % 8 == 7 || i + 1 == sfdp->bfpt_len ? "\n" : "");
}
