/* What MIA's StorageManager and its indexes do, on every engine. */
#include "store/suite.h"

int main(void)
{
    const struct store_suite suites[] = {
        {"store", cases_of_records()},    {"store", cases_of_kinds()},
        {"store", cases_of_ids()},        {"store", cases_of_store_transactions()},
        {"store", cases_of_threads()},    {"store", cases_of_foreign_databases()},
        {"index", cases_of_properties()}, {"index", cases_of_edges()},
        {"index", cases_of_managing()},   {"index", cases_of_upkeep()},
        {"model", cases_of_the_model()},
    };
    return store_run(suites, LENGTH(suites)) != 0;
}
