#!/bin/bash
# usage.sh - help, version, wrong usage: what the tool answers without any database
. "$(dirname "$0")/lib.sh"

commands='plan migrate salvage verify rollback status cutover finish info dump get check index shadow ab sample help version'

part 'help of every command'
for command in $commands; do
    run "$command" --help
    expect_status 0
    expect_no_err
    expect_out "^Usage: mia $command "
    expect_out '^Examples:$'
    expect_out "^  mia $command"
    expect_out '^  --json '
    expect_out '^Exit codes:$'
    expect_out '^   0  '
    expect_out '^  70  '
    cp "$work/out" "$work/help"
    run help "$command"
    expect_status 0
    expect_equal_files "$work/help" "$work/out"
    run "$command" -h
    expect_status 0
    expect_equal_files "$work/help" "$work/out"
    [ "$(wc -L <"$work/out")" -le 100 ] || fail 'help is wider than 100 columns'
done

part 'overview'
run --help
expect_status 0
expect_no_err
for command in $commands; do expect_out "^  $command "; done
cp "$work/out" "$work/help"
run help
expect_status 0
expect_equal_files "$work/help" "$work/out"
run
expect_status 2
expect_no_out
expect_equal_files "$work/help" "$work/err"
run help --json
expect_status 0
expect_json commands:array commands.0.name=plan commands.1.name=migrate commands.0.summary:string commands.18.name=version

part 'version'
run --version
expect_status 0
expect_no_err
expect_out '^mia [0-9]+\.[0-9]+\.[0-9]+ \(engines: mdbx'
cp "$work/out" "$work/version"
run version
expect_equal_files "$work/version" "$work/out"
run --version --json
expect_status 0
expect_json version:string engines.0=mdbx

part 'unknown commands'
for typo in migarte:migrate verfy:verify inf:info dmp:dump chekc:check smaple:sample verison:version; do
    run "${typo%:*}" x
    expect_status 2
    expect_no_out
    expect_err "^mia: unknown command '${typo%:*}'; did you mean '${typo#*:}'\?$"
done
run frobnicate
expect_status 2
expect_err "^mia: unknown command 'frobnicate'$"
run help chekc
expect_status 2
expect_err "did you mean 'check'"

# wrong REGEX ARGUMENT...: exit 2, the message, and where to read on; then the same in JSON.
wrong()
{
    local pattern=$1
    shift
    run "$@"
    expect_status 2
    expect_no_out
    expect_err "^mia: $1: .*$pattern"
    expect_err "^Try: mia $1 --help$"
    run "$1" --json "${@:2}"
    expect_status 2
    expect_json error.exit=2 error.command="$1" error.status=MIA_ERR_INVALID error.message:string
}

part 'wrong number of arguments'
wrong '2 arguments are needed \(SOURCE TARGET\), 0 given' migrate --raw
wrong '2 arguments are needed \(SOURCE TARGET\), 1 given' verify a
wrong "'c' is one argument too many" migrate --raw a b c
wrong '1 arguments? (is|are) needed \(DB\), 0 given' info
wrong '3 arguments are needed' get a b
wrong "'b' is one argument too many" check a b
wrong "'x' is one argument too many" version x

part 'wrong options'
wrong "unknown option '--rwa'; did you mean '--raw'" migrate --rwa a b
wrong "unknown option '--zzzzzzzz'" migrate --zzzzzzzz a b
wrong "unknown option '-x'" dump -x a
wrong "option '--tree' needs an argument" dump a --tree
wrong "option '--raw=yes' takes no argument" migrate --raw=yes a b
wrong '--resume .*--force' migrate --raw --resume --force a b
wrong '--progress .*--quiet' migrate --raw --quiet --progress a b
wrong 'exclude' dump --tree a --tree-hex 61 db
wrong 'hexadecimal' dump --tree-hex 6 db
wrong 'hexadecimal' dump --tree-hex zz db
wrong 'hexadecimal' get --hex db 61 6
wrong '--digest' dump --digest --tree a db
wrong '2 arguments are needed \(SOURCE SLED_DIR\)' rollback a
wrong 'powers of two' rollback --segment-size 1000 a b
wrong '--segment-size: .* is out of range: 256 to 16777216' rollback --segment-size 32M a b
wrong '--compress: .* is out of range: 1 to 22' rollback --compress 23 a b
wrong '--progress .*--quiet' rollback --quiet --progress a b

part 'numbers'
for number in '' -1 +5 ' 5' 0x10 5.0 5KB 5k 99999999999999999999 18446744073709551615K 17592186044416M; do
    wrong "--batch-bytes: '.*' is not a number of bytes" migrate --raw "--batch-bytes=$number" a b
done
for number in 0 1 4095 2G 1025M 99999999999999; do
    wrong '--batch-bytes: .* is out of range: 4096 to 1073741824' migrate --raw --batch-bytes "$number" a b
done
wrong '--records: 0 is out of range' sample --records 0 d
wrong "--records: '10K' is not a number" sample --records 10K d
wrong "--seed: 'x' is not a number" sample --seed x d
expect_only

part 'options stand anywhere, and -- ends them'
run migrate absent target --raw
expect_status 4
run info -- --json
expect_failure 4 '--json does not exist'

part 'help is data: a full disk is reported'
"$MIA" migrate --help >/dev/full 2>"$work/err"
status=$?
expect_status 6
expect_err '^mia: migrate: cannot write standard output: No space left on device$'
