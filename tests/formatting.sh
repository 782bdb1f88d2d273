#!/usr/bin/env bash
# C++ is formatted as .clang-format says, by the pinned major version; --fix does it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mode="--dry-run --Werror"
[ "${1:-}" != --fix ] || mode=-i
# shellcheck disable=SC2086
git ls-files '*.cpp' '*.h' | xargs clang-format-19 $mode
