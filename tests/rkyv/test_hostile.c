/* test_hostile.c - archives that somebody made on purpose: each rule of rkyv/check.h broken by
 * itself */
#include "mia/model.h"
#include "model/schema.h"
#include "rkyv/check.h"
#include "rkyv/judge.h"
#include "rkyv/layout.h"
#include "support/check.h"

#include <stdio.h>

/* One archive to damage: an edge with this metadata. */
struct edge {
    mia_encoder *encoder;
    mia_slice archive;
    uint8_t *root, *map, *control;
    uint32_t len, cap;
};

static void edge_begin(struct edge *e, mia_str metadata)
{
    struct mia_record record = {
        MIA_KIND_EDGE, {.edge = {.id = MIA_STR("a long identifier"), .metadata = metadata}}};
    OK(mia_encoder_open(&e->encoder, ERR));
    OK(mia_encode_archive(e->encoder, &record, &e->archive, ERR));
    e->root = (uint8_t *)(uintptr_t)e->archive.data + e->archive.size -
              sizeof(struct mia__arch_edge_record);
    e->map = e->root + offsetof(struct mia__arch_edge_record, metadata);
    e->control = e->map + (int32_t)mia__load_u32le(e->map);
    e->len = mia__load_u32le(e->map + 4);
    e->cap = mia__load_u32le(e->map + 8);
}

/* Refused, with both parts in the message; rkyv itself would accept it, or not. */
static void expect_refused(struct edge *e, const char *where, const char *why, bool by_rkyv)
{
    ANSWERS(mia__archive_check(MIA__TABLE_EDGES, e->archive, ERR), MIA_ERR_SERIALIZATION);
    print_message("%s\n", test_error.message);
    assert_non_null(strstr(test_error.message, where));
    assert_non_null(strstr(test_error.message, why));
    mia_status rkyv = mia__archive_check_as_rkyv(MIA__TABLE_EDGES, e->archive, NULL);
    assert_int_equal(rkyv == MIA_OK, !by_rkyv);
    mia_encoder_close(e->encoder);
}

static void expect_accepted(struct edge *e)
{
    struct test_judge j = {0};
    test_judge_archive(&j, MIA__TABLE_EDGES, e->archive);
    assert_int_equal(j.accepted, 1);
    test_judge_free(&j);
    mia_encoder_close(e->encoder);
}

static const mia_str two_keys = {"{\"a\":1,\"bb\":2}", 14};

/* The bucket of the key that begins with this. */
static uint8_t *bucket_of(const struct edge *e, char first, uint32_t *number)
{
    for (uint32_t i = 0; i < e->cap; i++) {
        uint8_t *entry = e->control - (i + 1) * MIA__MAP_ENTRY;
        *number = i;
        if (e->control[i] != 0xff && (char)entry[0] == first)
            return entry;
    }
    fail_msg("no key");
    return NULL;
}

static void texts_and_pointers(void **state)
{
    (void)state;
    struct edge e;
    edge_begin(&e, two_keys);
    expect_accepted(&e);
    edge_begin(&e, two_keys);
    e.root[0] = 0x88; /* 8 bytes, which would fit the head */
    expect_refused(&e, "edge.id: at byte ", "outside its head", true);
    edge_begin(&e, two_keys);
    mia__store_u32le(e.root + 4, (uint32_t)INT32_MIN);
    expect_refused(&e, "edge.id: at byte ", "points outside", true);
    edge_begin(&e, two_keys);
    mia__store_u32le(e.root + 4, (uint32_t)INT32_MAX);
    expect_refused(&e, "edge.id: at byte ", "points outside", true);
    edge_begin(&e, two_keys);
    memcpy(e.root + 8, e.root, 8); /* from_node shares the id's text */
    mia__store_u32le(e.root + 12, mia__load_u32le(e.root + 4) - 8);
    expect_refused(&e, "edge.from_node: ", "points outside", true);
    edge_begin(&e, two_keys);
    ((uint8_t *)(uintptr_t)e.archive.data)[16] = 0xc3; /* the last byte begins a character */
    expect_refused(&e, "edge.id: ", "not UTF-8", true);
    edge_begin(&e, two_keys);
    memcpy(e.root + 16, "ab\xc3\xff\xff\xff\xff\xff", 8);
    expect_refused(&e, "edge.to_node: ", "not UTF-8", true);
    edge_begin(&e, two_keys);
    memcpy(e.root + 16, "ab\xff\xc3\x80\x80\0\0", 8); /* behind a near text is anything */
    expect_accepted(&e);
}

