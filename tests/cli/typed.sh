#!/bin/bash
# typed.sh - MIA's records become archives: the migration, what it leaves out, what it refuses, what it
# keeps, and what the real crates make of it
. "$(dirname "$0")/lib.sh"
need_sled

part 'records of all kinds'
make_sled records 7 source
snapshot source >"$work/before"
sled_digest source >"$work/digest"
total=$(wc -l <"$work/digest")
run migrate --json source target
expect_status 0
expect_no_err
expect_json typed=true records:integer left_out_trees=3 left_out_records=2 findings.quarantined=0 \
    findings.respelled=0 findings.key=0 findings.trailing=0 differences.total=0 \
    "verified_records=$((total - 2))" "records=$((total - 2))" \
    "digest=$(sha256sum <"$work/digest" | cut -d ' ' -f 1)"
expect_unchanged source "$work/before"
expect_only source target
run info --json target
expect_status 0
expect_json format=typed quarantined=0

part 'the records, by rkyv in place'
run dump --json target
expect_status 0
grep -v '^{"tree":"notes"' "$work/out" >"$work/mine"
run_program "$MIA_INTEROP/read-archives" target
expect_status 0
expect_equal_files "$work/out" "$work/mine"
run dump --json --tree nodes source
expect_status 0
cp "$work/out" "$work/of-source"
run dump --json --tree nodes target
expect_equal_files "$work/of-source" "$work/out"

part 'check and verify, both ways round'
run check target
expect_status 0
expect_out '^sound: '
run verify source target
expect_status 0
expect_out '^Identical\.$'
run verify --json target source
expect_status 0
expect_json identical=true "records=$((total - 2))" findings.respelled=0

part 'a typed database moves on, and cannot be taken for a raw one'
run migrate --json target again
expect_status 0
expect_json typed=true "records=$((total - 2))"
run verify target again
expect_status 0
run migrate --raw target raw
expect_status 4
expect_err 'without --raw'
expect_only source target again

part 'what is not MIA'"'"'s asks for --raw'
make_sled keys 1 other
run migrate other typed
expect_status 4
expect_err 'nodes, edges and embeddings.*--raw'
expect_only source target again other

part 'a record that does not decode: tree, key, offset, reason'
make_sled odd 1 odd
sled_digest odd >"$work/digest"
run migrate odd odd-target
expect_status 3
expect_err "tree 'edges': key 'bad,cut': edge.from_node: at byte 8: .*--salvage"
expect_only source target again other odd

part 'kept as it was with --salvage, listed, and compared'
run migrate --salvage --json odd odd-target
expect_status 0
expect_json records=11 verified_records=11 findings.quarantined=4 findings.trailing=1 findings.key=1 \
    findings.respelled=4 differences.total=0 first_findings.0.class=quarantined \
    first_findings.0.key=bad,cut "digest=$(sha256sum <"$work/digest" | cut -d ' ' -f 1)"
expect_err "does not decode, kept as it was: tree 'edges' key 'bad,utf8': edge.id: at byte 0"
run info --json odd-target
expect_json quarantined=4
run check odd-target
expect_status 0
run verify odd odd-target
expect_status 0
expect_out '^Identical in all values, not in spelling\.$'
run dump --json --tree edges odd
expect_status 0
grep -c '"problem":' "$work/out" >"$work/problems"
[ "$(cat "$work/problems")" = 4 ] || fail 'four records do not decode'

part 'stopped and resumed'
run migrate --salvage --force --batch-bytes 4K odd odd-target-2
expect_status 0
run verify odd-target odd-target-2
expect_status 0

