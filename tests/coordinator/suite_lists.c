/* suite_lists.c - records of all tiers by time, and along edges */
#include "coordinator/suite.h"

#include <pthread.h>
#include <stdio.h>

/* Three tiers, with messages of two chats whose names begin alike. */
static void spread(struct coordinator_bench *b)
{
    coordinator_put(b, message_of("m5", "1", "s", 500));
    coordinator_put(b, message_of("m4", "1", "s", 400));
    coordinator_put(b, message_of("x4", "10", "s", 400));
    put_at(b, conversations(MIA_TIER_RECENT, NULL), message_of("m3", "1", "s", 300));
    put_at(b, conversations(MIA_TIER_RECENT, NULL), message_of("m3b", "1", "s", 300));
    put_at(b, conversations(MIA_TIER_ARCHIVE, "1970-Q1"), message_of("m1", "1", "s", 100));
    put_at(b, conversations(MIA_TIER_ARCHIVE, "1970-Q1"), message_of("m4", "1", "old", 50));
}

static struct mia_list_options options(void)
{
    return (struct mia_list_options){.struct_size = sizeof(struct mia_list_options),
                                     .unscoped = true};
}

static struct mia_list_options between(int64_t from_ms, int64_t to_ms)
{
    struct mia_list_options o = options();
    o.unscoped = false;
    o.scope = (struct mia_time_scope){MIA_SCOPE_CUSTOM, from_ms, to_ms};
    return o;
}

static void assert_messages(struct coordinator_bench *b, const char *chat,
                            const struct mia_list_options *opt, const char *expected)
{
    mia_list *list;
    mia_snapshot *s = snapshot(b);
    OK(mia_list_messages(s, mia_str_of(chat), opt, &list, ERR));
    assert_list(list, expected);
    mia_snapshot_end(s);
}

static void messages_by_chat(void **state)
{
    struct coordinator_bench *b = *state;
    spread(b);
    struct mia_list_options o = options();
    assert_messages(b, "1", NULL, "m1 m3 m3b m4 m5"); /* m4 once, from its hottest tier */
    assert_messages(b, "10", NULL, "x4");
    assert_messages(b, "", NULL, "");
    o.newest_first = true;
    assert_messages(b, "1", &o, "m5 m4 m3b m3 m1");
    o.limit = 2;
    assert_messages(b, "1", &o, "m5 m4"); /* the last two */
    assert_messages(b, NULL, &o, "m5 x4");
    o.newest_first = false;
    assert_messages(b, "1", &o, "m1 m3");
}

/* Session 1 would have got what session 10 said, if it had got anything. */
static void chats_with_names_alike(void **state)
{
    struct coordinator_bench *b = *state;
    coordinator_put(b, message_of("m1", "1", "s", 1));
    coordinator_put(b, message_of("m10", "10", "s", 2));
    assert_messages(b, "1", NULL, "m1");
    assert_messages(b, "10", NULL, "m10");
}

static void messages_in_scope(void **state)
{
    struct coordinator_bench *b = *state;
    spread(b);
    struct mia_list_options o = between(100, 400);
    assert_messages(b, "1", &o, "m1 m3 m3b m4"); /* both ends belong to it */
    assert_messages(b, NULL, &o, "m1 m3 m3b m4 x4");
    o = between(401, 400);
    assert_messages(b, "1", &o, "");
    o.scope.scope = MIA_SCOPE_TODAY;
    o.now_ms = 300 + day;
    assert_messages(b, "1", &o, "m3 m3b m4 m5");
    b->now_ms = 300 + day;
    o.now_ms = 0; /* the clock's */
    assert_messages(b, "1", &o, "m3 m3b m4 m5");
}

static void current_chat_needs_a_chat(void **state)
{
    struct coordinator_bench *b = *state;
    spread(b);
    mia_list *list;
    struct mia_list_options o = between(0, 0);
    o.scope.scope = MIA_SCOPE_CURRENT_CHAT;
    assert_messages(b, "1", &o, "m1 m3 m3b m4 m5");
    mia_snapshot *s = snapshot(b);
    ANSWERS(mia_list_messages(s, (mia_str){0}, &o, &list, ERR), MIA_ERR_INVALID);
    assert_null(list);
    mia_snapshot_end(s);
}

/* Summaries have the property chat_id, too. */
static void only_messages_are_listed(void **state)
{
    struct coordinator_bench *b = *state;
    put_at(b, conversations(MIA_TIER_ACTIVE, NULL), summary_of("s1", "x"));
    coordinator_put(b, message_of("m1", "c1", "s", 1));
    assert_messages(b, "c1", NULL, "m1");
}

enum { THREADS = 10 };

static void *send(void *arg)
{
    struct coordinator_bench *b = ((void **)arg)[0];
    int number = (int)(intptr_t)((void **)arg)[1];
    char id[16];
    snprintf(id, sizeof id, "m%d", number);
    coordinator_put(b, message_of(id, "1", "s", number));
    return NULL;
}

