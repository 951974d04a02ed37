#!/usr/bin/env bash
# Builds the last commit twice, from nothing, in two places of different length, and compares the binaries: deploy/reproduce.sh
# Takes as long as two release builds and three gigabytes meanwhile. Its last line says whether they are one, with the checksum;
# it fails where they are not. The same words of cargo, compiler and C compiler are needed for the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
# What the paths of this machine are called in both.
home=${CARGO_HOME:-$HOME/.cargo}

build() {
    local place=$work/$1
    mkdir -p "$place"
    git archive HEAD | tar -x -C "$place"
    echo "reproduce: building in $place" >&2
    (
        cd "$place"
        export CARGO_TARGET_DIR=$place/target CARGO_INCREMENTAL=0
        export RUSTFLAGS="--remap-path-prefix=$place=/source --remap-path-prefix=$home=/cargo"
        export CFLAGS="-ffile-prefix-map=$place=/source -ffile-prefix-map=$home=/cargo"
        cargo build --release --locked --quiet
    )
    cp "$place/target/release/holdspace" "$work/$2"
    rm -rf "$place"
}

build a first
build another-place-with-a-longer-name second
sum=$(sha256sum "$work/first" | cut -d ' ' -f 1)
if cmp "$work/first" "$work/second"; then
    echo "reproduce: two builds of $(git rev-parse --short HEAD) are one: $sum"
else
    echo "reproduce: two builds of $(git rev-parse --short HEAD) differ" >&2
    exit 1
fi
