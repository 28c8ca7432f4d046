/* suite_opening.c - which databases are there, when they are opened and closed again */
#include "coordinator/suite.h"

#include <pthread.h>
#include <stdio.h>

static void opens_hot_tiers(void **state)
{
    struct coordinator_bench *b = *state;
    static const char *const there[] = {
        "conversations/active", "knowledge/active", "knowledge/stable", "knowledge/inferred",
        "embeddings/active",    "tool-results",     "experience",       "meta"};
    static const char *const absent[] = {"conversations/recent", "conversations/archive",
                                         "embeddings/recent", "summaries", "model-cache"};
    for (size_t i = 0; i < LENGTH(there); i++)
        assert_true(is_on_disk(b, there[i]));
    for (size_t i = 0; i < LENGTH(absent); i++)
        assert_false(is_on_disk(b, absent[i]));
    assert_string_equal(mia_coordinator_base(b->c), b->base);
}

static void places_are_recorded(void **state)
{
    struct coordinator_bench *b = *state;
    mia_store *store;
    struct mia_place place, stable = {MIA_DATABASE_KNOWLEDGE, MIA_TIER_STABLE, NULL};
    OK(mia_coordinator_store(b->c, &stable, false, &store, ERR));
    assert_true(mia_store_place(store, &place));
    assert_int_equal(place.database, MIA_DATABASE_KNOWLEDGE);
    assert_int_equal(place.tier, MIA_TIER_STABLE);
    assert_null(place.quarter);
    mia_coordinator_release(b->c, store);
}

static void second_open(void **state)
{
    struct coordinator_bench *b = *state;
    mia_coordinator *second;
    struct mia_coordinator_options opt = {.struct_size = sizeof opt};
    bench_needs(coordinator_persists(b));
    ANSWERS(mia_coordinator_open(b->base, &opt, &second, ERR), MIA_ERR_BUSY);
    assert_null(second);
}

static void held_is_busy(void **state)
{
    struct coordinator_bench *b = *state;
    mia_store *store;
    struct mia_place active = conversations(MIA_TIER_ACTIVE, NULL);
    mia_snapshot *s = snapshot(b);
    ANSWERS(mia_coordinator_close(b->c, ERR), MIA_ERR_BUSY);
    mia_snapshot_end(s);
    OK(mia_coordinator_store(b->c, &active, false, &store, ERR));
    ANSWERS(mia_coordinator_close(b->c, ERR), MIA_ERR_BUSY);
    mia_coordinator_release(b->c, store);
}

static void wrong_places_are_refused(void **state)
{
    struct coordinator_bench *b = *state;
    mia_store *store;
    struct mia_place wrong[] = {
        conversations(MIA_TIER_STABLE, NULL),
        conversations(MIA_TIER_ARCHIVE, NULL), /* of which quarter? */
        conversations(MIA_TIER_ARCHIVE, "2024-Q5"),
        conversations(MIA_TIER_ACTIVE, "2024-Q1"),
    };
    for (size_t i = 0; i < LENGTH(wrong); i++)
        ANSWERS(mia_coordinator_store(b->c, &wrong[i], true, &store, ERR), MIA_ERR_INVALID);
}

/* MIA made an empty database for every quarter that was asked for, and one beside them. */
static void reading_makes_nothing(void **state)
{
    struct coordinator_bench *b = *state;
    int64_t hint = 1705320000000;
    mia_view view;
    mia_list *list;
    mia_snapshot *s = snapshot(b);
    ANSWERS(mia_find(s, MIA_KIND_MESSAGE, MIA_STR("m"), &hint, &view, ERR), MIA_NOTFOUND);
    ANSWERS(mia_find(s, MIA_KIND_EMBEDDING, MIA_STR("m"), &hint, &view, ERR), MIA_NOTFOUND);
    ANSWERS(mia_find(s, MIA_KIND_SUMMARY, MIA_STR("m"), NULL, &view, ERR), MIA_NOTFOUND);
    OK(mia_list_messages(s, MIA_STR("c"), NULL, &list, ERR));
    assert_list(list, "");
    mia_snapshot_end(s);
    assert_false(is_on_disk(b, "conversations/recent"));
    assert_false(is_on_disk(b, "conversations/archive"));
    assert_false(is_on_disk(b, "embeddings/archive"));
    assert_false(is_on_disk(b, "summaries"));
}

