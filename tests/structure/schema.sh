#!/bin/sh
# schema.sh PRINTER HEADER - the printed header is what the list of records says.
"$1" header | diff -u "$2" - || {
    echo "$2 is not current: run make schema"
    exit 1
}
