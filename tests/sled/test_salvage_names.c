/*
 * test_salvage_names.c - a pair is never given out under the name of a tree that never had it
 *
 * sled gives the numbers of freed pages to other trees, and segments that hold nothing that counts
 * to later ones. So what is left of a page behind damage may be of an earlier life of the page. The
 * histories here are the smallest in which a salvage that trusts numbers and keys goes wrong, or
 * one that trusts nothing loses names for no reason.
 *
 * All begin with the default tree: leaf 2, root 3. Of the other trees the leaf is 4 and the root 5,
 * unless it is said.
 */
#include "sled/directory.h"
#include "sled/salvage.h"

#include <stdio.h>
#include <stdlib.h>

enum { SEGMENT = 512, TEXT = 1024, HEADER = 8 /* of a small message */ };

static void begin(struct test_log *log)
{
    *log = (struct test_log){.segment_size = SEGMENT};
    test_log_meta(log, 3, 0);
    test_log_node(log, 2, &(struct test_node){0});
    test_log_node(log, 3, &(struct test_node){.is_index = true, .pairs = {"", "2"}});
}

static void put_leaf(struct test_log *log, uint64_t page, const char *key, const char *value)
{
    test_log_node(log, page, &(struct test_node){.pairs = {key, value}});
}

static void put_root(struct test_log *log, uint64_t page, const char *child)
{
    test_log_node(log, page, &(struct test_node){.is_index = true, .pairs = {"", child}});
}

static void put_tree(struct test_log *log, const char *name, const char *value)
{
    put_leaf(log, 4, "k", value);
    put_root(log, 5, "4");
    test_log_trees(log, (const char *const[]){"__sled__default", "3", name, "5", NULL});
}

static void put_default_alone(struct test_log *log)
{
    test_log_trees(log, (const char *const[]){"__sled__default", "3", NULL});
}

/* The newest part of a page gets a wrong checksum. */
static void harm(struct test_log *log, uint64_t page)
{
    const struct test_page *p = &log->pages[page];
    log->bytes.data[p->lsns[p->count - 1]] ^= 1;
}

/* What sled does with a segment in which nothing counts any more. */
static void forget(struct test_log *log, size_t segment)
{
    memset(log->bytes.data + segment * SEGMENT, 0, SEGMENT);
}

static size_t print_tree(struct mia__sled_salvage *salvage, size_t tree, char *out, size_t size)
{
    struct mia__sled_salvage_cursor *cur;
    struct mia_pair pairs[4];
    size_t n;
    mia_status rc;
    mia_slice name = mia__sled_salvage_name(salvage, tree);
    size_t used = (size_t)snprintf(out, size, "%s%.*s:", tree > 0 ? " | " : "", (int)name.size,
                                   (const char *)name.data);
    OK(mia__sled_salvage_cursor(salvage, tree, &cur, ERR));
    while ((rc = mia__sled_salvage_next(cur, pairs, 4, &n, ERR)) == MIA_OK)
        for (size_t i = 0; i < n; i++)
            used += (size_t)snprintf(out + used, size - used, " %.*s=%.*s", (int)pairs[i].key.size,
                                     (const char *)pairs[i].key.data, (int)pairs[i].value.size,
                                     (const char *)pairs[i].value.data);
    assert_int_equal(rc, MIA_NOTFOUND);
    mia__sled_salvage_cursor_close(cur);
    return used;
}

/* The default tree is empty in all histories; the others must be these. */
static void expect(struct test_log *log, const char *folder, const char *others)
{
    char text[TEXT], expected[TEXT];
    struct mia__sled_salvage *salvage;
    size_t used = 0;
    test_log_write(log, folder);
    OK(mia__sled_salvage_open(folder, &(struct mia__sled_salvage_options){0}, &salvage, ERR));
    for (size_t i = 0; i < mia__sled_salvage_trees(salvage); i++)
        used += print_tree(salvage, i, text + used, sizeof text - used);
    mia__sled_salvage_close(salvage);
    snprintf(expected, sizeof expected, "__sled__default: | %s", others);
    assert_string_equal(text, expected);
}

typedef void (*history)(struct test_log *log, const char *folder);

static void run(history fn)
{
    char folder[TEST_PATH];
    struct test_log log;
    test_folder_make(folder);
    begin(&log);
    fn(&log, folder);
    test_folder_remove(folder);
}

