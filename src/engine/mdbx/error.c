/* engine/mdbx/error.c - libmdbx's numbers as statuses, with the remedy where there is one */
#include "engine/mdbx/internal.h"

#include "base/error.h"
#include "base/file.h"

#include <errno.h>

static const struct answer {
    int code;
    mia_status status;
    const char *remedy; /* NULL: libmdbx's own text says it all */
} answers[] = {
    {MDBX_NOTFOUND, MIA_NOTFOUND, NULL},
    {MDBX_ENODATA, MIA_NOTFOUND, NULL},
    {MDBX_KEYEXIST, MIA_ERR_INVALID, "the key is present already"},
    {MDBX_EKEYMISMATCH, MIA_ERR_INVALID, "keys must be appended in ascending order"},
    {MDBX_INCOMPATIBLE, MIA_ERR_BUSY,
     "open elsewhere with other options, or a tree of another kind"},
    {MDBX_BAD_VALSIZE, MIA_ERR_TOO_LONG, NULL},
    {MDBX_TOO_LARGE, MIA_ERR_TOO_LONG, NULL},
    {MDBX_MAP_FULL, MIA_ERR_FULL,
     "the map is full: raise max_size, or end the oldest reader (see mia_db_readers)"},
    {MDBX_UNABLE_EXTEND_MAPSIZE, MIA_ERR_FULL, "the file cannot grow: check space and max_size"},
    {MDBX_TXN_FULL, MIA_ERR_FULL, "the transaction is too large: write smaller batches"},
    {ENOSPC, MIA_ERR_FULL, "no space left on the disk: make room and run it again"},
    {EDQUOT, MIA_ERR_FULL, "the disk quota is used up"},
    {EFBIG, MIA_ERR_FULL, "the file is over the size limit of this process or file system"},
    {MDBX_BUSY, MIA_ERR_BUSY, "another process or handle has it open"},
    {EAGAIN, MIA_ERR_BUSY, "another process or handle has it open"},
    {MDBX_DUPLICATED_CLK, MIA_ERR_BUSY, "another file has taken the place of the open one"},
    {MDBX_READERS_FULL, MIA_ERR_BUSY, "too many read transactions: end some or raise max_readers"},
    {MDBX_DBS_FULL, MIA_ERR_FULL, "too many trees are open: raise max_trees"},
    {MDBX_CORRUPTED, MIA_ERR_CORRUPT, "damaged: run `mia check`, go back to the source or a copy"},
    {MDBX_PAGE_NOTFOUND, MIA_ERR_CORRUPT,
     "damaged: run `mia check`, go back to the source or a copy"},
    {MDBX_CURSOR_FULL, MIA_ERR_CORRUPT,
     "damaged: run `mia check`, go back to the source or a copy"},
    {MDBX_PAGE_FULL, MIA_ERR_CORRUPT, "damaged: run `mia check`, go back to the source or a copy"},
    {MDBX_PROBLEM, MIA_ERR_CORRUPT, "damaged: run `mia check`, go back to the source or a copy"},
    {MDBX_INVALID, MIA_ERR_CORRUPT, "not a libmdbx database, or damaged"},
    {MDBX_VERSION_MISMATCH, MIA_ERR_VERSION, "written by another version of libmdbx"},
    {MDBX_WANNA_RECOVERY, MIA_ERR_READONLY,
     "its last writer did not end cleanly: open it once for writing"},
    {EROFS, MIA_ERR_READONLY, "the file system is read-only"},
    {EACCES, MIA_ERR_READONLY, "no permission"},
    {EPERM, MIA_ERR_READONLY, "not permitted"},
    {MDBX_BAD_TXN, MIA_ERR_TXN, "an earlier write in this transaction failed: abort it"},
    {MDBX_THREAD_MISMATCH, MIA_ERR_TXN, NULL},
    {MDBX_TXN_OVERLAPPING, MIA_ERR_TXN, NULL},
    {MDBX_OUSTED, MIA_ERR_TXN, NULL},
    {MDBX_MVCC_RETARDED, MIA_ERR_TXN, NULL},
    {MDBX_RESULT_TRUE, MIA_ERR_TXN, "an earlier write in this transaction failed"},
    {ENOMEM, MIA_ERR_NOMEM,
     "no memory, or too little address space for the map: lower max_size or raise `ulimit -v`"},
    {MDBX_EREMOTE, MIA_ERR_UNSUPPORTED,
     "on a network file system, where libmdbx cannot lock: use a local disk"},
    {MDBX_PANIC, MIA_ERR_IO,
     "writing failed and could not be undone: check the disk, open it anew"},
    {MDBX_BAD_DBI, MIA_ERR_INVALID, "no such tree in this transaction"},
    {MDBX_EBADSIGN, MIA_ERR_INTERNAL, NULL},
    {MDBX_DANGLING_DBI, MIA_ERR_INTERNAL, NULL},
    {EINVAL, MIA_ERR_INTERNAL, NULL},
};

/* tmpfs answers EIO, not ENOSPC, when a mapped file cannot grow. */
static bool is_disk_full(const struct mia__mdbx_db *db, int code)
{
    uint64_t bytes;
    return code == EIO && mia__disk_free(db->path, &bytes, NULL) == MIA_OK && bytes < (1u << 20);
}

mia_status mia__mdbx_fail(const struct mia__mdbx_db *db, int code, struct mia_error *err,
                          const char *what)
{
    if (is_disk_full(db, code))
        code = ENOSPC;
    const struct answer *answer = NULL;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0] && answer == NULL; i++)
        if (answers[i].code == code)
            answer = &answers[i];
    mia_status status = answer ? answer->status : MIA_ERR_IO;
    if (status == MIA_NOTFOUND)
        return status;
    char text[160];
    const char *reason =
        answer && answer->remedy ? answer->remedy : mdbx_strerror_r(code, text, sizeof text);
    return mia__fail_engine(err, status, MIA__MDBX_NAME, code, "%s: %s: %s", db->path, what,
                            reason);
}
