#!/usr/bin/env bash
# Has two programs that share no code judge the signatures of the letters in a directory:
#
#   signatures.sh dkimpy|mailauth DIRECTORY
#
# Each prints a line a signature: file, selector, pass or fail. They are fetched once, at the versions written in
# signatures/, into the user's cache. With --check it only looks, with --fetch it only fetches.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

missing="Python with venv is missing: install it (apt-get install python3 python3-venv) or run tests/run, which does"
python3 -c 'import ensurepip, venv' 2>/dev/null || { echo "$missing" >&2; exit 1; }
command -v npm >/dev/null || { echo "npm is missing: install it (apt-get install nodejs npm) or run tests/run" >&2; exit 1; }
[[ ${1-} == --check ]] && exit 0

cache=${XDG_CACHE_HOME:-$HOME/.cache}/holdspace
pins=$(cat "$here/signatures/requirements.txt" "$here/signatures/package-lock.json" | sha256sum)
judges=$cache/signatures-${pins:0:12}
if [[ ! -d $judges ]]; then
    mkdir -p "$cache"
    fresh=$(mktemp -d "$cache/signatures.XXXXXX")
    trap 'rm -rf "$fresh"' EXIT
    cp "$here/signatures/package.json" "$here/signatures/package-lock.json" "$fresh"
    (cd "$fresh" && npm ci --silent --ignore-scripts --no-audit --no-fund >&2)
    # No venv, which would not bear to be moved: packages alone, found by PYTHONPATH.
    python3 -m venv "$fresh/venv"
    "$fresh/venv/bin/pip" install --quiet --no-deps --target "$fresh/python" -r "$here/signatures/requirements.txt" >&2
    rm -rf "$fresh/venv"
    # Whoever else fetched them meanwhile fetched the same.
    mv -T "$fresh" "$judges" 2>/dev/null || [[ -d $judges ]]
fi
case ${1-} in
    --fetch) ;;
    dkimpy) PYTHONPATH=$judges/python python3 "$here/signatures/judge.py" "$2" ;;
    mailauth) node "$here/signatures/judge.mjs" "$2" "$judges" ;;
    *) echo "signatures.sh dkimpy|mailauth DIRECTORY" >&2; exit 2 ;;
esac
