#!/usr/bin/env bash
# Asks HAProxy and nginx with the bytes of Edge.Tests/Probes, and writes what they make of them to Edge.Tests/Probes/peers.json.
# Each probe gets a fresh process of each; about ten minutes. What docs/http.md has to say then, the tests print.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
# shellcheck source=../../scripts/needs.sh
source scripts/needs.sh
need haproxy haproxy "a peer"
need nginx nginx-light "a peer"
install_needs
need_dotnet

export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
dotnet build Edge.Tests -c Debug
EDGE_PROBES_PEERS=1 Edge.Tests/bin/Debug/net10.0/Edge.Tests -noColor -class Edge.Tests.Probes.PeersTests
