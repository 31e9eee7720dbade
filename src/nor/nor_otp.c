/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nor/nor_otp.h"

#include <stdio.h>
#include <string.h>

#include "nor/nor_priv.h"

enum {
	OP_SECREG_READ = 0x48,
	OP_SECREG_PROGRAM = 0x42,
	OP_SECREG_ERASE = 0x44,
	OP_MXIC_ENTER = 0xb1,
	OP_MXIC_EXIT = 0xc1,
	OP_MXIC_WRSCUR = 0x2f,
	OP_OTP_READ = 0x4b, /* Spansion, Micron */
	OP_OTP_PROGRAM = 0x42,
	OP_ISSI_READ = 0x68,
	OP_ISSI_PROGRAM = 0x62,
	OP_ISSI_ERASE = 0x64,
	OP_ISSI_RDFR = 0x48, /* function register */
	OP_ISSI_WRFR = 0x42,
};

#define EON_OTP_LOCK     0x80 /* SR bit 7 while in OTP mode */
#define MXIC_LDSO        0x02 /* security register: locked by the customer */
#define MICRON_LOCK_BYTE 64
#define LB_0             2  /* LB0..LB3 are SR2 bits 2..5 */
#define IRL_0            4  /* IRL0..IRL3 are bits 4..7 of the function register */
#define SPANSION_OWN     32 /* the maker's random number and the lock bits come first */
#define SPANSION_LOCKS   16 /* a bit of these for each region of 32 bytes; zero locks */
#define SPANSION_REGION  32
#define TOP_SIZE         0x4000
#define SELECT_MSGS      (NOR_ADDR_MSGS + 2) /* address mode, OTP mode, write enable */

static bool is_secreg(const struct nor *nor)
{
	return nor->chip.otp == NOR_OTP_SECREG || nor->chip.otp == NOR_OTP_SECREG_TOP;
}

static bool is_issi(const struct nor *nor)
{
	return nor->chip.otp == NOR_OTP_ISSI || nor->chip.otp == NOR_OTP_ISSI_ONCE;
}

/* Where the area is mapped over the array, each access needs a mode set before it and left after
 * it. */
static bool has_mode(const struct nor *nor)
{
	return nor->chip.otp == NOR_OTP_EON || nor->chip.otp == NOR_OTP_MXIC;
}

static uint32_t base_of(const struct nor *nor, const struct nor_otp_area *area)
{
	switch (nor->chip.otp) {
	case NOR_OTP_SECREG:
	case NOR_OTP_ISSI:
	case NOR_OTP_ISSI_ONCE:
		return area->number << 12;
	case NOR_OTP_SECREG_TOP:
		return (uint32_t)nor->info.size - TOP_SIZE + (area->number << 12);
	case NOR_OTP_EON:
		return (uint32_t)nor->info.size - 4096;
	default:
		return 0;
	}
}

static struct spi_msg mode_message(const struct nor *nor)
{
	return nor_cmd_op(nor->chip.otp == NOR_OTP_EON ? NOR_OP_EON_OTP : OP_MXIC_ENTER);
}

static int enter(struct nor *nor, struct np_error *err)
{
	struct spi_msg msg = mode_message(nor);

	return has_mode(nor) ? nor_run(nor, &msg, 1, err) : 0;
}

/* What goes in front of each write, in the same queue: a chip whose supply sags forgets the OTP
 * mode as it forgets the address mode (nor_addr.c), and the write would hit the array. */
static size_t select_area(const struct nor *nor, uint32_t addr, struct spi_msg msgs[SELECT_MSGS])
{
	size_t count = nor_addr_select(nor, addr, msgs);

	if (has_mode(nor))
		msgs[count++] = mode_message(nor);
	msgs[count++] = nor_cmd_op(NOR_OP_WREN);
	return count;
}

