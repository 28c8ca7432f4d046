/* migrate/compare_file.c - the file written and read: see compare_file.h for what is in it */
#include "migrate/compare_file.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/parse.h"
#include "base/try.h"

#include <errno.h>

enum { VERSION = 1, SIZE_MOST = 1 << 30 /* of a file that is one: keys can be long */ };
static const char magic[12] = "mia-verify\n";

static mia_status sum_up(const uint8_t *bytes, size_t size, uint8_t out[MIA__SHA256_SIZE],
                         struct mia_error *err)
{
    mia_status rc;
    struct mia__sha256 *sha;
    TRY(mia__sha256_open(&sha, err));
    TRY(mia__sha256_begin(sha, err));
    TRY(mia__sha256_add(sha, (mia_slice){bytes, size}, err));
    rc = mia__sha256_end(sha, out, err);
done:
    mia__sha256_close(sha);
    return rc;
}

/* ---- writing */

struct writer {
    struct mia__buf bytes;
    mia_status rc; /* the first failure sticks */
    struct mia_error *err;
};

static void put(struct writer *w, const void *data, size_t size)
{
    if (w->rc >= 0)
        w->rc = mia__buf_append(&w->bytes, data, size, w->err);
}

static void put_u32(struct writer *w, uint32_t value)
{
    uint8_t bytes[4];
    mia__store_u32le(bytes, value);
    put(w, bytes, sizeof bytes);
}

static void put_u64(struct writer *w, uint64_t value)
{
    uint8_t bytes[8];
    mia__store_u64le(bytes, value);
    put(w, bytes, sizeof bytes);
}

static void put_counts(struct writer *w, const uint64_t *counts, uint32_t count)
{
    put_u32(w, count);
    for (uint32_t i = 0; i < count; i++)
        put_u64(w, counts[i]);
}

static void put_buf(struct writer *w, const struct mia__buf *buf)
{
    put_u64(w, buf->size);
    put(w, buf->data, buf->size);
}

mia_status mia__compare_save(const char *path, const struct mia__compare_mark *what,
                             const struct mia__compare_state *state, struct mia_error *err)
{
    mia_status rc;
    uint8_t sum[MIA__SHA256_SIZE], flags[2] = {state->has_tree, state->has_key};
    struct writer w = {.err = err};
    put(&w, magic, sizeof magic);
    put_u32(&w, VERSION);
    for (int i = 0; i < MIA__COMPARE_TEXTS; i++) {
        put_u32(&w, (uint32_t)strlen(what->texts[i]));
        put(&w, what->texts[i], strlen(what->texts[i]));
    }
    put_u64(&w, what->mark);
    put(&w, flags, sizeof flags);
    put_buf(&w, &state->tree);
    put_buf(&w, &state->key);
    put_u64(&w, state->records);
    put_u64(&w, state->key_bytes);
    put_u64(&w, state->value_bytes);
    put_u64(&w, state->left_out_records);
    put_counts(&w, state->differences, MIA_DIFF_CLASSES);
    put_counts(&w, state->findings, MIA_FINDING_CLASSES);
    put(&w, state->digest, sizeof state->digest);
    TRY(w.rc);
    TRY(sum_up(w.bytes.data, w.bytes.size, sum, err));
    mia_slice parts[] = {mia__buf_slice(&w.bytes), {sum, sizeof sum}};
    rc = mia__file_replace(path, parts, 2, err);
done:
    mia__buf_free(&w.bytes);
    return rc;
}

mia_status mia__compare_forget(const char *path, struct mia_error *err)
{
    char *unfinished = mia__format("%s.tmp", path); /* mia__file_replace makes it */
    if (unfinished == NULL)
        return mia__fail_nomem(err);
    mia_status rc = mia__file_remove(unfinished, err);
    mia__free(unfinished);
    return rc < 0 ? rc : mia__file_remove(path, err);
}

/* ---- reading */

enum { CUT_OFF = 1 }; /* the one fault: what a checksum covers can lack nothing but bytes */

static uint64_t take_u32(struct mia__parse *p)
{
    const uint8_t *at = mia__parse_take(p, 4, CUT_OFF);
    return at != NULL ? mia__load_u32le(at) : 0;
}

static uint64_t take_u64(struct mia__parse *p)
{
    const uint8_t *at = mia__parse_take(p, 8, CUT_OFF);
    return at != NULL ? mia__load_u64le(at) : 0;
}

static mia_slice take_bytes(struct mia__parse *p, uint64_t size)
{
    size_t count = mia__parse_count(p, p->at, size, 1, CUT_OFF);
    return (mia_slice){mia__parse_take(p, count, CUT_OFF), count};
}

