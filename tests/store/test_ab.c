/*
 * test_ab.c - one random sequence of operations on every engine: the same answers, the same content
 *
 * MIA_TEST_SEED repeats a run; MIA_TEST_STEPS (100,000) operations.
 */
#include "mia/search.h"
#include "store/suite.h"
#include "support/random.h"

#include <stdio.h>
#include <stdlib.h>

enum { ENGINES = 3, IDS = 120, ANSWER = 64 << 10 };

struct side {
    struct store_bench bench;
    mia_txn *txn;
    char *answer; /* of the last operation, as text */
    size_t size;
};

struct contest {
    struct side sides[ENGINES];
    size_t count;
    struct test_random random;
};

/* What is done: chosen once, then done on every side. */
struct step {
    enum what { PUT, DELETE, GET, SCAN, BY_PROPERTY, NEIGHBOURS, EMBEDDING, SEARCH, STEPS } what;
    enum mia_table table;
    struct mia_record record;
    char texts[8][16];
    float vector[4];
    uint32_t flags;
    int64_t from_ms, to_ms;
    bool newest_first;
    enum mia_direction direction;
    const char *property;
};

static void say(struct side *side, const char *text, size_t size)
{
    assert_true(side->size + size + 2 < ANSWER);
    memcpy(side->answer + side->size, text, size);
    side->size += size;
    side->answer[side->size++] = ' ';
    side->answer[side->size] = '\0';
}

static void say_str(struct side *side, mia_str text)
{
    say(side, text.data != NULL ? text.data : "-", text.data != NULL ? text.size : 1);
}

static void say_status(struct side *side, mia_status rc)
{
    const char *name = mia_status_name(rc);
    say(side, name, strlen(name));
}

static void say_view(struct side *side, mia_view view)
{
    char *json;
    size_t size;
    OK(mia_view_json(view, &json, &size, ERR));
    say(side, json, size);
    mia_free(json);
}

/* ---- choosing */

static mia_str word(struct step *s, size_t i, const char *format, size_t number)
{
    snprintf(s->texts[i], sizeof s->texts[i], format, (int)number);
    return mia_str_of(s->texts[i]);
}

static void choose_node(struct step *s, struct test_random *r, mia_str id)
{
    int64_t time = (int64_t)test_below(r, 20) - 5;
    mia_str embedding = test_below(r, 2) ? word(s, 1, "v%03d", test_below(r, IDS)) : (mia_str){0};
    switch (test_below(r, 4)) {
    case 0:
        s->record = (struct mia_record){MIA_KIND_CHAT,
                                        {.chat = {.id = id,
                                                  .topic = word(s, 2, "t%d", test_below(r, 4)),
                                                  .updated_at = time,
                                                  .embedding_id = embedding}}};
        break;
    case 1:
        s->record =
            (struct mia_record){MIA_KIND_ENTITY,
                                {.entity = {.id = id,
                                            .label = word(s, 2, "l%d", test_below(r, 4)),
                                            .entity_type = word(s, 3, "e%d", test_below(r, 2)),
                                            .metadata = MIA_STR("{\"n\":[1,2.5,null]}")}}};
        break;
    case 2:
        s->record = (struct mia_record){
            MIA_KIND_ACTION_OUTCOME,
            {.action_outcome = {
                 .id = id, .action_type = word(s, 2, "a%d", test_below(r, 3)), .timestamp = time}}};
        break;
    default:
        s->record =
            (struct mia_record){MIA_KIND_MESSAGE,
                                {.message = {.id = id,
                                             .chat_id = word(s, 2, "n%03d", test_below(r, IDS)),
                                             .sender = word(s, 3, "s%d", test_below(r, 3)),
                                             .timestamp = time,
                                             .embedding_id = embedding}}};
    }
}

static void choose_record(struct step *s, struct test_random *r)
{
    size_t what = test_below(r, 10);
    if (what < 5) {
        choose_node(s, r, word(s, 0, "n%03d", test_below(r, IDS)));
    } else if (what < 9) {
        s->record =
            (struct mia_record){MIA_KIND_EDGE,
                                {.edge = {.id = word(s, 0, "e%03d", test_below(r, 2 * IDS)),
                                          .from_node = word(s, 1, "n%03d", test_below(r, IDS)),
                                          .to_node = word(s, 2, "n%03d", test_below(r, IDS)),
                                          .edge_type = word(s, 3, "k%d", test_below(r, 3)),
                                          .created_at = (int64_t)test_below(r, 9)}}};
    } else {
        for (size_t i = 0; i < LENGTH(s->vector); i++)
            s->vector[i] = (float)test_below(r, 100) / 7;
        s->record = (struct mia_record){
            MIA_KIND_EMBEDDING,
            {.embedding = {.id = word(s, 0, "v%03d", test_below(r, IDS)),
                           .vector = {s->vector, test_below(r, LENGTH(s->vector) + 1)}}}};
    }
}

