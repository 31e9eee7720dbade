/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/units.h"
#include "cli/habits.h"

enum kind { WAIT, FLAG, COUNT, TEXT, WORDS, LIST, HZ, SIZE, PASSES };

#define ALL_COMMANDS 0x7fffffff
#define ON_BUS                                                                                    \
	(CLI_DETECT | CLI_READ | CLI_WRITE | CLI_RESTORE | CLI_VERIFY | CLI_ERASE | CLI_PROTECT | \
	 CLI_RESUME | CLI_OTP | CLI_DOCTOR | CLI_REPORT | CLI_CLONE)
#define ON_CHIP  (ON_BUS | CLI_UNIT | CLI_LAYOUTS | CLI_IMAGE)
#define ON_FLASH (CLI_READ | CLI_WRITE | CLI_RESTORE | CLI_VERIFY | CLI_ERASE)
#define CHANGING (CLI_WRITE | CLI_RESTORE | CLI_ERASE | CLI_CLONE)

struct row {
	const char *name;
	char letter;
	const char *arg;
	enum kind kind;
	size_t offset;
	unsigned commands;
	const char *help;
};

#define AT(field) offsetof(struct cli_options, field)

static const struct row rows[] = {
	{"programmer", 'p', "SPEC", LIST, AT(programmers), ON_CHIP | CLI_UI | CLI_SERVE,
         "NAME[:key=value,...], as in `norprog list`; or all"},
	{"label", 0, "PATH=NAME", LIST, AT(label), ON_FLASH,
         "call the adapter at this USB path (or -p's words) NAME"},
	{"chip", 'c', "NAME", TEXT, AT(chip), ON_CHIP | CLI_UI, "expect this chip (seldom needed)"},
	{"chips", 0, "FILE", TEXT, AT(chips), ON_CHIP | CLI_UI | CLI_CHIPS,
         "chips of your own, described in a text file (doc/CHIPS.md)"},
	{"size", 0, "SIZE", SIZE, AT(size),
         CLI_DETECT | ON_FLASH | CLI_RESUME | CLI_REPORT | CLI_CLONE,
         "take the chip to be this big (to read it, or to settle it)"},
	{"speed", 0, "HZ", HZ, AT(speed_hz), ON_CHIP | CLI_SERVE,
         "keep this SPI clock (30M, 500k); default: fastest that works"},
	{"wait", 0, "TIME", WAIT, AT(wait_us), ON_BUS & ~CLI_DOCTOR & ~CLI_REPORT,
         "wait for the clip to make contact; TIME (30s, 2m) at most, or for ever"},
	{"layout", 'l', "NAME|FILE", TEXT, AT(layout), ON_BUS | CLI_IMAGE | CLI_UNIT | CLI_UI,
         "profile, flashrom layout, dtb or dts, boot log, or a dump with a map"},
	{"only", 0, "R[,R...]", WORDS, AT(only), ON_FLASH,
         "just these regions, the group 'unit', or ranges START+LEN, START-LAST"},
	{"range", 0, "START+LEN", WORDS, AT(only), ON_FLASH, "the same as --only, for one range"},
	{"keep", 0, "R[,R...]", WORDS, AT(keep), CHANGING | CLI_VERIFY | CLI_BACKUPS,
         "leave these out ('unit', 'nothing': all may go); prune: how many stay"},
	{"at", 0, "ADDR|REGION", TEXT, AT(at), CLI_WRITE | CLI_VERIFY | CLI_OTP,
         "FILE belongs at this address"},
	{"passes", 0, "N", PASSES, AT(passes), CLI_READ | CHANGING,
         "read N times, 1..5 (default 2; 1 trusts a single read)"},
	{"dry-run", 0, NULL, FLAG, AT(dry_run), CHANGING | CLI_PROTECT | CLI_BACKUPS,
         "read and show the plan, change nothing"},
	{"explain", 0, NULL, FLAG, AT(explain), CHANGING | CLI_RESUME,
         "say what each gate thinks of this; change nothing"},
	{"override", 0, "G[,G...]", WORDS, AT(override), CHANGING | CLI_RESUME | CLI_REPORT,
         "lift the refusals of these names (doc/GATES.md)"},
	{"backup", 0, "FILE", TEXT, AT(backup), CHANGING | CLI_RESUME,
         "keep the backup here (must not exist); resume: where it was moved to"},
	{"no-backup", 0, NULL, FLAG, AT(no_backup), CHANGING,
         "keep no backup once the job is done"},
	{"base", 0, "FILE|blank", TEXT, AT(base), CHANGING,
         "the chip is known to hold this: sample it instead of reading all"},
	{"map", 0, NULL, FLAG, AT(map), ON_FLASH | CLI_RESUME | CLI_CLONE,
         "draw a map of the flash at work (default from 100 columns on)"},
	{"no-map", 0, NULL, FLAG, AT(no_map), ON_FLASH | CLI_RESUME | CLI_CLONE,
         "draw the bar alone"},
	{"no-verify", 0, NULL, FLAG, AT(no_verify), CHANGING, "do not read back"},
	{"verify-all", 0, NULL, FLAG, AT(verify_all), CHANGING,
         "read back everything; the rest of the chip against its last backup"},
	{"chip-erase", 0, NULL, FLAG, AT(chip_erase), CLI_WRITE | CLI_ERASE,
         "erase the chip as a whole first"},
	{"boot-last", 0, NULL, FLAG, AT(boot_last), CLI_WRITE | CLI_RESTORE | CLI_CLONE,
         "write the boot loader's blocks last"},
	{"voltage-ok", 0, NULL, FLAG, AT(voltage_ok),
         CHANGING | CLI_RESUME | CLI_OTP | CLI_DOCTOR | CLI_REPORT,
         "the supply suits this 1.8 V part"},
	{"yes", 'y', NULL, FLAG, AT(yes),
         CHANGING | CLI_RESUME | CLI_PROTECT | CLI_OTP | CLI_REPORT | CLI_BACKUPS,
         "do not ask before the first erase"},
	{"set", 0, "FIELD=VALUE", WORDS, AT(set), CLI_WRITE | CLI_RESTORE,
         "give this field of the layout (mac, imei, pin, ...) this value"},
	{"set-from", 0, "FILE", TEXT, AT(set_from), CLI_WRITE | CLI_RESTORE,
         "fields of each unit from a CSV file, each value for one unit"},
	{"strip", 0, NULL, FLAG, AT(strip), CLI_WRITE,
         "leave out the vendor's header, boot loader or capsule in front"},
	{"part", 0, "N/M", TEXT, AT(part), CLI_WRITE | CLI_VERIFY,
         "FILE lies in M chips, and this one holds its part N (with --split)"},
	{"split", 0, "SIZE+SIZE", TEXT, AT(split), CLI_WRITE | CLI_VERIFY,
         "the sizes of these chips, in the order of addresses: 8M+4M"},
	{"output", 'o', "FILE", TEXT, AT(output), CLI_IMAGE | CLI_LAYOUTS | CLI_DEVICE,
         "the file to make; layouts: in flashrom's format"},
	{"in-place", 0, NULL, FLAG, AT(in_place), CLI_IMAGE, "change the file itself"},
	{"pad", 0, NULL, FLAG, AT(pad), CLI_IMAGE,
         "merge: fill a region that is longer than its file with FFh"},
	{"svg", 0, "FILE", TEXT, AT(svg), CLI_IMAGE, "show, diff: draw the flash map"},
	{"html", 0, "FILE", TEXT, AT(html), CLI_IMAGE | CLI_DOCTOR,
         "image show, diff and doctor: the same as a page"},
	{"sfdp", 0, "FILE", TEXT, AT(sfdp), CLI_DETECT, "save the chip's SFDP there, raw"},
	{"force", 0, NULL, FLAG, AT(force),
         CLI_DETECT | CLI_READ | CLI_IMAGE | CLI_LAYOUTS | CLI_OTP | CLI_DEVICE | CLI_REPORT |
                 CLI_DOCTOR | CLI_BACKUPS,
         "replace files that exist"},
	{"prove", 0, "START+LEN", TEXT, AT(prove), CLI_REPORT,
         "save this range, erase and program it, and put it back"},
	{"reports", 0, "DIR", TEXT, AT(reports), CLI_CHIPS,
         "count hardware reports in this folder, too"},
	{"area", 0, "N", TEXT, AT(area), CLI_OTP, "the security register or OTP area meant"},
	{"permanent", 0, NULL, FLAG, AT(permanent), CLI_OTP, "yes, do what cannot be taken back"},
	{"blank", 0, NULL, FLAG, AT(blank), CLI_VERIFY, "compare with FFh instead of a file"},
	{"undo", 0, NULL, FLAG, AT(undo), CLI_RESUME, "put the backup back instead"},
	{"discard", 0, NULL, FLAG, AT(discard), CLI_RESUME,
         "forget the job; the chip stays as it is, half done"},
	{"listen", 0, "ADDR:PORT", TEXT, AT(listen), CLI_UI | CLI_SERVE,
         "where to listen (port 0: any free one); ui: here, any port"},
	{"allow", 0, "ADDR[,...]", WORDS, AT(allow), CLI_SERVE,
         "who else may connect: addresses, networks (192.168.1.0/24)"},
	{"secret", 0, "FILE", TEXT, AT(secret), CLI_SERVE,
         "clients must know what its first line says"},
	{"no-browser", 0, NULL, FLAG, AT(no_browser), CLI_UI, "open no browser"},
	{"trace", 0, "FILE", TEXT, AT(trace), ON_CHIP,
         "write every SPI message there (a new file)"},
	{"no-config", 0, NULL, FLAG, AT(no_config), ALL_COMMANDS,
         "do not read ~/.config/norprog/config"},
	{"json", 0, NULL, FLAG, AT(json), ALL_COMMANDS,
         "JSON Lines on stdout; the last line is the result"},
	{"log", 0, "FILE", TEXT, AT(log), ALL_COMMANDS, "append all messages to this file"},
	{"quiet", 'q', NULL, FLAG, AT(quiet), ALL_COMMANDS, "no progress, no remarks"},
	{"verbose", 'v', NULL, COUNT, AT(verbose), ALL_COMMANDS, "tell more; -vv tells all"},
	{"help", 'h', NULL, FLAG, AT(help), ALL_COMMANDS, "this text"},
	{"version", 0, NULL, FLAG, AT(version), 0, "the version"},
};

