/* migrate/scan.c - figures of a source */
#include "migrate/scan.h"

#include "base/try.h"

/* libmdbx 0.13: longest key of a plain table by page size (mdbx_env_get_maxkeysize_ex). */
static const size_t key_limits[MIA__PAGE_SIZES] = {2022, 4070, 8166, 16358, 32742};

enum {
    SMALLEST_PAGE = 4096,
    INLINE_LIMIT = 2028,  /* key + value that a 4 KiB page holds itself */
    MIDDLE_FROM = 3900,   /* values that waste up to a third of 4 KiB pages and */
    MIDDLE_TO = 8166,     /*   fit into a 32 KiB page whole */
    LARGE_TO = 16358,     /* the same for 64 KiB pages */
    OVERFLOW_HEADER = 20, /* of the first page of a value on pages of its own */
    ENTRY_OVERHEAD = 24   /* node header, slot, share of branch pages */
};

static void note_pair(struct mia__scan *scan, const struct mia_pair *pair)
{
    size_t key = pair->key.size, value = pair->value.size;
    scan->records++;
    scan->key_bytes += key;
    scan->value_bytes += value;
    for (size_t i = 0; i < MIA__PAGE_SIZES && key >= key_limits[i]; i++)
        scan->long_keys[i]++;
    if (value >= MIDDLE_FROM && value < MIDDLE_TO)
        scan->middle_bytes += value;
    else if (value >= MIDDLE_TO && value < LARGE_TO)
        scan->large_bytes += value;
    if (key + value > INLINE_LIMIT)
        scan->overflow_bytes +=
            (value + OVERFLOW_HEADER + SMALLEST_PAGE - 1) / SMALLEST_PAGE * SMALLEST_PAGE;
}

static mia_status scan_tree(mia_source *source, size_t tree, struct mia__meter *meter,
                            struct mia__scan *out, struct mia_error *err)
{
    mia_status rc;
    mia_source_cursor *cur = NULL;
    struct mia_pair pairs[64];
    size_t n;
    TRY(mia_source_cursor_open(source, tree, &cur, err));
    for (;;) {
        uint64_t before = out->key_bytes + out->value_bytes;
        TRY(mia_source_cursor_next(cur, pairs, 64, &n, err));
        if (rc == MIA_NOTFOUND)
            break;
        for (size_t i = 0; i < n; i++)
            note_pair(out, &pairs[i]);
        TRY(mia__meter_add(meter, n, out->key_bytes + out->value_bytes - before, err));
    }
    rc = MIA_OK;
done:
    mia_source_cursor_close(cur);
    return rc;
}

mia_status mia__scan(mia_source *source, struct mia__meter *meter, struct mia__scan *out,
                     struct mia_error *err)
{
    mia_status rc = MIA_OK;
    memset(out, 0, sizeof *out);
    mia__meter_begin(meter, "scan", 0, 0);
    for (size_t tree = 0; rc == MIA_OK && tree < mia_source_tree_count(source); tree++)
        rc = scan_tree(source, tree, meter, out, err);
    return rc;
}

uint32_t mia__scan_page_size(const struct mia__scan *scan)
{
    size_t choice = 0;
    uint64_t bytes = scan->key_bytes + scan->value_bytes;
    if (scan->middle_bytes > bytes / 2)
        choice = 3;
    else if (scan->large_bytes > bytes / 2)
        choice = 4;
    while (choice + 1 < MIA__PAGE_SIZES && scan->long_keys[choice] > scan->records / 100)
        choice++;
    return (uint32_t)SMALLEST_PAGE << choice;
}

uint64_t mia__scan_target_bytes(const struct mia__scan *scan)
{
    uint64_t payload = scan->key_bytes + scan->value_bytes;
    uint64_t inline_bytes = payload > scan->overflow_bytes ? payload - scan->overflow_bytes : 0;
    inline_bytes += scan->key_bytes + scan->records * ENTRY_OVERHEAD;
    return inline_bytes + inline_bytes / 8 + scan->overflow_bytes + (1u << 20);
}
