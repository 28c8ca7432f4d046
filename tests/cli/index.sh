#!/bin/bash
# index.sh - indexes of a migrated database: made, checked, and in nobody's way
. "$(dirname "$0")/lib.sh"
"$MIA" sample --quiet --records 5000 --seed 9 source || fail 'no sample'

part 'made by a migration, unless it is told not to'
run migrate source target
expect_status 0
expect_out '^  indexes +[0-9,]+ entries$'
run index check target
expect_status 0
rm -r target
run migrate --no-index --json source target
expect_status 0
expect_json index_entries=0
run index check target
expect_failure 4 'no index.*mia index rebuild'

part 'made, and sound'
run index rebuild target
expect_status 0
expect_out '^sound: [0-9,]+ records, [0-9,]+ vectors, [0-9,]+ entries$'
expect_no_err
run index check --json target
expect_status 0
expect_json sound=true missing=0 stale=0 records:integer vectors:integer interrupted_moves=0 entries:integer
run index rebuild target
expect_status 0

part 'they are no data'
run verify source target
expect_status 0
run check target
expect_status 0
run rollback target back
expect_status 0
"$MIA" dump --digest source >"$work/wanted"
"$MIA" dump --digest back >"$work/got"
grep -v "^$(printf '%s' structural_index | od -An -tx1 | tr -d ' \n') " "$work/wanted" |
    grep -v "^$(printf '%s' graph_ | od -An -tx1 | tr -d ' \n')" >"$work/wanted.records"
grep -v "^$(printf '%s' structural_index | od -An -tx1 | tr -d ' \n') " "$work/got" |
    grep -v "^$(printf '%s' graph_ | od -An -tx1 | tr -d ' \n')" >"$work/got.records"
cmp -s "$work/wanted.records" "$work/got.records" || fail 'another content'

part 'what is no database of records'
run index check source-that-is-not-there
expect_failure 4 'does not exist'
"$MIA" migrate --quiet --raw source raw || fail 'no migration'
run index rebuild raw
expect_failure 4 'byte for byte'
run index other target
expect_status 2
