#!/bin/bash
# errors.sh - each thing that can be wrong before anything is written: exit 4, one line that names
# it, and nothing changed. One part each.
. "$(dirname "$0")/lib.sh"
need_sled
make_sled mixed 3 source
snapshot source >"$work/before"

# refused REGEX SOURCE TARGET [OPTION...]: and the same in JSON.
refused()
{
    local pattern=$1 source=$2 target=$3
    shift 3
    run migrate --raw "$@" "$source" "$target"
    expect_failure 4 "$pattern"
    run migrate --raw --json "$@" "$source" "$target"
    expect_status 4
    expect_json error.exit=4 error.command=migrate error.message:string error.status:string
    [ ! -e "$target.mia-partial" ] || fail "$target.mia-partial was left"
}

# unreadable REGEX DB: every command that only reads refuses it.
unreadable()
{
    local command
    for command in "info $2" "check $2" "dump $2" "dump --digest $2" "get $2 a b" "verify $2 source" \
        "verify source $2"; do
        run $command # the words of these commands have no spaces
        expect_failure 4 "$1"
    done
    run info --json "$2"
    expect_status 4
    expect_json error.exit=4 error.command=info
}

part 'the source is missing'
refused 'absent' absent target
unreadable absent absent
refused 'no/such/folder' no/such/folder target

part 'the source is a file'
echo text >file
refused 'file' file target
unreadable 'file' file

part 'the source is an empty directory'
mkdir empty
refused 'empty' empty target
unreadable 'empty' empty
[ -z "$(ls -A empty)" ] || fail 'something was made in the empty directory'

part 'the source is some other directory'
mkdir other
echo '# notes' >other/README.md
refused 'other' other target
unreadable 'other' other
[ "$(ls -A other)" = README.md ] || fail 'something was made in a foreign directory'

part 'the source is locked by a running sled'
"$MIA_INTEROP/hold-lock" source 60 >"$work/lock" &
holder=$!
for ((i = 0; i < 100; i++)); do
    grep -q ready "$work/lock" && break
    sleep 0.1
done
grep -q ready "$work/lock" || fail 'hold-lock is not ready'
refused '(open|lock|process|running)' source target
run info source
expect_failure 4 '(open|lock|process|running)'
kill "$holder"
wait "$holder" 2>/dev/null
snapshot source >"$work/before" # sled itself wrote while it was open

part 'the target exists'
mkdir target
refused 'target.* exists' source target
refused 'target.* exists' source target --force
refused 'target.* exists' source target --resume
rmdir target
echo text >target
refused 'target.* exists' source target
[ "$(cat target)" = text ] || fail 'the file in the way was changed'
rm target
ln -s nowhere target
refused 'target.* exists' source target
rm target

part "the target's parent is missing or a file"
refused 'no-parent' source no-parent/target
[ ! -e no-parent ] || fail 'the parent was made'
refused 'file' source file/target

part 'the target is the source, or inside it'
refused 'source' source source
refused 'source' source source/target

part 'nothing to resume: a run that was stopped before it wrote anything is simply begun again'
run migrate --raw --resume --json source target
expect_status 0
expect_json resumed_records=0 records:integer
rm -r target
expect_unchanged source "$work/before"
expect_only source file empty other

part 'get: no such tree, no such key'
run get source 'no tree' key
expect_failure 1 "no tree 'no tree'"
run get --json source 'no tree' key
expect_status 1
expect_json error.exit=1 error.status=MIA_NOTFOUND
tree=$(sled_digest source | sed -n 1p | cut -d ' ' -f 1)
run get --hex source "$tree" 00ff00ff00ff00ff00ff00ff
expect_failure 1 'no such key'
run dump --tree 'no tree' source
expect_failure 4 "no tree 'no tree'"
expect_unchanged source "$work/before"

part 'names with any bytes'
names=('with space' $'line\nend' $'latin-1 \xe9' '-dash' "quote's" 'snow ☃' '*' '$(touch pwned)')
for name in "${names[@]}"; do
    cp -r source "./in $name"
    run migrate --raw --quiet -- "in $name" "$name"
    expect_status 0
    expect_no_out
    expect_no_err
    run verify --quiet -- "in $name" "$name"
    expect_status 0
    run info --json -- "$name"
    expect_status 0
    expect_json kind=mdbx
    run migrate --raw -- "in $name" "$name"
    expect_failure 4 'exists'
    rm -r "./in $name" "./$name"
done
run info --json $'latin-1 \xe9'
expect_status 4
expect_json error.message:string
expect_only source file empty other
