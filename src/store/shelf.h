/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The backups of a state folder, in the order in which they were made. */
#ifndef NP_STORE_SHELF_H
#define NP_STORE_SHELF_H

#include <time.h>

#include "store/manifest.h"
#include "store/state.h"

struct shelf_entry {
	char path[NP_PATH_MAX], name[NP_NAME_MAX]; /* name: in backups/; "" for a file elsewhere */
	struct manifest manifest;                  /* owned */
	struct timespec written;                   /* tells the order within one second */
};

struct shelf {
	struct shelf_entry **at; /* owned, each of them too */
	size_t count;
	size_t damaged; /* manifests that cannot be read */
};

/* Is it one of those wanted? */
typedef bool shelf_wants(void *ctx, const struct manifest *manifest);

/* Add what backups/ holds of the wanted (`wants` NULL: all). No folder, or one that is not to be
 * trusted, holds nothing: `why` (may be NULL) says so. Manifests are read, files are not. Errors:
 * NP_E_MEMORY. */
int shelf_fill(struct shelf *shelf, struct store *store, shelf_wants *wants, void *ctx,
               struct np_error *why, struct np_error *err);

/* Add the file `path`, if its manifest is wanted. Errors: NP_E_MEMORY. */
int shelf_add(struct shelf *shelf, const char *path, shelf_wants *wants, void *ctx,
              struct np_error *err);

/* Oldest first. By the state folder's counter; what carries no number of this folder comes before the
 * first numbered one of a later date. Errors: NP_E_MEMORY. */
int shelf_sort(struct shelf *shelf, const struct store *store, struct np_error *err);

/* Numbered in this folder? One of another folder, or of 0.1.0, has only its date. */
bool shelf_is_numbered(const struct shelf_entry *entry, const struct store *store);

/* Does it hold all of the chip, as a read that was trusted? */
bool shelf_is_whole(const struct manifest *manifest);

void shelf_free(struct shelf *shelf);

#endif
