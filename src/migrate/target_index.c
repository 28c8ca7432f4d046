/* migrate/target_index.c - the indexes of a typed target, made anew from its records */
#include "base/try.h"
#include "mia/store.h"
#include "migrate/job.h"

enum { SYNC_PERIOD_MS = 1000 };

mia_status mia__job_index(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    mia_store *store = NULL;
    struct mia_index_report report = {.struct_size = sizeof report};
    struct mia_db_options db = {.struct_size = sizeof db,
                                .must_exist = true,
                                .exclusive = true,
                                .durability = MIA_SYNC_LAZY,
                                .lazy_interval_ms = SYNC_PERIOD_MS};
    /* every archive in it was made by this process, a moment ago */
    struct mia_store_options opt = {.struct_size = sizeof opt, .db = &db, .trust_values = true};
    double began = mia__seconds();
    TRY(mia_store_open(mia_engine_mdbx(), job->place.partial, &opt, &store, err));
    TRY(mia_index_rebuild(store, mia__meter_relay, &job->meter, &report, err));
    TRY(mia_db_sync(mia_store_db(store), err));
    rc = mia_store_close(store, err);
    store = NULL;
    job->report.index_entries = report.entries;
done:
    mia_store_close(store, NULL);
    job->report.index_seconds = mia__seconds() - began;
    return rc;
}
