/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chip tables test themselves: figures, names, and that every ID leads to rows driven alike. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip/chipdb.h"
#include "support/suite.h"
#include "support/twins.h"

#define MIB        (1024U * 1024U)
#define CANDIDATES 16

static struct nor_erase erase[NOR_ERASE_TYPES];
static struct nor_times times;

static struct nor_chip resolve(const struct nor_chip *row, const struct sfdp *sfdp)
{
	struct np_error err = {0};
	struct nor_chip out;

	ck_assert_msg(chipdb_resolve(&row, row ? 1 : 0, sfdp, &out, erase, &times, &err) == 0, "%s",
	              err.message);
	ck_assert_ptr_eq(out.erase, erase);
	ck_assert_ptr_eq(out.times, &times);
	return out;
}

/* ---- the tables themselves ---- */

static void check_times(const struct nor_chip *row, uint32_t typ, uint32_t max)
{
	ck_assert_msg(max >= typ, "%s: %u us at most, %u typically", row->name, max, typ);
	ck_assert_msg((typ == 0) == (max == 0), "%s: half a time", row->name);
}

static void check_row_times(const struct nor_chip *row)
{
	const struct nor_times *t = row->times;

	ck_assert_msg(t != NULL, "%s", row->name);
	check_times(row, t->page_typ_us, t->page_max_us);
	check_times(row, t->sr_typ_us, t->sr_max_us);
	check_times(row, t->erase_4k_typ_us, t->erase_4k_max_us);
	check_times(row, t->erase_32k_typ_us, t->erase_32k_max_us);
	check_times(row, t->erase_64k_typ_us, t->erase_64k_max_us);
	check_times(row, t->erase_256k_typ_us, t->erase_256k_max_us);
	check_times(row, t->chip_typ_ms, t->chip_max_ms);
	ck_assert_msg(t->page_typ_us && t->sr_typ_us, "%s", row->name);
	ck_assert_msg(t->source && *t->source, "%s: times without a source", row->name);
}

static void check_resolved(const struct nor_chip *row)
{
	struct nor_chip out = resolve(row, NULL);
	size_t n;

	for (n = 0; n < NOR_ERASE_TYPES && erase[n].size; n++) {
		ck_assert_msg(row->size % erase[n].size == 0, "%s", row->name);
		ck_assert_msg(n == 0 || (erase[n].size > erase[n - 1].size &&
		                         erase[n].size % erase[n - 1].size == 0),
		              "%s: erase sizes do not nest", row->name);
		ck_assert_msg(erase[n].typ_us && erase[n].max_us >= erase[n].typ_us, "%s",
		              row->name);
		ck_assert_msg(out.addr4 != NOR_ADDR4_NATIVE || erase[n].op4, "%s", row->name);
	}
	ck_assert_msg((n > 0) == !(row->flags & NOR_F_READ_ONLY), "%s cannot be erased", row->name);
	ck_assert_msg(!(row->flags & NOR_F_READ_ONLY) || row->note, "%s: why?", row->name);
	ck_assert_msg(times.page_typ_us && times.sr_max_us && times.chip_typ_ms &&
	                      times.chip_max_ms >= times.chip_typ_ms,
	              "%s", row->name);
	ck_assert_ptr_nonnull(out.prot);
}

/* What an address has to reach. */
static uint32_t reach(const struct nor_chip *row)
{
	return row->flags & NOR_F_DIE_SELECT ? row->die : row->size;
}

START_TEST(test_every_row)
{
	const struct nor_chip *row;
	size_t count;

	for (count = 0; (row = chipdb_at(count)); count++) {
		ck_assert_msg(row->name && *row->name && row->maker, "row %zu", count);
		ck_assert_msg(row->source && *row->source, "%s: no source", row->name);
		ck_assert_msg(row->id_len >= 3 && row->id_len <= NOR_ID_MAX, "%s", row->name);
		ck_assert_msg(row->size >= 65536 && (row->size & (row->size - 1)) == 0, "%s",
		              row->name);
		ck_assert_msg((reach(row) > 16 * MIB) == (row->addr4 != NOR_ADDR4_NONE), "%s",
		              row->name);
		ck_assert_msg(row->vcc_min_mv && row->vcc_max_mv > row->vcc_min_mv, "%s",
		              row->name);
		ck_assert_msg(row->read_mhz <= row->fast_mhz, "%s", row->name);
		ck_assert_msg(row->proof <= NOR_PROOF_REPORTED, "%s", row->name);
		ck_assert_msg((row->otp == NOR_OTP_NONE) == (row->otp_regs == 0), "%s", row->name);
		ck_assert_msg(row->die ? row->die < row->size && row->size % row->die == 0
		                       : !(row->flags &
		                           (NOR_F_DIE_ERASE | NOR_F_DIE_STATUS | NOR_F_DIE_SELECT)),
		              "%s: dies", row->name);
		ck_assert_msg(!(row->match.bfpt_value & ~row->match.bfpt_mask), "%s: never matches",
		              row->name);
		check_row_times(row);
		check_resolved(row);
	}
	ck_assert_uint_ge(count, 700);
}
END_TEST

