#!/bin/bash
# salvage.sh - what a person sees who saves what is left of a damaged sled database
. "$(dirname "$0")/lib.sh"
"$MIA" sample --quiet --records 20000 --seed 4 whole || fail 'no sample'

part 'a sound database: everything, exit 0'
run salvage whole target
expect_status 0
expect_out '^Migrated whole to target, verified\.$'
"$MIA" dump --digest whole >"$work/wanted"
"$MIA" dump --digest target | cmp - "$work/wanted" || fail 'another content'
rm -r target

part 'some bytes in the middle'
cp -r whole broken
head -c 100 /dev/urandom | dd of=broken/db bs=1 seek=2000000 conv=notrunc 2>/dev/null
snapshot broken >"$work/before"
run migrate --raw broken target
expect_failure 3 'damaged.*salvage'
run salvage broken target
expect_status 3
expect_out '^Salvaged what is left of broken to target, verified\.$'
expect_err 'bytes that cannot be read: db, [0-9]+ at byte [0-9]+'
expect_err "keys that no page is left of: tree '[a-z]+' from '[^']*' to before '[^']*'"
snapshot broken >"$work/after"
cmp -s "$work/before" "$work/after" || fail 'the source was changed'
"$MIA" dump --digest target >"$work/got"
comm -13 "$work/wanted" "$work/got" >"$work/false"
[ ! -s "$work/false" ] || fail "false records: $(head -3 "$work/false")"
lost=$(comm -23 "$work/wanted" "$work/got" | wc -l)
[ "$lost" -gt 0 ] && [ "$lost" -lt 200 ] || fail "$lost records are lost"

part 'a sound sled database again'
run rollback target mended
expect_status 0
"$MIA" dump --digest mended | cmp - "$work/got" || fail 'another content'
rm -r target mended

part 'as JSON, typed'
run migrate --salvage --json --quiet broken target
expect_status 3
expect_json salvaged=true typed=true all_losses.0.class=bytes
run check target
expect_status 0
rm -r target

part 'without conf'
cp -r whole bare
rm bare/conf
run migrate --raw bare target
expect_failure 4 'no database'
run salvage bare target
expect_status 3
expect_err 'conf: segment size and compression were told by the log'
"$MIA" dump --digest target | cmp - "$work/wanted" || fail 'another content'
rm -r target

part 'nothing is left'
mkdir empty
head -c 100000 /dev/zero >empty/db
run salvage empty target
expect_failure 3 'nothing of a sled database is left'
[ ! -e target ] || fail 'a target of nothing'