static int leave(struct nor *nor, int ret, struct np_error *err)
{
	struct spi_msg msg = nor_cmd_op(nor->chip.otp == NOR_OTP_EON ? NOR_OP_WRDI : OP_MXIC_EXIT);
	struct np_error second = {0};
	int left;

	if (!has_mode(nor))
		return ret;
	left = nor_run(nor, &msg, 1, ret ? &second : err);
	return ret ? ret : left;
}

static uint8_t read_op(const struct nor *nor, unsigned *dummy)
{
	*dummy = 1;
	switch (nor->chip.otp) {
	case NOR_OTP_SECREG:
	case NOR_OTP_SECREG_TOP:
		return OP_SECREG_READ;
	case NOR_OTP_ISSI:
	case NOR_OTP_ISSI_ONCE:
		return OP_ISSI_READ;
	case NOR_OTP_SPANSION:
	case NOR_OTP_MICRON:
		return OP_OTP_READ;
	default:
		return NOR_OP_FAST_READ;
	}
}

static int read_raw(struct nor *nor, uint32_t addr, uint8_t *buf, size_t len, struct np_error *err)
{
	int ret = 0;

	for (size_t at = 0; at < len && !ret;) {
		unsigned dummy;
		uint8_t op = read_op(nor, &dummy);
		struct spi_msg msg = nor_cmd_addr(op, addr + (uint32_t)at,
		                                  nor->native4 ? 3 : nor->addr_len, dummy);

		msg.rx = buf + at;
		msg.rx_len = len - at < nor->caps->max_rx ? len - at : nor->caps->max_rx;
		at += msg.rx_len;
		ret = nor_run(nor, &msg, 1, err);
	}
	return ret;
}

static int mxic_security(struct nor *nor, uint8_t *value, struct np_error *err)
{
	return nor_get(nor, NOR_OP_MXIC_RDSCUR, value, 1, err);
}

static int eon_status(struct nor *nor, uint8_t *value, struct np_error *err)
{
	int ret = enter(nor, err);

	if (!ret)
		ret = nor_get(nor, NOR_OP_RDSR, value, 1, err);
	return leave(nor, ret, err);
}

/* One bit for each region. */
static int spansion_locks(struct nor *nor, uint32_t *open, struct np_error *err)
{
	uint8_t bytes[4] = {0};
	int ret = read_raw(nor, SPANSION_LOCKS, bytes, sizeof(bytes), err);

	*open = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	        (uint32_t)bytes[3] << 24;
	return ret;
}

static int read_lock(struct nor *nor, struct nor_otp_area *area, struct np_error *err)
{
	uint8_t value = 0;
	uint32_t open = 0;
	int ret = 0;

	switch (nor->chip.otp) {
	case NOR_OTP_SECREG:
	case NOR_OTP_SECREG_TOP:
		ret = nor_get(nor, NOR_OP_RDSR2, &value, 1, err);
		area->locked = value >> (LB_0 + area->number) & 1;
		break;
	case NOR_OTP_ISSI:
	case NOR_OTP_ISSI_ONCE:
		ret = nor_get(nor, OP_ISSI_RDFR, &value, 1, err);
		area->locked = value >> (IRL_0 + area->number) & 1;
		break;
	case NOR_OTP_SPANSION:
		ret = spansion_locks(nor, &open, err);
		area->locked = !(open & ~UINT32_C(1));
		break;
	case NOR_OTP_EON:
		ret = eon_status(nor, &value, err);
		area->locked = value & EON_OTP_LOCK;
		break;
	case NOR_OTP_MXIC:
		ret = mxic_security(nor, &value, err);
		area->locked = value & MXIC_LDSO;
		break;
	case NOR_OTP_MICRON:
		ret = read_raw(nor, MICRON_LOCK_BYTE, &value, 1, err);
		area->locked = !(value & 1);
		break;
	default:
		break;
	}
	return ret;
}

