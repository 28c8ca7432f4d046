#!/bin/bash
# plan.sh - each thing that can stand in the way is planted: the plan finds it, several at once too,
# writes nothing, and says what the migration says
. "$(dirname "$0")/lib.sh"
need_sled
make_sled names 3 source
make_sled records 5 typed

# planned ARGUMENT...: mia plan; neither the source nor anything beside the target changes.
planned()
{
    snapshot "$work/run" >"$work/all"
    run plan "$@"
    expect_unchanged "$work/run" "$work/all"
}

# reasons WORD: the messages of the plan that begin with it, one a line.
reasons()
{
    sed -n "s/^$1: //p" "$work/out" | sort
}

# refused REGEX COUNT SOURCE TARGET [OPTION...]: so many reasons, and the migration has the same.
refused()
{
    local pattern=$1 count=$2 source=$3 target=$4
    shift 4
    planned "$@" "$source" "$target"
    expect_status 4
    expect_out "^refused: .*$pattern"
    reasons refused >"$work/reasons"
    [ "$(wc -l <"$work/reasons")" = "$count" ] || fail "not $count reasons"
    run plan --quick "$@" "$source" "$target"
    expect_status 4
    reasons refused >"$work/quick"
    expect_equal_files "$work/reasons" "$work/quick"
    run plan --json "$@" "$source" "$target"
    expect_status 4
    expect_json verdict=refused obstacles:array obstacles.0.message:string obstacles.0.obstacle:string
    run migrate "$@" "$source" "$target"
    expect_status 4
    sed -n 's/^mia: migrate: //p' "$work/err" | sort >"$work/said"
    expect_equal_files "$work/reasons" "$work/said"
}

# damaged REGEX SOURCE [OPTION...]: and the migration ends with one of the plan's messages.
damaged()
{
    local pattern=$1 source=$2
    shift 2
    planned "$@" "$source" target
    expect_status 3
    expect_out "^damaged: .*$pattern"
    reasons damaged >"$work/reasons"
    run migrate "$@" "$source" target
    expect_status 3
    grep -qxFf "$work/reasons" <(sed -n 's/^mia: migrate: //p' "$work/err") ||
        fail "the plan did not say this: $(cat "$work/reasons")"
    [ ! -e target ] && [ ! -e target.mia-partial ] || fail 'something was left'
}

part 'a database that can be migrated, and what comes of it'
planned typed target
expect_status 0
expect_no_err
expect_out '^A migration of typed to target will work\.$'
expect_out "^  next  *$MIA migrate typed target$"
planned --json typed target
expect_status 0
expect_json verdict=works typed=true read=true kind=sled format=sled quick=false page_size=4096 \
    records:integer trees:integer left_out_trees:integer target_bytes:integer free_bytes:integer \
    least_seconds:real most_seconds:real value_sizes:array all_trees:array obstacles:array \
    findings.quarantined=0 resumable=false partial=false
cp "$work/out" "$work/plan"
run migrate --json typed target
expect_status 0
for member in records trees key_bytes value_bytes page_size long_keys left_out_trees left_out_records \
    index_entries; do
    grep "^  \"$member\":" "$work/plan"
done >"$work/wanted"
while read -r line; do grep -F "$line" "$work/out"; done <"$work/wanted" >"$work/found"
sed 's/^ *//' "$work/wanted" >"$work/a"
sed 's/^ *//' "$work/found" >"$work/b"
expect_equal_files "$work/a" "$work/b"
rm -r target
planned --quick typed target
expect_status 0
expect_out 'was not read'
planned typed
expect_status 0

part "another's database is planned as a raw migration"
planned source target
expect_status 0
expect_out '^warning: .*is no database of MIA'
expect_out "^  next  *$MIA migrate --raw source target$"
planned --raw source target
expect_status 0
! grep -q warning "$work/out" || fail 'a warning for what was asked for'

part 'long keys, by the size of pages'
make_sled keys 3 keys
run plan --json --raw keys target
expect_status 0
expect_json long_keys:integer long_keys_by_page_size.4096:integer long_keys_by_page_size.65536:integer
cp "$work/out" "$work/plan"
run migrate --raw --json keys target
expect_status 0
expect_json "long_keys=$(sed -n 's/^  "long_keys": \([0-9]*\),*$/\1/p' "$work/plan")" \
    "page_size=$(sed -n 's/^  "page_size": \([0-9]*\),*$/\1/p' "$work/plan")"
rm -r keys target

