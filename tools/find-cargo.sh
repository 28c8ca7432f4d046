#!/bin/sh
# Prints the path of the first cargo that works, together with the rustc beside it, and is 1.85 or
# later; exit 1 when there is none. What is tried: PATH, ~/.cargo/bin, /usr/bin. (A rustup wrapper
# without a toolchain behind it is found in PATH but does not work; Debian's plain cargo is too old.)
least=85 # of 1.x: mdbx-sys is edition 2024

try()
{
    [ -x "$1/cargo" ] && [ -x "$1/rustc" ] || return 1
    for tool in cargo rustc; do
        version=$("$1/$tool" --version 2>/dev/null) || return 1
        minor=$(expr "$version" : "$tool 1\.\([0-9]*\)\.") || return 1
        [ "$minor" -ge "$least" ] || return 1
    done
    echo "$1/cargo"
}

IFS=:
for folder in $PATH ${HOME:+"$HOME/.cargo/bin"} /usr/bin; do
    try "$folder" && exit 0
done
exit 1