#define ROWS       (sizeof(rows) / sizeof(rows[0]))
#define FIRST_LONG 256 /* what getopt_long() answers for rows[0] */

static int fail_usage(struct np_error *err, const struct cli_command *command)
{
	if (err->hint[0])
		return err->code;
	if (command)
		return np_hint(err, "norprog %s --help", command->name);
	return np_hint(err, "norprog --help");
}

static int add_words(const struct row *row, struct cli_words *words, char *text,
                     struct np_error *err)
{
	char *next;

	for (; text; text = next) {
		next = strchr(text, ',');
		if (next)
			*next++ = '\0';
		if (!*text)
			return np_fail(err, NP_E_USAGE, "--%s: an empty name in the list",
			               row->name);
		if (words->count == CLI_WORDS_MAX)
			return np_fail(err, NP_E_USAGE, "--%s: more than %d words", row->name,
			               CLI_WORDS_MAX);
		words->at[words->count++] = text;
	}
	return 0;
}

/* One more of an option that may be given several times; commas are part of it. */
static int add_whole(const struct row *row, struct cli_words *words, const char *value,
                     struct np_error *err)
{
	if (!*value)
		return np_fail(err, NP_E_USAGE, "--%s: an empty value", row->name);
	if (words->count == CLI_WORDS_MAX)
		return np_fail(err, NP_E_USAGE, "--%s: more than %d of them", row->name,
		               CLI_WORDS_MAX);
	words->at[words->count++] = value;
	return 0;
}

