#!/usr/bin/env bash
# A Chromium that lives exactly as long as its standard input is open.
#
# Speaks the DevTools protocol on its own input and output (--remote-debugging-pipe): no port, no second program
# whose version must fit, and it ends when whoever started it ends, however that is. Its profile goes with it.
# It can reach this machine alone.
set -euo pipefail

missing="Chromium is missing: install it (apt-get install chromium) or run tests/run, which does"
chromium=$(command -v chromium) || { echo "$missing" >&2; exit 1; }
[[ ${1-} == --check ]] && exit 0

starter=$PPID
home=$(mktemp -d "${TMPDIR:-/tmp}/holdspace-chromium.XXXXXX")
trap 'rm -rf "$home"' EXIT
trap '' INT TERM HUP
# What Chromium reads commands from and answers on; this script keeps neither, or it would never end.
exec 3<&0 4>&1
HOME=$home XDG_CONFIG_HOME=$home TMPDIR=$home setsid "$chromium" --headless --remote-debugging-pipe --user-data-dir="$home/profile" \
    --no-sandbox --disable-gpu --disable-breakpad --disable-dev-shm-usage --disable-background-networking --disable-component-update \
    --disable-default-apps --disable-extensions --disable-sync --no-first-run --no-default-browser-check \
    --no-proxy-server --host-resolver-rules="MAP * ~NOTFOUND , EXCLUDE 127.0.0.1" \
    --hide-scrollbars --mute-audio --force-color-profile=srgb --lang=en-US \
    </dev/null >/dev/null 2>"$home/log" &
browser=$!
exec 3<&- 4>&- </dev/null >/dev/null

# It ends by itself when its input ends. One that hangs is ended with its children a moment after its starter.
while kill -0 "$browser" 2>/dev/null; do
    if ! kill -0 "$starter" 2>/dev/null; then
        for _ in {1..20}; do
            kill -0 "$browser" 2>/dev/null || break 2
            sleep 0.1
        done
        kill -KILL -- "-$browser" 2>/dev/null || true
    fi
    sleep 0.2
done
wait "$browser" 2>/dev/null || true
