/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The row that is used: what all candidates have in common, merged with SFDP. */
#include "chip/chipdb.h"

#include <string.h>

#define PAGE_DEFAULT 256
#define MIB          (UINT32_C(1) << 20)
#define ADDR3_LIMIT  (16 * MIB)

/*
 * Limits of waits that no SFDP confirms: above every data sheet seen, and about what production
 * programmers wait. A limit that is too long only delays an error; one that is too short makes a
 * healthy chip fail.
 */
#define FLOOR_PAGE_US     20000
#define FLOOR_SR_US       1000000 /* Spansion: 750 ms */
#define FLOOR_4K_US       3000000
#define FLOOR_BLOCK_US    10000000
#define FLOOR_CHIP_MS     100000
#define FLOOR_CHIP_MS_MIB 40000

/* What an unknown chip is taken for where SFDP is silent. */
static const struct nor_times generic_times = {
	.page_typ_us = 700,
	.page_max_us = 5000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 60000,
	.erase_4k_max_us = 500000,
	.erase_32k_typ_us = 150000,
	.erase_32k_max_us = 2000000,
	.erase_64k_typ_us = 250000,
	.erase_64k_max_us = 3000000,
	.erase_256k_typ_us = 520000,
	.erase_256k_max_us = 5000000,
	.source = "middle of common data sheets",
};

/* Ranges not known: clears BP0..BP3 of SR1 and says "unknown" when they are set. */
static const struct nor_prot unknown_prot = {.kind = NOR_PROT_NONE};

/* A chip that is not in the tables: where other makers have BP0..BP3 (or TB), CMP, WPS and what
 * locks the registers. SR1 bit 6 is QE, or one more of them (TB, SEC, BP4). */
#define GUESS                                                                                      \
	.kind = NOR_PROT_GUESS, .cmp = NOR_BIT(2, 6), .wps = NOR_BIT(3, 2), .srp0 = NOR_BIT(1, 7), \
	.srp1 = NOR_BIT(2, 0)
static const struct nor_prot guess_qe_sr1 = {
	GUESS, .bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5)}};
static const struct nor_prot guess = {
	GUESS, .bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5), NOR_BIT(1, 6)}};

static void at_least(uint32_t *value, uint32_t floor)
{
	if (*value < floor)
		*value = floor;
}

/* ---- erase sets ---- */

static const struct {
	uint8_t set;
	struct nor_erase erase;
} erase_ops[] = {
	{NOR_ERASE_4K_D7, {.size = 4096, .op = 0xd7}},
	{NOR_ERASE_4K, {.size = 4096, .op = 0x20, .op4 = 0x21}},
	{NOR_ERASE_32K, {.size = 32768, .op = 0x52, .op4 = 0x5c}},
	{NOR_ERASE_64K, {.size = 65536, .op = 0xd8, .op4 = 0xdc}},
	{NOR_ERASE_256K, {.size = 262144, .op = 0xd8, .op4 = 0xdc}},
};

static size_t list_len(const struct nor_erase *list)
{
	size_t n = 0;

	while (n < NOR_ERASE_TYPES && list[n].size)
		n++;
	return n;
}

/* The erase list of a row, times still open. */
static void list_of_row(const struct nor_chip *chip, struct nor_erase list[NOR_ERASE_TYPES])
{
	size_t n = 0;

	memset(list, 0, NOR_ERASE_TYPES * sizeof(list[0]));
	if (chip->erase) {
		memcpy(list, chip->erase, NOR_ERASE_TYPES * sizeof(list[0]));
		return;
	}
	for (size_t i = 0; i < sizeof(erase_ops) / sizeof(erase_ops[0]); i++)
		if (chip->erase_set & erase_ops[i].set && n < NOR_ERASE_TYPES)
			list[n++] = erase_ops[i].erase;
}

/* Keep of `list` what `other` has as well. Where `other` states opcodes with four address bytes,
 * those count. */
static void list_intersect(struct nor_erase list[NOR_ERASE_TYPES], const struct nor_erase *other,
                           size_t other_count, bool take_op4)
{
	struct nor_erase both[NOR_ERASE_TYPES] = {{0}};
	size_t n = 0;

	for (size_t i = 0; i < list_len(list); i++) {
		for (size_t k = 0; k < other_count; k++) {
			if (other[k].size != list[i].size || other[k].op != list[i].op)
				continue;
			both[n] = list[i];
			if (take_op4)
				both[n].op4 = other[k].op4;
			n++;
			break;
		}
	}
	memcpy(list, both, sizeof(both));
}

