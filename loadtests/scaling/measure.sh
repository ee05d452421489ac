#!/usr/bin/env bash
# What a request costs Edge, in processor time of its own, as connections, replicas and loops grow: the curves of
# docs/scaling.md. The replica is Edge's own, under as many addresses of 127.0.0.0/8 as there are to be replicas.
# usage: loadtests/scaling/measure.sh [--rounds N] [--seconds N]
set -euo pipefail

# shellcheck source=../peers/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../peers/lib.sh"

rounds=3 seconds=3
usage() { sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"; }
while (($# > 0)); do
    case $1 in
        --rounds | --seconds)
            [[ ${2:-} =~ ^[1-9][0-9]?$ ]] || { usage >&2; exit 64; }
            declare "${1#--}=$2"
            shift 2
            ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 64 ;;
    esac
done
require_edge
need wrk wrk "the client"
need curl curl "checks what is answered before it is measured"
install_needs
peers_setup
replica_port=$backend_port
start replica "$edge_binary" replica --listen "*:$replica_port" --id 1
hz=$(getconf CLK_TCK)

# measure LOOPS REPLICAS CONNECTIONS: prints microseconds of user and system time a request, and requests a second.
measure() {
    local loops=$1 replicas=$2 conns=$3 i group before after line limits=(EDGE__OVERLOAD__PERREPLICA=0)
    local addresses=()
    # A descriptor to each side for each of them would be more than a process may have: most wait for room, as by default.
    if ((conns > connections / 2)); then limits=(); fi
    for ((i = 0; i < replicas; i++)); do
        addresses+=("EDGE__FLEET__ADDRESSES__$i=127.0.$((1 + i / 250)).$((1 + i % 250)):$replica_port")
    done
    start edge env "EDGE__LISTEN=127.0.0.1:$proxy_port" "EDGE__LOOPS=$loops" EDGE__FLEET__DRIVER=static \
        "${limits[@]}" "${addresses[@]}" "$edge_binary"
    group=$pid
    await "$group" edge "$proxy_port" /home 59
    local client=(wrk -t1 -c"$conns" --latency --timeout 5s -s "$peers_dir/report.lua")
    "${client[@]}" -d2s "http://127.0.0.1:$proxy_port/home" >/dev/null
    before=$(cpu_ticks "$group")
    line=$("${client[@]}" -d"${seconds}s" "http://127.0.0.1:$proxy_port/home" | grep '^measured ')
    after=$(cpu_ticks "$group")
    stop "$group"
    echo "$before $after $line" | awk -v hz="$hz" '
        {
            for (i = 5; i <= NF; i++) if (split($i, kv, "=") == 2) v[kv[1]] = kv[2]
            if (v["requests"] == 0 || v["socket_errors"] + v["status_errors"] > 0) { print "requests failed: " $0 > "/dev/stderr"; exit 1 }
            n = v["requests"]
            printf "%.2f %.2f %.0f\n", ($3 - $1) * 1e6 / hz / n, ($4 - $2) * 1e6 / hz / n, n * 1e6 / v["microseconds"]
        }'
}

shapes=()
for conns in 1 8 64 256 1000 4000 10000; do
    # Beside the clients', those to the replicas.
    if ((conns + 4096 <= nofile)); then shapes+=("2 3 $conns"); fi
done
for replicas in 16 64 256; do shapes+=("2 $replicas 64"); done
for loops in 1 4 8; do shapes+=("$loops 3 64"); done

# Rounds alternate between the shapes, so that what else the machine does meets all of them.
for ((round = 0; round < rounds; round++)); do
    for shape in "${shapes[@]}"; do
        read -r -a parts <<<"$shape"
        echo "$shape $(measure "${parts[@]}")" >>"$work/raw"
        tail -n 1 "$work/raw" >&2
    done
done

describe_machine | grep -v nginx
echo
echo '| loops | replicas | connections | µs a request | least to most | of it user |'
echo '|---:|---:|---:|---:|---:|---:|'
for shape in "${shapes[@]}"; do
    grep "^$shape " "$work/raw" | awk '{ print $4 + $5, $4, $1, $2, $3 }' | sort -n | awk '
        { total[NR] = $1; user[NR] = $2; shape = sprintf("| %d | %d | %d ", $3, $4, $5) }
        END {
            # The round whose total is in the middle.
            middle = int((NR + 1) / 2)
            printf "%s| %.1f | %.1f to %.1f | %.1f |\n", shape, total[middle], total[1], total[NR], user[middle]
        }'
done
