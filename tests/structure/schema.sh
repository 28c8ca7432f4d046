#!/bin/sh
# schema.sh PRINTER FOLDER - the printed headers in FOLDER are what the list of records says.
bad=0
for name in records view view_inline; do
    "$1" "$name" | diff -u "$2/$name.h" - || {
        echo "$2/$name.h is not current: run make schema"
        bad=1
    }
done
exit $bad