/* Drop what cannot reach the whole chip; op4 is for parts that are driven by it. */
static void list_keep_reaching(const struct nor_chip *chip, struct nor_erase list[NOR_ERASE_TYPES])
{
	size_t n = 0, count = list_len(list);

	for (size_t i = 0; i < count; i++) {
		if (chip->addr4 == NOR_ADDR4_NATIVE && !list[i].op4)
			continue;
		if (chip->addr4 != NOR_ADDR4_NATIVE)
			list[i].op4 = 0;
		list[n++] = list[i];
	}
	memset(&list[n], 0, (NOR_ERASE_TYPES - n) * sizeof(list[0]));
}

/* ---- common denominator ---- */

static void times_merge(struct nor_times *times, const struct nor_times *other)
{
	at_least(&times->page_typ_us, other->page_typ_us);
	at_least(&times->page_max_us, other->page_max_us);
	at_least(&times->sr_typ_us, other->sr_typ_us);
	at_least(&times->sr_max_us, other->sr_max_us);
	at_least(&times->erase_4k_typ_us, other->erase_4k_typ_us);
	at_least(&times->erase_4k_max_us, other->erase_4k_max_us);
	at_least(&times->erase_32k_typ_us, other->erase_32k_typ_us);
	at_least(&times->erase_32k_max_us, other->erase_32k_max_us);
	at_least(&times->erase_64k_typ_us, other->erase_64k_typ_us);
	at_least(&times->erase_64k_max_us, other->erase_64k_max_us);
	at_least(&times->erase_256k_typ_us, other->erase_256k_typ_us);
	at_least(&times->erase_256k_max_us, other->erase_256k_max_us);
	at_least(&times->chip_typ_ms, other->chip_typ_ms);
	at_least(&times->chip_max_ms, other->chip_max_ms);
}

static uint16_t least_mhz(uint16_t a, uint16_t b, uint16_t unstated)
{
	a = a ? a : unstated;
	b = b ? b : unstated;
	return a < b ? a : b;
}

/* Two bytes to 01h are right wherever SR2 exists; one byte is right where it does not, or where the
 * second register is the Macronix CR, which a one-byte write keeps. */
static enum nor_sr_write sr_write_common(enum nor_sr_write a, enum nor_sr_write b)
{
	if (a == b)
		return a;
	if ((a == NOR_SR_ONE && b == NOR_SR_MXIC) || (a == NOR_SR_MXIC && b == NOR_SR_ONE))
		return NOR_SR_ONE;
	if (a == NOR_SR_TWO || b == NOR_SR_TWO)
		return NOR_SR_TWO;
	return NOR_SR_TWO_CLEARS;
}

static bool addr4_common(enum nor_addr4 a, enum nor_addr4 b, enum nor_addr4 *common)
{
	enum nor_addr4 low = a < b ? a : b, high = a < b ? b : a;

	/* Parts with opcodes of their own know B7h too, and 06h before it does no harm. */
	*common = high;
	return low == high || (low >= NOR_ADDR4_NATIVE && high <= NOR_ADDR4_ENTER_WE);
}

static void merge_facts(struct nor_chip *chip, const struct nor_chip *other)
{
	const uint32_t abilities = NOR_F_VOLATILE_SR | NOR_F_GBULK | NOR_F_AAI_WORD;
	uint16_t page = other->page ? other->page : PAGE_DEFAULT;

	if (page < chip->page)
		chip->page = page;
	if (other->die && (!chip->die || other->die < chip->die))
		chip->die = other->die;
	chip->sr_write = sr_write_common(chip->sr_write, other->sr_write);
	chip->qe = chip->qe ? chip->qe : other->qe;
	if (chip->uid != other->uid)
		chip->uid = NOR_UID_NONE;
	if (chip->otp != other->otp || chip->otp_regs != other->otp_regs ||
	    chip->otp_reg_size != other->otp_reg_size)
		chip->otp = NOR_OTP_NONE;
	chip->read_mhz = least_mhz(chip->read_mhz, other->read_mhz, 20);
	chip->fast_mhz = least_mhz(chip->fast_mhz, other->fast_mhz, 50);
	chip->flags = (chip->flags & other->flags & abilities) |
	              ((chip->flags | other->flags) & ~abilities);
	if (other->proof < chip->proof)
		chip->proof = other->proof;
}

