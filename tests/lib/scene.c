/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scene.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void save(const char *path, const void *data, size_t len)
{
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(data, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static void hear(void *ctx, const struct norprog_event *event)
{
	struct scene *scene = ctx;

	scene->plans += event->type == NORPROG_EV_PLAN;
	scene->phases += event->type == NORPROG_EV_PHASE;
	scene->warnings += event->type == NORPROG_EV_WARN;
	if (event->type != NORPROG_EV_STEP)
		return;
	scene->steps++;
	if (scene->stop_at_step && scene->steps == scene->stop_at_step)
		norprog_stop(scene->np);
}

static int answer(void *ctx, const struct norprog_question *question)
{
	struct scene *scene = ctx;

	scene->asked++;
	return question->text[0] != '\0';
}

static void keep_log(void *ctx, enum norprog_log_level level, const char *line)
{
	struct scene *scene = ctx;

	if (level == NORPROG_LOG_WARN)
		snprintf(scene->log, sizeof(scene->log), "%s", line);
}

void scene_detect(struct scene *scene, const char *part)
{
	char spec[256];

	snprintf(spec, sizeof(spec), "sim:chip=%s,file=%s", part, scene->chip_file);
	must_pass(scene, norprog_open(scene->np, spec));
	must_pass(scene, norprog_detect(scene->np, NULL));
}

void scene_prepare(struct scene *scene, const uint8_t *image, size_t size)
{
	uint8_t *blank = malloc(size);

	memset(scene, 0, sizeof(*scene));
	snprintf(scene->dir, sizeof(scene->dir), "/tmp/norprog-lib-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scene->dir));
	snprintf(scene->state, sizeof(scene->state), "%s/state", scene->dir);
	snprintf(scene->chip_file, sizeof(scene->chip_file), "%s/chip.bin", scene->dir);
	memset(blank, 0xff, size);
	save(scene->chip_file, image ? image : blank, size);
	free(blank);
	ck_assert_int_eq(norprog_new(&scene->np), 0);
	norprog_set_events(scene->np, hear, scene);
	norprog_set_question(scene->np, answer, scene);
	norprog_set_log(scene->np, keep_log, scene);
	must_pass(scene, norprog_set(scene->np, NORPROG_STATE_FOLDER, scene->state));
}

void scene_open_part(struct scene *scene, const char *part, size_t size, const uint8_t *image)
{
	scene_prepare(scene, image, size);
	scene_detect(scene, part);
	ck_assert_uint_eq(norprog_chip(scene->np)->size, size);
}

void scene_swap(struct scene *scene, const char *part, const uint8_t *image)
{
	must_pass(scene, norprog_close(scene->np));
	save(scene->chip_file, image, SIZE);
	scene_detect(scene, part);
}

void scene_open(struct scene *scene, const uint8_t *image)
{
	scene_open_part(scene, "W25Q64FV", SIZE, image);
}

void scene_close(struct scene *scene)
{
	char command[128];

	norprog_free(scene->np);
	snprintf(command, sizeof(command), "rm -rf '%s'", scene->dir);
	ck_assert_int_eq(system(command), 0);
}

uint8_t *scene_chip(const struct scene *scene)
{
	FILE *file = fopen(scene->chip_file, "rb");
	uint8_t *data = malloc(SIZE);

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fread(data, 1, SIZE, file), SIZE);
	fclose(file);
	return data;
}

void scene_file(const struct scene *scene, const char *name, const void *data, size_t len,
                char *path)
{
	snprintf(path, 128, "%s/%s", scene->dir, name);
	save(path, data, len);
}

unsigned scene_files(const struct scene *scene, const char *folder)
{
	char path[256];
	const struct dirent *entry;
	unsigned count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", scene->state, folder);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return count;
}

/* Bytes like firmware: no run of one value. */
static void fill(uint8_t *image, size_t len, unsigned seed)
{
	uint32_t state = 0x9e3779b9u * (seed + 1);

	for (size_t i = 0; i < len; i += 4) {
		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		memcpy(image + i, &state, len - i < 4 ? len - i : 4);
	}
}

uint8_t *dump_of(const char *device, uint8_t unit, unsigned seed)
{
	static const uint8_t mr200[] = {1, 0, 0x50, 0xd7, 0x4a, 0, 0, 0};
	static const uint8_t c2[] = {1, 0, 0x50, 0xc7, 0x32, 0, 0, 0};
	const uint8_t mac[] = {0x50, 0xc7, 0xbf, 0x10, 0x07, unit};
	uint8_t *image = malloc(SIZE);

	fill(image, SIZE, seed);
	memcpy(image + 0x1000, "U-Boot 1.1.3", 12);
	memcpy(image + 0x20034, strcmp(device, "c2") == 0 ? c2 : mr200, 8);
	memcpy(image + MAC_AT, mac, sizeof(mac));
	memcpy(image + PIN_AT, "12345670", 8);
	memcpy(image + CAL_2G_AT, "\x20\x76", 2);
	memcpy(image + CAL_5G_AT, "\x10\x76", 2);
	image[CAL_2G_AT + 0x100] = unit;
	return image;
}

void must_fail(const struct scene *scene, int ret, int code, const char *gate)
{
	const struct norprog_error *error = norprog_error(scene->np);

	ck_assert_msg(ret == code, "%s (%s), not %s", norprog_code_name(ret), error->message,
	              norprog_code_name(code));
	ck_assert_int_eq(error->code, code);
	ck_assert_str_ne(error->message, "");
	if (gate)
		ck_assert_str_eq(error->gate, gate);
}

void must_pass(const struct scene *scene, int ret)
{
	const struct norprog_error *error = norprog_error(scene->np);

	ck_assert_msg(ret == 0, "%s: %s (%s; gate %s)", norprog_code_name(ret), error->message,
	              error->hint, error->gate);
	ck_assert_int_eq(error->code, 0);
}

int scene_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
