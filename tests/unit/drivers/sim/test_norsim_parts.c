/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the strict chip have of their own. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/norsim.h"
#include "support/frames.h"
#include "support/suite.h"

static void part(const char *name)
{
	sim = open_part(name, NULL, NULL);
}

static void done(void)
{
	norsim_close(sim);
	sim = NULL;
}

static void write_enabled(const uint8_t *bytes, size_t len)
{
	SEND(0x06);
	frame(bytes, len, NULL, 0);
	wait_ready();
}

#define WRITE(...) write_enabled(BYTES(__VA_ARGS__), sizeof(BYTES(__VA_ARGS__)))

static uint8_t byte_at(uint8_t op, uint32_t addr)
{
	uint8_t in;

	if (op == 0x13)
		ASK(&in, 1, op, (uint8_t)(addr >> 24), (uint8_t)(addr >> 16), (uint8_t)(addr >> 8),
		    (uint8_t)addr);
	else
		ASK(&in, 1, op, (uint8_t)(addr >> 16), (uint8_t)(addr >> 8), (uint8_t)addr);
	return in;
}

/* ---- every part ---- */

struct face {
	const char *name;
	uint8_t id[6];
	size_t size;
	int sfdp_minor; /* -1: none */
};

static const struct face faces[] = {
	{"W25Q64FV", {0xEF, 0x40, 0x17, 0xEF, 0x40, 0x17}, 8 << 20, 0},
	{"W25Q64JV", {0xEF, 0x40, 0x17, 0xEF, 0x40, 0x17}, 8 << 20, 5},
	{"W25Q128FV", {0xEF, 0x40, 0x18, 0xEF, 0x40, 0x18}, 16 << 20, 0},
	{"W25Q128JV", {0xEF, 0x40, 0x18, 0xEF, 0x40, 0x18}, 16 << 20, 5},
	{"W25Q256FV", {0xEF, 0x40, 0x19, 0xEF, 0x40, 0x19}, 32 << 20, 0},
	{"W25Q256JV", {0xEF, 0x40, 0x19, 0xEF, 0x40, 0x19}, 32 << 20, 5},
	{"W25Q32FV", {0xEF, 0x40, 0x16, 0xEF, 0x40, 0x16}, 4 << 20, 0},
	{"W25Q16", {0xEF, 0x40, 0x15, 0xEF, 0x40, 0x15}, 2 << 20, 0},
	{"W25Q64FW", {0xEF, 0x60, 0x17, 0xEF, 0x60, 0x17}, 8 << 20, 5},
	{"EN25QH128A", {0x1C, 0x70, 0x18, 0x1C, 0x70, 0x18}, 16 << 20, 0},
	{"EN25Q64", {0x1C, 0x30, 0x17, 0x1C, 0x30, 0x17}, 8 << 20, -1},
	{"EN25QH64", {0x1C, 0x70, 0x17, 0x1C, 0x70, 0x17}, 8 << 20, 0},
	{"EN25QH64A", {0x1C, 0x70, 0x17, 0x1C, 0x70, 0x17}, 8 << 20, 0},
	{"GD25Q64C", {0xC8, 0x40, 0x17, 0xC8, 0x40, 0x17}, 8 << 20, 0},
	{"GD25Q128C", {0xC8, 0x40, 0x18, 0xC8, 0x40, 0x18}, 16 << 20, 0},
	{"MX25L6433F", {0xC2, 0x20, 0x17, 0xC2, 0x20, 0x17}, 8 << 20, 6},
	{"MX25L6405D", {0xC2, 0x20, 0x17, 0xC2, 0x20, 0x17}, 8 << 20, -1},
	{"MX25L12835F", {0xC2, 0x20, 0x18, 0xC2, 0x20, 0x18}, 16 << 20, 0},
	{"MX25L25635F", {0xC2, 0x20, 0x19, 0xC2, 0x20, 0x19}, 32 << 20, 0},
	{"S25FL128S", {0x01, 0x20, 0x18, 0x4D, 0x01, 0x80}, 16 << 20, -1},
	{"S25FL128S-256K", {0x01, 0x20, 0x18, 0x4D, 0x00, 0x80}, 16 << 20, -1},
	{"N25Q128", {0x20, 0xBA, 0x18, 0x10, 0x00, 0x00}, 16 << 20, 0},
	{"TEST-SFDP", {0x7A, 0x5F, 0x16, 0x7A, 0x5F, 0x16}, 4 << 20, 6},
	{"TEST-NOSFDP", {0x7A, 0x5F, 0x15, 0x7A, 0x5F, 0x15}, 2 << 20, -1},
};

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static uint32_t sfdp_dword(uint32_t at)
{
	uint8_t b[4];

	ASK(b, 4, 0x5A, (uint8_t)(at >> 16), (uint8_t)(at >> 8), (uint8_t)at, 0);
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

START_TEST(shows_its_face)
{
	const struct face *f = &faces[_i];
	uint32_t bfpt;
	uint8_t id[6];

	part(f->name);
	ASK(id, 6, 0x9F);
	ck_assert_mem_eq(id, f->id, 6);
	ck_assert_uint_eq(norsim_size(sim), f->size);
	if (f->sfdp_minor < 0) {
		ck_assert_uint_eq(sfdp_dword(0), 0xFFFFFFFF);
		done();
		return;
	}
	ck_assert_uint_eq(sfdp_dword(0), 0x50444653);
	ck_assert_uint_eq(sfdp_dword(4) & 0xFFFF, 0x0100U | (unsigned)f->sfdp_minor);
	bfpt = sfdp_dword(12) & 0xFFFFFF;
	ck_assert_uint_eq(sfdp_dword(8) >> 24, f->sfdp_minor ? 16 : 9);
	ck_assert_uint_eq(sfdp_dword(bfpt + 4), f->size * 8 - 1);
	done();
}
END_TEST

START_TEST(programs_and_erases_its_last_sector)
{
	const struct face *f = &faces[_i];
	uint8_t op =
		strcmp(f->name, "S25FL128S-256K") && strcmp(f->name, "S25FL128S") ? 0x20 : 0xD8;
	uint32_t last;

	part(f->name);
	last = (uint32_t)norsim_size(sim) - 0x1000;
	if (f->size > 16 << 20) {
		SEND(0x06);
		SEND(0xB7);
		SEND(0x06);
		SEND(0x02, (uint8_t)(last >> 24), (uint8_t)(last >> 16), (uint8_t)(last >> 8), 0,
		     0x5A);
	} else {
		program(last, BYTES(0x5A), 1);
	}
	wait_ready();
	ck_assert_uint_eq(norsim_mem(sim)[last], 0x5A);
	if (f->size > 16 << 20)
		WRITE(op, (uint8_t)(last >> 24), (uint8_t)(last >> 16), (uint8_t)(last >> 8), 0);
	else
		erase(op, last);
	wait_ready();
	ck_assert_uint_eq(norsim_mem(sim)[last], 0xFF);
	ck_assert_uint_eq(norsim_stats(sim)->unknown, 0);
	done();
}
END_TEST

START_TEST(the_list_names_them_all)
{
	const char *const *names = norsim_parts();
	int count = 0;

	while (names[count])
		count++;
	ck_assert_int_eq(count, COUNT(faces));
	for (int i = 0; i < COUNT(faces); i++)
		ck_assert_str_eq(names[i], faces[i].name);
}
END_TEST

/* ---- registers ---- */

START_TEST(newer_winbonds_keep_sr2_on_a_short_write)
{
	part("W25Q64JV");
	ck_assert_int_eq(status(0x35), 0x02);
	WRITE(0x31, 0x42);
	WRITE(0x01, 0x04);
	ck_assert_int_eq(status(0x05), 0x04);
	ck_assert_int_eq(status(0x35), 0x42);
	WRITE(0x01, 0x00, 0x02);
	ck_assert_int_eq(status(0x35), 0x02);
	WRITE(0x11, 0x00);
	ck_assert_int_eq(status(0x15), 0x00);
	done();
}
END_TEST

START_TEST(the_older_ones_have_no_sr3)
{
	part("W25Q64FV");
	ck_assert_int_eq(status(0x15), 0xFF);
	SEND(0x06);
	SEND(0x31, 0x42);
	ck_assert_uint_eq(norsim_stats(sim)->unknown, 2);
	done();
}
END_TEST

START_TEST(gigadevice_writes_registers_one_by_one)
{
	uint8_t a[16], b[16];

	part("GD25Q64C");
	SEND(0x06);
	SEND(0x01, 0x04, 0x02);
	ck_assert_uint_eq(norsim_stats(sim)->malformed, 1);
	WRITE(0x01, 0x04);
	WRITE(0x31, 0x02);
	ck_assert_int_eq(status(0x05), 0x04);
	ck_assert_int_eq(status(0x35), 0x02);
	ASK(a, 16, 0x4B, 0, 0, 0, 0);
	ASK(b, 16, 0x4B, 0, 0, 0, 0);
	ck_assert_mem_eq(a, b, 16);
	ck_assert_mem_ne(a, a + 8, 8);
	WRITE(0x42, 0, 0x30, 0x80, 0x11);
	WRITE(0x42, 0, 0x33, 0x80, 0x22);
	ASK(a, 1, 0x48, 0, 0x33, 0x80, 0);
	ck_assert_uint_eq(a[0], 0x22);
	ASK(a, 1, 0x48, 0, 0x30, 0x80, 0);
	ck_assert_uint_eq(a[0], 0x11);
	done();
}
END_TEST

START_TEST(macronix_configuration_register)
{
	part("MX25L12835F");
	ck_assert_int_eq(status(0x15), 0x07);
	WRITE(0x01, 0x04);
	ck_assert_int_eq(status(0x15), 0x07);
	ck_assert(!erases(0xFFF000));
	ck_assert(erases(0xFEF000));
	/* Bottom instead of top: once, and for ever. */
	WRITE(0x01, 0x04, 0x0F);
	ck_assert(erases(0xFFF000));
	ck_assert(!erases(0x00F000));
	WRITE(0x01, 0x04, 0x07);
	ck_assert_int_eq(status(0x15), 0x0F);
	SEND(0x50);
	ck_assert_uint_eq(norsim_stats(sim)->unknown, 1);
	done();
}
END_TEST

START_TEST(macronix_otp)
{
	part("MX25L6405D");
	SEND(0xB1);
	WRITE(0x02, 0, 0, 0x10, 0x5A);
	ck_assert_uint_eq(byte_at(0x03, 0x10), 0x5A);
	SEND(0xC1);
	ck_assert_uint_eq(byte_at(0x03, 0x10), 0xFF);
	ck_assert_int_eq(status(0x2B), 0);
	WRITE(0x2F);
	ck_assert_int_eq(status(0x2B), 2);
	SEND(0xB1);
	program(0x11, BYTES(0), 1);
	ck_assert_uint_eq(norsim_busy_left(sim), 0);
	done();
}
END_TEST

START_TEST(micron_bp3_sits_apart)
{
	part("N25Q128");
	WRITE(0x01, 0x40);
	/* BP 8: 128 blocks of 64 KiB from the top. */
	ck_assert(!erases(0x800000));
	ck_assert(erases(0x7FF000));
	WRITE(0x01, 0x60);
	ck_assert(!erases(0x7FF000));
	ck_assert(erases(0x800000));
	done();
}
END_TEST

START_TEST(micron_flag_status)
{
	part("N25Q128");
	ck_assert_int_eq(status(0x70), 0x80);
	program(0, BYTES(0), 1);
	ck_assert_int_eq(status(0x70), 0x00);
	wait_ready();
	ck_assert_int_eq(status(0x70), 0x80);
	WRITE(0x01, 0x04);
	program(0xFFFFFF, BYTES(0), 1);
	ck_assert_int_eq(status(0x70), 0x92);
	erase(0x20, 0xFFF000);
	ck_assert_int_eq(status(0x70), 0xB2);
	SEND(0x50);
	ck_assert_int_eq(status(0x70), 0x80);
	done();
}
END_TEST

START_TEST(spansion_failures_hold_busy)
{
	part("S25FL128S");
	WRITE(0x01, 0x04);
	program(0xFC0000, BYTES(0), 1);
	norsim_time(sim, 10000000000ULL);
	ck_assert_int_eq(status(0x05), 0x47);
	SEND(0x06);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_busy, 1);
	SEND(0x30);
	ck_assert_int_eq(status(0x05), 0x04);
	erase(0xD8, 0xFC0000);
	ck_assert_int_eq(status(0x05), 0x27);
	SEND(0x30);
	ck_assert_int_eq(status(0x05), 0x04);
	done();
}
END_TEST

