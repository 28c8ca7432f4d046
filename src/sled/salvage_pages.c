/* sled/salvage_pages.c - the page tables of a damaged directory */
#include "sled/salvage_pages.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "sled/salvage_log.h"
#include "sled/snapshot.h"

#include <stdio.h>

void mia__sled_salvage_tell(const struct mia__sled_salvage_state *state,
                            const struct mia_loss *loss)
{
    if (state->options.loss != NULL)
        state->options.loss(state->options.loss_ctx, loss);
}

static void tell_file(const struct mia__sled_salvage_state *state, const char *file,
                      const char *detail)
{
    struct mia_loss loss = {.loss = MIA_LOSS_FILE, .file = file, .detail = detail};
    mia__sled_salvage_tell(state, &loss);
}

/* ---- files */

static mia_status find_conf(const char *directory, const struct mia__map *map,
                            struct mia__sled_conf *conf, bool *is_guessed, struct mia_error *err)
{
    struct mia_error why;
    struct mia__sled_judge judge = {directory, NULL, NULL};
    mia_status rc = mia__sled_conf_read(&judge, conf, &why);
    *is_guessed = rc < 0;
    if (rc == MIA_OK)
        return rc;
    if (rc == MIA_ERR_NOMEM || rc == MIA_ERR_VERSION) {
        if (err != NULL)
            *err = why;
        return rc;
    }
    if (!mia__sled_salvage_conf(map, conf))
        return mia__fail(err, MIA_ERR_CORRUPT,
                         "%s: nothing of a sled database is left in its file db", directory);
    return MIA_OK;
}

mia_status mia__sled_salvage_find_conf(const char *path, struct mia__sled_conf *conf,
                                       bool *is_guessed, struct mia_error *err)
{
    mia_status rc;
    struct mia__map map = {0};
    char *file = mia__path_join(path, "db");
    if (file == NULL)
        return mia__fail_nomem(err);
    TRY(mia__file_map(file, &map, err));
    rc = find_conf(path, &map, conf, is_guessed, err);
done:
    mia__file_unmap(&map);
    mia__free(file);
    return rc;
}

static mia_status open_conf(struct mia__sled_salvage_state *state, struct mia_error *err)
{
    bool is_guessed;
    struct mia__sled_store *store = &state->store;
    mia_status rc = find_conf(store->directory, &store->map, &store->conf, &is_guessed, err);
    if (rc == MIA_OK && is_guessed)
        tell_file(state, "conf", MIA__SLED_GUESSED);
    return rc;
}

static mia_status open_files(struct mia__sled_salvage_state *state, struct mia_error *err)
{
    mia_status rc;
    struct mia__sled_store *store = &state->store;
    char *file = mia__path_join(store->directory, "db");
    if (file == NULL)
        return mia__fail_nomem(err);
    TRY(mia__sled_lock(store->directory, &store->lock, err));
    TRY(mia__file_map(file, &store->map, err));
    TRY(open_conf(state, err));
    mia__sled_log_begin(&store->log, &store->map, store->conf.segment_size);
    store->has_unchecked_parts = true;
    rc = mia__sled_blobs_list(store->directory, &store->blobs, err);
done:
    mia__free(file);
    return rc;
}

/* ---- the table of the log */

struct replay {
    struct mia__sled_salvage_state *state;
    struct mia__sled_pages *pages;
    int64_t from; /* messages before are left out */
    int64_t gap;  /* the LSN of the last messages that were lost since; -1: none */
    int64_t seen; /* the LSN of the last message */
    bool is_silent;
    struct mia_error *err;
};

static mia_status note_gap(void *ctx, int64_t lsn, uint64_t offset, uint64_t bytes,
                           const char *reason)
{
    struct replay *r = ctx;
    struct mia_loss loss = {
        .loss = MIA_LOSS_BYTES, .file = "db", .offset = offset, .bytes = bytes, .detail = reason};
    if (lsn >= r->from)
        r->gap = lsn;
    if (!r->is_silent && reason != NULL)
        mia__sled_salvage_tell(r->state, &loss);
    return mia__sled_salvage_note_gap(r->state, lsn, offset, bytes, r->err);
}

static bool has_blob(struct replay *r, const struct mia__sled_message *m)
{
    struct mia__map map;
    struct mia_error why;
    char name[40];
    int64_t id = (int64_t)mia__load_u64le(m->body);
    mia_status rc = mia__sled_blob_open(&r->state->store.blobs, id, m->kind, &map, &why);
    if (rc == MIA_OK)
        mia__file_unmap(&map);
    if (rc == MIA_ERR_CORRUPT && !r->is_silent) {
        snprintf(name, sizeof name, "blobs/%lld", (long long)id);
        tell_file(r->state, name, "it is cut, or its checksum is wrong");
    }
    return rc == MIA_OK;
}

