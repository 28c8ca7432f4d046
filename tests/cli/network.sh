#!/bin/bash
# network.sh - network file systems are refused for the target, where maps and locks are not reliable
. "$(dirname "$0")/lib.sh"
need_sled
case ${MIA_SANITIZE:-} in ?*) skip 'a sanitizer must be the first library' ;; esac
make_sled mixed 2 source

part 'a target on NFS, as statfs tells it'
last_command='mia migrate, with statfs answering NFS'
LD_PRELOAD=$MIA_TEST_PROGRAMS/libpretend-nfs.so "$MIA" migrate --raw source target \
    >"$work/out" 2>"$work/err"
status=$?
expect_failure 4 '(network|NFS)'
expect_only source
