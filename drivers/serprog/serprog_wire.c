/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serprog/serprog_wire.h"

#include <string.h>

#include "base/hash.h"

enum { OP_WREN = 0x06, OP_PP = 0x02, OP_PP4 = 0x12 };
enum { OP_READ = 0x03, OP_FAST = 0x0b, OP_READ4 = 0x13, OP_FAST4 = 0x0c };

/* ---- requests ---- */

void wire_u8(struct wire_request *request, uint8_t value)
{
	request->bytes[request->len++] = value;
}

void wire_u16(struct wire_request *request, uint16_t value)
{
	wire_u8(request, (uint8_t)value);
	wire_u8(request, (uint8_t)(value >> 8));
}

void wire_u32(struct wire_request *request, uint32_t value)
{
	wire_u16(request, (uint16_t)value);
	wire_u16(request, (uint16_t)(value >> 16));
}

void wire_begin(struct wire_request *request, uint8_t cmd, uint8_t seq)
{
	request->len = 0;
	wire_u8(request, cmd);
	wire_u8(request, seq);
}

void wire_end(struct wire_request *request)
{
	wire_u32(request, np_crc32(0, request->bytes, request->len));
}

uint16_t wire_get16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

uint32_t wire_get32(const uint8_t *bytes)
{
	return wire_get16(bytes) | (uint32_t)wire_get16(bytes + 2) << 16;
}

void wire_put32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++, value >>= 8)
		bytes[i] = (uint8_t)value;
}

uint32_t wire_reply_crc(uint8_t cmd, uint8_t seq, const uint8_t *bytes, size_t len)
{
	uint8_t unsent[2] = {cmd, seq};

	return np_crc32(np_crc32(0, unsent, sizeof(unsent)), bytes, len);
}

static uint32_t crc_of_address(uint32_t addr)
{
	uint8_t bytes[4];

	wire_put32(bytes, addr);
	return np_crc32(0, bytes, sizeof(bytes));
}

void wire_page_check(uint32_t addr, const uint8_t *data, size_t len,
                     uint8_t check[BRIDGE_PAGE_CRC_LEN])
{
	uint32_t crc = np_crc32(crc_of_address(addr), data, len);

	for (int i = 0; i < BRIDGE_PAGE_CRC_LEN; i++, crc >>= 8)
		check[i] = (uint8_t)crc;
}

/* ---- blocks ---- */

enum { AT_TAG, AT_PLAIN, AT_FILL, AT_CHECK };

void wire_block_begin(struct wire_block *block, uint32_t addr, uint8_t *out, size_t len)
{
	memset(block, 0, sizeof(*block));
	block->out = out;
	block->len = len;
	block->crc = crc_of_address(addr);
}

static void end_page(struct wire_block *block)
{
	block->state = block->at == block->len ? AT_CHECK : AT_TAG;
}

/* The page that begins: bytes it has, 256 but for the last. */
static size_t page_len(const struct wire_block *block)
{
	size_t left = block->len - block->at;

	return left < BRIDGE_PAGE_LEN ? left : BRIDGE_PAGE_LEN;
}

static bool take_tag(struct wire_block *block, uint8_t tag)
{
	block->page_left = page_len(block);
	if (tag == BRIDGE_PAGE_PLAIN) {
		block->state = AT_PLAIN;
	} else if (tag == BRIDGE_PAGE_FILL) {
		block->state = AT_FILL;
	} else if (tag == BRIDGE_PAGE_SAME && block->at >= BRIDGE_PAGE_LEN) {
		memcpy(block->out + block->at, block->out + block->at - BRIDGE_PAGE_LEN,
		       block->page_left);
		block->at += block->page_left;
		end_page(block);
	} else {
		return false;
	}
	return true;
}

static size_t take_plain(struct wire_block *block, const uint8_t *data, size_t len)
{
	size_t n = len < block->page_left ? len : block->page_left;

	memcpy(block->out + block->at, data, n);
	block->at += n;
	block->page_left -= n;
	if (block->page_left == 0)
		end_page(block);
	return n;
}

static void take_fill(struct wire_block *block, uint8_t value)
{
	memset(block->out + block->at, value, block->page_left);
	block->at += block->page_left;
	end_page(block);
}

static enum wire_result take_check(struct wire_block *block, uint8_t byte)
{
	block->check[block->check_len++] = byte;
	if (block->check_len < sizeof(block->check))
		return WIRE_MORE;
	return wire_get32(block->check) == block->crc ? WIRE_DONE : WIRE_BAD;
}

/* Takes at least one of the bytes there; returns how many. */
static size_t take_bytes(struct wire_block *block, const uint8_t *data, size_t len,
                         enum wire_result *result)
{
	size_t n = 1;

	switch (block->state) {
	case AT_TAG:
		*result = take_tag(block, *data) ? WIRE_MORE : WIRE_BAD;
		break;
	case AT_PLAIN:
		n = take_plain(block, data, len);
		break;
	case AT_FILL:
		take_fill(block, *data);
		break;
	default:
		*result = take_check(block, *data);
		return 1;
	}
	block->crc = np_crc32(block->crc, data, n);
	return n;
}

enum wire_result wire_block_feed(struct wire_block *block, const uint8_t *data, size_t len,
                                 size_t *used)
{
	enum wire_result result = WIRE_MORE;

	for (*used = 0; *used < len && result == WIRE_MORE;)
		*used += take_bytes(block, data + *used, len - *used, &result);
	return result;
}

