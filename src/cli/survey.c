/* cli/survey.c - all that `mia info` shows, gathered */
#include "cli/survey.h"

#include "cli/interrupt.h"
#include "cli/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static mia_status fail(struct mia_error *err, mia_status status, const char *text)
{
    memset(err, 0, sizeof *err);
    err->status = status;
    snprintf(err->message, sizeof err->message, "%s", text);
    return status;
}

static mia_status add_tree(struct survey *s, mia_source *source, size_t index,
                           struct mia_error *err)
{
    mia_slice name = mia_source_tree_name(source, index);
    struct survey_tree *tree = &s->trees[index];
    tree->name = malloc(name.size + 1);
    if (tree->name == NULL)
        return fail(err, MIA_ERR_NOMEM, "out of memory");
    if (name.size > 0)
        memcpy(tree->name, name.data, name.size);
    tree->size = name.size;
    s->tree_count++;
    if (cli_interrupted())
        return fail(err, MIA_ERR_CANCELLED, "interrupted");
    return s->has_counts ? mia_source_count(source, index, &tree->records, err) : MIA_OK;
}

static mia_status add_source(struct survey *s, bool accept_torn_log, struct progress *progress,
                             struct mia_error *err)
{
    mia_source *source = NULL;
    mia_status rc = cli_source_open(s->path, accept_torn_log, progress, &source, err);
    if (rc != MIA_OK)
        return rc;
    s->source.struct_size = sizeof s->source;
    rc = mia_source_info(source, &s->source, err);
    size_t count = mia_source_tree_count(source);
    s->trees = calloc(count + 1, sizeof s->trees[0]);
    if (s->trees == NULL && rc == MIA_OK)
        rc = fail(err, MIA_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < count && rc == MIA_OK; i++)
        rc = add_tree(s, source, i, err);
    mia_source_close(source);
    return rc;
}

static bool add_reader(void *ctx, const struct mia_reader *reader)
{
    struct survey *s = ctx;
    if (reader->process == (uint64_t)getpid()) /* the slot of this very look */
        return true;
    struct mia_reader *more = realloc(s->readers, (s->reader_count + 1) * sizeof *more);
    if (more == NULL)
        return false;
    s->readers = more;
    s->readers[s->reader_count++] = *reader;
    return true;
}

/* After the source was closed: a process opens a libmdbx database once. */
static mia_status add_engine(struct survey *s, struct mia_error *err)
{
    struct mia_db_options options = {
        .struct_size = sizeof options, .read_only = true, .must_exist = true, .untrusted = true};
    mia_db *db = NULL;
    mia_status rc = mia_db_open(mia_engine_mdbx(), s->path, &options, &db, err);
    if (rc == MIA_NOTFOUND)
        cli_source_absent(s->path, err);
    if (rc != MIA_OK)
        return rc;
    s->engine.struct_size = sizeof s->engine;
    rc = mia_db_info(db, &s->engine, err);
    if (rc == MIA_OK)
        rc = mia_db_readers(db, add_reader, s, err);
    s->has_engine = rc == MIA_OK;
    mia_db_close(db, NULL);
    return rc;
}

mia_status cli_survey_make(struct survey *s, const char *path, bool with_counts,
                           bool accept_torn_log, struct progress *progress, struct mia_error *err)
{
    s->path = path;
    s->has_counts = with_counts;
    mia_status rc = add_source(s, accept_torn_log, progress, err);
    if (rc == MIA_OK && strcmp(s->source.kind, mia_engine_mdbx()->name) == 0)
        rc = add_engine(s, err);
    return rc;
}

void cli_survey_free(struct survey *s)
{
    for (size_t i = 0; i < s->tree_count; i++)
        free(s->trees[i].name);
    free(s->trees);
    free(s->readers);
}
