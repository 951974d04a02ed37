#!/usr/bin/env bash
# Looks by coverage for inputs that break the readers of what outsiders send: tests/house/harness/fuzz.sh SECONDS [READER...]
# Each reader is given so many seconds (those of fuzz/Cargo.toml, unless some are named). What breaks one is kept in
# fuzz/artifacts/READER; mend the reader, and move the file to fuzz/found/READER, where the tests of the house read it.
# The last line is "fuzz: N runs, N failures": inputs tried, and readers that failed.
set -euo pipefail
cd "$(dirname "$0")/../../.."

seconds=$1
shift
if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "fuzz: cargo-fuzz is missing; installing it with cargo" >&2
    cargo install cargo-fuzz --locked --quiet
fi
# No sanitizer: there is no unsafe code here, and the stable compiler has the instrumentation alone.
how=(--fuzz-dir fuzz --sanitizer none)
cargo fuzz build "${how[@]}"
[[ $# -gt 0 ]] || mapfile -t readers < <(cargo fuzz list --fuzz-dir fuzz)
[[ $# -eq 0 ]] || readers=("$@")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runs=0 failures=0
for reader in "${readers[@]}"; do
    # What is found on the way goes to the first folder; the corpus stays as small as it is kept.
    mkdir -p "$work/$reader" "fuzz/found/$reader"
    log=$work/$reader.log
    options=(-max_total_time="$seconds" -timeout=5 -rss_limit_mb=512 -max_len=16384 -print_final_stats=1 -verbosity=1)
    words=fuzz/words/$reader
    [[ ! -f $words ]] || options+=(-dict="$words")
    status=0
    cargo fuzz run "${how[@]}" "$reader" "$work/$reader" "fuzz/corpus/$reader" "fuzz/found/$reader" \
        -- "${options[@]}" >"$log" 2>&1 || status=$?
    tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
    covered=$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 places and \2 features/p' "$log" | tail -n 1)
    if [[ $status != 0 ]]; then
        failures=$((failures + 1))
        tail -n 40 "$log"
    fi
    echo "fuzz: $reader: ${tried:-0} inputs, ${covered:-nothing covered}"
    runs=$((runs + ${tried:-0}))
done
echo "fuzz: $runs runs, $failures failures"
[[ $failures == 0 ]]
