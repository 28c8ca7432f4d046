/* engine/suite_opening.c - opening, options, closing, what a handle says of itself */
#include "engine/suite.h"
#include "support/process.h"

#include <stdlib.h>

static void reopening_finds_what_was_committed(void **state)
{
    struct bench *b = *state;
    bench_needs(b->engine->persists);
    bench_fill(b, "t", 0, "a=1 b=2");
    bench_fill(b, "m", MIA_TREE_MULTI, "k=2 k=1");
    for (int i = 0; i < 2; i++) {
        bench_reopen(b);
        mia_txn *txn = bench_begin(b, MIA_TXN_READ);
        assert_content(txn, bench_tree(txn, "t", 0), "a=1 b=2");
        assert_content(txn, bench_tree(txn, "m", MIA_TREE_MULTI), "k=1 k=2");
        mia_txn_abort(txn);
    }
}

static mia_db *other_db(const struct bench *b, const char *path, const struct mia_db_options *opt,
                        mia_status expected)
{
    mia_db *db = b->db; /* R3: not what it is afterwards */
    ANSWERS(mia_db_open(b->engine->ops, path, opt, &db, ERR), expected);
    assert_int_equal(db == NULL, expected != MIA_OK);
    return db;
}

static void a_read_only_handle_refuses_writes(void **state)
{
    struct bench *b = *state;
    struct mia_db_options opt = {.struct_size = sizeof opt, .read_only = true};
    mia_txn *txn;
    bench_fill(b, "t", 0, "a=1");
    OK(mia_db_close(b->db, ERR));
    if (!b->engine->reads_only) {
        other_db(b, b->path, &opt, MIA_ERR_UNSUPPORTED);
        opt.read_only = false;
        b->db = other_db(b, b->path, &opt, MIA_OK);
        return;
    }
    b->db = other_db(b, b->path, &opt, MIA_OK);
    ANSWERS(mia_txn_begin(b->db, MIA_TXN_WRITE, &txn, ERR), MIA_ERR_READONLY);
    assert_null(txn);
    OK(mia_db_sync(b->db, ERR));
    if (b->engine->persists) {
        txn = bench_begin(b, MIA_TXN_READ);
        assert_content(txn, bench_tree(txn, "t", 0), "a=1");
        mia_txn_abort(txn);
    }
}

static void missing_directories_are_made(void **state)
{
    struct bench *b = *state;
    char path[TEST_PATH];
    mia_db *db;
    struct mia_db_options opt = bench_options();
    test_path(path, b->folder, "not/there/yet");
    OK(mia_db_open(b->engine->ops, path, &opt, &db, ERR));
    assert_true(test_exists(path));
    OK(mia_db_close(db, ERR));
}

static void must_exist_makes_nothing(void **state)
{
    struct bench *b = *state;
    char path[TEST_PATH];
    struct mia_db_options opt = {.struct_size = sizeof opt, .must_exist = true};
    test_path(path, b->folder, "missing");
    other_db(b, path, &opt, MIA_NOTFOUND);
    assert_false(test_exists(path));
    OK(mia_db_close(b->db, ERR));
    b->db = other_db(b, b->path, &opt, MIA_OK);
}

static void reading_a_missing_database_makes_nothing(void **state)
{
    struct bench *b = *state;
    char path[TEST_PATH];
    struct mia_db_options opt = {.struct_size = sizeof opt, .read_only = true};
    bench_needs(b->engine->reads_only);
    test_path(path, b->folder, "missing");
    other_db(b, path, &opt, MIA_NOTFOUND);
    assert_false(test_exists(path));
}

static void second_open_busy(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "a=1");
    other_db(b, b->path, NULL, MIA_ERR_BUSY);
    assert_non_null(strstr(test_error.message, b->path));
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE); /* the first one does not mind */
    put_text(txn, tree, "b", "2");
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, tree, "a=1 b=2");
}

/* ---- a second process */

enum { STEPS = 200, IS_BUSY = 16 };

/* Reads a number and writes it back plus one, each time in a transaction of its own. */
static mia_status count_up(mia_db *db)
{
    mia_status rc = MIA_OK;
    for (int i = 0; i < STEPS && rc == MIA_OK; i++) {
        uint32_t number = 0;
        mia_txn *txn;
        mia_tree tree;
        mia_slice value = {0};
        if ((rc = mia_txn_begin(db, MIA_TXN_WRITE, &txn, NULL)) != MIA_OK)
            break;
        rc = mia_tree_open(txn, MIA_BYTES("t"), 0, &tree, NULL);
        if (rc == MIA_OK)
            rc = mia_kv_get(txn, tree, MIA_BYTES("n"), &value, NULL);
        if (value.size == sizeof number)
            memcpy(&number, value.data, sizeof number);
        number++;
        if (rc == MIA_OK)
            rc =
                mia_kv_put(txn, tree, MIA_BYTES("n"), (mia_slice){&number, sizeof number}, 0, NULL);
        if (rc == MIA_OK)
            rc = mia_txn_commit(txn, NULL);
        else
            mia_txn_abort(txn);
    }
    return rc;
}

