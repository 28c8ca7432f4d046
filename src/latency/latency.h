/* latency/latency.h - what a histogram of the native library (mia_hist_*) says of latencies */
#ifndef MIA_LATENCY_LATENCY_H
#define MIA_LATENCY_LATENCY_H

#include "mia/ab.h"

/* hist NULL: zeros. It must not be recorded into meanwhile. */
struct mia_ab_latency mia__latency_of(const void *hist);

#endif
