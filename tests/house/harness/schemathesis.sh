#!/usr/bin/env bash
# Asks every operation of the described JSON, as a director and as a therapist, by a fuzzer that reads the description:
# no answer of 500 or more, and none that is not described. schemathesis.sh COUNT; the last line is for tests/nightly.
set -euo pipefail
cd "$(dirname "$0")/../../.."
count=$1 version=4.32.5 harness=$PWD/tests/house/harness
venv=${XDG_CACHE_HOME:-$HOME/.cache}/holdspace/schemathesis-$version
if [[ ! -x $venv/bin/st ]]; then
    echo "tests/nightly: fetching schemathesis $version"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet "schemathesis==$version"
fi
cargo build --locked --quiet
holdspace=$(realpath "${CARGO_TARGET_DIR:-target}/debug/holdspace") samples=$(realpath demo)
home=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$home"' EXIT
cd "$home"
server=
quietly() { "$holdspace" "$@" >>log 2>&1 || { tail -n 5 log; exit 1; }; }
quietly init --institution "Example Health" --director director@example.edu
for kind in programs sites therapists availability roster; do quietly "$kind" import "$samples/$kind.csv"; done
quietly protect import "$samples/protected_time.csv"
quietly offering create --title "Protected time" --length 50 --from 2027-07-05 --until 2027-09-24
"$holdspace" serve --listen 127.0.0.1:0 >serve.log 2>&1 &
server=$!
for _ in $(seq 100); do grep -q 'address=' serve.log && break; sleep 0.1; done
url=http://$(sed -n 's/.*address=\([0-9.:]*\).*/\1/p' serve.log | head -n 1)

# Comes in by a link; prints the token of the account.
token() {
    local link=$1
    curl -s -o /dev/null -c jar -d mine=yes "$url/sign-in/${link##*/sign-in/}"
    curl -s -b jar -X POST "$url/account/token" | sed -n 's/.*id="token"[^>]*value="\([^"]*\)".*/\1/p'
}

# What an address answers, taken apart: read URL TOKEN EXPRESSION, where `it` is the answer.
read_json() {
    curl -s -H "Authorization: Bearer $2" "$url$1" |
        "$venv/bin/python" -c "import json, sys; it = json.load(sys.stdin); print($3)"
}

failures=0
# Identifiers that there are stand in for most of the random ones, so that operations are asked from within.
ask() {
    [[ $1 ]] || { echo "tests/nightly: nobody was let in" >&2; exit 1; }
    cat >schemathesis.toml <<TOML
[dictionaries.programs]
values = ["IM", "PEDS", "NEPH", "im", "NOWHERE"]
[dictionaries.offerings]
values = ["$offering"]
[dictionaries.seats]
values = $seats
[dictionaries.members]
values = $members
[dictionaries.days]
values = ["2027-07-05", "2027-07-19", "2027-09-20"]
[parameters]
"path.program" = { dictionary = "programs", probability = 0.9 }
"query.program" = { dictionary = "programs", probability = 0.6 }
"path.offering" = { dictionary = "offerings", probability = 0.9 }
"path.seat" = { dictionary = "seats", probability = 0.9 }
"path.member" = { dictionary = "members", probability = 0.9 }
"query.from" = { dictionary = "days", probability = 0.5 }
TOML
    HOLDSPACE_TOKEN=$1 HOLDSPACE_SELF=${2-} HOLDSPACE_URL=$url HOLDSPACE_SAMPLES=$samples \
        PYTHONPATH=$harness SCHEMATHESIS_HOOKS=schemathesis_hooks \
        "$venv/bin/st" --config-file schemathesis.toml run "$url/api/openapi.json" \
        -H "Authorization: Bearer $1" --max-examples "$count" --no-color \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
        || failures=$((failures + 1))
}
director=$(token "$("$holdspace" director link director@example.edu | grep -o 'http.*')")
offering=$(read_json /api/v1/offerings "$director" 'it[0]["id"]')
self=$(read_json /api/v1/staff "$director" 'it[0]["id"]')
curl -s -o /dev/null -X POST -H "Authorization: Bearer $director" "$url/api/v1/offerings/$offering/batches"
for colleague in '"role":"coordinator","program":"IM"' '"role":"lead"'; do
    curl -s -o /dev/null -X POST -H "Authorization: Bearer $director" -H 'Content-Type: application/json' \
        -d "{\"name\":\"Rosa Example\",\"email\":\"rosa$((${#colleague}))@example.edu\",$colleague}" "$url/api/v1/staff"
done
members=$(read_json /api/v1/staff "$director" 'json.dumps([one["id"] for one in it])')
curl -s -o /dev/null --data-urlencode "address=$(sed -n 2p "$samples/therapists.csv" | grep -o '[^,]*@[^,]*')" "$url/sign-in"
quietly deliver
letter=$(grep -rl 'sign-in/' letters | head -n 1)
# Quoted-printable: a line that ends with "=" goes on.
link=$(tr -d '\r' <"$letter" | sed -e ':a;/=$/{N;s/=\n//;ba}' | grep -o 'http[^ ]*/sign-in/[a-z0-9]*' | head -n 1)
therapist=$(token "$link")
seats=$(read_json "/api/v1/agenda?from=2027-07-05" "$therapist" 'json.dumps([one["seat"] for one in it["visits"]] or ["-"])')
ask "$therapist"
ask "$director" "$self"
echo "api: $count runs, $failures failures"
exit "$((failures > 0))"
