#!/bin/sh
# symbols.sh CC libmia.so libmia.a - the shared library exports exactly what include/mia/ declares
# with MIA_API, and our own objects in the static one define nothing that does not begin with mia_.
cc=$1
shared=$2
static=$3
cd "$(dirname "$0")/../.." || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# A declaration begins with the visibility attribute and ends with ';'; its name stands before '('.
"$cc" -E -P -Iinclude include/mia/mia.h | tr '\n' ' ' | tr ';' '\n' |
    grep 'visibility("default")' |
    sed -E 's/.*visibility\("default"\)\)\)//; s/\(.*//; s/.*[^a-z0-9_]([a-z0-9_]+) *$/\1/' |
    sort -u >"$work/declared"
[ "$(wc -l <"$work/declared")" -gt 10 ] || { echo "too few declarations found: the check is blind"; exit 2; }

nm -D --defined-only "$shared" | awk '{ print $NF }' | sort -u >"$work/exported"
bad=0
if ! diff "$work/declared" "$work/exported" >"$work/difference"; then
    echo "libmia.so and include/mia/ differ (< declared but not exported, > exported but not declared):"
    grep '^[<>]' "$work/difference"
    bad=1
fi

# mdbx.c.o is foreign; __odr_asan and the like are the sanitizer's.
foreign=$(nm -A -g --defined-only "$static" | grep -v ':mdbx\.c\.o:' | awk '{ print $NF, $1 }' |
    grep -vE '^(mia_|__odr_asan|__asan|__gcov)')
if [ -n "$foreign" ]; then
    echo "global names outside mia_ in libmia.a, where they can clash with a program's own:"
    echo "$foreign"
    bad=1
fi
exit $bad