START_TEST(spansion_sectors)
{
	part("S25FL128S");
	ck_assert(erases(0x1F000));
	ck_assert(!erases(0x20000));
	memset(norsim_mem(sim), 0, 0x40000);
	erase(0xD8, 0x20000);
	wait_ready();
	ck_assert(all_ff(norsim_mem(sim) + 0x20000, 0x10000));
	ck_assert_uint_eq(norsim_mem(sim)[0x30000], 0);
	done();
	part("S25FL128S-256K");
	memset(norsim_mem(sim), 0, 0x80000);
	erase(0xD8, 0x7FFFF);
	wait_ready();
	ck_assert(all_ff(norsim_mem(sim) + 0x40000, 0x40000));
	ck_assert_uint_eq(norsim_mem(sim)[0x3FFFF], 0);
	ck_assert_uint_eq(norsim_stats(sim)->erases_256k, 1);
	/* Pages of 512 bytes. */
	program(0x401FF, BYTES(0x11, 0x22), 2);
	wait_ready();
	ck_assert_uint_eq(norsim_mem(sim)[0x40000], 0x22);
	done();
}
END_TEST

START_TEST(parts_without_32k_erase_do_not_know_it)
{
	static const char *const names[] = {"EN25Q64", "EN25QH64", "MX25L6405D", "N25Q128",
	                                    "TEST-SFDP"};

	part(names[_i]);
	erase(0x52, 0);
	ck_assert_uint_eq(norsim_stats(sim)->unknown, 1);
	ck_assert_uint_eq(norsim_busy_left(sim), 0);
	done();
}
END_TEST

