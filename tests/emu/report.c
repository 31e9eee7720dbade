/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <stdio.h>

#include <jansson.h>

#include "report_chip.h"

static void put_usb(json_t *object, const struct usbfs *fs)
{
	const struct usb_stats *s = &fs->dev->stats;

	report_put(object, "transfers", s->urbs_out + s->urbs_in);
	report_put(object, "transfers_out", s->urbs_out);
	report_put(object, "transfers_in", s->urbs_in);
	report_put(object, "transfers_control", s->urbs_control);
	report_put(object, "packets_out", s->packets_out);
	report_put(object, "packets_in", s->packets_in);
	report_put(object, "bytes_out", s->bytes_out);
	report_put(object, "bytes_in", s->bytes_in);
	report_put(object, "host_waits", s->dry);
	report_put(object, "reap_waits", s->waits);
	report_put(object, "cancelled", s->cancelled);
	report_put(object, "lost", s->lost);
	report_put(object, "unknown_adapter_commands", s->oddities);
	report_put(object, "unplugs", fs->unplugs);
	/* What was sent last is worked on when nobody waits any more, too. */
	usbdev_run(fs->dev, fs->dev->now_ps + 1000 * PS_PER_MS);
	json_object_set_new(object, "pins_driven", json_boolean(fs->dev->model->driving(fs->dev)));
	json_object_set_new(object, "kernel_driver",
	                    fs->kernel_driver ? json_string(fs->kernel_driver) : json_null());
}

static void put_spi(json_t *object, const struct spidev *spi)
{
	report_put(object, "transfers", spi->stats.messages);
	report_put(object, "segments", spi->stats.transfers);
	report_put(object, "bytes_out", spi->stats.bytes_out);
	report_put(object, "bytes_in", spi->stats.bytes_in);
	report_put(object, "host_waits", spi->stats.messages);
	report_put(object, "unplugs", spi->stats.unplugs);
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
	report_put(object, "device_us", clock->now_ps / PS_PER_US);
	report_put(object, "full_speed_line_us", report->lines[0].busy_ps / PS_PER_US);
	report_put(object, "high_speed_line_us", report->lines[1].busy_ps / PS_PER_US);
	for (size_t i = 0; i < report->adapter_count; i++)
		json_array_append_new(
			adapters, json_integer((json_int_t)(report->adapter_ps[i] / PS_PER_US)));
	json_object_set_new(object, "adapters_us", adapters);
	report_put(object, "host_pause_us", clock->paused_ps / PS_PER_US);
	report_put(object, "host_pauses", clock->pauses);
	json_object_set_new(object, "pauses_counted", json_boolean(clock->count_pauses));
	report_put(object, "wall_us", report->wall_us);
	report_put(object, "cpu_us", report->cpu_us);
	report_put(object, "max_rss_kib", report->max_rss_kib);
	report_put(object, "ioctls", report->node->ioctls);
	report_put(object, "spi_clocks", report->wire->clocks);
	if (report->usb)
		put_usb(object, report->usb);
	else
		put_spi(object, report->spi);
	json_object_set_new(object, "chip", report_chip(norsim_stats(report->wire->sim)));
	if (file) {
		result = json_dumpf(object, file, JSON_INDENT(2));
		fputc('\n', file);
		if (!to_stderr && fclose(file))
			result = -1;
	}
	json_decref(object);
	return result;
}
