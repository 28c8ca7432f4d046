/*
 * A whole base from sled to libmdbx and back, with coordinators that write before, between and
 * after. The sources are real sled databases where this build has sled, else libmdbx ones.
 */
#include "mia/coordinator.h"
#include "mia/installation.h"
#include "store/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct site {
    char folder[TEST_PATH], base[TEST_PATH], spill[TEST_PATH], root[TEST_PATH];
};

static const struct mia_engine_ops *sled_if_there(void *ctx, const struct mia_place *place)
{
    (void)ctx, (void)place;
    return mia_engine_sled(); /* NULL: what is on disk, libmdbx for new ones */
}

static mia_coordinator *open_at(const char *path, bool on_sled)
{
    mia_coordinator *c;
    struct mia_db_options db = bench_options();
    struct mia_coordinator_options opt = {
        .struct_size = sizeof opt, .db = &db, .engine = on_sled ? sled_if_there : NULL};
    OK(mia_coordinator_open(path, &opt, &c, ERR));
    return c;
}

static void close_it(mia_coordinator *c)
{
    OK(mia_coordinator_close(c, ERR));
}

static void put(mia_coordinator *c, struct mia_record record)
{
    OK(mia_coordinator_put(c, &record, ERR));
}

static void put_at(mia_coordinator *c, struct mia_place place, struct mia_record record)
{
    mia_store *store;
    OK(mia_coordinator_store(c, &place, true, &store, ERR));
    OK(mia_store_put(store, &record, ERR));
    mia_coordinator_release(c, store);
}

static const struct mia_place recent = {MIA_DATABASE_CONVERSATIONS, MIA_TIER_RECENT, NULL};

static struct mia_place archive(const char *quarter)
{
    return (struct mia_place){MIA_DATABASE_CONVERSATIONS, MIA_TIER_ARCHIVE, quarter};
}

/* As MIA leaves it: what is opened late lies in the directory above the base. */
static int make_site(void **state)
{
    struct site *site = calloc(1, sizeof *site);
    assert_non_null(site);
    *state = site;
    test_folder_make(site->folder);
    test_path(site->spill, site->folder, "db");
    test_path(site->base, site->folder, "db/tabagent_db");
    test_path(site->root, site->folder, "new");
    mia_coordinator *c = open_at(site->base, true);
    put(c, message_of("m1", "c1", "s", 1));
    put(c, chat_of("c1", "topic", 1));
    close_it(c);
    c = open_at(site->spill, true);
    put_at(c, recent, message_of("m2", "c1", "s", 2));
    put_at(c, archive("2024-Q1"), message_of("m3", "c1", "s", 3));
    close_it(c);
    for (int i = 0; i < 7; i++) { /* what that opened besides holds nothing */
        static const char *const empty[] = {"conversations/active", "knowledge",  "embeddings",
                                            "tool-results",         "experience", "meta"};
        char path[TEST_PATH];
        if (i < (int)LENGTH(empty)) {
            test_path(path, site->spill, empty[i]);
            test_folder_remove(path);
        }
    }
    return 0;
}

static int remove_site(void **state)
{
    struct site *site = *state;
    test_folder_remove(site->folder);
    free(site);
    return 0;
}

static struct mia_installation_options options(const struct site *site)
{
    return (struct mia_installation_options){.struct_size = sizeof(struct mia_installation_options),
                                             .root = site->root};
}

static uint64_t migrate(const struct site *site, mia_status expected, uint64_t done)
{
    struct mia_installation_options opt = options(site);
    struct mia_installation_report report = {.struct_size = sizeof report};
    opt.base = site->base;
    opt.spill_base = site->spill;
    ANSWERS(mia_installation_migrate(&opt, &report, ERR), expected);
    assert_int_equal(report.done, done);
    assert_true(expected != MIA_OK || report.databases == done);
    return report.already;
}

static void assert_phase(const struct site *site, enum mia_phase expected)
{
    mia_installation_status *status;
    OK(mia_installation_status_read(site->root, &status, ERR));
    assert_string_equal(mia_phase_text(mia_installation_phase(status)), mia_phase_text(expected));
    mia_installation_status_free(status);
}

