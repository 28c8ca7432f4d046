/*
 * cli/command.h - what a subcommand is, what it is given, and what it may answer
 *
 * Names shared between the files of the tool begin with cli_; the table of the subcommands is
 * cli_commands, in commands.c, and every list that a user sees is printed from it.
 */
#ifndef MIA_CLI_COMMAND_H
#define MIA_CLI_COMMAND_H

#include "cli/output.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* MAP(code, number, meaning): the exit codes. They are part of the interface and never change. */
#define CLI_EXIT_MAP(MAP)                                                                          \
    MAP(CLI_EXIT_DONE, 0, "done, and verified where the command verifies")                         \
    MAP(CLI_EXIT_DIFFERENT, 1, "differences found; get: no such tree or key")                      \
    MAP(CLI_EXIT_USAGE, 2, "wrong usage")                                                          \
    MAP(CLI_EXIT_DAMAGED, 3, "the database that is read is damaged")                               \
    MAP(CLI_EXIT_REFUSED, 4, "refused before anything was written; the message says why")          \
    MAP(CLI_EXIT_INTERRUPTED, 5, "interrupted; migrate and verify print the command that goes on") \
    MAP(CLI_EXIT_TARGET, 6, "the target or the standard output could not be written")              \
    MAP(CLI_EXIT_DEFECT, 70, "a defect of mia: please report it")

enum cli_exit {
#define CLI_EXIT_ENUM(code, number, meaning) code = number,
    CLI_EXIT_MAP(CLI_EXIT_ENUM)
#undef CLI_EXIT_ENUM
};

enum cli_option_type {
    CLI_OPTION_FLAG,   /* no argument; bool */
    CLI_OPTION_TEXT,   /* const char *, NULL when not given */
    CLI_OPTION_NUMBER, /* uint64_t */
    CLI_OPTION_SIZE    /* uint64_t, bytes; K, M and G behind the number are powers of 1024 */
};

/* One option of a subcommand and the member of its settings struct that takes the value. */
struct cli_option {
    const char *name;     /* without "--"; NULL ends a table */
    const char *argument; /* as help shows it; NULL for a flag */
    const char *help;
    enum cli_option_type type;
    size_t offset;     /* of the member */
    uint64_t min, max; /* numbers and sizes, both inclusive */
};

#define CLI_FLAG(settings, member, name, help)                                                     \
    {                                                                                              \
        name, NULL, help, CLI_OPTION_FLAG, offsetof(settings, member), 0, 0                        \
    }
#define CLI_TEXT(settings, member, name, argument, help)                                           \
    {                                                                                              \
        name, argument, help, CLI_OPTION_TEXT, offsetof(settings, member), 0, 0                    \
    }
/* --max-rate and --pause-file, members max_rate and pause_file. */
#define CLI_PACE(settings)                                                                         \
    {"max-rate",                                                                                   \
     "SIZE",                                                                                       \
     "read at most so many bytes a second, K M G allowed",                                         \
     CLI_OPTION_SIZE,                                                                              \
     offsetof(settings, max_rate),                                                                 \
     1 << 10,                                                                                      \
     UINT64_C(1) << 40},                                                                           \
        CLI_TEXT(settings, pause_file, "pause-file", "FILE", "stand still while FILE exists")
#define CLI_END                                                                                    \
    {                                                                                              \
        NULL, NULL, NULL, CLI_OPTION_FLAG, 0, 0, 0                                                 \
    }

struct cli;
typedef int cli_command_fn(struct cli *cli, int argc, char **argv); /* argv[0]: the subcommand */

struct cli_command {
    const char *name;
    const char *arguments; /* as usage shows them */
    const char *summary;   /* half a line */
    const char *details;   /* paragraphs for --help, each line ended */
    const char *examples;  /* lines for --help, each ended */
    const struct cli_option *options;
    unsigned exits; /* bit n: exit code n is possible; 70 always is */
    int arguments_min, arguments_max;
    cli_command_fn *run; /* returns the exit code */
};

/* One run of the tool; owned by main. */
struct cli {
    const char *program;               /* argv[0], for commands that the user can paste */
    const struct cli_command *command; /* NULL until it is known */
    bool json;                         /* --json was given */
    char **arguments;                  /* what is left behind the options, NULL-terminated */
    int argument_count;
    struct output out; /* standard output: data only */
};

/* All subcommands, in the order of help; ended by NULL. */
extern const struct cli_command *const cli_commands[];
extern const struct cli_command cli_ab, cli_index, cli_plan, cli_migrate, cli_salvage, cli_verify,
    cli_rollback, cli_info, cli_dump, cli_get, cli_check, cli_cutover, cli_finish, cli_status,
    cli_sample, cli_schema, cli_shadow, cli_help, cli_version;

/* The subcommand of that name, NULL if there is none. */
const struct cli_command *cli_command_find(const char *name);

/* The nearest command name for a mistyped one, NULL if nothing is near. */
const char *cli_command_nearest(const char *name);

#endif
