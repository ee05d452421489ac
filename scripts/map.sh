#!/usr/bin/env bash
# Prints the sources of checkouts in figures, by the rules that the tests hold (Edge.Tests/Rules): cycles, hubs, lengths, and
# how many files a folder has.
#
#   scripts/map.sh                     this checkout
#   scripts/map.sh FOLDER [FOLDER]…    others, a column each; `git worktree add FOLDER COMMIT` makes one
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
(($# > 0)) || set -- "$here/.."
dotnet build "$here/map" -c Release --nologo -v quiet >&2
exec dotnet "$here/map/bin/Release/net10.0/map.dll" "$@"