static void put_in_quarter(struct coordinator_bench *b, const char *quarter, const char *id,
                           int64_t time)
{
    put_at(b, conversations(MIA_TIER_ARCHIVE, quarter), message_of(id, "c", "s", time));
}

static void archives(void **state)
{
    struct coordinator_bench *b = *state;
    int64_t hint = 1705320000000; /* 2024-Q1 */
    mia_view view;
    bench_needs(coordinator_persists(b));
    put_in_quarter(b, "2023-Q4", "old", 1);
    put_in_quarter(b, "2024-Q1", "old", 2);
    put_in_quarter(b, "2024-Q2", "old", 3);
    put_in_quarter(b, "2024-Q1", "only", 4);
    mia_snapshot *s = snapshot(b);
    assert_int_equal(mia_message_timestamp(found(s, MIA_KIND_MESSAGE, "old")), 3); /* newest */
    found(s, MIA_KIND_MESSAGE, "only");
    OK(mia_find(s, MIA_KIND_MESSAGE, MIA_STR("old"), &hint, &view, ERR));
    assert_int_equal(mia_message_timestamp(view), 2); /* the hinted one comes first */
    hint = 0;
    OK(mia_find(s, MIA_KIND_MESSAGE, MIA_STR("old"), &hint, &view, ERR));
    assert_int_equal(mia_message_timestamp(view), 3); /* there is no 1970-Q1 */
    mia_snapshot_end(s);
    assert_false(is_on_disk(b, "conversations/archive/1970-Q1"));
    assert_false(is_on_disk(b, "conversations/archive/mdbx.dat"));
    assert_false(is_on_disk(b, "conversations/archive/db"));
}

/* A second coordinator shows what is open: it is told so. */
static bool is_open(struct coordinator_bench *b, const char *quarter)
{
    char path[TEST_PATH], name[64];
    mia_db *db;
    snprintf(name, sizeof name, "conversations/archive/%s", quarter);
    test_path(path, b->base, name);
    struct mia_db_options opt = {.struct_size = sizeof opt, .must_exist = true};
    mia_status rc = mia_db_open(NULL, path, &opt, &db, ERR);
    assert_true(rc == MIA_OK || rc == MIA_ERR_BUSY);
    if (rc == MIA_OK)
        OK(mia_db_close(db, ERR));
    return rc == MIA_ERR_BUSY;
}

static void idle_archives_are_closed(void **state)
{
    struct coordinator_bench *b = *state;
    bench_needs(coordinator_persists(b));
    b->max_open_archives = 2;
    coordinator_reopen(b);
    put_in_quarter(b, "2023-Q1", "m1", 1);
    put_in_quarter(b, "2023-Q2", "m2", 2);
    assert_true(is_open(b, "2023-Q1"));
    put_in_quarter(b, "2023-Q3", "m3", 3);
    assert_false(is_open(b, "2023-Q1")); /* used longest ago */
    assert_true(is_open(b, "2023-Q2"));
    mia_snapshot *s = snapshot(b); /* holds every one that it looks into */
    found(s, MIA_KIND_MESSAGE, "m1");
    assert_true(is_open(b, "2023-Q1"));
    assert_true(is_open(b, "2023-Q2"));
    assert_true(is_open(b, "2023-Q3"));
    mia_snapshot_end(s);
    assert_int_equal(is_open(b, "2023-Q1") + is_open(b, "2023-Q2") + is_open(b, "2023-Q3"), 2);
}