/* ---- more than 16 MiB ---- */

START_TEST(three_bytes_reach_16_mib)
{
	uint32_t high = 0x1000010;

	part("W25Q256JV");
	norsim_mem(sim)[0x10] = 0x11;
	norsim_mem(sim)[high] = 0x22;
	ck_assert_uint_eq(byte_at(0x03, 0x10), 0x11);
	ck_assert_uint_eq(byte_at(0x13, high), 0x22);
	WRITE(0xC5, 1);
	ck_assert_uint_eq(byte_at(0x03, 0x10), 0x22);
	ck_assert_int_eq(status(0xC8), 1);
	WRITE(0xC5, 0);
	SEND(0xB7);
	ck_assert_int_eq(status(0x15) & 1, 1);
	/* In the mode READ takes a fourth byte: the third one of an old host is not the last. */
	ck_assert_uint_eq(byte_at(0x03, 0x10), 0xFF);
	SEND(0xE9);
	ck_assert_uint_eq(byte_at(0x03, 0x10), 0x11);
	WRITE(0x12, 1, 0, 0, 0x20, 0x33);
	ck_assert_uint_eq(norsim_mem(sim)[0x1000020], 0x33);
	WRITE(0x21, 1, 0, 0, 0);
	ck_assert_uint_eq(norsim_mem(sim)[0x1000020], 0xFF);
	done();
}
END_TEST

