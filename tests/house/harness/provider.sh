#!/usr/bin/env bash
# Runs the provider that tests sign in through, until its input ends:
#
#   provider.sh REDIRECT_URI SECONDS token|asked
#
# Needs Node 20 or newer with npm. The package, with all it needs, at the versions and digests of provider/package-lock.json,
# is fetched once into the user's cache and never into the repository. With --check it only looks, with --fetch it only
# fetches.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

missing="Node is missing: install it (apt-get install nodejs npm) or run tests/run, which does"
command -v node >/dev/null && command -v npm >/dev/null || { echo "$missing" >&2; exit 1; }
major=$(node -p 'process.versions.node.split(".")[0]')
(( major >= 20 )) || { echo "Node $major is too old for the provider of the tests: 20 or newer is needed" >&2; exit 1; }
[[ ${1-} == --check ]] && exit 0

lock=$(sha256sum "$here/provider/package-lock.json")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/holdspace
packages=$cache/provider-${lock:0:12}
if [[ ! -d $packages ]]; then
    mkdir -p "$cache"
    fresh=$(mktemp -d "$cache/provider.XXXXXX")
    trap 'rm -rf "$fresh"' EXIT
    cp "$here/provider/package.json" "$here/provider/package-lock.json" "$fresh"
    (cd "$fresh" && npm ci --silent --ignore-scripts --no-audit --no-fund >&2)
    # Whoever else fetched it meanwhile fetched the same.
    mv -T "$fresh" "$packages" 2>/dev/null || [[ -d $packages ]]
    rm -rf "$fresh"
    trap - EXIT
fi
[[ ${1-} == --fetch ]] && exit 0

cd "$packages"
exec node "$here/provider/provider.mjs" "$@"
