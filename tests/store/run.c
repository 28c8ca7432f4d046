/* run.c - every case of the store's suites on every engine */
#include "store/suite.h"

#include <assert.h>
#include <stdio.h>

/* A case, and the engine that it is to run on. */
struct planned {
    const struct test_engine *engine;
    engine_case *run;
    char name[100];
    struct store_bench bench;
};

static int open_bench(void **state)
{
    struct store_bench *b = &((struct planned *)*state)->bench;
    b->engine = ((struct planned *)*state)->engine;
    test_folder_make(b->folder);
    test_path(b->path, b->folder, "db");
    store_open(b, NULL);
    return 0;
}

/* A case ends all its transactions. */
static void run_case(void **state)
{
    struct planned *planned = *state;
    void *bench = &planned->bench;
    planned->run(&bench);
    if (planned->bench.store != NULL)
        store_close(&planned->bench);
}

static int close_bench(void **state)
{
    struct store_bench *b = &((struct planned *)*state)->bench;
    mia_store_close(b->store, NULL);
    test_folder_remove(b->folder);
    return 0;
}

static int run_on(const struct test_engine *engine, const struct store_suite *suites, size_t many)
{
    enum { MOST = 200 }; /* room for more cases than there are */
    static struct planned planned[MOST];
    static struct CMUnitTest tests[MOST];
    size_t count = 0;
    for (size_t i = 0; i < many; i++)
        for (size_t j = 0; j < suites[i].cases.count; j++, count++) {
            assert(count < MOST);
            const struct CMUnitTest *test = &suites[i].cases.cases[j];
            struct planned *p = &planned[count];
            *p = (struct planned){.engine = engine, .run = test->test_func};
            snprintf(p->name, sizeof p->name, "%s: %s/%s", engine->name, suites[i].name,
                     test->name);
            tests[count] = (struct CMUnitTest){p->name, run_case, open_bench, close_bench, p};
        }
    return test_run_group(engine->name, tests, count);
}

int store_run(const struct store_suite *suites, size_t count)
{
    struct test_engine engines[3];
    int failed = 0;
    size_t known = test_engines(engines);
    for (size_t i = 0; i < known; i++)
        if (engines[i].ops != NULL)
            failed += run_on(&engines[i], suites, count);
    return failed;
}
