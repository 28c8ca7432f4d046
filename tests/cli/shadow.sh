#!/bin/bash
# shadow.sh - a pair of databases from outside: what its file says, and what can be done by hand
. "$(dirname "$0")/lib.sh"
"$MIA" sample --quiet --records 3000 --seed 4 source || fail 'no sample'

part 'before'
run shadow create pair source target
expect_status 0
run shadow create pair source target
expect_failure 4 'a pair already'
run shadow status pair
expect_status 0
expect_out '^  state +backfilling$'
expect_out '^  primary +sled$'
run shadow status --json pair
expect_status 0
expect_json state=backfilling closed=true raw=false pending=0 switches=0 times_behind=0 copied=0

part 'brought over and compared'
run shadow verify pair
expect_status 0
expect_out '^  state +verified$'
run shadow verify --json pair
expect_status 0
expect_json state=verified records:integer differences.total=0 skipped=0

part 'the other one answers, and follows'
run shadow switch --json pair
expect_status 0
expect_json primary.engine=mdbx secondary.engine=sled switches=1
"$MIA" verify --quiet source target || fail 'not the same'

part 'somebody changes one of them'
"$MIA_TEST_PROGRAMS/alter" target put 7a 61 62 || fail 'nothing changed'
run shadow verify --json pair
expect_status 0
expect_json times_behind=1 state=verified

part 'the end'
run shadow detach pair
expect_status 0
expect_out '^  state +detached$'
run shadow verify pair
expect_failure 4 'detached: open .*target'
run index check target
expect_status 0

part 'what is none'
run shadow status source
expect_failure 4 'no pair'
run shadow other pair
expect_status 2
run shadow create pair source
expect_status 2
run shadow verify --raw pair
expect_status 2
