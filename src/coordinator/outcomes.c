/* coordinator/outcomes.c - what came of MIA's actions, and what it learned from that */
#include "base/error.h"
#include "base/try.h"
#include "coordinator/coordinator.h"
#include "model/json.h"

#include <stdio.h>

static mia_status put_feedback(mia_txn *txn, mia_str id, const struct mia_feedback *feedback,
                               struct mia_error *err)
{
    mia_status rc;
    mia_view view;
    struct mia_record record;
    TRY(mia_get(txn, MIA_TABLE_NODES, id, &view, err));
    if (rc == MIA_OK && view.kind != MIA_KIND_ACTION_OUTCOME)
        rc = MIA_NOTFOUND;
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia_record_of(txn, view, &record, err));
    record.u.action_outcome.user_feedback = feedback;
    rc = mia_put(txn, &record, err);
done:
    return rc;
}

mia_status mia_outcome_feedback(mia_coordinator *c, mia_str outcome_id,
                                const struct mia_feedback *feedback, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn = NULL;
    struct mia__slot *slot = NULL;
    struct mia__where where = mia__where(MIA_DATABASE_EXPERIENCE, MIA_TIER_NONE);
    TRY(mia__pin(c, &where, true, &slot, err));
    TRY(mia_store_begin(slot->store, MIA_TXN_WRITE, &txn, err));
    TRY(put_feedback(txn, outcome_id, feedback, err));
    if (rc == MIA_OK) {
        rc = mia_txn_commit(txn, err);
        txn = NULL;
    }
done:
    mia_txn_abort(txn);
    mia__unpin(c, slot);
    return rc;
}

/* ---- patterns */

static mia_status append(struct mia__buf *to, const char *text, struct mia_error *err)
{
    return mia__buf_append(to, text, strlen(text), err);
}

static mia_str text_of(const struct mia__buf *buf)
{
    mia_str text = {(const char *)buf->data, buf->size};
    return text;
}

/* A pattern's texts: args has the value and lacks the brace. */
struct pattern {
    const char *type; /* "success" */
    struct mia__buf id, action_type, args, result;
};

static mia_status fill(struct pattern *p, mia_str pattern_id, mia_str action_type,
                       struct mia_error *err)
{
    mia_status rc;
    TRY(append(&p->args, "}", err));
    TRY(append(&p->id, "pattern_", err));
    TRY(mia__buf_append(&p->id, pattern_id.data, pattern_id.size, err));
    TRY(append(&p->action_type, p->type, err));
    TRY(append(&p->action_type, "_pattern_", err));
    TRY(mia__buf_append(&p->action_type, action_type.data, action_type.size, err));
    TRY(append(&p->result, "{\"pattern_id\":", err));
    TRY(mia__json_print_string(pattern_id, &p->result, err));
    TRY(append(&p->result, ",\"type\":\"", err));
    TRY(append(&p->result, p->type, err));
    TRY(append(&p->result, "\"}", err));
done:
    return rc;
}

static mia_status record_pattern(mia_coordinator *c, struct pattern *p, mia_str pattern_id,
                                 mia_str action_type, struct mia_error *err)
{
    mia_status rc = fill(p, pattern_id, action_type, err);
    if (rc < 0)
        return rc;
    struct mia_record record = {.kind = MIA_KIND_ACTION_OUTCOME};
    record.u.action_outcome = (struct mia_action_outcome){
        .id = text_of(&p->id),
        .action_type = text_of(&p->action_type),
        .action_args = text_of(&p->args),
        .result = text_of(&p->result),
        .timestamp = mia__now(c),
        .conversation_context = MIA_STR("pattern_learning"),
    };
    return mia_coordinator_put(c, &record, err);
}

static void free_pattern(struct pattern *p)
{
    mia__buf_free(&p->id);
    mia__buf_free(&p->action_type);
    mia__buf_free(&p->args);
    mia__buf_free(&p->result);
}

mia_status mia_record_success(mia_coordinator *c, mia_str pattern_id, mia_str action_type,
                              float confidence, struct mia_error *err)
{
    mia_status rc;
    struct pattern p = {.type = "success"};
    TRY(append(&p.args, "{\"confidence\":", err));
    TRY(mia__json_print_real((double)confidence, &p.args, err));
    rc = record_pattern(c, &p, pattern_id, action_type, err);
done:
    free_pattern(&p);
    return rc;
}

mia_status mia_record_error(mia_coordinator *c, mia_str pattern_id, mia_str action_type,
                            uint32_t error_count, struct mia_error *err)
{
    mia_status rc;
    char count[16];
    struct pattern p = {.type = "error"};
    TRY(append(&p.args, "{\"error_count\":", err));
    snprintf(count, sizeof count, "%u", error_count);
    TRY(append(&p.args, count, err));
    rc = record_pattern(c, &p, pattern_id, action_type, err);
done:
    free_pattern(&p);
    return rc;
}