/* Status bits are named once each, and none is BUSY, WEL or QE. */
START_TEST(test_every_protection)
{
	const struct nor_chip *row;

	for (size_t i = 0; (row = chipdb_at(i)); i++) {
		const struct nor_prot *p = row->prot;
		bool seen[256] = {false};
		uint8_t bits[NOR_BP_MAX + 7];
		size_t n = 0;

		ck_assert_msg(p != NULL, "%s", row->name);
		for (; n < NOR_BP_MAX; n++)
			bits[n] = p->bp[n];
		bits[n++] = p->tb;
		bits[n++] = p->sec;
		bits[n++] = p->cmp;
		bits[n++] = p->srp0;
		bits[n++] = p->srp1;
		bits[n++] = p->wps;
		bits[n++] = p->idle;
		for (size_t k = 0; k < n; k++) {
			if (bits[k] == NOR_NO_BIT)
				continue;
			ck_assert_msg(!seen[bits[k]], "%s: bit %02X twice", row->name, bits[k]);
			ck_assert_msg(bits[k] != row->qe, "%s: QE protects", row->name);
			ck_assert_msg(bits[k] >= NOR_BIT(1, 2) && bits[k] <= NOR_BIT(4, 7), "%s",
			              row->name);
			seen[bits[k]] = true;
		}
	}
}
END_TEST

/* The user is told by doc/CHIPS.md where ranges are not known: every such name, and no other. */
#define DOC "doc/CHIPS.md"

static char doc[64 * 1024];

static void read_undecoded_list(void)
{
	FILE *file = fopen(DOC, "re");
	size_t len;
	char *from;

	ck_assert_ptr_nonnull(file);
	len = fread(doc, 1, sizeof(doc) - 1, file);
	fclose(file);
	ck_assert_uint_lt(len, sizeof(doc) - 1);
	doc[len] = '\0';
	from = strstr(doc, "| maker | parts | why |");
	ck_assert_ptr_nonnull(from);
	memmove(doc, from, strlen(from) + 1);
	from = strstr(doc, "\n\n");
	ck_assert_ptr_nonnull(from);
	*from = '\0';
}

/* As a word of its own. */
static bool is_listed(const char *name, size_t len)
{
	for (const char *at = doc; (at = strstr(at, name)); at++)
		if (strcspn(at, " ,/") == len && at[-1] == ' ')
			return true;
	return false;
}

START_TEST(test_undecoded_parts_are_listed)
{
	const struct nor_chip *row;

	read_undecoded_list();
	for (size_t i = 0; (row = chipdb_at(i)); i++) {
		for (const char *at = row->name; at;) {
			size_t len = strcspn(at, "/");
			char name[64];

			snprintf(name, sizeof(name), "%.*s", (int)len, at);
			if (row->flags & NOR_F_READ_ONLY)
				break;
			ck_assert_msg(is_listed(name, len) == (row->prot->kind == NOR_PROT_NONE),
			              "%s: " DOC, name);
			at = at[len] ? at + len + 1 : NULL;
		}
	}
}
END_TEST

static bool same_name_part(const char *a, const char *b)
{
	while (*a) {
		size_t len = strcspn(a, "/");
		char part[64];

		ck_assert_uint_lt(len, sizeof(part));
		memcpy(part, a, len);
		part[len] = '\0';
		for (const char *at = b; at;) {
			size_t other = strcspn(at, "/");

			if (other == len && strncmp(at, part, len) == 0)
				return true;
			at = at[other] ? at + other + 1 : NULL;
		}
		a += a[len] ? len + 1 : len;
	}
	return false;
}