static const char *const kind_names[] = {
	[NOR_OTP_NONE] = "",
	[NOR_OTP_SECREG] = "security register",
	[NOR_OTP_EON] = "OTP sector",
	[NOR_OTP_MXIC] = "secured OTP area",
	[NOR_OTP_SPANSION] = "OTP region",
	[NOR_OTP_MICRON] = "OTP array",
	[NOR_OTP_SECREG_TOP] = "security register",
	[NOR_OTP_ISSI] = "information row",
	[NOR_OTP_ISSI_ONCE] = "information row",
};

int nor_otp_list(struct nor *nor, struct nor_otp_area areas[NOR_OTP_AREAS], size_t *count,
                 struct np_error *err)
{
	const struct nor_chip *chip = &nor->chip;
	size_t wanted = chip->otp == NOR_OTP_NONE ? 0 : chip->otp_regs ? chip->otp_regs : 1;
	int ret = 0;

	*count = 0;
	if (chip->otp != NOR_OTP_NONE && !chip->otp_reg_size)
		return 0;
	for (size_t i = 0; i < wanted && i < NOR_OTP_AREAS && !ret; i++) {
		struct nor_otp_area *area = &areas[i];

		memset(area, 0, sizeof(*area));
		area->number = (unsigned)(chip->otp_first + i);
		area->len =
			chip->otp_reg_size < NOR_OTP_LEN_MAX ? chip->otp_reg_size : NOR_OTP_LEN_MAX;
		area->erasable = is_secreg(nor) || chip->otp == NOR_OTP_ISSI;
		area->lock_known = true;
		if (wanted > 1)
			snprintf(area->name, sizeof(area->name), "%s %u", kind_names[chip->otp],
			         area->number);
		else
			snprintf(area->name, sizeof(area->name), "%s", kind_names[chip->otp]);
		ret = read_lock(nor, area, err);
		(*count)++;
	}
	return ret;
}

int nor_otp_read(struct nor *nor, const struct nor_otp_area *area, uint8_t *buf,
                 struct np_error *err)
{
	int ret = enter(nor, err);

	if (!ret)
		ret = read_raw(nor, base_of(nor, area), buf, area->len, err);
	ret = leave(nor, ret, err);
	if (ret)
		np_context(err, "read the %s", area->name);
	return ret;
}

static int refuse_locked(const struct nor_otp_area *area, struct np_error *err)
{
	np_fail(err, NP_E_PROTECTED, "the %s is locked for ever", area->name);
	return np_hint(err, "it can still be read: `norprog otp read`");
}

static int program_piece(struct nor *nor, uint32_t addr, const uint8_t *data, uint32_t len,
                         struct np_error *err)
{
	uint8_t op = has_mode(nor) ? NOR_OP_PP : is_issi(nor) ? OP_ISSI_PROGRAM : OP_OTP_PROGRAM;
	struct spi_msg msgs[SELECT_MSGS + 1];
	size_t count = select_area(nor, addr, msgs);

	msgs[count] = nor_cmd_addr(op, addr, nor->native4 ? 3 : nor->addr_len, 0);
	msgs[count].tx = data;
	msgs[count].tx_len = len;
	return nor_run_busy(nor, msgs, count + 1, &nor->page_alone, err);
}

static int program_pages(struct nor *nor, uint32_t addr, const uint8_t *data, uint32_t len,
                         struct np_error *err)
{
	int ret = 0;

	for (uint32_t at = 0; at < len && !ret;) {
		uint32_t n = nor->info.page - (addr + at) % nor->info.page;

		n = n < len - at ? n : len - at;
		ret = program_piece(nor, addr + at, data + at, n, err);
		at += n;
	}
	return ret;
}

/* A dead line reads as all ones, which would mean that nothing is locked, or everything. */
static int check_chip(struct nor *nor, struct np_error *err)
{
	int ret = nor_check_change(nor, 0, 0, err);

	return ret ? ret : nor_check_present(nor, err);
}

