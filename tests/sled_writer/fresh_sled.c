/*
 * fresh-sled SHAPE SEED DIR [SEGMENT_SIZE [LEVEL]]: makes DIR with the writer of sled directories
 * and prints what was put there, in the lines of `mia dump --digest`. LEVEL: of zstd; 0 is none.
 * fresh-sled list: the shapes.
 */
#include "base/file.h"
#include "migrate/digest.h"
#include "sled/writer.h"
#include "support/random.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEY_MOST = 10 << 10, PREFIX = 300 };

struct fresh {
    struct mia__sled_writer *writer;
    struct mia__digest digest;
    struct test_random random;
    uint8_t key[2 * KEY_MOST];
    uint8_t *value;
    size_t value_room;
};

static void need(mia_status rc, const struct mia_error *err)
{
    if (rc == MIA_OK)
        return;
    fprintf(stderr, "fresh-sled: %s\n", err->message);
    exit(1);
}

#define NEED(call)                                                                                 \
    do {                                                                                           \
        struct mia_error err = {0};                                                                \
        need((call), &err);                                                                        \
    } while (0)

static void begin(struct fresh *f, mia_slice name)
{
    NEED(mia__sled_writer_begin_tree(f->writer, name, &err));
    NEED(mia__digest_tree(&f->digest, name, &err));
}

static void end(struct fresh *f)
{
    NEED(mia__sled_writer_end_tree(f->writer, &err));
}

/* A random value of this size under f->key. */
static void put(struct fresh *f, size_t key_size, size_t value_size)
{
    if (value_size > f->value_room) {
        free(f->value);
        f->value = malloc(value_size);
        f->value_room = value_size;
        if (f->value == NULL)
            abort();
    }
    test_fill(&f->random, f->value, value_size);
    mia_slice key = {f->key, key_size}, value = {f->value, value_size};
    NEED(mia__sled_writer_put(f->writer, key, value, &err));
    NEED(mia__digest_line(&f->digest, key, value, &err));
    fwrite(f->digest.line.data, 1, f->digest.line.size, stdout);
}

/* Keys in order, all of one size, with random ends. */
static void put_ids(struct fresh *f, const char *tree, size_t count, size_t value_least,
                    size_t value_most)
{
    begin(f, mia_bytes_of(tree));
    for (size_t i = 0; i < count; i++) {
        int size = snprintf((char *)f->key, sizeof f->key, "%08zx-", i * 977);
        test_fill(&f->random, f->key + size, 8);
        put(f, (size_t)size + 8,
            value_least + test_below(&f->random, value_most - value_least + 1));
    }
    end(f);
}

static void empty(struct fresh *f)
{
    (void)f;
}

static void one(struct fresh *f)
{
    begin(f, MIA_BYTES("__sled__default"));
    memcpy(f->key, "hello", 5);
    put(f, 5, 5);
    end(f);
}

/* The three trees of MIA. */
static void records(struct fresh *f)
{
    put_ids(f, "nodes", 6000, 40, 500);
    put_ids(f, "edges", 9000, 100, 260);
    put_ids(f, "embeddings", 2000, 1600, 1640);
}

/* As many as make a third level of index nodes. */
static void many(struct fresh *f)
{
    put_ids(f, "many", 250000, 0, 20);
}

/* Trees of any name in any order: first, last, empty, all of the same first bytes. */
static void trees(struct fresh *f)
{
    enum { TREES = 137 };
    for (size_t i = 0; i < TREES; i++) {
        uint8_t name[64];
        size_t number = i * 61 % TREES; /* in no order */
        size_t size = number == 0 ? 0 : 1 + number % sizeof name;
        memset(name, number % 3 == 0 ? 0xff : 0, sizeof name);
        if (size > 0)
            name[size - 1] = (uint8_t)number;
        begin(f, (mia_slice){name, size});
        for (size_t k = 0; k < number * 3; k++) {
            f->key[0] = (uint8_t)(k >> 8);
            f->key[1] = (uint8_t)k;
            put(f, 2, test_below(&f->random, 100));
        }
        end(f);
    }
}

