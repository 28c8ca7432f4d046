/* engine/engines.c - the engines that the suites run on */
#include "engine/plain.h"
#include "engine/suite.h"

size_t test_engines(struct test_engine engines[3])
{
    engines[0] = (struct test_engine){"plain", test_engine_plain(), false, true};
    engines[1] = (struct test_engine){"mdbx", mia_engine_mdbx(), true, true};
    engines[2] = (struct test_engine){"sled", mia_engine_sled(), true, false};
    return 3;
}