static int64_t age_of(const struct mia__sled_log *log, const struct mia__sled_pages *pages,
                      uint64_t page)
{
    struct mia__sled_message m;
    uint64_t offset = mia__sled_pages_first(pages, page);
    if ((offset & MIA__SLED_PART_IN_BLOB) != 0) /* its id was an LSN, once */
        return (int64_t)(offset & ~MIA__SLED_PART_IN_BLOB);
    uint32_t at = (uint32_t)(offset % log->segment_size);
    mia__sled_message_again(log, offset - at, at, &m);
    return (int64_t)(m.segment_number * log->segment_size) + at;
}

/* A link has its keys without the prefix of the base that it was written for. If another base may
 * have been lost since this one, the link must not be added to it: that would make keys that never
 * were. */
static mia_status apply_link(struct replay *r, uint64_t page, uint64_t offset)
{
    if (mia__sled_pages_state(r->pages, page) != MIA__SLED_PAGE_PRESENT ||
        mia__sled_pages_is_doubted(r->pages, page))
        return MIA_OK;
    if (age_of(&r->state->store.log, r->pages, page) < r->gap)
        return mia__sled_pages_doubt(r->pages, page, r->err);
    return mia__sled_pages_link(r->pages, page, offset, r->err);
}

static mia_status apply(void *ctx, int64_t lsn, uint64_t offset, const struct mia__sled_message *m)
{
    struct replay *r = ctx;
    r->seen = lsn;
    if (lsn < r->from || m->page >= r->state->store.log.size / MIA__SLED_MESSAGE_LEAST)
        return MIA_OK;
    if (mia__sled_is_blob(m->kind) && !has_blob(r, m))
        return mia__sled_pages_doubt(r->pages, m->page, r->err);
    if (m->kind == MIA__SLED_FREE)
        return mia__sled_pages_release(r->pages, m->page, offset, r->err);
    if (m->kind == MIA__SLED_LINK || m->kind == MIA__SLED_LINK_BLOB)
        return apply_link(r, m->page, offset);
    mia_status rc = MIA_OK;
    if (r->pages == &r->state->store.pages)
        TRY(mia__sled_salvage_note_base(r->state, m->page, lsn, r->err));
    rc = mia__sled_pages_base(r->pages, m->page, offset, r->err);
done:
    return rc;
}

static bool stopped(void *ctx, uint64_t done, uint64_t total)
{
    enum { EVERY = 16 };
    const struct replay *r = ctx;
    uint64_t size = r->state->store.log.segment_size;
    struct mia_progress p = {
        .phase = "read the log", .bytes_done = done * size, .bytes_total = total * size};
    return done % EVERY == 0 && r->state->options.progress != NULL &&
           !r->state->options.progress(r->state->options.progress_ctx, &p);
}

/* ---- the snapshot */

static mia_status count_page(void *ctx, const struct mia__sled_snapshot_page *page,
                             struct mia_error *err)
{
    (void)page;
    (void)err;
    ++*(uint64_t *)ctx;
    return MIA_OK;
}

/* Whether the whole of it can be read. */
static mia_status judge_snapshot(struct mia__sled_salvage_state *state, const char *name,
                                 int64_t lsn, bool *is_usable, struct mia_error *err)
{
    struct mia_error why = {0};
    uint64_t pages = 0;
    mia_status rc =
        mia__sled_snapshot_each(&state->store, name, lsn, count_page, &pages, NULL, &why);
    *is_usable = rc == MIA_OK;
    if (rc == MIA_ERR_NOMEM)
        return mia__fail_nomem(err);
    if (rc != MIA_OK)
        tell_file(state, name, MIA__SLED_NO_SNAPSHOT);
    return MIA_OK;
}

static bool accept(void *ctx, const struct mia__sled_damage *damage)
{
    (void)ctx;
    (void)damage;
    return true;
}

/* A part that cannot be where the snapshot has it is left out: then the page is damaged. */
static mia_status load_snapshot(struct mia__sled_store *store, const char *name, int64_t lsn,
                                struct mia_error *err)
{
    store->judge.fn = accept;
    mia_status rc = mia__sled_snapshot_load(store, name, lsn, err);
    store->judge.fn = NULL;
    return rc;
}

static void tell_stale(const struct mia__sled_salvage_state *state)
{
    struct mia_loss stale = {.loss = MIA_LOSS_STALE,
                             .file = "",
                             .detail = state->has_snapshot
                                           ? "what was written after the snapshot is not all there"
                                           : "no snapshot says what the lost bytes have changed"};
    mia__sled_salvage_tell(state, &stale);
}

