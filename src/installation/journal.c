/* installation/journal.c - the journal as a file, and its entries */
#include "installation/journal.h"
#include "base/error.h"
#include "base/try.h"

#include <stdlib.h>

struct mia__entry *mia__entries(const struct mia__journal *journal, size_t *count)
{
    *count = journal->entries.size / sizeof(struct mia__entry);
    return (struct mia__entry *)(void *)journal->entries.data;
}

struct mia__entry *mia__entry_find(const struct mia__journal *journal, const char *name)
{
    size_t count;
    struct mia__entry *entries = mia__entries(journal, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(entries[i].name, name) == 0)
            return &entries[i];
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    const struct mia__entry *x = a, *y = b;
    return strcmp(x->name, y->name);
}

mia_status mia__entry_add(struct mia__journal *journal, const char *name, const char *source,
                          struct mia_error *err)
{
    size_t count;
    struct mia__entry entry = {.name = mia__strdup(name), .source = mia__strdup(source)};
    mia_status rc = entry.name != NULL && entry.source != NULL
                        ? mia__buf_append(&journal->entries, &entry, sizeof entry, err)
                        : mia__fail_nomem(err);
    if (rc < 0) {
        mia__free(entry.name);
        mia__free(entry.source);
        return rc;
    }
    struct mia__entry *entries = mia__entries(journal, &count);
    qsort(entries, count, sizeof *entries, by_name);
    return rc;
}

void mia__entries_clear(struct mia__journal *journal)
{
    size_t count;
    struct mia__entry *entries = mia__entries(journal, &count);
    for (size_t i = 0; i < count; i++) {
        mia__free(entries[i].name);
        mia__free(entries[i].source);
    }
    journal->entries.size = 0;
}

void mia__journal_free(struct mia__journal *journal)
{
    mia__entries_clear(journal);
    mia__buf_free(&journal->entries);
    mia__free(journal->base);
    mia__free(journal->spill);
    *journal = (struct mia__journal){0};
}

mia_status mia__journal_read(const char *root, struct mia__journal *journal, struct mia_error *err)
{
    *journal = (struct mia__journal){0};
    mia_status rc = mia__lines_read(root, MIA__JOURNAL_FILE, mia__journal_take, journal, err);
    if (rc < 0)
        mia__journal_free(journal);
    return rc;
}

mia_status mia__journal_write(const char *root, const struct mia__journal *journal,
                              struct mia_error *err)
{
    mia_status rc;
    struct mia__buf text = {0};
    TRY(mia__journal_print(journal, &text, err));
    rc = mia__lines_write(root, MIA__JOURNAL_FILE, &text, err);
done:
    mia__buf_free(&text);
    return rc;
}
