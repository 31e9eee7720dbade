/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programmer argument of the simulated chip. */
#include "sim/sim.h"

#include <string.h>

#include "base/units.h"
#include "sim/norsim.h"

extern const struct spi_driver sim_driver;

static const char *const keys[] = {"chip",    "file",   "time",   "fault",     "depth",  "until",
                                   "crc",     "hz",     "hz_max", "max_queue", "max_tx", "max_rx",
                                   "trip_us", "msg_ns", "stats",  "parts",     "host",   NULL};

static int bad_value(const char *key, const char *value, const char *wanted, struct np_error *err)
{
	np_fail(err, NP_E_USAGE, "%s=%s: not %s", key, value, wanted);
	return np_hint(err, "write %s=%s", key, wanted);
}

static int take_number(const struct spi_spec *spec, const char *key, uint64_t min, uint64_t max,
                       uint64_t *value, struct np_error *err)
{
	const char *text = spi_spec_get(spec, key);

	if (!text || (np_parse_size(text, value) && *value >= min && *value <= max))
		return 0;
	return bad_value(key, text, "a number in range", err);
}

static int take_u32(const struct spi_spec *spec, const char *key, uint32_t min, uint32_t *value,
                    struct np_error *err)
{
	uint64_t wide = *value;
	int ret = take_number(spec, key, min, UINT32_MAX, &wide, err);

	*value = (uint32_t)wide;
	return ret;
}

static int take_size(const struct spi_spec *spec, const char *key, size_t min, size_t *value,
                     struct np_error *err)
{
	uint64_t wide = *value;
	int ret = take_number(spec, key, min, 1U << 30, &wide, err);

	*value = (size_t)wide;
	return ret;
}

static int take_bool(const struct spi_spec *spec, const char *key, bool *value,
                     struct np_error *err)
{
	const char *text = spi_spec_get(spec, key);

	if (!text)
		return 0;
	if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
		return bad_value(key, text, "0 or 1", err);
	*value = *text == '1';
	return 0;
}

static int take_clock(const struct spi_spec *spec, struct sim_config *config, struct np_error *err)
{
	const char *fixed = spi_spec_get(spec, "hz"), *max = spi_spec_get(spec, "hz_max");

	if (max) {
		if (!np_parse_hz(max, &config->hz_max) || config->hz_max < config->hz_min)
			return bad_value("hz_max", max, "a clock such as 30M", err);
		if (config->hz > config->hz_max)
			config->hz = config->hz_max;
	}
	if (fixed) {
		if (!np_parse_hz(fixed, &config->hz) || !config->hz)
			return bad_value("hz", fixed, "a clock such as 30M", err);
		config->hz_min = config->hz_max = config->hz;
	}
	return 0;
}

static int take_time(const struct spi_spec *spec, struct sim_config *config, struct np_error *err)
{
	const char *text = spi_spec_get(spec, "time");

	if (!text)
		return 0;
	config->real_time = strcmp(text, "real") == 0;
	if (!config->real_time && strcmp(text, "virtual") != 0)
		return bad_value("time", text, "virtual or real", err);
	return 0;
}

static int take_spec(const struct spi_spec *spec, struct sim_config *config, struct np_error *err)
{
	const char *part = spi_spec_get(spec, "chip"), *fault = spi_spec_get(spec, "fault");
	int ret = 0;

	if (part)
		config->chip.part = part;
	config->chip.file = spi_spec_get(spec, "file");
	config->chip.parts_file = spi_spec_get(spec, "parts");
	config->stats_path = spi_spec_get(spec, "stats");
	if (fault)
		ret = norsim_parse_faults(fault, &config->chip.faults, &config->fail_msg, err);
	ret = ret ? ret : take_time(spec, config, err);
	ret = ret ? ret : take_clock(spec, config, err);
	ret = ret ? ret : take_u32(spec, "depth", 1, &config->depth, err);
	ret = ret ? ret : take_u32(spec, "max_queue", 1, &config->max_queue, err);
	ret = ret ? ret : take_u32(spec, "trip_us", 0, &config->trip_us, err);
	ret = ret ? ret : take_u32(spec, "msg_ns", 0, &config->msg_ns, err);
	ret = ret ? ret : take_size(spec, "max_tx", 16, &config->max_tx, err);
	ret = ret ? ret : take_size(spec, "max_rx", 1, &config->max_rx, err);
	ret = ret ? ret : take_bool(spec, "host", &config->host_own, err);
	ret = ret ? ret : take_bool(spec, "until", &config->until, err);
	return ret ? ret : take_bool(spec, "crc", &config->crc, err);
}

static int sim_driver_open(const struct spi_spec *spec, struct spi_opened *out,
                           struct np_error *err)
{
	struct sim_config config;
	int ret;

	sim_config_default(&config);
	ret = take_spec(spec, &config, err);
	return ret ? ret : sim_open(&config, out, err);
}

const struct spi_driver sim_driver = {
	.name = "sim",
	.summary = "a simulated chip, to rehearse: sim:chip=W25Q64FV,file=PATH",
	.keys = keys,
	.open = sim_driver_open,
};