/* MIA kept what it opened late below its default base, whatever base it was given. */
static void late_databases_may_lie_elsewhere(void **state)
{
    struct coordinator_bench *b = *state;
    struct coordinator_bench elsewhere = *b;
    bench_needs(coordinator_persists(b));
    coordinator_close(b);
    test_path(elsewhere.base, b->folder, "spill");
    coordinator_open(&elsewhere);
    put_in_quarter(&elsewhere, "2023-Q1", "m1", 1);
    put_at(&elsewhere, conversations(MIA_TIER_RECENT, NULL), message_of("m2", "c", "s", 2));
    coordinator_close(&elsewhere);
    test_path(b->spill, b->folder, "spill");
    coordinator_open(b);
    put_in_quarter(b, "2023-Q2", "m3", 3);
    coordinator_put(b, message_of("m4", "c", "s", 4));
    mia_list *list;
    mia_snapshot *s = snapshot(b);
    OK(mia_list_messages(s, MIA_STR("c"), NULL, &list, ERR));
    assert_list(list, "m1 m2 m3 m4");
    mia_snapshot_end(s);
    assert_false(is_on_disk(b, "conversations/recent"));
    assert_true(is_on_disk(b, "conversations/archive/2023-Q2")); /* new ones go below the base */
}

/* ---- threads */

enum { THREADS = 10, EACH = 20 };

struct worker {
    struct coordinator_bench *bench;
    int number;
};

static void *insert_and_read(void *arg)
{
    struct worker *w = arg;
    struct coordinator_bench *b = w->bench;
    char chat[32], id[32], quarter[MIA_QUARTER_SIZE];
    snprintf(chat, sizeof chat, "c%d", w->number);
    coordinator_put(b, chat_of(chat, "Threads", w->number));
    for (int i = 0; i < EACH; i++) {
        assert_found(b, MIA_KIND_CHAT, chat);
        snprintf(id, sizeof id, "m%d-%02d", w->number, i);
        coordinator_put(b, message_of(id, chat, "s", i));
        assert_found(b, MIA_KIND_MESSAGE, id);
        snprintf(id, sizeof id, "a%d-%02d", w->number, i);
        snprintf(quarter, sizeof quarter, "20%02d-Q%d", 10 + i % 4, 1 + w->number % 4);
        put_at(b, conversations(MIA_TIER_ARCHIVE, quarter), message_of(id, chat, "s", 100 + i));
    }
    return NULL;
}

static void threads(void **state)
{
    struct coordinator_bench *b = *state;
    pthread_t ids[THREADS];
    struct worker workers[THREADS];
    mia_list *list;
    mia_view view;
    size_t count = 0;
    b->max_open_archives = coordinator_persists(b) ? 2 : 100;
    coordinator_close(b);
    coordinator_open(b);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){b, i};
        assert_int_equal(pthread_create(&ids[i], NULL, insert_and_read, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(ids[i], NULL);
    mia_snapshot *s = snapshot(b);
    for (int i = 0; i < THREADS; i++) {
        char chat[32];
        snprintf(chat, sizeof chat, "c%d", i);
        OK(mia_list_messages(s, mia_str_of(chat), NULL, &list, ERR));
        while (mia_list_next(list, &view, ERR) == MIA_OK)
            count++;
        mia_list_close(list);
    }
    mia_snapshot_end(s);
    assert_int_equal(count, THREADS * EACH * 2);
}

struct engine_cases cases_of_opening_a_base(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(opens_hot_tiers),
        CASE(places_are_recorded),
        CASE(second_open),
        CASE(held_is_busy),
        CASE(wrong_places_are_refused),
        DEFECT(d05, reading_makes_nothing),
        CASE(archives),
        DEFECT(d06, idle_archives_are_closed),
        DEFECT(d04, late_databases_may_lie_elsewhere),
        CASE(threads),
    };
    return CASES(cases);
}
