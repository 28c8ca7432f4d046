#!/bin/sh
# demo.sh MIA [RECORDS] - makes a sled database with the real sled, moves it to libmdbx and proves
# that every record arrived. Works in demo/, which it makes anew. Exits non-zero if anything differs.
set -eu
cd "$(dirname "$0")/.."
mia=$1
records=${2:-100000}
sled=demo/sample.sled
mdbx=demo/sample.mdbx

bold='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$(printf '\033[1m') green=$(printf '\033[1;32m') red=$(printf '\033[1;31m') plain=$(printf '\033[0m')
fi

# Shows a command of the tool as one would type it, and runs it.
run()
{
    printf '\n%s$ mia %s%s\n' "$bold" "$*" "$plain"
    "$mia" "$@"
}

size_of()
{
    du -sb "$1" | awk '{ printf "%.1f MB", $1 / 1e6 }'
}

digest_of()
{
    "$mia" dump --digest "$1" >"$2"
    sha256sum <"$2" | cut -d ' ' -f 1
}

rm -rf demo
mkdir demo
began=$(date +%s)

run sample --records "$records" "$sled"
run migrate --raw "$sled" "$mdbx"
run verify "$sled" "$mdbx"
run info "$mdbx"

printf '\n%s$ mia dump --digest ... | sha256sum%s   one line a record: tree, key, SHA-256 of the value\n' "$bold" "$plain"
sled_digest=$(digest_of "$sled" demo/sled.digest)
mdbx_digest=$(digest_of "$mdbx" demo/mdbx.digest)
printf '  %s  %s\n  %s  %s\n' "$sled_digest" "$sled" "$mdbx_digest" "$mdbx"

compared=$(wc -l <demo/mdbx.digest)
printf '\n  sled %s -> libmdbx %s, %s records, %s s in all\n' \
    "$(size_of "$sled")" "$(size_of "$mdbx")" "$compared" "$(($(date +%s) - began))"
if [ "$sled_digest" = "$mdbx_digest" ] && [ "$compared" -eq "$records" ]; then
    printf '  %sThe same: every tree, key and value of sled is in libmdbx.%s\n' "$green" "$plain"
    printf '  Look around: %s get|dump|info|check %s\n' "$mia" "$mdbx"
else
    printf '  %sNOT the same: compare demo/sled.digest with demo/mdbx.digest.%s\n' "$red" "$plain"
    exit 1
fi
