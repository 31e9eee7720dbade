/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/clone.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "chip/chipdb.h"
#include "chip/nor_status.h"

#define THREE_BYTES (UINT64_C(1) << 24) /* what three address bytes reach */

int clone_read_backup(const char *path, struct manifest *backup, struct np_error *err)
{
	int ret = manifest_load(path, backup, err);

	if (ret)
		return np_hint(err,
		               "clone takes a backup with its manifest beside it (FILE.json), as "
		               "read makes them; write takes any image");
	if (backup->segment_count == 1 && backup->segments[0].start == 0 &&
	    backup->segments[0].len == backup->chip_size)
		return 0;
	np_fail(err, NP_E_INPUT, "%s holds only parts of a chip", path);
	return np_hint(err, "clone needs a backup of the whole chip; restore puts parts back");
}

int clone_place(const struct manifest *backup, struct intent *intent, const struct nor_info *to,
                struct np_error *err)
{
	char small[32], big[32];

	if (backup->size == to->size)
		return 0;
	if (backup->size < to->size)
		return selection_place(&intent->selection, NULL, "0", backup->size, to->size, err);
	np_fail(err, NP_E_SIZE, "the backup has %s, this chip %s",
	        np_format_size(backup->size, big, sizeof(big)),
	        np_format_size(to->size, small, sizeof(small)));
	return np_hint(err, "take a chip of the same size or a bigger one");
}

/* ---- what differs ---- */

static void note(struct clone_plan *plan, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void note(struct clone_plan *plan, const char *format, ...)
{
	va_list args;

	if (plan->note_count == CLONE_NOTES)
		return;
	va_start(args, format);
	vsnprintf(plan->notes[plan->note_count++], CLONE_NOTE_LEN, format, args);
	va_end(args);
}

static bool same_type(const struct manifest *backup, const struct nor_info *to)
{
	char id[2 * NOR_ID_MAX + 1];

	np_format_hex(to->jedec_id, to->jedec_id_len, id);
	return strcmp(id, backup->jedec_id) == 0 && strcmp(to->name, backup->chip) == 0;
}

/* The row of the old chip; of several that were not told apart the first, for all are driven alike.
 * NULL: not in the tables. */
static const struct nor_chip *old_row(const struct manifest *backup, const struct nor_info *to)
{
	char name[sizeof(backup->chip)];
	const struct nor_chip *row;

	if (same_type(backup, to))
		return to->chip;
	row = chipdb_by_name(backup->chip, NULL, 0);
	if (row)
		return row;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(backup->chip, "/"), backup->chip);
	return chipdb_by_name(name, NULL, 0);
}

/* Registers that were not read are taken for a line that is not driven. */
static void old_registers(const struct manifest *backup, uint8_t sr[4])
{
	memset(sr, 0xff, 4);
	for (size_t i = 0; i < backup->status.count && i < 3; i++)
		sr[i] = backup->status.sr[i];
	if (backup->status.reg4 != NOR_REG4_NONE)
		sr[3] = backup->status.sr[3];
}

static void plan_setting(enum nor_setting setting, const struct nor_chip *from, const uint8_t sr[4],
                         const struct nor_chip *to, const uint8_t now[4], struct clone_plan *plan)
{
	uint8_t was, is;
	const char *name = nor_setting_name(setting);

	if (!nor_setting_get(from, sr, setting, &was))
		return;
	if (!nor_setting_get(to, now, setting, &is)) {
		if (was)
			note(plan, "%s was %u; where this chip has it is not known: not set", name,
			     was);
	} else if (!nor_setting_alike(from, to, setting)) {
		if (was != is)
			note(plan,
			     "%s was %u, and is %u here, which is not the same on another "
			     "part: left as it is",
			     name, was, is);
	} else {
		plan->settings.set[setting] = true;
		plan->settings.value[setting] = was;
		plan->differs |= was != is;
		if (was != is)
			note(plan, "%s was %u, and is %u here: set to %u when all is written", name,
			     was, is, was);
	}
}

static void plan_protection(const struct nor_chip *from, const uint8_t sr[4],
                            const struct nor_protection *now, struct clone_plan *plan)
{
	struct np_range was;

	if (!nor_status_protected(from, sr, &was))
		return;
	if (was.len && !now->range_count)
		note(plan,
		     "the old chip protected 0x%06" PRIx64 "+0x%" PRIx64
		     ", this one nothing; `norprog protect on 0x%06" PRIx64 "+0x%" PRIx64 "` does",
		     was.start, was.len, was.start, was.len);
	else if (!was.len && (now->range_count || !now->known))
		note(plan, "this chip is protected, the old one was not; `norprog protect off` "
		           "lifts it for good");
}

static const char *addressing(const struct nor_chip *chip)
{
	static const char *const names[] = {
		[NOR_ADDR4_NONE] = "three address bytes",
		[NOR_ADDR4_NATIVE] = "opcodes of their own",
		[NOR_ADDR4_ENTER] = "a mode (B7h)",
		[NOR_ADDR4_ENTER_WE] = "a mode (06h B7h)",
		[NOR_ADDR4_BANK] = "a bank register (C5h)",
		[NOR_ADDR4_BRWR] = "a bank register (17h)",
		[NOR_ADDR4_ALWAYS] = "four address bytes always",
	};

	return names[chip->addr4];
}

static void plan_size(const struct manifest *backup, const struct nor_chip *from,
                      const struct nor_info *to, struct clone_plan *plan)
{
	char was[32], is[32];

	if (backup->size < to->size)
		note(plan, "the backup has %s, this chip %s: what is behind it stays as it is",
		     np_format_size(backup->size, was, sizeof(was)),
		     np_format_size(to->size, is, sizeof(is)));
	if (to->size > THREE_BYTES && backup->size <= THREE_BYTES)
		note(plan, "this chip has more than 16 MiB: a board made for 16 MiB or less starts "
		           "from it only while it wakes with three address bytes");
	if (from && backup->size > THREE_BYTES && from->addr4 != to->chip->addr4)
		note(plan,
		     "above 16 MiB the old chip is reached by %s, this one by %s: a boot loader "
		     "may know only one of them",
		     addressing(from), addressing(to->chip));
}

void clone_plan(const struct manifest *backup, const struct nor_info *to,
                const struct nor_protection *now, struct clone_plan *plan)
{
	const struct nor_chip *from = old_row(backup, to);
	char id[2 * NOR_ID_MAX + 1];
	uint8_t sr[4];

	memset(plan, 0, sizeof(*plan));
	np_format_hex(to->jedec_id, to->jedec_id_len, id);
	if (!same_type(backup, to))
		note(plan,
		     "the old chip was %.64s (ID %s), this is %.64s (ID %s): a boot loader that "
		     "asks for the ID must know it",
		     backup->chip, backup->jedec_id, to->name, id);
	plan_size(backup, from, to, plan);
	if (!backup->status.told)
		note(plan, "the backup does not tell the old chip's status registers: set quad "
		           "enable (QE) if the board reads in quad mode");
	else if (!from)
		note(plan, "the old chip is not in the tables: its status registers are not put "
		           "back");
	if (!backup->status.told || !from)
		return;
	old_registers(backup, sr);
	for (enum nor_setting i = 0; i < NOR_SETTINGS; i++)
		plan_setting(i, from, sr, to->chip, now->sr, plan);
	plan_protection(from, sr, now, plan);
}