static void take_counts(struct mia__parse *p, uint64_t *counts, size_t count)
{
    if (take_u32(p) != count)
        mia__parse_refuse(p, p->at, CUT_OFF, 0);
    for (size_t i = 0; i < count; i++)
        counts[i] = take_u64(p);
}

static mia_status read_file(const char *path, struct mia__buf *bytes, struct mia_error *err)
{
    mia_status rc;
    struct mia__file_stat st;
    struct mia_error why = {0};
    size_t got;
    rc = mia__file_stat(path, &st, &why);
    if (rc < 0 && why.code == ENOENT)
        return MIA_NOTFOUND;
    if (rc < 0 || mia__file_kind(path) != MIA__FILE_REGULAR || st.size > SIZE_MOST)
        return mia__fail(err, MIA_ERR_CORRUPT, "%s is no checkpoint of a verification", path);
    TRY(mia__buf_reserve(bytes, (size_t)st.size, err));
    TRY(mia__file_read(path, 0, bytes->data, (size_t)st.size, &got, err));
    bytes->size = got;
done:
    return rc;
}

/* Magic, checksum, version: what is left is what some version wrote. */
static mia_status check_whole(const char *path, const struct mia__buf *bytes, struct mia_error *err)
{
    uint8_t sum[MIA__SHA256_SIZE];
    if (bytes->size < sizeof magic + 4 + sizeof sum ||
        memcmp(bytes->data, magic, sizeof magic) != 0)
        return mia__fail(err, MIA_ERR_CORRUPT, "%s is no checkpoint of a verification", path);
    size_t size = bytes->size - sizeof sum;
    mia_status rc = sum_up(bytes->data, size, sum, err);
    if (rc < 0)
        return rc;
    if (memcmp(bytes->data + size, sum, sizeof sum) != 0)
        return mia__fail(err, MIA_ERR_CORRUPT, "%s, a checkpoint of a verification, is damaged",
                         path);
    if (mia__load_u32le(bytes->data + sizeof magic) != VERSION)
        return mia__fail(err, MIA_ERR_VERSION,
                         "%s, a checkpoint of a verification, is of another version of mia", path);
    return MIA_OK;
}

static mia_status take_texts(struct mia__parse *p, const struct mia__compare_mark *what,
                             enum mia__compare_text *changed, struct mia_error *err)
{
    for (int i = 0; i < MIA__COMPARE_TEXTS; i++) {
        mia_slice text = take_bytes(p, take_u32(p));
        if (p->fault != 0 || mia_slice_equal(text, mia_bytes_of(what->texts[i])))
            continue;
        *changed = (enum mia__compare_text)i;
        return mia__fail(err, MIA_ERR_INVALID, "the checkpoint is of another verification");
    }
    return MIA_OK;
}

static mia_status take_state(struct mia__parse *p, struct mia__compare_state *state,
                             struct mia_error *err)
{
    mia_status rc = MIA_OK;
    mia_slice flags = take_bytes(p, 2), tree = take_bytes(p, take_u64(p)),
              key = take_bytes(p, take_u64(p));
    state->records = take_u64(p);
    state->key_bytes = take_u64(p);
    state->value_bytes = take_u64(p);
    state->left_out_records = take_u64(p);
    take_counts(p, state->differences, MIA_DIFF_CLASSES);
    take_counts(p, state->findings, MIA_FINDING_CLASSES);
    mia_slice digest = take_bytes(p, sizeof state->digest);
    if (p->fault != 0 || mia__parse_left(p) > 0)
        return mia__fail(err, MIA_ERR_CORRUPT, "a checkpoint of a verification has another shape");
    state->has_tree = ((const uint8_t *)flags.data)[0] != 0;
    state->has_key = ((const uint8_t *)flags.data)[1] != 0;
    memcpy(state->digest, digest.data, sizeof state->digest);
    TRY(mia__buf_set(&state->tree, tree, err));
    TRY(mia__buf_set(&state->key, key, err));
done:
    return rc;
}

mia_status mia__compare_load(const char *path, struct mia__compare_mark *what,
                             struct mia__compare_state *state, enum mia__compare_text *changed,
                             struct mia_error *err)
{
    mia_status rc;
    struct mia__buf bytes = {0};
    *changed = MIA__COMPARE_TEXTS;
    TRY(read_file(path, &bytes, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(check_whole(path, &bytes, err));
    size_t begin = sizeof magic + 4;
    struct mia__parse p =
        mia__parse_begin((mia_slice){bytes.data + begin, bytes.size - begin - MIA__SHA256_SIZE});
    TRY(take_texts(&p, what, changed, err));
    what->mark = take_u64(&p);
    rc = take_state(&p, state, err);
done:
    mia__buf_free(&bytes);
    return rc;
}
