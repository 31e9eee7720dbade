/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose chip is this? Over a slow line the last whole backup of it tells what reading would cost
 * minutes. */
#include "cli/recall.h"

#include "store/backup_find.h"
#include "device/recognise.h"

#define WORTH_NS 1000000000u /* what reading the places may cost before a backup is looked for */

/* A file that is written from may be that backup itself. */
static const char *own_file(const struct cli *cli)
{
	return cli->command->bit & (CLI_WRITE | CLI_RESTORE) ? cli->opt.args[0] : NULL;
}

static int load(const struct backup_found *found, const struct np_ranges *from, uint8_t *image,
                struct np_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < from->count && !ret; i++)
		ret = segments_read(&found->file, from->at[i].start, image + from->at[i].start,
		                    from->at[i].len, err);
	return ret;
}

/* What later jobs changed is in no backup and stays in `places`. */
static int take(const struct backup_found *found, struct np_ranges *places, uint8_t *image,
                struct np_error *err)
{
	struct np_ranges from = {0};
	int ret = np_ranges_add_all(&from, places, err);

	if (!ret)
		ret = np_ranges_remove_all(&from, &found->unknown, err);
	if (!ret)
		ret = load(found, &from, image, err);
	if (!ret)
		ret = np_ranges_remove_all(places, &from, err);
	np_ranges_free(&from);
	return ret;
}

int recall_places(struct session *session, struct np_ranges *places, uint8_t *image,
                  struct np_error *err)
{
	struct store store = {.dir = session->state_dir, .chip = session->info};
	struct backup_found found;
	int ret;

	if (!session->state_dir[0] || !session->info->uid_len ||
	    nor_cost_read_ns(session->nor, np_ranges_bytes(places)) < WORTH_NS)
		return 0;
	ret = backup_find(&store, own_file(session->cli), NULL, &found, err);
	if (!ret && found.path[0]) {
		report_note(&session->cli->report,
		            "whose chip this is, is told by its backup %s (%s)", found.path,
		            found.date);
		ret = take(&found, places, image, err);
	}
	backup_found_free(&found);
	store_close(&store);
	return ret;
}