int play_counter(const char *path, const char *engine)
{
    struct test_engine engines[3];
    struct mia_db_options opt = bench_options();
    mia_db *db;
    size_t i = 0, count = test_engines(engines);
    while (i < count && strcmp(engines[i].name, engine) != 0)
        i++;
    if (i == count)
        return 1;
    mia_status rc = mia_db_open(engines[i].ops, path, &opt, &db, NULL);
    test_say_ready();
    if (rc == MIA_ERR_BUSY)
        return IS_BUSY;
    if (rc != MIA_OK || count_up(db) != MIA_OK)
        return 2;
    return mia_db_close(db, NULL) == MIA_OK ? 0 : 3;
}

/* The other one is refused; or both write, and no step of either gets lost. */
static void two_processes(void **state)
{
    struct bench *b = *state;
    bool is_shared = (b->engine->ops->caps & MIA_CAP_MULTIPROCESS) != 0;
    mia_tree tree = bench_fill(b, "t", 0, "n=");
    struct test_process other = test_start("counter", b->path, b->engine->name);
    assert_true(test_wait_ready(&other));
    assert_int_equal(count_up(b->db), MIA_OK);
    assert_int_equal(test_end(&other), is_shared ? 0 : IS_BUSY);

    uint32_t number;
    mia_slice value;
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    OK(mia_kv_get(txn, tree, MIA_BYTES("n"), &value, ERR));
    assert_int_equal(value.size, sizeof number);
    memcpy(&number, value.data, sizeof number);
    mia_txn_abort(txn);
    assert_int_equal(number, is_shared ? 2 * STEPS : STEPS);
}

static void a_file_is_no_database(void **state)
{
    struct bench *b = *state;
    char path[TEST_PATH];
    test_path(path, b->folder, "file");
    test_file_write(path, "text", 4);
    mia_db *db;
    assert_true(mia_db_open(b->engine->ops, path, NULL, &db, ERR) < 0);
    assert_null(db);
    assert_non_null(strstr(test_error.message, path));
    size_t size;
    uint8_t *data = test_file_read(path, &size);
    assert_bytes(((mia_slice){data, size}), MIA_BYTES("text"));
    free(data);
}

/* R9: structs of callers older and newer than the library. */
static void options_may_be_of_another_version(void **state)
{
    struct bench *b = *state;
    struct {
        struct mia_db_options known;
        uint64_t unknown;
    } newer = {.known = {.struct_size = sizeof newer, .lazy_interval_ms = 50}};
    uint32_t least[2] = {sizeof least[0], UINT32_MAX}; /* the rest is not read */
    struct mia_db_options unset = {0};
    OK(mia_db_close(b->db, ERR));
    b->db = other_db(b, b->path, (const void *)&newer, MIA_OK);
    OK(mia_db_close(b->db, ERR));
    b->db = other_db(b, b->path, (const void *)least, MIA_OK);
    OK(mia_db_close(b->db, ERR));
    newer.unknown = 1;
    b->db = NULL;
    other_db(b, b->path, (const void *)&newer, MIA_ERR_INVALID);
    other_db(b, b->path, &unset, MIA_ERR_INVALID);
    b->db = other_db(b, b->path, NULL, MIA_OK);
}

static void options_are_checked(void **state)
{
    struct bench *b = *state;
    char path[TEST_PATH];
    struct mia_db_options odd = {.struct_size = sizeof odd, .page_size = 5000};
    struct mia_db_options small = {.struct_size = sizeof small, .page_size = 2048};
    struct mia_db_options large = {.struct_size = sizeof large, .page_size = 1 << 17};
    test_path(path, b->folder, "new");
    other_db(b, path, &odd, MIA_ERR_INVALID);
    other_db(b, path, &small, MIA_ERR_INVALID);
    other_db(b, path, &large, MIA_ERR_INVALID);
    other_db(b, "", NULL, MIA_ERR_INVALID);
    assert_false(test_exists(path));
}

static void info_fills_what_the_caller_knows(void **state)
{
    struct bench *b = *state;
    struct mia_db_info info = {.struct_size = sizeof info}, unset = {0};
    struct mia_db_info part = {.struct_size = offsetof(struct mia_db_info, last_txn),
                               .max_key = 12345};
    OK(mia_db_info(b->db, &info, ERR));
    OK(mia_db_info(b->db, &part, ERR));
    assert_int_equal(part.size_limit, info.size_limit);
    assert_int_equal(part.page_size, info.page_size);
    assert_int_equal(part.max_key, 12345);
    assert_int_equal(part.struct_size, offsetof(struct mia_db_info, last_txn));
    ANSWERS(mia_db_info(b->db, &unset, ERR), MIA_ERR_INVALID);
}