static int set_text(const struct row *row, const char **field, const char *value,
                    struct np_error *err)
{
	if (*field)
		return np_fail(err, NP_E_USAGE, "--%s given twice", row->name);
	if (!*value)
		return np_fail(err, NP_E_USAGE, "--%s: an empty value", row->name);
	*field = value;
	return 0;
}

static int set_number(const struct row *row, void *field, const char *value, struct np_error *err)
{
	uint64_t number;

	if (row->kind == HZ && !np_parse_hz(value, field))
		return np_fail(err, NP_E_USAGE, "--%s: '%s' is not a clock like 30M or 500k",
		               row->name, value);
	if (row->kind == HZ)
		return 0;
	if (!np_parse_size(value, &number) || !number)
		return np_fail(err, NP_E_USAGE, "--%s: '%s' is not a number above 0", row->name,
		               value);
	if (row->kind == SIZE) {
		*(uint64_t *)field = number;
		return 0;
	}
	if (number > 5)
		return np_fail(err, NP_E_USAGE, "--%s: %s is not within 1..5", row->name, value);
	*(uint32_t *)field = (uint32_t)number;
	return 0;
}

/* "30s", "2m", "500ms" into microseconds; a unit there must be, so that no file name is taken for a
 * time. */
static bool parse_time(const char *text, uint64_t *us)
{
	static const struct {
		const char *unit;
		uint64_t us;
	} units[] = {{"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"min", 60000000}};
	size_t digits = strspn(text, "0123456789");
	uint64_t number = strtoull(text, NULL, 10);

	for (size_t i = 0; digits && digits < 9 && i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(text + digits, units[i].unit) == 0) {
			*us = number * units[i].us;
			return number > 0;
		}
	return false;
}

static int set_wait(const struct row *row, uint64_t *us, const char *value, struct np_error *err)
{
	if (parse_time(value, us))
		return 0;
	return np_fail(err, NP_E_USAGE, "--%s: '%s' is not a time like 30s or 2m", row->name,
	               value);
}

static int set_value(const struct row *row, struct cli_options *opt, char *value,
                     struct np_error *err)
{
	void *field = (char *)opt + row->offset;

	switch (row->kind) {
	case WAIT:
		opt->wait = true;
		return value ? set_wait(row, field, value, err) : 0;
	case FLAG:
		*(bool *)field = true;
		return 0;
	case COUNT:
		++*(unsigned *)field;
		return 0;
	case TEXT:
		return set_text(row, field, value, err);
	case WORDS:
		return add_words(row, field, value, err);
	case LIST:
		return add_whole(row, field, value, err);
	case HZ:
	case SIZE:
	case PASSES:
		return set_number(row, field, value, err);
	}
	return 0;
}

/* Feeds getopt_long() from the table. `shorts` begins with '+' to stop at the first non-option. */
static void make_tables(bool stop, char *shorts, struct option *longs)
{
	char *at = shorts;

	if (stop)
		*at++ = '+';
	*at++ = ':';
	for (size_t i = 0; i < ROWS; i++) {
		longs[i] = (struct option){.name = rows[i].name,
		                           .has_arg = rows[i].kind == WAIT ? optional_argument
		                                      : rows[i].arg        ? required_argument
		                                                           : no_argument,
		                           .val = FIRST_LONG + (int)i};
		if (!rows[i].letter)
			continue;
		*at++ = rows[i].letter;
		if (rows[i].arg)
			*at++ = ':';
	}
	longs[ROWS] = (struct option){0};
	*at = '\0';
}

static const struct row *row_of(int answer)
{
	if (answer >= FIRST_LONG)
		return &rows[answer - FIRST_LONG];
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].letter == answer)
			return &rows[i];
	return NULL;
}