mia_status mia__sled_salvage_recover(struct mia__sled_salvage_state *state, const char *path,
                                     struct mia_error *err)
{
    mia_status rc;
    int64_t lsn = 0, end = 0;
    char name[MIA__SLED_SNAPSHOT_NAME];
    struct mia__sled_store *store = &state->store;
    struct replay r = {.state = state, .pages = &store->pages, .gap = -1, .err = err};
    struct mia__sled_salvage_log job = {note_gap, apply, &r, stopped};
    store->lock = -1;
    store->directory = mia__strdup(path);
    if (store->directory == NULL)
        return mia__fail_nomem(err);
    store->judge = (struct mia__sled_judge){store->directory, NULL, NULL};
    TRY(open_files(state, err));
    TRY(mia__sled_salvage_segments(store, &job, err));
    TRY(mia__sled_snapshot_find(store->directory, name, &lsn, err));
    if (name[0] != '\0')
        TRY(judge_snapshot(state, name, lsn, &state->has_snapshot, err));
    if (state->has_snapshot) {
        r.pages = &state->older;
        state->snapshot_lsn = lsn;
        TRY(mia__sled_salvage_each(store, &job, &end, err));
        TRY(load_snapshot(store, name, lsn, err));
        r.pages = &store->pages;
        r.from = lsn;
        r.gap = -1;
        r.is_silent = true;
    }
    TRY(mia__sled_salvage_each(store, &job, &end, err));
    if (store->pages.count == 0) {
        rc = mia__fail(err, MIA_ERR_CORRUPT, "%s: no page of the database is left",
                       store->directory);
        goto done;
    }
    if (end < lsn) /* the log ends before its own snapshot */
        TRY(mia__sled_salvage_note_gap(state, r.seen + 1, 0, 0, err));
    if (!state->has_snapshot || r.gap >= 0 || end < lsn)
        tell_stale(state);
done:
    return rc;
}

void mia__sled_salvage_release(struct mia__sled_salvage_state *state)
{
    struct mia__sled_store *store = &state->store;
    mia__sled_pages_free(&store->pages);
    mia__sled_pages_free(&state->older);
    mia__buf_free(&state->gaps);
    mia__buf_free(&state->births);
    mia__sled_segments_free(&store->segments);
    mia__sled_blobs_free(&store->blobs);
    mia__file_unmap(&store->map);
    mia__file_unlock(store->lock);
    mia__free(store->directory);
}

/* ---- pages */

/* The state that the log has of a page becomes the one that counts. False: it has none. It is taken
 * once, for what is damaged in both is lost: then the page is free in the older table, by its base
 * if that is not the snapshot's. */
static mia_status fall_back(struct mia__sled_salvage_state *state, uint64_t page, bool *has,
                            struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__buf parts = {0};
    *has = mia__sled_pages_state(&state->older, page) == MIA__SLED_PAGE_PRESENT;
    if (!*has)
        goto done;
    TRY(mia__sled_pages_parts(&state->older, page, &parts, err));
    const uint64_t *at = (const uint64_t *)(const void *)parts.data;
    bool is_same = mia__sled_pages_state(&state->store.pages, page) == MIA__SLED_PAGE_PRESENT &&
                   mia__sled_pages_first(&state->store.pages, page) == at[0];
    TRY(mia__sled_pages_base(&state->store.pages, page, at[0], err));
    for (size_t i = 1; i < parts.size / sizeof *at; i++)
        TRY(mia__sled_pages_link(&state->store.pages, page, at[i], err));
    TRY(mia__sled_pages_doubt(&state->store.pages, page, err));
    rc = mia__sled_pages_release(&state->older, page, is_same ? 0 : at[0], err);
done:
    mia__buf_free(&parts);
    return rc;
}

typedef mia_status (*read_fn)(void *to, uint64_t page, struct mia_error *err);

static mia_status read_node(void *to, uint64_t page, struct mia_error *err)
{
    return mia__sled_node_load(to, page, err);
}

static mia_status read_page(void *to, uint64_t page, struct mia_error *err)
{
    return mia__sled_page_read(to, page, err);
}

static mia_status read_left(struct mia__sled_salvage_state *state, read_fn read, void *to,
                            uint64_t page, bool *is_older, struct mia_error *err)
{
    bool has = false;
    const struct mia__sled_pages *pages = &state->store.pages;
    *is_older = mia__sled_pages_is_doubted(pages, page);
    mia_status rc = read(to, page, err);
    if (rc != MIA_ERR_CORRUPT)
        return rc;
    if (mia__sled_pages_state(pages, page) != MIA__SLED_PAGE_FREE)
        TRY(fall_back(state, page, &has, err));
    rc = MIA_NOTFOUND;
    if (!has)
        goto done;
    *is_older = true;
    rc = read(to, page, err);
done:
    return rc == MIA_ERR_CORRUPT ? MIA_NOTFOUND : rc;
}

mia_status mia__sled_salvage_load(struct mia__sled_salvage_state *state,
                                  struct mia__sled_node *node, uint64_t page, bool *is_older,
                                  struct mia_error *err)
{
    return read_left(state, read_node, node, page, is_older, err);
}

mia_status mia__sled_salvage_read(struct mia__sled_salvage_state *state,
                                  struct mia__sled_page *page, uint64_t number, bool *is_older,
                                  struct mia_error *err)
{
    return read_left(state, read_page, page, number, is_older, err);
}

int64_t mia__sled_salvage_age(const struct mia__sled_salvage_state *state, uint64_t page)
{
    return age_of(&state->store.log, &state->store.pages, page);
}
