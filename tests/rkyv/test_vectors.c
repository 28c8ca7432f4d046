/* test_vectors.c - the recorded records both ways, cut at every byte, and with every byte changed
 */
#include "rkyv/check.h"
#include "rkyv/judge.h"
#include "rkyv/vectors.h"
#include "support/check.h"

#include <stdlib.h>

static void vectors_hold_both_ways(void **state)
{
    (void)state;
    size_t count;
    struct test_vector *vectors = test_vectors_load(&count);
    struct mia__transcoder transcoder = {0};
    struct mia__transcoded record;
    struct mia__buf out = {0};
    for (size_t i = 0; i < count; i++) {
        const struct test_vector *v = &vectors[i];
        out.size = 0;
        OK(mia__transcode(&transcoder, v->table, v->bincode, &out, &record, ERR));
        assert_bytes(mia__buf_slice(&out), v->archive);
        OK(mia__archive_check(v->table, v->archive, ERR));
        out.size = 0;
        OK(mia__transcode_back(&transcoder, v->table, v->archive, &out, ERR));
        assert_bytes(mia__buf_slice(&out), v->bincode);
    }
    mia__transcoder_free(&transcoder);
    mia__buf_free(&out);
    test_vectors_free(vectors, count);
}

static void every_truncation_has_a_verdict(void **state)
{
    (void)state;
    size_t count;
    struct test_vector *vectors = test_vectors_load(&count);
    struct test_judge archives = {0}, values = {0};
    for (size_t i = 0; i < count; i++) {
        const struct test_vector *v = &vectors[i];
        size_t step = v->archive.size > 1000 ? 97 : 1;
        for (size_t size = 0; size < v->archive.size; size += step) {
            mia_slice front = test_copy(v->archive.data, size);
            mia_slice back =
                test_copy((const uint8_t *)v->archive.data + v->archive.size - size, size);
            test_judge_archive(&archives, v->table, front);
            test_judge_archive(&archives, v->table, back);
            free((void *)(uintptr_t)front.data);
            free((void *)(uintptr_t)back.data);
        }
        for (size_t size = 0; size < v->bincode.size; size += step) {
            mia_slice front = test_copy(v->bincode.data, size);
            test_judge_bincode(&values, v->table, front);
            free((void *)(uintptr_t)front.data);
        }
    }
    print_message("archives: %zu accepted, %zu refused\n", archives.accepted, archives.refused);
    assert_true(archives.refused > 10 * archives.accepted);
    assert_int_equal(values.accepted, 0); /* a record has no beginning that is one */
    test_judge_free(&archives);
    test_judge_free(&values);
    test_vectors_free(vectors, count);
}

/* Every byte becomes each of these, and in small values everything. */
static void change_each_byte(struct test_judge *j, enum mia__table table, mia_slice original,
                             void (*judge)(struct test_judge *, enum mia__table, mia_slice))
{
    mia_slice copy = test_copy(original.data, original.size);
    uint8_t *bytes = (uint8_t *)(uintptr_t)copy.data;
    size_t step = copy.size > 150 ? copy.size / 100 : 1;
    for (size_t at = 0; at < copy.size; at += step) {
        const uint8_t was = bytes[at];
        const uint8_t others[] = {0,
                                  1,
                                  0x7f,
                                  0x80,
                                  0xff,
                                  0xfb,
                                  0xfd,
                                  (uint8_t)(was + 1),
                                  (uint8_t)(was - 1),
                                  (uint8_t)(was ^ 0x10)};
        size_t choices = copy.size <= 64 ? 256 : LENGTH(others);
        for (size_t n = 0; n < choices; n++) {
            bytes[at] = choices == 256 ? (uint8_t)n : others[n];
            judge(j, table, copy);
        }
        bytes[at] = was;
    }
    free(bytes);
}

static void every_changed_byte_has_a_verdict(void **state)
{
    (void)state;
    size_t count;
    struct test_vector *vectors = test_vectors_load(&count);
    struct test_judge archives = {0}, values = {0};
    for (size_t i = 0; i < count; i++) {
        change_each_byte(&archives, vectors[i].table, vectors[i].archive, test_judge_archive);
        change_each_byte(&values, vectors[i].table, vectors[i].bincode, test_judge_bincode);
    }
    print_message("archives: %zu accepted, %zu refused; values: %zu accepted, %zu refused\n",
                  archives.accepted, archives.refused, values.accepted, values.refused);
    assert_true(archives.accepted > 1000 && archives.refused > 1000);
    assert_true(values.accepted > 1000 && values.refused > 1000);
    test_judge_free(&archives);
    test_judge_free(&values);
    test_vectors_free(vectors, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_hold_both_ways),
        cmocka_unit_test(every_truncation_has_a_verdict),
        cmocka_unit_test(every_changed_byte_has_a_verdict),
    };
    return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
