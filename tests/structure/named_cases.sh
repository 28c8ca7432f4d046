#!/bin/sh
# named_cases.sh LIST PROGRAM... - the test programs have, and run, every case that LIST names: they
# print the names of what they would run. MIA_WITH_SLED=1: the real sled is one of the engines.
list=$1
shift
engines='plain mdbx'
[ "${MIA_WITH_SLED:-0}" = 1 ] && engines="$engines sled"
present=$(mktemp) || exit 2
trap 'rm -f "$present"' EXIT
missing=0
count=0

for program; do
    MIA_TEST_LIST=1 "$program" >>"$present" || { echo "$program does not list its cases"; exit 2; }
done

expect()
{
    count=$((count + 1))
    grep -qxF "$1" "$present" || { echo "no test program has the case '$1'"; missing=1; }
}

while read -r name how; do
    case $name in
    '' | '#'*) ;;
    *) if [ "$how" = once ]; then
            expect "$name"
        else
            for engine in $engines; do
                expect "$engine: $name"
            done
        fi ;;
    esac
done <"$list"

twice=$(sort "$present" | uniq -d)
[ -z "$twice" ] || { printf 'two cases have this name:\n%s\n' "$twice"; missing=1; }

echo "$count cases"
[ "$count" -gt 100 ] || { echo "too few names found: the check is blind"; exit 2; }
exit $missing
