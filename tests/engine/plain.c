/* engine/plain.c - the engine in memory: databases, transactions, trees and single pairs */
#include "engine/plain.h"

#include "engine/plain_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_KEY = 5000, MAX_VALUE = 1 << 30, LONGEST_PATH = 4096 };

mia_status plain_refuse(struct mia_error *err, mia_status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    *err = (struct mia_error){.status = status, .engine = "plain"};
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return status;
}

/* ---- databases */

static void marker(char *file, const char *path)
{
    snprintf(file, LONGEST_PATH, "%s/plain", path);
}

static bool detect(const char *path)
{
    char file[LONGEST_PATH];
    marker(file, path);
    return access(file, F_OK) == 0;
}

static mia_status open_database(const char *path, const struct mia_db_options *opt, void **out,
                                struct mia_error *err)
{
    char file[LONGEST_PATH];
    marker(file, path);
    if (!detect(path) && (opt->must_exist || opt->read_only))
        return MIA_NOTFOUND;
    if (!opt->read_only && mkdir(path, 0755) != 0 && errno != EEXIST)
        return plain_refuse(err, MIA_ERR_IO, "%s cannot be made", path);
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return plain_refuse(err, MIA_ERR_INVALID, "%s cannot be opened", file);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return plain_refuse(err, MIA_ERR_BUSY, "%s is open already", path);
    }
    struct plain_db *db = plain_alloc(NULL, sizeof *db);
    *db = (struct plain_db){.marker = fd};
    pthread_mutex_init(&db->lock, NULL);
    *out = db;
    return MIA_OK;
}

static void close_database(void *handle)
{
    struct plain_db *db = handle;
    for (uint32_t i = 0; i < db->tree_count; i++) {
        plain_map_free(&db->trees[i].map);
        free(db->trees[i].name);
    }
    free(db->trees);
    pthread_mutex_destroy(&db->lock);
    close(db->marker);
    free(db);
}

static mia_status info(void *handle, struct mia_db_info *out, struct mia_error *err)
{
    (void)handle, (void)err;
    *out = (struct mia_db_info){.struct_size = sizeof *out,
                                .max_key = MAX_KEY,
                                .max_value = MAX_VALUE,
                                .max_multi_key = MAX_KEY,
                                .max_multi_value = MAX_KEY};
    return MIA_OK;
}

static mia_status sync_database(void *handle, struct mia_error *err)
{
    (void)handle, (void)err;
    return MIA_OK;
}

/* ---- transactions */

static mia_status begin(void *handle, enum mia_txn_mode mode, void **out, struct mia_error *err)
{
    (void)err;
    struct plain_txn *txn = plain_alloc(NULL, sizeof *txn);
    *txn = (struct plain_txn){.db = handle, .is_write = mode == MIA_TXN_WRITE};
    *out = txn;
    return MIA_OK;
}

/* What was given out dies here, visibly also where no sanitizer looks. */
static void drop_given(struct plain_txn *txn)
{
    while (txn->given != NULL) {
        struct plain_given *block = txn->given;
        txn->given = block->older;
        plain_poison(block->bytes, block->size);
        free(block->bytes);
        free(block);
    }
}

static void drop_name(struct plain_txn *txn)
{
    plain_poison(txn->name, txn->name_size);
    free(txn->name);
    txn->name = NULL;
    txn->name_size = 0;
}

static void end(struct plain_txn *txn)
{
    drop_given(txn);
    drop_name(txn);
    for (uint32_t i = 0; i < txn->own_count; i++)
        plain_map_free(&txn->own[i].map);
    free(txn->own);
    free(txn);
}

static mia_status commit(void *handle, struct mia_error *err)
{
    (void)err;
    struct plain_txn *txn = handle;
    struct plain_db *db = txn->db;
    pthread_mutex_lock(&db->lock);
    for (uint32_t i = 0; i < txn->own_count; i++) {
        if (!txn->own[i].is_touched)
            continue;
        plain_map_free(&db->trees[i].map);
        db->trees[i].map = txn->own[i].map;
        db->trees[i].exists = true;
        txn->own[i].map = (struct plain_map){0};
    }
    end(txn);
    pthread_mutex_unlock(&db->lock);
    return MIA_OK;
}

static void abort_transaction(void *handle)
{
    struct plain_txn *txn = handle;
    struct plain_db *db = txn->db;
    pthread_mutex_lock(&db->lock);
    end(txn);
    pthread_mutex_unlock(&db->lock);
}

