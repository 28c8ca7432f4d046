/* index/spaces.c - the trees vec_spaces, vec_ids, vec_keys */
#include "index/spaces.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "index/fit.h"
#include "index/multi.h"
#include "vector/cosine.h"

enum { SPACE_SIZE = 4 + 8 + 8, PLACE_SIZE = 4 + 8, KEY_SIZE = 4 + 8, DIMENSION_SIZE = 4 };

static void store_u32be(uint8_t *to, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(number >> (24 - 8 * i));
}

static uint32_t load_u32be(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

/* Where a vector lies. */
struct place {
    uint32_t space;
    uint64_t key;
};

static void store_place(uint8_t to[PLACE_SIZE], const struct place *place)
{
    mia__store_u32le(to, place->space);
    mia__store_u64le(to + 4, place->key);
}

static mia_slice key_of(uint8_t to[KEY_SIZE], const struct place *place)
{
    store_u32be(to, place->space);
    mia__store_u64be(to + 4, place->key);
    return (mia_slice){to, KEY_SIZE};
}

bool mia__spaces_want(mia_view embedding)
{
    return mia__has_direction(mia__square(mia_embedding_vector(embedding)));
}

/* ---- one space */

static mia_status space_key(struct mia__buf *key, uint32_t dimension, mia_str model,
                            struct mia_error *err)
{
    mia_status rc;
    uint8_t bytes[DIMENSION_SIZE];
    store_u32be(bytes, dimension);
    key->size = 0;
    TRY(mia__buf_append(key, bytes, sizeof bytes, err));
    rc = mia__fit(key, model, MIA__FIT_VALUE, err);
done:
    return rc;
}

static mia_status parse_space(mia_txn *txn, mia_slice key, mia_slice value,
                              struct mia__space *space, struct mia_error *err)
{
    const uint8_t *bytes = value.data;
    if (key.size < DIMENSION_SIZE || value.size != SPACE_SIZE)
        return mia__index_broken(txn, "vec_spaces", err);
    space->dimension = load_u32be(key.data);
    space->number = mia__load_u32le(bytes);
    space->live = mia__load_u64le(bytes + 4);
    space->next = mia__load_u64le(bytes + 12);
    return MIA_OK;
}

static void store_space(uint8_t to[SPACE_SIZE], const struct mia__space *space)
{
    mia__store_u32le(to, space->number);
    mia__store_u64le(to + 4, space->live);
    mia__store_u64le(to + 12, space->next);
}

static mia_status put_space(mia_txn *txn, mia_tree tree, mia_slice key,
                            const struct mia__space *space, struct mia_error *err)
{
    uint8_t value[SPACE_SIZE];
    store_space(value, space);
    return mia_kv_put(txn, tree, key, (mia_slice){value, sizeof value}, MIA_PUT_UPSERT, err);
}

/* The space of an embedding, whose key is left in s->key. MIA_NOTFOUND, and a number for it: it is
 * new. */
static mia_status find_space(mia_txn *txn, const struct mia__index *index,
                             struct mia__index_scratch *s, mia_view embedding,
                             struct mia__space *space, struct mia_error *err)
{
    mia_status rc;
    mia_slice value;
    uint64_t count;
    mia_tree tree = index->trees[MIA__INDEX_SPACES];
    size_t dimension = mia_embedding_vector(embedding).count;
    TRY(space_key(&s->key, (uint32_t)dimension, mia_embedding_model(embedding), err));
    TRY(mia_kv_get(txn, tree, mia__buf_slice(&s->key), &value, err));
    if (rc == MIA_OK) {
        rc = parse_space(txn, mia__buf_slice(&s->key), value, space, err);
        goto done;
    }
    TRY(mia_kv_count(txn, tree, NULL, &count, err));
    *space = (struct mia__space){(uint32_t)count + 1, (uint32_t)dimension, 0, 1};
    rc = MIA_NOTFOUND;
done:
    return rc;
}

/* ---- changes */

static mia_status fit_id(struct mia__buf *to, mia_view embedding, struct mia_error *err)
{
    to->size = 0;
    return mia__fit(to, mia_embedding_id(embedding), MIA__FIT_ID, err);
}

/* MIA_NOTFOUND: it has no key. */
static mia_status find_place(mia_txn *txn, const struct mia__index *index, mia_slice fitted,
                             struct place *place, struct mia_error *err)
{
    mia_slice value;
    mia_status rc = mia_kv_get(txn, index->trees[MIA__INDEX_VECTORS], fitted, &value, err);
    if (rc != MIA_OK)
        return rc;
    if (value.size != PLACE_SIZE)
        return mia__index_broken(txn, "vec_ids", err);
    place->space = mia__load_u32le(value.data);
    place->key = mia__load_u64le((const uint8_t *)value.data + 4);
    return MIA_OK;
}

static mia_status remove_vector(mia_txn *txn, const struct mia__index *index,
                                struct mia__index_scratch *s, mia_view embedding,
                                struct mia_error *err)
{
    mia_status rc;
    struct place place;
    struct mia__space space;
    uint8_t key[KEY_SIZE];
    TRY(fit_id(&s->value, embedding, err));
    mia_slice fitted = mia__buf_slice(&s->value);
    TRY(find_place(txn, index, fitted, &place, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia_kv_del(txn, index->trees[MIA__INDEX_VECTORS], fitted, NULL, err));
    TRY(mia_kv_del(txn, index->trees[MIA__INDEX_VECTOR_KEYS], key_of(key, &place), NULL, err));
    TRY(find_space(txn, index, s, embedding, &space, err));
    if (rc == MIA_NOTFOUND || space.live == 0)
        goto done;
    space.live--;
    rc = put_space(txn, index->trees[MIA__INDEX_SPACES], mia__buf_slice(&s->key), &space, err);
done:
    return rc < 0 ? rc : MIA_OK;
}

static mia_status add_vector(mia_txn *txn, const struct mia__index *index,
                             struct mia__index_scratch *s, mia_view embedding,
                             struct mia_error *err)
{
    mia_status rc;
    struct mia__space space;
    uint8_t key[KEY_SIZE], value[PLACE_SIZE];
    TRY(find_space(txn, index, s, embedding, &space, err));
    struct place place = {space.number, space.next};
    space.live++;
    space.next++;
    TRY(put_space(txn, index->trees[MIA__INDEX_SPACES], mia__buf_slice(&s->key), &space, err));
    TRY(fit_id(&s->value, embedding, err));
    mia_slice fitted = mia__buf_slice(&s->value);
    store_place(value, &place);
    TRY(mia_kv_put(txn, index->trees[MIA__INDEX_VECTORS], fitted, (mia_slice){value, sizeof value},
                   MIA_PUT_UPSERT, err));
    rc = mia_kv_put(txn, index->trees[MIA__INDEX_VECTOR_KEYS], key_of(key, &place), fitted,
                    MIA_PUT_UPSERT, err);
done:
    return rc;
}

static struct mia__space_number *find_number(struct mia__space_numbers *numbers, mia_slice key)
{
    struct mia__space_number *at = (void *)numbers->spaces.data;
    for (size_t i = 0; i < numbers->spaces.size / sizeof *at; i++)
        if (mia_slice_equal(mia__buf_slice(&at[i].key), key))
            return &at[i];
    return NULL;
}

static mia_status add_number(struct mia__space_numbers *numbers, mia_slice key, uint32_t dimension,
                             struct mia_error *err)
{
    mia_status rc;
    struct mia__space_number new = {
        .space = {(uint32_t)(numbers->spaces.size / sizeof new) + 1, dimension, 0, 1}};
    TRY(mia__buf_set(&new.key, key, err));
    rc = mia__buf_append(&numbers->spaces, &new, sizeof new, err);
done:
    if (rc < 0)
        mia__buf_free(&new.key);
    return rc;
}

mia_status mia__spaces_entries(struct mia__space_numbers *numbers, struct mia__index_scratch *s,
                               mia_view embedding, const struct mia__entries *to,
                               struct mia_error *err)
{
    mia_status rc = MIA_OK;
    uint8_t key[KEY_SIZE], value[PLACE_SIZE];
    uint32_t dimension = (uint32_t)mia_embedding_vector(embedding).count;
    if (!mia__spaces_want(embedding))
        goto done;
    TRY(space_key(&s->key, dimension, mia_embedding_model(embedding), err));
    struct mia__space_number *number = find_number(numbers, mia__buf_slice(&s->key));
    if (number == NULL) {
        TRY(add_number(numbers, mia__buf_slice(&s->key), dimension, err));
        number = find_number(numbers, mia__buf_slice(&s->key));
    }
    struct place place = {number->space.number, number->space.next};
    number->space.live++;
    number->space.next++;
    TRY(fit_id(&s->value, embedding, err));
    store_place(value, &place);
    TRY(to->take(to->ctx, MIA__INDEX_VECTORS, mia__buf_slice(&s->value),
                 (mia_slice){value, sizeof value}, err));
    rc = to->take(to->ctx, MIA__INDEX_VECTOR_KEYS, key_of(key, &place), mia__buf_slice(&s->value),
                  err);
done:
    return rc;
}

mia_status mia__spaces_numbered(const struct mia__space_numbers *numbers,
                                const struct mia__entries *to, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    uint8_t value[SPACE_SIZE];
    const struct mia__space_number *at = (const void *)numbers->spaces.data;
    for (size_t i = 0; rc == MIA_OK && i < numbers->spaces.size / sizeof *at; i++) {
        store_space(value, &at[i].space);
        rc = to->take(to->ctx, MIA__INDEX_SPACES, mia__buf_slice(&at[i].key),
                      (mia_slice){value, sizeof value}, err);
    }
    return rc;
}

void mia__space_numbers_free(struct mia__space_numbers *numbers)
{
    struct mia__space_number *at = (void *)numbers->spaces.data;
    for (size_t i = 0; i < numbers->spaces.size / sizeof *at; i++)
        mia__buf_free(&at[i].key);
    mia__buf_free(&numbers->spaces);
}

static bool is_same_vector(mia_view a, mia_view b)
{
    mia_floats x = mia_embedding_vector(a), y = mia_embedding_vector(b);
    mia_str p = mia_embedding_model(a), q = mia_embedding_model(b);
    return x.count == y.count && p.size == q.size &&
           (p.size == 0 || memcmp(p.data, q.data, p.size) == 0) &&
           (x.count == 0 || memcmp(x.data, y.data, x.count * sizeof(float)) == 0);
}

mia_status mia__spaces_change(mia_txn *txn, const struct mia__index *index,
                              struct mia__index_scratch *scratch, const mia_view *before,
                              const mia_view *after, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct place place;
    if (before != NULL && after != NULL && is_same_vector(*before, *after))
        return MIA_OK;
    if (before != NULL)
        TRY(remove_vector(txn, index, scratch, *before, err));
    if (after == NULL || !mia__spaces_want(*after))
        goto done;
    if (before == NULL) { /* while the index is made anew, a writer may have been here before */
        TRY(fit_id(&scratch->value, *after, err));
        TRY(find_place(txn, index, mia__buf_slice(&scratch->value), &place, err));
        if (rc == MIA_OK)
            goto done;
    }
    rc = add_vector(txn, index, scratch, *after, err);
done:
    return rc < 0 ? rc : MIA_OK;
}

static mia_status empty_space(mia_txn *txn, mia_tree tree, mia_slice key, mia_slice value,
                              struct mia_error *err)
{
    struct mia__space space;
    mia_status rc = parse_space(txn, key, value, &space, err);
    space.live = 0;
    return rc < 0 ? rc : put_space(txn, tree, key, &space, err);
}

mia_status mia__spaces_clear(mia_txn *txn, const struct mia__index *index, struct mia_error *err)
{
    mia_status rc;
    mia_cursor *cur = NULL;
    mia_slice key, value;
    struct mia__buf kept = {0};
    mia_tree tree = index->trees[MIA__INDEX_SPACES];
    TRY(mia_tree_clear(txn, index->trees[MIA__INDEX_VECTORS], err));
    TRY(mia_tree_clear(txn, index->trees[MIA__INDEX_VECTOR_KEYS], err));
    TRY(mia_cursor_open(txn, tree, &cur, err));
    while ((rc = mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, err)) == MIA_OK) {
        TRY(mia__buf_set(&kept, key, err)); /* writes move what a slice points to */
        TRY(empty_space(txn, tree, mia__buf_slice(&kept), value, err));
    }
done:
    mia_cursor_close(cur);
    mia__buf_free(&kept);
    return rc < 0 ? rc : MIA_OK;
}

/* ---- reading */

mia_status mia__spaces_list(const struct mia__index_reader *reader, uint32_t dimension,
                            mia_str model, struct mia__buf *spaces, struct mia_error *err)
{
    mia_status rc;
    mia_cursor *cur = NULL;
    mia_slice key, value;
    struct mia__buf wanted = {0};
    TRY(space_key(&wanted, dimension, model, err));
    TRY(mia_cursor_open(reader->txn, reader->index->trees[MIA__INDEX_SPACES], &cur, err));
    while ((rc = mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, err)) == MIA_OK) {
        struct mia__space space;
        TRY(parse_space(reader->txn, key, value, &space, err));
        bool is_other_model = model.data != NULL && !mia_slice_equal(key, mia__buf_slice(&wanted));
        if ((dimension == 0 || space.dimension == dimension) && !is_other_model)
            TRY(mia__buf_append(spaces, &space, sizeof space, err));
    }
done:
    mia_cursor_close(cur);
    mia__buf_free(&wanted);
    return rc < 0 ? rc : MIA_OK;
}

