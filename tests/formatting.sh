#!/usr/bin/env bash
# C++ is formatted as .clang-format says, by the pinned major version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
git ls-files '*.cpp' '*.h' | xargs clang-format-19 --dry-run --Werror