static void choose(struct step *s, struct test_random *r)
{
    static const char *const letters[] = {"n%03d", "e%03d", "v%03d"};
    static const struct {
        const char *property, *value;
    } properties[] = {{"node_type", ""},     {"topic", "t%d"},       {"chat_id", "n%03d"},
                      {"sender", "s%d"},     {"entity_type", "e%d"}, {"label", "l%d"},
                      {"action_type", "a%d"}};
    static const char *const kinds[] = {"Chat", "Message", "Entity", "ActionOutcome"};
    memset(s, 0, sizeof *s);
    size_t dice = test_below(r, 100);
    s->what = dice < 45   ? PUT
              : dice < 60 ? DELETE
              : dice < 75 ? GET
              : dice < 77 ? SCAN
              : dice < 87 ? BY_PROPERTY
              : dice < 96 ? NEIGHBOURS
              : dice < 98 ? EMBEDDING
                          : SEARCH;
    s->table = (enum mia_table)test_below(r, 3);
    s->flags = test_below(r, 3) == 0 ? MIA_DELETE_EDGES : 0;
    s->from_ms = test_below(r, 2) ? INT64_MIN : (int64_t)test_below(r, 20) - 6;
    s->to_ms = test_below(r, 2) ? INT64_MAX : (int64_t)test_below(r, 20) - 4;
    s->newest_first = test_below(r, 2) == 0;
    s->direction = test_below(r, 2) ? MIA_DIRECTION_IN : MIA_DIRECTION_OUT;
    if (s->what == PUT) {
        choose_record(s, r);
        return;
    }
    word(s, 0, letters[s->table], test_below(r, s->table == MIA_TABLE_EDGES ? 2 * IDS : IDS));
    word(s, 4, "n%03d", test_below(r, IDS));
    word(s, 5, "k%d", test_below(r, 3));
    size_t which = test_below(r, LENGTH(properties));
    s->property = properties[which].property;
    if (which == 0)
        snprintf(s->texts[6], sizeof s->texts[6], "%s", kinds[test_below(r, LENGTH(kinds))]);
    else
        word(s, 6, properties[which].value, test_below(r, which == 2 ? IDS : 4));
}

/* ---- doing */

static void get(struct side *side, const struct step *s)
{
    mia_view view;
    mia_status rc = mia_get(side->txn, s->table, mia_str_of(s->texts[0]), &view, ERR);
    say_status(side, rc);
    if (rc == MIA_OK)
        say_view(side, view);
}

static void scan(struct side *side, const struct step *s)
{
    mia_scan *it;
    mia_str id;
    mia_view view;
    mia_status rc;
    mia_str prefix = {s->texts[0], 3};
    OK(mia_scan_open(side->txn, s->table, prefix, &it, ERR));
    while ((rc = mia_scan_next(it, &id, &view, ERR)) == MIA_OK) {
        say_str(side, id);
        say_view(side, view);
    }
    say_status(side, rc);
    mia_scan_close(it);
}

static void by_property(struct side *side, const struct step *s)
{
    mia_ids *ids;
    mia_str id;
    mia_status rc;
    int64_t time;
    uint64_t n;
    char text[32];
    mia_str property = mia_str_of(s->property), value = mia_str_of(s->texts[6]);
    OK(mia_ids_by_property(side->txn, property, value, s->from_ms, s->to_ms, s->newest_first, &ids,
                           ERR));
    while ((rc = mia_ids_next(ids, &id, &time, ERR)) == MIA_OK) {
        say_str(side, id);
        say(side, text, (size_t)snprintf(text, sizeof text, "@%lld", (long long)time));
    }
    say_status(side, rc);
    mia_ids_close(ids);
    OK(mia_count_by_property(side->txn, property, value, &n, ERR));
    say(side, text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)n));
}

static void neighbours(struct side *side, const struct step *s)
{
    mia_neighbours *it;
    struct mia_hop hop;
    mia_status rc;
    uint64_t n;
    char text[32];
    mia_str node = mia_str_of(s->texts[4]);
    mia_str type = s->newest_first ? mia_str_of(s->texts[5]) : (mia_str){0};
    OK(mia_neighbours_open(side->txn, node, s->direction, type, &it, ERR));
    while ((rc = mia_neighbours_next(it, &hop, ERR)) == MIA_OK) {
        say_str(side, hop.edge_type);
        say_str(side, hop.node_id);
        say_str(side, hop.edge_id);
    }
    say_status(side, rc);
    mia_neighbours_close(it);
    OK(mia_count_edges(side->txn, node, s->direction, &n, ERR));
    say(side, text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)n));
}

static void delete_record(struct side *side, const struct step *s)
{
    mia_view view;
    mia_status rc = mia_delete(side->txn, s->table, mia_str_of(s->texts[0]), s->flags, &view, ERR);
    say_status(side, rc);
    if (rc == MIA_OK)
        say_view(side, view);
}