START_TEST(test_names_unique)
{
	const struct nor_chip *a, *b;

	for (size_t i = 0; (a = chipdb_at(i)); i++)
		for (size_t k = i + 1; (b = chipdb_at(k)); k++)
			ck_assert_msg(!same_name_part(a->name, b->name), "%s and %s", a->name,
			              b->name);
}
END_TEST

/* One byte to 01h serves parts without SR2 and Macronix parts with CR alike; nothing else mixes. */
static bool same_status_write(enum nor_sr_write a, enum nor_sr_write b)
{
	return a == b || (a == NOR_SR_ONE && b == NOR_SR_MXIC) ||
	       (a == NOR_SR_MXIC && b == NOR_SR_ONE);
}

/* Whatever a chip with a known ID says of itself, somebody fits, and the candidates can be driven
 * by their common denominator without asking. */
static void check_candidates(const struct nor_chip *row, const struct sfdp *sfdp)
{
	const struct nor_chip *found[CANDIDATES];
	size_t count = chipdb_find(row->id, row->id_len, sfdp, NULL, 0, found, CANDIDATES);
	struct np_error err = {0};
	struct nor_chip out;

	ck_assert_msg(count > 0 && count < CANDIDATES, "%s", row->name);
	ck_assert_msg(chipdb_resolve(found, count, sfdp, &out, erase, &times, &err) == 0, "%s: %s",
	              row->name, err.message);
	for (size_t i = 1; i < count; i++) {
		ck_assert_msg(found[i]->size == found[0]->size, "%s and %s", found[0]->name,
		              found[i]->name);
		ck_assert_msg(same_status_write(found[0]->sr_write, found[i]->sr_write),
		              "%s and %s write status differently", found[0]->name, found[i]->name);
	}
}

START_TEST(test_every_id)
{
	const struct nor_chip *row;

	for (size_t i = 0; (row = chipdb_at(i)); i++) {
		check_candidates(row, NULL);
		for (unsigned minor = 0; minor <= 10; minor++) {
			struct sfdp plain = sfdp_of((uint8_t)minor, row->size);
			struct sfdp qpi = sfdp_with(plain, 5, 0xfffffffe);
			struct sfdp quad = sfdp_with(plain, 3, 0x6b08eb44);
			struct sfdp both = sfdp_with(qpi, 3, 0x6b08eb44);
			struct sfdp dual = sfdp_with(plain, 1, 0xff9120e5);

			check_candidates(row, &plain);
			check_candidates(row, &qpi);
			check_candidates(row, &quad);
			check_candidates(row, &both);
			check_candidates(row, &dual);
		}
	}
}
END_TEST

/* Every row is reachable: some SFDP or none makes its ID lead to it. */
static bool leads_to(const struct nor_chip *row, const struct sfdp *sfdp)
{
	const struct nor_chip *found[CANDIDATES];
	size_t count = chipdb_find(row->id, row->id_len, sfdp, NULL, 0, found, CANDIDATES);

	for (size_t i = 0; i < count; i++)
		if (found[i] == row)
			return true;
	return false;
}

START_TEST(test_every_row_reachable)
{
	const struct nor_chip *row;

	for (size_t i = 0; (row = chipdb_at(i)); i++) {
		const struct nor_match *m = &row->match;
		struct sfdp sfdp = sfdp_of(m->sfdp_minor_min, row->size);

		if (m->bfpt_dword)
			sfdp = sfdp_with(sfdp, m->bfpt_dword,
			                 (sfdp.bfpt[m->bfpt_dword - 1] & ~m->bfpt_mask) |
			                         m->bfpt_value);
		ck_assert_msg(leads_to(row, NULL) || leads_to(row, &sfdp) ||
		                      chipdb_stack(row->id, row->id_len) == row,
		              "%s is never found", row->name);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("chip tables");
	TCase *tc = tcase_create("all");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, test_every_row);
	tcase_add_test(tc, test_every_protection);
	tcase_add_test(tc, test_undecoded_parts_are_listed);
	tcase_add_test(tc, test_names_unique);
	tcase_add_test(tc, test_every_id);
	tcase_add_test(tc, test_every_row_reachable);
	return run_suite(suite);
}
