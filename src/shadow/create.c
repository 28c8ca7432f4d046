/* shadow/create.c - two databases become a pair */
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "shadow/shadow.h"

#include <stdio.h>

/* What is in one of the databases. */
struct found {
    bool has_pairs, is_raw, is_typed;
    int tables; /* of MIA's three */
    size_t max_key;
};

static mia_status look_at_tree(mia_txn *txn, mia_slice name, struct found *f, struct mia_error *err)
{
    mia_status rc;
    mia_tree tree;
    mia_cursor *cur;
    mia_slice key, value;
    enum mia__table ignored;
    rc = mia_tree_open(txn, name, 0, &tree, err);
    if (rc == MIA_ERR_INVALID)
        rc = mia_tree_open(txn, name, MIA_TREE_MULTI, &tree, err);
    TRY(rc);
    TRY(mia_cursor_open(txn, tree, &cur, err));
    rc = mia_cursor_move(cur, MIA_MOVE_FIRST, &key, &value, err);
    mia_cursor_close(cur);
    TRY(rc);
    f->has_pairs = f->has_pairs || rc == MIA_OK;
    f->tables += mia__table_find(name, &ignored);
    rc = MIA_OK;
done:
    return rc;
}

static mia_status look(mia_db *db, struct found *f, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn = NULL;
    mia_slice name, *after = NULL;
    struct mia__raw raw;
    struct mia__buf last = {0};
    *f = (struct found){.max_key = db->limits.max_key};
    TRY(mia_txn_begin(db, MIA_TXN_READ, &txn, err));
    f->is_raw = mia__raw_open(txn, &raw, NULL) == MIA_OK;
    f->is_typed = f->is_raw && raw.is_typed;
    while ((rc = mia_tree_next(txn, after, &name, err)) == MIA_OK) {
        TRY(mia__buf_set(&last, name, err));
        name = mia__buf_slice(&last);
        after = &name;
        TRY(look_at_tree(txn, name, f, err));
    }
done:
    mia_txn_abort(txn);
    mia__buf_free(&last);
    return rc < 0 ? rc : MIA_OK;
}

static mia_status check_first(struct mia__shadow *s, const struct found *f, struct mia_error *err)
{
    const struct mia__side *side = &s->sides[MIA__FIRST];
    if (s->control.is_raw || !f->has_pairs)
        return MIA_OK;
    if (side->has_meta ? f->is_typed : f->tables == MIA__TABLES)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s: holds something else than MIA's records: options.raw follows it byte for "
                     "byte",
                     s->control.sides[MIA__FIRST].path);
}

static mia_status check_second(struct mia__shadow *s, const struct found *f, struct mia_error *err)
{
    if (!f->has_pairs || s->opt.replace)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s: has something in it already: options.replace makes it what the first "
                     "database is",
                     s->control.sides[MIA__SECOND].path);
}

/* Two of one engine are the same to the last byte. Of others one may have to fold what it cannot
 * hold as it is. */
static void choose_folding(struct mia__shadow *s, const struct found f[2])
{
    bool same_engine = strcmp(s->sides[0].engine->name, s->sides[1].engine->name) == 0;
    if (!s->control.is_raw || same_engine)
        return;
    s->sides[0].is_folded = f[0].is_raw;
    s->sides[1].is_folded =
        f[1].is_raw || (!f[1].has_pairs && !f[0].is_raw && f[1].max_key < f[0].max_key);
    for (int i = 0; i < 2; i++)
        s->control.sides[i].is_folded = s->sides[i].is_folded;
}

static mia_status check_both(struct mia__shadow *s, struct mia_error *err)
{
    mia_status rc;
    struct found f[2];
    for (int i = 0; i < 2; i++) {
        TRY(mia__side_open(s, &s->sides[i], false, err));
        TRY(look(s->sides[i].db, &f[i], err));
    }
    TRY(check_first(s, &f[0], err));
    TRY(check_second(s, &f[1], err));
    choose_folding(s, f);
    mia__side_close(&s->sides[MIA__SECOND]); /* opened again as what it is to be */
    TRY(mia__side_open(s, &s->sides[MIA__SECOND], true, err));
done:
    return rc;
}

static mia_status note_side(struct mia__control_side *side, const struct mia_engine_ops *given,
                            const char *path, struct mia_error *err)
{
    const struct mia_engine_ops *engine = given != NULL ? given : mia_engine_detect(path);
    snprintf(side->engine, sizeof side->engine, "%s",
             engine != NULL ? engine->name : mia_engine_mdbx()->name);
    side->path = mia__strdup(path);
    return side->path != NULL ? MIA_OK : mia__fail_nomem(err);
}

/* From where it is opened later the current directory may be another one. */
static mia_status make_absolute(struct mia__control_side *side, struct mia_error *err)
{
    char *absolute;
    mia_status rc = mia__path_absolute(side->path, &absolute, err);
    if (rc < 0)
        return rc;
    mia__free(side->path);
    side->path = absolute;
    return rc;
}

static mia_status make_directory(const char *path, int *lock, struct mia_error *err)
{
    mia_status rc;
    char *file = mia__path_join(path, MIA__CONTROL_FILE);
    if (file == NULL)
        return mia__fail_nomem(err);
    TRY(mia__dir_create_parents(path, err));
    if (mia__file_kind(path) != MIA__FILE_DIRECTORY)
        TRY(mia__dir_create(path, err));
    TRY(mia__dir_lock(path, lock, err));
    if (mia__file_exists(file))
        rc = mia__fail(err, MIA_ERR_INVALID, "%s: is a pair already", path);
done:
    mia__free(file);
    return rc;
}

mia_status mia_shadow_create(const char *path, const char *first, const char *second,
                             const struct mia_shadow_options *options, struct mia_error *err)
{
    mia_status rc;
    struct mia_shadow_options opt;
    struct mia__control control = {0};
    struct mia__shadow *s = NULL;
    int lock = -1;
    TRY(mia__options_read(&opt, sizeof opt, options, "mia_shadow_options", err));
    control.is_raw = opt.raw;
    control.is_clean = true;
    TRY(note_side(&control.sides[0], opt.first_engine, first, err));
    TRY(note_side(&control.sides[1], opt.second_engine, second, err));
    TRY(make_directory(path, &lock, err));
    TRY(mia__shadow_make(path, &opt, &control, &s, err));
    TRY(check_both(s, err));
    TRY(make_absolute(&s->control.sides[0], err));
    TRY(make_absolute(&s->control.sides[1], err));
    rc = mia__control_write(path, &s->control, err);
done:
    mia__shadow_free(s);
    mia__control_free(&control);
    mia__file_unlock(lock);
    return rc;
}
