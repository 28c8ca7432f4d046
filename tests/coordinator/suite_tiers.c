/* suite_tiers.c - where records of each kind go, and where they are looked for */
#include "coordinator/suite.h"

static const struct mia_place tools = {MIA_DATABASE_TOOL_RESULTS, MIA_TIER_NONE, NULL};

static struct mia_place knowledge(enum mia_tier tier)
{
    return (struct mia_place){MIA_DATABASE_KNOWLEDGE, tier, NULL};
}

static struct mia_place summaries(enum mia_tier tier)
{
    return (struct mia_place){MIA_DATABASE_SUMMARIES, tier, NULL};
}

static struct mia_place embeddings(enum mia_tier tier, const char *quarter)
{
    return (struct mia_place){MIA_DATABASE_EMBEDDINGS, tier, quarter};
}

static void kinds_have_homes(void **state)
{
    struct coordinator_bench *b = *state;
    struct mia_record attachment = {MIA_KIND_ATTACHMENT, {.attachment = {.id = MIA_STR("a1")}}};
    struct mia_record search = {MIA_KIND_WEB_SEARCH, {.web_search = {.id = MIA_STR("w1")}}};
    struct mia_record page = {MIA_KIND_SCRAPED_PAGE, {.scraped_page = {.id = MIA_STR("p1")}}};
    coordinator_put(b, chat_of("c1", "t", 1));
    coordinator_put(b, message_of("m1", "c1", "s", 1));
    coordinator_put(b, attachment);
    coordinator_put(b, entity_of("n1", "Ada"));
    coordinator_put(b, embedding_of("v1", 1));
    coordinator_put(b, search);
    coordinator_put(b, page);
    coordinator_put(b, outcome_of("o1", "open", 1));
    assert_true(is_at(b, conversations(MIA_TIER_ACTIVE, NULL), MIA_TABLE_NODES, "c1"));
    assert_true(is_at(b, conversations(MIA_TIER_ACTIVE, NULL), MIA_TABLE_NODES, "m1"));
    assert_true(is_at(b, conversations(MIA_TIER_ACTIVE, NULL), MIA_TABLE_NODES, "a1"));
    assert_true(is_at(b, knowledge(MIA_TIER_ACTIVE), MIA_TABLE_NODES, "n1"));
    assert_true(is_at(b, embeddings(MIA_TIER_ACTIVE, NULL), MIA_TABLE_EMBEDDINGS, "v1"));
    assert_true(is_at(b, tools, MIA_TABLE_NODES, "w1"));
    assert_true(is_at(b, tools, MIA_TABLE_NODES, "p1"));
    assert_found(b, MIA_KIND_WEB_SEARCH, "w1");
    assert_found(b, MIA_KIND_SCRAPED_PAGE, "p1");
    assert_lost(b, MIA_KIND_WEB_SEARCH, "p1"); /* of another kind */
    assert_found(b, MIA_KIND_ACTION_OUTCOME, "o1");
    assert_found(b, MIA_KIND_ATTACHMENT, "a1");
}

