/* plant.c - see plant.h */
#include "plant.h"

#include "base/file.h"
#include "base/memory.h"
#include "engine/meta.h"
#include "migrate/typed.h"
#include "sled/writer.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- the databases */

enum { LONGEST = 8000 }; /* keys */

static const char long_name[] =
    "a name of 300 bytes ................................................"
    "...................................................................."
    "...................................................................."
    "......................................................................"
    "...........................";

static void write_tree(struct mia__sled_writer *w, mia_slice name, size_t records, size_t prefix)
{
    char key[LONGEST], value[300];
    memset(key, 'k', sizeof key);
    OK(mia__sled_writer_begin_tree(w, name, ERR));
    for (size_t i = 0; i < records; i++) {
        size_t third = i * 60 / records; /* keys that begin alike, of several lengths */
        size_t size = prefix * (2 + third % 3);
        memset(key, 'a' + (int)(third / 3), size);
        size += (size_t)sprintf(key + size, "%06zu", i);
        memset(value, (int)(i % 251), sizeof value);
        if (i > 0 || prefix > 0)
            OK(mia__sled_writer_put(w, (mia_slice){key, size}, (mia_slice){value, i % 300}, ERR));
        else
            OK(mia__sled_writer_put(w, MIA_BYTES(""), MIA_BYTES("of the empty key"), ERR));
    }
    OK(mia__sled_writer_end_tree(w, ERR));
}

static void write_sled(const char *path, size_t records)
{
    struct mia__sled_writer *w;
    assert_int_equal(mkdir(path, 0777), 0);
    OK(mia__sled_writer_open(path, NULL, &w, ERR));
    write_tree(w, MIA_BYTES("plain"), records, 0);
    size_t few = records < 3000 ? records / 150 + 1 : 20; /* more would make large pages */
    write_tree(w, MIA_BYTES("long keys"), few, 1500);
    write_tree(w, MIA_BYTES(""), 20, 0);
    write_tree(w, MIA_BYTES("mia_clash"), 20, 0);
    write_tree(w, MIA_BYTES("\xff\x00\x01"), 20, 400);
    write_tree(w, mia_bytes_of(long_name), 20, 0);
    write_tree(w, MIA_BYTES("nothing in it"), 0, 0);
    OK(mia__sled_writer_finish(w, ERR));
    mia__sled_writer_close(w);
}

static void read_keys(struct field *f, mia_source *source, size_t tree, size_t *capacity)
{
    mia_source_cursor *cur;
    struct mia_pair pairs[64];
    size_t n;
    mia_status rc;
    OK(mia_source_cursor_open(source, tree, &cur, ERR));
    while ((rc = mia_source_cursor_next(cur, pairs, 64, &n, ERR)) == MIA_OK)
        for (size_t i = 0; i < n; i++) {
            if (f->key_count == *capacity) {
                *capacity = *capacity ? 2 * *capacity : 1024;
                f->keys = realloc(f->keys, *capacity * sizeof *f->keys);
            }
            char *copy = malloc(pairs[i].key.size + 1);
            if (pairs[i].key.size > 0)
                memcpy(copy, pairs[i].key.data, pairs[i].key.size);
            f->keys[f->key_count++] = (struct key){tree, {copy, pairs[i].key.size}, false};
        }
    assert_int_equal(rc, MIA_NOTFOUND);
    mia_source_cursor_close(cur);
}

static void read_field(struct field *f)
{
    mia_source *source;
    size_t capacity = 0;
    struct mia_source_options opt = {.struct_size = sizeof opt, .original = true};
    OK(mia_source_open(f->base, &opt, &source, ERR));
    f->name_count = mia_source_tree_count(source);
    f->names = calloc(f->name_count, sizeof *f->names);
    f->name_sizes = calloc(f->name_count, sizeof *f->name_sizes);
    for (size_t i = 0; i < f->name_count; i++) {
        mia_slice name = mia_source_tree_name(source, i);
        f->names[i] = malloc(name.size + 1);
        if (name.size > 0)
            memcpy(f->names[i], name.data, name.size);
        f->name_sizes[i] = name.size;
        read_keys(f, source, i, &capacity);
    }
    mia_source_close(source);
}

