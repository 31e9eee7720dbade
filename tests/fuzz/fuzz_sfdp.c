/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SFDP as any chip, or any bad contact, may answer it: parsed, described, resolved as a part nobody
 * knows. What is accepted must be drivable without leaving the chip. */
#include "fuzz/fuzz.h"
#include "chip/chipdb.h"
#include "chip/sfdp.h"

#define SFDP_SPACE 4096

static void check_erases(const struct nor_erase *erase, uint64_t size)
{
	for (size_t i = 0; i < NOR_ERASE_TYPES && erase[i].size; i++) {
		fuzz_must(size % erase[i].size == 0);
		fuzz_must(erase[i].op != 0xc7 && erase[i].op != 0x60);
		fuzz_must(erase[i].max_us >= erase[i].typ_us);
		fuzz_must(i == 0 || erase[i].size > erase[i - 1].size);
	}
}

static void check_resolved(const struct sfdp *sfdp)
{
	struct nor_erase erase[NOR_ERASE_TYPES];
	struct nor_times times;
	struct nor_chip chip;
	struct np_error err = {0};

	if (chipdb_resolve(NULL, 0, sfdp, &chip, erase, &times, &err)) {
		fuzz_must(err.code == NP_E_UNKNOWN_CHIP && err.message[0]);
		return;
	}
	fuzz_must(chip.size == sfdp->size && chip.page > 0 && erase[0].size > 0);
	fuzz_must(times.page_max_us >= times.page_typ_us);
	fuzz_must(chip.size <= 16 * 1024 * 1024 || chip.addr4 != NOR_ADDR4_NONE);
	check_erases(erase, chip.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sfdp sfdp;
	struct np_error err = {0};
	char text[2048];
	size_t need = sfdp_needed(NULL, 0);

	for (size_t got = 0; need > got && need <= len; need = sfdp_needed(data, got))
		got = need;
	fuzz_must(need <= SFDP_SPACE && sfdp_extent(data, len) <= SFDP_SPACE);
	if (sfdp_parse(data, len, &sfdp, &err)) {
		fuzz_must(err.code == NP_E_UNSUPPORTED && err.message[0]);
		return 0;
	}
	sfdp_describe(&sfdp, text, sizeof(text));
	fuzz_must(memchr(text, '\0', sizeof(text)) != NULL);
	check_erases(sfdp.erase, sfdp.size);
	check_resolved(&sfdp);
	return 0;
}
