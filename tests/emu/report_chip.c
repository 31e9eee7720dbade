/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report_chip.h"

void report_put(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

json_t *report_chip(const struct norsim_stats *s)
{
	json_t *chip = json_object();

	report_put(chip, "clocks", s->clocks);
	report_put(chip, "frames", s->frames);
	report_put(chip, "ignored_busy", s->ignored_busy);
	report_put(chip, "ignored_latch", s->ignored_latch);
	report_put(chip, "ignored_protected", s->ignored_protected);
	report_put(chip, "unknown", s->unknown);
	report_put(chip, "pages_programmed", s->pages_programmed);
	report_put(chip, "bytes_programmed", s->bytes_programmed);
	report_put(chip, "erases_4k", s->erases_4k);
	report_put(chip, "erases_32k", s->erases_32k);
	report_put(chip, "erases_64k", s->erases_64k);
	report_put(chip, "erases_256k", s->erases_256k);
	report_put(chip, "erases_chip", s->erases_chip);
	report_put(chip, "lost_bits", s->lost_bits);
	report_put(chip, "page_wraps", s->page_wraps);
	report_put(chip, "status_reads", s->status_reads);
	report_put(chip, "sr_writes_nv", s->sr_writes_nv);
	report_put(chip, "sr_writes_volatile", s->sr_writes_volatile);
	report_put(chip, "bytes_read", s->bytes_read);
	report_put(chip, "busy_us", s->busy_ns / 1000);
	return chip;
}
