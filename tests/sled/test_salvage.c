/*
 * test_salvage.c - ruins of databases that the real sled made, and what is salvaged from them
 *
 * Every value proves itself (interop's certified-sled says how), so a false pair is seen at once.
 * What else is expected: everything opens; what is missing or in an older state lies in the ranges
 * that salvage names, or salvage has said that it cannot tell; nothing of the source changes; and a
 * database that is not damaged is read as it always is. The table goes into docs/salvage.md.
 */
#include "base/bytes.h"
#include "base/memory.h"
#include "mia/source.h"
#include "sled/log.h"
#include "sled/ruin.h"
#include "support/check.h"
#include "support/folder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { AT_ONCE = 64, HEAD = 17 };

/* ---- pairs that prove themselves */

struct certified {
    uint64_t number;
    mia_slice tree;
};

static uint64_t fnv(uint64_t hash, mia_slice bytes)
{
    const uint8_t *at = bytes.data;
    for (size_t i = 0; i < bytes.size; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static bool certify(const struct mia_pair *pair, struct certified *out)
{
    const uint8_t *at = pair->value.data;
    if (pair->value.size < HEAD || pair->value.size < HEAD + (size_t)at[16])
        return false;
    uint64_t hash = fnv(UINT64_C(0xcbf29ce484222325), (mia_slice){at + 8, pair->value.size - 8});
    out->number = mia__load_u64le(at + 8);
    out->tree = (mia_slice){at + HEAD, at[16]};
    return fnv(hash, pair->key) == mia__load_u64le(at);
}

/* ---- the truth */

struct record {
    char *tree, *key;
    size_t tree_size, key_size;
    uint64_t number;
    bool is_seen; /* in its last state */
};

struct truth {
    struct record *records; /* by tree and key */
    size_t count, capacity;
};

static char *copy_of(mia_slice bytes)
{
    char *copy = malloc(bytes.size + 1);
    assert_non_null(copy);
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return copy;
}

static mia_slice tree_of(const struct record *r)
{
    return (mia_slice){r->tree, r->tree_size};
}

static mia_slice key_of(const struct record *r)
{
    return (mia_slice){r->key, r->key_size};
}

static void truth_add(struct truth *t, const struct mia_pair *pair, const struct certified *c)
{
    if (t->count == t->capacity) {
        t->capacity = t->capacity ? 2 * t->capacity : 1024;
        t->records = realloc(t->records, t->capacity * sizeof *t->records);
        assert_non_null(t->records);
    }
    t->records[t->count++] = (struct record){copy_of(c->tree), copy_of(pair->key), c->tree.size,
                                             pair->key.size,   c->number,          false};
}

static int compare_record(const struct record *r, mia_slice tree, mia_slice key)
{
    int order = mia_slice_compare(tree_of(r), tree);
    return order != 0 ? order : mia_slice_compare(key_of(r), key);
}

static struct record *truth_find(const struct truth *t, mia_slice tree, mia_slice key)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_record(&t->records[middle], tree, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->count && compare_record(&t->records[low], tree, key) == 0 ? &t->records[low]
                                                                              : NULL;
}

static void truth_free(struct truth *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->records[i].tree);
        free(t->records[i].key);
    }
    free(t->records);
}

typedef void (*pair_fn)(void *ctx, mia_slice tree, const struct mia_pair *pair);

static void each_pair(mia_source *source, pair_fn fn, void *ctx)
{
    for (size_t i = 0; i < mia_source_tree_count(source); i++) {
        struct mia_pair pairs[AT_ONCE];
        mia_source_cursor *cur;
        size_t n;
        mia_status rc;
        OK(mia_source_cursor_open(source, i, &cur, ERR));
        while ((rc = mia_source_cursor_next(cur, pairs, AT_ONCE, &n, ERR)) == MIA_OK)
            for (size_t j = 0; j < n; j++)
                fn(ctx, mia_source_tree_name(source, i), &pairs[j]);
        if (rc != MIA_NOTFOUND)
            fail_msg("%s", test_error.message);
        mia_source_cursor_close(cur);
    }
}

static void learn(void *ctx, mia_slice tree, const struct mia_pair *pair)
{
    struct certified c;
    assert_true(certify(pair, &c));
    assert_true(mia_slice_equal(tree, c.tree));
    truth_add(ctx, pair, &c);
}

/* ---- what salvage says */

struct said {
    mia_slice tree, from, to;
    bool is_to_end;
    enum mia_loss_class loss;
};

