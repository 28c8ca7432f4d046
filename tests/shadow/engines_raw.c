/* shadow/engines_raw.c - the engines of the engine suite are pairs, byte for byte */
#include "engine/plain.h"
#include "engine/suite.h"
#include "shadow/pair.h"

size_t test_engines(struct test_engine engines[3])
{
    const struct mia_engine_ops *mdbx = mia_engine_mdbx();
    engines[0] = (struct test_engine){
        "plain+mdbx", test_engine_pair(0, "plain+mdbx", test_engine_plain(), mdbx, true), false,
        false};
    engines[1] = (struct test_engine){
        "mdbx+mdbx", test_engine_pair(1, "mdbx+mdbx", mdbx, mdbx, true), true, false};
    return 2;
}
