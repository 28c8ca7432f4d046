/* What MIA's DatabaseCoordinator does, and what it should have done, on every engine. */
#include "coordinator/suite.h"

#include <assert.h>
#include <stdio.h>

struct planned {
    const struct test_engine *engine;
    engine_case *run;
    char name[100];
    struct coordinator_bench bench;
};

static int open_bench(void **state)
{
    struct coordinator_bench *b = &((struct planned *)*state)->bench;
    b->engine = ((struct planned *)*state)->engine;
    b->now_ms = 1705320000000; /* 2024-01-15 */
    test_folder_make(b->folder);
    test_path(b->base, b->folder, "base");
    coordinator_open(b);
    return 0;
}

static void run_case(void **state)
{
    struct planned *planned = *state;
    void *bench = &planned->bench;
    planned->run(&bench);
    assert_all_sound(&planned->bench);
    coordinator_close(&planned->bench);
}

static int close_bench(void **state)
{
    struct coordinator_bench *b = &((struct planned *)*state)->bench;
    mia_coordinator_close(b->c, NULL);
    test_folder_remove(b->folder);
    return 0;
}

static int run(const char *engine_name, const struct test_engine *engine)
{
    enum { MOST = 100 };
    static struct planned planned[MOST];
    static struct CMUnitTest tests[MOST];
    const struct engine_cases all[] = {
        cases_of_opening_a_base(), cases_of_tiers(),    cases_of_moves(),
        cases_of_lists(),          cases_of_outcomes(),
    };
    size_t count = 0;
    for (size_t i = 0; i < LENGTH(all); i++)
        for (size_t j = 0; j < all[i].count; j++, count++) {
            assert(count < MOST);
            const struct CMUnitTest *test = &all[i].cases[j];
            struct planned *p = &planned[count];
            *p = (struct planned){.engine = engine, .run = test->test_func};
            const char *suite = strchr(test->name, '/') != NULL ? "" : "coordinator/";
            snprintf(p->name, sizeof p->name, "%s: %s%s", engine_name, suite, test->name);
            tests[count] = (struct CMUnitTest){p->name, run_case, open_bench, close_bench, p};
        }
    return test_run_group(engine_name, tests, count);
}

int main(void)
{
    struct test_engine engines[3];
    int failed = 0;
    size_t count = test_engines(engines);
    for (size_t i = 0; i < count; i++)
        if (engines[i].ops != NULL)
            failed += run(engines[i].name, &engines[i]);
    if (mia_engine_sled() != NULL)
        failed += run("mixed", NULL);
    return failed != 0;
}
