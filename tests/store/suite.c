/* suite.c - the store of a case, and what is expected of it */
#include "store/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void store_open(struct store_bench *b, const struct mia_store_options *opt)
{
    struct mia_db_options db = bench_options();
    struct mia_store_options o = {.struct_size = sizeof o};
    if (opt != NULL)
        o = *opt;
    if (o.db == NULL)
        o.db = &db;
    OK(mia_store_open(b->engine->ops, b->path, &o, &b->store, ERR));
}

void store_close(struct store_bench *b)
{
    OK(mia_store_close(b->store, ERR));
    b->store = NULL;
}

void store_reopen(struct store_bench *b)
{
    bench_needs(b->engine->persists);
    store_close(b);
    store_open(b, NULL);
}

mia_txn *store_begin(struct store_bench *b, enum mia_txn_mode mode)
{
    mia_txn *txn;
    OK(mia_store_begin(b->store, mode, &txn, ERR));
    return txn;
}

void store_put(struct store_bench *b, const struct mia_record *record)
{
    OK(mia_store_put(b->store, record, ERR));
}

mia_view store_get(mia_txn *txn, enum mia_table table, const char *id)
{
    mia_view view;
    OK(mia_get(txn, table, mia_str_of(id), &view, ERR));
    return view;
}

void store_lacks(struct store_bench *b, enum mia_table table, const char *id)
{
    mia_view view;
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    ANSWERS(mia_get(txn, table, mia_str_of(id), &view, ERR), MIA_NOTFOUND);
    assert_null(view.fields);
    mia_txn_abort(txn);
}

void store_delete(struct store_bench *b, enum mia_table table, const char *id)
{
    OK(mia_store_delete(b->store, table, mia_str_of(id), 0, ERR));
}

/* ---- lists, as text */

static void append(char *list, const char *between, mia_str text)
{
    size_t used = strlen(list);
    assert_true(used + text.size + 2 < STORE_LIST);
    snprintf(list + used, STORE_LIST - used, "%s%.*s", used > 0 ? between : "", (int)text.size,
             text.data);
}

void list_records(mia_txn *txn, enum mia_table table, const char *prefix, char list[STORE_LIST])
{
    mia_scan *scan;
    mia_str id;
    mia_view view;
    mia_status rc;
    list[0] = '\0';
    OK(mia_scan_open(txn, table, mia_str_of(prefix), &scan, ERR));
    while ((rc = mia_scan_next(scan, &id, &view, ERR)) == MIA_OK) {
        assert_bytes(((mia_slice){mia_view_id(view).data, mia_view_id(view).size}),
                     ((mia_slice){id.data, id.size}));
        append(list, " ", id);
    }
    assert_int_equal(rc, MIA_NOTFOUND);
    mia_scan_close(scan);
}

static void list_nodes_between(mia_txn *txn, const char *property, const char *value,
                               int64_t from_ms, int64_t to_ms, bool newest_first,
                               char list[STORE_LIST])
{
    mia_ids *ids;
    mia_str id;
    mia_status rc;
    list[0] = '\0';
    OK(mia_ids_by_property(txn, mia_str_of(property), mia_str_of(value), from_ms, to_ms,
                           newest_first, &ids, ERR));
    while ((rc = mia_ids_next(ids, &id, NULL, ERR)) == MIA_OK)
        append(list, " ", id);
    assert_int_equal(rc, MIA_NOTFOUND);
    assert_int_equal(mia_ids_next(ids, &id, NULL, ERR), MIA_NOTFOUND);
    mia_ids_close(ids);
}

void list_nodes(mia_txn *txn, const char *property, const char *value, char list[STORE_LIST])
{
    list_nodes_between(txn, property, value, INT64_MIN, INT64_MAX, false, list);
}

void list_edges(mia_txn *txn, const char *node, enum mia_direction direction, const char *type,
                char list[STORE_LIST])
{
    mia_neighbours *it;
    struct mia_hop hop;
    mia_status rc;
    list[0] = '\0';
    OK(mia_neighbours_open(txn, mia_str_of(node), direction, mia_str_of(type), &it, ERR));
    while ((rc = mia_neighbours_next(it, &hop, ERR)) == MIA_OK) {
        append(list, " ", hop.edge_type);
        append(list, ":", hop.node_id);
        append(list, ":", hop.edge_id);
    }
    assert_int_equal(rc, MIA_NOTFOUND);
    mia_neighbours_close(it);
}