mia_status mia__spaces_get(const struct mia__index_reader *reader, uint32_t number,
                           struct mia__space *space, struct mia_error *err)
{
    struct mia__buf all = {0};
    mia_status rc = mia__spaces_list(reader, 0, (mia_str){0}, &all, err);
    const struct mia__space *spaces = (const void *)all.data;
    bool is_found = false;
    for (size_t i = 0; rc >= 0 && i < all.size / sizeof *spaces && !is_found; i++)
        if (spaces[i].number == number) {
            *space = spaces[i];
            is_found = true;
        }
    mia__buf_free(&all);
    return rc < 0 ? rc : is_found ? MIA_OK : MIA_NOTFOUND;
}

mia_status mia__spaces_id(const struct mia__index_reader *reader, uint32_t space, uint64_t key,
                          mia_str *id, struct mia_error *err)
{
    mia_slice fitted;
    uint8_t bytes[KEY_SIZE];
    struct place place = {space, key};
    mia_status rc = mia_kv_get(reader->txn, reader->index->trees[MIA__INDEX_VECTOR_KEYS],
                               key_of(bytes, &place), &fitted, err);
    return rc == MIA_OK ? mia__multi_id(reader, MIA_TABLE_EMBEDDINGS, fitted, id, err) : rc;
}

