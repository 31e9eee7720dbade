/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu_mpsse.h"

#include <string.h>

/* Bits of the shift opcodes (those below 80h). */
enum {
	SHIFT_WRITE_NEG = 0x01, /* MOSI changes on the falling edge */
	SHIFT_BITS = 0x02,
	SHIFT_LSB = 0x08,
	SHIFT_WRITE = 0x10,
	SHIFT_READ = 0x20,
	SHIFT_TMS = 0x40,
};

enum {
	OP_SET_LOW = 0x80,
	OP_GET_LOW = 0x81,
	OP_SET_HIGH = 0x82,
	OP_GET_HIGH = 0x83,
	OP_LOOP_ON = 0x84,
	OP_LOOP_OFF = 0x85,
	OP_DIVISOR = 0x86,
	OP_FLUSH = 0x87,
	OP_DIV5_OFF = 0x8A,
	OP_DIV5_ON = 0x8B,
	OP_3PHASE_ON = 0x8C,
	OP_3PHASE_OFF = 0x8D,
	OP_CLOCK_BITS = 0x8E,
	OP_CLOCK_BYTES = 0x8F,
	OP_ADAPTIVE_ON = 0x96,
	OP_ADAPTIVE_OFF = 0x97,
};

enum {
	PIN_SCK = 1 << 0,
	PIN_MOSI = 1 << 1,
	PIN_MISO = 1 << 2,
	PIN_CS = 1 << 3,
};

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void put(struct engine_fifo *fifo, const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		fifo->data[(fifo->head + fifo->count++) % ENGINE_FIFO] = data[i];
}

static void peek(const struct engine_fifo *fifo, uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = fifo->data[(fifo->head + i) % ENGINE_FIFO];
}

static void drop(struct engine_fifo *fifo, size_t len)
{
	fifo->head = (fifo->head + len) % ENGINE_FIFO;
	fifo->count -= len;
}

static void take(struct engine_fifo *fifo, uint8_t *data, size_t len)
{
	peek(fifo, data, len);
	drop(fifo, len);
}

static void apply_clock(struct engine *m)
{
	uint64_t base = m->slow_base ? 12000000 : 60000000;

	wire_set_hz(m->wire, base / 2 / (m->divisor + 1u));
}

void engine_init(struct engine *m, struct wire *wire)
{
	*m = (struct engine){.wire = wire, .slow_base = true, .opcode = ENGINE_NONE};
	apply_clock(m);
}

size_t engine_room(const struct engine *m)
{
	return ENGINE_FIFO - m->tx.count;
}

static size_t reply_room(const struct engine *m)
{
	return ENGINE_FIFO - m->rx.count;
}

/* A stalled engine goes on when it gets what it lacked. */
static void wake(struct engine *m, uint64_t at_ps)
{
	if (m->free_ps < at_ps)
		m->free_ps = at_ps;
}

void engine_feed(struct engine *m, const uint8_t *data, size_t len, uint64_t at_ps)
{
	put(&m->tx, data, len);
	wake(m, at_ps);
}

size_t engine_drain(struct engine *m, uint8_t *data, size_t len, uint64_t at_ps)
{
	len = min_size(len, m->rx.count);
	take(&m->rx, data, len);
	m->flush -= min_size(m->flush, len);
	wake(m, at_ps);
	return len;
}

/* Operand bytes that follow an opcode, a bit-wise shift's data byte included. */
static unsigned operands(int op)
{
	if (op < 0x80)
		return op & SHIFT_BITS && op & (SHIFT_WRITE | SHIFT_TMS) ? 2
		       : op & SHIFT_BITS                                 ? 1
		                                                         : 2;
	switch (op) {
	case OP_SET_LOW:
	case OP_SET_HIGH:
	case OP_DIVISOR:
	case OP_CLOCK_BYTES:
		return 2;
	case OP_CLOCK_BITS:
		return 1;
	default:
		return 0;
	}
}

static bool is_shift(int op)
{
	return op < 0x80 && op & (SHIFT_WRITE | SHIFT_READ | SHIFT_TMS);
}