/* Of Spansion's area each region may be locked alone. */
static int check_regions(struct nor *nor, const struct nor_otp_area *area, uint32_t offset,
                         uint32_t len, struct np_error *err)
{
	uint32_t open;
	int ret = spansion_locks(nor, &open, err);

	for (uint32_t r = offset / SPANSION_REGION; !ret && r * SPANSION_REGION < offset + len; r++)
		if (!(open >> r & 1))
			ret = np_fail(err, NP_E_PROTECTED,
			              "bytes %u to %u of the %s are locked for ever",
			              r * SPANSION_REGION,
			              r * SPANSION_REGION + SPANSION_REGION - 1, area->name);
	return ret;
}

static int check_write(struct nor *nor, const struct nor_otp_area *area, uint32_t offset,
                       uint32_t len, struct np_error *err)
{
	if (offset > area->len || len > area->len - offset || !len)
		return np_fail(err, NP_E_RANGE, "the %s holds %u bytes", area->name, area->len);
	if (area->locked)
		return refuse_locked(area, err);
	if (nor->chip.otp == NOR_OTP_SPANSION && offset < SPANSION_OWN) {
		np_fail(err, NP_E_RANGE, "the first %d bytes of the %s hold its locks",
		        SPANSION_OWN, area->name);
		return np_hint(err, "choose an offset from %d up", SPANSION_OWN);
	}
	if (nor->chip.otp == NOR_OTP_SPANSION) {
		int ret = check_regions(nor, area, offset, len, err);

		if (ret)
			return ret;
	}
	return check_chip(nor, err);
}

/* Check first: a write that fails half-way would leave a mixture that stays for ever. */
static int check_bits_fall(const struct nor_otp_area *area, uint32_t offset, const uint8_t *now,
                           const uint8_t *data, uint32_t len, struct np_error *err)
{
	for (uint32_t i = 0; i < len; i++) {
		if ((now[i] & data[i]) == data[i])
			continue;
		np_fail(err, NP_E_POLICY,
		        "byte %u of the %s holds %02Xh and cannot become %02Xh: only an erase makes ones of zeros",
		        offset + i, area->name, now[i], data[i]);
		return np_hint(err, area->erasable ? "erase it first: `norprog otp erase`"
		                                   : "choose an offset that is still blank");
	}
	return 0;
}

int nor_otp_write(struct nor *nor, const struct nor_otp_area *area, uint32_t offset,
                  const uint8_t *data, uint32_t len, struct np_error *err)
{
	uint8_t back[NOR_OTP_LEN_MAX];
	int ret = check_write(nor, area, offset, len, err);

	if (!ret)
		ret = nor_otp_read(nor, area, back, err);
	if (!ret)
		ret = check_bits_fall(area, offset, back + offset, data, len, err);
	if (ret || memcmp(back + offset, data, len) == 0)
		return ret;
	ret = leave(nor, program_pages(nor, base_of(nor, area) + offset, data, len, err), err);
	if (!ret)
		ret = nor_otp_read(nor, area, back, err);
	if (!ret && memcmp(back + offset, data, len) != 0) {
		ret = np_fail(err, NP_E_VERIFY, "the %s does not read back as written", area->name);
		np_hint(err, "it may be locked, or the contact bad: `norprog otp show`");
	}
	return ret;
}

int nor_otp_erase(struct nor *nor, const struct nor_otp_area *area, struct np_error *err)
{
	uint8_t op = is_issi(nor) ? OP_ISSI_ERASE : OP_SECREG_ERASE;
	uint32_t addr = base_of(nor, area);
	struct spi_msg msgs[SELECT_MSGS + 1];
	size_t count;
	int ret;

	if (!area->erasable)
		return np_fail(err, NP_E_UNSUPPORTED, "the %s cannot be erased", area->name);
	if (area->locked)
		return refuse_locked(area, err);
	ret = check_chip(nor, err);
	if (ret)
		return ret;
	count = select_area(nor, addr, msgs);
	msgs[count] = nor_cmd_addr(op, addr, nor->native4 ? 3 : nor->addr_len, 0);
	return nor_run_busy(nor, msgs, count + 1, &nor->erase_busy[0], err);
}

