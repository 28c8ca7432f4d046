#!/bin/sh
# bootstrap.sh [build|test|bench|format] - installs what is missing, and only that, on Debian and its
# kin: what `make build` needs (default), what `make test` or `make bench` need on top, or clang-format.
# Says what it does in one line; says nothing when nothing is missing. Without apt or the right to
# use it, prints what to install and exits 1.
set -u
group=${1:-build}
here=$(cd "$(dirname "$0")" && pwd)
missing=""
wanted="" # tests that need it are skipped without it

have()
{
    command -v "$1" >/dev/null 2>&1
}

# need PACKAGES CONDITION...: the packages are missing unless the condition holds.
need()
{
    packages=$1
    shift
    "$@" || missing="$missing $packages"
}

want()
{
    packages=$1
    shift
    "$@" || wanted="$wanted $packages"
}

# The C library's headers are a package apart from the compiler.
compiles()
{
    have "$1" && echo '#include <stdio.h>' | "$1" -fsyntax-only -x c - 2>/dev/null
}

# For the vector graph, and for the test `headers`.
compiles_cxx()
{
    have c++ && echo '#include <vector>' | c++ -fsyntax-only -x c++ - 2>/dev/null
}

cmake_is_recent()
{
    have cmake || return 1
    version=$(cmake --version | sed -n '1s/[^0-9]*\([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    # shellcheck disable=SC2086
    set -- $version
    [ "$1" -gt 3 ] || { [ "$1" -eq 3 ] && [ "$2" -ge 25 ]; }
}

have_rust()
{
    "$here/find-cargo.sh" >/dev/null
}

# libclang is loaded at run time by the generator of mdbx-sys's bindings, from wherever it is.
have_libclang()
{
    [ -n "${LIBCLANG_PATH:-}" ] && return 0
    for library in /usr/lib/llvm-*/lib/libclang.so /usr/lib/*/libclang.so /usr/lib/libclang.so \
        /usr/lib64/libclang.so /usr/local/lib/libclang.so; do
        [ -e "$library" ] && return 0
    done
    return 1
}

# cargo reads the registry through them.
have_certificates()
{
    [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -n "${SSL_CERT_FILE:-}" ]
}

have_package()
{
    have pkg-config && pkg-config --exists "$1"
}

has_jsonschema()
{
    have python3 && python3 -c 'import jsonschema' 2>/dev/null
}

# It opens the reports of mia ab.
has_chromium()
{
    have chromium || have chromium-browser || have google-chrome
}

# The fuzzers' clang, whose sanitizers and libFuzzer are a package apart, named by the version.
has_libfuzzer()
{
    have clang && echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
        clang -fsanitize=fuzzer,address -x c - -o /dev/null 2>/dev/null
}

fuzzer_packages()
{
    version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p')
    echo "clang libclang-rt-${version:-14}-dev"
}

case $group in
build | test | bench)
    need "gcc libc6-dev" compiles "${CC:-cc}"
    need g++ compiles_cxx
    need cmake cmake_is_recent
    need ninja-build have ninja
    need pkg-config have pkg-config
    need libssl-dev have_package "libcrypto >= 3"
    need libdeflate-dev have_package "libdeflate >= 1.8"
    need libzstd-dev have_package "libzstd >= 1.4"
    need libjansson-dev have_package "jansson >= 2.13"
    need libclang-dev have_libclang
    need "rustc-web cargo-web" have_rust
    need ca-certificates have_certificates
    ;;
format)
    need clang-format have clang-format
    ;;
*)
    echo "usage: tools/bootstrap.sh [build|test|bench|format]" >&2
    exit 2
    ;;
esac
[ "$group" = bench ] && need python3 have python3
if [ "$group" = test ]; then
    need libcmocka-dev have_package cmocka
    need python3-jsonschema has_jsonschema
    need "$(fuzzer_packages)" has_libfuzzer
    want chromium has_chromium
fi
[ -z "$missing$wanted" ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root="env"
elif have sudo && sudo -n true 2>/dev/null; then
    as_root="sudo -n env"
else
    as_root=""
fi
if ! have apt-get || [ -z "$as_root" ]; then
    have apt-get && why="no right to install packages" || why="this is no Debian"
    [ -z "$wanted" ] || echo "bootstrap: $why; tests that need$wanted are skipped" >&2
    [ -n "$missing" ] || exit 0
    echo "bootstrap: $why. Install these (names as in Debian 12), then run make again:" >&2
    echo "    apt-get install$missing" >&2
    exit 1
fi

# Nothing of the machine's is removed: Debian's plain rustc and rustup exclude rustc-web.
echo "bootstrap: installing what the ${group} needs:$missing$wanted" >&2
apt="$as_root DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
{
    $apt update || echo "bootstrap: the package lists could not be renewed; going on with the old ones"
    [ -z "$missing" ] || $apt install --no-install-recommends --no-remove $missing
} >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    echo "bootstrap: apt-get failed. Run this yourself to see why, then run make again:" >&2
    echo "    apt-get install$missing" >&2
    exit 1
}
# shellcheck disable=SC2086
[ -z "$wanted" ] || $apt install --no-install-recommends --no-remove $wanted >"$log" 2>&1 </dev/null ||
    echo "bootstrap: these could not be installed; tests that need them are skipped:$wanted" >&2
if [ "$group" != format ] && ! have_rust; then
    echo "bootstrap: a working Rust 1.85 or later is still missing" >&2
    exit 1
fi
