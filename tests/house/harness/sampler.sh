#!/usr/bin/env bash
# The noise of releases against an implementation that shares nothing with it: sampler.sh COUNT.
# The last line is "sampler: N runs, N failures": the draws of each strength, and the strengths that failed.
set -euo pipefail
cd "$(dirname "$0")/../../.."

count=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
HOLDSPACE_TEST_DRAWS=$count HOLDSPACE_TEST_FOLDER=$folder cargo test --lib --locked --quiet \
    domain::release::geometric::tests::draws_for_another_implementation -- --ignored --exact
python3 tests/house/harness/sampler.py "$count" "$folder"
