/* store/scan.c - a table in the order of ids */
#include "base/error.h"
#include "base/try.h"
#include "store/store.h"

enum { CHUNK = 64 };

struct mia_scan {
    struct mia__session *session;
    enum mia_table table;
    struct mia__buf prefix;
    struct mia__raw_cursor *cursor; /* NULL: the table was never made */
    struct mia_pair chunk[CHUNK];
    size_t at, count;
    struct mia__transcoder transcoder; /* of the scan alone: views live until its next step */
    struct mia__buf archive;
};

void mia_scan_close(mia_scan *scan)
{
    if (scan == NULL)
        return;
    mia__raw_cursor_close(scan->cursor);
    mia__buf_free(&scan->prefix);
    mia__transcoder_free(&scan->transcoder);
    mia__buf_free(&scan->archive);
    mia__free(scan);
}

static mia_status open_cursor(mia_scan *scan, struct mia_error *err)
{
    mia_status rc;
    const mia_store *store = scan->session->store;
    TRY(mia__raw_cursor_open(scan->session->txn, &store->raw, store->tables[scan->table],
                             &scan->cursor, err));
    if (scan->prefix.size > 0)
        TRY(mia__raw_cursor_seek(scan->cursor, mia__buf_slice(&scan->prefix), err));
    rc = MIA_OK;
done:
    return rc;
}

mia_status mia_scan_open(mia_txn *txn, enum mia_table table, mia_str prefix, mia_scan **out,
                         struct mia_error *err)
{
    mia_status rc;
    struct mia__session *s;
    mia_scan *scan = NULL;
    *out = NULL;
    TRY(mia__session_of(txn, &s, err));
    scan = mia__alloc_zero(sizeof *scan);
    if (scan == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    scan->session = s;
    scan->table = table;
    TRY(mia__buf_set(&scan->prefix, (mia_slice){prefix.data, prefix.size}, err));
    if (s->store->has_tables[table])
        rc = open_cursor(scan, err);
done:
    if (rc < 0)
        mia_scan_close(scan);
    else
        *out = scan;
    return rc;
}

mia_status mia__scan_open_from(mia_txn *txn, enum mia_table table, mia_slice behind,
                               mia_scan **scan, struct mia_error *err)
{
    mia_status rc;
    struct mia__buf next = {0};
    TRY(mia_scan_open(txn, table, (mia_str){0}, scan, err));
    if (behind.size == 0 || (*scan)->cursor == NULL)
        goto done;
    TRY(mia__buf_set(&next, behind, err));
    TRY(mia__buf_append(&next, "", 1, err)); /* the least key that is above */
    rc = mia__raw_cursor_seek((*scan)->cursor, mia__buf_slice(&next), err);
done:
    mia__buf_free(&next);
    if (rc < 0) {
        mia_scan_close(*scan);
        *scan = NULL;
    }
    return rc < 0 ? rc : MIA_OK;
}

static mia_status fill(mia_scan *scan, struct mia_error *err)
{
    scan->at = scan->count = 0;
    if (scan->cursor == NULL)
        return MIA_NOTFOUND;
    return mia__raw_cursor_next(scan->cursor, scan->chunk, CHUNK, &scan->count, err);
}

static bool has_prefix(const mia_scan *scan, mia_slice key)
{
    return key.size >= scan->prefix.size &&
           (scan->prefix.size == 0 || memcmp(key.data, scan->prefix.data, scan->prefix.size) == 0);
}

mia_status mia_scan_next(mia_scan *scan, mia_str *id, mia_view *view, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    mia_slice archive;
    *id = (mia_str){0};
    *view = (mia_view){0};
    if (scan->at == scan->count)
        rc = fill(scan, err);
    if (rc != MIA_OK)
        return rc;
    const struct mia_pair *pair = &scan->chunk[scan->at];
    if (!has_prefix(scan, pair->key))
        return MIA_NOTFOUND;
    scan->at++;
    *id = (mia_str){pair->key.data, pair->key.size};
    scan->archive.size = 0;
    rc = mia__store_decode(scan->session, &scan->transcoder, scan->table, pair->key, pair->value,
                           &scan->archive, &archive, err);
    if (rc == MIA_OK)
        *view = mia_view_trust(scan->table, archive);
    return rc;
}
