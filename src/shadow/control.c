/* shadow/control.c - the file of a pair: see shadow/control.h */
#include "shadow/control.h"

#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/percent.h"
#include "base/try.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

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

static mia_status checksum(mia_slice text, char hex[MIA__SHA256_HEX], struct mia_error *err)
{
    mia_status rc;
    struct mia__sha256 *sha = NULL;
    uint8_t sum[MIA__SHA256_SIZE];
    TRY(mia__sha256_open(&sha, err));
    TRY(mia__sha256_begin(sha, err));
    TRY(mia__sha256_add(sha, text, err));
    TRY(mia__sha256_end(sha, sum, err));
    mia__sha256_hex(sum, hex);
done:
    mia__sha256_close(sha);
    return rc;
}

/* ---- printing */

static mia_status put(struct mia__buf *to, const char *text, struct mia_error *err)
{
    return mia__buf_append(to, text, strlen(text), err);
}

static mia_status put_line(struct mia__buf *to, const char *name, const char *word,
                           struct mia_error *err)
{
    mia_status rc;
    TRY(put(to, name, err));
    TRY(put(to, " ", err));
    TRY(put(to, word, err));
    rc = put(to, "\n", err);
done:
    return rc;
}

static mia_status put_number(struct mia__buf *to, const char *name, uint64_t number,
                             struct mia_error *err)
{
    char word[24];
    snprintf(word, sizeof word, "%" PRIu64, number);
    return put_line(to, name, word, err);
}

static mia_status put_side(struct mia__buf *to, int i, const struct mia__control_side *side,
                           struct mia_error *err)
{
    mia_status rc;
    char rest[160];
    snprintf(rest, sizeof rest, " %s %" PRIu64 " %s\n", side->engine, side->is_folded,
             side->fingerprint[0] ? side->fingerprint : "-");
    TRY(put(to, side_names[i], err));
    TRY(put(to, " ", err));
    TRY(mia__percent_put(to, side->path, err));
    rc = put(to, rest, err);
done:
    return rc;
}

static mia_status put_bytes(struct mia__buf *to, const struct mia__buf *bytes,
                            struct mia_error *err)
{
    mia_status rc;
    if (bytes->size == 0)
        return put(to, " -", err);
    TRY(put(to, " ", err));
    TRY(mia__buf_reserve(to, to->size + 2 * bytes->size, err));
    mia__put_hex((char *)to->data + to->size, bytes->data, bytes->size);
    to->size += 2 * bytes->size;
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
    TRY(put(to, head, err));
    TRY(put_bytes(to, &c->position_name, err));
    TRY(put_bytes(to, &c->position_key, err));
    rc = put(to, "\n", err);
done:
    return rc;
}

static mia_status print(const struct mia__control *c, struct mia__buf *to, struct mia_error *err)
{
    mia_status rc;
    char hex[MIA__SHA256_HEX];
    TRY(put(to, header, err));
    TRY(put_line(to, "content", content_names[c->is_raw], err));
    TRY(put_side(to, 0, &c->sides[0], err));
    TRY(put_side(to, 1, &c->sides[1], err));
    TRY(put_line(to, "primary", side_names[c->primary], err));
    TRY(put_line(to, "state", state_names[c->state], err));
    TRY(put_number(to, "clean", c->is_clean, err));
    if (c->has_position)
        TRY(put_position(to, c, err));
    for (size_t i = 0; i < NUMBERS; i++)
        TRY(put_number(to, numbers[i].name, *number_of(c, i), err));
    TRY(put(to, "reason ", err));
    TRY(mia__percent_put(to, c->reason, err));
    TRY(put(to, "\n", err));
    TRY(checksum(mia__buf_slice(to), hex, err));
    rc = put_line(to, "sha256", hex, err);
done:
    return rc;
}

mia_status mia__control_write(const char *path, const struct mia__control *c, struct mia_error *err)
{
    mia_status rc;
    struct mia__buf text = {0};
    char *file = mia__path_join(path, MIA__CONTROL_FILE);
    if (file == NULL)
        return mia__fail_nomem(err);
    TRY(print(c, &text, err));
    mia_slice whole = mia__buf_slice(&text);
    rc = mia__file_replace(file, &whole, 1, err);
done:
    mia__buf_free(&text);
    mia__free(file);
    return rc;
}

/* ---- parsing: the checksum is right, so what does not fit is of another version */

struct reader {
    const char *at, *end;
    bool has_failed;
    struct mia_error *err;
};

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

static void expect(struct reader *r, const char *name)
{
    r->has_failed = r->has_failed || !take_name(r, name) || !take_name(r, " ");
}

static uint64_t take_number(struct reader *r)
{
    char text[24] = "", *end = text;
    mia_slice word = take_word(r);
    uint64_t number = 0;
    if (word.size > 0 && word.size < sizeof text) {
        memcpy(text, word.data, word.size);
        text[word.size] = '\0';
        number = strtoull(text, &end, 10);
    }
    r->has_failed = r->has_failed || end == text || *end != '\0';
    return number;
}

static size_t take_one_of(struct reader *r, const char *const *names, size_t count)
{
    mia_slice word = take_word(r);
    for (size_t i = 0; i < count; i++)
        if (mia_slice_equal(word, mia_bytes_of(names[i])))
            return i;
    r->has_failed = true;
    return 0;
}