/* ---- trees */

static bool is_own(const struct plain_txn *txn, uint32_t tree)
{
    return tree < txn->own_count && txn->own[tree].is_touched;
}

static bool is_visible(const struct plain_txn *txn, uint32_t tree)
{
    return tree < txn->db->tree_count && (is_own(txn, tree) || txn->db->trees[tree].exists);
}

const struct plain_map *plain_view(const struct plain_txn *txn, uint32_t tree)
{
    if (!is_visible(txn, tree))
        return NULL;
    return is_own(txn, tree) ? &txn->own[tree].map : &txn->db->trees[tree].map;
}

mia_status plain_no_tree(uint32_t tree, struct mia_error *err)
{
    return plain_refuse(err, MIA_ERR_INVALID, "tree id %u stands for no tree", tree);
}

/* The transaction's own copy of a tree, made from what is committed or, of a new one, empty. */
static struct plain_map *touch(struct plain_txn *txn, uint32_t tree)
{
    struct plain_db *db = txn->db;
    if (txn->own_count <= tree) {
        txn->own = plain_alloc(txn->own, (tree + 1) * sizeof *txn->own);
        while (txn->own_count <= tree)
            txn->own[txn->own_count++] = (struct plain_own){0};
    }
    struct plain_own *own = &txn->own[tree];
    if (!own->is_touched)
        plain_map_copy(&own->map, &db->trees[tree].map);
    own->is_touched = true;
    return &own->map;
}

static uint32_t find_slot(struct plain_db *db, mia_slice name)
{
    uint32_t i = 0;
    while (i < db->tree_count && !mia_slice_equal(name, plain_name(db, i)))
        i++;
    return i;
}

static void add_slot(struct plain_db *db, mia_slice name)
{
    db->trees = plain_alloc(db->trees, (db->tree_count + 1) * sizeof *db->trees);
    struct plain_tree *tree = &db->trees[db->tree_count++];
    *tree = (struct plain_tree){.name_size = name.size, .name = plain_alloc(NULL, name.size)};
    if (name.size > 0)
        memcpy(tree->name, name.data, name.size);
}

static mia_status tree_open(void *handle, mia_slice name, uint32_t flags, uint32_t *tree,
                            struct mia_error *err)
{
    (void)err;
    struct plain_txn *txn = handle;
    struct plain_db *db = txn->db;
    mia_status rc = MIA_OK;
    pthread_mutex_lock(&db->lock);
    uint32_t id = find_slot(db, name);
    if (!is_visible(txn, id)) {
        if (!(flags & MIA_TREE_CREATE)) {
            rc = MIA_NOTFOUND;
        } else {
            if (id == db->tree_count)
                add_slot(db, name);
            touch(txn, id);
        }
    }
    if (rc == MIA_OK)
        *tree = id;
    pthread_mutex_unlock(&db->lock);
    return rc;
}

static mia_status tree_next(void *handle, const mia_slice *after, mia_slice *name,
                            struct mia_error *err)
{
    (void)err;
    struct plain_txn *txn = handle;
    struct plain_db *db = txn->db;
    mia_status rc = MIA_NOTFOUND;
    mia_slice next = {0};
    pthread_mutex_lock(&db->lock);
    for (uint32_t i = 0; i < db->tree_count; i++) {
        mia_slice candidate = plain_name(db, i);
        if (!is_visible(txn, i) || (after != NULL && mia_slice_compare(candidate, *after) <= 0) ||
            (rc == MIA_OK && mia_slice_compare(candidate, next) > 0))
            continue;
        next = candidate;
        rc = MIA_OK;
    }
    char *copy = plain_copy(next);
    pthread_mutex_unlock(&db->lock);
    drop_name(txn); /* only now: *after may be it */
    txn->name = copy;
    txn->name_size = next.size;
    if (rc == MIA_OK)
        *name = (mia_slice){copy, next.size};
    return rc;
}

/* ---- pairs */

/* After every change: what was read before it is dead. */
static void changed(struct plain_txn *txn)
{
    txn->writes++;
    drop_given(txn);
}

static mia_status clear(void *handle, uint32_t tree, struct mia_error *err)
{
    struct plain_txn *txn = handle;
    pthread_mutex_lock(&txn->db->lock);
    bool is_there = is_visible(txn, tree);
    if (is_there) {
        plain_map_free(touch(txn, tree));
        changed(txn);
    }
    pthread_mutex_unlock(&txn->db->lock);
    return is_there ? MIA_OK : plain_no_tree(tree, err);
}