part 'the way back: records as they were, index trees made anew'
"$MIA" sample --records 3000 --seed 5 sample >"$work/out" || fail 'no sample'
run migrate --quiet sample sample-target
expect_status 0
run rollback --quiet sample-target back
expect_status 0
run verify --json sample back
expect_status 0
expect_json identical=true records=3000 left_out_records=0
run_program "$MIA_INTEROP/mia-sample-check" back
expect_status 0
sled_digest sample | awk '{ print $1, $2 }' >"$work/keys"
sled_digest back | awk '{ print $1, $2 }' >"$work/keys-back"
expect_equal_files "$work/keys" "$work/keys-back"
run rollback --quiet odd-target odd-back
expect_status 0
run verify odd odd-back
expect_status 0
expect_out '^Identical in all values, not in spelling\.$'

hex()
{
    printf '%s' "$1" | od -An -tx1 -v | tr -d ' \n'
}

# alter DB TREE KEY VALUE_HEX
alter()
{
    run_program "$MIA_TEST_PROGRAMS/alter" "$1" put "$(hex "$2")" "$(hex "$3")" "$4"
    expect_status 0
}
edge=$(run get --hex odd "$(hex edges)" "$(hex good)" >/dev/null; od -An -tx1 -v <"$work/out" | tr -d ' \n')
archive=$(run get --hex odd-target "$(hex edges)" "$(hex good)" >/dev/null
    od -An -tx1 -v <"$work/out" | tr -d ' \n')

part 'a damaged archive: named by check, refused by whoever would follow its pointers'
cp -r sample-target damaged
alter damaged edges zzz "$(printf '%s' "$archive" | sed 's/..$/ff/')"
alter damaged nodes zzz 00
run check damaged
expect_status 3
expect_out '^tree edges: key .zzz.: archive: edge\.metadata: at byte [0-9]+: '
expect_out '^tree nodes: key .zzz.: archive: 1 bytes are less than the 95 of the record itself$'
expect_out '^2 problems: '
run verify sample damaged
expect_status 1
expect_out "^does not decode: tree 'edges' key 'zzz' in the target: archive: edge\.metadata: at byte [0-9]+: "
expect_out "^does not decode: tree 'nodes' key 'zzz' in the target: archive: 1 bytes are less"
expect_out '^2 differences\.$'
first=$("$MIA" dump --tree edges sample | head -n 1 | cut -f 2)
alter damaged edges "$first" 00
run verify --report report --content sample damaged
expect_status 1
[ "$(wc -l <report)" = 3 ] || fail 'not three lines'
json --lines report class=undecodable side=target tree:string key:string detail:string \
    value_target_hex:string
grep -qF "\"key\":\"$first\",\"detail\":\"archive: 1 bytes are less" report || fail 'no reason'
grep -qF "\"value_source\":{\"id\":\"$first\"," report || fail 'no record'
rm report
run verify --repair --force sample damaged
expect_status 0
expect_out '^3 differences, all repaired, verified\.$'
run index check damaged
expect_status 0
run check damaged
expect_status 0
alter damaged edges zzz "$(printf '%s' "$archive" | sed 's/..$/ff/')"
alter damaged nodes zzz 00
run migrate damaged not-there
expect_status 3
expect_err 'tree edges: key .zzz.: archive: edge\.metadata'
run dump --json --tree edges damaged
expect_status 0
grep -q '"key":"zzz","value.*"problem":"archive: edge.metadata' "$work/out" || fail 'no problem shown'

part 'archives of another list of records are refused, with advice'
cp -r sample-target other-schema
alter other-schema mia_meta schema 00
run info other-schema
expect_failure 4 'another schema.*made by mia [0-9.]+.*go back to sled'
run migrate other-schema yet-another
expect_status 4

part 'without a mark both formats are tried'
alter unmarked nodes unknown 00
alter unmarked embeddings unknown 00
alter unmarked edges bincode "$edge"
alter unmarked edges rkyv "$archive"
run info --json unmarked
expect_json format=tables
run dump --json --tree edges unmarked
expect_status 0
[ "$(grep -c '"record":{"id":"good","from_node":"msg_1"' "$work/out")" = 2 ] || fail 'not both decoded'
run dump --json --tree nodes unmarked
expect_status 0
grep -q '"problem":"the value is neither bincode nor rkyv: ' "$work/out" || fail 'no problem shown'
