#!/bin/bash
# memory.sh - a database much larger than the memory the tool may have. What it needs is six batches,
# the page table and the threads' stacks, whatever the size of the database; the maps of the files are
# no memory of that kind.
. "$(dirname "$0")/lib.sh"
need_sled
case ${MIA_SANITIZE:-} in ?*) skip 'a sanitizer needs memory of its own' ;; esac
command -v prlimit >/dev/null || skip 'no prlimit'

part 'make a database of 450 MB'
make_sled large 2 source --megabytes 450
snapshot source >"$work/before"
limit=$((352 << 20))

limited()
{
    run_program prlimit --data=$limit "$MIA" "$@"
    expect_status 0
}

part 'migrate, verify and read it within 352 MiB'
limited migrate --raw --json --batch-bytes 4M source target
content=$(awk -F "[:,]" '/"(key|value)_bytes"/ { sum += $2 } END { printf "%d", sum }' "$work/out")
[ "$content" -gt $((limit + (64 << 20))) ] || fail "the source has only $content bytes"
limited verify source target
limited dump --digest target
cp "$work/out" "$work/digest"
sled_digest source >"$work/wanted"
expect_equal_files "$work/wanted" "$work/digest"
expect_unchanged source "$work/before"

part 'and back to sled within a quarter of that'
limit=$((limit / 4))
limited rollback --no-verify target back
sled_digest back >"$work/digest"
expect_equal_files "$work/wanted" "$work/digest"
rm -r back

part 'too little memory is answered, not died of'
for mebibytes in 1 9 12 16 24; do
    run_program prlimit --data=$((mebibytes << 20)) "$MIA" migrate --raw --batch-bytes 4M target small
    [ "$status" = 0 ] || expect_failure "$status" '(memory|Resource temporarily unavailable)'
    [ "$status" = 0 ] || [ ! -e small ] || fail 'a target was published'
    rm -rf small small.mia-partial
done
expect_unchanged source "$work/before"