static void embedding(struct side *side, const struct step *s)
{
    mia_view view;
    mia_status rc = mia_embedding_of_node(side->txn, mia_str_of(s->texts[4]), &view, ERR);
    say_status(side, rc);
    if (rc == MIA_OK)
        say_view(side, view);
}

/* So few vectors are all looked at: the answers are equal to the last bit. */
static void search(struct side *side, const struct step *s)
{
    struct mia_hit hits[6];
    size_t found;
    char text[64];
    size_t dimension = 1 + (size_t)s->table;
    float query[] = {1, (float)s->flags, s->newest_first ? -1 : 0.5f};
    mia_status rc = mia_search(side->txn, query, dimension, LENGTH(hits), NULL, hits, &found, ERR);
    say_status(side, rc);
    for (size_t i = 0; i < found; i++) {
        say_str(side, hits[i].embedding_id);
        say(side, text, (size_t)snprintf(text, sizeof text, "%a", (double)hits[i].distance));
    }
}

static void act(struct side *side, const struct step *s)
{
    side->size = 0;
    side->answer[0] = '\0';
    switch (s->what) {
    case PUT:
        say_status(side, mia_put(side->txn, &s->record, ERR));
        break;
    case DELETE:
        delete_record(side, s);
        break;
    case GET:
        get(side, s);
        break;
    case SCAN:
        scan(side, s);
        break;
    case BY_PROPERTY:
        by_property(side, s);
        break;
    case NEIGHBOURS:
        neighbours(side, s);
        break;
    case EMBEDDING:
        embedding(side, s);
        break;
    case SEARCH:
        search(side, s);
        break;
    case STEPS:
        break;
    }
}

static void compare(const struct contest *c, uint64_t step, const struct step *s)
{
    for (size_t i = 1; i < c->count; i++)
        if (strcmp(c->sides[0].answer, c->sides[i].answer) != 0)
            fail_msg("step %llu, operation %d on %s:\n%s: %s\n%s: %s", (unsigned long long)step,
                     (int)s->what, s->texts[0], c->sides[0].bench.engine->name, c->sides[0].answer,
                     c->sides[i].bench.engine->name, c->sides[i].answer);
}

static void begin(struct contest *c)
{
    for (size_t i = 0; i < c->count; i++)
        c->sides[i].txn = store_begin(&c->sides[i].bench, MIA_TXN_WRITE);
}

static void end(struct contest *c)
{
    bool is_aborted = test_below(&c->random, 8) == 0;
    for (size_t i = 0; i < c->count; i++)
        if (is_aborted)
            mia_txn_abort(c->sides[i].txn);
        else
            OK(mia_txn_commit(c->sides[i].txn, ERR));
}

static uint64_t count_records(struct side *side)
{
    uint64_t n = 0;
    side->txn = store_begin(&side->bench, MIA_TXN_READ);
    for (int table = 0; table <= MIA_TABLE_EDGES; table++) {
        mia_scan *it;
        mia_str id;
        mia_view view;
        OK(mia_scan_open(side->txn, (enum mia_table)table, (mia_str){0}, &it, ERR));
        while (mia_scan_next(it, &id, &view, ERR) == MIA_OK)
            n++;
        mia_scan_close(it);
    }
    mia_txn_abort(side->txn);
    return n;
}

static void engines_agree(void **state)
{
    (void)state;
    static struct contest c;
    struct test_engine engines[ENGINES];
    struct step step;
    uint64_t steps = test_setting("MIA_TEST_STEPS", 100000);
    c.random = (struct test_random){test_seed()};
    size_t known = test_engines(engines);
    for (size_t i = 0; i < known; i++) {
        if (engines[i].ops == NULL)
            continue;
        struct side *side = &c.sides[c.count++];
        side->bench.engine = &engines[i];
        side->answer = malloc(ANSWER);
        assert_non_null(side->answer);
        test_folder_make(side->bench.folder);
        test_path(side->bench.path, side->bench.folder, "db");
        store_open(&side->bench, NULL);
    }
    assert_true(c.count >= 2);
    begin(&c);
    for (uint64_t n = 0; n < steps; n++) {
        choose(&step, &c.random);
        for (size_t i = 0; i < c.count; i++)
            act(&c.sides[i], &step);
        compare(&c, n, &step);
        if (test_below(&c.random, 50) == 0) {
            end(&c);
            begin(&c);
        }
    }
    end(&c);
    for (size_t i = 0; i < c.count; i++) {
        struct side *side = &c.sides[i];
        assert_index_sound(&side->bench, count_records(side));
        store_close(&side->bench);
        test_folder_remove(side->bench.folder);
        free(side->answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(engines_agree)};
    return cmocka_run_group_tests_name("store_ab", tests, NULL, NULL);
}
