#!/bin/bash
# schema.sh VECTORS - the JSON Schema of mia schema, by another program's reading: recorded records
# and dumped ones are what it says, and what is no record is not
vectors=$(realpath "$1")
checker=$(realpath "$(dirname "$0")/schema_check.py")
. "$(dirname "$0")/lib.sh"

if ! python3 -c 'import jsonschema' 2>/dev/null; then
    [ -z "${CI:-}" ] || fail 'python3-jsonschema is not installed: run tools/bootstrap.sh test'
    skip 'no python3-jsonschema'
fi

part 'the schema'
run schema --json
expect_status 0
expect_no_err
cp "$work/out" "$work/schema.json"
run_program python3 "$checker" schema "$work/schema.json"
expect_status 0

part 'the recorded records'
run_program python3 "$checker" accept json "$work/schema.json" "$vectors"
expect_status 0
expect_out '^[2-9][0-9]{2} records$'

part 'what is no record'
run_program python3 "$checker" refuse json "$work/schema.json" "$vectors"
expect_status 0
expect_out '^[0-9]{3,} wrong records$'

part 'the records of a migrated database'
run sample --quiet --records 2000 --seed 3 sample
expect_status 0
run migrate --quiet sample target
expect_status 0
run dump --json target
expect_status 0
cp "$work/out" "$work/dump"
run_program python3 "$checker" accept record "$work/schema.json" "$work/dump"
expect_status 0
expect_out '^[0-9]{3,} records$'
expect_only sample target
