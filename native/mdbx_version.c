/* mdbx_version.c - prints the version of the libmdbx that is linked, for native/CMakeLists.txt */
#include <mdbx.h>
#include <stdio.h>

int main(void)
{
    printf("%u.%u.%u", (unsigned)mdbx_version.major, (unsigned)mdbx_version.minor,
           (unsigned)mdbx_version.patch);
    return 0;
}
