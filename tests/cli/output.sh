#!/bin/bash
# output.sh - what goes to stdout: escapes, JSON lines, exact values, pipes that close, full disks
. "$(dirname "$0")/lib.sh"
alter=$MIA_TEST_PROGRAMS/alter

part 'make'
run_program "$alter" db put 74726565 6b 76           # tree k v
run_program "$alter" db put 74726565 6b0a09 c3a45c00 # k\n\t: ä \ NUL
run_program "$alter" db put 74726565 ff ff0a         # not UTF-8
run_program "$alter" db put 7a 31 ''                 # z 1: empty
expect_status 0

part 'dump: text'
run dump db
expect_status 0
expect_no_err
cat >"$work/wanted" <<'END'
tree	k	v
tree	k\n\t	ä\\\x00
tree	\xff	\xff\n
z	1	
END
expect_equal_files "$work/wanted" "$work/out"
run dump --tree z db
expect_status 0
expect_equal_files <(printf 'z\t1\t\n') "$work/out"
run dump --tree-hex 7A db
expect_status 0
expect_equal_files <(printf 'z\t1\t\n') "$work/out"

part 'dump: JSON lines'
run dump --json db
expect_status 0
cat >"$work/wanted" <<'END'
{"tree":"tree","key":"k","value":"v"}
{"tree":"tree","key":"k\n\t","value":"ä\\\u0000"}
{"tree":"tree","key_hex":"ff","value_hex":"ff0a"}
{"tree":"z","key":"1","value":""}
END
expect_equal_files "$work/wanted" "$work/out"
json --lines "$work/out"

part 'dump: digest'
run dump --digest db
expect_status 0
{
    echo "74726565 6b $(printf v | sha256sum | cut -d ' ' -f 1)"
    echo "74726565 6b0a09 $(printf '\xc3\xa4\\\0' | sha256sum | cut -d ' ' -f 1)"
    echo "74726565 ff $(printf '\xff\n' | sha256sum | cut -d ' ' -f 1)"
    echo "7a 31 $(printf '' | sha256sum | cut -d ' ' -f 1)"
} >"$work/wanted"
expect_equal_files "$work/wanted" "$work/out"

part 'get: exactly the value'
run get db tree k
expect_status 0
expect_equal_files <(printf v) "$work/out"
run get --hex db 74726565 6B0a09
expect_status 0
expect_equal_files <(printf '\xc3\xa4\\\0') "$work/out"
run get db z 1
expect_status 0
expect_no_out
run get --json db z 1
expect_status 0
expect_equal_files <(echo '{"tree":"z","key":"1","value":""}') "$work/out"
run get db tree kk
expect_failure 1 'no such key'
run get db tree zzz # behind the last key
expect_failure 1 'no such key'

part 'a pipe that closes'
run_program "$alter" big fill 74726565 100000 100
expect_status 0
for options in '' --json --digest; do
    "$MIA" dump $options big 2>"$work/err" | head -n 2 >"$work/out"
    status=${PIPESTATUS[0]}
    expect_no_err
    [ "$(wc -l <"$work/out")" = 2 ] || fail 'head had less than two lines'
    [ "$status" = 141 ] || fail "not ended as SIGPIPE does: $status"
done

part 'a full disk'
for options in '' --json --digest; do
    "$MIA" dump $options big >/dev/full 2>"$work/err"
    status=$?
    expect_status 6
    expect_err '^mia: dump: cannot write standard output: No space left on device$'
    [ "$(wc -l <"$work/err")" = 1 ] || fail 'more than one line on stderr'
done

part 'closed descriptors: output does not land in a database'
cp -r db twin
snapshot db | grep -v 'mdbx\.lck' >"$work/before"
for command in 'dump db' 'check db' 'info db' 'verify db twin' 'get db tree k'; do
    "$MIA" $command >&- 2>"$work/err"
    status=$?
    last_command="mia $command >&-"
    expect_status 6
    expect_err 'cannot write standard output: Bad file descriptor$'
    "$MIA" $command <&- >&- 2>&-
    status=$?
    expect_status 6
done
snapshot db | grep -v 'mdbx\.lck' >"$work/after"
expect_equal_files "$work/before" "$work/after"

part 'info'
run info db
expect_status 0
expect_no_err
expect_out '^  kind +mdbx$'
expect_out '^  page size +4096 bytes$'
expect_out '^ +3  tree$'
expect_out '^ +4  in 2 trees$'
run info --no-counts --json db
expect_status 0
expect_json path=db kind=mdbx format=tables trees.0.name=tree 'trees.0.records!' trees.1.name=z \
    mdbx.page_size=4096 mdbx.max_key:integer mdbx.oldest_reader=0 'mdbx.readers.0!'

part 'info: who reads'
"$alter" big hold 30 >"$work/ready" &
holder=$!
for ((i = 0; i < 100; i++)); do grep -q ready "$work/ready" && break || sleep 0.1; done
"$alter" big put 74726565 31 32 || fail 'cannot write beside a reader'
run info --json big
expect_status 0
expect_json "mdbx.readers.0.process=$holder" mdbx.readers.0.lag=1 mdbx.readers.0.txn:integer \
    mdbx.readers.0.retained_bytes:integer
run info big
expect_status 0
expect_out '^  readers +1$'
expect_out "^ +$holder +[0-9]+ +1 "
kill "$holder"
wait "$holder" 2>/dev/null

part 'check'
run check db
expect_status 0
expect_out '^sound: 2 trees, 4 records, '
run check --json db
expect_status 0
expect_json path=db sound=true trees=2 records=4 bytes:integer problems=0 lines:array
run check --quiet db
expect_status 0
expect_no_out
