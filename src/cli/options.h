/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: one table of options, each saying which commands take it, and one parser. Help
 * texts are made from the same table, so they cannot disagree with it.
 */
#ifndef NP_CLI_OPTIONS_H
#define NP_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#define CLI_WORDS_MAX    64
#define CLI_COMMANDS_MAX 32

/* One bit per command, for the option table. */
enum cli_command_bit {
	CLI_LIST = 1 << 0,
	CLI_DETECT = 1 << 1,
	CLI_READ = 1 << 2,
	CLI_WRITE = 1 << 3,
	CLI_RESTORE = 1 << 4,
	CLI_VERIFY = 1 << 5,
	CLI_ERASE = 1 << 6,
	CLI_PROTECT = 1 << 7,
	CLI_RESUME = 1 << 8,
	CLI_CHIPS = 1 << 9,
	CLI_LAYOUTS = 1 << 10,
	CLI_IMAGE = 1 << 11,
	CLI_UNIT = 1 << 12,
	CLI_OTP = 1 << 13,
	CLI_DOCTOR = 1 << 16,
	CLI_DEVICE = 1 << 14,
	CLI_REPORT = 1 << 15,
	CLI_SERVE = 1 << 20,
	CLI_UI = 1 << 22,
	CLI_BACKUPS = 1 << 17,
	CLI_CLONE = 1 << 21,
};

/* Comma-separated words of an option that may be given several times. Points into argv, which is
 * cut at the commas. */
struct cli_words {
	const char *at[CLI_WORDS_MAX];
	size_t count;
};

/* The values, as given; 0, NULL and false where an option was not. Strings are argv's. */
struct cli_options {
	bool help, version, json, quiet;
	bool wait;
	uint64_t wait_us; /* 0: for ever */
	unsigned verbose; /* number of -v */
	const char *log, *programmer, *chip, *layout, *trace;
	uint32_t speed_hz;
	uint64_t size;
	struct cli_words only, keep;  /* --range is one more word of `only` */
	struct cli_words programmers; /* each -p, whole; `programmer` is the one, if there is one */
	bool gang;                    /* several programmers at once, or told apart by name */
	struct cli_words label;       /* PATH=NAME */
	const char *set_from;
	struct cli_words set;      /* FIELD=VALUE */
	struct cli_words override; /* names of gates */
	const char *part, *split;
	const char *secret; /* serve */
	struct cli_words allow;
	const char *prove, *reports;
	const char *at, *area, *chips, *sfdp, *backup, *base, *output, *svg, *html, *listen;
	uint32_t passes;
	bool dry_run, explain, no_backup, no_verify, verify_all, chip_erase, boot_last, voltage_ok;
	bool map, no_map;
	bool yes, force, blank, undo, discard, strip, pad, in_place, permanent, no_browser,
		no_config;
	char **args; /* what is neither option nor command */
	size_t arg_count;
};

struct cli;

struct cli_command {
	const char *name;
	enum cli_command_bit bit;
	size_t min_args, max_args;
	const char *args;    /* "FILE" */
	const char *summary; /* one line */
	const char *text;    /* the paragraph of its --help */
	const char *example; /* one or more command lines */
	int (*run)(struct cli *cli, struct np_error *err);
};

/* All commands; name NULL ends (main.c). */
extern const struct cli_command cli_commands[];

/*
 * Parse argv into `opt` and *command (NULL when none was named, which is fine with --help and
 * --version only). Reorders and cuts argv. Options may stand before or after the command. Errors:
 * NP_E_USAGE, the hint naming the --help to read.
 */
int options_parse(int argc, char **argv, struct cli_options *opt,
                  const struct cli_command **command, struct np_error *err);

/* One row of the table of options, as help, manual pages and completion need it. */
struct cli_option_info {
	const char *name; /* without the dashes */
	char letter;      /* 0: none */
	const char *arg;  /* what its value is called; NULL: it takes none */
	bool arg_may_lack;
	const char *help;
	bool common; /* one that every command takes */
};

/* Row `index` into *info. False past the last row. *fits: this command takes it (NULL: any). */
bool options_info(size_t index, const struct cli_command *command, struct cli_option_info *info,
                  bool *fits);

/* The command of this name, in any case; NULL if there is none. */
const struct cli_command *options_command(const char *name);

/* Print `norprog --help` (command NULL) or `norprog COMMAND --help`. */
void options_help(FILE *out, const struct cli_command *command);

#endif
