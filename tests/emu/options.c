/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

const char emu_usage[] =
	"usage: emu-run --device ch341a|ft232h|spidev|ch347 [options] -- PROGRAM [ARGS]\n"
	"Runs PROGRAM, unmodified, in front of an emulated adapter with a simulated chip on it.\n"
	"  --chip NAME        the chip (W25Q64FV)\n"
	"  --parts FILE       chips are described there\n"
	"  --image FILE       what it holds at the start (blank)\n"
	"  --save FILE        where its contents go at the end\n"
	"  --report FILE      counters and times as JSON; - is stderr\n"
	"  --record FILE      every bulk transfer, a line each\n"
	"  --time virtual|real\n"
	"  --pauses count|ignore  the program's own pauses are device time (virtual; count)\n"
	"  --hz HZ            SPI clock: CH341A's (1.5M), the limit of spidev's controller (20M)\n"
	"  --bufsiz N         spidev's bufsiz (4096); 0: its file is missing\n"
	"  --count N          so many adapters (1, up to 8); also --device ch341a,ft232h,...\n"
	"                     All but the first have a blank chip, unless FILE of --image and\n"
	"                     --save has a %, which becomes 1, 2, ... Those of one speed share\n"
	"                     the line, as behind one hub.\n"
	"  --id VVVV:PPPP     another USB ID        --serial TEXT  another serial number\n"
	"  --same-serial      of all adapters\n"
	"Faults:\n"
	"  --fault WORDS      of the chip: flip=20000+seed=7, silent, slow=400, ...;\n"
	"                     fail-msg=N ends the n-th transfer or message in a bus error\n"
	"  --wire WORD        of the wires: open, open-low, follow, swapped, cs-dead, cs-low,\n"
	"                     clk-dead, mosi-dead, unpowered, contact, power, master, lost-a22,\n"
	"                     lost-a13, hold-low, wp-low, late, byte-lost, sags\n"
	"  --silent-at N      from the n-th bulk transfer on the adapter answers nothing\n"
	"  --stall-at N       the n-th bulk transfer is stalled\n"
	"  --short-in N       every n-th IN packet is cut to half\n"
	"  --lose-over N      of more than N transfers in flight the completions are lost\n"
	"  --packet-size N    what the descriptors say that a packet holds, true or not\n"
	"  --one-at-a-time    CH347: what is sent before the last answer was fetched is lost\n"
	"  --stale N          n bytes of a predecessor wait in the IN pipe\n"
	"  --claimed          USB: another program holds the interface\n"
	"  --kernel-driver NAME  USB: a kernel driver is bound to it\n"
	"  --deny             opening the node is refused (EACCES), for root too\n"
	"  --pi5              spidev: the node is the boot EEPROM of a Raspberry Pi 5\n"
	"  --refuse-speed     spidev: setting the clock fails\n"
	"  --unplug open|ioctls=N|urbs=N|clocks=N|read=N|pages=N|erases=N\n"
	"  --victim N         only the n-th adapter is unplugged\n"
	"  --replug           back again for the next program that looks\n";

enum {
	OPT_DEVICE = 256,
	OPT_CHIP,
	OPT_PARTS,
	OPT_IMAGE,
	OPT_SAVE,
	OPT_REPORT,
	OPT_RECORD,
	OPT_TIME,
	OPT_PAUSES,
	OPT_HZ,
	OPT_BUFSIZ,
	OPT_COUNT,
	OPT_ID,
	OPT_SERIAL,
	OPT_FAULT,
	OPT_WIRE,
	OPT_SILENT,
	OPT_STALL,
	OPT_SHORT,
	OPT_STALE,
	OPT_LOSE,
	OPT_PACKET,
	OPT_ONE,
	OPT_CLAIMED,
	OPT_DRIVER,
	OPT_DENY,
	OPT_PI5,
	OPT_REFUSE,
	OPT_UNPLUG,
	OPT_REPLUG,
	OPT_VICTIM,
	OPT_SAME,
	OPT_HELP,
};