part 'the estimate of the size'
run plan --json --raw typed target
estimate=$(sed -n 's/^  "target_bytes": \([0-9]*\),$/\1/p' "$work/out")
run migrate --raw --quiet typed target
actual=$(stat -c %s target/mdbx.dat)
[ $((estimate * 10)) -le $((actual * 11)) ] && [ $((estimate * 11)) -ge $((actual * 10)) ] ||
    fail "$estimate bytes were planned, $actual it has"
rm -r target

part 'the source: missing, no database, two databases, of another version'
refused 'absent does not exist' 1 absent target --raw
mkdir empty
refused 'empty is no database' 1 empty target --raw
echo text >file
refused 'file is a file' 1 file target --raw
run migrate --raw --quiet source both
cp source/db source/conf both
refused 'both holds files of sled and of libmdbx' 1 both target --raw
cp -r source older
perl -MCompress::Zlib -e 'my $t = "segment_size: 524288\nuse_compression: false\nversion: 0.33\n";
    print $t, pack("V", crc32($t))' >older/conf || fail 'no conf was made'
refused 'older/conf: a database of sled 0.33' 1 older target --raw
rm -r empty file both older

part 'the source: open in a running sled, which one is told'
"$MIA_INTEROP/hold-lock" source 60 >"$work/lock" &
holder=$!
for ((i = 0; i < 100; i++)); do
    grep -q ready "$work/lock" && break
    sleep 0.1
done
grep -q ready "$work/lock" || fail 'hold-lock is not ready'
refused 'source is open in another process' 1 source target --raw
if grep -q "FLOCK .* $holder " /proc/locks && [ -d "/proc/$holder" ] &&
    grep -q "$(printf '%x' "$(($(stat -c %d source/db) >> 8 & 4095))"):.*:$(stat -c %i source/db) " /proc/locks; then
    expect_err "sled holds its lock; PID $holder, hold-lock"
fi

part 'several at once'
mkdir target
refused 'target exists already' 2 source target --raw
rmdir target
mkdir target.mia-partial
refused 'target.mia-partial is left of an interrupted' 2 source target --raw
rmdir target.mia-partial
refused 'no-parent, where the target would be' 2 source no-parent/target --raw
refused 'inside the source' 2 source source/target --raw
[ -n "${MIA_SANITIZE:-}" ] || limited=$(ulimit -n 8 && ulimit -v 900000000 2>/dev/null && "$MIA" plan --quick source target)
for pattern in 'is open in another process' 'raise `ulimit -n`' 'raise `ulimit -v`'; do
    [ -z "${MIA_SANITIZE:-}" ] || break # the sanitizers need more than these
    grep -q "^refused: .*$pattern" <<<"$limited" || fail "not found: $pattern: $limited"
done
kill "$holder"
wait "$holder" 2>/dev/null

part 'the target'
mkdir target
refused 'target exists already' 1 source target --raw
rmdir target
refused 'no-parent, where the target would be' 1 source no-parent/target --raw
refused 'source/target would be inside the source' 1 source source/target --raw
mkdir target.mia-partial
refused 'target.mia-partial is left of an interrupted migration' 1 source target --raw
planned --force --raw source target
expect_status 0
exec {lock}<target.mia-partial
flock "$lock" || fail 'cannot lock'
refused 'another migration to target is running' 1 source target --raw
refused 'another migration to target is running' 1 source target --raw --resume
exec {lock}<&-
rmdir target.mia-partial
LD_PRELOAD=$(ls "$MIA_TEST_PROGRAMS"/libpretend-nfs.so)
if [ -z "${MIA_SANITIZE:-}" ]; then
    export LD_PRELOAD
    refused 'is on a network file system \(NFS\)' 1 source target --raw
fi
unset LD_PRELOAD

part 'the source: not to be read'
if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null; then
    cp -r source closed
    chmod 600 closed/db
    chmod 755 "$work" "$work/run"
    mkdir -m 777 open
    cp "$MIA" "$work/mia"
    chmod 755 "$work/mia"
    run_program setpriv --reuid 65534 --regid 65534 --clear-groups "$work/mia" plan closed open/target
    expect_status 4
    expect_out '^refused: cannot open closed/db: Permission denied'
    run_program setpriv --reuid 65534 --regid 65534 --clear-groups "$work/mia" plan source here
    expect_status 4
    expect_out '^refused: .*cannot be written to \(permissions'
    rm -r closed open
fi