START_TEST(w25q256fv_traps)
{
	part("W25Q256FV");
	norsim_mem(sim)[0x10] = 0x11;
	SEND(0xB7);
	ck_assert_int_eq(status(0x15) & 1, 0);
	SEND(0x06);
	SEND(0xB7);
	ck_assert_int_eq(status(0x15) & 1, 1);
	SEND(0x06);
	SEND(0xE9);
	ck_assert_int_eq(status(0x15) & 1, 0);
	ck_assert_uint_eq(byte_at(0x03, 0x10), 0xFF);
	WRITE(0xC5, 0);
	ck_assert_uint_eq(byte_at(0x03, 0x10), 0x11);
	SEND(0x06);
	SEND(0x12, 0, 0, 0, 0, 0);
	ck_assert_uint_eq(norsim_stats(sim)->unknown, 1);
	done();
}
END_TEST

START_TEST(address_mode_at_power_up)
{
	struct norsim_faults faults = {.start_4byte = true};

	part("W25Q256JV");
	WRITE(0x11, 0x62);
	ck_assert_int_eq(status(0x15) & 1, 0);
	norsim_power_on(sim);
	ck_assert_int_eq(status(0x15) & 1, 1);
	done();
	sim = open_part("MX25L25635F", NULL, &faults);
	ck_assert_int_eq(status(0x15) & 0x20, 0x20);
	SEND(0x66);
	SEND(0x99);
	norsim_time(sim, 30000);
	ck_assert_int_eq(status(0x15) & 0x20, 0);
	done();
}
END_TEST

