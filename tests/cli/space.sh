#!/bin/bash
# space.sh - a disk without room, a read-only disk: in a mount namespace of its own
script=$(realpath "$0")
if [ "${1:-}" != inside ]; then
    . "$(dirname "$0")/lib.sh"
    need_sled
    unshare -m true 2>/dev/null || skip 'not permitted to make a mount namespace'
    trap - EXIT
    cd / && rm -rf "$work"
    TMPDIR=${work%/*} exec unshare -m bash "$script" inside
fi
. "$(dirname "$0")/lib.sh"

clean_up()
{
    umount "$work/run/small" "$work/run/fixed" 2>/dev/null
}

part 'make'
make_sled large 7 source --megabytes 24
snapshot source >"$work/before"
mkdir small fixed
mount -t tmpfs -o size=8m tmpfs small 2>/dev/null || skip 'not permitted to mount'

part 'too little space for the target'
run migrate --raw source small/target
case $status in
4 | 6) expect_failure "$status" '([Ss]pace|room|full)' ;;
*) fail "exit $status" ;;
esac
[ ! -e small/target ] || fail 'a target was published'
expect_unchanged source "$work/before"

run plan --raw source small/target
expect_status 4
expect_out '^refused: .*MB are needed and .* MB are free'
expect_out '^warning: .*is in memory \(tmpfs\)'

part 'with more space the same command succeeds'
mount -o remount,size=200m small
run plan --raw source small/target
expect_status 0
expect_out '^warning: .*is in memory \(tmpfs\)'
run migrate --raw --force source small/target
expect_status 0
run verify source small/target
expect_status 0
rm -r small/target
[ -z "$(ls -A small)" ] || fail "left: $(ls -A small)"

part 'a base: room for each database, but not for all'
mkdir -p base
cp -r source base/first
cp -r source base/second
bytes=$(du -sb source | cut -f 1)
mount -o remount,size=$((bytes * 3 / 4 >> 20))m small
run plan --quick --raw source small/target
expect_status 0
run plan --quick --base base small/installation
expect_status 4
expect_out '^refused: .*MB are needed and .* MB are free'
run migrate --base base small/installation
expect_failure 4 'MB are needed and .* MB are free'
[ -z "$(ls -A small)" ] || fail "left: $(ls -A small)"
rm -r base

part 'space runs out on the way'
mount -o remount,size=200m small
run migrate --raw --no-verify source small/target
expect_status 0
room=$(du -sm small | cut -f 1)
rm -r small/target
mount -o remount,size=$((room - 2))m small # half of the source's files would fit
run plan --raw source small/target
expect_status 4
expect_out '^refused: .*MB are needed and .* MB are free'
mount -o remount,size=$((room + 1))m small
"$MIA" migrate --raw source small/target >"$work/out" 2>"$work/err" &
head -c 6M /dev/zero >small/other # somebody else's file, after the check of free space perhaps
wait $!
status=$?
case $status in
0) ;; # it was there first: the other writer got less
4 | 6) expect_failure "$status" '([Ss]pace|room|full)' ;;
*) fail "exit $status" ;;
esac
[ "$status" = 0 ] || [ ! -e small/target ] || fail 'a target was published'
rm -rf small/*
expect_unchanged source "$work/before"

part 'a rollback without room, and one that runs out of it'
mount -o remount,size=200m small
run rollback --no-verify --json source small/back
expect_status 0
room=$(du -sm small | cut -f 1)
rm -r small/back
mount -o remount,size=8m small
run rollback source small/back
expect_failure 4 '([Ss]pace|room|full)'
run migrate --raw --quiet source database
expect_status 0
mount -o remount,size=$((room + 60))m small # room enough, says the estimate
"$MIA" rollback --no-verify database small/back >"$work/out" 2>"$work/err" &
head -c $((64 << 20)) /dev/zero >small/other 2>/dev/null
wait $!
status=$?
case $status in
0) ;; # it was there first
4 | 6) expect_failure "$status" '([Ss]pace|room|full)' ;;
*) fail "exit $status" ;;
esac
[ "$status" = 0 ] || [ ! -e small/back ] || fail 'a target was published'
[ ! -e small/back.mia-partial ] || fail 'small/back.mia-partial was left'
rm -rf small/* database

part 'a disk without inodes'
mkdir full
mount -t tmpfs -o size=200m,nr_inodes=2 tmpfs full || skip 'not permitted to mount'
touch full/file
run plan --raw source full/target
expect_status 4
expect_out '^refused: .*inodes left for new files'
run migrate --raw source full/target
expect_failure 4 'inodes left for new files'
umount full

part 'a full disk behind stdout'
mount -o remount,size=1m small
"$MIA" dump source >small/dump 2>"$work/err"
status=$?
expect_status 6
expect_err '^mia: dump: cannot write standard output: No space left on device$'
rm small/dump
: >"$work/out"

part 'a read-only disk: reading works, writing is refused'
run migrate --raw --quiet source fixed/database
expect_status 0
mount --bind fixed fixed && mount -o remount,ro,bind fixed || skip 'not permitted to mount'
run migrate --raw source fixed/target
expect_failure 4 'read-only file system'
run plan --quick --raw source fixed/target
expect_status 4
expect_out '^refused: .*read-only file system'
run info fixed/database
expect_status 0
run verify source fixed/database
expect_status 0
umount fixed
mv source fixed/source
mount --bind fixed fixed && mount -o remount,ro,bind fixed
run migrate --raw fixed/source target
expect_status 0
run verify fixed/source target
expect_status 0
expect_unchanged fixed/source "$work/before"
