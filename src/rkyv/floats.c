/* rkyv/floats.c - floats of an archive: the public names of base/floats.h */
#include "mia/model.h"

#include "base/floats.h"

void mia_floats_copy(mia_floats floats, float *to)
{
    mia__floats_load(floats.data, to, floats.count);
}

float mia_floats_dot(mia_floats a, mia_floats b)
{
    return mia__floats_dot(a.data, b.data, a.count < b.count ? a.count : b.count);
}
