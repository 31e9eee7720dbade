/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/gunzip.h"

#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* zlib: the largest window, and gzip's header in place of its own */

int np_gunzip(const unsigned char *packed, size_t packed_len, size_t len, char **out,
              struct np_error *err)
{
	z_stream z = {.next_in = (unsigned char *)(size_t)packed, .avail_in = (unsigned)packed_len};
	char *bytes = malloc(len + 1);
	int ret;

	*out = NULL;
	if (!bytes || inflateInit2(&z, GZIP_WINDOW) != Z_OK) {
		free(bytes);
		return np_fail(err, NP_E_MEMORY, "out of memory");
	}
	z.next_out = (unsigned char *)bytes;
	z.avail_out = (unsigned)len;
	ret = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	if (ret != Z_STREAM_END || z.avail_out) {
		free(bytes);
		return np_fail(err, NP_E_FAIL, "a file inside the program is damaged");
	}
	bytes[len] = '\0';
	*out = bytes;
	return 0;
}
