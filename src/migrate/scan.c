/* migrate/scan.c - sampling and counting a source */
#include "migrate/scan.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/try.h"
#include "model/table.h"

#include <pthread.h>
#include <stdatomic.h>

/* libmdbx 0.13: longest key of a plain table by page size (mdbx_env_get_maxkeysize_ex). */
static const size_t key_limits[MIA__PAGE_SIZES] = {2022, 4070, 8166, 16358, 32742};

enum {
    SMALLEST_PAGE = 4096,
    MIDDLE_FROM = 3900, /* values that waste up to a third of 4 KiB pages and */
    MIDDLE_TO = 8166,   /*   fit into a 32 KiB page whole */
    LARGE_TO = 16358,   /* the same for 64 KiB pages */
    AT_ONCE = 64,
    SAMPLE_PAIRS = 2048,     /* of each tree, and at most */
    SAMPLE_BYTES = 16 << 20, /* so many bytes of it */
    SAMPLE_TREES = 1024
};

static void note_pair(struct mia__sample *sample, const struct mia_pair *pair)
{
    size_t key = pair->key.size, value = pair->value.size;
    sample->records++;
    sample->bytes += key + value;
    for (size_t i = 0; i < MIA__PAGE_SIZES && key >= key_limits[i]; i++)
        sample->long_keys[i]++;
    if (value >= MIDDLE_FROM && value < MIDDLE_TO)
        sample->middle_bytes += value;
    else if (value >= MIDDLE_TO && value < LARGE_TO)
        sample->large_bytes += value;
}

static mia_status sample_tree(mia_source *source, size_t tree, struct mia__sample *out,
                              struct mia_error *err)
{
    mia_status rc;
    mia_source_cursor *cur = NULL;
    struct mia_pair pairs[AT_ONCE];
    size_t n;
    uint64_t pairs_end = out->records + SAMPLE_PAIRS, bytes_end = out->bytes + SAMPLE_BYTES;
    TRY(mia_source_cursor_open(source, tree, &cur, err));
    while (out->records < pairs_end && out->bytes < bytes_end) {
        TRY(mia_source_cursor_next(cur, pairs, AT_ONCE, &n, err));
        if (rc == MIA_NOTFOUND)
            break;
        for (size_t i = 0; i < n; i++)
            note_pair(out, &pairs[i]);
    }
    rc = MIA_OK;
done:
    mia_source_cursor_close(cur);
    return rc;
}

mia_status mia__sample(mia_source *source, struct mia__sample *out, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t trees = mia_source_tree_count(source);
    memset(out, 0, sizeof *out);
    for (size_t i = 0; rc == MIA_OK && i < trees && i < SAMPLE_TREES; i++)
        rc = sample_tree(source, i, out, err);
    return rc;
}

uint32_t mia__sample_page_size(const struct mia__sample *sample, const char **why)
{
    size_t choice = 0;
    *why = "most values are smaller than 3,900 bytes, or larger than any page";
    if (sample->middle_bytes > sample->bytes / 2) {
        choice = 3;
        *why = "most bytes are in values of 3,900 to 8,165 bytes, which fit its pages best";
    } else if (sample->large_bytes > sample->bytes / 2) {
        choice = 4;
        *why = "most bytes are in values of 8,166 to 16,357 bytes, which fit its pages best";
    }
    while (choice + 1 < MIA__PAGE_SIZES && sample->long_keys[choice] > sample->records / 100) {
        choice++;
        *why = "more than 1 key in 100 is too long for smaller pages";
    }
    return (uint32_t)SMALLEST_PAGE << choice;
}

size_t mia__key_limit(uint32_t page_size)
{
    size_t choice = 0;
    while (choice + 1 < MIA__PAGE_SIZES && (uint32_t)SMALLEST_PAGE << choice < page_size)
        choice++;
    return key_limits[choice];
}

mia_status mia__fail_value_size(const char *path, mia_slice tree, mia_slice key, size_t size,
                                struct mia_error *err)
{
    char tree_text[80], key_text[120];
    return mia__fail(err, MIA_ERR_TOO_LONG,
                     "%s: tree %s: key %s: a value of %zu bytes is more than libmdbx holds", path,
                     mia__print_bytes(tree_text, sizeof tree_text, tree),
                     mia__print_bytes(key_text, sizeof key_text, key), size);
}

struct mia__count {
    mia_source *source;
    bool without_derived;
    pthread_t thread;
    struct mia__totals totals; /* the thread's until is_done (release; acquire in poll) */
    atomic_bool is_done, is_stopped;
};

static mia_status count_tree(struct mia__count *c, size_t tree)
{
    mia_status rc;
    mia_source_cursor *cur = NULL;
    struct mia_pair pairs[AT_ONCE];
    size_t n;
    TRY(mia_source_cursor_open(c->source, tree, &cur, NULL));
    for (;;) {
        TRY(mia_source_cursor_next(cur, pairs, AT_ONCE, &n, NULL));
        if (rc == MIA_NOTFOUND || atomic_load_explicit(&c->is_stopped, memory_order_relaxed))
            break;
        c->totals.records += n;
        for (size_t i = 0; i < n; i++)
            c->totals.bytes += pairs[i].key.size + pairs[i].value.size;
    }
    rc = rc == MIA_NOTFOUND ? MIA_OK : MIA_ERR_CANCELLED;
done:
    mia_source_cursor_close(cur);
    return rc;
}

static void *run(void *argument)
{
    struct mia__count *c = argument;
    mia_status rc = MIA_OK;
    for (size_t i = 0; rc == MIA_OK && i < mia_source_tree_count(c->source); i++)
        if (!c->without_derived || !mia__tree_is_derived(mia_source_tree_name(c->source, i)))
            rc = count_tree(c, i);
    if (rc == MIA_OK)
        atomic_store_explicit(&c->is_done, true, memory_order_release);
    return NULL;
}

mia_status mia__count_start(mia_source *source, bool without_derived, struct mia__count **out,
                            struct mia_error *err)
{
    *out = NULL;
    struct mia__count *c = mia__alloc_zero(sizeof *c);
    if (c == NULL)
        return mia__fail_nomem(err);
    c->source = source;
    c->without_derived = without_derived;
    int failed = pthread_create(&c->thread, NULL, run, c);
    if (failed != 0) {
        mia__free(c);
        return mia__fail_errno(err, failed, "cannot start a thread that counts the source");
    }
    *out = c;
    return MIA_OK;
}

bool mia__count_poll(struct mia__count *c, struct mia__totals *totals)
{
    bool is_done = atomic_load_explicit(&c->is_done, memory_order_acquire);
    if (is_done)
        *totals = c->totals;
    return is_done;
}

void mia__count_stop(struct mia__count *c)
{
    if (c == NULL)
        return;
    atomic_store(&c->is_stopped, true);
    pthread_join(c->thread, NULL);
    mia__free(c);
}