struct trial {
    const char *damage;
    struct truth *truth;
    struct said said[4096];
    size_t count;
    uint64_t losses[MIA_LOSS_CLASSES];
    /* what came of it */
    uint64_t current, named, older, back, missing, false_pairs;
    mia_slice last_tree;
    struct mia__buf last_key;
    bool has_last, has_lost_end, is_salvaged;
};

static void hear(void *ctx, const struct mia_loss *loss)
{
    struct trial *t = ctx;
    t->losses[loss->loss]++;
    if (getenv("MIA_TEST_LOUD") != NULL)
        printf("%s: %s: tree %.*s from %.*s to %.*s%s file %s at %" PRIu64 " bytes %" PRIu64
               " %s\n",
               t->damage, mia_loss_name(loss->loss), (int)loss->tree.size,
               (const char *)loss->tree.data, (int)loss->from.size, (const char *)loss->from.data,
               (int)loss->to.size, (const char *)loss->to.data, loss->is_to_end ? "the end" : "",
               loss->file, loss->offset, loss->bytes, loss->detail);
    if (loss->loss != MIA_LOSS_KEYS && loss->loss != MIA_LOSS_OLDER)
        return;
    assert_true(t->count < LENGTH(t->said));
    t->said[t->count++] = (struct said){{copy_of(loss->tree), loss->tree.size},
                                        {copy_of(loss->from), loss->from.size},
                                        {copy_of(loss->to), loss->to.size},
                                        loss->is_to_end,
                                        loss->loss};
}

static bool is_said(const struct trial *t, mia_slice tree, mia_slice key, bool even_keys)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct said *s = &t->said[i];
        if ((even_keys || s->loss == MIA_LOSS_OLDER) && mia_slice_equal(s->tree, tree) &&
            mia_slice_compare(s->from, key) <= 0 &&
            (s->is_to_end || mia_slice_compare(key, s->to) < 0))
            return true;
    }
    return false;
}

/* Salvage cannot tell what the bytes that it could not read would have changed. And a log that lost
 * its very end is a sound log that ends earlier, for sled too; so is, without a snapshot, one that
 * lost a whole segment of which nothing but older states is missed. */
static bool may_be_stale(const struct trial *t)
{
    return t->losses[MIA_LOSS_STALE] > 0 || t->has_lost_end || !t->is_salvaged;
}

static void judge(void *ctx, mia_slice tree, const struct mia_pair *pair)
{
    struct trial *t = ctx;
    struct certified c;
    bool is_named = tree.size < 9 || memcmp(tree.data, "salvaged-", 9) != 0;
    bool is_true = certify(pair, &c);
    t->false_pairs += !is_true;
    if (!is_true && !t->is_salvaged)
        return; /* see read_as_sled */
    if (!is_true)
        fail_msg("%s: a false pair: tree %.*s, key %.*s, %zu bytes", t->damage, (int)tree.size,
                 (const char *)tree.data, (int)pair->key.size, (const char *)pair->key.data,
                 pair->value.size);
    if (is_named && !mia_slice_equal(tree, c.tree))
        fail_msg("%s: tree %.*s has a pair of tree %.*s", t->damage, (int)tree.size,
                 (const char *)tree.data, (int)c.tree.size, (const char *)c.tree.data);
    if (!is_named)
        assert_true(t->losses[MIA_LOSS_NAME] > 0);
    if (t->has_last && mia_slice_equal(t->last_tree, tree))
        assert_true(mia_slice_compare(mia__buf_slice(&t->last_key), pair->key) < 0);
    t->last_tree = tree;
    t->has_last = true;
    OK(mia__buf_set(&t->last_key, pair->key, ERR));
    struct record *known = truth_find(t->truth, c.tree, pair->key);
    if (known != NULL && known->number == c.number) {
        t->current += !known->is_seen;
        t->named += !known->is_seen && is_named;
        known->is_seen = true;
        return;
    }
    assert_true(known == NULL || c.number < known->number);
    if (!may_be_stale(t) && !is_said(t, tree, pair->key, false))
        fail_msg("%s: tree %.*s, key %.*s is %s, and nobody said so", t->damage, (int)tree.size,
                 (const char *)tree.data, (int)pair->key.size, (const char *)pair->key.data,
                 known != NULL ? "an older one" : "back");
    t->older += known != NULL;
    t->back += known == NULL;
}

