/* shadow/control.c - the file of a pair: see shadow/control.h */
#include "shadow/control.h"

#include "base/lines.h"
#include "base/options.h"
#include "base/percent.h"
#include "base/try.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

static const char header[] = "mia-shadow 1\n";
static const char *const side_names[] = {"first", "second"};
static const char *const content_names[] = {"records", "bytes"};
static const char *const state_names[] = {"backfilling", "following", "verified", "detached"};

static const struct {
    const char *name;
    size_t offset;
} numbers[] = {
#define NUMBER(member)                                                                             \
    {                                                                                              \
#member, offsetof(struct mia__control, member)                                             \
    }
    NUMBER(pending),      NUMBER(compared), NUMBER(copied),   NUMBER(removed),
    NUMBER(times_behind), NUMBER(skipped),  NUMBER(switches), NUMBER(verified_ms),
#undef NUMBER
};
enum { NUMBERS = sizeof numbers / sizeof numbers[0] };

static uint64_t *number_of(const struct mia__control *c, size_t i)
{
    return (uint64_t *)(void *)((char *)(uintptr_t)c + numbers[i].offset);
}

const char *mia_shadow_state_text(enum mia_shadow_state state)
{
    return (size_t)state <= MIA_SHADOW_DETACHED ? state_names[state] : "?";
}

void mia__control_free(struct mia__control *c)
{
    mia__free(c->sides[0].path);
    mia__free(c->sides[1].path);
    mia__buf_free(&c->position_name);
    mia__buf_free(&c->position_key);
    *c = (struct mia__control){0};
}

/* ---- printing */

static mia_status put_side(struct mia__buf *to, int i, const struct mia__control_side *side,
                           struct mia_error *err)
{
    mia_status rc;
    char rest[160];
    snprintf(rest, sizeof rest, " %s %" PRIu64 " %s\n", side->engine, side->is_folded,
             side->fingerprint[0] ? side->fingerprint : "-");
    TRY(mia__lines_put(to, side_names[i], err));
    TRY(mia__lines_put(to, " ", err));
    TRY(mia__percent_put(to, side->path, err));
    rc = mia__lines_put(to, rest, err);
done:
    return rc;
}

static mia_status put_position(struct mia__buf *to, const struct mia__control *c,
                               struct mia_error *err)
{
    mia_status rc;
    char head[80];
    snprintf(head, sizeof head, "position %" PRIu64 " %" PRIu64 " %" PRIu64, c->position_role,
             c->position_table, c->position_literal);
    TRY(mia__lines_put(to, head, err));
    TRY(mia__lines_put_bytes(to, &c->position_name, err));
    TRY(mia__lines_put_bytes(to, &c->position_key, err));
    rc = mia__lines_put(to, "\n", err);
done:
    return rc;
}

static mia_status print(const struct mia__control *c, struct mia__buf *to, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__lines_put(to, header, err));
    TRY(mia__lines_put_line(to, "content", content_names[c->is_raw], err));
    TRY(put_side(to, 0, &c->sides[0], err));
    TRY(put_side(to, 1, &c->sides[1], err));
    TRY(mia__lines_put_line(to, "primary", side_names[c->primary], err));
    TRY(mia__lines_put_line(to, "state", state_names[c->state], err));
    TRY(mia__lines_put_number(to, "clean", c->is_clean, err));
    if (c->has_position)
        TRY(put_position(to, c, err));
    for (size_t i = 0; i < NUMBERS; i++)
        TRY(mia__lines_put_number(to, numbers[i].name, *number_of(c, i), err));
    rc = mia__lines_put_text(to, "reason", c->reason, err);
done:
    return rc;
}

mia_status mia__control_write(const char *path, const struct mia__control *c, struct mia_error *err)
{
    mia_status rc;
    struct mia__buf text = {0};
    TRY(print(c, &text, err));
    rc = mia__lines_write(path, MIA__CONTROL_FILE, &text, err);
done:
    mia__buf_free(&text);
    return rc;
}

/* ---- parsing */

