/* cli/verify_report.h - the file of `mia verify --report`: one JSON object a line for each
 * difference */
#ifndef MIA_CLI_VERIFY_REPORT_H
#define MIA_CLI_VERIFY_REPORT_H

#include "cli/command.h"
#include "mia/mia.h"

#include <jansson.h>

struct verify_report {
    const char *path;  /* NULL: none is wanted */
    bool content;      /* with the values of the records */
    bool is_regular;   /* it can be cut back and gone on with */
    struct output out; /* fd -1: not open */
    bool is_out_of_memory;
};

/* Opens or creates it; one to go on with is not emptied. False: said so. */
bool cli_verify_report_open(struct verify_report *report, struct cli *cli, bool go_on);
void cli_verify_report_add(struct verify_report *report, const struct mia_difference *d);
/* Nothing more can be written to it. */
bool cli_verify_report_failed(const struct verify_report *report);
/* Writes the rest and closes it. False if not all of it was written: said so. */
bool cli_verify_report_close(struct verify_report *report, struct cli *cli);

/* For struct mia_verify_options; ctx is the report, open or not. */
mia_status cli_verify_report_mark(void *ctx, uint64_t *mark, struct mia_error *err);
mia_status cli_verify_report_rewind(void *ctx, uint64_t mark, struct mia_error *err);

/* {"class", "side", "tree", "key"}, "detail" where there is one; tree_hex, key_hex where they are
 * no text. NULL: out of memory. */
json_t *cli_verify_difference(const struct mia_difference *d);

#endif