void field_make(struct field *f, bool is_typed, uint64_t records, uint64_t seed)
{
    struct mia_migrate_report report = {.struct_size = sizeof report};
    struct mia_migrate_options opt = {.struct_size = sizeof opt, .raw = !is_typed};
    struct mia_sample_options sample = {
        .struct_size = sizeof sample, .records = records, .seed = seed};
    *f = (struct field){.is_typed = is_typed, .random = {seed}};
    test_folder_make(f->folder);
    test_path(f->origin, f->folder, "origin");
    test_path(f->base, f->folder, "base");
    test_path(f->sides[0], f->folder, "source");
    test_path(f->sides[1], f->folder, "target");
    sample.target = f->origin;
    if (is_typed)
        OK(mia_sample(&sample, ERR));
    else
        write_sled(f->origin, records);
    opt.source = f->origin;
    opt.target = f->base;
    OK(mia_migrate(&opt, &report, ERR));
    assert_int_equal(report.long_keys > 0, !is_typed);
    OK(mia_encoder_open(&f->encoder, ERR));
    read_field(f);
}

void field_free(struct field *f)
{
    for (size_t i = 0; i < f->key_count; i++)
        free((void *)(uintptr_t)f->keys[i].key.data);
    for (size_t i = 0; i < f->name_count; i++)
        free(f->names[i]);
    free(f->keys);
    free(f->names);
    free(f->name_sizes);
    lines_free(&f->wanted);
    mia_encoder_close(f->encoder);
    test_folder_remove(f->folder);
}

int field_setup(void **state, bool is_typed, uint64_t records, uint64_t seed)
{
    struct field *f = calloc(1, sizeof *f);
    field_make(f, is_typed, records, seed);
    *state = f;
    return 0;
}

int field_teardown(void **state)
{
    struct field *f = *state;
    field_free(f);
    free(f);
    return 0;
}

void field_copy(const char *from, const char *to)
{
    size_t size;
    char path[TEST_PATH];
    test_path(path, from, "mdbx.dat");
    uint8_t *bytes = test_file_read(path, &size);
    OK(mia__dir_remove_tree(to, ERR));
    assert_int_equal(mkdir(to, 0777), 0);
    test_path(path, to, "mdbx.dat");
    test_file_write(path, bytes, size);
    free(bytes);
}

void field_reset(struct field *f)
{
    field_copy(f->base, f->sides[0]);
    field_copy(f->base, f->sides[1]);
    lines_free(&f->wanted);
    for (size_t i = 0; i < f->key_count; i++)
        f->keys[i].is_used = false;
}

void field_open(struct field *f)
{
    struct mia_db_options opt = {.struct_size = sizeof opt, .growth_bytes = 1 << 20};
    for (int i = 0; i < 2; i++) {
        OK(mia_db_open(mia_engine_mdbx(), f->sides[i], &opt, &f->db[i], ERR));
        OK(mia_txn_begin(f->db[i], MIA_TXN_WRITE, &f->txn[i], ERR));
        OK(mia__raw_open(f->txn[i], &f->raw[i], ERR));
    }
}

void field_close(struct field *f)
{
    for (int i = 0; i < 2; i++) {
        OK(mia_txn_commit(f->txn[i], ERR));
        OK(mia_db_close(f->db[i], ERR));
        f->txn[i] = NULL;
    }
}

/* ---- plants */

static mia_slice name_of(const struct field *f, const struct key *key)
{
    return (mia_slice){f->names[key->tree], f->name_sizes[key->tree]};
}

static bool is_record(const struct field *f, const struct key *key, enum mia__table *table)
{
    return f->is_typed && mia__table_find(name_of(f, key), table);
}

static mia_tree tree_of(struct field *f, int side, mia_slice name)
{
    mia_tree tree;
    OK(mia__raw_tree(f->txn[side], &f->raw[side], name, true, &tree, ERR));
    return tree;
}