static mia_status take_side(struct mia__lines *r, int i, struct mia__control_side *side)
{
    mia__lines_expect(r, side_names[i]);
    mia_status rc = mia__lines_text(r, &side->path);
    mia__lines_short(r, side->engine, sizeof side->engine);
    side->is_folded = mia__lines_number(r);
    mia__lines_digest(r, side->fingerprint);
    return rc;
}

static mia_status take_position(struct mia__lines *r, struct mia__control *c)
{
    mia_status rc;
    c->has_position = true;
    c->position_role = mia__lines_number(r);
    c->position_table = mia__lines_number(r);
    c->position_literal = mia__lines_number(r);
    TRY(mia__lines_bytes(r, &c->position_name));
    rc = mia__lines_bytes(r, &c->position_key);
done:
    return rc;
}

static mia_status take_lines(void *ctx, struct mia__lines *r)
{
    mia_status rc;
    struct mia__control *c = ctx;
    char *reason = NULL;
    r->has_failed = !mia__lines_name(r, header);
    mia__lines_expect(r, "content");
    c->is_raw = mia__lines_one_of(r, content_names, 2) == 1;
    TRY(take_side(r, 0, &c->sides[0]));
    TRY(take_side(r, 1, &c->sides[1]));
    mia__lines_expect(r, "primary");
    c->primary = (int)mia__lines_one_of(r, side_names, 2);
    mia__lines_expect(r, "state");
    c->state = (enum mia_shadow_state)mia__lines_one_of(r, state_names, MIA_SHADOW_DETACHED + 1);
    mia__lines_expect(r, "clean");
    c->is_clean = mia__lines_number(r) == 1;
    if (mia__lines_name(r, "position "))
        TRY(take_position(r, c));
    for (size_t i = 0; i < NUMBERS; i++) {
        mia__lines_expect(r, numbers[i].name);
        *number_of(c, i) = mia__lines_number(r);
    }
    mia__lines_expect(r, "reason");
    TRY(mia__lines_text(r, &reason));
    if (reason != NULL)
        snprintf(c->reason, sizeof c->reason, "%s", reason);
done:
    mia__free(reason);
    return rc;
}

mia_status mia__control_read(const char *path, struct mia__control *c, struct mia_error *err)
{
    *c = (struct mia__control){0};
    mia_status rc = mia__lines_read(path, MIA__CONTROL_FILE, take_lines, c, err);
    if (rc < 0)
        mia__control_free(c);
    return rc;
}

/* ---- status */

static void copy_text(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from != NULL ? from : "");
}

void mia__control_status(const struct mia__control *c, struct mia_shadow_status *status)
{
    const struct mia__control_side *primary = &c->sides[c->primary];
    const struct mia__control_side *secondary = &c->sides[!c->primary];
    status->state = c->state;
    status->is_raw = c->is_raw;
    status->is_clean = c->is_clean;
    status->second_is_primary = c->primary == 1;
    status->pending = c->pending;
    status->compared = c->compared;
    status->copied = c->copied;
    status->removed = c->removed;
    status->times_behind = c->times_behind;
    status->skipped = c->skipped;
    status->switches = c->switches;
    status->verified_ms = (int64_t)c->verified_ms;
    copy_text(status->last_reason, sizeof status->last_reason, c->reason);
    copy_text(status->primary, sizeof status->primary, primary->path);
    copy_text(status->secondary, sizeof status->secondary, secondary->path);
    copy_text(status->primary_engine, sizeof status->primary_engine, primary->engine);
    copy_text(status->secondary_engine, sizeof status->secondary_engine, secondary->engine);
}

mia_status mia_shadow_read(const char *path, struct mia_shadow_status *out, struct mia_error *err)
{
    mia_status rc;
    struct mia__control c = {0};
    struct mia_shadow_status status = {.struct_size = sizeof status};
    TRY(mia__report_check(out, "mia_shadow_status", err));
    TRY(mia__control_read(path, &c, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    mia__control_status(&c, &status);
    mia__report_write(out, &status, sizeof status);
done:
    mia__control_free(&c);
    return rc;
}
