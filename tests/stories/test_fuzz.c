/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fuzz targets over their corpus, whole and with seeded damage: what a fuzzer once found stays
 * found. */
#include <check.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>

/* Made by tests/fuzz/fuzz.mk: every tests/fuzz/fuzz_NAME.c included as target_NAME(), and
 * FUZZ_TARGETS(X), which is X(NAME) for each. */
#include "fuzz_targets.h"
#include "support/suite.h"

#define DAMAGES 150

static const struct {
	const char *name;
	int (*run)(const uint8_t *data, size_t size);
} targets[] = {
#define TARGET(name) {#name, target_##name},
	FUZZ_TARGETS(TARGET)
#undef TARGET
};

/* A copy of exactly the size, so that a sanitizer sees the first byte behind it. */
static void run_copy(size_t target, const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, data, size);
	targets[target].run(copy, size);
	free(copy);
}

static void run_damaged(size_t target, const uint8_t *data, size_t size, unsigned seed)
{
	uint8_t *copy = malloc(size ? size : 1);
	size_t left = size;

	srand(seed);
	memcpy(copy, data, size);
	for (int i = rand() % 6; i >= 0 && size; i--)
		copy[(size_t)rand() % size] = (uint8_t)(rand() % 3 ? rand() : 0xff);
	if (size && rand() % 3 == 0)
		left = (size_t)rand() % size;
	run_copy(target, copy, left);
	free(copy);
}

static unsigned run_file(size_t target, const char *path)
{
	static uint8_t data[1 << 18];
	FILE *file = fopen(path, "rb");
	size_t size;

	ck_assert_msg(file != NULL, "cannot open %s", path);
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	run_copy(target, data, size);
	for (unsigned seed = 1; seed <= DAMAGES; seed++)
		run_damaged(target, data, size, seed);
	return 1;
}

START_TEST(corpus_and_damage)
{
	char dir[512], path[1024];
	unsigned files = 0;
	struct dirent *entry;
	DIR *folder;

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s",
	         getenv("NP_SOURCE") ? getenv("NP_SOURCE") : ".", targets[_i].name);
	folder = opendir(dir);
	ck_assert_msg(folder != NULL, "no corpus in %s", dir);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		files += run_file((size_t)_i, path);
	}
	closedir(folder);
	ck_assert_msg(files > 0, "the corpus of %s is empty", targets[_i].name);
	run_copy((size_t)_i, (const uint8_t *)"", 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fuzz");
	TCase *tc = tcase_create("fuzz");

	tcase_add_loop_test(tc, corpus_and_damage, 0, (int)(sizeof(targets) / sizeof(targets[0])));
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
