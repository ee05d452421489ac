#!/usr/bin/env bash
# What one replica that is slow, stalls, fails at once or is cold costs clients, by how Edge picks. Prints tables for docs/performance.md.
# Real processes on 127.0.0.1: N replicas, one of them faulty; Edge as published, with its defaults but for the way it picks; a load of
# 80 requests a second for each replica, which take 10 ms each, two at a time.
# usage: loadtests/picking/run.sh
#   EDGE     dist/edge   the binary
#   SECONDS_EACH  6      of load for each figure; there are 8 for each N
#   N        2 3 8       replicas
#   FAULTS   slow stalled failing cold
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
edge=${EDGE:-$here/../../dist/edge} seconds=${SECONDS_EACH:-6} counts=${N:-2 3 8} faults=${FAULTS:-slow stalled failing cold}
case ${1:-} in
    -h | --help)
        sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
        exit 0
        ;;
esac
[[ -x $edge ]] || { echo "There is no $edge: ./publish.sh makes it." >&2; exit 66; }
command -v node >/dev/null || { echo "It takes node." >&2; exit 69; }
folder=$(mktemp -d)
started=()
stop() {
    ((${#started[@]} == 0)) || kill "${started[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    started=()
}
trap 'stop; rm -rf "$folder" "$folder.figures"' EXIT

# Waits for a line in a file, 10 s at most, and prints it.
line_of() {
    local i
    for ((i = 0; i < 200; i++)); do
        grep -m 1 -- "$2" "$1" 2>/dev/null && return 0
        sleep 0.05
    done
    echo "no '$2' in $1:" >&2
    cat "$1" >&2
    return 1
}

# One figure: "p50 p99 failed share".
measure() {
    local fault=$1 n=$2 pick=$3 i port ports=() address
    for ((i = 0; i < n; i++)); do
        if ((i == 0)); then kind=$fault; else kind=well; fi
        node "$here/replica.js" "$kind" >"$folder/replica-$i" 2>&1 &
        started+=($!)
    done
    for ((i = 0; i < n; i++)); do
        port=$(line_of "$folder/replica-$i" '^[0-9]')
        ports+=("EDGE__FLEET__ADDRESSES__$i=127.0.0.1:$port")
        ((i > 0)) || faulty=127.0.0.1:$port
    done
    env "${ports[@]}" EDGE__LISTEN=127.0.0.1:0 EDGE__FLEET__DRIVER=static EDGE__FLEET__PICK="$pick" "$edge" >"$folder/edge" 2>"$folder/edge-log" &
    started+=($!)
    address=$(line_of "$folder/edge" 'listens at http://' | grep -o 'http://[0-9.:]*')
    line_of "$folder/edge" '^in rotation' >/dev/null
    node "$here/load.js" "$address/" $((80 * n)) "$seconds" "$faulty"
    stop
    rm -f "$folder"/*
}

echo "$(nproc) cores, Linux $(uname -r); load before: $(cut -d' ' -f1-3 /proc/loadavg); $seconds s for each figure"
echo
echo '| one replica | of | pick | p50 ms | p99 ms | failed % | its share of the answers % |'
echo '|---|---:|---|---:|---:|---:|---:|'
for fault in $faults; do
    for n in $counts; do
        for pick in RoundRobin LessLoaded; do
            # Not in a subshell: what is started has to be stopped by this one.
            measure "$fault" "$n" "$pick" >"$folder.figures"
            read -r p50 p99 failed share <"$folder.figures"
            echo "| $fault | $n | $pick | $p50 | $p99 | $failed | $share |"
        done
    done
done