static mia_status take_text(struct reader *r, char **text)
{
    mia_status rc = mia__percent_take(take_word(r), text, r->err);
    r->has_failed = r->has_failed || *text == NULL;
    return rc;
}

static void take_short(struct reader *r, char *to, size_t size)
{
    mia_slice word = take_word(r);
    to[0] = '\0';
    if (word.size >= size) {
        r->has_failed = true;
    } else if (!mia_slice_equal(word, MIA_BYTES("-"))) {
        memcpy(to, word.data, word.size);
        to[word.size] = '\0';
    }
}

static mia_status take_side(struct reader *r, int i, struct mia__control_side *side)
{
    expect(r, side_names[i]);
    mia_status rc = take_text(r, &side->path);
    take_short(r, side->engine, sizeof side->engine);
    side->is_folded = take_number(r);
    take_short(r, side->fingerprint, sizeof side->fingerprint);
    return rc;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static mia_status take_bytes(struct reader *r, struct mia__buf *to)
{
    mia_slice word = take_word(r);
    const char *text = word.data;
    if (mia_slice_equal(word, MIA_BYTES("-")))
        return MIA_OK;
    mia_status rc = mia__buf_reserve(to, word.size / 2 + 1, r->err);
    for (size_t i = 0; rc == MIA_OK && i + 1 < word.size; i += 2) {
        int high = hex_value(text[i]), low = hex_value(text[i + 1]);
        r->has_failed = r->has_failed || high < 0 || low < 0;
        to->data[to->size++] = (uint8_t)((high & 15) << 4 | (low & 15));
    }
    return rc;
}

static mia_status take_position(struct reader *r, struct mia__control *c)
{
    mia_status rc;
    c->has_position = true;
    c->position_role = take_number(r);
    c->position_table = take_number(r);
    c->position_literal = take_number(r);
    TRY(take_bytes(r, &c->position_name));
    rc = take_bytes(r, &c->position_key);
done:
    return rc;
}

static mia_status take_lines(struct reader *r, struct mia__control *c)
{
    mia_status rc;
    char *reason = NULL;
    r->has_failed = !take_name(r, header);
    expect(r, "content");
    c->is_raw = take_one_of(r, content_names, 2) == 1;
    TRY(take_side(r, 0, &c->sides[0]));
    TRY(take_side(r, 1, &c->sides[1]));
    expect(r, "primary");
    c->primary = (int)take_one_of(r, side_names, 2);
    expect(r, "state");
    c->state = (enum mia_shadow_state)take_one_of(r, state_names, MIA_SHADOW_DETACHED + 1);
    expect(r, "clean");
    c->is_clean = take_number(r) == 1;
    if (take_name(r, "position "))
        TRY(take_position(r, c));
    for (size_t i = 0; i < NUMBERS; i++) {
        expect(r, numbers[i].name);
        *number_of(c, i) = take_number(r);
    }
    expect(r, "reason");
    TRY(take_text(r, &reason));
    if (reason != NULL)
        snprintf(c->reason, sizeof c->reason, "%s", reason);
    r->has_failed = r->has_failed || r->at != r->end;
done:
    mia__free(reason);
    return rc;
}

static mia_status parse(const char *file, mia_slice text, struct mia__control *c,
                        struct mia_error *err)
{
    enum { LAST_LINE = sizeof "sha256 " - 1 + MIA__SHA256_HEX };
    mia_status rc;
    char hex[MIA__SHA256_HEX], line[LAST_LINE + 1] = "";
    struct reader r = {text.data, (const char *)text.data + text.size, false, err};
    if (text.size > LAST_LINE) {
        r.end -= LAST_LINE;
        TRY(checksum((mia_slice){text.data, text.size - LAST_LINE}, hex, err));
        snprintf(line, sizeof line, "sha256 %s\n", hex);
    }
    if (line[0] == '\0' || memcmp(r.end, line, LAST_LINE) != 0) {
        rc = mia__fail(err, MIA_ERR_CORRUPT,
                       "%s: the checksum is wrong: the file is damaged, or was edited", file);
        goto done;
    }
    TRY(take_lines(&r, c));
    if (r.has_failed)
        rc = mia__fail(err, MIA_ERR_VERSION,
                       "%s: has lines that this libmia %s does not know: update it", file,
                       mia_version());
done:
    return rc;
}

mia_status mia__control_read(const char *path, struct mia__control *c, struct mia_error *err)
{
    enum { LARGEST = 1 << 20 };
    mia_status rc = MIA_NOTFOUND;
    struct mia__buf text = {0};
    char *file = mia__path_join(path, MIA__CONTROL_FILE);
    *c = (struct mia__control){0};
    if (file == NULL)
        return mia__fail_nomem(err);
    if (!mia__file_exists(file))
        goto done;
    TRY(mia__buf_reserve(&text, LARGEST, err));
    TRY(mia__file_read(file, 0, text.data, LARGEST, &text.size, err));
    rc = parse(file, mia__buf_slice(&text), c, err);
done:
    if (rc < 0)
        mia__control_free(c);
    mia__buf_free(&text);
    mia__free(file);
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
