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
[[ $# -eq 0 ]] || parts=("$@")

# What is changed is a copy that always lies in the same place, with a target of its own: a change is then a short build, where
# a new copy of each run would build the whole house again, and changes in place would stay in the clone if this were killed.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/holdspace-mutants
tree=$cache/tree
mkdir -p "$tree"
exec {lock}>"$cache/lock"
flock -n "$lock" || { echo "mutants: another run changes $tree just now" >&2; exit 1; }
export CARGO_TARGET_DIR=$cache
# Nobody steps through a change, and a linker has less to do.
export CARGO_PROFILE_DEV_DEBUG=none
# Nothing of a change stays behind in the copy for the next one.
export INSTA_UPDATE=no PROPTEST_DISABLE_FAILURE_PERSISTENCE=true

# Only what differs is written, so that cargo sees by its moment what it must build, and a change that stayed is undone.
git ls-files -z --cached --others --exclude-standard | python3 -c '
import pathlib, shutil, sys
tree, told = pathlib.Path(sys.argv[1]), sys.stdin.buffer.read().decode().split("\0")
wanted = {name for name in told if name and pathlib.Path(name).is_file()}
for path in [path for path in tree.rglob("*") if not path.is_dir()]:
    if str(path.relative_to(tree)) not in wanted:
        path.unlink()
for name in wanted:
    of, to = pathlib.Path(name), tree / name
    if not (to.is_file() and of.read_bytes() == to.read_bytes()):
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(of, to)' "$tree"

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

# The files of a part, and the tests that are asked about them: the nearest, because every change is a build and a run.
part() {
    case $1 in
        booking) files=(src/domain/booking.rs 'src/domain/booking/**/*.rs') targets=(--lib) tests=(domain::booking) ;;
        outbox)
            files=(src/domain/owed.rs 'src/domain/owed/**/*.rs' src/storage/outbox.rs src/storage/handing.rs \
                src/jobs/post.rs src/jobs/queue.rs src/jobs/retries.rs src/jobs/marks.rs src/jobs/ready.rs src/jobs/stalls.rs src/jobs/supply.rs \
                src/mail/smtp.rs src/mail/smtp/letter.rs src/mail/smtp/reach.rs)
            targets=(--lib --test house)
            tests=(owed:: jobs:: mail::smtp letters:: readdressed:: mailbox:: eight_workers relays::)
            ;;
        links) files=(src/desk/link.rs src/desk/token.rs) targets=(--test house) tests=(links:: choices:: access::alike one_click) ;;
        access)
            files=(src/desk/session.rs src/web/session.rs src/web/limits.rs)
            # Every door takes minutes for each change, and is asked in every run of the tests.
            targets=(--lib --test house) tests=(web::limits access::alike links::)
            ;;
        crypto) files=(src/vault.rs 'src/vault/**/*.rs' 'crates/aead/src/**/*.rs') targets=(--lib) tests=(vault) ;;
        *) echo "mutants: there is no part $1" >&2; exit 2 ;;
    esac
}

# The first test that notices is enough, which cargo test does not know; the profile of this name says so to nextest.
tool=cargo before=(--)
if cargo nextest --version >/dev/null 2>&1; then
    tool=nextest before=()
    export NEXTEST_PROFILE=mutants
fi

work=$(mktemp -d)
# Waits until the server has tidied up behind itself, and leaves the status as it is.
trap 'rm -rf "$work"; [[ -z ${lifeline-} ]] || { eval "exec $lifeline>&-"; wait "$server" 2>/dev/null || true; }' EXIT
day=$(($(date +%s) / 86400))
each=$(((count + ${#parts[@]} - 1) / ${#parts[@]}))
runs=0 failures=0
for name in "${parts[@]}"; do
    part "$name"
    # Every package, or the cipher's would never be changed; the tests are the house's, because it has none.
    chosen=(--dir "$tree" --config "$tree/tests/house/harness/mutants.toml" --workspace --test-package holdspace)
    for file in "${files[@]}"; do chosen+=(--file "$file"); done
    all=$(cargo mutants --list "${chosen[@]}" | wc -l)
    shards=$(((all + each - 1) / each))
    [[ $shards -gt 0 ]] || shards=1
    # A change that goes round in circles is stopped, and counts as noticed.
    status=0
    cargo mutants "${chosen[@]}" --in-place --test-tool "$tool" --shard "$((day % shards))/$shards" --sharding round-robin \
        --output "$work/$name" --minimum-test-timeout 60 --colors never --annotations none \
        -- --locked "${targets[@]}" "${before[@]}" "${tests[@]}" >"$work/$name.log" 2>&1 || status=$?
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
