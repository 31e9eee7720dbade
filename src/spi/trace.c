/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spi/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 8 /* data bytes shown each way */

struct spi_trace {
	FILE *file;
	uint64_t number, run;
};

int spi_trace_open(const char *path, const char *bus_name, struct spi_trace **trace,
                   struct np_error *err)
{
	struct spi_trace *t = calloc(1, sizeof(*t));

	if (!t)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	t->file = fopen(path, "wxe");
	if (!t->file) {
		np_fail(err, NP_E_OUTPUT, "trace file %s: %s", path, strerror(errno));
		np_hint(err, "choose a file that does not exist yet, in a folder you may write");
		free(t);
		return NP_E_OUTPUT;
	}
	fprintf(t->file, "# %s: run.message command [+sent] [>received] [pause] outcome\n",
	        bus_name);
	*trace = t;
	return 0;
}

static void put_bytes(FILE *file, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len && i < SHOWN; i++)
		fprintf(file, " %02x", bytes[i]);
	if (len > SHOWN)
		fputs(" ..", file);
}

static void put_message(struct spi_trace *t, const struct spi_msg *msg, bool completed)
{
	fprintf(t->file, "%llu.%llu", (unsigned long long)t->run, (unsigned long long)t->number++);
	put_bytes(t->file, msg->cmd, msg->cmd_len);
	if (msg->tx_len) {
		fprintf(t->file, " +%zu:", msg->tx_len);
		put_bytes(t->file, msg->tx, msg->tx_len);
	}
	if (msg->rx_len) {
		fprintf(t->file, " >%zu:", msg->rx_len);
		if (msg->flags & SPI_MSG_CRC)
			fprintf(t->file, " crc %08x", msg->crc);
		else if (completed && msg->rx)
			put_bytes(t->file, msg->rx, msg->rx_len);
	}
	if (msg->flags & SPI_MSG_UNTIL)
		fprintf(t->file, " until %02x/%02x", msg->until_value, msg->until_mask);
	if (msg->pause_us)
		fprintf(t->file, " pause %u us", msg->pause_us);
	fputs(completed ? "\n" : " NOT DONE\n", t->file);
}

void spi_trace_run(struct spi_trace *trace, const struct spi_msg *msgs, size_t count, size_t done,
                   int result)
{
	for (size_t i = 0; i < count; i++)
		put_message(trace, &msgs[i], i < done);
	if (result)
		fprintf(trace->file, "%llu failed: %s\n", (unsigned long long)trace->run,
		        np_code_name(result));
	trace->run++;
}

int spi_trace_close(struct spi_trace *trace)
{
	bool bad;

	if (!trace)
		return 0;
	bad = ferror(trace->file) != 0;
	bad |= fclose(trace->file) != 0;
	free(trace);
	return bad ? NP_E_OUTPUT : 0;
}