static int hint_option(const char *word, struct np_error *err)
{
	const char *names[ROWS + 1] = {NULL}, *meant;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	for (size_t i = 0; i < ROWS; i++)
		names[i] = rows[i].name;
	meant = np_suggest(name, names);
	return meant ? np_hint(err, "did you mean --%s?", meant) : err->code;
}

static int bad_option(int answer, char **argv, struct np_error *err)
{
	const struct row *row = row_of(optopt);

	if (answer == ':' && row)
		return np_fail(err, NP_E_USAGE, "option --%s needs a value (%s)", row->name,
		               row->arg);
	if (row && row->letter != optopt)
		return np_fail(err, NP_E_USAGE, "option --%s takes no value", row->name);
	if (optopt)
		return np_fail(err, NP_E_USAGE, "unknown option '-%c'", optopt);
	np_fail(err, NP_E_USAGE, "unknown option '%s'", argv[optind - 1]);
	return hint_option(argv[optind - 1], err);
}

/* One getopt pass: to the command word (stop), or over all that follows it. `given` collects which
 * rows were used. */
static int parse_pass(int argc, char **argv, bool stop, struct cli_options *opt, bool *given,
                      struct np_error *err)
{
	char shorts[2 * ROWS + 3];
	struct option longs[ROWS + 1];
	uint64_t time_us;
	int answer, ret;

