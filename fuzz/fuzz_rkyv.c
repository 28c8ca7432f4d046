/*
 * fuzz_rkyv.c - any bytes as an archive: refused with a reason, or a record that can be read whole
 *
 * Input: byte 0 chooses the table that the archive is from, the rest is the archive.
 */
#include "records.h"
#include "rkyv/check.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct fuzz_memory m = {0};
    struct mia_error err = {0}, as_rkyv = {0};
    enum mia__table table = (enum mia__table)(data[0] % MIA__TABLES);
    mia_slice archive = {data + 1, size - 1};
    mia_status rc = mia__archive_check(table, archive, &err);
    if (rc == MIA_OK) {
        fuzz_check_accepted(&m, table, archive);
    } else {
        fuzz_check_refusal(rc, &err);
        rc = mia__archive_check_as_rkyv(table, archive, &as_rkyv);
        if (rc != MIA_OK)
            fuzz_check_refusal(rc, &as_rkyv);
    }
    fuzz_memory_free(&m);
    return 0;
}
