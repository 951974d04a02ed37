#!/usr/bin/env bash
# Prints where axe-core lies, which judges whether everybody can use a page; fetches it where it is missing.
#
# One version, checked against the digest written here, kept in the user's cache and never in the repository.
# With --check it only looks.
set -euo pipefail

version=4.14.1
digest=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
cache=${XDG_CACHE_HOME:-$HOME/.cache}/holdspace
file=$cache/axe-core-$version.min.js

if [[ ! -s $file ]]; then
    if [[ ${1-} == --check ]]; then
        echo "axe-core is missing: run tests/run, which fetches it" >&2
        exit 1
    fi
    mkdir -p "$cache"
    fresh=$(mktemp -d "$cache/axe-core.XXXXXX")
    trap 'rm -rf "$fresh"' EXIT
    curl -fsSL --retry 3 --max-time 120 -o "$fresh/axe.tgz" \
        "https://registry.npmjs.org/axe-core/-/axe-core-$version.tgz"
    if ! echo "$digest  $fresh/axe.tgz" | sha512sum --check --status; then
        echo "what the registry gave is not axe-core $version: its digest differs" >&2
        exit 1
    fi
    tar -xzf "$fresh/axe.tgz" -C "$fresh" package/axe.min.js
    mv "$fresh/package/axe.min.js" "$file"
fi
echo "$file"
