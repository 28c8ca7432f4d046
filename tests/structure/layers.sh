#!/bin/sh
# layers.sh - every #include "folder/..." below src/ is one that src/LAYERS allows, and every
# quoted include names its folder (so that no file escapes the check by a relative path).
cd "$(dirname "$0")/../../src" || exit 2
bad=0

unnamed=$(grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' . |
    grep -vE '"([a-z_]+/)+[a-z0-9_]+\.(h|def)"|"mia_native\.h"')
if [ -n "$unnamed" ]; then
    echo "$unnamed"
    echo 'write #include "folder/file.h"'
    bad=1
fi

# One line per include: folder, included folder, place. mia_native.h stands for its folder.
includes=$(grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' . |
    sed -nE 's|"mia_native\.h"|"native/mia_native.h"|
             s|^\./([a-z_]+)/([^:]*:[0-9]+):.*"([a-z_]+)/.*|\1 \3 src/\1/\2|p')
[ -n "$includes" ] || { echo "no #include found below src/: the check is blind"; exit 2; }
echo "$includes" | awk '
    NR == FNR { if (/^[a-z]/) { sub(":", ""); ok[$1, $1] = 1; for (i = 2; i <= NF; i++) ok[$1, $i] = 1 } next }
    !ok[$1, $2] { print $3 ": " $1 " may not include " $2; bad = 1 }
    END { exit bad }' LAYERS - || bad=1
exit $bad
