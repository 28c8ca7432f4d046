/*
 * The machine stops at any moment of a migration, a repair, a cutover, a rollback, a finish:
 * whatever is on the disk then, the command that goes on comes to the right end, and nothing wrong
 * stands under a name that somebody reads.
 *
 * MIA_CRASH_STATES=n: so many states are looked for, over all; some moments have fewer, and about
 * four in ten are found. MIA_TEST_SEED: others. MIA_CRASH_DEED: only what is called so.
 * tools/crash.sh goes on with fresh seeds for as long as it is told to.
 */
#include "crash/explore.h"
#include "engine/internal.h"
#include "support/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STATES = 800 };
#else
enum { STATES = 4200 };
#endif

/* The background sync of lazy databases comes often, so that records of small databases have it. */
mia_status __real_mia__flusher_start(mia_db *db, uint32_t interval_ms, struct mia_error *err);
mia_status __wrap_mia__flusher_start(mia_db *db, uint32_t interval_ms, struct mia_error *err);
mia_status __wrap_mia__flusher_start(mia_db *db, uint32_t interval_ms, struct mia_error *err)
{
    (void)interval_ms;
    return __real_mia__flusher_start(db, 2, err);
}

static bool is_wanted(const struct deed *deed)
{
    const char *wanted = getenv("MIA_CRASH_DEED");
    return wanted == NULL || wanted[0] == '\0' || strcmp(wanted, deed->name) == 0;
}

static void explore_all(struct site *s, const struct deed *deeds, uint64_t states)
{
    uint64_t seed = test_seed(), all = 0, bad = 0;
    for (const struct deed *deed = deeds; deed->name != NULL; deed++) {
        struct explored e;
        if (!is_wanted(deed))
            continue;
        explore(s, deed, states, seed, &e);
        print_message("%s: %" PRIu64 " states at %" PRIu64 " moments, %" PRIu64
                      " times stopped again, %" PRIu64 " bad\n",
                      deed->name, e.states, e.moments, e.chained, e.bad);
        all += e.states;
        bad += e.bad;
    }
    print_message("%" PRIu64 " different states\n", all);
    assert_true(all > states / 2 || getenv("MIA_CRASH_DEED") != NULL); /* else it is blind */
    assert_int_equal(bad, 0);
}

static uint64_t share(int deeds)
{
    return test_setting("MIA_CRASH_STATES", STATES) / (uint64_t)deeds;
}

static void one_database(void **state)
{
    explore_all(*state, deeds_of_one, share(9));
}

static void a_repair(void **state)
{
    explore_all(*state, deeds_of_repair, share(18));
}

static void a_whole_base(void **state)
{
    explore_all(*state, deeds_of_all, share(18));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_database, site_open, site_close),
        cmocka_unit_test_setup_teardown(a_repair, site_open, site_close),
        cmocka_unit_test_setup_teardown(a_whole_base, site_open, site_close),
    };
    return test_run_group("crash", tests, LENGTH(tests));
}