	make_tables(stop, shorts, longs);
	optind = 0;
	opterr = 0;
	while ((answer = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct row *row = answer == '?' || answer == ':' ? NULL : row_of(answer);

		if (!row)
			return bad_option(answer, argv, err);
		given[row - rows] = true;
		/* getopt takes an optional value behind '=' only. */
		if (row->kind == WAIT && !optarg && optind < argc &&
		    parse_time(argv[optind], &time_us))
			optarg = argv[optind++];
		ret = set_value(row, opt, optarg, err);
		if (ret)
			return ret;
	}
	return 0;
}

const struct cli_command *options_command(const char *name)
{
	for (size_t i = 0; cli_commands[i].name; i++)
		if (strcasecmp(cli_commands[i].name, name) == 0)
			return &cli_commands[i];
	return NULL;
}

static int fail_command(const char *word, struct np_error *err)
{
	const char *names[CLI_COMMANDS_MAX + 1] = {NULL}, *meant;

	for (size_t i = 0; i < CLI_COMMANDS_MAX && cli_commands[i].name; i++)
		names[i] = cli_commands[i].name;
	np_fail(err, NP_E_USAGE, "unknown command '%s'", word);
	meant = np_suggest(word, names);
	return meant ? np_hint(err, "did you mean `norprog %s`?", meant) : err->code;
}

/* `help`, `help COMMAND` and `version` are as good as the options. */
static int parse_help(int argc, char **argv, struct cli_options *opt,
                      const struct cli_command **command, struct np_error *err)
{
	opt->help = strcasecmp(argv[0], "help") == 0;
	opt->version = !opt->help;
	if (opt->version || argc < 2)
		return 0;
	*command = options_command(argv[1]);
	return *command ? 0 : fail_command(argv[1], err);
}

static int check_fit(const struct cli_command *command, const bool *given, struct np_error *err)
{
	for (size_t i = 0; i < ROWS; i++)
		if (given[i] && rows[i].commands && !(rows[i].commands & command->bit))
			return np_fail(err, NP_E_USAGE, "option --%s does not belong to '%s'",
			               rows[i].name, command->name);
	return 0;
}

static bool keeps_something(const struct cli_options *opt)
{
	for (size_t i = 0; i < opt->keep.count; i++)
		if (strcasecmp(opt->keep.at[i], "nothing") != 0)
			return true;
	return false;
}

static int check_pairs(const struct cli_options *opt, struct np_error *err)
{
	const struct {
		bool both;
		const char *one, *other;
	} pairs[] = {
		{opt->backup && opt->no_backup, "--backup", "--no-backup"},
		{opt->no_verify && opt->verify_all, "--no-verify", "--verify-all"},
		{opt->undo && opt->discard, "--undo", "--discard"},
		{opt->explain && opt->discard, "--explain", "--discard"},
		{opt->map && opt->no_map, "--map", "--no-map"},
		{opt->at && opt->only.count, "--at", "--only/--range"},
		{opt->quiet && opt->verbose, "--quiet", "--verbose"},
		{opt->chip_erase && opt->only.count, "--chip-erase", "--only/--range"},
		{opt->chip_erase && keeps_something(opt), "--chip-erase", "--keep"},
		{opt->chip_erase && opt->at, "--chip-erase", "--at"},
		{opt->blank && opt->at, "--blank", "--at"},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].both)
			return np_fail(err, NP_E_USAGE, "%s and %s contradict each other",
			               pairs[i].one, pairs[i].other);
	return 0;
}

static int check_args(const struct cli_command *command, const struct cli_options *opt,
                      struct np_error *err)
{
	size_t min = command->min_args, max = command->max_args;

	if (opt->blank)
		min = max = 0;
	if (opt->arg_count < min)
		return np_fail(err, NP_E_USAGE, "%s needs %s", command->name, command->args);
	if (opt->arg_count > max)
		return np_fail(err, NP_E_USAGE, "%s: one argument too many: '%s'", command->name,
		               opt->args[max]);
	return 0;
}

#define IN_GANG ON_FLASH

/* -p given once is the programmer; several, or `all`, are a gang, which not every command can be. */
static int settle_programmers(const struct cli_command *command, struct cli_options *opt,
                              struct np_error *err)
{
	const struct cli_words *given = &opt->programmers;
	bool all = false;

	for (size_t i = 0; i < given->count; i++)
		all |= strcasecmp(given->at[i], "all") == 0;
	opt->gang = all || given->count > 1 || opt->label.count || opt->set_from;
	if (given->count == 1 && !all)
		opt->programmer = given->at[0];
	if (!opt->gang || command->bit & IN_GANG)
		return 0;
	np_fail(err, NP_E_USAGE, "%s works with one programmer at a time", command->name);
	return np_hint(err, "give -p once; several at once can read, write, restore, verify and "
	                    "erase");
}

