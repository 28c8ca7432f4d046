/* vector/checkpoint_file.c - the same few points each time */
#include "vector/checkpoint_file.h"

#include "support/check.h"
#include "vector/cloud.h"

#include <stdlib.h>

enum { DIMENSION = 8 };

void checkpoint_file_make(struct checkpoint_file *c, size_t points)
{
    memset(c, 0, sizeof *c);
    struct test_random r = {7};
    struct cloud cloud = cloud_make(&r, points, DIMENSION, 5);
    struct mia__graph_shape shape = {.dimension = DIMENSION};
    struct mia__graph *graph;
    struct mia__graph_stat stat;
    OK(mia__graph_create(&shape, &graph, ERR));
    for (size_t i = 0; i < points; i++) {
        struct mia__graph_point point = {i + 1, cloud_at(&cloud, i)};
        size_t skipped;
        OK(mia__graph_add(graph, &point, 1, &skipped, ERR));
    }
    OK(mia__graph_save(graph, &c->graph, &stat, ERR));
    mia__graph_free(graph);
    cloud_free(&cloud);
    c->at = (struct mia__checkpoint_at){stat.applied, stat.points};
    c->of = (struct mia__checkpoint_of){
        .space = 3,
        .dimension = DIMENSION,
        .neighbours = MIA__GRAPH_NEIGHBOURS,
        .width_add = MIA__GRAPH_WIDTH_ADD,
        .library = mia__graph_library(),
    };
    test_fill(&r, c->of.database, sizeof c->of.database);
    test_folder_make(c->folder);
    test_path(c->path, c->folder, "3.ann");
    test_path(c->fresh, c->folder, "3.ann.tmp");
}

void checkpoint_file_free(struct checkpoint_file *c)
{
    test_folder_remove(c->folder);
    mia__buf_free(&c->graph);
}

mia_status checkpoint_file_write(const struct checkpoint_file *c, struct mia_error *err)
{
    return mia__checkpoint_write(c->folder, &c->of, &c->at, mia__buf_slice(&c->graph), err);
}

mia_status checkpoint_file_read(const struct checkpoint_file *c, struct mia_error *err)
{
    struct mia__checkpoint_at at = {1, 1};
    struct mia__buf memory = {0};
    mia_slice graph = {"", 1};
    mia_status rc = mia__checkpoint_read(c->folder, &c->of, &at, &memory, &graph, err);
    if (rc == MIA_OK) {
        assert_int_equal(at.applied, c->at.applied);
        assert_int_equal(at.points, c->at.points);
        assert_true(mia_slice_equal(graph, mia__buf_slice(&c->graph)));
    } else {
        assert_null(graph.data);
        assert_int_equal(graph.size, 0);
        assert_int_equal(at.applied, 0);
    }
    mia__buf_free(&memory);
    return rc;
}

void checkpoint_file_put(const struct checkpoint_file *c, const void *bytes, size_t size)
{
    test_file_write(c->path, bytes, size);
}
