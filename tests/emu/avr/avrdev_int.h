/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the board's files. */
#ifndef AVRDEV_INT_H
#define AVRDEV_INT_H

#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>

#include "avrdev.h"

/* Data-space addresses of the ATmega328P. */
enum {
	REG_DDRB = 0x24,
	REG_PORTB = 0x25,
	REG_TIFR1 = 0x36,
	REG_SPCR = 0x4c,
	REG_SPSR = 0x4d,
	REG_SPDR = 0x4e,
	REG_TCCR1A = 0x80,
	REG_TCCR1B = 0x81,
	REG_TCNT1L = 0x84,
	REG_TCNT1H = 0x85,
	REG_OCR1AL = 0x88,
	REG_OCR1AH = 0x89,
	REG_OCR1BL = 0x8a,
	REG_OCR1BH = 0x8b,
	REG_UCSR0A = 0xc0,
	REG_UCSR0B = 0xc1,
	REG_UBRR0L = 0xc4,
	REG_UBRR0H = 0xc5,
	REG_UDR0 = 0xc6,
};

enum { PIN_LED = 1 << 0, PIN_CS = 1 << 2, PIN_MOSI = 1 << 3, PIN_SCK = 1 << 5 };
enum { SPIF = 0x80, WCOL = 0x40 };
enum { RXC = 0x80, UDRE = 0x20, TXC = 0x40, DOR = 0x08, U2X = 0x02, RXCIE = 0x80, RXEN = 0x10 };

#define SLICE     1000u      /* cycles between looks at the host's side */
#define LINE_MAX  (1u << 22) /* bytes either way; a power of two */
#define NEVER     UINT64_MAX
#define POLLS_MIN 8 /* equal polling rounds before they are skipped */

struct stamped {
	uint64_t at; /* ns: visible to the host */
	uint8_t byte;
};

struct avrdev {
	struct avrdev_config config;
	struct avrdev_stats stats;
	avr_t *avr;
	avr_uart_t *uart;
	uint64_t rng;
	uint64_t held_until; /* cycles: the boot loader is in charge */
	bool reset_due;      /* at the end of the instruction in work */

	/* host to board */
	uint8_t *line;
	size_t line_head, line_tail;
	double frame_end; /* cycles: when the frame on the line ends */
	bool frame_on;
	uint8_t fifo[2], fifo_len;
	bool shift_full, overrun;
	uint8_t shift;
	uint64_t shift_freed;

	/* board to host */
	struct stamped *out;
	size_t out_head, out_tail;
	uint64_t shifting_until; /* cycles; 0: transmitter idle */
	bool buffered;
	uint8_t buffer;

	/* SPI */
	uint64_t spi_done;
	uint8_t spi_flags, spi_flags_read; /* SPIF and WCOL; those that SPSR was read with */
	uint8_t spi_shift, spi_in;         /* being received; received last */
	bool selected;

	/* Timer 1 */
	uint64_t timer_base; /* cycle at which it counted 0 */
	uint64_t match[2];   /* cycle of the next compare match; NEVER */
	bool matched[2];
	uint8_t timer_temp; /* the shared high byte */

	/* skipping of polling loops */
	uint64_t poll[2], round;
	uint8_t seen[2][40]; /* the CPU's registers and program counter at the last two polls */
	uint32_t rounds;
	bool polling;
	uint64_t target;   /* cycle beyond which nothing may be skipped: a byte becomes visible */
	bool stop_at_byte; /* the host waits for one */
};

uint64_t avrdev_draw(struct avrdev *dev);
uint64_t avrdev_to_ns(const struct avrdev *dev, uint64_t cycles);
uint64_t avrdev_to_cycles(const struct avrdev *dev, uint64_t ns);

/* Take over a register; NULL leaves libsimavr's handler. */
void avrdev_hook(struct avrdev *dev, uint16_t reg, avr_io_read_t read, avr_io_write_t write);

/* The firmware did something besides polling the line. */
static inline void avrdev_touched(struct avrdev *dev)
{
	dev->rounds = 0;
	dev->polling = false;
}

/* The peripherals: take over their registers; begin anew after a reset; do what is due by
 * `cycle`. */
void avrdev_uart_hook(struct avrdev *dev);
void avrdev_uart_reset(struct avrdev *dev);
void avrdev_uart_catch_up(struct avrdev *dev, uint64_t cycle);
double avrdev_host_frame(const struct avrdev *dev); /* cycles */
void avrdev_spi_hook(struct avrdev *dev);
void avrdev_spi_reset(struct avrdev *dev);
void avrdev_timer_hook(struct avrdev *dev);
void avrdev_timer_reset(struct avrdev *dev);
uint64_t avrdev_timer_next(const struct avrdev *dev); /* cycle of the next event */

#endif
