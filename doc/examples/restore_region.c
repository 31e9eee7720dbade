/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is on the clip; keep a backup of it; put one region of an older dump back.
 *   cc restore_region.c $(pkg-config --cflags --libs norprog) -o restore_region
 *   ./restore_region ch341a old-dump.bin radio */
#include <norprog.h>
#include <stdio.h>

static int fail(norprog *np, const char *doing)
{
	const struct norprog_error *e = norprog_error(np);

	fprintf(stderr, "%s: %s\n  %s\n", doing, e->message, e->hint);
	norprog_free(np);
	return 1;
}

static int ask(void *ctx, const struct norprog_question *question)
{
	(void)ctx;
	printf("%s [y/N] ", question->text);
	fflush(stdout);
	return getchar() == 'y';
}

int main(int argc, char **argv)
{
	const struct norprog_result *result = NULL;
	const struct norprog_chip *chip = NULL;
	norprog_job *backup = NULL, *restore = NULL;
	norprog *np;
	int ret;

	if (argc != 4 || norprog_new(&np))
		return fprintf(stderr, "usage: restore_region PROGRAMMER DUMP REGION\n"), 2;
	norprog_set_question(np, ask, NULL);
	if (norprog_open(np, argv[1]) || norprog_detect(np, &chip))
		return fail(np, "detect");
	printf("%s %s, %u of %u IDs alike\n", chip->maker, chip->name, chip->id_agreed,
	       chip->id_reads);

	ret = norprog_job_new(np, NORPROG_READ, &backup);
	ret = ret ? ret : norprog_job_run(backup, &result);
	if (!ret)
		printf("backup: %s\n", result->file);
	norprog_job_free(backup);
	if (ret)
		return fail(np, "back up");

	ret = norprog_job_new(np, NORPROG_RESTORE, &restore);
	ret = ret ? ret : norprog_job_file(restore, argv[2]);
	ret = ret ? ret : norprog_job_only(restore, argv[3]);
	ret = ret ? ret : norprog_job_run(restore, &result);
	if (!ret)
		printf("%s: %lu bytes changed\n", argv[3], (unsigned long)result->changed_bytes);
	norprog_job_free(restore);
	if (ret)
		return fail(np, "restore");
	norprog_free(np);
	return 0;
}