static void count_missing(struct trial *t)
{
    for (size_t i = 0; i < t->truth->count; i++) {
        struct record *r = &t->truth->records[i];
        bool is_excused = r->is_seen || may_be_stale(t) || t->losses[MIA_LOSS_NAME] > 0 ||
                          is_said(t, tree_of(r), key_of(r), true);
        if (!is_excused)
            fail_msg("%s: tree %.*s, key %.*s is missing, and nobody said so", t->damage,
                     (int)r->tree_size, r->tree, (int)r->key_size, r->key);
        t->missing += !r->is_seen;
        r->is_seen = false;
    }
}

/* ---- trials */

struct tally {
    uint64_t trials, salvaged, nothing, wanted, current, named, older, back, unnoticed;
};

static void shell(const char *format, const char *a, const char *b)
{
    char line[3 * TEST_PATH];
    snprintf(line, sizeof line, format, a, b);
    if (system(line) != 0)
        fail_msg("%s", line);
}

/* Everything that may change without being seen: names, sizes, times, bytes. */
static char *look_at(const char *directory)
{
    char line[2 * TEST_PATH], *seen = calloc(1, 4096);
    snprintf(line, sizeof line,
             "cd '%s' && { ls -lR --full-time; cat db conf snap.* 2>/dev/null | cksum; }",
             directory);
    FILE *pipe = popen(line, "r");
    assert_non_null(seen);
    assert_non_null(pipe);
    assert_true(fread(seen, 1, 4095, pipe) > 0);
    pclose(pipe);
    return seen;
}

/* The slot with the end of the log is not what it was. */
static bool has_lost_end(const char *whole, const char *ruined, uint32_t segment_size)
{
    char paths[2][TEST_PATH];
    size_t sizes[2], last = 0;
    int64_t highest = -1;
    struct mia__sled_log log;
    struct mia__sled_header header;
    struct mia__sled_message message;
    test_path(paths[0], whole, "db");
    test_path(paths[1], ruined, "db");
    uint8_t *bytes[2] = {test_file_read(paths[0], &sizes[0]), test_file_read(paths[1], &sizes[1])};
    struct mia__map map = {bytes[0], sizes[0]};
    mia__sled_log_begin(&log, &map, segment_size);
    for (uint64_t i = 0; i < mia__sled_slots(&log); i++)
        if (mia__sled_header_read(&log, i * segment_size, &header) && header.lsn > highest &&
            mia__sled_message_read(&log, i * segment_size, (uint64_t)header.lsn / segment_size,
                                   MIA__SLED_SEGMENT_HEADER, &message) == MIA__SLED_READ) {
            highest = header.lsn;
            last = i * segment_size;
        }
    size_t end = last + segment_size < sizes[0] ? last + segment_size : sizes[0];
    bool is_same = sizes[1] >= end && memcmp(bytes[0] + last, bytes[1] + last, end - last) == 0;
    free(bytes[0]);
    free(bytes[1]);
    return !is_same;
}

/* Damage that sled cannot notice either: then the pairs are those that it would read. */
static void read_as_sled(const char *directory)
{
    char line[6 * TEST_PATH];
    snprintf(line, sizeof line,
             "cp -rp '%s' '%s.copy' && timeout 60 \"$MIA_INTEROP/sled-digest\" '%s.copy' "
             ">'%s.sled' 2>/dev/null; code=$?; rm -rf '%s.copy'; exit $code",
             directory, directory, directory, directory, directory);
    if (system(line) != 0)
        return; /* sled gave up: nothing to compare with */
    snprintf(line, sizeof line, "\"$MIA\" dump --digest '%s' | cmp - '%s.sled'", directory,
             directory);
    assert_int_equal(system(line), 0);
    snprintf(line, sizeof line, "%s.sled", directory);
    unlink(line);
}

