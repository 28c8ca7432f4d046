/* cli/survey_print.c - what `mia info` prints, for people and for programs */
#include "cli/survey.h"

#include "cli/human.h"
#include "cli/json.h"

#include <inttypes.h>

static void print_engine(struct output *out, const struct survey *s)
{
    const struct mia_db_info *e = &s->engine;
    cli_field(out, "page size", "%" PRIu32 " bytes", e->page_size);
    cli_field(out, "limit", "%s", cli_human_bytes(e->size_limit).text);
    cli_field(out, "transactions", "%s", cli_human_count(e->last_txn).text);
    cli_field(out, "longest key", "%s bytes", cli_human_count(e->max_key).text);
    cli_field(out, "readers", "%zu", s->reader_count);
}

static void print_readers(struct output *out, const struct survey *s)
{
    cli_output_format(out, "\n%10s  %12s  %12s  %s\n", "PROCESS", "READS TXN", "BEHIND",
                      "HOLDS BACK");
    for (size_t i = 0; i < s->reader_count; i++) {
        const struct mia_reader *r = &s->readers[i];
        if (r->txn == 0)
            cli_output_format(out, "%10" PRIu64 "  %12s\n", r->process, "idle");
        else
            cli_output_format(out, "%10" PRIu64 "  %12" PRIu64 "  %12" PRIu64 "  %s\n", r->process,
                              r->txn, r->lag, cli_human_bytes(r->retained_bytes).text);
    }
}

static void print_trees(struct output *out, const struct survey *s)
{
    uint64_t total = 0;
    cli_output_format(out, "\n%16s  TREE\n", s->has_counts ? "RECORDS" : "");
    for (size_t i = 0; i < s->tree_count; i++) {
        const struct survey_tree *tree = &s->trees[i];
        cli_output_format(out, "%16s  ", s->has_counts ? cli_human_count(tree->records).text : "");
        cli_output_escaped(out, (mia_slice){tree->name, tree->size});
        cli_output_text(out, "\n");
        total += tree->records;
    }
    if (s->has_counts)
        cli_output_format(out, "%16s  in %zu tree%s\n", cli_human_count(total).text, s->tree_count,
                          cli_plural(s->tree_count));
}

void cli_survey_print(const struct survey *s, struct output *out)
{
    cli_output_escaped(out, mia_bytes_of(s->path));
    cli_output_text(out, "\n");
    cli_field(out, "kind", "%s", s->source.kind);
    cli_field(out, "format", "%s", s->source.format);
    cli_field(out, "size", "%s", cli_human_bytes(s->source.size_on_disk).text);
    if (s->source.quarantined > 0)
        cli_field(out, "quarantined", "%s: records that do not decode, kept as they were",
                  cli_human_count(s->source.quarantined).text);
    if (s->has_engine)
        print_engine(out, s);
    if (s->reader_count > 0)
        print_readers(out, s);
    print_trees(out, s);
}

static json_t *tree_object(const struct survey *s, const struct survey_tree *tree)
{
    json_t *object = json_object();
    mia_slice name = {tree->name, tree->size};
    bool complete = cli_json_add_bytes(object, "name", name);
    if (s->has_counts && complete)
        complete = json_object_set_new(object, "records", cli_json_count(tree->records)) == 0;
    if (complete)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *tree_list(const struct survey *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->tree_count; i++)
        if (json_array_append_new(list, tree_object(s, &s->trees[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *reader_list(const struct survey *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->reader_count; i++) {
        const struct mia_reader *r = &s->readers[i];
        json_t *reader =
            json_pack("{s:o, s:o, s:o, s:o, s:o}", "process", cli_json_count(r->process), "thread",
                      cli_json_count(r->thread), "txn", cli_json_count(r->txn), "lag",
                      cli_json_count(r->lag), "retained_bytes", cli_json_count(r->retained_bytes));
        if (json_array_append_new(list, reader) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *engine_object(const struct survey *s)
{
    const struct mia_db_info *e = &s->engine;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "page_size", cli_json_count(e->page_size),
                     "size_limit", cli_json_count(e->size_limit), "last_txn",
                     cli_json_count(e->last_txn), "oldest_reader", cli_json_count(e->oldest_reader),
                     "max_key", cli_json_count(e->max_key), "readers", reader_list(s));
}

json_t *cli_survey_object(const struct survey *s)
{
    json_t *object = json_object();
    json_t *rest =
        json_pack("{s:s, s:s, s:o, s:o, s:o}", "kind", s->source.kind, "format", s->source.format,
                  "quarantined", cli_json_count(s->source.quarantined), "size_on_disk",
                  cli_json_count(s->source.size_on_disk), "trees", tree_list(s));
    bool complete = cli_json_add_bytes(object, "path", mia_bytes_of(s->path));
    object = cli_json_with(object, complete, rest);
    return s->has_engine ? cli_json_with(object, true, json_pack("{s:o}", "mdbx", engine_object(s)))
                         : object;
}
