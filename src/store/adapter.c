/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/adapter.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"

/* One file each in DIR/adapters, named by a digest, because a device may claim any text as its
 * serial number. */
#define FILE_DIGITS 32

/* With a serial number the place does not count: "ch347 at 1-2" is "ch347". */
static void name_file(const char *name, const char *serial, char file[FILE_DIGITS + 1])
{
	const char *place = serial[0] ? strstr(name, " at ") : NULL;
	size_t len = place ? (size_t)(place - name) : strlen(name);
	char hex[NP_SHA256_HEX];
	struct np_sha256 sha;

	np_sha256_begin(&sha);
	np_sha256_add(&sha, name, len);
	np_sha256_add(&sha, "", 1);
	np_sha256_add(&sha, serial, strlen(serial));
	np_sha256_end(&sha, hex);
	snprintf(file, FILE_DIGITS + 1, "%.*s", FILE_DIGITS, hex);
}

bool adapter_is_new(struct store *store, const char *name, const char *serial)
{
	char file[FILE_DIGITS + 1];
	struct np_error err = {0};
	struct np_io_out out;
	int ret = store_open_adapters(store, &err);

	name_file(name, serial, file);
	if (!ret && np_io_dir_has(&store->adapters, file))
		return false;
	if (!ret) {
		ret = np_io_dir_create(&out, &store->adapters, file, NP_IO_REPLACE, &err);
		if (!ret)
			ret = np_io_commit(&out, NULL, &err);
		np_io_abort(&out);
	}
	if (ret)
		np_log(NP_LOG_INFO, "that %s was used could not be noted: %s", name, err.message);
	return true;
}
