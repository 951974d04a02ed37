#!/usr/bin/env bash
# A throw-away PostgreSQL that lives exactly as long as its standard input is open.
#
# Prints one line, its URL, once it answers; then waits. Whoever started it holds the other end of the pipe,
# so it stops and leaves nothing behind however they end: done, failed, interrupted or killed.
# Should this script itself be killed, the kernel ends the server with it (setpriv --pdeathsig).
# Nothing in it is ever worth keeping: no fsync, no password, loopback only.
set -euo pipefail

missing="PostgreSQL is missing: install it (apt-get install postgresql) or run tests/run, which does"

binaries() {
    local initdb place found
    if initdb=$(command -v initdb); then
        dirname "$(readlink -f "$initdb")"
        return
    fi
    # Debian's place, which is on nobody's PATH; where there are several, the last.
    for place in "${HOLDSPACE_TEST_POSTGRES_PLACES:-/usr/lib/postgresql}"/*/bin; do
        [[ -x $place/initdb ]] && found=$place
    done
    [[ -n ${found-} ]] && echo "$found"
}

bin=$(binaries) || { echo "$missing" >&2; exit 1; }
[[ ${1-} == --check ]] && exit 0

# PostgreSQL refuses to run as root, so root lends the server another user.
as_user=()
if [[ $(id -u) == 0 ]]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    as_user=(setpriv "--reuid=$user" "--regid=$(id -gn "$user")" --clear-groups)
fi
bound=()
command -v setpriv >/dev/null && bound=(setpriv --pdeathsig QUIT)

home=$(mktemp -d /tmp/holdspace-postgres.XXXXXX)
server=
stop() {
    # QUIT is PostgreSQL's immediate shutdown: nothing needs saving.
    [[ -n $server ]] && kill -QUIT "$server" 2>/dev/null && wait "$server" 2>/dev/null
    rm -rf "$home"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP
[[ ${#as_user[@]} -gt 0 ]] && chown "$user" "$home"
cd "$home"

"${as_user[@]}" "$bin/initdb" -D "$home/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
    >"$home/initdb.log" 2>&1 || { cat "$home/initdb.log" >&2; exit 1; }

# The server itself settles the race for a port: one that is taken makes it exit, and we try another,
# below the range from which the system hands out ports to others.
for _ in {1..20}; do
    port=$((20000 + RANDOM % 12000))
    "${as_user[@]}" "${bound[@]}" "$bin/postgres" -D "$home/data" -F -k "$home" -p "$port" \
        -c listen_addresses=127.0.0.1 -c max_connections=300 -c full_page_writes=off -c synchronous_commit=off \
        -c autovacuum=off </dev/null >"$home/server.log" 2>&1 &
    server=$!
    while kill -0 "$server" 2>/dev/null; do
        if "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" && kill -0 "$server" 2>/dev/null &&
            [[ -S $home/.s.PGSQL.$port ]]; then
            echo "postgres://postgres@127.0.0.1:$port/postgres"
            exec >&-
            # The builtin, because a signal interrupts it where it would wait for a child.
            while read -r; do :; done
            exit 0
        fi
        sleep 0.05
    done
    wait "$server" || true
    server=
done
cat "$home/server.log" >&2
echo "a throw-away PostgreSQL did not start; its last words stand above" >&2
exit 1