/* One scheme, or those that it may be. */
static void merge_prot(struct nor_chip *chip, const struct nor_prot *other)
{
	size_t n = 0;

	if (!chip->twins[0] && chipdb_prots_equal(chip->prot, other))
		return;
	if (!chip->twins[0])
		chip->twins[0] = chip->prot;
	chip->prot = &unknown_prot;
	while (n < NOR_TWINS && chip->twins[n]) {
		if (chipdb_prots_equal(chip->twins[n], other))
			return;
		n++;
	}
	if (n < NOR_TWINS)
		chip->twins[n] = other;
	else
		chip->twins[0] = &unknown_prot;
}

static int merge_row(struct nor_chip *chip, struct nor_erase erase[NOR_ERASE_TYPES],
                     struct nor_times *times, const struct nor_chip *other, struct np_error *err)
{
	struct nor_erase list[NOR_ERASE_TYPES];

	list_of_row(other, list);
	list_intersect(erase, list, list_len(list), true);
	if (chip->size != other->size || chip->uneven != other->uneven ||
	    !addr4_common(chip->addr4, other->addr4, &chip->addr4)) {
		np_fail(err, NP_E_UNKNOWN_CHIP, "%s and %s share an ID but are driven differently",
		        chip->name, other->name);
		return np_hint(err, "name the part on the package with --chip");
	}
	merge_prot(chip, other->prot ? other->prot : &unknown_prot);
	if (other->times)
		times_merge(times, other->times);
	merge_facts(chip, other);
	return 0;
}

static void start_row(struct nor_chip *chip, struct nor_times *times, const struct nor_chip *row)
{
	*chip = *row;
	*times = row->times ? *row->times : generic_times;
	chip->page = row->page ? row->page : PAGE_DEFAULT;
	chip->prot = row->prot ? row->prot : &unknown_prot;
	chip->read_mhz = row->read_mhz ? row->read_mhz : 20;
	chip->fast_mhz = row->fast_mhz ? row->fast_mhz : 50;
}

/* ---- SFDP ---- */

static void status_from_sfdp(struct nor_chip *chip, const struct sfdp *sfdp)
{
	static const struct {
		enum nor_sr_write write;
		uint8_t qe;
	} kinds[8] = {
		[0] = {NOR_SR_ONE, NOR_NO_BIT},
		[1] = {NOR_SR_TWO_CLEARS, NOR_BIT(2, 1)},
		[2] = {NOR_SR_ONE, NOR_BIT(1, 6)},
		[3] = {NOR_SR_ONE, NOR_NO_BIT}, /* 3Eh/3Fh, which nothing here writes */
		[4] = {NOR_SR_TWO, NOR_BIT(2, 1)},
		[5] = {NOR_SR_TWO_CLEARS, NOR_BIT(2, 1)},
		[6] = {NOR_SR_SEPARATE, NOR_BIT(2, 1)},
		[7] = {NOR_SR_ONE, NOR_NO_BIT},
	};

	chip->sr_write = kinds[sfdp->qer & 7].write;
	chip->qe = kinds[sfdp->qer & 7].qe;
}

/* SFDP of a part whose row knows no SR2 may know better: one byte to 01h could then clear QE. */
static void status_refine(struct nor_chip *chip, const struct sfdp *sfdp)
{
	struct nor_chip said = {0};

	status_from_sfdp(&said, sfdp);
	if (!sfdp->has_qer || chip->sr_write != NOR_SR_ONE || said.sr_write == NOR_SR_ONE)
		return;
	chip->sr_write = said.sr_write;
	chip->qe = said.qe;
}

static enum nor_addr4 addr4_from_sfdp(const struct sfdp *sfdp)
{
	if (sfdp->addr4_only)
		return NOR_ADDR4_ALWAYS;
	if (sfdp->size <= ADDR3_LIMIT)
		return NOR_ADDR4_NONE;
	if (sfdp->addr4_native)
		return NOR_ADDR4_NATIVE;
	if (sfdp->addr4_enter)
		return NOR_ADDR4_ENTER;
	if (sfdp->addr4_enter_we)
		return NOR_ADDR4_ENTER_WE;
	if (sfdp->addr4_bank)
		return NOR_ADDR4_BANK;
	if (sfdp->addr4_brwr)
		return NOR_ADDR4_BRWR;
	return NOR_ADDR4_ENTER_WE; /* JESD216 1.0 does not say; 06h before B7h never hurts */
}