#define TEST(name)                                                                                 \
    static void name##_history(struct test_log *log, const char *folder);                          \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        run(name##_history);                                                                       \
    }                                                                                              \
    static void name##_history(struct test_log *log, const char *folder)

/* ---- other trees' pages */

/* sled was killed while it dropped a tree: the leaf was not freed any more, and no tree has it. The
 * only tree without a beginning is another. */
TEST(a_leaf_of_no_tree_does_not_begin_another)
{
    put_leaf(log, 4, "k", "dropped");
    test_snapshot_write(log, folder);
    harm(log, 2);
    expect(log, folder, "salvaged-4: k=dropped");
}

/* Tree b has its pages from tree a; the segment with a's end was free, and has been zeroed. */
static void drop_a_and_make_b(struct test_log *log)
{
    put_tree(log, "a", "a's");
    test_log_segment(log, 0);
    put_default_alone(log);
    test_log_free(log, 4);
    test_log_free(log, 5);
    test_log_segment(log, SEGMENT);
    put_tree(log, "b", "b's");
    forget(log, 1);
}

TEST(an_older_leaf_may_be_another_trees)
{
    drop_a_and_make_b(log);
    test_snapshot_write(log, folder);
    harm(log, 4);
    expect(log, folder, "b: | salvaged-4: k=a's");
}

/* a's leaf was left behind as in the first test. */
TEST(an_older_root_may_be_another_trees)
{
    put_tree(log, "a", "a's");
    test_log_segment(log, 0);
    put_default_alone(log);
    test_log_free(log, 5);
    test_log_segment(log, SEGMENT);
    put_leaf(log, 6, "k", "b's");
    put_root(log, 5, "6");
    test_log_trees(log, (const char *const[]){"__sled__default", "3", "b", "5", NULL});
    forget(log, 1);
    test_snapshot_write(log, folder);
    harm(log, 5);
    expect(log, folder, "b: | salvaged-4: k=a's | salvaged-6: k=b's");
}

TEST(an_older_list_of_trees_may_name_what_has_become_anothers)
{
    drop_a_and_make_b(log);
    test_snapshot_write(log, folder);
    harm(log, 0);
    expect(log, folder, "a: | salvaged-4: k=b's");
}

/* The same, but a's root was not freed any more, and still leads to the leaf. */
TEST(a_dropped_tree_may_lead_to_what_has_become_anothers)
{
    put_tree(log, "a", "a's");
    test_log_segment(log, 0);
    put_default_alone(log);
    test_log_free(log, 4);
    test_log_segment(log, SEGMENT);
    put_leaf(log, 4, "k", "b's");
    put_root(log, 6, "4");
    test_log_trees(log, (const char *const[]){"__sled__default", "3", "b", "6", NULL});
    forget(log, 1);
    test_snapshot_write(log, folder);
    harm(log, 0);
    expect(log, folder, "a: | salvaged-4: k=b's");
}

/* Two leaves: one up to "m", then 4, which sled writes first. */
static void put_two_leaves(struct test_log *log, uint64_t first, const char *value)
{
    test_log_node(log, 4, &(struct test_node){.lo = "m", .pairs = {"p", value}});
    test_log_node(log, first, &(struct test_node){.next = 4, .hi = "m", .pairs = {"c", value}});
}

static void put_wide_root(struct test_log *log, const char *name, const char *root,
                          const char *first)
{
    test_log_node(log, strtoull(root, NULL, 10),
                  &(struct test_node){.is_index = true, .pairs = {"", first, "m", "4"}});
    test_log_trees(log, (const char *const[]){"__sled__default", "3", name, root, NULL});
}

static void put_wide_tree(struct test_log *log, const char *name, const char *value)
{
    put_two_leaves(log, 6, value);
    put_wide_root(log, name, "5", "6");
}

static void drop_wide_a_and_make_b(struct test_log *log)
{
    put_wide_tree(log, "a", "a's");
    test_log_segment(log, 0);
    put_default_alone(log);
    for (uint64_t page = 4; page <= 6; page++)
        test_log_free(log, page);
    test_log_segment(log, SEGMENT);
    put_wide_tree(log, "b", "b's");
    forget(log, 1);
}

/* Page, bounds and siblings agree, and still it is the other tree's. */
TEST(the_sibling_on_the_left_does_not_vouch_for_an_older_leaf)
{
    drop_wide_a_and_make_b(log);
    test_snapshot_write(log, folder);
    harm(log, 4);
    expect(log, folder, "b: c=b's | salvaged-4: p=a's");
}

