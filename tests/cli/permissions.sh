#!/bin/bash
# permissions.sh - as a user who may not read the source, or not write where the target shall be
. "$(dirname "$0")/lib.sh"
need_sled
[ "$(id -u)" = 0 ] || skip 'needs root, to become nobody'
setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null || skip 'cannot become nobody'
make_sled mixed 9 source
snapshot source >"$work/before"
chmod 755 "$work" "$work/run"
chmod 1777 "$TMPDIR"
cp "$MIA" "$work/mia" || fail 'cannot copy the tool' # its own folder may be closed to others
chmod 755 "$work/mia"

as_nobody()
{
    run_program setpriv --reuid 65534 --regid 65534 --clear-groups "$work/mia" "$@"
}

part 'the target may not be made'
as_nobody migrate --raw source target
expect_failure 4 'cannot be written to \(permissions'
as_nobody rollback source target
expect_failure 4 'cannot be written to \(permissions'

part 'the source may not be read'
mkdir -m 777 open
chmod 600 source/db
as_nobody migrate --raw source open/target
expect_failure 4 'Permission denied'
as_nobody info source
expect_failure 4 'Permission denied'
chmod 644 source/db
chmod 700 source
as_nobody migrate --raw source open/target
expect_failure 4 'Permission denied'
[ -z "$(ls -A open)" ] || fail "left: $(ls -A open)"
chmod 755 source

part "somebody else's source, read only: migration works"
snapshot source >"$work/before"
as_nobody migrate --raw source open/target
expect_status 0
[ "$(stat -c %u open/target)" = 65534 ] || fail 'the target belongs to somebody else'
as_nobody verify source open/target
expect_status 0
expect_unchanged source "$work/before"

part 'a target of somebody else: libmdbx must write to its lock file, and says so'
chown -R root open/target
chmod 755 open/target
chmod 644 open/target/*
as_nobody dump --digest open/target
expect_failure 4 'permission'

part 'the report may not be written'
as_nobody verify --report forbidden source source
expect_failure 6 'forbidden.*Permission denied'