/* A chip that is not in the tables. */
static int start_unknown(struct nor_chip *chip, struct nor_erase erase[NOR_ERASE_TYPES],
                         struct nor_times *times, const struct sfdp *sfdp, struct np_error *err)
{
	if (!sfdp) {
		np_fail(err, NP_E_UNKNOWN_CHIP,
		        "this chip is in no table, and does not describe itself (no SFDP)");
		return np_hint(err, "see `norprog chips`; describe the chip in a file and pass it "
		                    "with --chips FILE");
	}
	*chip = (struct nor_chip){
		.name = "unknown (SFDP)",
		.size = (uint32_t)sfdp->size,
		.page = (uint16_t)sfdp->page,
		.read_mhz = 20,
		.fast_mhz = 50,
		.flags = sfdp->volatile_sr_50h ? NOR_F_VOLATILE_SR : 0,
		.source = "SFDP of the chip itself",
	};
	if (sfdp->bfpt_len >= 16 && !sfdp->soft_reset)
		chip->flags |= NOR_F_NO_RESET;
	if (!sfdp->erase_count) {
		chip->flags |= NOR_F_READ_ONLY;
		chip->note = "by its SFDP no erase size works everywhere: read, not written";
	}
	chip->addr4 = addr4_from_sfdp(sfdp);
	status_from_sfdp(chip, sfdp);
	chip->prot = chip->qe == NOR_BIT(1, 6) ? &guess_qe_sr1 : &guess;
	memcpy(erase, sfdp->erase, NOR_ERASE_TYPES * sizeof(erase[0]));
	*times = generic_times;
	return 0;
}

/* What SFDP adds to a row: fewer erase types, opcodes with four address bytes, a smaller page. Of a
 * part known as uneven the row tells more than what works everywhere by SFDP. */
static void refine_row(struct nor_chip *chip, struct nor_erase erase[NOR_ERASE_TYPES],
                       const struct sfdp *sfdp)
{
	struct nor_erase stated[NOR_ERASE_TYPES];

	status_refine(chip, sfdp);
	if (sfdp->page >= 64 && sfdp->page < chip->page)
		chip->page = (uint16_t)sfdp->page;
	if (chip->uneven)
		return;
	memcpy(stated, erase, sizeof(stated));
	if (!list_len(stated))
		memcpy(erase, sfdp->erase, NOR_ERASE_TYPES * sizeof(erase[0]));
	else
		list_intersect(erase, sfdp->erase, sfdp->erase_count, sfdp->addr4_native);
	if (!list_len(erase))
		memcpy(erase, stated, sizeof(stated));
}

/* ---- times ---- */

/* Every time gets a value, and every limit that only a table stands for is raised. */
static void times_complete(struct nor_times *times, uint32_t size, bool confirmed)
{
	static const struct nor_times least = {
		.page_max_us = FLOOR_PAGE_US,
		.erase_4k_max_us = FLOOR_4K_US,
		.erase_32k_max_us = FLOOR_BLOCK_US,
		.erase_64k_max_us = FLOOR_BLOCK_US,
		.erase_256k_max_us = FLOOR_BLOCK_US,
	};
	uint64_t chip_ms;

	if (!times->page_typ_us)
		times->page_typ_us = generic_times.page_typ_us;
	if (!times->sr_typ_us)
		times->sr_typ_us = generic_times.sr_typ_us;
	if (!times->erase_4k_typ_us)
		times->erase_4k_typ_us = generic_times.erase_4k_typ_us;
	if (!times->erase_64k_typ_us)
		times->erase_64k_typ_us = generic_times.erase_64k_typ_us;
	if (!times->erase_32k_typ_us)
		times->erase_32k_typ_us = times->erase_64k_typ_us;
	if (!times->erase_256k_typ_us)
		times->erase_256k_typ_us = 4 * times->erase_64k_typ_us;
	at_least(&times->sr_max_us, FLOOR_SR_US);
	if (!confirmed)
		times_merge(times, &least);
	if (!times->chip_typ_ms) {
		chip_ms = (uint64_t)(size / 65536 + 1) * times->erase_64k_typ_us / 1000;
		times->chip_typ_ms = (uint32_t)chip_ms;
	}
	chip_ms = (uint64_t)(size / MIB) * FLOOR_CHIP_MS_MIB;
	at_least(&times->chip_max_ms, chip_ms > FLOOR_CHIP_MS ? (uint32_t)chip_ms : FLOOR_CHIP_MS);
	at_least(&times->chip_max_ms, times->chip_typ_ms);
}

