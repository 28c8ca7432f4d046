/* suite.c - the coordinator of a case, and what is expected of it */
#include "coordinator/suite.h"

#include <stdio.h>

/* Of a mixture: what is hot still has sled's files, the rest is new. */
static const struct mia_engine_ops *choose(void *ctx, const struct mia_place *place)
{
    const struct coordinator_bench *b = ctx;
    if (b->engine != NULL)
        return b->engine->ops;
    bool is_hot = place->tier == MIA_TIER_ACTIVE || place->tier == MIA_TIER_NONE ||
                  place->tier == MIA_TIER_WEEKLY;
    return is_hot ? mia_engine_sled() : mia_engine_mdbx();
}

static int64_t clock_of(void *ctx)
{
    const struct coordinator_bench *b = ctx;
    return b->now_ms;
}

static void keep_line(void *ctx, const char *line)
{
    struct coordinator_bench *b = ctx;
    size_t used = strlen(b->log);
    snprintf(b->log + used, sizeof b->log - used, "%s\n", line);
}

void coordinator_open(struct coordinator_bench *b)
{
    struct mia_db_options db = bench_options();
    struct mia_coordinator_options opt = {.struct_size = sizeof opt,
                                          .db = &db,
                                          .spill_base = b->spill[0] ? b->spill : NULL,
                                          .max_open_archives = b->max_open_archives,
                                          .engine = choose,
                                          .engine_ctx = b,
                                          .clock = clock_of,
                                          .clock_ctx = b,
                                          .log = keep_line,
                                          .log_ctx = b};
    OK(mia_coordinator_open(b->base, &opt, &b->c, ERR));
}

void coordinator_close(struct coordinator_bench *b)
{
    OK(mia_coordinator_close(b->c, ERR));
    b->c = NULL;
}

bool coordinator_persists(const struct coordinator_bench *b)
{
    return b->engine == NULL || b->engine->persists;
}

void coordinator_reopen(struct coordinator_bench *b)
{
    bench_needs(coordinator_persists(b));
    coordinator_close(b);
    coordinator_open(b);
}

void coordinator_put(struct coordinator_bench *b, struct mia_record record)
{
    OK(mia_coordinator_put(b->c, &record, ERR));
}

void put_at(struct coordinator_bench *b, struct mia_place place, struct mia_record record)
{
    mia_store *store;
    OK(mia_coordinator_store(b->c, &place, true, &store, ERR));
    OK(mia_store_put(store, &record, ERR));
    mia_coordinator_release(b->c, store);
}

bool is_at(struct coordinator_bench *b, struct mia_place place, enum mia_table table,
           const char *id)
{
    mia_txn *txn;
    mia_view view;
    mia_snapshot *s = snapshot(b);
    mia_status rc = mia_snapshot_txn(s, &place, &txn, ERR);
    if (rc == MIA_OK)
        rc = mia_get(txn, table, mia_str_of(id), &view, ERR);
    assert_true(rc >= 0);
    mia_snapshot_end(s);
    return rc == MIA_OK;
}

bool is_on_disk(const struct coordinator_bench *b, const char *directory)
{
    char path[TEST_PATH];
    test_path(path, b->base, directory);
    return test_exists(path);
}

mia_snapshot *snapshot(struct coordinator_bench *b)
{
    mia_snapshot *s;
    OK(mia_snapshot_begin(b->c, &s, ERR));
    return s;
}

mia_view found(mia_snapshot *s, enum mia_kind kind, const char *id)
{
    mia_view view;
    OK(mia_find(s, kind, mia_str_of(id), NULL, &view, ERR));
    assert_int_equal(view.kind, kind);
    assert_str(mia_view_id(view), id);
    return view;
}

void assert_found(struct coordinator_bench *b, enum mia_kind kind, const char *id)
{
    mia_snapshot *s = snapshot(b);
    found(s, kind, id);
    mia_snapshot_end(s);
}

void assert_lost(struct coordinator_bench *b, enum mia_kind kind, const char *id)
{
    mia_view view;
    mia_snapshot *s = snapshot(b);
    ANSWERS(mia_find(s, kind, mia_str_of(id), NULL, &view, ERR), MIA_NOTFOUND);
    assert_null(view.fields);
    mia_snapshot_end(s);
}

void assert_list(mia_list *list, const char *expected)
{
    enum { SIZE = 4096 };
    char got[SIZE] = "";
    mia_view view;
    mia_status rc;
    while ((rc = mia_list_next(list, &view, ERR)) == MIA_OK) {
        size_t used = strlen(got);
        mia_str id = mia_view_id(view);
        snprintf(got + used, SIZE - used, "%s%.*s", used > 0 ? " " : "", (int)id.size, id.data);
    }
    assert_int_equal(rc, MIA_NOTFOUND);
    assert_int_equal(mia_list_next(list, &view, ERR), MIA_NOTFOUND);
    mia_list_close(list);
    assert_string_equal(got, expected);
}

static void assert_sound(struct coordinator_bench *b, struct mia_place place)
{
    mia_store *store;
    struct mia_index_report report = {.struct_size = sizeof report};
    mia_status rc = mia_coordinator_store(b->c, &place, false, &store, ERR);
    assert_true(rc >= 0);
    if (rc == MIA_NOTFOUND)
        return;
    OK(mia_index_check(store, NULL, NULL, &report, ERR));
    assert_int_equal(report.missing + report.stale + report.damaged, 0);
    mia_coordinator_release(b->c, store);
}

void assert_all_sound(struct coordinator_bench *b)
{
    for (int database = 0; database <= MIA_DATABASE_META; database++) {
        enum mia_tier tiers[MIA_DATABASE_TIERS_MOST];
        size_t count = mia_database_tiers((enum mia_database)database, tiers);
        for (size_t i = 0; i < (count > 0 ? count : 1); i++)
            if (tiers[i] != MIA_TIER_ARCHIVE)
                assert_sound(b, (struct mia_place){(enum mia_database)database, tiers[i], NULL});
    }
}

/* ---- records */

struct mia_record entity_of(const char *id, const char *label)
{
    return (struct mia_record){MIA_KIND_ENTITY,
                               {.entity = {.id = mia_str_of(id),
                                           .label = mia_str_of(label),
                                           .entity_type = MIA_STR("person")}}};
}

struct mia_record summary_of(const char *id, const char *content)
{
    return (struct mia_record){MIA_KIND_SUMMARY,
                               {.summary = {.id = mia_str_of(id),
                                            .chat_id = MIA_STR("c1"),
                                            .created_at = 5,
                                            .content = mia_str_of(content)}}};
}

struct mia_record embedding_of(const char *id, float first)
{
    static _Thread_local float vector[3];
    vector[0] = first;
    vector[1] = 2;
    return (struct mia_record){
        MIA_KIND_EMBEDDING,
        {.embedding = {.id = mia_str_of(id), .vector = {vector, 3}, .model = MIA_STR("m")}}};
}

struct mia_record outcome_of(const char *id, const char *type, int64_t timestamp)
{
    return (struct mia_record){MIA_KIND_ACTION_OUTCOME,
                               {.action_outcome = {.id = mia_str_of(id),
                                                   .action_type = mia_str_of(type),
                                                   .timestamp = timestamp,
                                                   .conversation_context = MIA_STR("here")}}};
}