static void messages_of_ten_threads(void **state)
{
    struct coordinator_bench *b = *state;
    pthread_t threads[THREADS];
    void *args[THREADS][2];
    for (int i = 0; i < THREADS; i++) {
        args[i][0] = b;
        args[i][1] = (void *)(intptr_t)i;
        assert_int_equal(pthread_create(&threads[i], NULL, send, args[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_messages(b, "1", NULL, "m0 m1 m2 m3 m4 m5 m6 m7 m8 m9");
}

/* ---- along edges
 *
 * c1: m1 (mentions Ada), m2 -> m1, m3 (mentions Bob)
 * c2: m4 (mentions Ada);  c3: has an edge with Bob;  c4: has an edge with c1;  c5: alone */
static void weave(struct coordinator_bench *b)
{
    struct mia_place active = conversations(MIA_TIER_ACTIVE, NULL);
    struct mia_place recent = conversations(MIA_TIER_RECENT, NULL);
    struct mia_place knowledge = {MIA_DATABASE_KNOWLEDGE, MIA_TIER_STABLE, NULL};
    static const char *const chats[] = {"c1", "c2", "c3", "c4", "c5"};
    for (size_t i = 0; i < LENGTH(chats); i++)
        coordinator_put(b, chat_of(chats[i], "t", (int64_t)(i + 1) * 10));
    coordinator_put(b, message_of("m1", "c1", "s", 1));
    coordinator_put(b, message_of("m2", "c1", "s", 2));
    put_at(b, recent, message_of("m3", "c1", "s", 3));
    put_at(b, recent, message_of("m4", "c2", "s", 4));
    coordinator_put(b, entity_of("ada", "Ada"));
    put_at(b, knowledge, entity_of("bob", "Bob"));
    put_at(b, active, edge_of("e1", "m1", "MENTIONS", "ada"));
    put_at(b, active, edge_of("e2", "m2", "ANSWERS", "m1"));
    put_at(b, active, edge_of("e3", "m3", "MENTIONS", "bob"));
    put_at(b, recent, edge_of("e4", "ada", "MENTIONED_IN", "m4"));
    put_at(b, recent, edge_of("e4b", "m4", "MENTIONS", "ada"));
    put_at(b, knowledge, edge_of("e5", "c3", "ABOUT", "bob"));
    put_at(b, active, edge_of("e6", "c1", "CONTINUES", "c4"));
    put_at(b, active, edge_of("e7", "m1", "MENTIONS", "nobody"));
}

static void entities(void **state)
{
    struct coordinator_bench *b = *state;
    mia_list *list;
    weave(b);
    mia_snapshot *s = snapshot(b);
    OK(mia_list_entities_of_message(s, MIA_STR("m1"), &list, ERR));
    assert_list(list, "ada");
    OK(mia_list_entities_of_message(s, MIA_STR("m2"), &list, ERR));
    assert_list(list, "");
    OK(mia_list_entities_of_chat(s, MIA_STR("c1"), &list, ERR));
    assert_list(list, "ada bob");
    OK(mia_list_entities_of_chat(s, MIA_STR("c3"), &list, ERR));
    assert_list(list, "bob");
    mia_snapshot_end(s);
}

static void messages_along_edges(void **state)
{
    struct coordinator_bench *b = *state;
    mia_list *list;
    weave(b);
    struct mia_list_options late = between(2, 100);
    mia_snapshot *s = snapshot(b);
    OK(mia_list_messages_of_entity(s, MIA_STR("ada"), NULL, &list, ERR));
    assert_list(list, "m1 m4"); /* m4 once, though it has two edges */
    OK(mia_list_messages_of_entity(s, MIA_STR("ada"), &late, &list, ERR));
    assert_list(list, "m4");
    OK(mia_list_related_messages(s, MIA_STR("m1"), NULL, &list, ERR));
    assert_list(list, "m2 m4"); /* by an edge, by Ada; not itself */
    late.newest_first = true;
    OK(mia_list_related_messages(s, MIA_STR("m1"), &late, &list, ERR));
    assert_list(list, "m4 m2");
    late.limit = 1;
    OK(mia_list_related_messages(s, MIA_STR("m1"), &late, &list, ERR));
    assert_list(list, "m4");
    OK(mia_list_related_messages(s, MIA_STR("nobody"), NULL, &list, ERR));
    assert_list(list, "m1");
    mia_snapshot_end(s);
}

static void chats_along_edges(void **state)
{
    struct coordinator_bench *b = *state;
    mia_list *list;
    weave(b);
    struct mia_list_options scope = between(0, 30);
    mia_snapshot *s = snapshot(b);
    OK(mia_list_chats_of_entity(s, MIA_STR("ada"), NULL, &list, ERR));
    assert_list(list, "c1 c2");
    OK(mia_list_chats_of_entity(s, MIA_STR("bob"), NULL, &list, ERR));
    assert_list(list, "c1 c3");
    OK(mia_list_related_chats(s, MIA_STR("c1"), NULL, &list, ERR));
    assert_list(list, "c2 c3 c4");
    OK(mia_list_related_chats(s, MIA_STR("c1"), &scope, &list, ERR));
    assert_list(list, "c2 c3"); /* by updated_at */
    OK(mia_list_related_chats(s, MIA_STR("c5"), NULL, &list, ERR));
    assert_list(list, "");
    mia_snapshot_end(s);
}

struct engine_cases cases_of_lists(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(messages_by_chat),
        DEFECT(d15, chats_with_names_alike),
        CASE(messages_in_scope),
        CASE(current_chat_needs_a_chat),
        CASE(only_messages_are_listed),
        CASE(messages_of_ten_threads),
        CASE(entities),
        DEFECT(d16, messages_along_edges),
        CASE(chats_along_edges),
    };
    return CASES(cases);
}
