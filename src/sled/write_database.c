/* sled/write_database.c - conf, the trees, and the meta page that names them */
#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "sled/write_tree.h"
#include "sled/write_varint.h"
#include "sled/writer.h"

#include <libdeflate.h>

enum {
    SEGMENT_SIZE = 524288,
    SEGMENT_SIZE_LEAST = 256,
    SEGMENT_SIZE_MOST = 16 << 20,
    LEVEL = 5,
    LEVEL_MOST = 22,
    META_PAGE = 0,
    COUNTER_PAGE = 1,
    FIRST_NODE = 2
};

#define DEFAULT_TREE MIA_BYTES("__sled__default")

enum state { BETWEEN_TREES, IN_TREE, FINISHED, BROKEN };

struct tree_root {
    mia_slice name; /* in the arena */
    uint64_t page;  /* 0: the tree is being written */
};

struct mia__sled_writer {
    struct mia__sled_writer_options opt;
    char *directory;
    enum state state;
    struct mia__sled_log_writer log;
    struct mia__sled_tree_writer tree;
    uint64_t next_page;
    struct tree_root *roots; /* by name */
    size_t count, capacity;
    size_t current; /* of roots: the tree being written */
    struct mia__arena names;
};

static mia_status check_options(struct mia__sled_writer_options *opt, struct mia_error *err)
{
    if (opt->segment_size == 0)
        opt->segment_size = SEGMENT_SIZE;
    if (opt->compression_level == 0)
        opt->compression_level = LEVEL;
    bool is_power = (opt->segment_size & (opt->segment_size - 1)) == 0;
    if (!is_power || opt->segment_size < SEGMENT_SIZE_LEAST ||
        opt->segment_size > SEGMENT_SIZE_MOST)
        return mia__fail(err, MIA_ERR_INVALID,
                         "a segment size of %u bytes: sled takes powers of two from %d to %d",
                         (unsigned)opt->segment_size, SEGMENT_SIZE_LEAST, SEGMENT_SIZE_MOST);
    if (opt->compression_level < 1 || opt->compression_level > LEVEL_MOST)
        return mia__fail(err, MIA_ERR_INVALID, "compression level %d: sled takes 1 to %d",
                         opt->compression_level, LEVEL_MOST);
    return MIA_OK;
}