static int lock_secreg(struct nor *nor, const struct nor_otp_area *area, struct np_error *err)
{
	uint8_t from[4], to[4];
	int ret = nor_status_read_all(nor, from, err);

	/* The register is written back with the one-time bits of other areas in it, so they must
	 * have been read right. */
	if (!ret)
		ret = nor_check_present(nor, err);
	if (ret)
		return ret;
	memcpy(to, from, sizeof(to));
	to[1] |= (uint8_t)(1u << (LB_0 + area->number));
	return nor_status_write(nor, from, to, false, err);
}

static int lock_issi(struct nor *nor, const struct nor_otp_area *area, struct np_error *err)
{
	uint8_t value[2] = {0, 0};
	struct spi_msg msgs[2] = {nor_cmd_op(NOR_OP_WREN)};
	int ret = nor_get(nor, OP_ISSI_RDFR, &value[0], 1, err);

	if (!ret)
		ret = nor_get(nor, OP_ISSI_RDFR, &value[1], 1, err);
	if (!ret)
		ret = nor_check_present(nor, err);
	if (ret)
		return ret;
	if (value[0] != value[1])
		return np_fail(err, NP_E_UNSTABLE, "the function register reads differently");
	value[0] |= (uint8_t)(1u << (IRL_0 + area->number));
	msgs[1] = nor_cmd_set(OP_ISSI_WRFR, value, 1);
	return nor_run_busy(nor, msgs, 2, &nor->sr_busy, err);
}

static int lock_eon(struct nor *nor, struct np_error *err)
{
	uint8_t value = EON_OTP_LOCK;
	struct spi_msg msgs[SELECT_MSGS + 1];
	size_t count = select_area(nor, 0, msgs);

	msgs[count] = nor_cmd_set(NOR_OP_WRSR, &value, 1);
	return leave(nor, nor_run_busy(nor, msgs, count + 1, &nor->sr_busy, err), err);
}

static int lock_mxic(struct nor *nor, struct np_error *err)
{
	struct spi_msg msgs[2] = {nor_cmd_op(NOR_OP_WREN), nor_cmd_op(OP_MXIC_WRSCUR)};

	return nor_run_busy(nor, msgs, 2, &nor->sr_busy, err);
}

int nor_otp_lock(struct nor *nor, const struct nor_otp_area *area, struct np_error *err)
{
	struct nor_otp_area after = *area;
	const uint8_t zeros[4] = {0};
	int ret = check_chip(nor, err);

	if (ret || area->locked)
		return ret;
	switch (nor->chip.otp) {
	case NOR_OTP_SECREG:
	case NOR_OTP_SECREG_TOP:
		ret = lock_secreg(nor, area, err);
		break;
	case NOR_OTP_ISSI:
	case NOR_OTP_ISSI_ONCE:
		ret = lock_issi(nor, area, err);
		break;
	case NOR_OTP_SPANSION:
		ret = program_piece(nor, SPANSION_LOCKS, zeros, sizeof(zeros), err);
		break;
	case NOR_OTP_EON:
		ret = lock_eon(nor, err);
		break;
	case NOR_OTP_MXIC:
		ret = lock_mxic(nor, err);
		break;
	case NOR_OTP_MICRON:
		ret = program_piece(nor, MICRON_LOCK_BYTE, zeros, 1, err);
		break;
	default:
		return np_fail(err, NP_E_UNSUPPORTED, "norprog does not know how to lock the %s",
		               area->name);
	}
	if (!ret)
		ret = read_lock(nor, &after, err);
	if (!ret && !after.locked)
		ret = np_fail(err, NP_E_VERIFY, "the %s did not take the lock", area->name);
	return ret;
}
