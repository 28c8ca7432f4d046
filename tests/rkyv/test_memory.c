/* test_memory.c - how often transcoding and checking ask for memory (the linker's --wrap counts) */
#include "rkyv/check.h"
#include "rkyv/transcode.h"
#include "rkyv/vectors.h"
#include "support/check.h"

static uint64_t calls;

#define WRAP(name, parameters, arguments)                                                          \
    void *__real_##name parameters;                                                                \
    void *__wrap_##name parameters;                                                                \
    void *__wrap_##name parameters                                                                 \
    {                                                                                              \
        calls++;                                                                                   \
        return __real_##name arguments;                                                            \
    }

WRAP(mia__alloc, (size_t size), (size))
WRAP(mia__alloc_zero, (size_t size), (size))
WRAP(mia__realloc, (void *at, size_t size), (at, size))

static void nothing_is_allocated_after_the_largest(void **state)
{
    (void)state;
    size_t count;
    struct test_vector *vectors = test_vectors_load(&count);
    struct mia__transcoder transcoder = {0};
    struct mia__transcoded record;
    struct mia__buf out = {0};
    for (int round = 0; round < 3; round++) {
        calls = 0;
        for (size_t i = 0; i < count; i++) {
            const struct test_vector *v = &vectors[i];
            out.size = 0;
            OK(mia__transcode(&transcoder, v->table, v->bincode, &out, &record, ERR));
            OK(mia__archive_check(v->table, v->archive, ERR));
            OK(mia__transcode_back(&transcoder, v->table, v->archive, &out, ERR));
        }
        print_message("round %d: %llu allocations\n", round, (unsigned long long)calls);
        if (round == 0)
            assert_true(calls > 0);
        else
            assert_int_equal(calls, 0);
    }
    mia__transcoder_free(&transcoder);
    mia__buf_free(&out);
    test_vectors_free(vectors, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_allocated_after_the_largest)};
    return cmocka_run_group_tests_name("rkyv_memory", tests, NULL, NULL);
}