TEST(nor_does_the_one_on_the_right)
{
    drop_wide_a_and_make_b(log);
    test_snapshot_write(log, folder);
    harm(log, 6);
    expect(log, folder, "b: p=b's | salvaged-6: c=a's");
}

/* ---- the same without a snapshot: nobody knows that a state is an older one */

TEST(what_may_be_older_is_no_proof_for_an_only_leaf)
{
    drop_a_and_make_b(log);
    harm(log, 4);
    expect(log, folder, "b: | salvaged-4: k=a's");
}

TEST(nor_for_one_that_a_sibling_leads_to)
{
    drop_wide_a_and_make_b(log);
    harm(log, 4);
    expect(log, folder, "b: c=b's | salvaged-4: p=a's");
}

/* The leaf would begin where b's does and leads to the same page, but ends elsewhere. */
TEST(nor_for_one_that_does_not_end_where_its_sibling_begins)
{
    put_wide_tree(log, "a", "a's");
    test_log_segment(log, 0);
    put_default_alone(log);
    for (uint64_t page = 4; page <= 6; page++)
        test_log_free(log, page);
    test_log_segment(log, SEGMENT);
    test_log_node(log, 4, &(struct test_node){.lo = "o", .pairs = {"p", "b's"}});
    test_log_node(log, 6, &(struct test_node){.next = 4, .hi = "o", .pairs = {"c", "b's"}});
    test_log_node(log, 5, &(struct test_node){.is_index = true, .pairs = {"", "6", "o", "4"}});
    test_log_trees(log, (const char *const[]){"__sled__default", "3", "b", "5", NULL});
    forget(log, 1);
    harm(log, 6);
    expect(log, folder, "b: p=b's | salvaged-6: c=a's");
}

/* An isolated leaf with what is certain on neither side: it says itself where it belongs. */
TEST(a_leaf_that_ends_where_its_sibling_begins_is_the_trees)
{
    put_wide_tree(log, "b", "older");
    test_log_segment(log, 0);
    test_log_link(log, 4, "q", "garbage");
    test_log_segment(log, SEGMENT);
    test_log_node(log, 6, &(struct test_node){.next = 4, .hi = "m", .pairs = {"c", "newest"}});
    forget(log, 1);
    expect(log, folder, "b: c=newest p=older");
}

/* Of a's end one thing is seen, that its leaves were freed; b has them now, as neighbours as
 * before, and the list with b is lost. */
TEST(nothing_leads_to_a_page_that_was_freed_and_made_since)
{
    put_wide_tree(log, "a", "a's");
    test_log_segment(log, 0);
    put_default_alone(log);
    test_log_free(log, 5);
    test_log_segment(log, SEGMENT);
    test_log_free(log, 6);
    test_log_free(log, 4);
    put_two_leaves(log, 6, "b's");
    put_wide_root(log, "b", "7", "6");
    forget(log, 1);
    harm(log, 0);
    expect(log, folder, "a: | salvaged-6: c=b's p=b's");
}

/* a's root is b's first leaf now. */
TEST(a_leaf_is_no_root)
{
    put_tree(log, "a", "a's");
    test_log_segment(log, 0);
    put_default_alone(log);
    test_log_free(log, 4);
    test_log_free(log, 5);
    test_log_segment(log, SEGMENT);
    put_two_leaves(log, 5, "b's");
    put_wide_root(log, "b", "7", "5");
    forget(log, 1);
    harm(log, 0);
    expect(log, folder, "a: | salvaged-5: c=b's p=b's");
}

/* ---- a segment copied over another */

/* The messages of page 4 at one place of two segments: a's in the first, b's in the third. */
TEST(a_message_of_the_same_page_is_not_the_one_of_the_snapshot)
{
    uint8_t filler[SEGMENT] = {0};
    put_tree(log, "a", "a's");
    int64_t place = test_log_lsn(log);
    test_log_link(log, 4, "l", "a's");
    test_log_segment(log, 0);
    put_default_alone(log);
    test_log_free(log, 4);
    test_log_free(log, 5);
    put_tree(log, "b", "b's");
    test_log_segment(log, SEGMENT);
    int64_t left = 2 * SEGMENT + place - test_log_lsn(log) - HEADER;
    assert_in_range(left, 0, 240);
    test_log_raw(log, MIA__SLED_CANCELED, 2, filler, (size_t)left);
    assert_int_equal(test_log_lsn(log), 2 * SEGMENT + place);
    test_log_link(log, 4, "l", "b's");
    test_snapshot_write(log, folder);
    test_log_segment(log, 2 * SEGMENT);
    test_log_node(log, 2, &(struct test_node){0});
    memcpy(log->bytes.data + 2 * SEGMENT, log->bytes.data, SEGMENT);
    expect(log, folder, "b: k=b's");
}

