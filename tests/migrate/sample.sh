#!/bin/sh
# sample.sh - what `mia sample` makes, judged by the real sled, the real bincode and MIA's models:
# every record decodes and encodes to the same bytes, references lead somewhere, the index trees hold
# what MIA would have put there, counts are exact. The tool's own manners are tested in cli/sample.sh.
# $MIA: the tool; $MIA_INTEROP: the folder with mia-sample-check.
set -u
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
bad=0

fail()
{
    echo "FAILED: $*"
    bad=1
}

for seed in 0 7 9223372036854775807; do
    for records in 1 100 12345; do
        db=s$records.$seed
        "$MIA" sample --quiet --records "$records" --seed "$seed" "$db" || fail "sample $db"
        counts=$("$MIA_INTEROP/mia-sample-check" "$db") || fail "check of $db"
        case $counts in
        *"\"records\":$records,"*) ;;
        *) fail "$db: not $records records: $counts" ;;
        esac
    done
    case $counts in # the largest has something in every tree
    *:0[,}]*) fail "$db: a tree is empty: $counts" ;;
    esac
done

# What another run left, perhaps a migration that can be resumed, is neither used nor removed.
mkdir left.mia-partial
"$MIA" sample --quiet --records 100 left 2>message && fail "another run's leavings were accepted"
grep -q 'left\.mia-partial.*remove it' message || fail "no remedy: $(cat message)"
[ -d left.mia-partial ] || fail "another run's leavings were removed"
rmdir left.mia-partial

for partial in *.mia-partial; do
    [ ! -e "$partial" ] || fail "$partial was left"
done
exit $bad
