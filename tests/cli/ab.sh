#!/bin/bash
# ab.sh - mia ab from outside: what it prints, its report, its gates, what it refuses, and that
# neither database is touched
. "$(dirname "$0")/lib.sh"
need_sled
few='--operations 600 --rounds 6 --lazy'

part 'make'
run sample --records 1200 sled
expect_status 0
run migrate sled mdbx
expect_status 0
snapshot sled >"$work/sled"
snapshot mdbx | grep -v 'mdbx.lck' >"$work/mdbx"

unchanged()
{
    expect_unchanged sled "$work/sled"
    snapshot mdbx | grep -v 'mdbx.lck' >"$work/now"
    expect_equal_files "$work/mdbx" "$work/now"
    [ -z "$(ls -A "$TMPDIR")" ] || fail "left in TMPDIR: $(ls -A "$TMPDIR")"
}

expect_usage()
{
    expect_status 2
    expect_no_out
    expect_err "^mia: ab: .*$1"
    expect_err '^Try: mia ab --help$'
}

part 'every workload, as text and as JSON'
for workload in read mixed scan graph vector; do
    run ab $few --workload $workload sled mdbx
    expect_status 0
    expect_no_err
    [ $workload = vector ] || expect_out 'all [0-9,]+ answers are equal'
    expect_out '^  median +[0-9.]+ (ns|µs|ms) +[0-9.]+ (ns|µs|ms) +[0-9.]+ (ns|µs|ms) '
    expect_out 'A  sled \(sled 0\.34\.7, on a copy\)'
    run ab $few --json --workload $workload sled mdbx
    expect_status 0
    expect_no_err
    expect_json verdict:string identical=true workload=$workload level=records rounds=6 threads=1 \
        changes.median.ratio:real changes.p99.low:real changes.p999.high:real changes.mean.noise:real \
        changes.median.real:boolean mismatches.value=0 unsteady=0 first_mismatches:array gate:array \
        machine.processor:string sides.a.engine=sled sides.control.engine=sled sides.b.engine=mdbx \
        sides.a.path=sled sides.b.path=mdbx sides.a.latency_ns.median:integer command:string \
        sides.b.latency_ns.p999:integer sides.b.distribution.0.1:real sides.b.rates.0.rate:real
done
unchanged

part 'sled without sled'
run ab $few --sled-files sled mdbx
expect_status 0
expect_out "A  sled \(sled's files by mia's own reader, not by sled\)"
run ab $few --sled-files --workload mixed sled mdbx
expect_failure 4 'sled: writing to a sled database needs the real sled: leave out --sled-files'
unchanged

part 'the same seed, the same operations'
run ab $few --json --seed 9 --keys sled mdbx
cp "$work/out" "$work/first"
run ab $few --json --seed 9 --threads 3 --skew 0.99 sled mdbx
expect_status 0
expect_json threads=3 seed=9 lazy=true identical=true

part 'pairs of bytes'
run migrate --raw sled raw
expect_status 0
run ab $few --json --workload scan sled raw
expect_status 0
expect_json level=pairs identical=true
run ab $few raw mdbx
expect_failure 4 "they are not two forms of the same content"

part 'a gate'
run ab $few --quiet --gate median=1000,p99=1000,p99.9=1000,mean=1000 sled mdbx
expect_status 0
expect_no_out
run ab $few --json --gate median=0.0001 mdbx mdbx # over the limit, and nothing that differs
expect_status 0
expect_json gate.0.measure=median gate.0.exceeded=false 'gate.0.answer=over, but within noise'
run ab --operations 6000 --rounds 12 --gate median=0.001 --sled-files mdbx sled # many times slower
expect_status 1
expect_out '^  gate: median [0-9.]+, limit 0.001: exceeded$'
for wrong in p98=1 median median= =1 median=x median=-1 median=0 median=inf median=1, , \
    median=1,,p99=1 'median= 1'; do
    run ab --gate "$wrong" sled mdbx
    expect_usage 'is no list of limits'
done

