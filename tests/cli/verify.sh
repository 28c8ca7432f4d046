#!/bin/bash
# verify.sh - differences of every class are found, counted, printed, reported, in both directions
. "$(dirname "$0")/lib.sh"
alter=$MIA_TEST_PROGRAMS/alter

part 'make'
run_program "$alter" left fill 74726565 1000 40 # "tree", keys 00000000 to 00000999
expect_status 0
cp -r left right
run verify left right
expect_status 0
expect_out '^Identical\.$'

# differ SUMMARY_REGEX LINE_REGEX JSON...: left and right differ in one record
differ()
{
    run verify left right
    expect_status 1
    expect_no_err
    expect_out "$1"
    expect_out "$2"
    shift 2
    run verify --json --report report left right
    expect_status 1
    expect_json identical=false differences.total=1 "$@"
    [ "$(wc -l <report)" = 1 ] || fail 'the report has not one line'
    rm report
    run verify --quiet left right
    expect_status 1
    expect_no_out
    expect_no_err
}

part 'missing'
run_program "$alter" right del 74726565 3030303030353030
differ '^1 difference\.$' "^missing in target: tree 'tree' key '00000500'$" \
    differences.missing=1 first_differences.0.class=missing first_differences.0.tree=tree \
    first_differences.0.key=00000500

part 'extra: the other direction'
run verify right left
expect_status 1
expect_out "^extra in target: tree 'tree' key '00000500'$"
run_program "$alter" left del 74726565 3030303030353030
run verify left right
expect_status 0

part 'value, and keys that are no text'
run_program "$alter" left put 74726565 ff0a5c 00
run_program "$alter" right put 74726565 ff0a5c 01
differ '^1 difference\.$' "^value differs: tree 'tree' key '.xff.n..'$" differences.value=1 \
    first_differences.0.class=value first_differences.0.key_hex=ff0a5c 'first_differences.0.key!'
run_program "$alter" right put 74726565 ff0a5c 00

part 'a value that is longer by one NUL'
run_program "$alter" left put 74726565 41 6100
run_program "$alter" right put 74726565 41 61
differ '^1 difference\.$' "^value differs: tree 'tree' key 'A'$" differences.value=1
run_program "$alter" right put 74726565 41 6100

part 'a whole tree'
run_program "$alter" left put 6f6e65 61 62
differ '^1 difference\.$' "^missing in target: tree 'one' key 'a'$" differences.missing=1 \
    first_differences.0.tree=one
run_program "$alter" right put 6f6e65 61 62
run verify left right
expect_status 0

part 'many: 20 are printed, all are counted and reported'
run_program "$alter" left fill 6d616e79 100 8
run verify --report report left right
expect_status 1
[ "$(grep -c "^missing in target: tree 'many'" "$work/out")" = 20 ] || fail 'not 20 printed'
expect_out '^\.\.\. and 80 more$'
expect_out '^100 differences\.$'
expect_out '^  missing +100 '
[ "$(wc -l <report)" = 100 ] || fail 'not all reported'
json --lines report class=missing tree=many key:string
run verify --json left right
expect_status 1
expect_json differences.total=100 first_differences.19.key:string 'first_differences.20!'

part 'the report cannot be written'
run verify --report no/such/folder left right
expect_failure 6 'no/such/folder'
run verify --report /dev/full left right
expect_status 6
expect_err '^mia: verify: cannot write the report /dev/full: No space left on device$'
