#!/bin/sh
# without_sled.sh - the build without MIA_WITH_SLED has nothing of the sled crate in it
: "${MIA:?the path of the tool}"
names=$(nm -C "$MIA" | grep -cE ' (sled|<sled)::')
native=$(nm -C "$MIA" | grep -c mdbx_env_open)
[ "$native" -gt 0 ] || { echo "no symbol of libmdbx found: the check is blind"; exit 2; }
[ "$names" -eq 0 ] || { echo "$MIA has $names symbols of the sled crate"; exit 1; }