part 'other answers'
key=$("$MIA" dump mdbx --tree edges | cut -f 2 | sed -n 20p)
run_program "$MIA_TEST_PROGRAMS/alter" mdbx del 6564676573 "$(printf %s "$key" | od -An -tx1 | tr -d ' \n')"
expect_status 0
run ab --operations 20000 --rounds 6 --sled-files --json --html report.html sled mdbx
expect_status 1
expect_no_err
expect_json identical=false mismatches.only_b=0 mismatches.value=0 mismatches.list=0 \
    first_mismatches.0.class=only_a first_mismatches.0.kind=get first_mismatches.0.a=MIA_OK \
    first_mismatches.0.b=MIA_NOTFOUND 'first_mismatches.0.key!'
! grep -q "$key" report.html "$work/out" || fail 'the report shows a key that nobody asked for'
run ab --operations 20000 --rounds 6 --sled-files --keys --html report.html sled mdbx
expect_status 1
expect_out "^B's answers differ from A's: [0-9,]+ of [0-9,]+\."
expect_out "tree 'edges' key '$key': A MIA_OK, B MIA_NOTFOUND"
grep -q "$key" report.html || fail 'the report lacks a key that was asked for'

part 'a report, and names that try to break out of it'
mv sled 'a<script>alert(1)<&"'"'"
run ab $few --sled-files --html report.html --json 'a<script>alert(1)<&"'"'" 'a<script>alert(1)<&"'"'"
expect_status 0
cp "$work/out" "$work/wanted"
[ "$(grep -o '<script' report.html | wc -l)" = 1 ] || fail 'a name became a script'
sed -n 's/.*<script type="application\/json" id="data">\(.*\)<\/script>.*/\1/p' report.html >"$work/inside"
json "$work/inside" identical=true 'sides.a.path=a<script>alert(1)<&"'"'"
! grep -qiE '(src|href)="?(https?:)?//|@import|url\(' report.html || fail 'the report fetches something'
mv 'a<script>alert(1)<&"'"'" sled
run ab $few --html nowhere/report.html mdbx mdbx
expect_failure 6 'cannot write the report nowhere/report.html'

part 'a trace'
run_program "$MIA_TEST_PROGRAMS/../examples/trace" program
expect_status 0
for how in '' --pace '--speed 1000' '--threads 2'; do
    run ab --json --lazy --trace program.trace $how sled mdbx
    expect_status 0
    expect_no_err
    expect_json workload=trace identical=true trace_torn_at=0 writes=true
done
run ab --trace mdbx/mdbx.dat sled mdbx
expect_failure 4 'mdbx.dat is no trace'
run ab --trace program.trace raw raw
expect_failure 4 "program.trace was recorded of a store of MIA's records"
head -c $(($(stat -c %s program.trace) - 3)) program.trace >torn.trace
run ab --lazy --trace torn.trace --html torn.html sled mdbx
expect_status 0
expect_err '^mia: ab: the recording of torn.trace was cut off by a crash: nothing behind byte [0-9]+ was used$'
grep -q 'cut off by a crash' torn.html || fail 'the report does not say so'
expect_unchanged sled "$work/sled"

part 'wrong usage'
for wrong in '--workload fast' '--skew -1' '--skew 5' '--skew x' '--rounds 5' '--rounds 61' '--threads 0' \
    '--operations 5' '--records 0' '--pace' '--speed 2' '--trace t --pace --speed 2' '--trace t --workload read' \
    '--progress --quiet'; do
    run ab $wrong sled mdbx
    expect_usage ''
done
run ab sled
expect_usage '2 arguments are needed'
run ab sled nothing
expect_failure 4 'nothing does not exist'
run ab --workload mixed --scratch nowhere mdbx mdbx
expect_failure 4 'nowhere'
mkdir empty
run ab empty mdbx
expect_failure 4 'empty'

part 'Ctrl-C, to the tool alone and to its whole group'
for whom in '' -; do
    last_command='mia ab, interrupted'
    setsid env --default-signal=INT "$MIA" ab --operations 5000000 --sled-files sled mdbx >"$work/out" 2>"$work/err" &
    sleep 1
    kill -INT $whom$!
    wait $!
    status=$?
    expect_status 5
    expect_no_out
    expect_err '^mia: ab: stopped; neither database was changed$'
    [ -z "$(ls -A "$TMPDIR")" ] || fail "left in TMPDIR: $(ls -A "$TMPDIR")"
done
