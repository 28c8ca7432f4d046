/*
 * test_crash.c - a process is killed at every commit of a change that spans databases, before it
 * and behind it; afterwards the record is in one place, as it was or as it should be
 */
#include "coordinator/killer.h"
#include "coordinator/suite.h"
#include "support/process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static const int64_t now = 1705320000000;

enum layout { ON_MDBX, ON_SLED, MIXED };
static const char *const layout_names[] = {"mdbx", "sled", "mixed"};

struct base {
    enum layout layout;
    bool is_killer;
    char log[1024];
};

static const struct mia_engine_ops *choose(void *ctx, const struct mia_place *place)
{
    const struct base *base = ctx;
    bool is_sled = base->layout == ON_SLED ||
                   (base->layout == MIXED &&
                    (place->tier == MIA_TIER_ACTIVE || place->tier == MIA_TIER_DAILY));
    const struct mia_engine_ops *engine = is_sled ? mia_engine_sled() : mia_engine_mdbx();
    return base->is_killer ? killer_engine(engine) : engine;
}

static void keep_line(void *ctx, const char *line)
{
    struct base *base = ctx;
    snprintf(base->log, sizeof base->log, "%s", line);
}

static mia_coordinator *open_base(const char *path, struct base *base)
{
    mia_coordinator *c;
    /* a kill loses nothing that was written: only the one who is killed need wait for the disk */
    struct mia_db_options db = {.struct_size = sizeof db,
                                .durability = base->is_killer ? MIA_SYNC_DURABLE : MIA_SYNC_LAZY};
    struct mia_coordinator_options opt = {.struct_size = sizeof opt,
                                          .db = &db,
                                          .engine = choose,
                                          .engine_ctx = base,
                                          .log = keep_line,
                                          .log_ctx = base};
    OK(mia_coordinator_open(path, &opt, &c, ERR));
    return c;
}

/* ---- the changes; each once with what was there before */

static void put(mia_coordinator *c, struct mia_record record)
{
    OK(mia_coordinator_put(c, &record, ERR));
}

static struct mia_record long_summary(void)
{
    static char content[1500];
    memset(content, 'x', sizeof content - 1);
    return summary_of("s1", content);
}

static void prepare(mia_coordinator *c)
{
    struct mia_record message = message_of("m1", "c1", "s", now - 100 * day);
    message.u.message.embedding_id = MIA_STR("v1");
    put(c, message);
    put(c, embedding_of("v1", 1));
    put(c, entity_of("n1", "Ada"));
    put(c, summary_of("s1", "short"));
}

static void change(mia_coordinator *c)
{
    bool moved;
    struct mia_age_report report = {.struct_size = sizeof report};
    struct mia_record summary = long_summary();
    OK(mia_promote_entity(c, MIA_STR("n1"), &moved, ERR));
    OK(mia_age_conversations(c, now, NULL, NULL, &report, ERR));
    OK(mia_coordinator_put(c, &summary, ERR));
}

/* argument: the layout, the commit to be killed at, 1 for behind it */
static int change_and_die(const char *path, const char *argument)
{
    int layout, commit, is_after;
    if (sscanf(argument, "%d %d %d", &layout, &commit, &is_after) != 3)
        return 2;
    struct base base = {.layout = (enum layout)layout, .is_killer = true};
    mia_coordinator *c = open_base(path, &base);
    killer_arm((unsigned)commit, is_after != 0);
    change(c);
    killer_arm(0, false);
    OK(mia_coordinator_close(c, ERR));
    return 0;
}

/* ---- what is there */

static int copies(struct coordinator_bench *b, enum mia_database database, enum mia_table table,
                  const char *id)
{
    enum mia_tier tiers[MIA_DATABASE_TIERS_MOST];
    size_t count = mia_database_tiers(database, tiers);
    int copies = 0;
    for (size_t i = 0; i < count; i++) {
        struct mia_place place = {database, tiers[i],
                                  tiers[i] == MIA_TIER_ARCHIVE ? "2023-Q4" : NULL};
        copies += is_at(b, place, table, id);
    }
    return copies;
}

static void check(const char *path, enum layout layout)
{
    struct base base = {.layout = layout};
    struct coordinator_bench b = {.c = open_base(path, &base)};
    assert_found(&b, MIA_KIND_SUMMARY, "s1"); /* opens what is opened late */
    assert_int_equal(copies(&b, MIA_DATABASE_CONVERSATIONS, MIA_TABLE_NODES, "m1"), 1);
    assert_int_equal(copies(&b, MIA_DATABASE_EMBEDDINGS, MIA_TABLE_EMBEDDINGS, "v1"), 1);
    assert_int_equal(copies(&b, MIA_DATABASE_KNOWLEDGE, MIA_TABLE_NODES, "n1"), 1);
    assert_int_equal(copies(&b, MIA_DATABASE_SUMMARIES, MIA_TABLE_NODES, "s1"), 1);
    assert_null(strstr(base.log, "cannot"));
    assert_all_sound(&b);
    change(b.c); /* and it goes on */
    assert_int_equal(copies(&b, MIA_DATABASE_CONVERSATIONS, MIA_TABLE_NODES, "m1"), 1);
    assert_true(is_at(&b, conversations(MIA_TIER_ARCHIVE, "2023-Q4"), MIA_TABLE_NODES, "m1"));
    assert_int_equal(copies(&b, MIA_DATABASE_EMBEDDINGS, MIA_TABLE_EMBEDDINGS, "v1"), 1);
    assert_int_equal(copies(&b, MIA_DATABASE_SUMMARIES, MIA_TABLE_NODES, "s1"), 1);
    assert_all_sound(&b);
    coordinator_close(&b);
}

/* False: so many commits there are not. */
static bool die_at(enum layout layout, int commit, int is_after)
{
    char folder[TEST_PATH], path[TEST_PATH], argument[64];
    struct base base = {.layout = layout};
    test_folder_make(folder);
    test_path(path, folder, "base");
    mia_coordinator *c = open_base(path, &base);
    prepare(c);
    OK(mia_coordinator_close(c, ERR));
    snprintf(argument, sizeof argument, "%d %d %d", (int)layout, commit, is_after);
    int code = test_run("changer", path, argument);
    assert_true(code == 0 || code == -SIGKILL);
    check(path, layout);
    test_folder_remove(folder);
    return code != 0;
}

static void die_at_all(enum layout layout)
{
    int commit = 1;
    for (; die_at(layout, commit, 0); commit++)
        assert_true(die_at(layout, commit, 1));
    print_message("%s: killed at %d commits, before and behind each\n", layout_names[layout],
                  commit - 1);
    assert_true(commit > 12);
}

static void mdbx_survives(void **state)
{
    (void)state;
    die_at_all(ON_MDBX);
}

static void sled_survives(void **state)
{
    (void)state;
    bench_needs(mia_engine_sled() != NULL);
    die_at_all(ON_SLED);
}

static void mixture_survives(void **state)
{
    (void)state;
    bench_needs(mia_engine_sled() != NULL);
    die_at_all(MIXED);
}

int main(int argc, char **argv)
{
    static const struct test_role roles[] = {{"changer", change_and_die}};
    int code;
    if (test_role(argc, argv, roles, LENGTH(roles), &code))
        return code;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mdbx_survives),
        cmocka_unit_test(sled_survives),
        cmocka_unit_test(mixture_survives),
    };
    return cmocka_run_group_tests_name("coordinator_crash", tests, NULL, NULL);
}