/* The two times that an erase of `size` bytes counts as: the usual size it is, or the next one up.
 */
static void times_slot(struct nor_times *times, uint32_t size, uint32_t **typ, uint32_t **max)
{
	*typ = &times->erase_256k_typ_us;
	*max = &times->erase_256k_max_us;
	if (size <= 4096) {
		*typ = &times->erase_4k_typ_us;
		*max = &times->erase_4k_max_us;
	} else if (size <= 32768) {
		*typ = &times->erase_32k_typ_us;
		*max = &times->erase_32k_max_us;
	} else if (size <= 65536) {
		*typ = &times->erase_64k_typ_us;
		*max = &times->erase_64k_max_us;
	}
}

/* SFDP's typical times win; of the limits the larger does. */
static void times_from_sfdp(struct nor_times *times, const struct sfdp *sfdp)
{
	times->page_typ_us = sfdp->page_typ_us;
	at_least(&times->page_max_us, sfdp->page_max_us);
	times->chip_typ_ms = sfdp->chip_typ_ms;
	at_least(&times->chip_max_ms, sfdp->chip_max_ms);
	for (size_t i = 0; i < sfdp->erase_count; i++) {
		uint32_t *typ, *max;

		times_slot(times, sfdp->erase[i].size, &typ, &max);
		*typ = sfdp->erase[i].typ_us;
		at_least(max, sfdp->erase[i].max_us);
	}
}

static void erase_times(struct nor_erase *erase, struct nor_times *times)
{
	uint32_t *typ, *max;

	times_slot(times, erase->size, &typ, &max);
	if (!erase->typ_us)
		erase->typ_us = *typ;
	at_least(&erase->max_us, *max);
	at_least(&erase->max_us, erase->typ_us);
}

static int start_rows(const struct nor_chip *const *rows, size_t count, struct nor_chip *out,
                      struct nor_erase erase[NOR_ERASE_TYPES], struct nor_times *times,
                      struct np_error *err)
{
	start_row(out, times, rows[0]);
	list_of_row(rows[0], erase);
	for (size_t i = 1; i < count; i++) {
		int rc = merge_row(out, erase, times, rows[i], err);

		if (rc)
			return rc;
	}
	return 0;
}

int chipdb_resolve(const struct nor_chip *const *rows, size_t count, const struct sfdp *sfdp,
                   struct nor_chip *out, struct nor_erase erase[NOR_ERASE_TYPES],
                   struct nor_times *times, struct np_error *err)
{
	int rc;

	memset(erase, 0, NOR_ERASE_TYPES * sizeof(erase[0]));
	if (!count) {
		rc = start_unknown(out, erase, times, sfdp, err);
	} else {
		rc = start_rows(rows, count, out, erase, times, err);
		if (!rc && out->flags & (NOR_F_BAD_SFDP | NOR_F_NO_SFDP))
			sfdp = NULL;
		/* SFDP of another size is another part's: the row stands alone. */
		if (!rc && sfdp && sfdp->size != out->size)
			sfdp = NULL;
		if (!rc && sfdp)
			refine_row(out, erase, sfdp);
	}
	if (rc)
		return rc;
	if (sfdp && sfdp->has_times)
		times_from_sfdp(times, sfdp);
	times_complete(times, out->size, sfdp && sfdp->has_times);
	list_keep_reaching(out, erase);
	if (out->flags & NOR_F_READ_ONLY)
		memset(erase, 0, NOR_ERASE_TYPES * sizeof(erase[0]));
	else if (!list_len(erase))
		return np_fail(err, NP_E_UNKNOWN_CHIP, "%s: how it is erased is not known",
		               out->name);
	for (size_t i = 0; i < list_len(erase); i++)
		erase_times(&erase[i], times);
	out->erase = erase;
	out->erase_set = 0;
	out->times = times;
	return 0;
}