static bool is_at_an_end(const struct field *f, size_t i)
{
    return i == 0 || i + 1 == f->key_count || f->keys[i - 1].tree != f->keys[i].tree ||
           f->keys[i + 1].tree != f->keys[i].tree;
}

/* A key without a plant, of a tree of records if so wanted; every third one the first or last of
 * its tree. NULL: none was found. */
static struct key *choose(struct field *f, bool wants_record, const struct key *like)
{
    enum mia__table table;
    bool wants_end = test_below(&f->random, 3) == 0 && like == NULL;
    for (int tries = 0; tries < 100000; tries++) {
        size_t i = test_below(&f->random, f->key_count);
        struct key *key = &f->keys[i];
        if (key->is_used || (like != NULL && key->tree != like->tree) ||
            (wants_record && !is_record(f, key, &table)) ||
            (wants_end && tries < 1000 && !is_at_an_end(f, i)))
            continue;
        key->is_used = true;
        return key;
    }
    return NULL;
}

static void put(struct field *f, int side, const struct key *key, mia_slice value)
{
    OK(mia__raw_put(f->txn[side], &f->raw[side], tree_of(f, side, name_of(f, key)), key->key, value,
                    MIA_PUT_UPSERT, NULL, ERR));
}

/* Copied: what is read may move with the next write. */
static mia_slice get(struct field *f, int side, const struct key *key, struct mia__buf *copy)
{
    mia_slice value;
    OK(mia__raw_get(f->txn[side], &f->raw[side], tree_of(f, side, name_of(f, key)), key->key,
                    &value, ERR));
    OK(mia__buf_set(copy, value, ERR));
    return mia__buf_slice(copy);
}

static void del(struct field *f, int side, const struct key *key)
{
    OK(mia__raw_del(f->txn[side], &f->raw[side], tree_of(f, side, name_of(f, key)), key->key, ERR));
}

static void quarantine(struct field *f, int side, const struct key *key)
{
    mia_tree tree;
    uint64_t count;
    enum mia__table table;
    assert_true(is_record(f, key, &table));
    OK(mia__typed_quarantine(f->txn[side], table, true, &tree, ERR));
    OK(mia__raw_put(f->txn[side], &f->raw[side], tree, key->key, MIA_BYTES("\xff no record"),
                    MIA_PUT_UPSERT, NULL, ERR));
    assert_true(mia__meta_get_u64(f->txn[side], f->raw[side].meta, "quarantined", &count, ERR) >=
                0);
    OK(mia__meta_put_u64(f->txn[side], f->raw[side].meta, "quarantined", count + 1, ERR));
}

static void want(struct field *f, enum mia_difference_class class, enum mia_side side,
                 const struct key *key)
{
    lines_add(&f->wanted, class, side, name_of(f, key), key->key);
}

/* Of the side whose pair has no counterpart. */
static void want_alone(struct field *f, int has, mia_slice tree, mia_slice key)
{
    lines_add(&f->wanted, has == 0 ? MIA_DIFF_MISSING : MIA_DIFF_EXTRA,
              has == 0 ? MIA_SIDE_SOURCE : MIA_SIDE_TARGET, tree, key);
}

static void plant_two(struct field *f, enum plant plant, int side, const struct key *first)
{
    struct mia__buf a = {0}, b = {0};
    const struct key *second = choose(f, false, first);
    if (second == NULL)
        return;
    mia_slice of_first = get(f, side, first, &a), of_second = get(f, side, second, &b);
    mia_slice same = MIA_BYTES("the same value twice");
    enum mia__table table;
    if (plant == PLANT_SWAP && !mia_slice_equal(of_first, of_second)) {
        put(f, side, first, of_second);
        put(f, side, second, of_first);
        want(f, MIA_DIFF_VALUE, MIA_SIDE_BOTH, first);
        want(f, MIA_DIFF_VALUE, MIA_SIDE_BOTH, second);
    } else if (plant == PLANT_SAME_TWICE && !is_record(f, first, &table)) {
        put(f, side, first, same);
        put(f, side, second, same);
        want(f, MIA_DIFF_VALUE, MIA_SIDE_BOTH, first);
        want(f, MIA_DIFF_VALUE, MIA_SIDE_BOTH, second);
    }
    mia__buf_free(&a);
    mia__buf_free(&b);
}

