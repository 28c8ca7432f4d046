/*
 * engine/mdbx/preflight.c - is mdbx.dat a database at all?
 *
 * libmdbx 0.13 takes junk of up to 8192 bytes for a new database and overwrites it, and crashes on
 * a file without any usable meta page. So the three meta pages are looked at by plain reads first.
 * Layout (libmdbx 0.13.11 mdbx.c, `page_t` and `meta_t`): page n begins at n * page size; header of
 * 20 bytes {txnid 8, dupfix_ksize 2, flags 2, lower/upper 4, pgno 4}, then the meta: magic and
 * version 8, txnid_a 8, flags 4, geometry {steps 4, lower 4, upper 4, now 4, used 4}, trees gc and
 * main {flags 2, height 2, page size 4, root 4, pages 12, sequence 8, items 8, mod_txnid 8}, canary
 * 32, sign 8, txnid_b 8, ...
 */
#include "engine/mdbx/internal.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

enum {
    META_PAGES = 3,
    FLAGS_AT = 10,
    PAGE_NUMBER_AT = 16,
    MAGIC_AT = 20,
    TXNID_A_AT = 28,
    LOWER_AT = 44,
    UPPER_AT = 48,
    NOW_AT = 52,
    USED_AT = 56,
    GC_AT = 60,
    PAGE_SIZE_AT = 64,
    MAIN_AT = 108,
    SIGN_AT = 188,
    TXNID_B_AT = 196,
    HEAD_SIZE = 204,
    HEIGHT_IN_TREE = 2,
    ROOT_IN_TREE = 8,
    PAGES_IN_TREE = 12, /* branches, leaves, large: 4 each */
    ITEMS_IN_TREE = 32,
    MOD_TXNID_IN_TREE = 40,
    FLAG_META = 0x08,
    FLAG_INTEGER_KEY = 0x08,
    MIN_PAGE = 256,
    MAX_PAGE = 65536
};

static bool is_meta_page(const uint8_t *head, uint32_t number)
{
    const uint64_t magic = UINT64_C(0x59659DBDEF4C11) << 8 | 3;
    /* bit 6 of the version byte says in which order the free list is kept: both are valid */
    return (mia__load_u64le(head + MAGIC_AT) & ~UINT64_C(64)) == magic &&
           (mia__load_u16le(head + FLAGS_AT) & FLAG_META) != 0 &&
           mia__load_u32le(head + PAGE_NUMBER_AT) == number;
}

static bool is_page_size(uint32_t size)
{
    return size >= MIN_PAGE && size <= MAX_PAGE && (size & (size - 1)) == 0;
}

static const uint32_t most_pages = UINT32_C(1) << 31;

static bool is_tree(const uint8_t *tree, uint32_t used, uint64_t txnid)
{
    uint32_t root = mia__load_u32le(tree + ROOT_IN_TREE), pages = 0;
    for (int i = 0; i < 3; i++)
        pages |= mia__load_u32le(tree + PAGES_IN_TREE + 4 * i);
    bool is_empty = pages == 0 && mia__load_u16le(tree + HEIGHT_IN_TREE) == 0 &&
                    mia__load_u64le(tree + ITEMS_IN_TREE) == 0;
    return (root == UINT32_MAX ? is_empty : root < used) &&
           mia__load_u64le(tree + MOD_TXNID_IN_TREE) <= txnid;
}

/* libmdbx: `check_table_flags` */
static bool are_main_flags(uint32_t flags)
{
    const uint32_t reverse_key = 0x02, dupsort = 0x04, integer_key = 0x08, dupfixed = 0x10,
                   integer_dup = 0x20, reverse_dup = 0x40;
    uint32_t key = flags & (reverse_key | integer_key), rest = flags & ~key;
    bool are_known = (rest & ~(dupsort | dupfixed | integer_dup | reverse_dup)) == 0;
    bool is_multi = (rest & dupsort) != 0, is_fixed = (rest & dupfixed) != 0;
    return are_known && key != (reverse_key | integer_key) && (is_multi || rest == 0) &&
           (is_fixed || (rest & integer_dup) == 0);
}

/* Commits that are not synced leave the last one that was: there is always a steady meta page. */
static const uint64_t steady_sign = UINT64_MAX;