static void assert_messages(mia_coordinator *c, const char *expected)
{
    char got[256] = "";
    mia_snapshot *s;
    mia_list *list;
    mia_view view;
    OK(mia_snapshot_begin(c, &s, ERR));
    OK(mia_list_messages(s, MIA_STR("c1"), NULL, &list, ERR));
    while (mia_list_next(list, &view, ERR) == MIA_OK) {
        size_t used = strlen(got);
        mia_str id = mia_view_id(view);
        snprintf(got + used, sizeof got - used, "%s%.*s", used > 0 ? " " : "", (int)id.size,
                 id.data);
    }
    mia_list_close(list);
    mia_snapshot_end(s);
    assert_string_equal(got, expected);
}

/* Eight of the base, two of the spill base. */
enum { DATABASES = 10 };

static void there_and_back(void **state)
{
    struct site *site = *state;
    struct mia_installation_options opt = options(site);
    struct mia_installation_report report = {.struct_size = sizeof report};
    migrate(site, MIA_OK, DATABASES);
    assert_phase(site, MIA_PHASE_MIGRATED);

    /* an application that is given the root works on MIA's own databases until the cutover */
    mia_coordinator *c = open_at(site->root, false);
    assert_string_equal(mia_coordinator_base(c), site->base);
    assert_messages(c, "m1 m2 m3");
    if (mia_engine_sled() != NULL) /* libmdbx lets readers in while it is written to */
        ANSWERS(mia_installation_cutover(&opt, ERR), MIA_ERR_BUSY);
    put(c, message_of("m4", "c1", "s", 4));
    close_it(c);

    /* what it wrote is missing in the copy */
    ANSWERS(mia_installation_cutover(&opt, ERR), MIA_ERR_INVALID);
    migrate(site, MIA_OK, DATABASES); /* sled writes files when it is only opened, too */
    OK(mia_installation_cutover(&opt, ERR));
    assert_phase(site, MIA_PHASE_CUT_OVER);
    ANSWERS(mia_installation_cutover(&opt, ERR), MIA_ERR_INVALID);
    migrate(site, MIA_ERR_INVALID, 0);

    c = open_at(site->root, false);
    assert_messages(c, "m1 m2 m3 m4");
    put(c, message_of("m5", "c1", "s", 5));
    put_at(c, archive("2024-Q2"), message_of("m6", "c1", "s", 6)); /* a new database */
    ANSWERS(mia_installation_rollback(&opt, &report, ERR), MIA_ERR_BUSY);
    close_it(c);

    OK(mia_installation_rollback(&opt, &report, ERR));
    assert_int_equal(report.done, DATABASES + 1);
    assert_phase(site, MIA_PHASE_RETURNED);
    if (mia_engine_sled() != NULL) { /* the real sled opens them */
        c = open_at(site->root, false);
        assert_messages(c, "m1 m2 m3 m4 m5 m6");
        close_it(c);
    }
}

static void finish_removes_what_was_in_use(void **state)
{
    struct site *site = *state;
    char path[TEST_PATH];
    struct mia_installation_options opt = options(site);
    ANSWERS(mia_installation_finish(&opt, ERR), MIA_NOTFOUND);
    migrate(site, MIA_OK, DATABASES);
    ANSWERS(mia_installation_finish(&opt, ERR), MIA_ERR_INVALID); /* it is in use */
    OK(mia_installation_cutover(&opt, ERR));
    test_path(path, site->base, "conversations/active/notes.txt");
    test_file_write(path, "mine", 4);
    ANSWERS(mia_installation_finish(&opt, ERR), MIA_ERR_INVALID); /* not the database's */
    assert_true(test_exists(path));
    remove(path);
    OK(mia_installation_finish(&opt, ERR));
    assert_phase(site, MIA_PHASE_FINISHED);
    test_path(path, site->base, "conversations/active");
    assert_false(test_exists(path));
    test_path(path, site->spill, "conversations/archive/2024-Q1");
    assert_false(test_exists(path));
    mia_coordinator *c = open_at(site->root, false);
    assert_messages(c, "m1 m2 m3");
    close_it(c);
}