/* Behind a key, longer by one byte, and behind that one: two pairs with one value. */
static void plant_extra(struct field *f, int side, const struct key *key)
{
    struct mia__buf value = {0};
    get(f, side, key, &value);
    for (int i = 0; i < 2; i++) {
        char longer[LONGEST];
        struct key fresh = {key->tree, {longer, key->key.size + 1}, true};
        memcpy(longer, key->key.size > 0 ? key->key.data : "", key->key.size);
        longer[key->key.size] = (char)(1 + i);
        put(f, side, &fresh, mia__buf_slice(&value));
        want_alone(f, side, name_of(f, key), fresh.key);
    }
    mia__buf_free(&value);
}

static void plant_tree(struct field *f, int side)
{
    char name[32];
    static const char *const names[] = {"0 first", "m new", "\xff\xff last"};
    sprintf(name, "%s %d%04zu", names[test_below(&f->random, 3)], side,
            test_below(&f->random, 10000));
    mia_tree tree = tree_of(f, side, mia_bytes_of(name));
    for (size_t i = 0; i < 3; i++) {
        char key[16];
        sprintf(key, "%zu", i);
        mia_slice value;
        if (mia__raw_get(f->txn[side], &f->raw[side], tree, mia_bytes_of(key), &value, ERR) ==
            MIA_OK)
            continue;
        OK(mia__raw_put(f->txn[side], &f->raw[side], tree, mia_bytes_of(key), MIA_BYTES("x"),
                        MIA_PUT_UPSERT, NULL, ERR));
        want_alone(f, side, mia_bytes_of(name), mia_bytes_of(key));
    }
}

static void plant_other(struct field *f, int side, const struct key *key)
{
    mia_slice archive;
    enum mia__table table;
    assert_true(is_record(f, key, &table));
    mia_str id = {key->key.data, key->key.size};
    struct mia_record record = {MIA_KIND_CHAT, {.chat = {.id = id, .title = MIA_STR("planted")}}};
    if (table == MIA__TABLE_EDGES)
        record = (struct mia_record){MIA_KIND_EDGE, {.edge = {.id = id, .from_node = id}}};
    else if (table == MIA__TABLE_EMBEDDINGS)
        record = (struct mia_record){MIA_KIND_EMBEDDING, {.embedding = {.id = id}}};
    OK(mia_encode_archive(f->encoder, &record, &archive, ERR));
    put(f, side, key, archive);
    want(f, MIA_DIFF_VALUE, MIA_SIDE_BOTH, key);
}

static void damage(struct field *f, int side, const struct key *key)
{
    struct mia__buf value = {0};
    mia_slice archive = get(f, side, key, &value);
    archive.size -= archive.size > 1 ? 1 : 0; /* its root is found from the end */
    put(f, side, key, archive);
    mia__buf_free(&value);
}

static void plant_record(struct field *f, enum plant plant, enum mia_side side,
                         const struct key *key)
{
    int i = side == MIA_SIDE_SOURCE ? 0 : 1;
    switch ((int)plant) {
    case PLANT_OTHER:
        plant_other(f, i, key);
        break;
    case PLANT_QUARANTINED:
        del(f, i, key);
        quarantine(f, i, key);
        want(f, MIA_DIFF_UNDECODABLE, side, key);
        break;
    case PLANT_DAMAGED:
        damage(f, i, key);
        want(f, MIA_DIFF_UNDECODABLE, side, key);
        break;
    case PLANT_TWICE:
        quarantine(f, i, key);
        want(f, MIA_DIFF_ORDER, side, key);
        break;
    case PLANT_DAMAGED_BOTH:
        damage(f, 0, key);
        damage(f, 1, key);
        want(f, MIA_DIFF_UNDECODABLE, MIA_SIDE_BOTH, key);
        break;
    default:
        fail();
    }
}

