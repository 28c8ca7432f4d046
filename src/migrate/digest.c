/* migrate/digest.c - SHA-256 (OpenSSL's) over pairs */
#include "migrate/digest.h"

#include "base/error.h"
#include "base/try.h"
#include "mia/migrate.h"

mia_status mia__digest_open(struct mia__digest *d, struct mia_error *err)
{
    mia_status rc;
    memset(d, 0, sizeof *d);
    TRY(mia__sha256_open(&d->value, err));
    TRY(mia__sha256_open(&d->all, err));
    rc = mia__sha256_begin(d->all, err);
done:
    return rc;
}

void mia__digest_close(struct mia__digest *d)
{
    mia__sha256_close(d->value);
    mia__sha256_close(d->all);
    mia__buf_free(&d->line);
}

static mia_status append_hex(struct mia__buf *line, mia_slice bytes, char end,
                             struct mia_error *err)
{
    mia_status rc = mia__buf_reserve(line, line->size + 2 * bytes.size + 1, err);
    if (rc < 0)
        return rc;
    mia__put_hex((char *)line->data + line->size, bytes.data, bytes.size);
    line->size += 2 * bytes.size;
    line->data[line->size++] = (uint8_t)end;
    return MIA_OK;
}

mia_status mia__digest_tree(struct mia__digest *d, mia_slice tree, struct mia_error *err)
{
    d->line.size = 0;
    mia_status rc = append_hex(&d->line, tree, ' ', err);
    d->tree_size = d->line.size;
    return rc;
}

mia_status mia__digest_line(struct mia__digest *d, mia_slice key, mia_slice value,
                            struct mia_error *err)
{
    mia_status rc;
    uint8_t sum[MIA__SHA256_SIZE];
    d->line.size = d->tree_size;
    TRY(mia__sha256_begin(d->value, err));
    TRY(mia__sha256_add(d->value, value, err));
    TRY(mia__sha256_end(d->value, sum, err));
    TRY(append_hex(&d->line, key, ' ', err));
    TRY(append_hex(&d->line, (mia_slice){sum, sizeof sum}, '\n', err));
done:
    return rc;
}

mia_status mia__digest_add(struct mia__digest *d, mia_slice key, mia_slice value,
                           struct mia_error *err)
{
    mia_status rc = mia__digest_line(d, key, value, err);
    return rc < 0 ? rc : mia__sha256_add(d->all, mia__buf_slice(&d->line), err);
}

mia_status mia__digest_end(struct mia__digest *d, char out[MIA__SHA256_HEX], struct mia_error *err)
{
    uint8_t sum[MIA__SHA256_SIZE];
    mia_status rc = mia__sha256_end(d->all, sum, err);
    if (rc == MIA_OK)
        mia__sha256_hex(sum, out);
    return rc;
}

static mia_status digest_tree(mia_source *source, size_t tree, struct mia__digest *d,
                              mia_digest_fn fn, void *ctx, struct mia_error *err)
{
    mia_status rc;
    mia_source_cursor *cur = NULL;
    struct mia_pair pairs[64];
    size_t n;
    TRY(mia__digest_tree(d, mia_source_tree_name(source, tree), err));
    TRY(mia_source_cursor_open(source, tree, &cur, err));
    for (;;) {
        TRY(mia_source_cursor_next(cur, pairs, 64, &n, err));
        if (rc == MIA_NOTFOUND)
            break;
        for (size_t i = 0; i < n; i++) {
            TRY(mia__digest_line(d, pairs[i].key, pairs[i].value, err));
            if (!fn(ctx, (const char *)d->line.data, d->line.size - 1)) {
                rc = mia__fail(err, MIA_ERR_CANCELLED, "stopped on request");
                goto done;
            }
        }
    }
    rc = MIA_OK;
done:
    mia_source_cursor_close(cur);
    return rc;
}

mia_status mia_digest(mia_source *source, mia_digest_fn fn, void *ctx, struct mia_error *err)
{
    mia_status rc;
    struct mia__digest d;
    TRY(mia__digest_open(&d, err));
    for (size_t tree = 0; tree < mia_source_tree_count(source); tree++)
        TRY(digest_tree(source, tree, &d, fn, ctx, err));
done:
    mia__digest_close(&d);
    return rc;
}
