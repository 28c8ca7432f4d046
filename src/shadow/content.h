/*
 * shadow/content.h - what of a database is content, in terms that both sides of a pair share
 *
 * view.c: a side, seen from a transaction of it. stream.c: the keys of a tree in order.
 */
#ifndef MIA_SHADOW_CONTENT_H
#define MIA_SHADOW_CONTENT_H

#include "base/memory.h"
#include "mia/store.h"
#include "raw/raw.h"
#include "rkyv/transcode.h"

/* What a tree of a database is to a pair. */
enum mia__role {
    MIA__ROLE_NONE,  /* made from others: an index, or ours */
    MIA__ROLE_LONG,  /* the rests of long keys: which key it is cannot be told */
    MIA__ROLE_META,  /* mia_meta: where the database belongs and where it came from */
    MIA__ROLE_TABLE, /* records, or the quarantine of them */
    MIA__ROLE_BYTES,
    MIA__ROLE_MULTI
};

/* A tree as both sides know it. name: of BYTES and MULTI. */
struct mia__content {
    enum mia__role role;
    enum mia__table table;
    bool is_literal; /* under this very name, whatever the rule for names is */
    struct mia__buf name;
};

/* One of the two databases. db NULL: not open. */
struct mia__side {
    const struct mia_engine_ops *engine;
    struct mia_db_options opt;
    mia_db *db;
    mia_store *store; /* secondary of records: keeps its indexes; has a reference to db */
    bool has_meta, is_folded, is_records;
    enum mia_value_format format;
};

/* ---- view.c: a side, seen from a transaction of it. */
struct mia__view {
    struct mia__side *side;
    mia_txn *txn;
    struct mia__raw raw; /* limit 0: names and keys as they are */
    bool has_raw;        /* false: has_meta, but nothing is in it yet */
};
mia_status mia__view_begin(struct mia__view *v, struct mia__side *side, enum mia_txn_mode mode,
                           struct mia_error *err);
mia_status mia__view_commit(struct mia__view *v, struct mia_error *err);
void mia__view_end(struct mia__view *v); /* {0} is fine */
/* MIA_NOTFOUND: the side does not have it. Of MIA__ROLE_TABLE the tree of records. */
mia_status mia__view_tree(struct mia__view *v, const struct mia__content *c, bool create,
                          mia_tree *tree, struct mia_error *err);
mia_status mia__view_quarantine(struct mia__view *v, enum mia__table table, bool create,
                                mia_tree *tree, struct mia_error *err);
/* What a stored tree is. Fills *c; MIA__ROLE_NONE or LONG for what is no content. */
mia_status mia__view_classify(struct mia__view *v, mia_slice stored, bool is_multi,
                              bool both_have_meta, struct mia__content *c, struct mia_error *err);
void mia__content_free(struct mia__content *c);
int mia__content_compare(const struct mia__content *a, const struct mia__content *b);
mia_slice mia__content_name(const struct mia__content *c); /* for people */
/* Keys of mia_meta that go over. */
bool mia__meta_is_content(mia_slice key);

/* A value, as both sides can have it. */
enum mia__form {
    MIA__FORM_ABSENT,
    MIA__FORM_BYTES,   /* of BYTES, META */
    MIA__FORM_RECORD,  /* its archive */
    MIA__FORM_DAMAGED, /* bincode that does not decode, as it was */
    MIA__FORM_BROKEN   /* an archive that the validator refuses */
};
struct mia__value {
    enum mia__form form;
    bool in_quarantine;
    mia_slice bytes; /* of the transaction or the buffer */
};
static inline bool mia__value_equal(const struct mia__value *a, const struct mia__value *b)
{
    return a->form == b->form && mia_slice_equal(a->bytes, b->bytes);
}
/* What a stored value of a table is; `to` must be empty, and takes archives that are made. */
mia_status mia__view_judge(struct mia__view *v, struct mia__transcoder *coder,
                           enum mia__table table, bool in_quarantine, mia_slice stored,
                           struct mia__buf *to, struct mia__value *value, struct mia_error *err);
mia_status mia__view_get(struct mia__view *v, struct mia__transcoder *coder,
                         const struct mia__content *c, mia_slice key, struct mia__buf *to,
                         struct mia__value *value, struct mia_error *err);

/* ---- stream.c: the keys and values of a tree in order, behind one key. */
struct mia__stream;
mia_status mia__stream_open(struct mia__view *v, const struct mia__content *c,
                            const mia_slice *behind, struct mia__stream **stream,
                            struct mia_error *err);
/* The current pair, until the next advance; of MULTI one for each value. MIA_NOTFOUND: the end. */
mia_status mia__stream_peek(struct mia__stream *stream, mia_slice *key, struct mia__value *value,
                            struct mia_error *err);
void mia__stream_advance(struct mia__stream *stream);
void mia__stream_close(struct mia__stream *stream);

#endif
