#!/bin/sh
# crash.sh SECONDS [BUILD] - states of disks after a stop of the machine, and every call failing in
# turn, with a fresh seed in each round, for that long. The first that is wrong ends it and shows its
# seed. BUILD: build/transition; its targets crash_states and faults must be there.
set -u
cd "$(dirname "$0")/.." || exit 2
seconds=${1:?how long}
build=${2:-build/transition}
programs=$build/tests
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
end=$(($(date +%s) + seconds))
rounds=0
states=0

# attempt COMMAND...: under the seed of the round
attempt()
{
    MIA_TEST_SEED=$seed "$@" >"$log" 2>&1 && return
    cat "$log"
    echo "MIA_TEST_SEED=$seed $*"
    exit 1
}

while [ "$(date +%s)" -lt "$end" ]; do
    seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
    MIA_CRASH_STATES=8400 attempt "$programs/crash_states"
    found=$(awk '/ different states$/ { n += $1 } END { print n + 0 }' "$log")
    states=$((states + found))
    MIA_FAULTS=all attempt "$programs/faults"
    rounds=$((rounds + 1))
    echo "$rounds rounds, $states states"
done