static void strays_are_recognised(void **state)
{
    struct site *site = *state;
    char path[TEST_PATH];
    mia_store *store;
    struct mia_installation_options opt = options(site);
    struct mia_installation_report report = {.struct_size = sizeof report};
    opt.base = site->base;
    opt.spill_base = site->spill;
    bench_needs(mia_engine_sled() != NULL);
    test_path(path, site->spill, "conversations/archive"); /* MIA opened it on the way */
    OK(mia_store_open(mia_engine_sled(), path, NULL, &store, ERR));
    OK(mia_store_close(store, ERR));
    OK(mia_installation_migrate(&opt, &report, ERR));
    assert_int_equal(report.strays, 1);
    assert_int_equal(report.done, DATABASES);
    OK(mia_installation_cutover(&opt, ERR));
    OK(mia_installation_finish(&opt, ERR));
    assert_false(test_exists(path));
}

static void strays_with_records_are_reported(void **state)
{
    struct site *site = *state;
    char path[TEST_PATH];
    mia_store *store;
    struct mia_record message = message_of("m9", "c1", "s", 9);
    bench_needs(mia_engine_sled() != NULL);
    test_path(path, site->spill, "conversations/archive");
    OK(mia_store_open(mia_engine_sled(), path, NULL, &store, ERR));
    OK(mia_store_put(store, &message, ERR));
    OK(mia_store_close(store, ERR));
    migrate(site, MIA_ERR_INVALID, 0);
    assert_non_null(strstr(test_error.message, path));
}

/* The same database in both bases: the one with records counts, and two of those are too many. */
static void one_database_in_both_bases(void **state)
{
    struct site *site = *state;
    mia_coordinator *c = open_at(site->base, true);
    put_at(c, recent, message_of("m8", "c1", "s", 8));
    close_it(c);
    migrate(site, MIA_ERR_INVALID, 0);
    assert_non_null(strstr(test_error.message, "conversations/recent"));
}

static void new_databases_stop_a_cutover(void **state)
{
    struct site *site = *state;
    struct mia_installation_options opt = options(site);
    migrate(site, MIA_OK, DATABASES);
    mia_coordinator *c = open_at(site->base, true);
    put_at(c, archive("2020-Q1"), message_of("m0", "c1", "s", 0));
    close_it(c);
    ANSWERS(mia_installation_cutover(&opt, ERR), MIA_ERR_INVALID);
    /* sled writes files when it is only opened, too; nobody opened the late ones */
    assert_int_equal(migrate(site, MIA_OK, DATABASES + 1),
                     mia_engine_sled() != NULL ? 2 : DATABASES);
    OK(mia_installation_cutover(&opt, ERR));
}

static void wrong_uses_are_refused(void **state)
{
    struct site *site = *state;
    struct mia_installation_options opt = options(site);
    struct mia_installation_report report = {.struct_size = sizeof report};
    mia_installation_status *status;
    ANSWERS(mia_installation_status_read(site->root, &status, ERR), MIA_NOTFOUND);
    ANSWERS(mia_installation_status_read(site->folder, &status, ERR), MIA_NOTFOUND);
    ANSWERS(mia_installation_migrate(&opt, &report, ERR), MIA_ERR_INVALID); /* which base? */
    opt.base = "/does/not/exist";
    ANSWERS(mia_installation_migrate(&opt, &report, ERR), MIA_ERR_INVALID);
    opt.base = site->base;
    char inside[TEST_PATH];
    test_path(inside, site->base, "new");
    opt.root = inside;
    ANSWERS(mia_installation_migrate(&opt, &report, ERR), MIA_ERR_INVALID);
    assert_int_equal(report.failure, MIA_FAILURE_REFUSED);
    test_path(inside, site->base, "conversations/active");
    opt.root = site->root;
    opt.base = inside;
    ANSWERS(mia_installation_migrate(&opt, &report, ERR), MIA_ERR_INVALID); /* a database */
    ANSWERS(mia_installation_rollback(&opt, &report, ERR), MIA_NOTFOUND);
}

#define CASE_OF(name) cmocka_unit_test_setup_teardown(name, make_site, remove_site)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_OF(there_and_back),
        CASE_OF(finish_removes_what_was_in_use),
        CASE_OF(strays_are_recognised),
        CASE_OF(strays_with_records_are_reported),
        CASE_OF(one_database_in_both_bases),
        CASE_OF(new_databases_stop_a_cutover),
        CASE_OF(wrong_uses_are_refused),
    };
    return cmocka_run_group_tests_name("installation", tests, NULL, NULL);
}