static void a_handle_knows_its_engine_and_path(void **state)
{
    struct bench *b = *state;
    assert_true(mia_db_engine(b->db) == b->engine->ops);
    assert_string_equal(mia_db_path(b->db), b->path);
    assert_true(b->engine->ops->detect(b->path));
    assert_false(b->engine->ops->detect(b->folder));
    assert_int_equal(strlen(b->engine->ops->name) <= 15, true);
}

static void an_engine_of_another_interface_is_refused(void **state)
{
    struct bench *b = *state;
    struct mia_engine_ops newer = *b->engine->ops, larger = newer;
    char path[TEST_PATH];
    mia_db *db;
    newer.abi++;
    larger.struct_size += 8;
    test_path(path, b->folder, "new");
    ANSWERS(mia_db_open(&newer, path, NULL, &db, ERR), MIA_ERR_VERSION);
    ANSWERS(mia_db_open(&larger, path, NULL, &db, ERR), MIA_ERR_VERSION);
    assert_false(test_exists(path));
}

/* engine NULL: by the files that are there. */
static void the_engine_is_found_by_its_files(void **state)
{
    struct bench *b = *state;
    char empty[TEST_PATH], foreign[TEST_PATH];
    mia_db *db;
    /* libmia does not know the others */
    bench_needs(b->engine->ops == mia_engine_mdbx() || b->engine->ops == mia_engine_sled());
    bench_fill(b, "t", 0, "a=1");
    OK(mia_db_sync(b->db, ERR));
    OK(mia_db_close(b->db, ERR));
    assert_true(mia_engine_detect(b->path) == b->engine->ops);
    OK(mia_db_open(NULL, b->path, NULL, &b->db, ERR));
    assert_true(mia_db_engine(b->db) == b->engine->ops);

    test_path(empty, b->folder, "empty");
    assert_null(mia_engine_detect(empty));
    OK(mia_db_open(NULL, empty, NULL, &db, ERR));
    assert_true(mia_db_engine(db) == mia_engine_mdbx());
    OK(mia_db_close(db, ERR));

    test_path(foreign, b->folder, "notes.txt");
    test_file_write(foreign, "not a database", 14);
    assert_null(mia_engine_detect(b->folder));
    ANSWERS(mia_db_open(NULL, b->folder, NULL, &db, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_db_open(NULL, foreign, NULL, &db, ERR), MIA_ERR_INVALID);
}

static bool count_reader(void *ctx, const struct mia_reader *reader)
{
    (void)reader;
    ++*(int *)ctx;
    return true;
}

static void count_problem(void *ctx, const char *line)
{
    print_error("%s\n", line);
    ++*(int *)ctx;
}

static void what_an_engine_lacks_is_unsupported(void **state)
{
    struct bench *b = *state;
    char copy[TEST_PATH];
    int calls = 0;
    uint64_t problems = 9;
    const struct mia_engine_ops *ops = b->engine->ops;
    assert_int_equal((ops->caps & MIA_CAP_COPY) != 0, ops->copy != NULL);
    test_path(copy, b->folder, "copy");
    bench_fill(b, "t", 0, "a=1");
    ANSWERS(mia_db_readers(b->db, count_reader, &calls, ERR),
            ops->readers ? MIA_OK : MIA_ERR_UNSUPPORTED);
    ANSWERS(mia_db_copy(b->db, copy, false, ERR), ops->copy ? MIA_OK : MIA_ERR_UNSUPPORTED);
    assert_int_equal(test_exists(copy), ops->copy != NULL);
    ANSWERS(mia_db_check(b->db, count_problem, &calls, &problems, ERR),
            ops->check ? MIA_OK : MIA_ERR_UNSUPPORTED);
    assert_int_equal(problems, 0);
    assert_true(ops->readers != NULL || calls == 0);
}

struct engine_cases cases_of_opening(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(reopening_finds_what_was_committed),
        CASE(a_read_only_handle_refuses_writes),
        CASE(missing_directories_are_made),
        CASE(must_exist_makes_nothing),
        CASE(reading_a_missing_database_makes_nothing),
        CASE(second_open_busy),
        CASE(two_processes),
        CASE(a_file_is_no_database),
        CASE(options_may_be_of_another_version),
        CASE(options_are_checked),
        CASE(info_fills_what_the_caller_knows),
        CASE(a_handle_knows_its_engine_and_path),
        CASE(an_engine_of_another_interface_is_refused),
        CASE(the_engine_is_found_by_its_files),
        CASE(what_an_engine_lacks_is_unsupported),
    };
    return CASES(cases);
}
