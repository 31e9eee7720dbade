/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <stdio.h>

#include <jansson.h>

static void put(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void put_usb(json_t *object, const struct usbfs *fs)
{
	const struct usb_stats *s = &fs->dev->stats;

	put(object, "transfers", s->urbs_out + s->urbs_in);
	put(object, "transfers_out", s->urbs_out);
	put(object, "transfers_in", s->urbs_in);
	put(object, "transfers_control", s->urbs_control);
	put(object, "packets_out", s->packets_out);
	put(object, "packets_in", s->packets_in);
	put(object, "bytes_out", s->bytes_out);
	put(object, "bytes_in", s->bytes_in);
	put(object, "host_waits", s->dry);
	put(object, "reap_waits", s->waits);
	put(object, "cancelled", s->cancelled);
	put(object, "lost", s->lost);
	put(object, "unknown_adapter_commands", s->oddities);
	put(object, "unplugs", fs->unplugs);
	/* What was sent last is worked on when nobody waits any more, too. */
	usbdev_run(fs->dev, fs->dev->now_ps + 1000 * PS_PER_MS);
	json_object_set_new(object, "pins_driven", json_boolean(fs->dev->model->driving(fs->dev)));
	json_object_set_new(object, "kernel_driver",
	                    fs->kernel_driver ? json_string(fs->kernel_driver) : json_null());
}

static void put_spi(json_t *object, const struct spidev *spi)
{
	put(object, "transfers", spi->stats.messages);
	put(object, "segments", spi->stats.transfers);
	put(object, "bytes_out", spi->stats.bytes_out);
	put(object, "bytes_in", spi->stats.bytes_in);
	put(object, "host_waits", spi->stats.messages);
	put(object, "unplugs", spi->stats.unplugs);
}

static json_t *chip_object(const struct norsim_stats *s)
{
	json_t *chip = json_object();

	put(chip, "clocks", s->clocks);
	put(chip, "frames", s->frames);
	put(chip, "ignored_busy", s->ignored_busy);
	put(chip, "ignored_latch", s->ignored_latch);
	put(chip, "ignored_protected", s->ignored_protected);
	put(chip, "unknown", s->unknown);
	put(chip, "pages_programmed", s->pages_programmed);
	put(chip, "bytes_programmed", s->bytes_programmed);
	put(chip, "erases_4k", s->erases_4k);
	put(chip, "erases_32k", s->erases_32k);
	put(chip, "erases_64k", s->erases_64k);
	put(chip, "erases_256k", s->erases_256k);
	put(chip, "erases_chip", s->erases_chip);
	put(chip, "lost_bits", s->lost_bits);
	put(chip, "page_wraps", s->page_wraps);
	put(chip, "status_reads", s->status_reads);
	put(chip, "sr_writes_nv", s->sr_writes_nv);
	put(chip, "sr_writes_volatile", s->sr_writes_volatile);
	put(chip, "bytes_read", s->bytes_read);
	put(chip, "busy_us", s->busy_ns / 1000);
	return chip;
}

int emu_report_write(const struct emu_report *report, const char *path)
{
	const struct emu_clock *clock = report->clock;
	bool to_stderr = path[0] == '-' && !path[1];
	FILE *file = to_stderr ? stderr : fopen(path, "we");
	json_t *object = json_object(), *adapters = json_array();
	int result = -1;

	json_object_set_new(object, "device", json_string(report->device));
	json_object_set_new(object, "chip_name", json_string(report->chip));
	json_object_set_new(object, "time", json_string(clock->real ? "real" : "virtual"));
	json_object_set_new(object, "exit", json_integer(report->exit_code));
	put(object, "device_us", clock->now_ps / PS_PER_US);
	put(object, "full_speed_line_us", report->lines[0].busy_ps / PS_PER_US);
	put(object, "high_speed_line_us", report->lines[1].busy_ps / PS_PER_US);
	for (size_t i = 0; i < report->adapter_count; i++)
		json_array_append_new(
			adapters, json_integer((json_int_t)(report->adapter_ps[i] / PS_PER_US)));
	json_object_set_new(object, "adapters_us", adapters);
	put(object, "host_pause_us", clock->paused_ps / PS_PER_US);
	put(object, "host_pauses", clock->pauses);
	json_object_set_new(object, "pauses_counted", json_boolean(clock->count_pauses));
	put(object, "wall_us", report->wall_us);
	put(object, "cpu_us", report->cpu_us);
	put(object, "max_rss_kib", report->max_rss_kib);
	put(object, "ioctls", report->node->ioctls);
	put(object, "spi_clocks", report->wire->clocks);
	if (report->usb)
		put_usb(object, report->usb);
	else
		put_spi(object, report->spi);
	json_object_set_new(object, "chip", chip_object(norsim_stats(report->wire->sim)));
	if (file) {
		result = json_dumpf(object, file, JSON_INDENT(2));
		fputc('\n', file);
		if (!to_stderr && fclose(file))
			result = -1;
	}
	json_decref(object);
	return result;
}