static void homeless_kinds_are_refused(void **state)
{
    struct coordinator_bench *b = *state;
    mia_view view;
    struct mia_record edge = edge_of("e1", "m1", "MENTIONS", "n1");
    struct mia_record bookmark = {MIA_KIND_BOOKMARK, {.bookmark = {.id = MIA_STR("b1")}}};
    ANSWERS(mia_coordinator_put(b->c, &edge, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_coordinator_put(b->c, &bookmark, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_coordinator_delete(b->c, MIA_KIND_EDGE, MIA_STR("e1"), ERR), MIA_ERR_INVALID);
    mia_snapshot *s = snapshot(b);
    ANSWERS(mia_find(s, MIA_KIND_MODEL_INFO, MIA_STR("x"), NULL, &view, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_find(s, MIA_KIND_CHAT, MIA_STR(""), NULL, &view, ERR), MIA_ERR_INVALID);
    mia_snapshot_end(s);
}

static void hot_tiers_win(void **state)
{
    struct coordinator_bench *b = *state;
    put_at(b, conversations(MIA_TIER_RECENT, NULL), message_of("m1", "c", "recent", 1));
    assert_found(b, MIA_KIND_MESSAGE, "m1");
    coordinator_put(b, message_of("m1", "c", "active", 1));
    mia_snapshot *s = snapshot(b);
    assert_str(mia_message_sender(found(s, MIA_KIND_MESSAGE, "m1")), "active");
    mia_snapshot_end(s);
}

/* What MIA's tests of entities over its server show: a round trip, and one that is absent. */
static void entity(void **state)
{
    struct coordinator_bench *b = *state;
    put_at(b, knowledge(MIA_TIER_INFERRED), entity_of("n1", "inferred"));
    put_at(b, knowledge(MIA_TIER_STABLE), entity_of("n1", "stable"));
    mia_snapshot *s = snapshot(b);
    assert_str(mia_entity_label(found(s, MIA_KIND_ENTITY, "n1")), "stable");
    mia_snapshot_end(s);
    coordinator_put(b, entity_of("n1", "active"));
    s = snapshot(b);
    assert_str(mia_entity_label(found(s, MIA_KIND_ENTITY, "n1")), "active");
    mia_snapshot_end(s);
    assert_lost(b, MIA_KIND_ENTITY, "nobody");
}

static void embedding(void **state)
{
    struct coordinator_bench *b = *state;
    struct mia_record message = message_of("m1", "c1", "s", 1705320000000);
    mia_view view;
    message.u.message.embedding_id = MIA_STR("v1");
    coordinator_put(b, message);
    mia_snapshot *s = snapshot(b);
    ANSWERS(mia_find_embedding_of(s, found(s, MIA_KIND_MESSAGE, "m1"), &view, ERR), MIA_NOTFOUND);
    mia_snapshot_end(s);
    put_at(b, embeddings(MIA_TIER_ARCHIVE, "2024-Q1"), embedding_of("v1", 7));
    s = snapshot(b);
    OK(mia_find_embedding_of(s, found(s, MIA_KIND_MESSAGE, "m1"), &view, ERR));
    assert_str(mia_embedding_id(view), "v1");
    mia_snapshot_end(s);
}

static void embeddings_tiers(void **state)
{
    struct coordinator_bench *b = *state;
    int64_t hint = 1705320000000;
    mia_view view;
    coordinator_put(b, embedding_of("active", 1));
    put_at(b, embeddings(MIA_TIER_RECENT, NULL), embedding_of("recent", 1));
    put_at(b, embeddings(MIA_TIER_ARCHIVE, "2024-Q1"), embedding_of("archived", 1));
    assert_found(b, MIA_KIND_EMBEDDING, "active");
    assert_found(b, MIA_KIND_EMBEDDING, "recent");
    assert_found(b, MIA_KIND_EMBEDDING, "archived");
    mia_snapshot *s = snapshot(b);
    OK(mia_find(s, MIA_KIND_EMBEDDING, MIA_STR("archived"), &hint, &view, ERR));
    mia_snapshot_end(s);
}

static struct mia_record summary_of_size(const char *id, size_t size)
{
    static char content[6000];
    memset(content, 'x', sizeof content);
    struct mia_record record = summary_of(id, "");
    record.u.summary.content = (mia_str){content, size};
    return record;
}

static void summaries_tiers(void **state)
{
    struct coordinator_bench *b = *state;
    static const struct {
        size_t size;
        enum mia_tier tier;
    } rows[] = {{0, MIA_TIER_DAILY},     {999, MIA_TIER_DAILY},    {1000, MIA_TIER_WEEKLY},
                {4999, MIA_TIER_WEEKLY}, {5000, MIA_TIER_MONTHLY}, {10, MIA_TIER_DAILY}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        coordinator_put(b, summary_of_size("s1", rows[i].size));
        for (int tier = MIA_TIER_SESSION; tier <= MIA_TIER_MONTHLY; tier++)
            assert_int_equal(is_at(b, summaries((enum mia_tier)tier), MIA_TABLE_NODES, "s1"),
                             (enum mia_tier)tier == rows[i].tier); /* and in no other */
        assert_found(b, MIA_KIND_SUMMARY, "s1");
    }
}

/* A longer text left a second copy in another tier, and the older one hid it. */
static void one_copy_of_a_summary(void **state)
{
    struct coordinator_bench *b = *state;
    mia_snapshot *s;
    coordinator_put(b, summary_of_size("s1", 10));
    coordinator_put(b, summary_of_size("s1", 2000));
    s = snapshot(b);
    assert_int_equal(mia_summary_content(found(s, MIA_KIND_SUMMARY, "s1")).size, 2000);
    mia_snapshot_end(s);
    assert_false(is_at(b, summaries(MIA_TIER_DAILY), MIA_TABLE_NODES, "s1"));
}

static void summaries_by_choice(void **state)
{
    struct coordinator_bench *b = *state;
    struct mia_record s1 = summary_of("s1", "short");
    coordinator_put(b, s1);
    OK(mia_coordinator_put_summary(b->c, &s1.u.summary, MIA_TIER_SESSION, ERR));
    assert_true(is_at(b, summaries(MIA_TIER_SESSION), MIA_TABLE_NODES, "s1"));
    assert_false(is_at(b, summaries(MIA_TIER_DAILY), MIA_TABLE_NODES, "s1"));
    ANSWERS(mia_coordinator_put_summary(b->c, &s1.u.summary, MIA_TIER_ACTIVE, ERR),
            MIA_ERR_INVALID);
    s1.u.summary.id = MIA_STR("");
    ANSWERS(mia_coordinator_put(b->c, &s1, ERR), MIA_ERR_INVALID);
}

static void deletes_everywhere(void **state)
{
    struct coordinator_bench *b = *state;
    coordinator_put(b, message_of("m1", "c", "s", 1));
    put_at(b, conversations(MIA_TIER_RECENT, NULL), message_of("m1", "c", "s", 1));
    put_at(b, conversations(MIA_TIER_ARCHIVE, "1970-Q1"), message_of("m1", "c", "s", 1));
    put_at(b, conversations(MIA_TIER_ARCHIVE, "2020-Q3"), chat_of("m1", "t", 1));
    OK(mia_coordinator_delete(b->c, MIA_KIND_MESSAGE, MIA_STR("m1"), ERR));
    assert_lost(b, MIA_KIND_MESSAGE, "m1");
    assert_found(b, MIA_KIND_CHAT, "m1"); /* another kind stays */
    ANSWERS(mia_coordinator_delete(b->c, MIA_KIND_MESSAGE, MIA_STR("m1"), ERR), MIA_NOTFOUND);
    coordinator_put(b, summary_of("s1", "x"));
    OK(mia_coordinator_delete(b->c, MIA_KIND_SUMMARY, MIA_STR("s1"), ERR));
    assert_lost(b, MIA_KIND_SUMMARY, "s1");
}

static void everything_is_there_after_reopen(void **state)
{
    struct coordinator_bench *b = *state;
    bench_needs(coordinator_persists(b));
    coordinator_put(b, message_of("m1", "c", "s", 1));
    put_at(b, conversations(MIA_TIER_RECENT, NULL), message_of("m2", "c", "s", 1));
    coordinator_put(b, summary_of("s1", "x"));
    coordinator_put(b, entity_of("n1", "Ada"));
    coordinator_reopen(b);
    assert_found(b, MIA_KIND_MESSAGE, "m1");
    assert_found(b, MIA_KIND_MESSAGE, "m2");
    assert_found(b, MIA_KIND_SUMMARY, "s1");
    assert_found(b, MIA_KIND_ENTITY, "n1");
    assert_string_equal(b->log, "");
}

/* Views and lists of a snapshot do not change under it. */
static void snapshots_stand_still(void **state)
{
    struct coordinator_bench *b = *state;
    mia_list *list;
    mia_view view;
    bench_needs(b->engine != NULL && (b->engine->ops->caps & MIA_CAP_SNAPSHOT) != 0);
    coordinator_put(b, message_of("m1", "c", "before", 1));
    mia_snapshot *s = snapshot(b);
    mia_view before = found(s, MIA_KIND_MESSAGE, "m1");
    coordinator_put(b, message_of("m1", "c", "after", 1));
    coordinator_put(b, message_of("m2", "c", "after", 2));
    assert_str(mia_message_sender(before), "before");
    assert_str(mia_message_sender(found(s, MIA_KIND_MESSAGE, "m1")), "before");
    ANSWERS(mia_find(s, MIA_KIND_MESSAGE, MIA_STR("m2"), NULL, &view, ERR), MIA_NOTFOUND);
    OK(mia_list_messages(s, MIA_STR("c"), NULL, &list, ERR));
    assert_list(list, "m1");
    mia_snapshot_end(s);
    assert_found(b, MIA_KIND_MESSAGE, "m2");
}

struct engine_cases cases_of_tiers(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(kinds_have_homes),
        CASE(homeless_kinds_are_refused),
        CASE(hot_tiers_win),
        CASE(entity),
        CASE(embedding),
        CASE(embeddings_tiers),
        CASE(summaries_tiers),
        DEFECT(d14, one_copy_of_a_summary),
        CASE(summaries_by_choice),
        CASE(deletes_everywhere),
        CASE(everything_is_there_after_reopen),
        CASE(snapshots_stand_still),
    };
    return CASES(cases);
}
