/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What speaks for a device. An identity names one: the `compatible` of a device tree in the flash,
 * a hardware number in a firmware header, a product in a support list, a vendor's signature. What
 * many devices share is family: it says how a flash is divided, and never whose it is. Pure.
 */
#ifndef NP_DEVICE_EVIDENCE_H
#define NP_DEVICE_EVIDENCE_H

#include "base/err.h"
#include "image/tree.h"
#include "layout/layout.h"

enum evidence_kind { EVIDENCE_FAMILY, EVIDENCE_IDENTITY };

/* How much an identity says: a tree is what the system that runs there was built for. */
enum evidence_rank {
	RANK_ARRANGEMENT, /* numbers of a kind that only a few devices have, at their places (a
	                     profile's `together`): names those few */
	RANK_SIGN,        /* header, list, signature */
	RANK_TREE,
};

#define EVIDENCE_NAMES 12

struct evidence {
	enum evidence_kind kind;
	enum evidence_rank rank;
	uint64_t at;
	char what[24];   /* "device tree", "hardware id", "sign", ... */
	char value[112]; /* "dlink,dir-842-c1" */
	/* The devices it fits: names that layout_load() takes. None: a device that is not known. */
	char names[EVIDENCE_NAMES][LAYOUT_NAME_MAX];
	size_t name_count;
	bool more; /* there are more of them */
	bool tree; /* its tree has a map of the flash, which needs no other name */
};

#define EVIDENCE_MAX 24

struct evidence_list {
	struct evidence at[EVIDENCE_MAX];
	size_t count;
};

/* The built-in profile that stands for an OpenWrt board, or the board's own name. */
const char *evidence_device_name(const char *compatible);

/* Add a device to those an evidence fits, once. */
void evidence_add_name(struct evidence *evidence, const char *name);

/* A new one, zeroed but for what is given; NULL when the list is full. */
struct evidence *evidence_add(struct evidence_list *list, enum evidence_kind kind,
                              enum evidence_rank rank, uint64_t at, const char *what,
                              const char *value);

/* Identities in an image that need no profile: trees, firmware headers, support lists, names and
 * signatures that the table of boards knows, the metadata of a sysupgrade. `trees` are those of the
 * image, or of a longer one that begins with it; NULL: they are looked for. NP_E_MEMORY. */
int evidence_find(const uint8_t *image, size_t len, const struct image_trees *trees,
                  struct evidence_list *list, struct np_error *err);

/* The same of bytes that begin a firmware (a header), at address `at` of the flash. */
void evidence_of_header(const uint8_t *header, size_t len, uint64_t at, struct evidence_list *list);

#endif
