/* crash/deeds_repair.c - a libmdbx database that differs from its source is made what that is */
#include "crash/explore.h"

#include "support/check.h"

#include <stdio.h>

static void target_of(const struct site *s, char path[TEST_PATH])
{
    test_path(path, s->disk, "target");
}

/* ---- what differs */

static void migrate_to_disk(struct site *s, const char *source, bool raw)
{
    char target[TEST_PATH];
    struct mia_migrate_report report = {.struct_size = sizeof report};
    target_of(s, target);
    struct mia_migrate_options opt = {
        .struct_size = sizeof opt, .source = source, .target = target, .raw = raw};
    OK(mia_migrate(&opt, &report, ERR));
}

/* Of a table every second record goes, and one comes that the source does not have. */
static void spoil_records(struct site *s)
{
    enum { MOST = 64, ID = 64 };
    static char ids[MOST][ID];
    char target[TEST_PATH];
    mia_store *store;
    mia_txn *txn;
    mia_scan *scan;
    mia_str id;
    mia_view view;
    size_t count = 0;
    migrate_to_disk(s, s->typed, false);
    target_of(s, target);
    OK(mia_store_open(NULL, target, NULL, &store, ERR));
    OK(mia_store_begin(store, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_scan_open(txn, MIA_TABLE_NODES, (mia_str){0}, &scan, ERR));
    for (size_t i = 0; count < MOST && mia_scan_next(scan, &id, &view, ERR) == MIA_OK; i++)
        if (i % 2 == 0 && id.size < ID)
            snprintf(ids[count++], ID, "%.*s", (int)id.size, id.data);
    mia_scan_close(scan);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        OK(mia_delete(txn, MIA_TABLE_NODES, mia_str_of(ids[i]), 0, NULL, ERR));
    struct mia_record extra = {MIA_KIND_CHAT, {.chat = {.id = MIA_STR("nobody's")}}};
    OK(mia_put(txn, &extra, ERR));
    OK(mia_txn_commit(txn, ERR));
    OK(mia_store_close(store, ERR));
}

static bool is_ours(mia_slice name)
{
    return name.size >= 4 && memcmp(name.data, "mia_", 4) == 0;
}

/* The first pair of a tree goes, another one comes. */
static void spoil_tree(mia_txn *txn, mia_slice name)
{
    mia_tree tree;
    mia_cursor *cur;
    mia_slice key, value;
    char first[TEST_PATH];
    OK(mia_tree_open(txn, name, 0, &tree, ERR));
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    mia_status rc = mia_cursor_move(cur, MIA_MOVE_FIRST, &key, &value, ERR);
    if (rc == MIA_OK && key.size < sizeof first) {
        size_t size = key.size;
        memcpy(first, key.data, size);
        mia_cursor_close(cur);
        OK(mia_kv_del(txn, tree, (mia_slice){first, size}, NULL, ERR));
    } else {
        mia_cursor_close(cur);
    }
    OK(mia_kv_put(txn, tree, MIA_BYTES("\xff nobody's"), MIA_BYTES("value"), 0, ERR));
}

static void spoil_pairs(struct site *s)
{
    char target[TEST_PATH], last[TEST_PATH];
    mia_db *db;
    mia_txn *txn;
    mia_slice name, after = {"", 0};
    migrate_to_disk(s, s->raw, true);
    target_of(s, target);
    OK(mia_db_open(NULL, target, NULL, &db, ERR));
    OK(mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR));
    for (int i = 0; mia_tree_next(txn, &after, &name, ERR) == MIA_OK && i < 20; i++) {
        assert_true(name.size < sizeof last);
        memcpy(last, name.data, name.size);
        after = (mia_slice){last, name.size};
        if (!is_ours(after))
            spoil_tree(txn, after);
    }
    OK(mia_txn_commit(txn, ERR));
    OK(mia_db_close(db, ERR));
}

/* ---- what is done */

static mia_status repair(struct site *s, const char *source, enum mia_failure *failure)
{
    char target[TEST_PATH];
    target_of(s, target);
    struct mia_verify_options opt = {.struct_size = sizeof opt,
                                     .source = source,
                                     .target = target,
                                     .repair = true,
                                     .force = true,
                                     .batch_bytes = 1 << 10};
    struct mia_verify_report report = {.struct_size = sizeof report};
    mia_status rc = mia_verify(&opt, &report, &s->error);
    *failure = report.failure;
    return rc;
}

static const char *judge(struct site *s, const char *source)
{
    char target[TEST_PATH];
    enum mia_failure failure;
    struct mia_check_report report = {.struct_size = sizeof report};
    target_of(s, target);
    if (repair(s, source, &failure) != MIA_OK || failure != MIA_FAILURE_NONE)
        return "it cannot be repaired";
    const char *why = site_compare(s, source, target);
    if (why == NULL && mia_check(target, NULL, NULL, NULL, &report, &s->error) != MIA_OK)
        why = "a target cannot be checked";
    return why != NULL || report.problems == 0 ? why : "a target is not sound";
}

static const char *judge_index(struct site *s)
{
    char target[TEST_PATH];
    mia_store *store;
    struct mia_store_options opt = {.struct_size = sizeof opt};
    struct mia_index_report report = {.struct_size = sizeof report};
    target_of(s, target);
    OK(mia_store_open(NULL, target, &opt, &store, ERR));
    mia_status rc = mia_index_check(store, NULL, NULL, &report, &s->error);
    OK(mia_store_close(store, ERR));
    return rc == MIA_OK && report.missing == 0 && report.stale == 0 ? NULL
                                                                    : "its indexes are not right";
}

static mia_status repair_records(struct site *s, enum mia_failure *failure)
{
    return repair(s, s->typed, failure);
}

static const char *judge_records(struct site *s, struct test_random *r)
{
    (void)r;
    const char *why = judge(s, s->typed);
    return why != NULL ? why : judge_index(s);
}

static mia_status repair_pairs(struct site *s, enum mia_failure *failure)
{
    return repair(s, s->raw, failure);
}

static const char *judge_pairs(struct site *s, struct test_random *r)
{
    (void)r;
    return judge(s, s->raw);
}

const struct deed deeds_of_repair[] = {
    {"verify --repair", spoil_records, repair_records, judge_records},
    {"verify --repair of a raw database", spoil_pairs, repair_pairs, judge_pairs},
    {0},
};
