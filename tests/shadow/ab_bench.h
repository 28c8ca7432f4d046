/* shadow/ab_bench.h - a pair whose second database answers wrongly, slowly or not at all when told
 */
#ifndef MIA_TEST_SHADOW_AB_BENCH_H
#define MIA_TEST_SHADOW_AB_BENCH_H

#include "shadow/bench.h"

/* What its get does: something else for "wrong1" and so on; fail; take so long. All 0: nothing. */
extern _Atomic int ab_wrong_values, ab_errors, ab_delay_us;

/* An open store over a verified pair with six records. One at a time. */
void ab_open_pair(struct pair_bench *b, const struct mia_engine_ops *first);
/* A case of cmocka whose *state is such a pair, of two mdbx; what the case leaves open is closed.
 */
#define AB_TEST(f) cmocka_unit_test_setup_teardown(f, ab_bench_make, ab_bench_remove)
int ab_bench_make(void **state);
int ab_bench_remove(void **state);
/* Compares every read. */
void ab_start(struct pair_bench *b);
/* All six, one that is not there, and a scan; so many times. */
void ab_read_all(struct pair_bench *b, int times);
struct mia_shadow_ab_report ab_report_of(struct pair_bench *b);
/* Until all that was noted is done. */
struct mia_shadow_ab_report ab_settle(struct pair_bench *b);

#endif