static void maps(void **state)
{
    (void)state;
    struct edge e;
    uint32_t n;
    edge_begin(&e, two_keys);
    assert_int_equal(e.cap, 3);
    mia__store_u32le(e.map + 4, UINT32_MAX);
    mia__store_u32le(e.map + 8, UINT32_MAX);
    expect_refused(&e, "edge.metadata: ", "buckets", true);
    edge_begin(&e, two_keys);
    mia__store_u32le(e.map + 4, 3000000000u);
    mia__store_u32le(e.map + 8, 3428571428u);
    expect_refused(&e, "edge.metadata: ", "points outside", true);
    edge_begin(&e, MIA_STR("{}")); /* S3 */
    mia__store_u32le(e.map, 2);
    expect_refused(&e, "edge.metadata: ", "empty one", false);
    edge_begin(&e, two_keys); /* S1: the very last byte */
    e.control[30] = 0x7f;
    expect_refused(&e, "edge.metadata: ", "control byte is wrong", false);
    edge_begin(&e, two_keys); /* S1: a free bucket that is marked otherwise */
    for (uint32_t i = 0; i < e.cap; i++)
        if (e.control[i] == 0xff)
            e.control[i] = e.control[e.cap + i] = 0x80;
    expect_refused(&e, "edge.metadata: ", "control byte is wrong", false);
    edge_begin(&e, two_keys); /* a copy that announces a bucket */
    e.control[e.cap] ^= 1;
    expect_refused(&e, "edge.metadata: ", "control byte is wrong", true);
    edge_begin(&e, two_keys); /* S4: the key is not where its hash leads */
    bucket_of(&e, 'a', &n)[0] = 'x';
    expect_refused(&e, "edge.metadata: ", "no lookup finds", false);
    edge_begin(&e, two_keys); /* S4: one key twice */
    uint32_t of_a, of_b;
    uint8_t *a = bucket_of(&e, 'a', &of_a), *b = bucket_of(&e, 'b', &of_b);
    memcpy(b, a, MIA__MAP_ENTRY);
    e.control[of_b] = e.control[e.cap + of_b] = e.control[of_a];
    expect_refused(&e, "edge.metadata: ", "twice", false);
    edge_begin(&e, MIA_STR("{\"\":1,\"\\u0000\":1}")); /* S6 */
    for (uint32_t i = 0; i < e.cap; i++) {
        uint8_t *entry = e.control - (i + 1) * MIA__MAP_ENTRY;
        if (e.control[i] != 0xff && entry[0] == 0)
            entry[1] = 0xff; /* two NULs become one: the hash is the same */
    }
    expect_refused(&e, "edge.metadata: ", "not alone", false);
}

/* Archives on which rkyv::access says yes and its get then leaves the buffer, or never returns:
 * large maps, of whose copies rkyv compares none. */
static void what_rkyv_is_unsound_on(void **state)
{
    (void)state;
    struct edge e;
    char text[1024] = "{";
    for (int i = 0; i < 40; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s\"key%d\":%d",
                 i > 0 ? "," : "", i, i);
    strcat(text, "}");
    edge_begin(&e, mia_str_of(text));
    assert_true(e.cap >= 33);
    uint32_t empty = 0;
    while (e.control[empty] != 0xff)
        empty++;
    if (empty < mia__map_shape(e.cap).control - e.cap)
        e.control[e.cap + empty] = 0x11; /* announces a bucket that nobody checked */
    else
        e.control[e.cap] = 0xff; /* hides one */
    expect_refused(&e, "edge.metadata: ", "control byte is wrong", false);
}