/* What follows the command word; argv[0] is that word. */
static int parse_rest(int argc, char **argv, struct cli_options *opt,
                      const struct cli_command *command, bool *given, struct np_error *err)
{
	int ret = parse_pass(argc, argv, false, opt, given, err);

	if (ret || opt->help || opt->version)
		return ret;
	opt->args = argv + optind;
	opt->arg_count = (size_t)(argc - optind);
	ret = check_fit(command, given, err);
	if (!ret)
		ret = check_pairs(opt, err);
	if (!ret)
		ret = settle_programmers(command, opt, err);
	return ret ? ret : check_args(command, opt, err);
}

static int parse_all(int argc, char **argv, struct cli_options *opt,
                     const struct cli_command **command, struct np_error *err)
{
	bool given[ROWS] = {false};
	int ret = parse_pass(argc, argv, true, opt, given, err);
	int at = optind;

	if (ret || opt->help || opt->version)
		return ret;
	if (at >= argc)
		return np_fail(err, NP_E_USAGE, "no command given");
	if (strcasecmp(argv[at], "help") == 0 || strcasecmp(argv[at], "version") == 0)
		return parse_help(argc - at, argv + at, opt, command, err);
	*command = options_command(argv[at]);
	if (!*command)
		return fail_command(argv[at], err);
	return parse_rest(argc - at, argv + at, opt, *command, given, err);
}

int options_parse(int argc, char **argv, struct cli_options *opt,
                  const struct cli_command **command, struct np_error *err)
{
	char line[sizeof(err->hint) - 32];
	bool flashrom = habits_answer(argc, argv, line, sizeof(line));
	int ret;

	*command = NULL;
	ret = parse_all(argc, argv, opt, command, err);
	if (ret && flashrom && !*command) {
		*opt = (struct cli_options){.json = opt->json};
		np_fail(err, NP_E_USAGE, "that is flashrom's way to say it");
		return np_hint(err, "here it is: %s", line);
	}
	return ret ? fail_usage(err, *command) : 0;
}

bool options_info(size_t index, const struct cli_command *command, struct cli_option_info *info,
                  bool *fits)
{
	const struct row *row = &rows[index < ROWS ? index : 0];

	if (index >= ROWS)
		return false;
	*info = (struct cli_option_info){.name = row->name,
	                                 .letter = row->letter,
	                                 .arg = row->arg,
	                                 .arg_may_lack = row->kind == WAIT,
	                                 .help = row->help,
	                                 .common = row->commands == ALL_COMMANDS};
	*fits = !command || row->commands & command->bit;
	return true;
}

static void help_row(FILE *out, const struct row *row)
{
	char left[40], letter[8] = "    ";

	if (row->letter)
		snprintf(letter, sizeof(letter), "-%c, ", row->letter);
	snprintf(left, sizeof(left), "%s--%s%s%s", letter, row->name, row->arg ? " " : "",
	         row->arg ? row->arg : "");
	fprintf(out, "  %-26s %s\n", left, row->help);
}

static void help_overview(FILE *out)
{
	fputs("norprog backs up, rewrites and selectively restores SPI NOR flash.\n\n"
	      "Usage: norprog [options] COMMAND [options] [arguments]\n\nCommands:\n",
	      out);
	for (size_t i = 0; cli_commands[i].name; i++)
		fprintf(out, "  %-10s %s\n", cli_commands[i].name, cli_commands[i].summary);
	fputs("\nOptions of all commands (-p: of those that need a chip):\n", out);
	help_row(out, &rows[0]);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].commands == ALL_COMMANDS || !rows[i].commands)
			help_row(out, &rows[i]);
	fputs("\nSizes and addresses accept 0x, K and M; ranges are START+LEN or START-LAST.\n"
	      "Exit codes: 0 done, 1 failed, 2 usage or input file, 3 no programmer,\n"
	      "4 no chip or bad contact, 5 bus failure, 6 verification, 7 refused,\n"
	      "8 interrupted.\n\n"
	      "norprog help COMMAND tells more, with an example. Begin with:\n"
	      "  norprog list\n  norprog detect\n  norprog read backup.bin\n",
	      out);
}

void options_help(FILE *out, const struct cli_command *command)
{
	if (!command) {
		help_overview(out);
		return;
	}
	fprintf(out, "Usage: norprog %s [options]%s%s\n\n%s\n\nOptions:\n", command->name,
	        command->args[0] ? " " : "", command->args, command->text);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].commands & command->bit)
			help_row(out, &rows[i]);
	fprintf(out, "\nExample:\n%s\n", command->example);
}