/* ---- names that are kept */

TEST(an_older_leaf_that_is_younger_than_its_root_is_the_trees)
{
    put_tree(log, "b", "oldest");
    put_leaf(log, 4, "k", "older");
    test_log_segment(log, 0);
    put_leaf(log, 4, "k", "newer");
    test_log_segment(log, SEGMENT);
    put_leaf(log, 4, "k", "newest");
    forget(log, 1);
    test_snapshot_write(log, folder);
    harm(log, 4);
    expect(log, folder, "b: k=older");
}

/* The root is written anew behind the gap: nothing but the base says that this is b's leaf. */
TEST(a_leaf_that_lost_a_link_is_the_trees)
{
    put_tree(log, "b", "base");
    test_log_segment(log, 0);
    test_log_segment(log, SEGMENT);
    put_root(log, 5, "4");
    test_log_link(log, 4, "k", "newest");
    forget(log, 1);
    test_snapshot_write(log, folder);
    harm(log, 4);
    expect(log, folder, "b: k=base");
}

/* Nothing between them is lost: the page would have been seen to be freed. */
TEST(an_older_leaf_is_the_trees_if_the_log_is_whole_up_to_its_root)
{
    put_tree(log, "b", "older");
    put_root(log, 5, "4");
    test_log_segment(log, 0);
    put_leaf(log, 4, "k", "newest");
    test_snapshot_write(log, folder);
    harm(log, 4);
    expect(log, folder, "b: k=older");
}

/* The leaf is written anew behind what is lost, and its root is not. */
static void lose_a_message(struct test_log *log, const char *folder, uint64_t page, bool is_free)
{
    put_tree(log, "b", "older");
    test_snapshot_write(log, folder);
    if (is_free)
        test_log_free(log, page);
    else
        test_log_link(log, page, "l", "lost");
    harm(log, page);
    put_leaf(log, 4, "k", "newest");
}

TEST(a_lost_change_takes_no_page_from_its_tree)
{
    lose_a_message(log, folder, 4, false);
    expect(log, folder, "b: k=newest");
}

TEST(a_lost_free_may_have)
{
    lose_a_message(log, folder, 4, true);
    expect(log, folder, "b: | salvaged-4: k=newest");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leaf_of_no_tree_does_not_begin_another),
        cmocka_unit_test(an_older_leaf_may_be_another_trees),
        cmocka_unit_test(an_older_root_may_be_another_trees),
        cmocka_unit_test(an_older_list_of_trees_may_name_what_has_become_anothers),
        cmocka_unit_test(a_dropped_tree_may_lead_to_what_has_become_anothers),
        cmocka_unit_test(the_sibling_on_the_left_does_not_vouch_for_an_older_leaf),
        cmocka_unit_test(nor_does_the_one_on_the_right),
        cmocka_unit_test(what_may_be_older_is_no_proof_for_an_only_leaf),
        cmocka_unit_test(nor_for_one_that_a_sibling_leads_to),
        cmocka_unit_test(nor_for_one_that_does_not_end_where_its_sibling_begins),
        cmocka_unit_test(a_leaf_that_ends_where_its_sibling_begins_is_the_trees),
        cmocka_unit_test(nothing_leads_to_a_page_that_was_freed_and_made_since),
        cmocka_unit_test(a_leaf_is_no_root),
        cmocka_unit_test(a_message_of_the_same_page_is_not_the_one_of_the_snapshot),
        cmocka_unit_test(an_older_leaf_that_is_younger_than_its_root_is_the_trees),
        cmocka_unit_test(a_leaf_that_lost_a_link_is_the_trees),
        cmocka_unit_test(an_older_leaf_is_the_trees_if_the_log_is_whole_up_to_its_root),
        cmocka_unit_test(a_lost_change_takes_no_page_from_its_tree),
        cmocka_unit_test(a_lost_free_may_have),
    };
    return cmocka_run_group_tests_name("salvage names", tests, NULL, NULL);
}
