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
    struct mia_pair chunk[CHUNK];   /* read ahead */
    size_t at, count;
    bool keeps_chunk;                  /* whatever is written meanwhile; the library's own */
    uint64_t started_ns, items;        /* for an observer */
    uint64_t writes;                   /* of the transaction, when the chunk was read */
    struct mia__buf last;              /* WRITE: copy of the id given out last */
    struct mia__transcoder transcoder; /* of the scan alone: views live until its next step */
    struct mia__buf archive;
};

void mia_scan_close(mia_scan *scan)
{
    if (scan == NULL)
        return;
    if (!scan->keeps_chunk)
        mia__observe(scan->session, &(struct mia_store_event){
                                        .call = MIA_STORE_SCAN,
                                        .table = scan->table,
                                        .id = {(const char *)scan->prefix.data, scan->prefix.size},
                                        .items = scan->items,
                                        .started_ns = scan->started_ns});
    mia__raw_cursor_close(scan->cursor);
    mia__buf_free(&scan->prefix);
    mia__buf_free(&scan->last);
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
    scan->started_ns = mia__observe_start(s);
    scan->writes = txn->writes;
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

/* To the least key above one. */
static mia_status seek_behind(mia_scan *scan, mia_slice key, struct mia_error *err)
{
    mia_status rc;
    struct mia__buf next = {0};
    TRY(mia__buf_set(&next, key, err));
    TRY(mia__buf_append(&next, "", 1, err));
    rc = mia__raw_cursor_seek(scan->cursor, mia__buf_slice(&next), err);
done:
    mia__buf_free(&next);
    return rc;
}

mia_status mia__scan_open_from(mia_txn *txn, enum mia_table table, mia_slice behind,
                               mia_scan **scan, struct mia_error *err)
{
    mia_status rc;
    TRY(mia_scan_open(txn, table, (mia_str){0}, scan, err));
    (*scan)->keeps_chunk = true;
    if (behind.size > 0 && (*scan)->cursor != NULL)
        rc = seek_behind(*scan, behind, err);
    if (rc < 0) {
        mia_scan_close(*scan);
        *scan = NULL;
    }
done:
    return rc < 0 ? rc : MIA_OK;
}

/* What was read ahead of a write is dead, or was deleted: the scan goes on behind the last id. */
static mia_status return_after_write(mia_scan *scan, struct mia_error *err)
{
    mia_slice last = mia__buf_slice(&scan->last);
    scan->at = scan->count = 0;
    if (last.size > 0)
        return seek_behind(scan, last, err);
    return mia__raw_cursor_seek(scan->cursor, mia__buf_slice(&scan->prefix), err);
}

static mia_status fill(mia_scan *scan, struct mia_error *err)
{
    scan->at = scan->count = 0;
    scan->writes = scan->session->txn->writes;
    return mia__raw_cursor_next(scan->cursor, scan->chunk, CHUNK, &scan->count, err);
}

static bool has_prefix(const mia_scan *scan, mia_slice key)
{
    return key.size >= scan->prefix.size &&
           (scan->prefix.size == 0 || memcmp(key.data, scan->prefix.data, scan->prefix.size) == 0);
}

/* The next pair of the table. MIA_NOTFOUND: there is none with the prefix. */
static mia_status step(mia_scan *scan, struct mia_pair *pair, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    const mia_txn *txn = scan->session->txn;
    if (scan->cursor == NULL)
        return MIA_NOTFOUND;
    if (scan->writes != txn->writes && !scan->keeps_chunk)
        TRY(return_after_write(scan, err));
    rc = MIA_OK;
    if (scan->at == scan->count)
        TRY(fill(scan, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    *pair = scan->chunk[scan->at];
    if (!has_prefix(scan, pair->key))
        return MIA_NOTFOUND;
    scan->at++;
    if (txn->is_write && !scan->keeps_chunk)
        TRY(mia__buf_set(&scan->last, pair->key, err));
done:
    return rc;
}

mia_status mia_scan_next(mia_scan *scan, mia_str *id, mia_view *view, struct mia_error *err)
{
    struct mia_pair found, *pair = &found;
    mia_slice archive;
    *id = (mia_str){0};
    *view = (mia_view){0};
    mia_status rc = step(scan, pair, err);
    if (rc != MIA_OK)
        return rc;
    *id = (mia_str){pair->key.data, pair->key.size};
    scan->items++;
    scan->archive.size = 0;
    rc = mia__store_decode(scan->session, &scan->transcoder, scan->table, pair->key, pair->value,
                           &scan->archive, &archive, err);
    if (rc == MIA_OK)
        *view = mia_view_trust(scan->table, archive);
    return rc;
}