mia_status mia__space_cursor_open(struct mia__space_cursor *cur,
                                  const struct mia__index_reader *reader, uint32_t space,
                                  uint64_t from, struct mia_error *err)
{
    *cur = (struct mia__space_cursor){.reader = reader, .space = space, .from = from};
    return mia_cursor_open(reader->txn, reader->index->trees[MIA__INDEX_VECTOR_KEYS], &cur->cursor,
                           err);
}

mia_status mia__space_cursor_next(struct mia__space_cursor *cur, uint64_t *key, mia_str *id,
                                  struct mia_error *err)
{
    uint8_t bytes[KEY_SIZE];
    mia_slice at, fitted;
    struct place from = {cur->space, cur->from};
    if (!cur->is_started)
        at = key_of(bytes, &from);
    mia_status rc = mia_cursor_move(cur->cursor, cur->is_started ? MIA_MOVE_NEXT : MIA_MOVE_SEEK,
                                    &at, &fitted, err);
    cur->is_started = true;
    if (rc != MIA_OK)
        return rc;
    if (at.size != KEY_SIZE)
        return mia__index_broken(cur->reader->txn, "vec_keys", err);
    if (load_u32be(at.data) != cur->space)
        return MIA_NOTFOUND;
    *key = mia__load_u64be((const uint8_t *)at.data + 4);
    return mia__multi_id(cur->reader, MIA_TABLE_EMBEDDINGS, fitted, id, err);
}

