/* cli/survey.h - all that `mia info` shows, gathered first and printed then */
#ifndef MIA_CLI_SURVEY_H
#define MIA_CLI_SURVEY_H

#include "cli/progress.h"
#include "mia/mia.h"

#include <jansson.h>

struct survey_tree {
    char *name; /* size bytes */
    size_t size;
    uint64_t records;
};

struct survey {
    const char *path; /* borrowed */
    struct mia_source_info source;
    struct survey_tree *trees;
    size_t tree_count;
    bool has_counts;
    bool has_engine; /* engine and readers are filled: libmdbx only */
    struct mia_db_info engine;
    struct mia_reader *readers;
    size_t reader_count;
};

/* Fills a zeroed survey; free it whatever is returned. Errors carry a message. */
mia_status cli_survey_make(struct survey *survey, const char *path, bool with_counts,
                           bool accept_torn_log, struct progress *progress, struct mia_error *err);
void cli_survey_free(struct survey *survey);

/* survey_print.c */
void cli_survey_print(const struct survey *survey, struct output *out);
json_t *cli_survey_object(const struct survey *survey); /* NULL: out of memory */

#endif