/* Every length of a key up to 10 KiB that could matter, most of them extensions of each other. */
static void keys(struct fresh *f)
{
    begin(f, MIA_BYTES("keys"));
    memset(f->key, 'p', sizeof f->key);
    for (size_t size = 0; size <= KEY_MOST; size += size < 600 ? 1 : 97)
        put(f, size, 10);
    f->key[0] = 'q';
    put(f, KEY_MOST, 10);
    end(f);
    begin(f, MIA_BYTES("long prefixes")); /* longer than the 255 bytes that a node can share */
    memset(f->key, 0xff, sizeof f->key);
    for (size_t i = 0; i < 3000; i++) {
        f->key[PREFIX] = (uint8_t)(i >> 8);
        f->key[PREFIX + 1] = (uint8_t)i;
        put(f, PREFIX + 2, 8);
    }
    end(f);
    begin(f, MIA_BYTES("random")); /* in order by a counter, different in length */
    for (size_t i = 0; i < 5000; i++) {
        f->key[0] = (uint8_t)(i >> 8);
        f->key[1] = (uint8_t)i;
        size_t size = test_below(&f->random, 200);
        test_fill(&f->random, f->key + 2, size);
        put(f, 2 + size, 8);
    }
    end(f);
}

/* Around the sizes that make a blob of a leaf, and far beyond. */
static void values(struct fresh *f)
{
    static const size_t large[] = {0,       1,       1 << 20, 3,        20 << 20, 5 << 20,
                                   2 << 20, 7 << 20, 20,      20 << 20, 1 << 20,  9};
    size_t i = 0;
    begin(f, MIA_BYTES("large"));
    for (; i < sizeof large / sizeof large[0]; i++) {
        f->key[0] = (uint8_t)i;
        put(f, 1, large[i]);
    }
    end(f);
    begin(f, MIA_BYTES("steps"));
    for (i = 0; i < 1500; i++) {
        f->key[0] = (uint8_t)(i >> 8);
        f->key[1] = (uint8_t)i;
        put(f, 2, i < 1000 ? i : i * 17 % 30000);
    }
    end(f);
    begin(f, MIA_BYTES("limit")); /* single leaves of 131020 bytes more or less */
    put(f, 0, 131000 - test_below(&f->random, 60));
    end(f);
}

static const struct {
    const char *name;
    void (*fill)(struct fresh *f);
} shapes[] = {{"empty", empty}, {"one", one},   {"records", records}, {"many", many},
              {"trees", trees}, {"keys", keys}, {"values", values}};

enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static int make(size_t shape, int argc, char **argv)
{
    static struct fresh f;
    struct mia__sled_writer_options opt = {0};
    f.random.state = strtoull(argv[2], NULL, 10);
    if (argc > 4)
        opt.segment_size = (uint32_t)strtoul(argv[4], NULL, 10);
    if (argc > 5)
        opt.compression_level = atoi(argv[5]);
    opt.use_compression = opt.compression_level != 0;
    NEED(mia__dir_create(argv[3], &err));
    NEED(mia__digest_open(&f.digest, &err));
    NEED(mia__sled_writer_open(argv[3], &opt, &f.writer, &err));
    shapes[shape].fill(&f);
    NEED(mia__sled_writer_finish(f.writer, &err));
    mia__sled_writer_close(f.writer);
    mia__digest_close(&f.digest);
    free(f.value);
    return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; i < SHAPES; i++) {
        if (argc == 2 && strcmp(argv[1], "list") == 0)
            puts(shapes[i].name);
        else if (argc >= 4 && argc <= 6 && strcmp(argv[1], shapes[i].name) == 0)
            return make(i, argc, argv);
    }
    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return 0;
    fprintf(stderr,
            "usage: fresh-sled SHAPE SEED DIR [SEGMENT_SIZE [LEVEL]], or: fresh-sled list\n");
    return 2;
}
