/* suite_moves.c - records that change their tier */
#include "coordinator/suite.h"

#include <stdio.h>

static const int64_t now = 1705320000000; /* 2024-01-15 */

static bool promote(struct coordinator_bench *b, const char *id, int64_t now_ms)
{
    bool moved;
    OK(mia_promote_message(b->c, mia_str_of(id), now_ms, &moved, ERR));
    return moved;
}

static bool archive(struct coordinator_bench *b, const char *id, int64_t now_ms)
{
    bool moved;
    OK(mia_archive_message(b->c, mia_str_of(id), now_ms, &moved, ERR));
    return moved;
}

static void assert_only_at(struct coordinator_bench *b, const char *id, enum mia_tier tier,
                           const char *quarter)
{
    static const enum mia_tier tiers[] = {MIA_TIER_ACTIVE, MIA_TIER_RECENT};
    for (size_t i = 0; i < LENGTH(tiers); i++)
        assert_int_equal(is_at(b, conversations(tiers[i], NULL), MIA_TABLE_NODES, id),
                         tiers[i] == tier);
    if (quarter != NULL)
        assert_true(is_at(b, conversations(MIA_TIER_ARCHIVE, quarter), MIA_TABLE_NODES, id));
    assert_found(b, MIA_KIND_MESSAGE, id);
}

static void promotes_at_thirty_days(void **state)
{
    struct coordinator_bench *b = *state;
    coordinator_put(b, message_of("m1", "c", "s", now - 30 * day));
    assert_false(promote(b, "m1", now - 1));
    assert_false(is_on_disk(b, "conversations/recent")); /* not made for nothing */
    assert_false(promote(b, "nobody", now));
    assert_true(promote(b, "m1", now));
    assert_only_at(b, "m1", MIA_TIER_RECENT, NULL);
    assert_false(promote(b, "m1", now)); /* not in active any more */
    coordinator_put(b, chat_of("c1", "t", 0));
    assert_false(promote(b, "c1", now)); /* not a message */
    coordinator_put(b, message_of("m2", "c", "s", INT64_MIN));
    assert_true(promote(b, "m2", INT64_MAX)); /* the difference saturates */
    coordinator_put(b, message_of("m3", "c", "s", INT64_MAX));
    assert_false(promote(b, "m3", INT64_MIN));
}

static void archives_at_ninety_days(void **state)
{
    struct coordinator_bench *b = *state;
    int64_t sent = now - 90 * day; /* 2023-10-17 */
    coordinator_put(b, message_of("m1", "c", "s", sent));
    assert_false(archive(b, "m1", now)); /* not in recent: that is not even there */
    assert_true(promote(b, "m1", now));
    assert_false(archive(b, "m1", now - 1));
    assert_false(is_on_disk(b, "conversations/archive"));
    assert_true(archive(b, "m1", now));
    assert_only_at(b, "m1", MIA_TIER_ARCHIVE, "2023-Q4");
    assert_false(archive(b, "m1", now));
}

/* MIA copied what it found in inferred, and left it there. */
static void entities_become_stable(void **state)
{
    struct coordinator_bench *b = *state;
    bool moved;
    struct mia_place stable = {MIA_DATABASE_KNOWLEDGE, MIA_TIER_STABLE, NULL};
    struct mia_place inferred = {MIA_DATABASE_KNOWLEDGE, MIA_TIER_INFERRED, NULL};
    struct mia_place active = {MIA_DATABASE_KNOWLEDGE, MIA_TIER_ACTIVE, NULL};
    coordinator_put(b, entity_of("n1", "Ada"));
    put_at(b, inferred, entity_of("n2", "Bob"));
    OK(mia_promote_entity(b->c, MIA_STR("n1"), &moved, ERR));
    assert_true(moved);
    OK(mia_promote_entity(b->c, MIA_STR("n2"), &moved, ERR));
    assert_true(moved);
    assert_false(is_at(b, active, MIA_TABLE_NODES, "n1"));
    assert_false(is_at(b, inferred, MIA_TABLE_NODES, "n2"));
    assert_true(is_at(b, stable, MIA_TABLE_NODES, "n1"));
    assert_true(is_at(b, stable, MIA_TABLE_NODES, "n2"));
    OK(mia_promote_entity(b->c, MIA_STR("n1"), &moved, ERR));
    assert_false(moved); /* it is stable already */
    OK(mia_promote_entity(b->c, MIA_STR("nobody"), &moved, ERR));
    assert_false(moved);
    assert_found(b, MIA_KIND_ENTITY, "n1");
}

static void moved_records_keep_their_edges(void **state)
{
    struct coordinator_bench *b = *state;
    mia_list *list;
    coordinator_put(b, message_of("m1", "c", "s", now - 40 * day));
    coordinator_put(b, entity_of("n1", "Ada"));
    put_at(b, conversations(MIA_TIER_ACTIVE, NULL), edge_of("e1", "m1", "MENTIONS", "n1"));
    assert_true(promote(b, "m1", now));
    mia_snapshot *s = snapshot(b);
    OK(mia_list_entities_of_message(s, MIA_STR("m1"), &list, ERR));
    assert_list(list, "n1");
    OK(mia_list_messages_of_entity(s, MIA_STR("n1"), NULL, &list, ERR));
    assert_list(list, "m1");
    mia_snapshot_end(s);
}

