/* installation/journal_text.c - the lines of the journal: see installation/journal.h */
#include "base/error.h"
#include "base/percent.h"
#include "base/try.h"
#include "installation/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char header[] = "mia-journal 1\n";
static const char *const state_names[] = {"open", "done", "stray"};

/* ---- printing */

static mia_status put(struct mia__buf *to, const char *text, struct mia_error *err)
{
    return mia__buf_append(to, text, strlen(text), err);
}

static mia_status put_path(struct mia__buf *to, const char *name, const char *path,
                           struct mia_error *err)
{
    mia_status rc;
    TRY(put(to, name, err));
    TRY(mia__percent_put(to, path, err));
    rc = put(to, "\n", err);
done:
    return rc;
}

static mia_status put_number(struct mia__buf *to, const char *name, uint64_t number,
                             struct mia_error *err)
{
    char line[64];
    snprintf(line, sizeof line, "%s %" PRIu64 "\n", name, number);
    return put(to, line, err);
}

static mia_status put_entry(struct mia__buf *to, const struct mia__entry *entry,
                            struct mia_error *err)
{
    mia_status rc;
    char rest[256];
    snprintf(rest, sizeof rest, " %s %s %" PRIu64 " %" PRIu64 " %s\n", state_names[entry->state],
             entry->fingerprint[0] ? entry->fingerprint : "-", entry->records, entry->milliseconds,
             entry->digest[0] ? entry->digest : "-");
    TRY(put(to, "database ", err));
    TRY(mia__percent_put(to, entry->name, err));
    TRY(put(to, " ", err));
    TRY(mia__percent_put(to, entry->source, err));
    rc = put(to, rest, err);
done:
    return rc;
}

mia_status mia__journal_print(const struct mia__journal *journal, struct mia__buf *to,
                              struct mia_error *err)
{
    mia_status rc;
    size_t count;
    char hex[MIA__SHA256_HEX];
    const struct mia__entry *entries = mia__entries(journal, &count);
    TRY(put(to, header, err));
    TRY(put_path(to, "base ", journal->base, err));
    if (journal->spill != NULL)
        TRY(put_path(to, "spill ", journal->spill, err));
    TRY(put_number(to, "generation", journal->generation, err));
    TRY(put_number(to, "verified", journal->verified_ms, err));
    TRY(put_number(to, "finished", journal->is_finished, err));
    for (size_t i = 0; i < count; i++)
        TRY(put_entry(to, &entries[i], err));
    TRY(mia__sha256_hex_of(mia__buf_slice(to), hex, err));
    TRY(put(to, "sha256 ", err));
    TRY(put(to, hex, err));
    rc = put(to, "\n", err);
done:
    return rc;
}

/* ---- parsing: the checksum is right, so what does not fit is of another version */

struct reader {
    const char *path;
    const char *at, *end;
    struct mia_error *err;
};

static mia_status refuse(const struct reader *r)
{
    return mia__fail(r->err, MIA_ERR_VERSION,
                     "%s: has lines that this libmia %s does not know: update it", r->path,
                     mia_version());
}

/* The word up to a blank or the end of the line, which is taken too. */
static mia_slice take_word(struct reader *r)
{
    const char *from = r->at;
    while (r->at < r->end && *r->at != ' ' && *r->at != '\n')
        r->at++;
    mia_slice word = {from, (size_t)(r->at - from)};
    if (r->at < r->end)
        r->at++;
    return word;
}

static bool take_name(struct reader *r, const char *name)
{
    size_t size = strlen(name);
    if ((size_t)(r->end - r->at) < size || memcmp(r->at, name, size) != 0)
        return false;
    r->at += size;
    return true;
}

static mia_status take_path(struct reader *r, char **path)
{
    mia_status rc = mia__percent_take(take_word(r), path, r->err);
    return rc < 0 || *path != NULL ? rc : refuse(r);
}

static mia_status take_number(struct reader *r, uint64_t *number)
{
    char text[24], *end;
    mia_slice word = take_word(r);
    if (word.size == 0 || word.size >= sizeof text)
        return refuse(r);
    memcpy(text, word.data, word.size);
    text[word.size] = '\0';
    *number = strtoull(text, &end, 10);
    return *end == '\0' ? MIA_OK : refuse(r);
}

static mia_status take_hex(struct reader *r, char hex[MIA__SHA256_HEX])
{
    mia_slice word = take_word(r);
    hex[0] = '\0';
    if (word.size == 1)
        return MIA_OK;
    if (word.size != MIA__SHA256_HEX - 1)
        return refuse(r);
    memcpy(hex, word.data, word.size);
    hex[word.size] = '\0';
    return MIA_OK;
}

static mia_status take_state(struct reader *r, enum mia__entry_state *state)
{
    mia_slice word = take_word(r);
    for (size_t i = 0; i < sizeof state_names / sizeof state_names[0]; i++)
        if (mia_slice_equal(word, mia_bytes_of(state_names[i]))) {
            *state = (enum mia__entry_state)i;
            return MIA_OK;
        }
    return refuse(r);
}

static mia_status take_entry(struct reader *r, struct mia__journal *journal)
{
    mia_status rc;
    char *name = NULL, *source = NULL;
    struct mia__entry *entry;
    TRY(take_path(r, &name));
    TRY(take_path(r, &source));
    TRY(mia__entry_add(journal, name, source, r->err));
    entry = mia__entry_find(journal, name);
    TRY(take_state(r, &entry->state));
    TRY(take_hex(r, entry->fingerprint));
    TRY(take_number(r, &entry->records));
    TRY(take_number(r, &entry->milliseconds));
    rc = take_hex(r, entry->digest);
done:
    mia__free(name);
    mia__free(source);
    return rc;
}

static mia_status take_lines(struct reader *r, struct mia__journal *journal)
{
    mia_status rc;
    uint64_t finished;
    if (!take_name(r, header) || !take_name(r, "base "))
        return refuse(r);
    TRY(take_path(r, &journal->base));
    if (take_name(r, "spill "))
        TRY(take_path(r, &journal->spill));
    rc = take_name(r, "generation ") ? take_number(r, &journal->generation) : refuse(r);
    TRY(rc);
    rc = take_name(r, "verified ") ? take_number(r, &journal->verified_ms) : refuse(r);
    TRY(rc);
    rc = take_name(r, "finished ") ? take_number(r, &finished) : refuse(r);
    TRY(rc);
    journal->is_finished = finished != 0;
    while (take_name(r, "database "))
        TRY(take_entry(r, journal));
    if (r->at != r->end)
        rc = refuse(r);
done:
    return rc;
}

mia_status mia__journal_parse(const char *path, mia_slice text, struct mia__journal *journal,
                              struct mia_error *err)
{
    enum { LAST_LINE = sizeof "sha256 " - 1 + MIA__SHA256_HEX };
    mia_status rc;
    char hex[MIA__SHA256_HEX], line[LAST_LINE + 1] = "";
    struct reader r = {path, text.data, (const char *)text.data + text.size, err};
    if (text.size > LAST_LINE) {
        r.end -= LAST_LINE;
        TRY(mia__sha256_hex_of((mia_slice){text.data, text.size - LAST_LINE}, hex, err));
        snprintf(line, sizeof line, "sha256 %s\n", hex);
    }
    if (line[0] == '\0' || memcmp(r.end, line, LAST_LINE) != 0) {
        rc = mia__fail(err, MIA_ERR_CORRUPT,
                       "%s: the checksum is wrong: the file is damaged, or was edited", path);
        goto done;
    }
    rc = take_lines(&r, journal);
done:
    return rc;
}
