/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are no flash image themselves: vendors' wrappers around one, archives that hold one,
 * and files that have nothing to do with a flash. They are told by their first bytes. Pure.
 */
#ifndef NP_IMAGE_WRAP_H
#define NP_IMAGE_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wrap_kind {
	WRAP_NONE,
	WRAP_CAPSULE,    /* a header in front of a flash image: `strip` bytes go */
	WRAP_UPDATE,     /* a vendor's update program or package that norprog cannot take apart */
	WRAP_PACKED,     /* one compressed file or an archive: to be unpacked */
	WRAP_TEXT_IMAGE, /* Intel HEX, S-records: an image written as text */
	WRAP_FOREIGN,    /* a web page, a document, a program, plain text: no firmware at all */
};

struct wrap {
	enum wrap_kind kind;
	const char *name;   /* "AMI APTIO capsule (signed)", "zip archive", "web page" */
	const char *unpack; /* the program that takes it apart, with %s for the file; or NULL */
	uint64_t strip;     /* WRAP_CAPSULE: length of what is in front of the image */
	uint64_t body;      /* WRAP_CAPSULE: length of the image, 0: to the end of the file */
	char holds[160];    /* of a zip archive the files, "a.bin, readme.txt, and 3 more"; or "" */
	bool truncated;     /* says itself that it should be longer */
};

/* What data[0..len) is as a file. WRAP_NONE: nothing that is listed here; it may be a flash image. */
void wrap_detect(const uint8_t *data, size_t len, struct wrap *wrap);

#endif
