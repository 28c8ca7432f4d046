#!/bin/bash
# docs.sh DOCUMENT...: every command of these documents does what they say, and every option that they
# name exists
scripts=$(realpath "$(dirname "$0")")
. "$(dirname "$0")/lib.sh"
need_sled
python3 -c '' 2>/dev/null || skip 'no python3'
run_program python3 "$scripts/docs_check.py" "$MIA" "$@"
[ "$status" = 0 ] || fail 'a document does not say what is'

part 'the program of the guide is the one that is compiled'
for document; do
    case $document in *leaving-sled.md) ;; *) continue ;; esac
    sed -n '/^```c$/,/^```$/{/^```/d;p}' "$document" >"$work/shown"
    expect_equal_files "$work/shown" "$scripts/guide_reader.c"
done
