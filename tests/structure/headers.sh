#!/bin/sh
# headers.sh CC CXX INCLUDE_FLAG... - each public header compiles alone as C11 and as C++17, each
# internal header alone as C17: it includes what it uses. CXX may have NOTFOUND in its name.
cc=$1
cxx=$2
shift 2
cd "$(dirname "$0")/../.." || exit 2
bad=0
count=0

case $cxx in
*NOTFOUND) echo "no C++ compiler to try the public headers with: install g++"; exit 2 ;;
esac

# alone COMPILER STANDARD LANGUAGE HEADER FLAG...
alone()
{
    compiler=$1 standard=$2 language=$3 header=$4
    shift 4
    count=$((count + 1))
    echo "#include \"$header\"" |
        "$compiler" "-std=$standard" -x "$language" -fsyntax-only -Wall -Wextra -Werror "$@" - ||
        { echo "$header does not compile alone ($language, $standard)"; bad=1; }
}

for header in include/mia/*.h; do
    name=${header#include/}
    alone "$cc" c11 c "$name" -pedantic -Iinclude
    alone "$cxx" c++17 c++ "$name" -pedantic -Iinclude
done
for header in src/*/*.h src/*/*/*.h; do
    alone "$cc" c17 c "${header#src/}" -D_GNU_SOURCE -Iinclude -Isrc "$@"
done

echo "$count compilations"
[ "$count" -gt 10 ] || { echo "too few headers found: the check is blind"; exit 2; }
exit $bad
