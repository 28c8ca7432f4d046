# lib.sh - what the scripts of this folder share; to be sourced by bash
#
# Each script runs in a fresh directory, $work, whose name has a space and letters outside ASCII in
# it. $MIA is the tool, $MIA_INTEROP the folder of the programs made with the real sled, and
# $MIA_TEST_PROGRAMS the one of json-check and alter. The first failure ends the script and shows
# the last command with all that it printed. Exit 77: skipped.
set -u
export LC_ALL=C.UTF-8
: "${MIA:?the path of the tool}" "${MIA_INTEROP:?}" "${MIA_TEST_PROGRAMS:?}"

work=$(mktemp -d "${TMPDIR:-/tmp}/mia tést ☃.XXXXXX") || exit 99
mkdir "$work/tmp" "$work/run"
export TMPDIR=$work/tmp # scratch of the tool: nothing may be left in it
cd "$work/run" || exit 99
case_name='(begin)'
status=0
last_command=''

# What a script has to undo itself, a mount say, it puts into this function.
clean_up()
{
    :
}

leave()
{
    local code=$?
    trap - EXIT
    clean_up
    local job
    for job in $(jobs -p); do kill -KILL "$job" 2>/dev/null; done
    cd / && chmod -R u+rwX "$work" && rm -rf "$work"
    exit "$code"
}
trap leave EXIT

skip()
{
    echo "skipped: $*"
    exit 77
}

fail()
{
    echo "FAILED: $case_name: $*"
    echo "command: $last_command"
    echo "exit: $status"
    [ -f "$work/out" ] && { echo '--- stdout'; head -c 4000 "$work/out"; }
    [ -f "$work/err" ] && { echo '--- stderr'; head -c 4000 "$work/err"; }
    exit 1
}

# Names the part of the script that follows, for messages.
part()
{
    case_name=$1
    echo "- $1"
}

# run ARGUMENT...: the tool; $status, $work/out and $work/err are its answer. A death by a signal
# is a failure wherever it happens, except by PIPE, INT, TERM, KILL: those are sent by tests.
run()
{
    run_program "$MIA" "$@"
}

run_program()
{
    last_command=$(printf '%q ' "$@")
    "$@" >"$work/out" 2>"$work/err"
    status=$?
    case $status in
    132 | 134 | 135 | 136 | 139) fail "died by signal $((status - 128))" ;;
    esac
    ! grep -qE 'Sanitizer|runtime error:' "$work/err" || fail 'a sanitizer complained'
}

expect_status()
{
    [ "$status" = "$1" ] || fail "exit $status instead of $1"
}

# expect_out REGEX, expect_err REGEX: some line matches (extended regular expression).
expect_out()
{
    grep -qE -- "$1" "$work/out" || fail "stdout has no line like: $1"
}

expect_err()
{
    grep -qE -- "$1" "$work/err" || fail "stderr has no line like: $1"
}

expect_no_out()
{
    [ ! -s "$work/out" ] || fail 'stdout is not empty'
}

expect_no_err()
{
    [ ! -s "$work/err" ] || fail 'stderr is not empty'
}

# expect_failure CODE REGEX: this exit code, nothing on stdout, one error line that matches.
expect_failure()
{
    expect_status "$1"
    expect_no_out
    expect_err "^mia: ([a-z]+: )?.*$2"
    [ "$(wc -l <"$work/err")" = 1 ] || fail 'more than one line on stderr'
}

expect_equal_files()
{
    cmp -s "$1" "$2" && return
    diff "$1" "$2" | head -40
    fail "$1 and $2 differ"
}

# json FILE EXPECTATION...: see json_check.c.
json()
{
    "$MIA_TEST_PROGRAMS/json-check" "$@" || fail "JSON is not as it should be: $*"
}

expect_json()
{
    json "$work/out" "$@"
}

has_sled()
{
    "$MIA" version | grep -q sled
}

need_sled()
{
    has_sled || skip 'this build has no sled'
    [ -x "$MIA_INTEROP/make-sled" ] || fail "$MIA_INTEROP/make-sled is not built"
}

# make_sled SHAPE SEED DIR [OPTION...]
make_sled()
{
    run_program "$MIA_INTEROP/make-sled" "$@"
    expect_status 0
}

# What a directory is: names, kinds, sizes, modification times to the nanosecond, and all bytes.
snapshot()
{
    (cd "$1" && find . -printf '%P %y %s %T@ %m\n' | sort && find . -type f -print0 | sort -z |
        xargs -0r sha256sum)
}

expect_unchanged()
{
    snapshot "$1" >"$work/now"
    expect_equal_files "$2" "$work/now"
}

# Neither scratch nor unfinished work is left. Arguments: what $work/run may hold.
expect_only()
{
    local left
    left=$(ls -A "$TMPDIR")
    [ -z "$left" ] || fail "left in TMPDIR: $left"
    [ $# = 0 ] && : >"$work/wanted" || printf '%s\n' "$@" | sort >"$work/wanted"
    ls -A "$work/run" | sort >"$work/found"
    expect_equal_files "$work/wanted" "$work/found"
}

# The digest lines of a sled directory, by the real sled, in a private copy of its own.
sled_digest()
{
    "$MIA_INTEROP/sled-digest" "$1" || fail "sled-digest $1"
}

# expect_same_content SLED TARGET: by sled's own reading and by ours.
expect_same_content()
{
    sled_digest "$1" >"$work/wanted"
    run dump --digest "$2"
    expect_status 0
    expect_equal_files "$work/wanted" "$work/out"
}