/* ---- messages ---- */

static uint32_t address_in(const struct spi_msg *msg, uint8_t addr_len)
{
	uint32_t addr = 0;

	for (uint8_t i = 1; i <= addr_len; i++)
		addr = addr << 8 | msg->cmd[i];
	return addr;
}

bool wire_parse_read(const struct spi_msg *msg, struct wire_read *read)
{
	read->opcode = msg->cmd_len ? msg->cmd[0] : 0;
	read->dummy = read->opcode == OP_FAST || read->opcode == OP_FAST4;
	if (!read->dummy && read->opcode != OP_READ && read->opcode != OP_READ4)
		return false;
	read->addr_len = (uint8_t)(msg->cmd_len - 1 - read->dummy);
	if (msg->cmd_len < 4 + read->dummy || read->addr_len > 4 || msg->tx_len || !msg->rx_len)
		return false;
	read->addr = address_in(msg, read->addr_len);
	return true;
}

static bool is_write_enable(const struct spi_msg *msg)
{
	return msg->cmd_len == 1 && msg->cmd[0] == OP_WREN && !msg->tx_len && !msg->rx_len &&
	       !msg->pause_us;
}

static bool is_wait(const struct spi_msg *msg)
{
	return (msg->flags & SPI_MSG_UNTIL) && msg->cmd_len == 1 && !msg->tx_len && !msg->pause_us;
}

static bool same_wait(const struct spi_msg *a, const struct spi_msg *b)
{
	return is_wait(b) && a->cmd[0] == b->cmd[0] && a->until_mask == b->until_mask &&
	       a->until_value == b->until_value && a->until_us == b->until_us;
}

static bool is_page(const struct spi_msg *msg)
{
	return msg->cmd_len && (msg->cmd[0] == OP_PP || msg->cmd[0] == OP_PP4) &&
	       (msg->cmd_len == 4 || msg->cmd_len == 5) && msg->tx_len && !msg->rx_len &&
	       !msg->pause_us;
}

static size_t page_room(uint32_t addr)
{
	return BRIDGE_PAGE_LEN - addr % BRIDGE_PAGE_LEN;
}

/* The pages of one PROGRAM follow each other without a gap, cut where the device cuts. */
static bool take_page(const struct spi_msg *msgs, struct wire_step *step)
{
	const struct spi_msg *page = &msgs[step->msgs + 1], *first = &msgs[1];
	uint32_t addr = address_in(page, page->cmd_len - 1);

	if (!is_page(page) || page->tx_len > page_room(addr))
		return false;
	if (step->count == 0) {
		step->addr = addr;
		step->addr_len = page->cmd_len - 1;
	} else if (page->cmd_len != first->cmd_len || page->cmd[0] != first->cmd[0] ||
	           addr != step->addr + step->len || addr % BRIDGE_PAGE_LEN) {
		return false;
	}
	step->len += (uint32_t)page->tx_len;
	return true;
}

static bool is_exec(const struct spi_msg *msg)
{
	return msg->cmd_len && !msg->tx_len && !msg->rx_len && !msg->pause_us;
}

/* The commands of one EXEC differ in their address only, by the same stride. */
static bool take_exec(const struct spi_msg *msgs, struct wire_step *step)
{
	const struct spi_msg *cmd = &msgs[step->msgs + 1], *first = &msgs[1];
	uint32_t addr;

	if (!is_exec(cmd))
		return false;
	if (step->count == 0) {
		step->addr_len = cmd->cmd_len == 4 || cmd->cmd_len == 5 ? cmd->cmd_len - 1 : 0;
		step->addr = address_in(cmd, step->addr_len);
		return true;
	}
	addr = address_in(cmd, step->addr_len);
	if (step->count == 1)
		step->stride = addr - step->addr;
	return step->addr_len && cmd->cmd_len == first->cmd_len && cmd->cmd[0] == first->cmd[0] &&
	       addr == step->addr + step->count * step->stride;
}

static bool take_three(const struct spi_msg *msgs, size_t count, struct wire_step *step)
{
	size_t at = step->msgs;

	if (count - at < 3 || !is_write_enable(&msgs[at]) || !is_wait(&msgs[at + 2]) ||
	    !same_wait(&msgs[2], &msgs[at + 2]))
		return false;
	if (step->count == 0)
		step->kind = is_page(&msgs[1]) ? WIRE_PROGRAM : WIRE_EXEC;
	if (!(step->kind == WIRE_PROGRAM ? take_page(msgs, step) : take_exec(msgs, step)))
		return false;
	step->count++;
	step->msgs += 3;
	return true;
}

void wire_next_step(const struct spi_msg *msgs, size_t count, struct wire_step *step)
{
	struct wire_read read;

	memset(step, 0, sizeof(*step));
	while (step->count < UINT16_MAX && take_three(msgs, count, step))
		;
	if (step->count)
		return;
	step->msgs = step->count = 1;
	if (msgs[0].flags & SPI_MSG_UNTIL)
		step->kind = WIRE_WAIT;
	else if (msgs[0].flags & SPI_MSG_CRC)
		step->kind = WIRE_CRC;
	else if (wire_parse_read(&msgs[0], &read) && !msgs[0].pause_us)
		step->kind = WIRE_READ;
	else
		step->kind = WIRE_XFER;
}
