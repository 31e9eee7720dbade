/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts whose D8h erases less at the ends of the chip. For the planner their blocks are as even as
 * all others': a block that is not is erased in several steps. Maps: data sheets of the SST26VF and
 * the S25FS-S; the latter's registers also flashrom (s25f.c) and ufprog.
 */
#include <string.h>

#include "nor/nor_priv.h"

enum {
	OP_RDAR = 0x65, /* S25FS-S: any register, by address */
	CR1V = 0x800002,
	CR2V = 0x800003, /* bits 0-3: the dummy cycles of 65h itself, bit 7: 4-byte mode */
	CR3V = 0x800004,
	CR1_TBPARM = 0x04, /* the small sectors lie at the top */
	CR3_D8H = 0x02,    /* D8h erases 256 KiB */
	CR3_20H = 0x08,    /* there are no small sectors */
	CR3_RESERVED = 0xc0,
	DUMMY_CYCLES = 8,
};

#define SMALL_AREA 0x8000U
#define BOOT_32K   0x20000U /* up to this size D8h erases 32 KiB on EN25P and EN25B */
#define READS      3

static int read_any(struct nor *nor, uint32_t addr, uint8_t *value, struct np_error *err)
{
	struct spi_msg msg = nor_cmd_addr(OP_RDAR, addr, 3, 1);

	msg.rx = value;
	msg.rx_len = 1;
	return nor_run(nor, &msg, 1, err);
}

struct maps {
	uint8_t cr1, cr2, cr3;
};

static int read_once(struct nor *nor, struct maps *maps, struct np_error *err)
{
	int ret = read_any(nor, CR1V, &maps->cr1, err);

	if (!ret)
		ret = read_any(nor, CR2V, &maps->cr2, err);
	return ret ? ret : read_any(nor, CR3V, &maps->cr3, err);
}

/* What is misread here erases the wrong block: it has to read the same, and like registers that
 * were read with the dummy cycles they ask for. */
static int read_maps(struct nor *nor, struct maps *maps, struct np_error *err)
{
	int ret = read_once(nor, maps, err);
	struct maps again;
	bool same = true;

	for (unsigned i = 1; i < READS && !ret; i++) {
		ret = read_once(nor, &again, err);
		same &= !ret && memcmp(&again, maps, sizeof(again)) == 0;
	}
	if (ret || (same && maps->cr2 == DUMMY_CYCLES && !(maps->cr3 & CR3_RESERVED)))
		return ret;
	np_fail(err, NP_E_UNSTABLE,
	        "how large this chip's erase blocks are reads differently each time");
	return np_hint(err, "bad contact: reseat the clip, shorten the wires%s",
	               nor_or_slower(nor));
}

int nor_uneven_setup(struct nor *nor, struct np_error *err)
{
	struct nor_erase *erase = &nor->info.erase[0];
	struct maps maps;
	int ret;

	if (nor->chip.uneven != NOR_UNEVEN_S25FS)
		return 0;
	ret = read_maps(nor, &maps, err);
	if (ret)
		return ret;
	nor->small_sectors = !(maps.cr3 & CR3_20H);
	nor->small_at = maps.cr1 & CR1_TBPARM ? nor->chip.size - SMALL_AREA : 0;
	nor->info.erase_count = 1;
	if (maps.cr3 & CR3_D8H) {
		erase->size = 262144;
		erase->typ_us = nor->times.erase_256k_typ_us;
		erase->max_us = nor->times.erase_256k_max_us;
	}
	return 0;
}

static size_t add(struct nor_erase_step *steps, size_t n, uint8_t op, uint32_t from, uint32_t len,
                  uint32_t each)
{
	for (uint32_t at = 0; at < len; at += each)
		steps[n++] = (struct nor_erase_step){op, from + at};
	return n;
}

static size_t edge_steps(const struct nor *nor, const struct nor_erase *erase, uint32_t addr,
                         struct nor_erase_step steps[NOR_ERASE_STEPS])
{
	uint8_t op = nor->native4 ? erase->op4 : erase->op;
	bool bottom = addr == 0;
	size_t n;

	if (!bottom && addr != nor->chip.size - erase->size)
		return add(steps, 0, op, addr, 1, 1);
	n = add(steps, 0, op, bottom ? addr : addr + SMALL_AREA, SMALL_AREA, 0x2000);
	return add(steps, n, op, bottom ? addr + SMALL_AREA : addr, 1, 1);
}

/* Where a sector of any of the parts that answer alike may begin. Sectors of the usual size are
 * erased several times this way, which does no harm. */
static size_t boot_steps(const struct nor *nor, const struct nor_erase *erase, uint32_t addr,
                         struct nor_erase_step steps[NOR_ERASE_STEPS])
{
	static const uint16_t starts[] = {0,      0x1000, 0x2000, 0x4000,
	                                  0x8000, 0xc000, 0xe000, 0xf000};
	bool bottom = addr == 0, top = addr == nor->chip.size - erase->size;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (starts[i] == 0 || starts[i] == 0x8000 || (starts[i] < 0x8000 ? bottom : top))
			n = add(steps, n, erase->op, addr + starts[i], 1, 1);
	return bottom || top || nor->chip.size <= BOOT_32K ? n : 1;
}

static size_t s25fs_steps(const struct nor *nor, const struct nor_erase *erase, uint32_t addr,
                          struct nor_erase_step steps[NOR_ERASE_STEPS])
{
	uint8_t op = nor->native4 ? erase->op4 : erase->op;
	uint32_t rest = nor->small_at == addr ? addr + SMALL_AREA : addr;
	size_t n = 0;

	if (nor->small_sectors && nor->small_at / erase->size == addr / erase->size)
		n = add(steps, 0, nor->native4 ? 0x21 : 0x20, nor->small_at, SMALL_AREA, 0x1000);
	else
		rest = addr;
	return add(steps, n, op, rest, 1, 1);
}

size_t nor_uneven_steps(const struct nor *nor, const struct nor_erase *erase, uint32_t addr,
                        struct nor_erase_step steps[NOR_ERASE_STEPS])
{
	if (nor->chip.uneven == NOR_UNEVEN_EDGES && erase->size == 65536)
		return edge_steps(nor, erase, addr, steps);
	if (nor->chip.uneven == NOR_UNEVEN_BOOT)
		return boot_steps(nor, erase, addr, steps);
	if (nor->chip.uneven == NOR_UNEVEN_S25FS)
		return s25fs_steps(nor, erase, addr, steps);
	steps[0] = (struct nor_erase_step){nor->native4 ? erase->op4 : erase->op, addr};
	return 1;
}
