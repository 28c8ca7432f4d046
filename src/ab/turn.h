/*
 * ab/turn.h - one operation on a database: its transaction, and the clock around it
 */
#ifndef MIA_AB_TURN_H
#define MIA_AB_TURN_H

#include "ab/side.h"

struct mia__ab_turn {
    struct mia__ab_side *side;
    struct mia__ab_worker *worker;
    const struct mia__ab_op *op;
    struct mia__ab_answer *answer;
    mia_txn *txn;
    bool is_write; /* txn is */
};

/* The measured time is what lies between them. */
void mia__ab_turn_start(struct mia__ab_turn *turn);
void mia__ab_turn_stop(struct mia__ab_turn *turn);

/* The transaction of the operation: its own, or the one that the operation before it left open. */
mia_status mia__ab_turn_enter(struct mia__ab_turn *turn, enum mia_txn_mode mode);
/* Ends it or, where the operation says so, leaves it open. rc: how the operation went; answers the
 * same, or why the commit failed. */
mia_status mia__ab_turn_leave(struct mia__ab_turn *turn, mia_status rc);

#endif
