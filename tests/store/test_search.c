/* Semantic search in a store, on every engine. */
#include "store/suite.h"

int main(void)
{
    const struct store_suite suites[] = {
        {"index", cases_of_searching()},
        {"index", cases_of_graphs()},
        {"defects", cases_of_search_defects()},
    };
    return store_run(suites, LENGTH(suites)) != 0;
}