/* A younger message under the same id stays where it was put. */
static void newer_records_hide_moved_ones(void **state)
{
    struct coordinator_bench *b = *state;
    mia_list *list;
    coordinator_put(b, message_of("m1", "old chat", "old", now - 40 * day));
    assert_true(promote(b, "m1", now));
    coordinator_put(b, message_of("m1", "new chat", "new", now));
    mia_snapshot *s = snapshot(b);
    OK(mia_list_messages(s, MIA_STR("old chat"), NULL, &list, ERR));
    assert_list(list, ""); /* it is in another chat now */
    OK(mia_list_messages(s, MIA_STR("new chat"), NULL, &list, ERR));
    assert_list(list, "m1");
    mia_snapshot_end(s);
    assert_false(promote(b, "m1", now));
    assert_true(promote(b, "m1", now + 30 * day)); /* over the old one */
    s = snapshot(b);
    assert_str(mia_message_sender(found(s, MIA_KIND_MESSAGE, "m1")), "new");
    mia_snapshot_end(s);
}

static void fill(struct coordinator_bench *b, int count, int64_t oldest_days)
{
    for (int i = 0; i < count; i++) {
        char id[16], vector[16];
        snprintf(id, sizeof id, "m%04d", i);
        snprintf(vector, sizeof vector, "v%04d", i);
        struct mia_record message =
            message_of(id, "c", "s", now - (int64_t)i * oldest_days * day / count);
        message.u.message.embedding_id = mia_str_of(vector);
        coordinator_put(b, message);
        if (i % 2 == 0)
            coordinator_put(b, embedding_of(vector, (float)i));
    }
}

static size_t count_at(struct coordinator_bench *b, struct mia_place place, enum mia_table table)
{
    mia_txn *txn;
    mia_scan *scan;
    mia_str id;
    mia_view view;
    size_t count = 0;
    mia_snapshot *s = snapshot(b);
    mia_status rc = mia_snapshot_txn(s, &place, &txn, ERR);
    if (rc == MIA_OK) {
        OK(mia_scan_open(txn, table, (mia_str){0}, &scan, ERR));
        while (mia_scan_next(scan, &id, &view, ERR) == MIA_OK)
            count++;
        mia_scan_close(scan);
    }
    mia_snapshot_end(s);
    return count;
}

static void ages_everything(void **state)
{
    struct coordinator_bench *b = *state;
    enum { COUNT = 600 }; /* more than a batch; one in 100 is a day older */
    struct mia_age_report report = {.struct_size = sizeof report};
    fill(b, COUNT, 120);
    OK(mia_age_conversations(b->c, now, NULL, NULL, &report, ERR));
    size_t active = count_at(b, conversations(MIA_TIER_ACTIVE, NULL), MIA_TABLE_NODES);
    size_t recent = count_at(b, conversations(MIA_TIER_RECENT, NULL), MIA_TABLE_NODES);
    size_t third = count_at(b, conversations(MIA_TIER_ARCHIVE, "2023-Q3"), MIA_TABLE_NODES);
    size_t fourth = count_at(b, conversations(MIA_TIER_ARCHIVE, "2023-Q4"), MIA_TABLE_NODES);
    assert_int_equal(active, 150); /* up to day 30 */
    assert_int_equal(recent, 300); /* up to day 90 */
    assert_int_equal(third + fourth, COUNT - 450);
    assert_true(third > 0 && fourth > 0);
    assert_int_equal(report.to_recent, COUNT - 150);
    assert_int_equal(report.to_archive, COUNT - 450);
    assert_int_equal(report.skipped, 0);
    struct mia_place vectors = {MIA_DATABASE_EMBEDDINGS, MIA_TIER_RECENT, NULL};
    assert_int_equal(count_at(b, vectors, MIA_TABLE_EMBEDDINGS), 150);
    vectors.tier = MIA_TIER_ACTIVE;
    assert_int_equal(count_at(b, vectors, MIA_TABLE_EMBEDDINGS), 75);
    assert_found(b, MIA_KIND_MESSAGE, "m0599");
    assert_found(b, MIA_KIND_EMBEDDING, "v0598");
    OK(mia_age_conversations(b->c, now, NULL, NULL, &report, ERR));
    assert_int_equal(report.to_recent + report.to_archive + report.embeddings, 0);
}

static bool stop(void *ctx, const struct mia_progress *progress)
{
    (void)ctx;
    return progress->records_done == 0;
}

static void ageing_can_be_stopped(void **state)
{
    struct coordinator_bench *b = *state;
    struct mia_age_report report = {.struct_size = sizeof report};
    fill(b, 300, 80);
    ANSWERS(mia_age_conversations(b->c, now, stop, NULL, &report, ERR), MIA_ERR_CANCELLED);
    assert_true(report.to_recent > 0);
    assert_found(b, MIA_KIND_MESSAGE, "m0299");
    assert_found(b, MIA_KIND_MESSAGE, "m0000");
}

struct engine_cases cases_of_moves(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(promotes_at_thirty_days),       CASE(archives_at_ninety_days),
        DEFECT(d11, entities_become_stable), CASE(moved_records_keep_their_edges),
        CASE(newer_records_hide_moved_ones), CASE(ages_everything),
        CASE(ageing_can_be_stopped),
    };
    return CASES(cases);
}
