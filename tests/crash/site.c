/* crash/site.c - the databases of the crash tests */
#include "crash/site.h"

#include "base/file.h"
#include "migrate/fingerprint.h"
#include "sled/writer.h"
#include "support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SEGMENT = 8192 };

void site_must(const struct site *s, mia_status rc)
{
    if (rc != MIA_OK)
        fail_msg("answered %d: %s", (int)rc, s->error.message);
}

/* ---- what is in them */

static void put(mia_store *store, struct mia_record record)
{
    OK(mia_store_put(store, &record, ERR));
}

static void put_nodes(mia_store *store, int count)
{
    static char text[3000];
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < count; i++) {
        char id[32], chat[32];
        snprintf(id, sizeof id, "msg_%03d", i);
        snprintf(chat, sizeof chat, "chat_%d", i % 3);
        struct mia_record message = {MIA_KIND_MESSAGE,
                                     {.message = {.id = mia_str_of(id),
                                                  .chat_id = mia_str_of(chat),
                                                  .sender = MIA_STR("user"),
                                                  .timestamp = i,
                                                  .text_content = {text, (size_t)i * 70}}}};
        put(store, message);
    }
    for (int i = 0; i < 3; i++) {
        char id[32];
        snprintf(id, sizeof id, "chat_%d", i);
        put(store, (struct mia_record){MIA_KIND_CHAT,
                                       {.chat = {.id = mia_str_of(id),
                                                 .title = MIA_STR("A title"),
                                                 .topic = MIA_STR("topic"),
                                                 .updated_at = i}}});
    }
}

/* One id is longer than libmdbx's keys may be. */
static void put_edges(mia_store *store, int count)
{
    static char long_id[3000];
    memset(long_id, 'e', sizeof long_id - 1);
    for (int i = 0; i < count; i++) {
        char id[32], from[32];
        snprintf(id, sizeof id, "edge_%d", i);
        snprintf(from, sizeof from, "msg_%03d", i);
        put(store, (struct mia_record){MIA_KIND_EDGE,
                                       {.edge = {.id = mia_str_of(i == 0 ? long_id : id),
                                                 .from_node = mia_str_of(from),
                                                 .to_node = MIA_STR("chat_1"),
                                                 .edge_type = MIA_STR("MENTIONS")}}});
        float vector[24] = {(float)i, 1};
        put(store,
            (struct mia_record){MIA_KIND_EMBEDDING,
                                {.embedding = {.id = mia_str_of(id), .vector = {vector, 24}}}});
    }
}

/* sled directories as MIA has them come from a rollback, whose files the real sled opens (tests of
 * the rollback). */
static void make_typed(const struct site *s, const char *path, int records)
{
    char store_path[TEST_PATH];
    mia_store *store;
    struct mia_rollback_report report = {.struct_size = sizeof report};
    test_path(store_path, s->folder, "store");
    OK(mia_store_open(mia_engine_mdbx(), store_path, NULL, &store, ERR));
    put_nodes(store, records);
    put_edges(store, records / 4);
    OK(mia_store_close(store, ERR));
    struct mia_rollback_options opt = {
        .struct_size = sizeof opt, .source = store_path, .target = path, .segment_size = SEGMENT};
    OK(mia_rollback(&opt, &report, ERR));
    test_folder_remove(store_path);
}

static void write_tree(struct mia__sled_writer *w, const char *name, int records, size_t key_size,
                       size_t value_size)
{
    uint8_t *key = calloc(1, key_size), *value = calloc(1, value_size + 1);
    assert_true(key != NULL && value != NULL);
    OK(mia__sled_writer_begin_tree(w, mia_bytes_of(name), ERR));
    for (int i = 0; i < records; i++) {
        key[key_size - 1] = (uint8_t)i;
        memset(value, i, value_size);
        OK(mia__sled_writer_put(w, (mia_slice){key, key_size}, (mia_slice){value, value_size},
                                ERR));
    }
    OK(mia__sled_writer_end_tree(w, ERR));
    free(key);
    free(value);
}

/* Small values, keys that are folded, a value in a blob, a tree with a name of ours. */
static void make_raw(const char *path, int records)
{
    struct mia__sled_writer *w;
    struct mia__sled_writer_options opt = {.segment_size = SEGMENT};
    OK(mia__dir_create(path, ERR));
    OK(mia__sled_writer_open(path, &opt, &w, ERR));
    write_tree(w, "large", 2, 4, 30000);
    write_tree(w, "long", 6, 3000, 20);
    write_tree(w, "many", records, 12, 100);
    write_tree(w, "mia_clash", 3, 4, 0);
    OK(mia__sled_writer_finish(w, ERR));
    mia__sled_writer_close(w);
}

