/* installation/journal_text.c - the lines of the journal: see installation/journal.h */
#include "base/percent.h"
#include "base/try.h"
#include "installation/journal.h"

#include <inttypes.h>
#include <stdio.h>

static const char header[] = "mia-journal 1\n";
static const char *const state_names[] = {"open", "done", "stray"};

enum { STATES = sizeof state_names / sizeof state_names[0] };

/* ---- printing */

static mia_status put_entry(struct mia__buf *to, const struct mia__entry *entry,
                            struct mia_error *err)
{
    mia_status rc;
    char rest[256];
    snprintf(rest, sizeof rest, " %s %s %" PRIu64 " %" PRIu64 " %s\n", state_names[entry->state],
             entry->fingerprint[0] ? entry->fingerprint : "-", entry->records, entry->milliseconds,
             entry->digest[0] ? entry->digest : "-");
    TRY(mia__lines_put(to, "database ", err));
    TRY(mia__percent_put(to, entry->name, err));
    TRY(mia__lines_put(to, " ", err));
    TRY(mia__percent_put(to, entry->source, err));
    rc = mia__lines_put(to, rest, err);
done:
    return rc;
}

mia_status mia__journal_print(const struct mia__journal *journal, struct mia__buf *to,
                              struct mia_error *err)
{
    mia_status rc;
    size_t count;
    const struct mia__entry *entries = mia__entries(journal, &count);
    TRY(mia__lines_put(to, header, err));
    TRY(mia__lines_put_text(to, "base", journal->base, err));
    if (journal->spill != NULL)
        TRY(mia__lines_put_text(to, "spill", journal->spill, err));
    TRY(mia__lines_put_number(to, "generation", journal->generation, err));
    TRY(mia__lines_put_number(to, "verified", journal->verified_ms, err));
    TRY(mia__lines_put_number(to, "finished", journal->is_finished, err));
    for (size_t i = 0; i < count; i++)
        TRY(put_entry(to, &entries[i], err));
done:
    return rc;
}

/* ---- taking apart */

static mia_status take_entry(struct mia__lines *r, struct mia__journal *journal)
{
    mia_status rc;
    char *name = NULL, *source = NULL;
    struct mia__entry taken = {0};
    TRY(mia__lines_text(r, &name));
    TRY(mia__lines_text(r, &source));
    taken.state = (enum mia__entry_state)mia__lines_one_of(r, state_names, STATES);
    mia__lines_digest(r, taken.fingerprint);
    taken.records = mia__lines_number(r);
    taken.milliseconds = mia__lines_number(r);
    mia__lines_digest(r, taken.digest);
    if (r->has_failed)
        goto done;
    TRY(mia__entry_add(journal, name, source, r->err));
    struct mia__entry *entry = mia__entry_find(journal, name);
    taken.name = entry->name;
    taken.source = entry->source;
    *entry = taken;
done:
    mia__free(name);
    mia__free(source);
    return rc;
}

mia_status mia__journal_take(void *ctx, struct mia__lines *r)
{
    mia_status rc;
    struct mia__journal *journal = ctx;
    r->has_failed = !mia__lines_name(r, header);
    mia__lines_expect(r, "base");
    TRY(mia__lines_text(r, &journal->base));
    if (mia__lines_name(r, "spill "))
        TRY(mia__lines_text(r, &journal->spill));
    mia__lines_expect(r, "generation");
    journal->generation = mia__lines_number(r);
    mia__lines_expect(r, "verified");
    journal->verified_ms = mia__lines_number(r);
    mia__lines_expect(r, "finished");
    journal->is_finished = mia__lines_number(r) != 0;
    while (!r->has_failed && mia__lines_name(r, "database "))
        TRY(take_entry(r, journal));
done:
    return rc;
}
