/* ab/turn.c - see ab/turn.h */
#include "ab/turn.h"

#include "ab/clock.h"

void mia__ab_turn_start(struct mia__ab_turn *turn)
{
    turn->answer->began_ns = mia__ab_now();
}

void mia__ab_turn_stop(struct mia__ab_turn *turn)
{
    turn->answer->ns = mia__ab_now() - turn->answer->began_ns;
}

mia_status mia__ab_turn_enter(struct mia__ab_turn *turn, enum mia_txn_mode mode)
{
    struct mia__ab_side *side = turn->side;
    if (turn->op->flags & MIA__AB_WRITER)
        mode = MIA_TXN_WRITE;
    turn->is_write = mode == MIA_TXN_WRITE;
    if ((turn->op->flags & MIA__AB_INSIDE) == 0)
        return side->store != NULL ? mia_store_begin(side->store, mode, &turn->txn, NULL)
                                   : mia_txn_begin(side->db, mode, &turn->txn, NULL);
    turn->txn = turn->worker->txn;
    turn->worker->txn = NULL;
    return turn->txn != NULL ? MIA_OK : MIA_ERR_TXN;
}

mia_status mia__ab_turn_leave(struct mia__ab_turn *turn, mia_status rc)
{
    mia_txn *txn = turn->txn;
    turn->txn = NULL;
    if (txn != NULL && (turn->op->flags & MIA__AB_STAYS) != 0) {
        turn->worker->txn = txn;
        return rc;
    }
    if (txn == NULL || !turn->is_write || rc < 0 || (turn->op->flags & MIA__AB_ABORTS) != 0) {
        mia_txn_abort(txn);
        return rc;
    }
    mia_status committed = mia_txn_commit(txn, NULL);
    return committed < 0 ? committed : rc;
}