part 'limits of the process'
for limit in 'n 8' 'v 900000' 'f 100'; do
    [ -z "${MIA_SANITIZE:-}" ] || break # the sanitizers need more than these
    # shellcheck disable=SC2086
    (ulimit -S -$limit && run plan --raw source target && echo "$status" >"$work/plan_status"
        cp "$work/out" "$work/plan_out"
        run migrate --raw source target
        echo "$status" >"$work/migrate_status")
    [ "$(cat "$work/plan_status")" = 4 ] || fail "plan: ulimit -$limit: $(cat "$work/plan_status")"
    grep -q "^refused: .*raise \`ulimit -${limit%% *}\`" "$work/plan_out" ||
        fail "plan: ulimit -$limit: $(cat "$work/plan_out")"
    [ "$(cat "$work/migrate_status")" = 4 ] || fail "migrate: ulimit -$limit"
    [ ! -e target.mia-partial ] || fail 'something was made'
done

part 'damage, in the words of the migration, and what salvage would save'
size=$(stat -c %s source/db)
for ((i = 1; i < 6; i++)); do
    cp -r source broken
    printf '\xff\xff\xff\xff\xff\xff\xff\xff' |
        dd of=broken/db bs=1 seek=$((size * i / 8 + 17 * i + 40)) conv=notrunc status=none
    run plan --raw broken target
    if [ "$status" = 3 ]; then
        damaged '(damaged|checksum|torn)' broken --raw
        run plan --json --raw broken target
        expect_json verdict=damaged salvageable=true salvaged_records:integer losses:object
        found=1
    fi
    rm -r broken
done
[ -n "${found:-}" ] || fail 'no damage was planted'

part 'records that do not decode: how many, where, and none of their bytes'
make_sled odd 3 odd
damaged "tree 'edges': key 'bad," odd
run plan --json odd target
expect_json verdict=damaged findings.quarantined:integer findings.trailing:integer findings.key:integer \
    first_findings:array
quarantined=$(sed -n 's/^ *"quarantined": \([0-9]*\),*$/\1/p' "$work/out")
run plan --salvage odd target
expect_status 0
expect_out '^warning: .*bad,'
run migrate --salvage --json odd target
expect_status 0
expect_json "findings.quarantined=$quarantined"
rm -r target

part 'a libmdbx source, and modes that do not fit'
run migrate --quiet typed made
snapshot made | grep -v mdbx.lck >"$work/before" # readers are listed there
run plan made target
expect_status 0
snapshot made | grep -v mdbx.lck >"$work/now"
expect_equal_files "$work/before" "$work/now"
planned --quick made target
expect_status 0
refused_mode='is a typed database, whose records a raw one cannot tell'
run plan --raw made target
expect_status 4
expect_out "^refused: .*$refused_mode"
run migrate --raw made target
expect_failure 4 "$refused_mode"

part 'a base: everything that stands in the way, before the first database'
mkdir -p base/conversations
cp -r typed base/conversations/active
for name in conversations/recent knowledge other; do cp -r source "base/$name"; done
planned --base base installation
expect_status 0
expect_out '^  knowledge .* works '
"$MIA_INTEROP/hold-lock" base/knowledge 60 >"$work/lock" &
first=$!
"$MIA_INTEROP/hold-lock" base/other 60 >"$work/lock2" &
second=$!
for ((i = 0; i < 100; i++)); do
    grep -q ready "$work/lock" && grep -q ready "$work/lock2" && break
    sleep 0.1
done
truncate -s $(($(stat -c %s base/conversations/recent/db) / 3)) base/conversations/recent/db
planned --base base installation
expect_status 4
[ "$(reasons refused | wc -l)" = 2 ] || fail 'not two reasons'
expect_out '^damaged: base/conversations/recent|^damaged: .*/base/conversations/recent'
reasons refused >"$work/reasons"
planned --quick --json --base base installation
expect_status 4
expect_json verdict=refused databases=4 obstacles.0.database=knowledge obstacles.1.database=other \
    obstacles.0.obstacle=source_locked
run migrate --base base installation
expect_status 4
sed -n 's/^mia: migrate: //p' "$work/err" | sort >"$work/said"
expect_equal_files "$work/reasons" "$work/said"
[ ! -e installation ] || fail 'an installation was begun'
kill "$first" "$second"
wait "$first" "$second" 2>/dev/null
planned --base base base/installation
expect_status 4
expect_out '^refused: .*is inside .*, which is not to be changed'
planned --base absent installation
expect_status 4
expect_out '^refused: absent is no directory'

part 'usage'
run plan
expect_status 2
run plan --base base
expect_status 2
run plan --resume --force source target
expect_status 2
