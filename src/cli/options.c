/* cli/options.c - option tables to getopt_long and back */
#include "cli/options.h"

#include "cli/failure.h"
#include "cli/help_text.h"
#include "cli/nearest.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What getopt_long returns: one of these, or FIRST_OPTION and an index into the command's table.
 * None is a letter, so that optopt tells long options from short ones. */
enum { HELP = 1, JSON = 2, FIRST_OPTION = 256, OPTIONS_MAX = 24 };

const struct cli_option cli_common_options[] = {
    {"json", NULL, "print JSON", CLI_OPTION_FLAG, 0, 0, 0},
    {"help", NULL, "print this help", CLI_OPTION_FLAG, 0, 0, 0},
    CLI_END,
};

bool cli_options_want_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

static void list_options(const struct cli_option *options, struct option list[OPTIONS_MAX + 3])
{
    struct option *o = list;
    *o++ = (struct option){"help", no_argument, NULL, HELP};
    *o++ = (struct option){"json", no_argument, NULL, JSON};
    for (int i = 0; i < OPTIONS_MAX && options[i].name != NULL; i++) {
        int has = options[i].argument != NULL ? required_argument : no_argument;
        *o++ = (struct option){options[i].name, has, NULL, FIRST_OPTION + i};
    }
    *o = (struct option){0};
}

static bool parse_number(const char *text, bool suffixes, uint64_t *value)
{
    char *end;
    if (text[0] < '0' || text[0] > '9') /* strtoull takes signs and spaces */
        return false;
    errno = 0;
    *value = strtoull(text, &end, 10);
    if (errno != 0)
        return false;
    unsigned shift = 0;
    if (suffixes && *end != '\0') {
        static const char letters[] = "KMG";
        const char *letter = strchr(letters, *end++);
        if (letter == NULL)
            return false;
        shift = 10 * (unsigned)(letter - letters + 1);
    }
    if (*end != '\0' || *value > UINT64_MAX >> shift)
        return false;
    *value <<= shift;
    return true;
}

static bool store_number(struct cli *cli, const struct cli_option *o, const char *text,
                         uint64_t *member)
{
    bool size = o->type == CLI_OPTION_SIZE;
    if (!parse_number(text, size, member)) {
        cli_usage_error(cli, "--%s: '%s' is not a number%s", o->name, text,
                        size ? " of bytes; K, M or G may follow it" : "");
        return false;
    }
    if (*member < o->min || *member > o->max) {
        cli_usage_error(cli, "--%s: %s is out of range: %" PRIu64 " to %" PRIu64, o->name, text,
                        o->min, o->max);
        return false;
    }
    return true;
}

static bool store(struct cli *cli, const struct cli_option *o, const char *text, void *settings)
{
    void *member = (char *)settings + o->offset;
    switch (o->type) {
    case CLI_OPTION_FLAG:
        *(bool *)member = true;
        return true;
    case CLI_OPTION_TEXT:
        *(const char **)member = text;
        return true;
    case CLI_OPTION_NUMBER:
    case CLI_OPTION_SIZE:
        return store_number(cli, o, text, member);
    }
    return false;
}

static void refuse_unknown(struct cli *cli, const char *word)
{
    char name[64] = "";
    if (strncmp(word, "--", 2) == 0)
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    struct nearest nearest = cli_nearest_to(name);
    for (const struct cli_option *o = cli->command->options; o->name != NULL; o++)
        cli_nearest_try(&nearest, o->name);
    for (const struct cli_option *o = cli_common_options; o->name != NULL; o++)
        cli_nearest_try(&nearest, o->name);
    if (name[0] != '\0' && nearest.best != NULL)
        cli_usage_error(cli, "unknown option '%s'; did you mean '--%s'?", word, nearest.best);
    else
        cli_usage_error(cli, "unknown option '%s'", word);
}

/* getopt's '?': what exactly was wrong has to be found out. */
static void refuse_option(struct cli *cli, char **argv)
{
    if (optopt == HELP || optopt == JSON || optopt >= FIRST_OPTION)
        cli_usage_error(cli, "option '%s' takes no argument", argv[optind - 1]);
    else if (optopt != 0)
        cli_usage_error(cli, "unknown option '-%c'", optopt);
    else
        refuse_unknown(cli, argv[optind - 1]);
}

static bool check_count(struct cli *cli)
{
    const struct cli_command *c = cli->command;
    if (cli->argument_count >= c->arguments_min && cli->argument_count <= c->arguments_max)
        return true;
    if (cli->argument_count < c->arguments_min)
        cli_usage_error(cli, "%d argument%s needed (%s), %d given", c->arguments_min,
                        c->arguments_min == 1 ? " is" : "s are", c->arguments, cli->argument_count);
    else
        cli_usage_error(cli, "'%s' is one argument too many", cli->arguments[c->arguments_max]);
    return false;
}

bool cli_options_read(struct cli *cli, int argc, char **argv, void *settings, int *exit_code)
{
    struct option list[OPTIONS_MAX + 3];
    list_options(cli->command->options, list);
    *exit_code = CLI_EXIT_USAGE;
    opterr = 0;
    optind = 0; /* glibc: start afresh */
    for (int id; (id = getopt_long(argc, argv, ":h", list, NULL)) != -1;) {
        if (id == HELP || id == 'h') {
            cli_help_print(&cli->out, cli->command);
            *exit_code = CLI_EXIT_DONE;
            return false;
        }
        if (id == JSON) {
            cli->json = true;
            continue;
        }
        if (id == ':') {
            cli_usage_error(cli, "option '%s' needs an argument", argv[optind - 1]);
            return false;
        }
        if (id == '?') {
            refuse_option(cli, argv);
            return false;
        }
        if (!store(cli, &cli->command->options[id - FIRST_OPTION], optarg, settings))
            return false;
    }
    cli->arguments = argv + optind;
    cli->argument_count = argc - optind;
    if (!check_count(cli))
        return false;
    *exit_code = CLI_EXIT_DONE;
    return true;
}
