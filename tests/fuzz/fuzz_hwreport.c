/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include <string.h>

#include "store/hwreport.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct np_error err = {0};
	struct hwreport report;

	if (hwreport_parse((const char *)data, size, "fuzz", &report, &err)) {
		fuzz_must(err.message[0] != '\0');
		return 0;
	}
	fuzz_must(size <= HWREPORT_BYTES_MAX);
	fuzz_must(report.id_len >= 3 && report.id_len <= NOR_ID_MAX);
	fuzz_must(report.size && !(report.size & (report.size - 1)));
	fuzz_must(report.read || !report.written);
	fuzz_must(memchr(report.name, '\0', sizeof(report.name)) != NULL);
	for (const char *at = report.name; *at; at++)
		fuzz_must(*at >= 0x20 && *at < 0x7f);
	return 0;
}
