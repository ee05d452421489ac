#!/usr/bin/env bash
# Puts the same faults, by the same seed, before Edge, HAProxy and nginx, and prints what their clients noticed as a table.
# usage: loadtests/reliability/run.sh [--seed N] [--seconds N] [--answer N] [--log FILE]
#   --seconds N   of chaos before each balancer (default 60: every kind of fault twice)
#   --answer N    seconds that a replica has for its answer (default 60, longer than any fault; with 1 the longer hangs are cut)
#   --log FILE    the faults, and some of the requests that went wrong, too
# EDGE_NATIVE names the binary; without it, dist/edge.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
usage() { sed -n '2,7s/^# //p' "${BASH_SOURCE[0]}"; }

seed=$RANDOM seconds=60 answer=60 log=/dev/null
while (($# > 0)); do
    case $1 in
        --seed | --seconds | --answer)
            [[ ${2:-} =~ ^[1-9][0-9]{0,6}$ ]] || { usage >&2; exit 64; }
            printf -v "${1#--}" '%s' "$2"
            shift 2
            ;;
        --log) [[ -n ${2:-} ]] || { usage >&2; exit 64; }; log=$2; shift 2 ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 64 ;;
    esac
done

PATH=$PATH:/usr/sbin:/sbin
# shellcheck source=../../scripts/needs.sh
source scripts/needs.sh
need haproxy haproxy "a balancer to compare with"
need nginx nginx "a balancer to compare with"
install_needs
need_dotnet
EDGE_NATIVE=$(realpath "${EDGE_NATIVE:-dist/edge}")
[[ -x $EDGE_NATIVE ]] || { echo "$EDGE_NATIVE is missing: run ./publish.sh first, or name one in EDGE_NATIVE." >&2; exit 1; }

export EDGE_NATIVE MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
ulimit -n "$(ulimit -Hn)" || true
dotnet build Edge.Tests -c Release -v quiet >&2

table=$(mktemp)
trap 'rm -f "$table"' EXIT
echo "EDGE_CHAOS_SEED=$seed EDGE_CHAOS_SECONDS=$seconds EDGE_CHAOS_ANSWER=$answer, about $((4 * seconds / 60 + 1)) minutes" >&2
EDGE_CHAOS_SEED=$seed EDGE_CHAOS_SECONDS=$seconds EDGE_CHAOS_ANSWER=$answer EDGE_CHAOS_TABLE=$table \
    Edge.Tests/bin/Release/net10.0/Edge.Tests -class Edge.Tests.Chaos.ComparisonTests -showLiveOutput -noColor >"$log" 2>&1 \
    || { echo "It did not run to the end; --log FILE says why." >&2; exit 1; }

echo "- seed $seed, $seconds s before each, $answer s for an answer; $(nproc) cores, Linux $(uname -r); load at the end: $(cut -d' ' -f1-3 /proc/loadavg)"
echo "- $("$EDGE_NATIVE" --version | head -n 1) (sha256 $(sha256sum "$EDGE_NATIVE" | cut -c1-12)); $(haproxy -v | head -n 1 | sed 's/ - http.*//'); $(nginx -v 2>&1)"
echo
cat "$table"