/* ---- one by one ---- */

START_TEST(individual_block_locks)
{
	part("W25Q64JV");
	WRITE(0x11, 0x64);
	ck_assert(!erases(0x000000));
	WRITE(0x39, 0, 0, 0);
	ck_assert(erases(0x000000));
	ck_assert(!erases(0x001000));
	WRITE(0x39, 0x10, 0, 0);
	ck_assert(erases(0x10F000));
	ck_assert(!erases(0x110000));
	ck_assert_uint_eq(byte_at(0x3D, 0x110000), 1);
	WRITE(0x98);
	ck_assert(erases(0x110000));
	WRITE(0x36, 0x11, 0, 0);
	ck_assert(!erases(0x110000));
	WRITE(0x7E);
	ck_assert(!erases(0x000000));
	done();
}
END_TEST

START_TEST(jv_sfdp_tells_times)
{
	uint32_t dw10, dw11;

	part("W25Q64JV");
	dw10 = sfdp_dword(0x80 + 36);
	dw11 = sfdp_dword(0x80 + 40);
	/* Type 1: (2 + 1) x 16 ms, at most 2 x (6 + 1) times that; page 256, (10 + 1) x 64 us. */
	ck_assert_uint_eq(dw10 & 15, 6);
	ck_assert_uint_eq(dw10 >> 4 & 0x7F, 0x22);
	ck_assert_uint_eq(dw11 >> 4 & 15, 8);
	ck_assert_uint_eq(dw11 >> 8 & 0x3F, 0x2A);
	ck_assert_uint_eq(sfdp_dword(0x80 + 56) >> 20 & 7, 4);
	done();
	part("W25Q256JV");
	ck_assert_uint_eq(sfdp_dword(16) & 0xFF, 0x84);
	ck_assert_uint_eq(sfdp_dword(sfdp_dword(20) & 0xFFFFFF) & 0x41, 0x41);
	ck_assert_uint_eq(sfdp_dword((sfdp_dword(20) & 0xFFFFFF) + 4), 0xFFDCFF21);
	done();
}
END_TEST

START_TEST(eon_a_and_not_a)
{
	part("EN25QH64");
	ck_assert_uint_eq(sfdp_dword(0x30 + 8) >> 24, 0x00);
	done();
	part("EN25QH64A");
	ck_assert_uint_eq(sfdp_dword(0x30 + 8) >> 24, 0x6B);
	done();
}
END_TEST

/* ---- Eon ---- */

START_TEST(eon_identity)
{
	uint8_t in[12], uid[12];

	part("EN25QH128A");
	ASK(in, 3, 0x9F);
	ck_assert_mem_eq(in, ((uint8_t[]){0x1C, 0x70, 0x18}), 3);
	ASK(in, 1, 0xAB, 0, 0, 0);
	ck_assert_uint_eq(in[0], 0x17);
	ASK(in, 12, 0x5A, 0, 0, 0x08, 0);
	ck_assert_mem_eq(in, ((uint8_t[]){0, 0, 1, 9, 0x30, 0, 0, 0xFF}), 8);
	ASK(in, 12, 0x5A, 0, 0, 0x30, 0);
	ck_assert_mem_eq(in + 4, ((uint8_t[]){0xFF, 0xFF, 0xFF, 0x07, 0x44, 0xEB, 0x08, 0x6B}), 8);
	ASK(uid, 12, 0x5A, 0, 0, 0x80, 0);
	ck_assert(!all_ff(uid, 12));
	ASK(in, 2, 0x4B, 0, 0, 0, 0);
	ck_assert(all_ff(in, 2));
	done();
}
END_TEST

