#!/usr/bin/env bash
# strace, which shows a test what reaches the disk and when. Says whether it is there and may watch what it starts.
set -euo pipefail

if ! command -v strace >/dev/null; then
    echo "strace is missing: install it (apt-get install strace) or run tests/run, which does" >&2
    exit 1
fi
if ! strace -f -o /dev/null true 2>/dev/null; then
    echo "strace may not watch a process here: allow ptrace (of a container: --cap-add=SYS_PTRACE)" >&2
    exit 1
fi
