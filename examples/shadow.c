/*
 * shadow.c - a database moves to another engine while the application writes to it: no downtime
 *
 * From sled where this build has the real one, else from one libmdbx database to another.
 */
#include "example.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

/* The application: it knows of nothing, and goes on all the time. */
struct application {
    mia_store *store;
    atomic_bool stop;
    int messages;
};

static void *work(void *argument)
{
    struct application *app = argument;
    struct mia_error err;
    while (!atomic_load(&app->stop)) {
        char id[32];
        snprintf(id, sizeof id, "msg_%d", app->messages);
        struct mia_record message = {MIA_KIND_MESSAGE,
                                     {.message = {.id = mia_str_of(id),
                                                  .chat_id = MIA_STR("chat_1"),
                                                  .sender = MIA_STR("user"),
                                                  .timestamp = app->messages}}};
        check(mia_store_put(app->store, &message, &err), &err);
        app->messages++;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return NULL;
}

/* A verification that meets a fault of the secondary may be asked for again. */
static void verify(mia_store *store)
{
    struct mia_error err;
    struct mia_shadow_verify_report report = {.struct_size = sizeof report};
    mia_status rc;
    do {
        check(mia_shadow_wait(mia_store_db(store), 60000, &err), &err);
        rc = mia_shadow_verify(mia_store_db(store), NULL, &report, &err);
    } while (rc == MIA_ERR_BUSY);
    check(rc, &err);
    for (int i = 0; i < MIA_DIFF_CLASSES; i++)
        if (report.differences[i] > 0)
            printf("%s\n", mia_difference_text((enum mia_difference_class)i));
}

static void show(const char *when, mia_store *store)
{
    struct mia_error err;
    struct mia_shadow_status status = {.struct_size = sizeof status};
    check(mia_shadow_status(mia_store_db(store), &status, &err), &err);
    printf("%s: %s, the %s database answers\n", when, mia_shadow_state_text(status.state),
           status.second_is_primary ? "second" : "first");
}

/* How many messages are in a database on its own. */
static int count(const char *path)
{
    struct mia_error err;
    mia_store *store;
    mia_txn *txn;
    mia_scan *scan;
    mia_str id;
    mia_view view;
    int n = 0;
    check(mia_store_open(NULL, path, NULL, &store, &err), &err);
    check(mia_store_begin(store, MIA_TXN_READ, &txn, &err), &err);
    check(mia_scan_open(txn, MIA_TABLE_NODES, MIA_STR("msg_"), &scan, &err), &err);
    while (mia_scan_next(scan, &id, &view, &err) == MIA_OK)
        n++;
    mia_scan_close(scan);
    mia_txn_abort(txn);
    check(mia_store_close(store, &err), &err);
    return n;
}

int main(int argc, char **argv)
{
    char first[1000], second[1000], pair[1000];
    struct mia_error err;
    mia_db *db;
    pthread_t thread;
    struct application app = {0};
    snprintf(first, sizeof first, "%s/main", directory(argc, argv));
    snprintf(second, sizeof second, "%s/main.mdbx", argv[1]);
    snprintf(pair, sizeof pair, "%s/main.pair", argv[1]);

    /* the one restart: the application opens the pair in the place of its database */
    struct mia_shadow_options opt = {.struct_size = sizeof opt, .first_engine = mia_engine_sled()};
    check(mia_shadow_create(pair, first, second, &opt, &err), &err);
    check(mia_shadow_open(pair, &opt, &db, &err), &err);
    check(mia_store_over(db, NULL, &app.store, &err), &err);
    if (pthread_create(&thread, NULL, work, &app) != 0)
        return EXIT_FAILURE;

    verify(app.store);
    show("verified", app.store);
    check(mia_shadow_switch_store(app.store, 5000, &err), &err);
    show("switched", app.store);
    verify(app.store); /* the first one follows: back is the same call */
    check(mia_shadow_switch_store(app.store, 5000, &err), &err);
    show("and back", app.store);
    verify(app.store);
    check(mia_shadow_switch_store(app.store, 5000, &err), &err);
    check(mia_shadow_detach(mia_store_db(app.store), 0, &err), &err);
    show("the end", app.store);

    atomic_store(&app.stop, true);
    pthread_join(thread, NULL);
    check(mia_store_close(app.store, &err), &err);
    printf("%s\n", count(second) == app.messages ? "all messages are there" : "some are lost");
    return count(first) <= app.messages ? EXIT_SUCCESS : EXIT_FAILURE;
}
