/* shadow/engines_records.c - the engines of the store suites are pairs of MIA's databases */
#include "engine/plain.h"
#include "engine/suite.h"
#include "shadow/pair.h"

size_t test_engines(struct test_engine engines[3])
{
    const struct mia_engine_ops *mdbx = mia_engine_mdbx(), *sled = mia_engine_sled();
    engines[0] = (struct test_engine){
        "mdbx+mdbx", test_engine_pair(0, "mdbx+mdbx", mdbx, mdbx, false), true, false};
    engines[1] = (struct test_engine){
        "sled+mdbx", test_engine_pair(1, "sled+mdbx", sled, mdbx, false), true, false};
    return 2;
}