static const struct option long_options[] = {
	{"device", required_argument, NULL, OPT_DEVICE},
	{"chip", required_argument, NULL, OPT_CHIP},
	{"parts", required_argument, NULL, OPT_PARTS},
	{"image", required_argument, NULL, OPT_IMAGE},
	{"save", required_argument, NULL, OPT_SAVE},
	{"report", required_argument, NULL, OPT_REPORT},
	{"record", required_argument, NULL, OPT_RECORD},
	{"time", required_argument, NULL, OPT_TIME},
	{"pauses", required_argument, NULL, OPT_PAUSES},
	{"hz", required_argument, NULL, OPT_HZ},
	{"bufsiz", required_argument, NULL, OPT_BUFSIZ},
	{"count", required_argument, NULL, OPT_COUNT},
	{"id", required_argument, NULL, OPT_ID},
	{"serial", required_argument, NULL, OPT_SERIAL},
	{"fault", required_argument, NULL, OPT_FAULT},
	{"wire", required_argument, NULL, OPT_WIRE},
	{"silent-at", required_argument, NULL, OPT_SILENT},
	{"stall-at", required_argument, NULL, OPT_STALL},
	{"short-in", required_argument, NULL, OPT_SHORT},
	{"stale", required_argument, NULL, OPT_STALE},
	{"lose-over", required_argument, NULL, OPT_LOSE},
	{"packet-size", required_argument, NULL, OPT_PACKET},
	{"one-at-a-time", no_argument, NULL, OPT_ONE},
	{"claimed", no_argument, NULL, OPT_CLAIMED},
	{"kernel-driver", required_argument, NULL, OPT_DRIVER},
	{"deny", no_argument, NULL, OPT_DENY},
	{"pi5", no_argument, NULL, OPT_PI5},
	{"refuse-speed", no_argument, NULL, OPT_REFUSE},
	{"unplug", required_argument, NULL, OPT_UNPLUG},
	{"replug", no_argument, NULL, OPT_REPLUG},
	{"same-serial", no_argument, NULL, OPT_SAME},
	{"victim", required_argument, NULL, OPT_VICTIM},
	{"help", no_argument, NULL, OPT_HELP},
	{0},
};

/* The index of `word` in a NULL-terminated list, or -1. */
static int choose(const char *word, const char *const *words)
{
	int i;

	for (i = 0; words[i]; i++)
		if (!strcmp(word, words[i]))
			return i;
	return -1;
}

static bool parse_count(const char *text, uint64_t *value)
{
	return np_parse_size(text, value);
}

/* One kind, or one for each adapter: ch341a,ch341a,ft232h. */
static bool parse_device(struct emu_options *o, const char *text)
{
	static const char *const kinds[] = {"ch341a", "ft232h", "spidev", "ch347", NULL};
	unsigned count = 0;
	bool more = true;

	while (more) {
		size_t len = strcspn(text, ",");
		char word[16];
		int kind;

		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		kind = choose(word, kinds);
		if (kind < 0 || count == EMU_ADAPTERS)
			return false;
		o->kinds[count++] = (enum emu_kind)kind;
		more = text[len] != '\0';
		text += len + more;
	}
	for (unsigned i = count; i < EMU_ADAPTERS; i++)
		o->kinds[i] = o->kinds[i % count];
	o->kind = o->kinds[0];
	if (count > 1)
		o->count = count;
	return true;
}

static bool parse_either(const char *text, const char *no, const char *yes, bool *value)
{
	*value = !strcmp(text, yes);
	return *value || !strcmp(text, no);
}

static bool parse_id(struct emu_options *o, const char *text)
{
	unsigned vendor, product;
	char rest;

	if (sscanf(text, "%4x:%4x%c", &vendor, &product, &rest) != 2)
		return false;
	o->vendor = (uint16_t)vendor;
	o->product = (uint16_t)product;
	return true;
}

static bool parse_unplug(struct emu_options *o, const char *text)
{
	static const char *const kinds[] = {"never", "open",  "ioctls", "urbs", "clocks",
	                                    "read",  "pages", "erases", NULL};
	char word[16];
	size_t len = strcspn(text, "=");
	int kind;

	snprintf(word, sizeof(word), "%.*s", (int)len, text);
	kind = choose(word, kinds);
	if (kind < 0)
		return false;
	o->unplug = (enum emu_unplug)kind;
	return kind <= UNPLUG_OPEN ? !text[len]
	                           : text[len] && parse_count(text + len + 1, &o->unplug_at);
}

static bool parse_small(const char *text, uint64_t max, uint64_t *value)
{
	return parse_count(text, value) && *value <= max;
}

static bool parse_fault(struct emu_options *o, int opt, const char *text, struct np_error *err)
{
	switch (opt) {
	case OPT_FAULT:
		return !norsim_parse_faults(text, &o->chip_faults, &o->usb_faults.error_at, err);
	case OPT_WIRE:
		return wire_fault_parse(text, &o->wire);
	case OPT_SILENT:
		return parse_count(text, &o->usb_faults.silent_at);
	case OPT_STALL:
		return parse_count(text, &o->usb_faults.stall_at);
	case OPT_SHORT:
		return parse_count(text, &o->usb_faults.short_in);
	case OPT_STALE:
		return parse_count(text, &o->usb_faults.stale);
	case OPT_LOSE:
		return parse_count(text, &o->usb_faults.lose_over);
	case OPT_PACKET:
		return parse_small(text, UINT16_MAX, &o->usb_faults.told_packet) &&
		       ++o->usb_faults.told_packet;
	case OPT_ONE:
		return o->usb_faults.one_at_a_time = true;
	case OPT_CLAIMED:
		return o->claimed = true;
	case OPT_DRIVER:
		o->kernel_driver = text;
		return true;
	case OPT_DENY:
		return o->deny = true;
	case OPT_PI5:
		return o->pi5 = true;
	case OPT_REFUSE:
		return o->refuse_speed = true;
	case OPT_UNPLUG:
		return parse_unplug(o, text);
	case OPT_REPLUG:
		return o->replug = true;
	default:
		return false;
	}
}

