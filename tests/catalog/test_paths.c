/* test_paths.c - MIA's databases and tiers, and the directories they lie in */
#include "catalog/base.h"
#include "mia/catalog.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

enum { DATABASES = MIA_DATABASE_MODEL_CACHE + 1, TIERS = MIA_TIER_MONTHLY + 1 };

static const enum mia_database no_database = (enum mia_database)DATABASES;
static const enum mia_tier no_tier = (enum mia_tier)TIERS;

#define assert_path(base, database, tier, quarter, expected)                                       \
    do {                                                                                           \
        char got[512];                                                                             \
        OK(mia_database_path(base, database, tier, quarter, got, sizeof got, ERR));                \
        assert_string_equal(got, expected);                                                        \
    } while (0)

static void table(void **state)
{
    (void)state;
    static const struct {
        enum mia_database database;
        enum mia_tier tier;
        const char *quarter, *path;
    } rows[] = {
        {MIA_DATABASE_CONVERSATIONS, MIA_TIER_NONE, NULL, "/b/conversations"},
        {MIA_DATABASE_CONVERSATIONS, MIA_TIER_ACTIVE, NULL, "/b/conversations/active"},
        {MIA_DATABASE_CONVERSATIONS, MIA_TIER_RECENT, NULL, "/b/conversations/recent"},
        {MIA_DATABASE_CONVERSATIONS, MIA_TIER_ARCHIVE, NULL, "/b/conversations/archive"},
        {MIA_DATABASE_CONVERSATIONS, MIA_TIER_ARCHIVE, "2024-Q1",
         "/b/conversations/archive/2024-Q1"},
        {MIA_DATABASE_KNOWLEDGE, MIA_TIER_NONE, NULL, "/b/knowledge"},
        {MIA_DATABASE_KNOWLEDGE, MIA_TIER_ACTIVE, NULL, "/b/knowledge/active"},
        {MIA_DATABASE_KNOWLEDGE, MIA_TIER_STABLE, NULL, "/b/knowledge/stable"},
        {MIA_DATABASE_KNOWLEDGE, MIA_TIER_INFERRED, NULL, "/b/knowledge/inferred"},
        {MIA_DATABASE_EMBEDDINGS, MIA_TIER_NONE, NULL, "/b/embeddings"},
        {MIA_DATABASE_EMBEDDINGS, MIA_TIER_ACTIVE, NULL, "/b/embeddings/active"},
        {MIA_DATABASE_EMBEDDINGS, MIA_TIER_RECENT, NULL, "/b/embeddings/recent"},
        {MIA_DATABASE_EMBEDDINGS, MIA_TIER_ARCHIVE, NULL, "/b/embeddings/archive"},
        {MIA_DATABASE_EMBEDDINGS, MIA_TIER_ARCHIVE, "-9999-Q4", "/b/embeddings/archive/-9999-Q4"},
        {MIA_DATABASE_SUMMARIES, MIA_TIER_NONE, NULL, "/b/summaries"},
        {MIA_DATABASE_SUMMARIES, MIA_TIER_SESSION, NULL, "/b/summaries/session"},
        {MIA_DATABASE_SUMMARIES, MIA_TIER_DAILY, NULL, "/b/summaries/daily"},
        {MIA_DATABASE_SUMMARIES, MIA_TIER_WEEKLY, NULL, "/b/summaries/weekly"},
        {MIA_DATABASE_SUMMARIES, MIA_TIER_MONTHLY, NULL, "/b/summaries/monthly"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        assert_path("/b", rows[i].database, rows[i].tier, rows[i].quarter, rows[i].path);
}

static void a_database_without_tiers_ignores_them(void **state)
{
    (void)state;
    static const struct {
        enum mia_database database;
        const char *path;
    } rows[] = {
        {MIA_DATABASE_TOOL_RESULTS, "/b/tool-results"},
        {MIA_DATABASE_EXPERIENCE, "/b/experience"},
        {MIA_DATABASE_META, "/b/meta"},
        {MIA_DATABASE_MODEL_CACHE, "/b/model-cache"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        for (int tier = 0; tier < TIERS; tier++) {
            assert_path("/b", rows[i].database, (enum mia_tier)tier, NULL, rows[i].path);
            assert_path("/b", rows[i].database, (enum mia_tier)tier, "2024-Q1", rows[i].path);
        }
}

/* MIA: a tier that a database has not stands for the database's own directory, without a word.
 * Here every such pair is an error that names both, every other one a path. */
static void d07(void **state)
{
    (void)state;
    size_t refused = 0;
    for (int d = 0; d < DATABASES; d++)
        for (int t = 1; t < TIERS; t++) {
            enum mia_database database = (enum mia_database)d;
            enum mia_tier tier = (enum mia_tier)t, own[MIA_DATABASE_TIERS_MOST];
            char path[64] = "old";
            if (mia_database_tiers(database, own) == 0 || mia_database_has_tier(database, tier)) {
                OK(mia_database_path("b", database, tier, NULL, path, sizeof path, ERR));
                continue;
            }
            ANSWERS(mia_database_path("b", database, tier, NULL, path, sizeof path, ERR),
                    MIA_ERR_INVALID);
            assert_string_equal(path, "");
            assert_non_null(strstr(ERR->message, mia_database_name(database)));
            assert_non_null(strstr(ERR->message, mia_tier_name(tier)));
            refused++;
        }
    assert_int_equal(refused, 4 * (TIERS - 1) - (3 + 3 + 3 + 4));

    char path[64];
    ANSWERS(mia_database_path("b", MIA_DATABASE_CONVERSATIONS, MIA_TIER_STABLE, NULL, path,
                              sizeof path, ERR),
            MIA_ERR_INVALID);
    assert_string_equal(
        ERR->message,
        "database 'conversations' has no tier 'stable' (4): it has active, recent, archive");
}

static void what_is_no_path_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *base;
        int database, tier;
        const char *quarter;
    } rows[] = {
        {NULL, MIA_DATABASE_META, MIA_TIER_NONE, NULL},
        {"", MIA_DATABASE_META, MIA_TIER_NONE, NULL},
        {"b", DATABASES, MIA_TIER_NONE, NULL},
        {"b", -1, MIA_TIER_NONE, NULL},
        {"b", MIA_DATABASE_KNOWLEDGE, TIERS, NULL},
        {"b", MIA_DATABASE_KNOWLEDGE, -1, NULL},
        {"b", MIA_DATABASE_CONVERSATIONS, MIA_TIER_ACTIVE, "2024-Q1"},
        {"b", MIA_DATABASE_CONVERSATIONS, MIA_TIER_NONE, "2024-Q1"},
        {"b", MIA_DATABASE_CONVERSATIONS, MIA_TIER_ARCHIVE, ""},
        {"b", MIA_DATABASE_CONVERSATIONS, MIA_TIER_ARCHIVE, "2024-Q5"},
        {"b", MIA_DATABASE_CONVERSATIONS, MIA_TIER_ARCHIVE, "../active"},
        {"b", MIA_DATABASE_CONVERSATIONS, MIA_TIER_ARCHIVE,
         "a very long name that is no quarter, longer than the message would care to show"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char path[128] = "old";
        ANSWERS(mia_database_path(rows[i].base, (enum mia_database)rows[i].database,
                                  (enum mia_tier)rows[i].tier, rows[i].quarter, path, sizeof path,
                                  ERR),
                MIA_ERR_INVALID);
        assert_string_equal(path, "");
        assert_int_equal(mia_database_path(rows[i].base, (enum mia_database)rows[i].database,
                                           (enum mia_tier)rows[i].tier, rows[i].quarter, path,
                                           sizeof path, NULL),
                         MIA_ERR_INVALID);
    }
    ANSWERS(mia_database_path("b", MIA_DATABASE_META, MIA_TIER_NONE, NULL, NULL, 0, ERR),
            MIA_ERR_INVALID);
}

static void a_base_ends_with_a_slash_or_not(void **state)
{
    (void)state;
    assert_path("/", MIA_DATABASE_META, MIA_TIER_NONE, NULL, "/meta");
    assert_path("a/", MIA_DATABASE_KNOWLEDGE, MIA_TIER_STABLE, NULL, "a/knowledge/stable");
    assert_path(".", MIA_DATABASE_META, MIA_TIER_NONE, NULL, "./meta");
    assert_path("\u00e9 \\", MIA_DATABASE_META, MIA_TIER_NONE, NULL, "\u00e9 \\/meta");
}

/* No slack behind the room: a sanitizer sees a byte too far. */
static void a_path_fits_exactly_or_is_refused(void **state)
{
    (void)state;
    static const char expected[] = "base/conversations/archive/-9999-Q4";
    for (size_t size = 0; size <= sizeof expected + 1; size++) {
        char *path = malloc(size + (size == 0));
        assert_non_null(path);
        mia_status status = size < sizeof expected ? MIA_ERR_TOO_LONG : MIA_OK;
        ANSWERS(mia_database_path("base", MIA_DATABASE_CONVERSATIONS, MIA_TIER_ARCHIVE, "-9999-Q4",
                                  path, size, ERR),
                status);
        if (size > 0)
            assert_string_equal(path, status == MIA_OK ? expected : "");
        free(path);
    }
    assert_true(sizeof expected <= strlen("base") + MIA_DATABASE_PATH_MORE);

    char *base = malloc(100001), *path = malloc(100000 + MIA_DATABASE_PATH_MORE);
    assert_non_null(base);
    assert_non_null(path);
    memset(base, 'x', 100000);
    base[100000] = '\0';
    ANSWERS(mia_database_path(base, MIA_DATABASE_META, MIA_TIER_NONE, NULL, path, 100000, ERR),
            MIA_ERR_TOO_LONG);
    OK(mia_database_path(base, MIA_DATABASE_EMBEDDINGS, MIA_TIER_ARCHIVE, "-9999-Q4", path,
                         100000 + MIA_DATABASE_PATH_MORE, ERR));
    assert_string_equal(path + 100000, "/embeddings/archive/-9999-Q4");
    free(base);
    free(path);
}

static void classes(void **state)
{
    (void)state;
    static const char *const expected[DATABASES] = {
        [MIA_DATABASE_CONVERSATIONS] = "source", [MIA_DATABASE_KNOWLEDGE] = "derived",
        [MIA_DATABASE_EMBEDDINGS] = "derived",   [MIA_DATABASE_TOOL_RESULTS] = "external",
        [MIA_DATABASE_EXPERIENCE] = "source",    [MIA_DATABASE_SUMMARIES] = "derived",
        [MIA_DATABASE_META] = "index",           [MIA_DATABASE_MODEL_CACHE] = "",
    };
    for (int i = -1; i <= DATABASES; i++) {
        enum mia_database d = (enum mia_database)i;
        const char *class = i >= 0 && i < DATABASES ? expected[i] : "";
        assert_int_equal(mia_database_is_source(d), strcmp(class, "source") == 0);
        assert_int_equal(mia_database_is_derived(d), strcmp(class, "derived") == 0);
        assert_int_equal(mia_database_is_external(d), strcmp(class, "external") == 0);
        assert_int_equal(mia_database_is_index(d), strcmp(class, "index") == 0);
    }
}

static void temperatures(void **state)
{
    (void)state;
    static const char *const expected[TIERS] = {
        [MIA_TIER_NONE] = "",        [MIA_TIER_ACTIVE] = "hot", [MIA_TIER_RECENT] = "warm",
        [MIA_TIER_ARCHIVE] = "cold", [MIA_TIER_STABLE] = "hot", [MIA_TIER_INFERRED] = "cold",
        [MIA_TIER_SESSION] = "hot",  [MIA_TIER_DAILY] = "warm", [MIA_TIER_WEEKLY] = "cold",
        [MIA_TIER_MONTHLY] = "cold",
    };
    for (int i = -1; i <= TIERS; i++) {
        enum mia_tier t = (enum mia_tier)i;
        const char *temperature = i >= 0 && i < TIERS ? expected[i] : "";
        assert_int_equal(mia_tier_is_hot(t), strcmp(temperature, "hot") == 0);
        assert_int_equal(mia_tier_is_warm(t), strcmp(temperature, "warm") == 0);
        assert_int_equal(mia_tier_is_cold(t), strcmp(temperature, "cold") == 0);
    }
}

static void default_tiers(void **state)
{
    (void)state;
    static const struct {
        enum mia_database database;
        size_t count;
        enum mia_tier tiers[MIA_DATABASE_TIERS_MOST];
    } rows[] = {
        {MIA_DATABASE_CONVERSATIONS, 3, {MIA_TIER_ACTIVE, MIA_TIER_RECENT, MIA_TIER_ARCHIVE}},
        {MIA_DATABASE_KNOWLEDGE, 3, {MIA_TIER_ACTIVE, MIA_TIER_STABLE, MIA_TIER_INFERRED}},
        {MIA_DATABASE_EMBEDDINGS, 3, {MIA_TIER_ACTIVE, MIA_TIER_RECENT, MIA_TIER_ARCHIVE}},
        {MIA_DATABASE_TOOL_RESULTS, 0, {MIA_TIER_NONE}},
        {MIA_DATABASE_EXPERIENCE, 0, {MIA_TIER_NONE}},
        {MIA_DATABASE_SUMMARIES,
         4,
         {MIA_TIER_SESSION, MIA_TIER_DAILY, MIA_TIER_WEEKLY, MIA_TIER_MONTHLY}},
        {MIA_DATABASE_META, 0, {MIA_TIER_NONE}},
        {MIA_DATABASE_MODEL_CACHE, 0, {MIA_TIER_NONE}},
        {(enum mia_database)DATABASES, 0, {MIA_TIER_NONE}},
        {(enum mia_database) - 1, 0, {MIA_TIER_NONE}},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        enum mia_tier tiers[MIA_DATABASE_TIERS_MOST];
        memset(tiers, 0xff, sizeof tiers);
        assert_int_equal(mia_database_tiers(rows[i].database, tiers), rows[i].count);
        assert_memory_equal(tiers, rows[i].tiers, sizeof tiers);
        for (int t = -1; t <= TIERS; t++) {
            bool is_there = false;
            for (size_t j = 0; j < rows[i].count; j++)
                is_there |= t == (int)rows[i].tiers[j];
            assert_int_equal(mia_database_has_tier(rows[i].database, (enum mia_tier)t), is_there);
        }
    }
}

static void names_are_found_again(void **state)
{
    (void)state;
    enum mia_database database;
    enum mia_tier tier;
    for (int i = 0; i < DATABASES; i++) {
        const char *name = mia_database_name((enum mia_database)i);
        assert_true(mia_database_find(mia_str_of(name), &database));
        assert_int_equal(database, i);
        assert_false(mia_database_find((mia_str){name, strlen(name) - 1}, &database));
        assert_false(mia_database_find((mia_str){name, strlen(name) + 1}, &database));
        assert_int_equal(database, 0);
    }
    for (int i = 0; i < TIERS; i++) {
        assert_true(mia_tier_find(mia_str_of(mia_tier_name((enum mia_tier)i)), &tier));
        assert_int_equal(tier, i);
    }
    assert_true(mia_tier_find((mia_str){0}, &tier));
    assert_int_equal(tier, MIA_TIER_NONE);

    assert_string_equal(mia_database_name(MIA_DATABASE_TOOL_RESULTS), "tool-results");
    assert_string_equal(mia_database_name(no_database), "?");
    assert_string_equal(mia_tier_name(no_tier), "?");
    static const char *const foreign[] = {"?", "Active", "tool_results", "active ", "none"};
    for (size_t i = 0; i < LENGTH(foreign); i++) {
        assert_false(mia_database_find(mia_str_of(foreign[i]), &database));
        assert_false(mia_tier_find(mia_str_of(foreign[i]), &tier));
    }
    assert_false(mia_database_find((mia_str){0}, &database));
}

/* ---------------------------------------------------------------- the default base */

/* What get_variable knows; NULL: not set. */
static const char *test_dir, *appdata, *xdg, *home;

static char *get_variable(const char *name)
{
    const char *value = strcmp(name, "TABAGENT_TEST_DIR") == 0 ? test_dir
                        : strcmp(name, "APPDATA") == 0         ? appdata
                        : strcmp(name, "XDG_DATA_HOME") == 0   ? xdg
                        : strcmp(name, "HOME") == 0            ? home
                                                               : NULL;
    return (char *)(uintptr_t)value;
}

#define UNIX MIA__PLATFORM_UNIX
#define MACOS MIA__PLATFORM_MACOS
#define WIN MIA__PLATFORM_WINDOWS

static void every_platform_has_its_base(void **state)
{
    (void)state;
    static const struct {
        enum mia__platform platform;
        const char *test_dir, *appdata, *xdg, *home, *base;
    } rows[] = {
        {UNIX, "/t", "/a", "/x", "/h", "/t/db"},
        {UNIX, "/t/", NULL, NULL, NULL, "/t/db"},
        {UNIX, "", "/a", "/x", "/h", "db"},
        {UNIX, NULL, "/a", "/x", "/h", "/x/TabAgent/db"},
        {UNIX, NULL, "/a", "/x/", "/h", "/x/TabAgent/db"},
        {UNIX, NULL, "/a", "", "/h", "/h/.local/share/TabAgent/db"},
        {UNIX, NULL, "/a", NULL, "/h", "/h/.local/share/TabAgent/db"},
        {UNIX, NULL, "/a", NULL, "/", "/.local/share/TabAgent/db"},
        {UNIX, NULL, "/a", NULL, "", "./TabAgent/db"},
        {UNIX, NULL, "/a", NULL, NULL, "./TabAgent/db"},
        {MACOS, "/t", "/a", "/x", "/h", "/t/db"},
        {MACOS, NULL, "/a", "/x", "/h", "/h/Library/Application Support/TabAgent/db"},
        {MACOS, NULL, "/a", "/x", "", "./TabAgent/db"},
        {MACOS, NULL, "/a", "/x", NULL, "./TabAgent/db"},
        {WIN, "D:\\t", "C:\\a", "/x", "/h", "D:\\t\\db"},
        {WIN, "D:\\", "C:\\a", "/x", "/h", "D:\\db"},
        {WIN, "D:/", "C:\\a", "/x", "/h", "D:/db"},
        {WIN, NULL, "C:\\a", "/x", "/h", "C:\\a\\TabAgent\\db"},
        {WIN, NULL, "", "/x", "/h", ".\\TabAgent\\db"},
        {WIN, NULL, NULL, "/x", "/h", ".\\TabAgent\\db"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char base[64];
        test_dir = rows[i].test_dir;
        appdata = rows[i].appdata;
        xdg = rows[i].xdg;
        home = rows[i].home;
        size_t length = mia__default_base(rows[i].platform, get_variable, base, sizeof base);
        assert_string_equal(base, rows[i].base);
        assert_int_equal(length, strlen(base));
    }
}

static void set_variable(const char *name, const char *value)
{
    assert_int_equal(value != NULL ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void the_base_follows_the_environment(void **state)
{
    (void)state;
    char base[64];
    set_variable("TABAGENT_TEST_DIR", "/somewhere else");
    set_variable("XDG_DATA_HOME", "/x");
    set_variable("HOME", "/h");
    assert_int_equal(mia_default_base(base, sizeof base), 18);
    assert_string_equal(base, "/somewhere else/db");
    set_variable("TABAGENT_TEST_DIR", NULL);
    if (MIA__PLATFORM == MIA__PLATFORM_UNIX) {
        mia_default_base(base, sizeof base);
        assert_string_equal(base, "/x/TabAgent/db");
        set_variable("XDG_DATA_HOME", "");
        mia_default_base(base, sizeof base);
        assert_string_equal(base, "/h/.local/share/TabAgent/db");
        set_variable("HOME", NULL);
        mia_default_base(base, sizeof base);
        assert_string_equal(base, "./TabAgent/db");
    }
}

static void a_base_is_never_cut(void **state)
{
    (void)state;
    set_variable("TABAGENT_TEST_DIR", "/test");
    assert_int_equal(mia_default_base(NULL, 0), strlen("/test/db"));
    for (size_t size = 1; size <= sizeof "/test/db" + 1; size++) {
        char *base = malloc(size);
        assert_non_null(base);
        assert_int_equal(mia_default_base(base, size), strlen("/test/db"));
        assert_string_equal(base, size < sizeof "/test/db" ? "" : "/test/db");
        free(base);
    }
    set_variable("TABAGENT_TEST_DIR", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(a_database_without_tiers_ignores_them),
        {"defects/d07", d07, NULL, NULL, NULL},
        cmocka_unit_test(what_is_no_path_is_refused),
        cmocka_unit_test(a_base_ends_with_a_slash_or_not),
        cmocka_unit_test(a_path_fits_exactly_or_is_refused),
        cmocka_unit_test(classes),
        cmocka_unit_test(temperatures),
        cmocka_unit_test(default_tiers),
        cmocka_unit_test(names_are_found_again),
        cmocka_unit_test(every_platform_has_its_base),
        cmocka_unit_test(the_base_follows_the_environment),
        cmocka_unit_test(a_base_is_never_cut),
    };
    return test_run_group("paths", tests, LENGTH(tests));
}