static void run_trial(const char *damage, const char *directory, bool has_lost, struct truth *truth,
                      struct tally *tally)
{
    static struct trial trial;
    mia_source *source;
    struct mia_source_info info = {.struct_size = sizeof info};
    memset(&trial, 0, sizeof trial);
    trial.damage = damage;
    trial.truth = truth;
    trial.has_lost_end = has_lost;
    struct mia_source_options options = {.struct_size = sizeof options,
                                         .salvage = true,
                                         .accept_torn_log = false,
                                         .loss = hear,
                                         .loss_ctx = &trial};
    char *before = look_at(directory);
    mia_status rc = mia_source_open(directory, &options, &source, ERR);
    tally->trials++;
    tally->wanted += truth->count;
    if (rc == MIA_OK) {
        OK(mia_source_info(source, &info, ERR));
        trial.is_salvaged = info.salvaged;
        each_pair(source, judge, &trial);
        count_missing(&trial);
        mia_source_close(source);
        if (trial.false_pairs > 0)
            read_as_sled(directory);
    } else { /* only where nothing is left at all */
        if (rc != MIA_ERR_CORRUPT || strstr(test_error.message, "left") == NULL)
            fail_msg("%s", test_error.message);
        tally->nothing++;
    }
    char *after = look_at(directory);
    assert_string_equal(before, after);
    tally->salvaged += info.salvaged;
    tally->unnoticed += trial.false_pairs;
    tally->current += trial.current;
    tally->named += trial.named;
    tally->older += trial.older;
    tally->back += trial.back;
    for (size_t i = 0; i < trial.count; i++) {
        free((void *)(uintptr_t)trial.said[i].tree.data);
        free((void *)(uintptr_t)trial.said[i].from.data);
        free((void *)(uintptr_t)trial.said[i].to.data);
    }
    mia__buf_free(&trial.last_key);
    free(before);
    free(after);
}

static uint32_t segment_size_of(const char *directory)
{
    size_t size;
    char path[TEST_PATH], text[256] = "";
    test_path(path, directory, "conf");
    uint8_t *bytes = test_file_read(path, &size);
    assert_true(size < sizeof text);
    memcpy(text, bytes, size);
    free(bytes);
    const char *at = strstr(text, "segment_size: ");
    assert_non_null(at);
    return (uint32_t)strtoul(at + 14, NULL, 10);
}

static void print_table(const struct tally tallies[RUINS])
{
    printf("| Damage | Trials | Salvaged | Nothing left | Kept | Named | Older | Back | False | "
           "False for sled too |\n|---|---|---|---|---|---|---|---|---|---|\n");
    for (int i = 0; i < RUINS; i++) {
        const struct tally *t = &tallies[i];
        double all = t->wanted > 0 ? (double)t->wanted : 1;
        printf("| %s | %" PRIu64 " | %" PRIu64 " | %" PRIu64
               " | %.2f %% | %.2f %% | %.2f %% | %.2f %% | "
               "0 | "
               "%" PRIu64 " |\n",
               ruin_text((enum ruin)i), t->trials, t->salvaged, t->nothing,
               100 * (double)t->current / all, 100 * (double)t->named / all,
               100 * (double)t->older / all, 100 * (double)t->back / all, t->unnoticed);
    }
}

static void ruins(void **state)
{
    (void)state;
    enum { DATABASES = 13 };
    struct tally tallies[RUINS] = {{0}};
    uint64_t seed = test_seed(), rounds = test_setting("MIA_TEST_ROUNDS", 1);
    struct test_random r = {seed};
    const char *interop = getenv("MIA_INTEROP");
    char folder[TEST_PATH], db[TEST_PATH], stale[TEST_PATH], copy[TEST_PATH], line[3 * TEST_PATH];
    assert_non_null(interop);
    test_folder_make(folder);
    test_path(db, folder, "made.db");
    test_path(stale, folder, "made.stale");
    test_path(copy, folder, "ruin");
    for (int i = 0; i < DATABASES; i++) {
        struct truth truth = {0};
        mia_source *source;
        snprintf(line, sizeof line, "'%s/certified-sled' %" PRIu64 " '%s'", interop,
                 test_random(&r) >> 1, db);
        assert_int_equal(system(line), 0);
        OK(mia_source_open(db, NULL, &source, ERR));
        each_pair(source, learn, &truth);
        mia_source_close(source);
        uint32_t segment_size = segment_size_of(db);
        for (int what = 0; what < RUINS; what++)
            for (uint64_t round = 0; round < rounds; round++) {
                shell("cp -rp '%s' '%s'", db, copy);
                ruin((enum ruin)what, copy, stale, segment_size, &r);
                run_trial(ruin_text((enum ruin)what), copy, has_lost_end(db, copy, segment_size),
                          &truth, &tallies[what]);
                test_folder_remove(copy);
            }
        truth_free(&truth);
        test_folder_remove(db);
        shell("rm -rf '%s'%s", stale, "");
    }
    test_folder_remove(folder);
    print_table(tallies);
    assert_int_equal(tallies[RUIN_NOTHING].salvaged, 0);
    assert_int_equal(tallies[RUIN_NOTHING].current, tallies[RUIN_NOTHING].wanted);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(ruins)};
    return cmocka_run_group_tests_name("salvage", tests, NULL, NULL);
}