static bool parse_option(struct emu_options *o, int opt, const char *text, struct np_error *err)
{
	uint64_t value = 0;
	bool good = true;

	switch (opt) {
	case OPT_DEVICE:
		return parse_device(o, text);
	case OPT_CHIP:
		o->chip = text;
		return true;
	case OPT_PARTS:
		o->parts = text;
		return true;
	case OPT_IMAGE:
		o->image = text;
		return true;
	case OPT_SAVE:
		o->save = text;
		return true;
	case OPT_REPORT:
		o->report = text;
		return true;
	case OPT_RECORD:
		o->record = text;
		return true;
	case OPT_TIME:
		return parse_either(text, "virtual", "real", &o->real_time);
	case OPT_PAUSES:
		return parse_either(text, "count", "ignore", &o->ignore_pauses);
	case OPT_HZ:
		return np_parse_hz(text, &o->hz) && o->hz;
	case OPT_BUFSIZ:
		good = parse_small(text, 1u << 24, &value);
		o->bufsiz = (uint32_t)value;
		return good;
	case OPT_COUNT:
		good = parse_small(text, EMU_ADAPTERS, &value) && value;
		o->count = (unsigned)value;
		return good;
	case OPT_SAME:
		return o->same_serial = true;
	case OPT_VICTIM:
		good = parse_small(text, EMU_ADAPTERS, &value) && value;
		o->victim = (unsigned)value;
		return good;
	case OPT_ID:
		return parse_id(o, text);
	case OPT_SERIAL:
		o->serial = text;
		return true;
	default:
		return parse_fault(o, opt, text, err);
	}
}

/* What one kind of adapter knows and the other has no such thing as. */
static bool fits(const struct emu_options *o, int opt)
{
	switch (opt) {
	case OPT_ID:
	case OPT_RECORD:
	case OPT_SERIAL:
	case OPT_SILENT:
	case OPT_STALL:
	case OPT_SHORT:
	case OPT_STALE:
	case OPT_LOSE:
	case OPT_PACKET:
	case OPT_CLAIMED:
	case OPT_DRIVER:
		return o->kind != EMU_SPIDEV;
	case OPT_ONE:
		return o->kind == EMU_CH347;
	case OPT_UNPLUG:
		return o->kind != EMU_SPIDEV || o->unplug != UNPLUG_URBS;
	case OPT_BUFSIZ:
	case OPT_PI5:
	case OPT_REFUSE:
		return o->kind == EMU_SPIDEV;
	case OPT_HZ:
		return o->kind != EMU_FT232H && o->kind != EMU_CH347;
	default:
		return true;
	}
}

static int check_fit(const struct emu_options *o, uint64_t given, struct np_error *err)
{
	for (size_t i = 0; long_options[i].name; i++)
		if (given >> i & 1 && !fits(o, long_options[i].val))
			return np_fail(err, NP_E_USAGE, "--%s is nothing for this adapter",
			               long_options[i].name);
	return 0;
}

int emu_options_parse(struct emu_options *o, int argc, char **argv, bool *help,
                      struct np_error *err)
{
	int opt, index = 0;
	uint64_t given = 0;

	*o = (struct emu_options){
		.kind = (enum emu_kind) - 1, .chip = "W25Q64FV", .bufsiz = 4096, .count = 1};
	opterr = 0;
	while ((opt = getopt_long(argc, argv, "+", long_options, &index)) != -1) {
		*help = opt == OPT_HELP;
		if (*help)
			return 0;
		if (opt == '?')
			return np_fail(err, NP_E_USAGE, "unknown or incomplete option %s",
			               argv[optind - 1]);
		*err = (struct np_error){0};
		if (!parse_option(o, opt, optarg, err))
			return err->code ? err->code
			                 : np_fail(err, NP_E_USAGE, "--%s: not understood: %s",
			                           long_options[index].name, optarg);
		given |= UINT64_C(1) << index;
	}
	if (o->kind == (enum emu_kind) - 1)
		return np_fail(err, NP_E_USAGE, "--device is missing");
	if (optind == argc)
		return np_fail(err, NP_E_USAGE, "no program to run");
	o->program = argv + optind;
	return check_fit(o, given, err);
}
