# SPDX-License-Identifier: LGPL-3.0-or-later
# Sourced by every script here: where things are, which versions, and how to speak.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

OUT=${OUT:-build}          # everything made from this repository
CACHE=${CACHE:-cache}      # everything downloaded
mkdir -p "$OUT" "$CACHE" || { echo "${0##*/}: cannot write in $PWD; use a clone of your own" >&2; exit 1; }
OUT=$(realpath "$OUT")
CACHE=$(realpath "$CACHE")
JOBS=${JOBS:-$(nproc)}

XEN_VERSION=4.17.5+72-g01140da4e8-1
SEABIOS_VERSION=1.16.2-1
XEN_TOOLS=4.17             # the folder of Debian's Xen tools, /usr/lib/xen-4.17
XEN_SRC=${XEN_SRC:-$CACHE/src/xen-$XEN_VERSION}
SEABIOS_SRC=${SEABIOS_SRC:-$CACHE/src/seabios-$SEABIOS_VERSION}

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# logged LOG CAUSE COMMAND...: runs COMMAND quietly; a failure shows the errors and the end of LOG, names it and says the likely CAUSE.
logged() {
    local log=$1 cause=$2
    shift 2
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 && return
    { grep -m 10 -e 'error:' -e '\*\*\*' "$log" || true; tail -n 5 "$log" || true; } >&2
    die "failed; the whole output is in $log. Likely cause: $cause"
}

# install_if_changed FILE TARGET: copies FILE over TARGET unless they are equal already, so that make sees only real changes.
install_if_changed() {
    cmp -s "$1" "$2" && return
    mkdir -p "$(dirname "$2")"
    rm -f "$2"
    cp "$1" "$2"
}

# linux_version: Debian's newest kernel here, used for dom0 and for the demonstration guest.
linux_version() {
    local kernel
    kernel=$(ls -v /boot/vmlinuz-*-amd64 2>/dev/null | tail -n 1)
    [ -n "$kernel" ] || die "no Debian kernel in /boot: run scripts/install-packages"
    echo "${kernel#/boot/vmlinuz-}"
}

# copy FILE [TARGET [MODE]]: into the tree $root of an image, by the same path unless told otherwise.
copy() { install -D -m "${3:-644}" "$1" "$root${2:-$1}"; }

# copy_program FILE [TARGET]: with the libraries that it needs.
copy_program() {
    copy "$1" "${2:-$1}" 755
    { ldd "$1" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r library; do copy "$library" "$library" 755; done || true
}
