#!/bin/bash
# kills.sh [PERCENT] - SIGKILL at random instants, over 200 of them in every command that writes: the
# sources are as they were, nothing half made stands under a name that is read, and the command that
# goes on comes to the right end, killed again or not. PERCENT: of the usual number of kills.
. "$(dirname "$0")/lib.sh"
need_sled
percent=${1:-100}
RANDOM=${MIA_TEST_SEED:-1}
run sample --records 400 typed
expect_status 0
make_sled names 3 raw
mkdir -p base/conversations base/other
cp -a typed base/conversations/active
cp -a raw base/other/notes
for source in typed raw base; do snapshot "$source" >"$work/before.$source"; done
exec {never}<> <(:) # a pipe that nobody writes to: to wait without a process
kills=0

# microseconds NAME ARGUMENT...: what the command takes, undisturbed
microseconds()
{
    local -n result=$1
    shift
    local begin=$EPOCHREALTIME end
    run "$@"
    end=$EPOCHREALTIME
    expect_status 0
    result=$((${end/./} - ${begin/./}))
    share=100
}

# strike MICROSECONDS ARGUMENT...: the command, killed within $share percent of that time. $status is
# 137 if it was, else what it answered. A machine has other things to do, now more, now less: the share
# follows, so that of three kills about two come in time, anywhere in what the command does.
strike()
{
    local delay=$((RANDOM * 32768 + RANDOM)) most=$((1 + $1 * share / 100))
    delay=$((delay % most))
    shift
    last_command="$(printf '%q ' mia "$@")killed after $delay us"
    "$MIA" "$@" >"$work/out" 2>"$work/err" &
    local pid=$!
    read -r -t "$(printf '%d.%06d' $((delay / 1000000)) $((delay % 1000000)))" -u "$never"
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    status=$?
    case $status in
    137)
        kills=$((kills + 1))
        share=$((share + share / 20 + 1))
        ;;
    0) share=$((share - share / 10)) ;;
    4) ;; # refused: what an earlier one left is in the way
    *) fail "exit $status" ;;
    esac
}

# until_kills COUNT: for a loop on goes_on that ends after so many kills
until_kills()
{
    rounds=0
    wanted_kills=$((kills + ($1 * percent + 99) / 100))
    most_rounds=$(($1 * percent / 20 + 20))
}

goes_on()
{
    [ "$kills" -lt "$wanted_kills" ] || return 1
    rounds=$((rounds + 1))
    [ "$rounds" -le "$most_rounds" ] || fail "only $kills kills, $wanted_kills were wanted"
}

# finish_migration SOURCE [OPTION...]: as the documents say
finish_migration()
{
    local source=$1
    shift
    if [ -e target.mia-partial ]; then
        run migrate "$@" --resume "$source" target
        if [ "$status" = 4 ]; then
            expect_failure 4 '--force'
            run migrate "$@" --force "$source" target
        fi
    else
        run migrate "$@" "$source" target
    fi
    expect_status 0
}

# migrations SOURCE COUNT [OPTION...]
migrations()
{
    local source=$1 count=$2 takes
    shift 2
    microseconds takes migrate "$@" --batch-bytes 16K "$source" target
    rm -r target
    until_kills "$count"
    while goes_on; do
        strike "$takes" migrate "$@" --batch-bytes 16K "$source" target
        while [ ! -e target ] && [ -e target.mia-partial ] && [ $((RANDOM % 2)) = 0 ]; do
            strike "$takes" migrate "$@" --batch-bytes 16K --resume "$source" target
        done
        [ -e target ] || finish_migration "$source" "$@"
        run verify "$source" target
        expect_status 0
        rm -rf target
    done
    expect_unchanged "$source" "$work/before.$source"
}

part 'migrate'
migrations typed 50

part 'migrate --raw'
migrations raw 45 --raw

