#!/usr/bin/env bash
# Changes the program in small ways and looks whether any test notices: tests/house/harness/mutants.sh COUNT [PART...]
# Parts: booking, outbox, links, access, crypto; all of them where none is named. COUNT is the number of changes tried in all,
# shared by the parts and drawn from each in turn: another day takes others, so that nightly runs come around.
# A change that no test notices is a survivor: it is listed, and a test is wanted that kills it.
# The last line is "mutants: N runs, N failures": changes tried, and survivors.
set -euo pipefail
cd "$(dirname "$0")/../../.."

count=$1
shift
if ! cargo mutants --version >/dev/null 2>&1; then
    echo "mutants: cargo-mutants is missing; installing it with cargo" >&2
    cargo install cargo-mutants --locked --quiet
fi
parts=(booking outbox links access crypto)

# One server for every test of every change, as tests/run has it.
if [[ -z ${HOLDSPACE_TEST_POSTGRES-} ]]; then
    coproc SERVER { exec setsid bash tests/house/harness/postgres.sh; }
    server=$SERVER_PID lifeline=${SERVER[1]} answer=${SERVER[0]}
    if ! read -r HOLDSPACE_TEST_POSTGRES <&"$answer"; then
        echo "mutants: the throw-away PostgreSQL did not start" >&2
        exit 1
    fi
    export HOLDSPACE_TEST_POSTGRES
fi
[[ $# -eq 0 ]] || parts=("$@")

# The files of a part, and the tests that are asked about them: the nearest, because every change is a build and a run.
part() {
    case $1 in
        booking) files=(src/domain/booking.rs 'src/domain/booking/*.rs') tests=(--lib domain::booking) ;;
        outbox) files=(src/domain/owed.rs 'src/domain/owed/*.rs' src/storage/outbox.rs src/jobs/post.rs) tests=(--lib --test house -- owed outbox letters::) ;;
        links) files=(src/desk/link.rs src/desk/token.rs) tests=(--test house -- links:: choices:: access::alike) ;;
        access) files=(src/desk/session.rs src/web/session.rs src/web/limits.rs) tests=(--lib --test house -- limits access:: links::) ;;
        crypto) files=(src/vault.rs 'src/vault/*.rs' 'crates/aead/src/*.rs') tests=(--lib vault) ;;
        *) echo "mutants: there is no part $1" >&2; exit 2 ;;
    esac
}

work=$(mktemp -d)
# Waits until the server has tidied up behind itself, and leaves the status as it is.
trap 'rm -rf "$work"; [[ -z ${lifeline-} ]] || { eval "exec $lifeline>&-"; wait "$server" 2>/dev/null || true; }' EXIT
day=$(($(date +%s) / 86400))
each=$(((count + ${#parts[@]} - 1) / ${#parts[@]}))
runs=0 failures=0
for name in "${parts[@]}"; do
    part "$name"
    named=()
    for file in "${files[@]}"; do named+=(--file "$file"); done
    all=$(cargo mutants --list "${named[@]}" | wc -l)
    shards=$(((all + each - 1) / each))
    [[ $shards -gt 0 ]] || shards=1
    # A change that goes round in circles is stopped, and counts as noticed.
    status=0
    cargo mutants "${named[@]}" --shard "$((day % shards))/$shards" --output "$work/$name" --no-shuffle \
        --minimum-test-timeout 60 --colors never -- --locked "${tests[@]}" >"$work/$name.log" 2>&1 || status=$?
    told=$work/$name/mutants.out/outcomes.json
    if [[ ! -f $told || $status == 1 || $status == 4 ]]; then
        tail -n 40 "$work/$name.log"
        echo "mutants: $name could not be tried (status $status)" >&2
        exit 1
    fi
    read -r tried missed < <(python3 -c 'import json, sys
told = json.load(open(sys.argv[1]))
print(told["caught"] + told["missed"] + told["timeout"], told["missed"])' "$told")
    echo "mutants: $name: $tried of $all changes tried, $missed survived"
    sed 's/^/  /' "$work/$name/mutants.out/missed.txt"
    runs=$((runs + tried)) failures=$((failures + missed))
done
echo "mutants: $runs runs, $failures failures"
[[ $failures == 0 ]]