START_TEST(eon_has_one_status_register)
{
	part("EN25QH128A");
	SEND(0x06);
	SEND(0x01, 0x1C, 0x00);
	ck_assert_uint_eq(norsim_stats(sim)->malformed, 1);
	SEND(0x01, 0x1C);
	wait_ready();
	ck_assert_int_eq(status(0x05), 0x1C);
	ck_assert_int_eq(status(0x35), 0xFF);
	done();
}
END_TEST

static const struct range_case eon_ranges[] = {
	{0x04, 0, 0xFC0000, 0x040000},
	{0x18, 0, 0x800000, 0x800000},
	{0x1C, 0, 0, 0x1000000},
	{0x24, 0, 0, 0x040000},
};

START_TEST(eon_ranges_hold)
{
	part("EN25QH128A");
	SEND(0x06);
	SEND(0x01, eon_ranges[_i].sr1);
	wait_ready();
	check_range(&eon_ranges[_i]);
	done();
}
END_TEST

START_TEST(eon_otp_mode)
{
	uint8_t in[2];

	part("EN25QH128A");
	norsim_mem(sim)[0xFFF000] = 0x77;
	SEND(0x3A);
	SEND(0x06);
	SEND(0x02, 0xFF, 0xF0, 0x00, 0x12, 0x34);
	wait_ready();
	ASK(in, 2, 0x03, 0xFF, 0xF0, 0x00);
	ck_assert_mem_eq(in, ((uint8_t[]){0x12, 0x34}), 2);
	ck_assert_uint_eq(norsim_mem(sim)[0xFFF000], 0x77);
	SEND(0x04);
	ASK(in, 2, 0x03, 0xFF, 0xF0, 0x00);
	ck_assert_mem_eq(in, ((uint8_t[]){0x77, 0xFF}), 2);
	/* The lock is a one-time bit that only OTP mode shows. */
	SEND(0x3A);
	SEND(0x06);
	SEND(0x01, 0x80);
	wait_ready();
	ck_assert_int_eq(status(0x05), 0x80);
	SEND(0x06);
	SEND(0x02, 0xFF, 0xF0, 0x02, 0x00);
	ck_assert_uint_eq(norsim_busy_left(sim), 0);
	SEND(0x04);
	ck_assert_int_eq(status(0x05), 0);
	done();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("norsim parts");
	TCase *tc = tcase_create("parts");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, shows_its_face, 0, COUNT(faces));
	tcase_add_loop_test(tc, programs_and_erases_its_last_sector, 0, COUNT(faces));
	tcase_add_test(tc, the_list_names_them_all);
	tcase_add_test(tc, newer_winbonds_keep_sr2_on_a_short_write);
	tcase_add_test(tc, the_older_ones_have_no_sr3);
	tcase_add_test(tc, gigadevice_writes_registers_one_by_one);
	tcase_add_test(tc, macronix_configuration_register);
	tcase_add_test(tc, macronix_otp);
	tcase_add_test(tc, micron_bp3_sits_apart);
	tcase_add_test(tc, micron_flag_status);
	tcase_add_test(tc, spansion_failures_hold_busy);
	tcase_add_test(tc, spansion_sectors);
	tcase_add_loop_test(tc, parts_without_32k_erase_do_not_know_it, 0, 5);
	tcase_add_test(tc, three_bytes_reach_16_mib);
	tcase_add_test(tc, w25q256fv_traps);
	tcase_add_test(tc, address_mode_at_power_up);
	tcase_add_test(tc, individual_block_locks);
	tcase_add_test(tc, jv_sfdp_tells_times);
	tcase_add_test(tc, eon_a_and_not_a);
	tcase_add_test(tc, eon_identity);
	tcase_add_test(tc, eon_has_one_status_register);
	tcase_add_loop_test(tc, eon_ranges_hold, 0, COUNT(eon_ranges));
	tcase_add_test(tc, eon_otp_mode);
	return run_suite(suite);
}