part 'rollback'
run migrate typed migrated
expect_status 0
microseconds takes rollback migrated back
rm -r back
until_kills 35
while goes_on; do
    strike "$takes" rollback migrated back
    if [ ! -e back ]; then
        options=()
        [ -e back.mia-partial ] && options=(--force)
        [ $((RANDOM % 2)) = 0 ] && strike "$takes" rollback "${options[@]}" migrated back
    fi
    if [ ! -e back ]; then
        options=()
        [ -e back.mia-partial ] && options=(--force)
        run rollback "${options[@]}" migrated back
        expect_status 0
    fi
    run verify migrated back # the sources' own index trees are not complete
    expect_status 0
    rm -rf back back.mia-partial
done

part 'verify'
snapshot migrated | grep -v mdbx.lck >"$work/before.migrated"
microseconds takes verify typed migrated
until_kills 10
while goes_on; do strike "$takes" verify typed migrated; done
run verify typed migrated
expect_status 0
snapshot migrated | grep -v mdbx.lck >"$work/now"
expect_equal_files "$work/before.migrated" "$work/now"
rm -r migrated

# expect_in_use PATH...: the pointer leads to one of them
expect_in_use()
{
    local path in_use
    in_use=$(sed -n 's/^base //p' root/current) || fail 'no pointer'
    for path; do [ "$in_use" = "$path" ] && return; done
    fail "in use: $in_use"
}

# compare_generation N: with the databases below $reference
reference=base
compare_generation()
{
    run verify "$reference/conversations/active" "root/generations/$1/conversations/active"
    expect_status 0
    run verify "$reference/other/notes" "root/generations/$1/other/notes"
    expect_status 0
}

# again COUNT MICROSECONDS BEFORE GENERATION ARGUMENT...: the command on copies of the installation
# BEFORE, killed and gone on with; `done` is one as it leaves it
again()
{
    local count=$1 takes=$2 before=$3 generation=$4 from
    shift 4
    from=$(sed -n 's/^base //p' "$before/current" 2>/dev/null)
    until_kills "$count"
    while goes_on; do
        rm -rf root
        [ -d "$before" ] && cp -a "$before" root
        strike "$takes" "$@"
        while [ "$status" = 137 ] && [ $((RANDOM % 3)) = 0 ]; do strike "$takes" "$@"; done
        [ ! -e root/current ] || expect_in_use "$from" "$(sed -n 's/^base //p' done/current)"
        if [ "$status" != 0 ]; then
            run "$@"
            [ "$status" = 4 ] && expect_in_use "generations/$generation" || expect_status 0
        fi
        compare_generation "$generation"
    done
}

part 'migrate --base'
microseconds takes migrate --base base root
cp -a root done
again 30 "$takes" nothing 1 migrate --base base root
expect_unchanged base "$work/before.base"

part 'cutover'
rm -rf root done
run migrate --base base root
expect_status 0
cp -a root migrated
microseconds takes cutover root
cp -a root done
again 15 "$takes" migrated 1 cutover root
expect_unchanged base "$work/before.base"

part 'rollback --base'
rm -rf root
mv done over
cp -a over root
reference=over/generations/1
microseconds takes rollback --base root
cp -a root done
again 20 "$takes" over 2 rollback --base root

part 'finish'
rm -rf root
cp -a done root
microseconds takes finish --yes root
[ ! -e root/generations/1/other/notes ] || fail 'it is still there'
until_kills 10
while goes_on; do
    rm -rf root
    cp -a done root
    strike "$takes" finish --yes root
    if [ "$status" != 0 ]; then
        run finish --yes root
        [ "$status" = 4 ] || expect_status 0
    fi
    expect_in_use generations/2
    compare_generation 2
    [ ! -e root/generations/1/other/notes ] || fail 'it is still there'
done
expect_unchanged base "$work/before.base"
[ -z "$(ls -A "$TMPDIR")" ] || fail "left in TMPDIR: $(ls -A "$TMPDIR")"
echo "$kills kills"
