/* Every rule of mia/engine.h and mia/db.h, on every engine. */
#include "engine/suite.h"
#include "support/process.h"

#include <assert.h>
#include <stdio.h>

/* libmdbx 0.13 does not free the 16 bytes that it keeps for a table with the empty name. */
MIA_API const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:dbi_open_locked\n";
}

/* A case, and the engine that it is to run on. */
struct planned {
    const struct test_engine *engine;
    engine_case *run;
    char name[100];
    struct bench bench;
};

static int open_bench(void **state)
{
    struct bench *b = &((struct planned *)*state)->bench;
    struct mia_db_options opt = bench_options();
    b->engine = ((struct planned *)*state)->engine;
    test_folder_make(b->folder);
    test_path(b->path, b->folder, "db");
    OK(mia_db_open(b->engine->ops, b->path, &opt, &b->db, ERR));
    return 0;
}

/* A case ends all its transactions. */
static void run_case(void **state)
{
    struct planned *planned = *state;
    void *bench = &planned->bench;
    planned->run(&bench);
    OK(mia_db_close(planned->bench.db, ERR));
    planned->bench.db = NULL;
}

/* Of a case that failed the database may stay open: it cannot be closed with its transactions. */
static int close_bench(void **state)
{
    struct bench *b = &((struct planned *)*state)->bench;
    mia_db_close(b->db, NULL);
    test_folder_remove(b->folder);
    return 0;
}

static void not_in_this_build(void **state)
{
    (void)state;
    skip();
}

static int run(const struct test_engine *engine)
{
    enum { MOST = 200 }; /* room for more cases than there are */
    static struct planned planned[MOST];
    static struct CMUnitTest tests[MOST];
    const struct engine_cases all[] = {
        cases_of_pairs(),   cases_of_trees(),       cases_of_transactions(),
        cases_of_opening(), cases_of_cursors(),     cases_of_prefixes(),
        cases_of_batches(), cases_of_multi_trees(), cases_of_multi_cursors(),
        cases_of_misuse(),
    };
    size_t count = 0;
    for (size_t i = 0; i < LENGTH(all) && engine->ops != NULL; i++)
        for (size_t j = 0; j < all[i].count; j++, count++) {
            assert(count < MOST);
            const struct CMUnitTest *test = &all[i].cases[j];
            struct planned *p = &planned[count];
            *p = (struct planned){.engine = engine, .run = test->test_func};
            snprintf(p->name, sizeof p->name, "%s: engine/%s", engine->name, test->name);
            tests[count] = (struct CMUnitTest){p->name, run_case, open_bench, close_bench, p};
        }
    if (engine->ops == NULL)
        tests[count++] = (struct CMUnitTest){"not in this build", not_in_this_build, 0, 0, 0};
    return test_run_group(engine->name, tests, count);
}

int main(int argc, char **argv)
{
    static const struct test_role roles[] = {{"counter", play_counter}};
    struct test_engine engines[3];
    int code, failed = 0;
    if (test_role(argc, argv, roles, LENGTH(roles), &code))
        return code;
    size_t count = test_engines(engines);
    for (size_t i = 0; i < count; i++)
        failed += run(&engines[i]);
    return failed != 0;
}