static mia_status write_conf(const struct mia__sled_writer *w, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__file_writer *file = NULL;
    uint8_t crc[4];
    char *path = mia__path_join(w->directory, "conf");
    char *text =
        mia__format("segment_size: %u\nuse_compression: %s\nversion: 0.34\n",
                    (unsigned)w->opt.segment_size, w->opt.use_compression ? "true" : "false");
    if (path == NULL || text == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    size_t size = strlen(text);
    mia__store_u32le(crc, libdeflate_crc32(0, (const uint8_t *)text, size));
    TRY(mia__file_create(path, &file, err));
    TRY(mia__file_append(file, text, size, err));
    TRY(mia__file_append(file, crc, sizeof crc, err));
    rc = mia__file_close(file, err);
    file = NULL;
done:
    mia__file_abandon(file);
    mia__free(path);
    mia__free(text);
    return rc;
}

mia_status mia__sled_writer_open(const char *directory, const struct mia__sled_writer_options *opt,
                                 struct mia__sled_writer **out, struct mia_error *err)
{
    mia_status rc;
    *out = NULL;
    struct mia__sled_writer *w = mia__alloc_zero(sizeof *w);
    if (w == NULL)
        return mia__fail_nomem(err);
    if (opt != NULL)
        w->opt = *opt;
    w->next_page = FIRST_NODE;
    w->tree.log = &w->log;
    w->tree.next_page = &w->next_page;
    TRY(check_options(&w->opt, err));
    w->directory = mia__strdup(directory);
    if (w->directory == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    TRY(write_conf(w, err));
    int level = w->opt.use_compression ? w->opt.compression_level : 0;
    TRY(mia__sled_log_open(&w->log, directory, w->opt.segment_size, level, err));
    *out = w;
done:
    if (rc < 0)
        mia__sled_writer_close(w);
    return rc;
}

void mia__sled_writer_close(struct mia__sled_writer *w)
{
    if (w == NULL)
        return;
    mia__sled_log_close(&w->log);
    mia__sled_tree_free(&w->tree);
    mia__arena_free(&w->names);
    mia__free(w->roots);
    mia__free(w->directory);
    mia__free(w);
}

/* What breaks off in the middle leaves a log that nothing can be added to. */
static mia_status settle(struct mia__sled_writer *w, mia_status rc, enum state then)
{
    if (rc >= 0)
        w->state = then;
    else if (rc != MIA_ERR_INVALID)
        w->state = BROKEN;
    return rc;
}

static mia_status check_state(const struct mia__sled_writer *w, enum state wanted,
                              struct mia_error *err)
{
    static const char *const texts[] = {[BETWEEN_TREES] = "no tree is begun",
                                        [IN_TREE] = "the last tree is not ended",
                                        [FINISHED] = "the directory is finished",
                                        [BROKEN] = "an earlier call failed"};
    if (w->state == wanted)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_INVALID, "%s: %s", w->directory, texts[w->state]);
}

/* The place of a name among the roots; true if it is there already. */
static bool find_root(const struct mia__sled_writer *w, mia_slice name, size_t *at)
{
    size_t low = 0, high = w->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = mia_slice_compare(w->roots[middle].name, name);
        if (order == 0) {
            *at = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *at = low;
    return false;
}

static mia_status add_root(struct mia__sled_writer *w, size_t at, mia_slice name,
                           struct mia_error *err)
{
    if (w->count == w->capacity) {
        size_t capacity = w->capacity ? 2 * w->capacity : 16;
        struct tree_root *roots = mia__realloc(w->roots, capacity * sizeof *roots);
        if (roots == NULL)
            return mia__fail_nomem(err);
        w->roots = roots;
        w->capacity = capacity;
    }
    char *copy = mia__arena_alloc(&w->names, name.size);
    if (copy == NULL)
        return mia__fail_nomem(err);
    if (name.size > 0)
        memcpy(copy, name.data, name.size);
    memmove(&w->roots[at + 1], &w->roots[at], (w->count - at) * sizeof *w->roots);
    w->roots[at] = (struct tree_root){.name = {copy, name.size}};
    w->current = at;
    w->count++;
    return MIA_OK;
}

mia_status mia__sled_writer_begin_tree(struct mia__sled_writer *w, mia_slice name,
                                       struct mia_error *err)
{
    mia_status rc;
    size_t at;
    char shown[80];
    TRY(check_state(w, BETWEEN_TREES, err));
    if (find_root(w, name, &at)) {
        rc = mia__fail(err, MIA_ERR_INVALID, "%s: there is a tree %s already", w->directory,
                       mia__print_bytes(shown, sizeof shown, name));
        goto done;
    }
    TRY(add_root(w, at, name, err));
    mia__sled_tree_begin(&w->tree);
done:
    return settle(w, rc, IN_TREE);
}

mia_status mia__sled_writer_put(struct mia__sled_writer *w, mia_slice key, mia_slice value,
                                struct mia_error *err)
{
    mia_status rc = check_state(w, IN_TREE, err);
    return rc < 0 ? rc : settle(w, mia__sled_tree_put(&w->tree, key, value, err), IN_TREE);
}

mia_status mia__sled_writer_end_tree(struct mia__sled_writer *w, struct mia_error *err)
{
    mia_status rc = check_state(w, IN_TREE, err);
    if (rc < 0)
        return rc;
    rc = mia__sled_tree_end(&w->tree, &w->roots[w->current].page, err);
    return settle(w, rc, BETWEEN_TREES);
}

static mia_status add_default_tree(struct mia__sled_writer *w, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t at;
    if (find_root(w, DEFAULT_TREE, &at))
        goto done;
    TRY(mia__sled_writer_begin_tree(w, DEFAULT_TREE, err));
    TRY(mia__sled_writer_end_tree(w, err));
done:
    return rc;
}

static mia_status write_counter(struct mia__sled_writer *w, struct mia_error *err)
{
    uint8_t bytes[MIA__SLED_VARINT];
    mia_slice counter = {bytes, mia__sled_put_varint(bytes, w->opt.counter)};
    return mia__sled_log_append(&w->log, MIA__SLED_PAYLOAD_COUNTER, COUNTER_PAGE, counter,
                                (mia_slice){0}, err);
}

static mia_status write_meta(struct mia__sled_writer *w, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__buf meta = {0};
    for (size_t i = 0; i < w->count; i++) {
        TRY(mia__sled_append_bytes(&meta, w->roots[i].name, err));
        TRY(mia__sled_append_varint(&meta, w->roots[i].page, err));
    }
    rc = mia__sled_log_append(&w->log, MIA__SLED_PAYLOAD_META, META_PAGE, mia__buf_slice(&meta),
                              (mia_slice){0}, err);
done:
    mia__buf_free(&meta);
    return rc;
}

mia_status mia__sled_writer_finish(struct mia__sled_writer *w, struct mia_error *err)
{
    mia_status rc;
    TRY(check_state(w, BETWEEN_TREES, err));
    TRY(add_default_tree(w, err));
    TRY(write_counter(w, err));
    TRY(write_meta(w, err));
    TRY(mia__sled_log_finish(&w->log, err));
    rc = mia__dir_sync_tree(w->directory, err);
done:
    return settle(w, rc, FINISHED);
}
