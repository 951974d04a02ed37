#!/usr/bin/env bash
# Prints where real calendar programs lie, vdirsyncer and python-caldav; fetches them where they are missing.
#
# Needs Python 3 with venv. The versions of calendars/requirements.txt are kept in the user's cache and never in the
# repository. With --check it only looks.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

wanted=$here/calendars/requirements.txt
lock=$(sha256sum "$wanted")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/holdspace
venv=$cache/calendars-${lock:0:12}
if [[ ! -e $venv/whole ]]; then
    if [[ ${1-} == --check ]]; then
        echo "the calendar programs are missing: run tests/run, which fetches them" >&2
        exit 1
    fi
    command -v python3 >/dev/null || { echo "Python is missing: apt-get install python3 python3-venv" >&2; exit 1; }
    mkdir -p "$cache"
    # A venv cannot be moved, so it is marked as whole once it is.
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted" >&2
    touch "$venv/whole"
fi
echo "$venv"