void mia__space_cursor_close(struct mia__space_cursor *cur)
{
    mia_cursor_close(cur->cursor);
    *cur = (struct mia__space_cursor){0};
}

/* ---- check */

/* The embedding must be there, in this space, and have this key and no other. */
static mia_status verify(const struct mia__index_reader *reader, mia_slice fitted,
                         const struct place *place, bool *is_sound, struct mia_error *err)
{
    mia_status rc;
    mia_str id;
    mia_view view;
    mia_slice found;
    uint8_t bytes[KEY_SIZE];
    struct place own;
    struct mia__space space;
    struct mia__index_scratch scratch = {0};
    TRY(find_place(reader->txn, reader->index, fitted, &own, err));
    if (rc == MIA_NOTFOUND || own.space != place->space || own.key != place->key)
        goto done;
    TRY(mia_kv_get(reader->txn, reader->index->trees[MIA__INDEX_VECTOR_KEYS], key_of(bytes, place),
                   &found, err));
    if (rc == MIA_NOTFOUND || !mia_slice_equal(found, fitted))
        goto done;
    TRY(mia__multi_id(reader, MIA_TABLE_EMBEDDINGS, fitted, &id, err));
    TRY(reader->records.get(reader->records.ctx, MIA_TABLE_EMBEDDINGS, id, &view, err));
    if (rc == MIA_NOTFOUND || !mia__spaces_want(view))
        goto done;
    TRY(find_space(reader->txn, reader->index, &scratch, view, &space, err));
    *is_sound = rc == MIA_OK && space.number == place->space && place->key < space.next;
done:
    mia__index_scratch_free(&scratch);
    return rc == MIA_ERR_CORRUPT || rc == MIA_ERR_SERIALIZATION || rc > 0 ? MIA_OK : rc;
}

mia_status mia__spaces_verify(const struct mia__index_reader *reader, enum mia__index_tree tree,
                              mia_slice key, mia_slice value, bool *is_sound, struct mia_error *err)
{
    struct place place;
    bool is_by_id = tree == MIA__INDEX_VECTORS;
    mia_slice packed = is_by_id ? value : key;
    const uint8_t *bytes = packed.data;
    *is_sound = false;
    if (packed.size != PLACE_SIZE)
        return MIA_OK;
    place.space = is_by_id ? mia__load_u32le(bytes) : load_u32be(bytes);
    place.key = is_by_id ? mia__load_u64le(bytes + 4) : mia__load_u64be(bytes + 4);
    return verify(reader, is_by_id ? key : value, &place, is_sound, err);
}
