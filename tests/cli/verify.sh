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

part 'the report: class, side, tree, key, and content only where it is asked for'
rm -rf left right report
run_program "$alter" left put 74726565 ff0a5c 736563726574ff # "secret" and a byte
run_program "$alter" right put 74726565 ff0a5c 00
run_program "$alter" left put 74726565 41 62
run verify --report report left right
expect_status 1
cat >wanted <<'EOF'
{"class":"missing","side":"source","tree":"tree","key":"A"}
{"class":"value","side":"both","tree":"tree","key_hex":"ff0a5c"}
EOF
expect_equal_files wanted report
! grep -rqi secret "$work/out" "$work/err" report || fail 'a value was printed'
run verify --report report --content left right
expect_status 1
cat >wanted <<'EOF'
{"class":"missing","side":"source","tree":"tree","key":"A","value_source_hex":"62"}
{"class":"value","side":"both","tree":"tree","key_hex":"ff0a5c","value_source_hex":"736563726574ff","value_target_hex":"00"}
EOF
expect_equal_files wanted report
run verify --content left right
expect_status 2
expect_err 'content goes with --report'
rm -rf left right report wanted

part 'what goes together and what does not'
run verify --force a b
expect_status 2
run verify --repair --resume a b
expect_status 2
run verify --resume a b
expect_failure 4 'does not exist'

part 'the report cannot be written'
run_program "$alter" left fill 74726565 10 8
run_program "$alter" right fill 74726565 9 8
run verify --report no/such/folder left right
expect_failure 6 'no/such/folder'
run verify --report /dev/full left right
expect_status 6
expect_err '^mia: verify: cannot write the report /dev/full: No space left on device$'

part 'repair: only of what mia made, and what nobody wrote to since'
run verify --repair left right
expect_failure 4 'right was not made by mia'
run migrate --raw left target
expect_status 0
run verify --repair left target
expect_status 0
expect_out '^Identical: nothing to repair\.$'
run_program "$alter" target del 74726565 3030303030303034
run_program "$alter" target put 6e6577 61 62
run_program "$alter" target put 74726565 3030303030303037 6f74686572
run verify --repair left target
expect_failure 4 "was written to since the migration: a repair would undo that.*--force"
run dump --digest left
cp "$work/out" "$work/digest"
run verify --repair --force --json --report report left target
expect_status 0
expect_json identical=true differences.total=0 repaired.total=3 repaired.missing=1 repaired.extra=1 \
    repaired.value=1 records=10
[ "$(wc -l <report)" = 3 ] || fail 'not all in the report'
run dump --digest target
expect_equal_files "$work/digest" "$work/out"
run_program "$alter" target del 74726565 3030303030303034
run verify --repair --force left target
expect_status 0
expect_out '^1 difference, all repaired, verified\.$'
run verify --repair left target # its own writes are nobody else's
expect_status 0
run_program "$alter" left put 74726565 41 62
run verify --repair left target
expect_failure 4 'target was not made from left as that is now'
run verify --repair --force left target
expect_status 0
run verify --repair --force left nowhere
expect_failure 4 'nowhere is no libmdbx database'
if has_sled; then
    make_sled mixed 1 sled
    run verify --repair --force left sled
    expect_failure 4 'sled is a sled database.*mia rollback'
fi

part 'repair: a target in use'
"$alter" target hold 60 >"$work/held" &
holder=$!
for ((i = 0; i < 100; i++)); do grep -q ready "$work/held" && break; sleep 0.1; done
run verify --repair left target
kill -KILL $holder
wait $holder 2>/dev/null
expect_failure 4 'target is in use: stop what has it open'
