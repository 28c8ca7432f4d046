#!/bin/bash
# memory.sh - a database larger than the memory the tool may have: the stated bound is six batches,
# 64 MiB of cache and sled's page table; the map of the target is no memory of that kind
. "$(dirname "$0")/lib.sh"
need_sled
case ${MIA_SANITIZE:-} in ?*) skip 'a sanitizer needs memory of its own' ;; esac
command -v prlimit >/dev/null || skip 'no prlimit'

part 'make a database of 300 MB'
make_sled large 2 source --megabytes 300
snapshot source >"$work/before"
bytes=$(du -sb source | cut -f 1)
limit=$((192 << 20))
[ "$bytes" -gt $((limit + (64 << 20))) ] || fail "the source has only $bytes bytes"

limited()
{
    run_program prlimit --data=$limit "$MIA" "$@"
    expect_status 0
}

part 'migrate, verify and read it within 192 MiB'
limited migrate --raw --batch-bytes 4M source target
limited verify source target
limited dump --digest target
cp "$work/out" "$work/digest"
sled_digest source >"$work/wanted"
expect_equal_files "$work/wanted" "$work/digest"
limited check target
expect_unchanged source "$work/before"

part 'too little memory is answered, not died of'
run_program prlimit --data=$((6 << 20)) "$MIA" migrate --raw source small
[ "$status" != 0 ] && [ "$status" -lt 128 ] || fail "exit $status"
[ ! -e small ] || fail 'a target was published'
expect_unchanged source "$work/before"
