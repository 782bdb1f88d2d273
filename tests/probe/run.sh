#!/usr/bin/env bash
# ADR 0001 bans coroutines because g++ 12 miscompiles them; this shows when the ban may go.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
program=$(mktemp)
trap 'rm -f "$program"' EXIT
g++ -std=c++20 -O1 -w -o "$program" coroutine_probe.cpp || exit 1
"$program"
case $? in
    0) echo "the compiler still destroys coroutine arguments twice: the ban of ADR 0001 stands" ;;
    3) echo "the compiler bug is gone: ADR 0001 may be revisited" ;;
    *) echo "the probe failed in an unknown way"; exit 1 ;;
esac
