/* sled/salvage_doubt.c - is a leaf really of the tree that claims it? */
#include "sled/salvage_tree.h"

#include "base/error.h"
#include "base/try.h"

struct doubts {
    const struct mia__sled_salvage_state *state;
    struct mia__sled_claims *claims;
    struct mia__sled_row *rows;
    size_t row_count;
    uint32_t *owners; /* of each page, the row's number + 1 */
};

static void note_owners(struct doubts *d)
{
    for (size_t i = 0; i < d->row_count; i++)
        for (size_t j = 0; j < mia__sled_row_count(&d->rows[i]); j++)
            d->owners[mia__sled_row_at(&d->rows[i], j)->page] = (uint32_t)i + 1;
}

static bool is_linked(const struct doubts *d, const struct mia__sled_row *row,
                      const struct mia__sled_extent *left, const struct mia__sled_extent *right,
                      enum mia__sled_lead least)
{
    return left->page != 0 && right->page != 0 && left->next == right->page && !left->end.is_none &&
           mia__sled_salvage_lead(d->state, left->page, right->page) >= least &&
           mia_slice_equal(mia__sled_bound_key(row, &left->end),
                           mia__sled_bound_key(row, &right->from));
}

static bool leads_elsewhere(const struct doubts *d, size_t row, const struct mia__sled_extent *e)
{
    uint32_t owner = e->next < d->claims->pages ? d->owners[e->next] : 0;
    return e->next != 0 && owner != 0 && owner != row + 1;
}

/* That a sibling leads to it says nothing of its own state, unless that is certain. That the state
 * itself ends where the sibling begins, and leads to it, does. */
static bool is_borne_out(const struct doubts *d, size_t row, size_t i)
{
    const struct mia__sled_row *r = &d->rows[row];
    size_t count = mia__sled_row_count(r);
    const struct mia__sled_extent *e = mia__sled_row_at(r, i);
    if (leads_elsewhere(d, row, e))
        return false;
    return (i > 0 && is_linked(d, r, e - 1, e, MIA__SLED_LEADS)) ||
           (i + 1 < count && is_linked(d, r, e, e + 1, MIA__SLED_LEADS_LIKELY));
}

mia_status mia__sled_settle_doubts(const struct mia__sled_salvage_state *state,
                                   struct mia__sled_claims *claims, struct mia__buf *rows,
                                   struct mia_error *err)
{
    struct doubts d = {state, claims, (struct mia__sled_row *)(void *)rows->data,
                       rows->size / sizeof(struct mia__sled_row), NULL};
    d.owners = mia__alloc_array(claims->pages + 1, sizeof *d.owners);
    if (d.owners == NULL)
        return mia__fail_nomem(err);
    note_owners(&d);
    for (size_t row = 0; row < d.row_count; row++)
        for (size_t i = 0; i < mia__sled_row_count(&d.rows[row]); i++) {
            struct mia__sled_extent *e = mia__sled_row_at(&d.rows[row], i);
            if (e->page == 0 || !e->is_doubtful || is_borne_out(&d, row, i))
                continue;
            claims->bits[e->page / 8] &= (uint8_t) ~(1u << e->page % 8);
            *e = (struct mia__sled_extent){
                .from = e->from,
                .to = e->to,
                .end = e->to,
                .reason = "nothing but an index that is out of date leads to their page"};
        }
    mia__free(d.owners);
    return MIA_OK;
}
