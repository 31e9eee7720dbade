/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/own.h"

#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/units.h"
#include "device/own.h"
#include "job/run.h"
#include "store/backup_find.h"
#include "store/manifest.h"

/* A digest of a whole image takes as long as some hundred pages: it is made where a manifest asks. */
static bool has_digest(const struct facts *facts, const char *sha256)
{
	char own[NP_SHA256_HEX];

	np_sha256_hex(facts->intent->image.data, facts->size, own);
	return strcmp(own, sha256) == 0;
}

/* By the manifest beside the file: was it read from this very chip, and is it unchanged? */
static bool by_manifest(const struct facts *facts)
{
	const char *path = facts->intent->image.path;
	struct manifest manifest = {0};
	char uid[sizeof(manifest.uid)];
	bool own;

	np_format_hex(facts->chip->uid, facts->chip->uid_len, uid);
	if (!path || !uid[0])
		return false;
	own = manifest_load(path, &manifest, NULL) == 0 && manifest.size == facts->size &&
	      strcasecmp(manifest.uid, uid) == 0 && has_digest(facts, manifest.sha256);
	manifest_free(&manifest);
	return own;
}

/* Is it equal to the last backup of this chip, wherever the file lies? */
static int by_backup(const struct facts *facts, bool *own, struct np_error *err)
{
	struct backup_found found;
	struct manifest manifest = {0};
	int ret;

	if (!facts->job->state_dir || !facts->job->state_dir[0])
		return 0;
	ret = backup_find(&facts->run->store, NULL, NULL, &found, err);
	if (!ret && found.path[0] && found.sure && manifest_load(found.path, &manifest, NULL) == 0)
		*own = manifest.size == facts->size && has_digest(facts, manifest.sha256);
	manifest_free(&manifest);
	backup_found_free(&found);
	return ret;
}

int image_is_own_backup(const struct facts *facts, bool *own, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	int ret = 0;

	*own = false;
	if (!image->data || !intent_is_whole(facts->intent, facts->size) ||
	    facts->intent->set.count)
		return 0;
	*own = by_manifest(facts);
	if (!*own)
		ret = by_backup(facts, own, err);
	return ret;
}

int image_is_own(const struct facts *facts, bool *own, struct np_error *err)
{
	int ret = image_is_own_backup(facts, own, err);

	if (ret || *own || !intent_is_whole(facts->intent, facts->size) || facts->based ||
	    !np_ranges_contain(facts->known, (struct np_range){0, facts->size}))
		return ret;
	*own = own_with_other_firmware(facts->have, facts->intent->image.data, facts->size);
	return 0;
}
