/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --chips: any text becomes rows that can be driven, or an error with a line. */
#include "fuzz/fuzz.h"
#include "chip/chipdb.h"
#include "chip/chipfile.h"

static void check_row(const struct nor_chip *row)
{
	struct nor_erase erase[NOR_ERASE_TYPES];
	struct nor_times times;
	struct nor_chip chip;
	struct np_error err = {0};

	fuzz_must(row->name && row->name[0] && row->maker && row->source && row->id_len >= 3);
	fuzz_must(chipdb_resolve(&row, 1, NULL, &chip, erase, &times, &err) == 0);
	fuzz_must(erase[0].size > 0 && times.page_max_us >= times.page_typ_us);
	for (size_t i = 0; i < NOR_ERASE_TYPES && erase[i].size; i++) {
		fuzz_must(chip.size % erase[i].size == 0 && erase[i].max_us >= erase[i].typ_us);
		fuzz_must(erase[i].op != 0xc7 && erase[i].op != 0x60);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct chipfile *file;
	struct np_error err = {0};

	if (chipfile_parse((const char *)data, len, "f", &file, &err)) {
		fuzz_must(err.code == NP_E_INPUT && strncmp(err.message, "f:", 2) == 0);
		return 0;
	}
	fuzz_must(chipfile_count(file) > 0);
	for (size_t i = 0; i < chipfile_count(file); i++)
		check_row(&chipfile_rows(file)[i]);
	chipfile_free(file);
	return 0;
}