static mia_status get(void *handle, uint32_t tree, mia_slice key, mia_slice *value,
                      struct mia_error *err)
{
    struct plain_txn *txn = handle;
    mia_status rc = MIA_NOTFOUND;
    bool found = false;
    pthread_mutex_lock(&txn->db->lock);
    const struct plain_map *map = plain_view(txn, tree);
    size_t at = map != NULL ? plain_map_find(map, key, &found) : 0;
    if (map == NULL)
        rc = plain_no_tree(tree, err);
    if (found) {
        struct plain_given *block = plain_alloc(NULL, sizeof *block);
        mia_slice bytes = plain_map_value(map, at);
        *block = (struct plain_given){.older = txn->given, .size = bytes.size};
        block->bytes = plain_copy(bytes);
        txn->given = block;
        *value = (mia_slice){block->bytes, block->size};
        rc = MIA_OK;
    }
    pthread_mutex_unlock(&txn->db->lock);
    return rc;
}

static mia_status judge_put(const struct plain_map *map, mia_slice key, uint32_t flags,
                            struct mia_error *err)
{
    bool found;
    size_t at = plain_map_find(map, key, &found);
    if ((flags & MIA_PUT_INSERT_ONLY) && found)
        return plain_refuse(err, MIA_ERR_INVALID, "the key is there already");
    if ((flags & MIA_PUT_APPEND) && (found || at < map->count))
        return plain_refuse(err, MIA_ERR_INVALID, "the key is not above the last one");
    return MIA_OK;
}

static mia_status put(void *handle, uint32_t tree, mia_slice key, mia_slice value, uint32_t flags,
                      struct mia_error *err)
{
    struct plain_txn *txn = handle;
    mia_status rc;
    pthread_mutex_lock(&txn->db->lock);
    if (!is_visible(txn, tree)) {
        rc = plain_no_tree(tree, err);
    } else {
        struct plain_map *map = touch(txn, tree);
        rc = judge_put(map, key, flags, err);
        if (rc == MIA_OK) {
            plain_map_put(map, key, value);
            changed(txn);
        }
    }
    pthread_mutex_unlock(&txn->db->lock);
    return rc;
}

static mia_status del(void *handle, uint32_t tree, mia_slice key, const mia_slice *value,
                      struct mia_error *err)
{
    struct plain_txn *txn = handle;
    mia_status rc = MIA_NOTFOUND;
    bool found;
    if (value != NULL)
        return plain_refuse(err, MIA_ERR_INTERNAL, "this engine has no multi trees");
    pthread_mutex_lock(&txn->db->lock);
    if (!is_visible(txn, tree)) {
        rc = plain_no_tree(tree, err);
    } else {
        struct plain_map *map = touch(txn, tree);
        size_t at = plain_map_find(map, key, &found);
        if (found) {
            plain_map_remove(map, at);
            changed(txn);
            rc = MIA_OK;
        }
    }
    pthread_mutex_unlock(&txn->db->lock);
    return rc;
}

static mia_status count(void *handle, uint32_t tree, const mia_slice *key, uint64_t *n,
                        struct mia_error *err)
{
    struct plain_txn *txn = handle;
    bool found;
    pthread_mutex_lock(&txn->db->lock);
    const struct plain_map *map = plain_view(txn, tree);
    if (map != NULL && key == NULL) {
        *n = map->count;
    } else if (map != NULL) {
        plain_map_find(map, *key, &found);
        *n = found;
    }
    pthread_mutex_unlock(&txn->db->lock);
    return map != NULL ? MIA_OK : plain_no_tree(tree, err);
}

static const struct mia_engine_ops plain_ops = {
    .abi = MIA_ENGINE_ABI,
    .struct_size = sizeof(struct mia_engine_ops),
    .name = "plain",
    .value_format = MIA_VALUE_BINCODE,
    .index_layout = MIA_INDEX_MULTI,
    .open = open_database,
    .close = close_database,
    .info = info,
    .sync = sync_database,
    .detect = detect,
    .begin = begin,
    .commit = commit,
    .abort = abort_transaction,
    .tree = tree_open,
    .tree_next = tree_next,
    .clear = clear,
    .get = get,
    .put = put,
    .del = del,
    .count = count,
    .cursor = plain_cursor,
    .move = plain_move,
    .cursor_close = plain_cursor_close,
};

const struct mia_engine_ops *test_engine_plain(void)
{
    return &plain_ops;
}