/* Reply bytes a command needs room for before it begins. */
static size_t replies(int op)
{
	if (is_shift(op))
		return op & SHIFT_BITS && op & SHIFT_READ ? 1 : 0;
	switch (op) {
	case OP_GET_LOW:
	case OP_GET_HIGH:
		return 1;
	default:
		return 2; /* at most, for a bad one */
	}
}

/* Bytes the data phase in work can clock now. */
static size_t burst(const struct engine *m)
{
	size_t len = min_size(m->left, ENGINE_BURST);

	if (m->opcode & SHIFT_WRITE) {
		size_t half = ENGINE_FIFO / 2;

		len = min_size(len, m->tx.count > half ? m->tx.count - half : m->tx.count);
	}
	if (m->opcode & SHIFT_READ) {
		len = min_size(len, reply_room(m));
		len = min_size(len, ENGINE_PACKET - m->rx.count % ENGINE_PACKET);
	}
	return len;
}

uint64_t engine_next(const struct engine *m)
{
	bool ready;

	if (m->eaten || m->made)
		ready = true;
	else if (m->left)
		ready = burst(m) > 0;
	else if (m->have < m->need)
		ready = m->tx.count > 0;
	else if (m->opcode != ENGINE_NONE)
		ready = reply_room(m) >= replies(m->opcode);
	else
		ready = m->tx.count > 0;
	return ready ? m->free_ps : PS_NEVER;
}

static void clock_out(struct engine *m, const uint8_t *out, uint8_t *in, size_t len)
{
	bool driven = m->low_dir & PIN_SCK && m->low_dir & PIN_MOSI;

	if (driven)
		m->free_ps = wire_clock(m->wire, m->free_ps, out, in, len);
	else
		m->free_ps += len * m->wire->byte_ps;
}

/* MOSI that changes on the rising edge is seen by a mode 0 chip one bit late. */
static void shift_late(struct engine *m, uint8_t *out, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		bool last = out[i] & 1;

		out[i] = (uint8_t)(out[i] >> 1 | (m->last_mosi ? 0x80 : 0));
		m->last_mosi = last;
	}
}

static void reverse_all(uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = wire_reverse(data[i]);
}

static void shift_burst(struct engine *m)
{
	uint8_t out[ENGINE_BURST], in[ENGINE_BURST], sent[ENGINE_BURST];
	size_t len = burst(m);

	memset(in, 0xFF, len);
	memset(out, m->last_mosi ? 0xFF : 0x00, len);
	if (m->opcode & SHIFT_WRITE) {
		peek(&m->tx, out, len);
		if (m->opcode & SHIFT_LSB)
			reverse_all(out, len);
		memcpy(sent, out, len);
		if (m->opcode & SHIFT_WRITE_NEG)
			m->last_mosi = out[len - 1] & 1;
		else
			shift_late(m, out, len);
		m->eaten = len;
	}
	clock_out(m, out, in, len);
	if (m->loopback && m->opcode & SHIFT_WRITE)
		memcpy(in, sent, len);
	if (m->opcode & SHIFT_READ) {
		if (m->opcode & SHIFT_LSB)
			reverse_all(in, len);
		memcpy(m->reply, in, len);
		m->made = len;
	}
	m->left -= (uint32_t)len;
	if (!m->left)
		m->opcode = ENGINE_NONE;
}

static void end_burst(struct engine *m)
{
	drop(&m->tx, m->eaten);
	put(&m->rx, m->reply, m->made);
	m->eaten = m->made = 0;
}

/* Eight bits are a byte; fewer the model cannot clock. */
static void shift_bits(struct engine *m)
{
	unsigned bits = (m->operand[0] & 7u) + 1;
	uint8_t out = m->need == 2 ? m->operand[1] : 0xFF, in = 0xFF;

	if (bits == 8 && !(m->opcode & SHIFT_TMS)) {
		if (m->opcode & SHIFT_LSB)
			out = wire_reverse(out);
		clock_out(m, &out, &in, 1);
		if (m->opcode & SHIFT_LSB)
			in = wire_reverse(in);
	} else {
		m->odd_clocks += bits;
		m->free_ps += bits * m->wire->byte_ps / 8;
	}
	if (m->opcode & SHIFT_READ)
		put(&m->rx, &in, 1);
}

