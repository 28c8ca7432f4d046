/* ab/prepare.c - what is compared, at which level, and on which files */
#include "ab/run.h"

#include "ab/scratch.h"
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"

static mia_status look(struct mia__ab_job *job, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__ab_tell(job, "open", 0, 0, err));
    TRY(mia__ab_inspect(job->opt.a, &job->a, err));
    TRY(mia__ab_inspect(job->opt.b, &job->b, err));
done:
    return rc;
}

static bool holds_records(const struct mia__ab_content *c)
{
    return c->is_typed || (c->is_sled && c->has_records);
}

/* Records, where both have MIA's; pairs, where neither has archives. */
static mia_status choose_level(struct mia__ab_job *job, struct mia_error *err)
{
    bool has_archives = job->a.is_typed || job->b.is_typed;
    job->plan.is_store = holds_records(&job->a) && holds_records(&job->b);
    if (job->plan.is_store || !has_archives)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s holds MIA's records as archives and %s does not hold MIA's records: they "
                     "are not two forms of the same content",
                     job->a.is_typed ? job->opt.a : job->opt.b,
                     job->a.is_typed ? job->opt.b : job->opt.a);
}

static mia_status choose_access(struct mia__ab_job *job, const struct mia__ab_content *content,
                                const char *path, enum mia__ab_access *access,
                                struct mia_error *err)
{
    bool is_real = mia_engine_sled() != NULL && !job->opt.sled_files;
    if (!content->is_sled)
        *access = job->plan.writes ? MIA__AB_COPY : MIA__AB_IN_PLACE;
    else
        *access = is_real ? MIA__AB_SLED : MIA__AB_SLED_FILES;
    if (*access != MIA__AB_SLED_FILES || !job->plan.writes)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_UNSUPPORTED,
                     "%s: writing to a sled database needs the real sled: %s", path,
                     mia_engine_sled() == NULL ? "use a build with -DMIA_WITH_SLED=ON, or a "
                                                 "workload that only reads"
                                               : "leave out --sled-files");
}

static bool is_copied(enum mia__ab_access access)
{
    return access == MIA__AB_COPY || access == MIA__AB_SLED;
}

static mia_status check_room(struct mia__ab_job *job, struct mia_error *err)
{
    mia_status rc;
    uint64_t bytes, total = 0;
    for (int who = 0; who < MIA_AB_SIDES; who++) {
        if (!is_copied(job->sides[who].access))
            continue;
        TRY(mia__dir_size(who == MIA_AB_B ? job->opt.b : job->opt.a, &bytes, err));
        total += bytes;
    }
    rc = total > 0 ? mia__ab_scratch_check(job->scratch, total, err) : MIA_OK;
done:
    return rc;
}

static mia_status copy_side(struct mia__ab_job *job, enum mia_ab_who who, struct mia_error *err)
{
    mia_status rc;
    static const char *const names[MIA_AB_SIDES] = {"a", "control", "b"};
    struct mia__ab_process *side = &job->sides[who];
    bool is_b = who == MIA_AB_B;
    side->path = is_b ? job->opt.b : job->opt.a;
    if (!is_copied(side->access))
        return MIA_OK;
    TRY(mia__ab_tell(job, "copy", (uint64_t)who, MIA_AB_SIDES, err));
    job->copies[who] = mia__path_join(job->scratch, names[who]);
    if (job->copies[who] == NULL)
        return mia__fail_nomem(err);
    TRY(mia__ab_scratch_copy(side->path, is_b ? job->b.is_sled : job->a.is_sled, job->copies[who],
                             err));
    side->path = job->copies[who];
done:
    return rc;
}

static mia_status copy_sides(struct mia__ab_job *job, struct mia_error *err)
{
    mia_status rc;
    enum mia__ab_access a, b;
    TRY(choose_access(job, &job->a, job->opt.a, &a, err));
    TRY(choose_access(job, &job->b, job->opt.b, &b, err));
    job->sides[MIA_AB_A].access = job->sides[MIA_AB_CONTROL].access = a;
    job->sides[MIA_AB_B].access = b;
    if (is_copied(a) || is_copied(b)) {
        TRY(mia__ab_scratch_make(job->opt.scratch, &job->scratch, err));
        TRY(check_room(job, err));
    }
    for (int who = 0; who < MIA_AB_SIDES; who++)
        TRY(copy_side(job, (enum mia_ab_who)who, err));
done:
    return rc;
}

mia_status mia__ab_prepare(struct mia__ab_job *job, struct mia_error *err)
{
    mia_status rc;
    struct mia_ab_options made = job->opt;
    TRY(look(job, err));
    TRY(choose_level(job, err));
    /* one part more than there are rounds: the warm-up */
    made.operations = job->opt.operations + job->opt.operations / job->opt.rounds + 1;
    TRY(job->opt.trace != NULL ? mia__ab_plan_replay(&job->plan, &job->opt, err)
                               : mia__ab_plan_make(&job->plan, &made, err));
    TRY(copy_sides(job, err));
done:
    return rc;
}