/* MIA's, in both bases, and two of another program, one in the other. */
static const struct {
    const char *name;
    bool is_spilt, is_typed;
    int records;
} databases[SITE_DATABASES] = {
    {"conversations/active", false, true, 8},
    {"conversations/archive/2024-Q1", true, true, 4},
    {"notes", false, false, 8},
    {"notes/deep", false, false, 4},
};

void site_database(const struct site *s, int i, char path[TEST_PATH], const char **name)
{
    test_path(path, databases[i].is_spilt ? s->spill : s->base, databases[i].name);
    if (name != NULL)
        *name = databases[i].name;
}

static void make_bases(struct site *s)
{
    test_path(s->base, s->folder, "base");
    test_path(s->spill, s->folder, "spill");
    for (int i = 0; i < SITE_DATABASES; i++) {
        char path[TEST_PATH];
        site_database(s, i, path, NULL);
        OK(mia__dir_create_parents(path, ERR));
        if (databases[i].is_typed)
            make_typed(s, path, databases[i].records);
        else
            make_raw(path, databases[i].records);
    }
}

static void source_path(const struct site *s, int i, char path[TEST_PATH])
{
    if (i < SITE_DATABASES)
        site_database(s, i, path, NULL);
    else
        snprintf(path, TEST_PATH, "%s", i == SITE_DATABASES ? s->typed : s->raw);
}

const char *site_check_sources(struct site *s)
{
    for (int i = 0; i < SITE_SOURCES; i++) {
        char path[TEST_PATH], now[MIA__SHA256_HEX];
        source_path(s, i, path);
        OK(mia__fingerprint(path, now, ERR));
        if (strcmp(now, s->fingerprints[i]) != 0)
            return "a source was changed";
    }
    return NULL;
}

const char *site_compare(struct site *s, const char *source, const char *target)
{
    struct mia_verify_options opt = {.struct_size = sizeof opt, .source = source, .target = target};
    struct mia_verify_report report = {.struct_size = sizeof report};
    mia_status rc = mia_verify(&opt, &report, &s->error);
    if (rc < 0)
        return "a target cannot be read";
    return report.failure == MIA_FAILURE_NONE && report.records > 0 ? NULL
                                                                    : "a target is not the source";
}

void site_make(struct site *s)
{
    const char *parent = mia__dir_is_writable("/dev/shm") ? "/dev/shm" : "/tmp";
    char *path, *real;
    *s = (struct site){0};
    OK(mia__dir_create_temporary(parent, "mia-test-crash-", &path, ERR));
    OK(mia__path_absolute(path, &real, ERR)); /* as an installation writes paths down */
    snprintf(s->folder, sizeof s->folder, "%s", real);
    mia__free(path);
    mia__free(real);
    test_path(s->typed, s->folder, "typed");
    test_path(s->raw, s->folder, "raw");
    test_path(s->other, s->folder, "other");
    make_typed(s, s->typed, 24);
    make_typed(s, s->other, 9);
    make_raw(s->raw, 40);
    make_bases(s);
    for (int i = 0; i < SITE_SOURCES; i++) {
        source_path(s, i, s->disk);
        OK(mia__fingerprint(s->disk, s->fingerprints[i], ERR));
    }
    test_path(s->disk, s->folder, "disk");
}

void site_remove(struct site *s)
{
    test_folder_remove(s->folder);
}

int site_open(void **state)
{
    struct site *s = calloc(1, sizeof *s);
    assert_non_null(s);
    site_make(s);
    *state = s;
    return 0;
}

int site_close(void **state)
{
    site_remove(*state);
    free(*state);
    return 0;
}

/* ---- */

static mia_status copy_entry(void *ctx, const char *name, struct mia_error *err)
{
    (void)err;
    const char *const *paths = ctx;
    char from[TEST_PATH], to[TEST_PATH];
    struct stat st;
    size_t size;
    test_path(from, paths[0], name);
    test_path(to, paths[1], name);
    assert_int_equal(stat(from, &st), 0);
    if (S_ISDIR(st.st_mode)) {
        site_copy(from, to);
        return MIA_OK;
    }
    uint8_t *bytes = test_file_read(from, &size);
    test_file_write(to, bytes, size);
    free(bytes);
    struct timespec times[2] = {st.st_atim, st.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, to, times, 0), 0);
    return MIA_OK;
}

void site_copy(const char *from, const char *to)
{
    const char *paths[] = {from, to};
    assert_int_equal(mkdir(to, 0755), 0);
    OK(mia__dir_each(from, copy_entry, paths, ERR));
}