/* Clocks without data, MOSI at rest. */
static void clock_idle(struct engine *m, uint32_t bits)
{
	uint8_t rest[64];
	uint32_t bytes = bits / 8;

	memset(rest, m->last_mosi ? 0xFF : 0x00, sizeof(rest));
	while (bytes) {
		uint32_t len = bytes < sizeof(rest) ? bytes : sizeof(rest);

		clock_out(m, rest, NULL, len);
		bytes -= len;
	}
	if (m->wire->selected)
		m->odd_clocks += bits % 8;
	m->free_ps += bits % 8 * m->wire->byte_ps / 8;
}

static void set_low(struct engine *m)
{
	m->low_value = m->operand[0];
	m->low_dir = m->operand[1];
	m->last_mosi = m->low_value & PIN_MOSI;
	wire_select(m->wire, m->free_ps, m->low_dir & PIN_CS && !(m->low_value & PIN_CS));
}

static void answer_bad(struct engine *m)
{
	const uint8_t answer[2] = {ENGINE_BAD, (uint8_t)m->opcode};

	m->bad_opcodes++;
	put(&m->rx, answer, 2);
}

static void get_pins(struct engine *m, uint8_t value, uint8_t dir)
{
	uint8_t pins = (uint8_t)((value & dir) | (uint8_t)~dir);

	put(&m->rx, &pins, 1);
}

static uint16_t operand16(const struct engine *m)
{
	return (uint16_t)(m->operand[0] | m->operand[1] << 8);
}

static void run_plain(struct engine *m)
{
	switch (m->opcode) {
	case OP_SET_LOW:
		set_low(m);
		break;
	case OP_GET_LOW:
		get_pins(m, m->low_value, m->low_dir);
		break;
	case OP_SET_HIGH:
		m->high_value = m->operand[0];
		m->high_dir = m->operand[1];
		break;
	case OP_GET_HIGH:
		get_pins(m, m->high_value, m->high_dir);
		break;
	case OP_LOOP_ON:
	case OP_LOOP_OFF:
		m->loopback = m->opcode == OP_LOOP_ON;
		break;
	case OP_DIVISOR:
		m->divisor = operand16(m);
		apply_clock(m);
		break;
	case OP_FLUSH:
		m->flush = m->rx.count;
		break;
	case OP_DIV5_OFF:
	case OP_DIV5_ON:
		m->slow_base = m->opcode == OP_DIV5_ON;
		apply_clock(m);
		break;
	case OP_CLOCK_BITS:
		clock_idle(m, m->operand[0] + 1u);
		break;
	case OP_CLOCK_BYTES:
		clock_idle(m, 8 * (operand16(m) + 1u));
		break;
	case OP_3PHASE_ON: /* neither changes what a mode 0 chip sees */
	case OP_3PHASE_OFF:
	case OP_ADAPTIVE_ON:
	case OP_ADAPTIVE_OFF:
		break;
	default:
		answer_bad(m);
	}
}

static void run_command(struct engine *m)
{
	if (is_shift(m->opcode) && !(m->opcode & SHIFT_BITS)) {
		m->left = operand16(m) + 1u;
		return; /* the opcode stays until the data are through */
	}
	if (is_shift(m->opcode))
		shift_bits(m);
	else
		run_plain(m);
	m->opcode = ENGINE_NONE;
}

void engine_step(struct engine *m)
{
	uint8_t op;

	if (m->eaten || m->made) {
		end_burst(m);
	} else if (m->left) {
		shift_burst(m);
	} else if (m->have < m->need) {
		take(&m->tx, &m->operand[m->have++], 1);
	} else if (m->opcode != ENGINE_NONE) {
		m->have = m->need = 0;
		run_command(m);
	} else {
		take(&m->tx, &op, 1);
		m->opcode = op;
		m->need = operands(m->opcode);
		m->have = 0;
	}
}