static void values(void **state)
{
    (void)state;
    static const struct {
        uint8_t tag, content[8];
        const char *why; /* NULL: accepted */
        bool by_rkyv;
    } rows[] = {
        {0, {9, 9, 9, 9, 9, 9, 9, 9}, NULL, false},
        {1, {1}, NULL, false},
        {1, {2}, "tag", true},
        {2, {0, 0, 0, 0, 0, 0, 0xef, 0x7f}, NULL, false},
        {2, {0, 0, 0, 0, 0, 0, 0xf0, 0x7f}, "finite", false}, /* S5 */
        {2, {1, 0, 0, 0, 0, 0, 0xf0, 0xff}, "finite", false},
        {3, {0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "UTF-8", true},
        {4, {0, 0, 0, 0, 1, 0, 0, 0}, "points outside", true}, /* itself */
        {4, {0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, "points outside", true},
        {5, {0, 0, 0, 0, 1, 0, 0, 0}, "buckets", true},
        {8, {0}, "tag", true},
        {0xff, {0}, "tag", true},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct edge e;
        uint32_t n;
        edge_begin(&e, two_keys);
        uint8_t *value = bucket_of(&e, 'a', &n) + MIA__ARCHIVE_STR;
        value[0] = rows[i].tag;
        memcpy(value + 1, rows[i].content, sizeof rows[i].content);
        if (rows[i].why != NULL)
            expect_refused(&e, "edge.metadata: ", rows[i].why, rows[i].by_rkyv);
        else
            expect_accepted(&e);
    }
}

/* An archive of arrays that hold nothing but the next one, as rkyv would write it. */
static void nest(struct mia__buf *archive, int depth)
{
    uint8_t value[MIA__ARCHIVE_VALUE] = {0}, root[MIA__NODE_SIZE] = {MIA_KIND_ACTION_OUTCOME};
    archive->size = 0;
    for (int i = 0; i < depth; i++) {
        OK(mia__buf_append(archive, value, sizeof value, ERR));
        value[0] = MIA_JSON_ARRAY;
        mia__store_u32le(value + 1, (uint32_t)-(int)(sizeof value + 1));
        mia__store_u32le(value + 5, 1);
    }
    size_t at = 1 + offsetof(struct mia__arch_action_outcome_record, action_args);
    memcpy(root + at, value, sizeof value);
    if (depth > 0)
        mia__store_u32le(root + at + 1, (uint32_t) - (int)(at + 1 + sizeof value));
    OK(mia__buf_append(archive, root, sizeof root, ERR));
}

static void arrays_inside_each_other(void **state)
{
    (void)state;
    static const int depths[] = {0, 1, 126, 127, 128, 1000, 160000};
    struct mia__buf archive = {0};
    struct test_judge j = {0};
    for (size_t i = 0; i < LENGTH(depths); i++) {
        nest(&archive, depths[i]);
        size_t before = j.accepted;
        test_judge_archive(&j, MIA__TABLE_NODES, mia__buf_slice(&archive));
        assert_int_equal(j.accepted - before, depths[i] <= 127);
    }
    mia__buf_free(&archive);
    test_judge_free(&j);
}

/* The deepest JSON that can be written is the deepest that can be read, in every kind of field. */
static void the_deepest_json_passes(void **state)
{
    (void)state;
    char text[256];
    struct test_judge j = {0};
    memset(text, '[', 127);
    memset(text + 127, ']', 127);
    struct mia_record records[] = {
        {MIA_KIND_ACTION_OUTCOME, {.action_outcome = {.result = {text, 254}}}},
        {MIA_KIND_EDGE, {.edge = {.metadata = {text, 254}}}},
    };
    for (size_t i = 0; i < LENGTH(records); i++) {
        mia_encoder *encoder;
        mia_slice archive;
        OK(mia_encoder_open(&encoder, ERR));
        OK(mia_encode_archive(encoder, &records[i], &archive, ERR));
        test_judge_archive(&j, (enum mia__table)mia_table_of(records[i].kind), archive);
        mia_encoder_close(encoder);
    }
    assert_int_equal(j.accepted, LENGTH(records));
    test_judge_free(&j);
}

static void roots(void **state)
{
    (void)state;
    static const struct {
        enum mia__table table;
        size_t size;
        uint8_t tag;
        const char *message;
    } rows[] = {
        {MIA__TABLE_NODES, 0, 0, "archive: 0 bytes are less than the 95"},
        {MIA__TABLE_NODES, 94, 0, "archive: 94 bytes are less"},
        {MIA__TABLE_NODES, 95, 12, "archive: at byte 0: has a tag"},
        {MIA__TABLE_NODES, 96, MIA_KIND_EDGE, "archive: chat."}, /* the root is last */
        {MIA__TABLE_EDGES, 51, 0, "archive: 51 bytes"},
        {MIA__TABLE_EMBEDDINGS, 23, 0, "archive: 23 bytes"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint8_t bytes[96] = {rows[i].tag};
        mia_slice archive = {bytes, rows[i].size};
        ANSWERS(mia__archive_check(rows[i].table, archive, ERR), MIA_ERR_SERIALIZATION);
        print_message("%s\n", test_error.message);
        assert_memory_equal(test_error.message, rows[i].message, strlen(rows[i].message));
    }
}

/* serialization of bincode 2.0.1, row by row of what its decoder accepts and refuses. */
static void bincode_that_is_odd(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint8_t bytes[40];
        size_t size;
        int trailing; /* -1: refused */
    } rows[] = {
        {"an embedding without anything", {0, 0, 0}, 3, 0},
        {"longer varints than needed",
         {0xfb, 0, 0, 0xfc, 0, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0},
         17,
         0},
        {"bytes left over", {0, 0, 0, 1, 2, 3}, 6, 3},
        {"cut inside a varint", {0xfb, 0}, 2, -1},
        {"a length beyond the end", {5, 'a'}, 2, -1},
        {"a length beyond any memory", {0xfd, 255, 255, 255, 255, 255, 255, 255, 255}, 9, -1},
        {"floats beyond the end", {0, 2, 0, 0, 0, 0}, 6, -1},
        {"floats beyond any memory", {0, 0xfd, 255, 255, 255, 255, 255, 255, 255, 63}, 10, -1},
        {"a varint of 128 bits",
         {0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
         19,
         -1},
        {"a reserved marker", {0xff, 0, 0}, 3, -1},
        {"an overlong form", {2, 0xc0, 0x80, 0, 0}, 5, -1},
        {"a surrogate", {3, 0xed, 0xa0, 0x80, 0, 0}, 6, -1},
        {"beyond U+10FFFF", {4, 0xf4, 0x90, 0x80, 0x80, 0, 0}, 7, -1},
    };
    struct mia__transcoder transcoder = {0};
    struct mia__transcoded record;
    struct mia__buf out = {0};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        mia_slice value = {rows[i].bytes, rows[i].size};
        mia_status rc =
            mia__transcode(&transcoder, MIA__TABLE_EMBEDDINGS, value, &out, &record, &test_error);
        if ((rc == MIA_OK) != (rows[i].trailing >= 0) ||
            (rc == MIA_OK && record.trailing != (size_t)rows[i].trailing))
            fail_msg("%s: %d", rows[i].what, rc);
    }
    mia__transcoder_free(&transcoder);
    mia__buf_free(&out);
}

/* Nodes: variants, options; and JSON, which the decoder of MIA reads too. */
static void nodes_that_are_odd(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        const char *bytes;
        size_t size;
        bool is_accepted;
    } rows[] = {
#define ENTITY "\4\1e\1l\1t"
        {"no option", ENTITY "\0\2{}", 11, true},
        {"an option", ENTITY "\1\1x\2{}", 13, true},
        {"an option byte of 2", ENTITY "\2\1x\2{}", 13, false},
        {"an option byte as a varint", ENTITY "\xfb\1\0\1x\2{}", 15, false},
        {"a long varint as variant", "\xfb\4\0\1e\1l\1t\0\2{}", 13, true},
        {"a longer one", "\xfc\4\0\0\0\1e\1l\1t\0\2{}", 15, true},
        {"a variant of 64 bits", "\xfd\4\0\0\0\0\0\0\0\1e\1l\1t\0\2{}", 19, false},
        {"variant 12", "\14\1e\1l\1t\0\2{}", 11, false},
        {"empty JSON", ENTITY "\0\0", 9, false},
        {"JSON cut off", ENTITY "\0\1{", 10, false},
        {"two values", ENTITY "\0\5{} {}", 14, false},
        {"a trailing comma", ENTITY "\0\4[1,]", 13, false},
        {"a root that is no object", ENTITY "\0\4null", 13, true},
        {"a number too large", ENTITY "\0\0051e400", 14, false},
        {"half a pair of surrogates", ENTITY "\0\10\"\\ud800\"", 17, false},
        {"nothing at all", "", 0, false},
    };
    struct test_judge j = {0};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t before = j.accepted;
        test_judge_bincode(&j, MIA__TABLE_NODES, (mia_slice){rows[i].bytes, rows[i].size});
        if ((j.accepted > before) != rows[i].is_accepted)
            fail_msg("%s: %s", rows[i].what, rows[i].is_accepted ? "refused" : "accepted");
    }
    test_judge_free(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_pointers),
        cmocka_unit_test(maps),
        cmocka_unit_test(what_rkyv_is_unsound_on),
        cmocka_unit_test(values),
        cmocka_unit_test(arrays_inside_each_other),
        cmocka_unit_test(the_deepest_json_passes),
        cmocka_unit_test(roots),
        cmocka_unit_test(bincode_that_is_odd),
        cmocka_unit_test(nodes_that_are_odd),
    };
    return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
