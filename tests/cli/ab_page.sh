#!/bin/bash
# ab_page.sh PAGE_CHECK - the report of mia ab in a real Chromium: tests/ab/page.py says what is looked at
. "$(dirname "$0")/lib.sh"
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
    skip 'there is no Chromium, and tools/bootstrap.sh test could not install it'

run sample --records 1000 sled
expect_status 0
run migrate sled mdbx
expect_status 0

# Reports with everything in them: a gate, several kinds of operations, answers that differ.
part 'reads'
run ab --operations 1200 --sled-files --html read.html --gate median=1.1,p99.9=2 sled mdbx
[ $status -le 1 ] || fail 'no report'
run_program python3 "$1" read.html
expect_status 0
expect_out '^phone: least contrast'

# A check that finds nothing wrong anywhere would find nothing here either.
planted()
{
    part "planted: $1"
    sed "$2" read.html >planted.html
    ! cmp -s read.html planted.html || fail 'nothing was planted'
    MIA_LOOK=phone run_program python3 "$page" planted.html
    expect_status 1
    expect_out "^WRONG .*$3"
}
page=$1
planted 'text that is hard to read' 's/--quiet: #545d68/--quiet: #b0b0b0/' 'contrast [0-9.]+ of'
planted 'a page that is too wide' 's/<main>/<main><p style="width: 500px">x<\/p>/' 'px wide in'
planted 'something from the network' \
    's/<meta http-equiv[^>]*>//; s/<main>/<main><img alt="" src="http:\/\/127.0.0.1:9\/x.png">/' 'asked for'
planted 'a curve that is none' 's/class="curve side-b" d="[^"]*"/class="curve side-b" d="M1 1"/' 'long enough'
planted 'data that does not agree' 's/"operations":[0-9]*/"operations":1/' 'how many operations'

part 'writes, and answers that differ'
key=$("$MIA" dump mdbx --tree nodes | cut -f 2 | sed -n 20p)
cp -r mdbx other
run_program "$MIA_TEST_PROGRAMS/alter" other del 6e6f646573 "$(printf %s "$key" | od -An -tx1 | tr -d ' \n')"
expect_status 0
run ab --operations 12000 --lazy --workload mixed --keys --html mixed.html mdbx other
expect_status 1
run_program python3 "$1" mixed.html
expect_status 0
