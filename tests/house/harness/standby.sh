#!/usr/bin/env bash
# A PostgreSQL with a standby that streams from it, synchronously, both on loopback, as long as standard input is open.
#
# Prints the port of the first, then the port of the second, once no commit is answered before both have it. At each
# line that it reads it says what it did: `fail` kills the first without warning and promotes the second, and `promoted`
# is printed when that takes writes. Unlike the throw-away PostgreSQL of all other tests it brings everything to the disk.
set -euo pipefail

harness=$(dirname "$0")
bash "$harness/postgres.sh" --check || exit 1
bin=$(command -v initdb >/dev/null && dirname "$(readlink -f "$(command -v initdb)")" || true)
for place in /usr/lib/postgresql/*/bin; do
    [[ -n $bin && -x $bin/pg_basebackup ]] || { [[ -x $place/pg_basebackup ]] && bin=$place; }
done

# PostgreSQL refuses to run as root, so root lends the servers another user.
as_user=()
if [[ $(id -u) == 0 ]]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    as_user=(setpriv "--reuid=$user" "--regid=$(id -gn "$user")" --clear-groups)
fi
bound=()
command -v setpriv >/dev/null && bound=(setpriv --pdeathsig QUIT)

home=$(mktemp -d /tmp/holdspace-standby.XXXXXX)
first= second=
stop() {
    local server
    for server in $first $second; do
        kill -QUIT "$server" 2>/dev/null && wait "$server" 2>/dev/null
    done
    rm -rf "$home"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP
[[ ${#as_user[@]} -gt 0 ]] && chown "$user" "$home"
cd "$home"

# Starts a server on a port that is free; sets `server` and `port`.
starts() {
    for _ in {1..20}; do
        port=$((20000 + RANDOM % 12000))
        "${as_user[@]}" "${bound[@]}" "$bin/postgres" -D "$home/$1" -k "$home" -p "$port" \
            -c listen_addresses=127.0.0.1 -c max_connections=100 -c hot_standby=on \
            </dev/null >"$home/$1.log" 2>&1 &
        server=$!
        while kill -0 "$server" 2>/dev/null; do
            "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" && [[ -S $home/.s.PGSQL.$port ]] && return
            sleep 0.05
        done
        wait "$server" || true
    done
    cat "$home/$1.log" >&2
    exit 1
}

asks() { "$bin/psql" -h 127.0.0.1 -p "$1" -U postgres -d postgres -Atqc "$2"; }

waits() {
    for _ in {1..600}; do
        [[ $(asks "$1" "$2" 2>/dev/null || true) == "$3" ]] && return
        sleep 0.05
    done
    echo "a PostgreSQL with a standby did not come to “$3”" >&2
    cat "$home"/*.log >&2
    exit 1
}

"${as_user[@]}" "$bin/initdb" -D "$home/first" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >"$home/initdb.log" 2>&1 ||
    { cat "$home/initdb.log" >&2; exit 1; }
starts first
first=$server first_port=$port
"${as_user[@]}" "$bin/pg_basebackup" -h 127.0.0.1 -p "$first_port" -U postgres -D "$home/second" -R -X stream -c fast
starts second
second=$server second_port=$port
# Set after the copy was made, so that it is not the second's own setting: promoted, it must not wait for a third.
asks "$first_port" "ALTER SYSTEM SET synchronous_standby_names = '*'" >/dev/null
asks "$first_port" "SELECT pg_reload_conf()" >/dev/null
waits "$first_port" "SELECT sync_state FROM pg_stat_replication" sync
echo "$first_port"
echo "$second_port"
while read -r word; do
    [[ $word == fail ]] || continue
    kill -KILL "$first"
    wait "$first" 2>/dev/null || true
    first=
    asks "$second_port" "SELECT pg_promote()" >/dev/null
    waits "$second_port" "SELECT pg_is_in_recovery()" f
    echo promoted
done