/* Would libmdbx open the database with this meta page? A torn one beside a usable one is normal:
 * that is how a commit ends that was cut off. (libmdbx: `meta_validate`, and `dxb_read_header`,
 * whose answer `env_open` takes for success when no page is steady and the last one is torn.) */
static bool is_usable(const uint8_t *head, uint32_t page_size, uint64_t file_size)
{
    uint64_t txnid = mia__load_u64le(head + TXNID_A_AT), sign = mia__load_u64le(head + SIGN_AT);
    uint32_t lower = mia__load_u32le(head + LOWER_AT), upper = mia__load_u32le(head + UPPER_AT);
    uint32_t now = mia__load_u32le(head + NOW_AT), used = mia__load_u32le(head + USED_AT);
    bool is_complete = mia__load_u16le(head + FLAGS_AT) == FLAG_META && txnid != 0 &&
                       txnid == mia__load_u64le(head + TXNID_B_AT) && sign == steady_sign;
    bool is_sized = lower >= META_PAGES && lower <= upper && upper <= most_pages &&
                    used >= META_PAGES && used <= upper && (used <= now || used <= lower) &&
                    (uint64_t)used * page_size <= file_size;
    return is_complete && is_sized && mia__load_u16le(head + GC_AT) == FLAG_INTEGER_KEY &&
           are_main_flags(mia__load_u16le(head + MAIN_AT)) && is_tree(head + GC_AT, used, txnid) &&
           is_tree(head + MAIN_AT, used, txnid);
}

static mia_status judge(const char *file, uint32_t *page_size, struct mia_error *err)
{
    mia_status rc;
    struct mia__file_stat st;
    uint32_t usable = 0;
    *page_size = 0;
    TRY(mia__file_stat(file, &st, err));
    if (st.size == 0)
        return MIA_NOTFOUND;
    for (uint32_t n = 0; n < META_PAGES; n++) {
        uint8_t head[HEAD_SIZE];
        size_t got;
        TRY(mia__file_read(file, (uint64_t)n * *page_size, head, sizeof head, &got, err));
        bool is_good = got == sizeof head && is_meta_page(head, n);
        uint32_t size = is_good ? mia__load_u32le(head + PAGE_SIZE_AT) : 0;
        if (n == 0)
            *page_size = size;
        usable += is_good && is_usable(head, size, st.size);
        if (!is_good || !is_page_size(size) || size != *page_size)
            return mia__fail_engine(err, MIA_ERR_CORRUPT, MIA__MDBX_NAME, 0,
                                    "%s: meta page %u is not libmdbx's: not a libmdbx database, or "
                                    "damaged; it was left as it is",
                                    file, n);
    }
    if (st.size < (uint64_t)META_PAGES * *page_size)
        rc = mia__fail_engine(err, MIA_ERR_CORRUPT, MIA__MDBX_NAME, 0,
                              "%s is cut off after %llu bytes", file, (unsigned long long)st.size);
    else if (usable == 0)
        rc = mia__fail_engine(
            err, MIA_ERR_CORRUPT, MIA__MDBX_NAME, 0,
            "%s: none of its three meta pages is whole, or it was cut off: go back "
            "to the source or a copy",
            file);
done:
    return rc;
}

mia_status mia__mdbx_preflight(const char *path, uint32_t *page_size, struct mia_error *err)
{
    mia_status rc;
    *page_size = 0;
    char *file = mia__path_join(path, "mdbx.dat");
    if (file == NULL)
        return mia__fail_nomem(err);
    switch (mia__file_kind(file)) {
    case MIA__FILE_NONE:
        rc = MIA_NOTFOUND;
        break;
    case MIA__FILE_REGULAR:
        rc = judge(file, page_size, err);
        break;
    case MIA__FILE_DIRECTORY:
    case MIA__FILE_OTHER:
    default:
        rc = mia__fail_engine(err, MIA_ERR_INVALID, MIA__MDBX_NAME, 0, "%s is not a regular file",
                              file);
    }
    mia__free(file);
    return rc;
}

bool mia__mdbx_detect(const char *path)
{
    char *file = mia__path_join(path, "mdbx.dat");
    bool found = file != NULL && mia__file_kind(file) == MIA__FILE_REGULAR;
    mia__free(file);
    return found;
}
