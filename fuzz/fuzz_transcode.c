/*
 * fuzz_transcode.c - any bytes as a record in bincode: refused with a reason, or an archive that is
 * sound, from which the same record comes back
 *
 * Input: byte 0 chooses the table, the rest is the value. The bincode that comes back may differ
 * from the input (JSON spelled otherwise, longer varints, bytes behind the record); the archive
 * that is made of it may not.
 */
#include "mia/model.h"
#include "records.h"
#include "rkyv/check.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char before[] = "what is before the archive stays";

static void check_made(struct fuzz_memory *m, enum mia__table table, mia_slice archive,
                       const struct mia__transcoded *record)
{
    mia_view made, again;
    mia_status rc = mia_view_open((enum mia_table)table, archive, &made, NULL);
    assert(rc == MIA_OK && (int)made.kind == record->kind);
    mia_str id = mia_view_id(made);
    assert(id.size == record->id.size && memcmp(id.data, record->id.data, id.size) == 0);
    fuzz_check_accepted(m, table, archive);
    assert(mia_slice_equal(mia__buf_slice(&m->second), archive));
    again = mia_view_trust((enum mia_table)table, mia__buf_slice(&m->second));
    assert(mia_view_equal(made, again) && mia_view_equal(again, made));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct fuzz_memory m = {0};
    struct mia__buf archive = {0};
    struct mia__transcoded record = {0};
    struct mia_error err = {0};
    enum mia__table table = (enum mia__table)(data[0] % MIA__TABLES);
    mia_slice value = {data + 1, size - 1};
    mia_status rc = mia__buf_append(&archive, before, sizeof before, NULL);
    assert(rc == MIA_OK);
    rc = mia__transcode(&m.transcoder, table, value, &archive, &record, &err);
    mia_slice made = {archive.data + sizeof before, archive.size - sizeof before};
    if (rc == MIA_OK) {
        assert(record.trailing < size);
        check_made(&m, table, made, &record);
    } else {
        fuzz_check_refusal(rc, &err);
        assert(made.size == 0);
    }
    assert(memcmp(archive.data, before, sizeof before) == 0);
    mia__buf_free(&archive);
    fuzz_memory_free(&m);
    return 0;
}