void assert_nodes_between(struct store_bench *b, const char *property, const char *value,
                          int64_t from_ms, int64_t to_ms, bool newest_first, const char *expected)
{
    char list[STORE_LIST];
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    list_nodes_between(txn, property, value, from_ms, to_ms, newest_first, list);
    mia_txn_abort(txn);
    assert_string_equal(list, expected);
}

static uint64_t words(const char *text)
{
    uint64_t count = text[0] != '\0';
    for (; *text != '\0'; text++)
        count += *text == ' ';
    return count;
}

void assert_nodes(struct store_bench *b, const char *property, const char *value,
                  const char *expected)
{
    uint64_t n;
    assert_nodes_between(b, property, value, INT64_MIN, INT64_MAX, false, expected);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    OK(mia_count_by_property(txn, mia_str_of(property), mia_str_of(value), &n, ERR));
    mia_txn_abort(txn);
    assert_int_equal(n, words(expected));
}

void assert_edges(struct store_bench *b, const char *node, enum mia_direction direction,
                  const char *type, const char *expected)
{
    char list[STORE_LIST];
    uint64_t n;
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    list_edges(txn, node, direction, type, list);
    OK(mia_count_edges(txn, mia_str_of(node), direction, &n, ERR));
    mia_txn_abort(txn);
    assert_string_equal(list, expected);
    if (type == NULL)
        assert_int_equal(n, words(expected));
}

void assert_index_sound(struct store_bench *b, uint64_t records)
{
    struct mia_index_report report = {.struct_size = sizeof report};
    OK(mia_index_check(b->store, NULL, NULL, &report, ERR));
    assert_int_equal(report.missing, 0);
    assert_int_equal(report.stale, 0);
    assert_int_equal(report.damaged, 0);
    assert_int_equal(report.records, records);
}

/* ---- threads */

void crew_note(struct store_worker *w, bool is_right)
{
    if (!is_right)
        atomic_fetch_add(&w->crew->wrong, 1);
}

static void *run_worker(void *argument)
{
    struct store_worker *w = argument;
    w->work(w);
    atomic_fetch_add(&w->crew->finished, 1);
    return NULL;
}

void crew_start(struct store_crew *crew, struct store_worker workers[STORE_THREADS],
                store_work *work)
{
    for (int i = 0; i < STORE_THREADS; i++) {
        struct store_worker *w = &workers[i];
        w->crew = crew;
        w->number = i;
        w->work = work;
        assert_int_equal(pthread_create(&w->thread, NULL, run_worker, w), 0);
    }
}

bool crew_finishes(struct store_crew *crew)
{
    enum { LOOKS = 3000 };
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    for (int i = 0; i < LOOKS && atomic_load(&crew->finished) < STORE_THREADS; i++)
        nanosleep(&pause, NULL);
    return atomic_load(&crew->finished) == STORE_THREADS;
}

void crew_end(struct store_crew *crew, struct store_worker workers[STORE_THREADS])
{
    for (int i = 0; i < STORE_THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    assert_int_equal(atomic_load(&crew->wrong), 0);
}

void crew_run(struct store_bench *b, store_work *work)
{
    struct store_crew crew = {.b = b};
    struct store_worker workers[STORE_THREADS];
    crew_start(&crew, workers, work);
    crew_end(&crew, workers);
}

/* ---- records */

struct mia_record chat_of(const char *id, const char *topic, int64_t updated_at)
{
    return (struct mia_record){MIA_KIND_CHAT,
                               {.chat = {.id = mia_str_of(id),
                                         .title = MIA_STR("A title"),
                                         .topic = mia_str_of(topic),
                                         .updated_at = updated_at}}};
}

struct mia_record message_of(const char *id, const char *chat, const char *sender,
                             int64_t timestamp)
{
    return (struct mia_record){MIA_KIND_MESSAGE,
                               {.message = {.id = mia_str_of(id),
                                            .chat_id = mia_str_of(chat),
                                            .sender = mia_str_of(sender),
                                            .timestamp = timestamp,
                                            .text_content = MIA_STR("Hello")}}};
}

struct mia_record edge_of(const char *id, const char *from, const char *type, const char *to)
{
    return (struct mia_record){MIA_KIND_EDGE,
                               {.edge = {.id = mia_str_of(id),
                                         .from_node = mia_str_of(from),
                                         .to_node = mia_str_of(to),
                                         .edge_type = mia_str_of(type)}}};
}

struct mia_record vector_of(const char *id, const float *vector, size_t count)
{
    return (struct mia_record){MIA_KIND_EMBEDDING,
                               {.embedding = {.id = mia_str_of(id),
                                              .vector = {vector, count},
                                              .model = MIA_STR("a model")}}};
}
