#!/bin/bash
# progress.sh - when progress is shown, and how: files, terminals, colours, widths
. "$(dirname "$0")/lib.sh"
need_sled
make_sled large 3 source --megabytes 16
escape=$(printf '\033')

part 'nothing in pipes unless asked for'
run migrate --raw source target
expect_status 0
expect_no_err
expect_out '^Migrated source to target, verified\.$'
expect_out '^  records +[0-9,]+$'
expect_out '^  digest +[0-9a-f]{64}$'
rm -r target
run migrate --raw --quiet source target
expect_status 0
expect_no_out
expect_no_err
rm -r target
run migrate --raw --no-verify source target
expect_status 0
expect_out '^Migrated source to target, not verified\.$'
rm -r target

part 'plain lines'
start=$(date +%s%N)
run migrate --raw --progress source target
expect_status 0
tenths=$((($(date +%s%N) - start) / 100000000 + 1))
lines=$(wc -l <"$work/err")
[ "$lines" -ge 2 ] || fail 'less than two lines'
[ "$lines" -le $((tenths + 1)) ] || fail "$lines lines in $tenths tenths of a second"
! grep -vE '^mia: migrate: [a-z ]+( +[0-9]+%)?  [0-9]' "$work/err" || fail 'a line of another form'
expect_err '^mia: migrate: verify +100%  [0-9,]+ of [0-9,]+ records'
! grep -q "$escape" "$work/err" || fail 'escape sequences in a file'
rm -r target

case ${MIA_SANITIZE:-} in ?*) skip 'a sanitizer must be the first library' ;; esac
command -v script >/dev/null || skip 'no script(1) to make a terminal with'

# on_terminal COLUMNS TERM NO_COLOR ARGUMENT...: the tool with stderr on a terminal, and stdout too;
# its output, line by line, carriage returns as line ends. To its clock it takes long enough for
# lines to be drawn, on any machine.
on_terminal()
{
    local columns=$1 term=$2 no_color=$3
    shift 3
    last_command="on a terminal: mia $*"
    printf 'stty cols %s; export LD_PRELOAD=%q; exec %q' "$columns" \
        "$MIA_TEST_PROGRAMS/libfast-clock.so" "$MIA" >"$work/script"
    printf ' %q' "$@" >>"$work/script"
    TERM=$term NO_COLOR=$no_color script -qec "bash '$work/script'" /dev/null </dev/null |
        sed "s/${escape}\[K/&\n/g" | tr '\r' '\n' | grep -v '^$' >"$work/out"
    status=${PIPESTATUS[0]}
}

part 'a terminal: one line, redrawn, in colours'
on_terminal 100 xterm '' migrate --raw source target
expect_status 0
expect_out "^${escape}\[1m[a-z]+.*${escape}\[K"
expect_out '^Migrated source to target, verified\.$'
rm -r target

part 'NO_COLOR'
on_terminal 100 xterm 1 migrate --raw source target
expect_status 0
expect_out "^[a-z]+ .*%  .*${escape}\[K"
! grep -qE "${escape}\[[0-9;]*m" "$work/out" || fail 'colours in spite of NO_COLOR'
rm -r target

part 'a narrow terminal'
on_terminal 30 xterm 1 migrate --raw source target
expect_status 0
widest=$(grep -F "${escape}[K" "$work/out" | sed "s/${escape}\[K.*//" | wc -L)
[ "$widest" -gt 5 ] && [ "$widest" -lt 30 ] || fail "the widest progress line has $widest columns"
rm -r target

part 'a dumb terminal, and --quiet'
on_terminal 100 dumb '' migrate --raw source target
expect_status 0
! grep -q "$escape" "$work/out" || fail 'escape sequences on a dumb terminal'
rm -r target
on_terminal 100 xterm '' migrate --raw --quiet source target
expect_status 0
expect_no_out
expect_only source target