void field_plant(struct field *f, enum plant plant, enum mia_side side)
{
    int i = side == MIA_SIDE_SOURCE ? 0 : 1;
    bool wants_record = plant >= PLANT_LAST_UNTYPED;
    if (plant == PLANT_NEW_TREE) {
        plant_tree(f, i);
        return;
    }
    const struct key *key = choose(f, wants_record, NULL);
    if (key == NULL)
        return;
    if (plant == PLANT_DELETE) {
        del(f, i, key);
        want_alone(f, 1 - i, name_of(f, key), key->key);
    } else if (plant == PLANT_SWAP || plant == PLANT_SAME_TWICE) {
        plant_two(f, plant, i, key);
    } else if (plant == PLANT_EXTRA_PAIR) {
        plant_extra(f, i, key);
    } else {
        plant_record(f, plant, side, key);
    }
}

/* ---- asking */

static void run(struct field *f, bool repair, struct mia_verify_report *report, struct lines *found)
{
    struct mia_verify_options opt = {.struct_size = sizeof opt,
                                     .source = f->sides[0],
                                     .target = f->sides[1],
                                     .difference = lines_take,
                                     .difference_ctx = found,
                                     .batch_bytes = 2000,
                                     .repair = repair,
                                     .force = repair};
    *report = (struct mia_verify_report){.struct_size = sizeof *report};
    *found = (struct lines){0};
    OK(mia_verify(&opt, report, ERR));
}

void field_verify(struct field *f, struct mia_verify_report *report, struct lines *found)
{
    run(f, false, report, found);
}

void field_repair(struct field *f, struct mia_verify_report *report, struct lines *found)
{
    run(f, true, report, found);
}

static void complain(void *ctx, const char *line)
{
    (void)ctx;
    print_error("%s\n", line);
}

static void check_meta(struct field *f, const char *digest)
{
    mia_slice known;
    uint64_t trusted, quarantined, count = 0;
    field_open(f);
    OK(mia__meta_get(f->txn[1], f->raw[1].meta, "origin.digest", &known, ERR));
    assert_text(known, digest);
    if (f->is_typed) {
        OK(mia__meta_get_u64(f->txn[1], f->raw[1].meta, "trusted", &trusted, ERR));
        assert_int_equal(trusted, 1);
        assert_true(
            mia__meta_get_u64(f->txn[1], f->raw[1].meta, "quarantined", &quarantined, ERR) >= 0);
        for (int i = 0; i < MIA__TABLES; i++) {
            mia_tree tree;
            uint64_t n;
            if (mia__typed_quarantine(f->txn[1], (enum mia__table)i, false, &tree, ERR) != MIA_OK)
                continue;
            OK(mia_kv_count(f->txn[1], tree, NULL, &n, ERR));
            count += n;
        }
        assert_int_equal(quarantined, count);
    }
    field_close(f);
}

void field_check(struct field *f)
{
    struct lines found;
    struct mia_verify_report report;
    struct mia_check_report check = {.struct_size = sizeof check};
    struct mia_index_report index = {.struct_size = sizeof index};
    mia_store *store;
    field_verify(f, &report, &found);
    assert_int_equal(report.failure, MIA_FAILURE_NONE);
    assert_int_equal(found.count, 0);
    OK(mia_check(f->sides[1], NULL, complain, NULL, &check, ERR));
    assert_int_equal(check.problems, 0);
    check_meta(f, report.digest);
    if (!f->is_typed)
        return;
    OK(mia_store_open(mia_engine_mdbx(), f->sides[1], NULL, &store, ERR));
    OK(mia_index_check(store, NULL, NULL, &index, ERR));
    assert_int_equal(index.missing, 0);
    assert_int_equal(index.stale, 0);
    OK(mia_store_close(store, ERR));
}
