#!/usr/bin/env bash
# From starting the process to the first byte of a forwarded response, in milliseconds: Edge with a static backend,
# Edge with its own embedded replicas, and the peers with the same static backend.
# usage: loadtests/start-time.sh [--starts N] [--only NAME]…     (edge-static, edge-process, haproxy, nginx)
# The client is a loop of bash that connects until it is let in: its own cost is the line "client alone".
set -euo pipefail

# shellcheck source=peers/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/peers/lib.sh"

starts=11 only=()
usage() { sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}"; }
while (($# > 0)); do
    case $1 in
        --starts)
            [[ ${2:-} =~ ^[1-9][0-9]{0,2}$ ]] || { usage >&2; exit 64; }
            starts=$2
            shift 2
            ;;
        --only) only+=("${2:-}"); shift 2 || { usage >&2; exit 64; } ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 64 ;;
    esac
done
((${#only[@]} > 0)) || only=(edge-static edge-process haproxy nginx)
if [[ " ${only[*]} " == *" edge-"* ]]; then require_edge; fi

need nginx nginx "the backend, and a balancer to compare with"
need haproxy haproxy "a balancer to compare with"
need curl curl "checks what is answered"
install_needs
peers_setup
start_backend

# first_byte PORT PATH PID: asks until the answer is 200; the time of its first line in $arrived, the tries in $tries.
first_byte() {
    local deadline=$((SECONDS + 15)) line
    tries=0
    while ((SECONDS < deadline)); do
        tries=$((tries + 1))
        if { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null; then
            line=
            if printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$2" >&3 2>/dev/null; then
                read -r -t 5 -u 3 line || true
            fi
            arrived=${EPOCHREALTIME/[.,]/}
            exec 3<&- 3>&-
            if [[ $line == "HTTP/1.1 200"* ]]; then return 0; fi
        elif ! kill -0 "$3" 2>/dev/null; then
            return 1
        fi
    done
    return 1
}

# times NAME: prints the row of a table from the microseconds on stdin.
times() {
    sort -n | awk -v name="$1" '{ t[NR] = $1 / 1000 }
        END {
            m = NR % 2 ? t[(NR + 1) / 2] : (t[NR / 2] + t[NR / 2 + 1]) / 2
            printf "%-14s %8.1f %8.1f %8.1f %7d\n", name, m, t[1], t[NR], NR
        }'
}

trap '' PIPE
printf '%-14s %8s %8s %8s %7s\n' 'ms' median least most starts
for ((i = 0; i < starts; i++)); do
    began=${EPOCHREALTIME/[.,]/}
    first_byte "$backend_port" /128 "$pid"
    echo $((arrived - began))
done | times 'client alone'

for name in "${only[@]}"; do
    path=/128
    case $name in
        edge-static) command_of edge ;;
        edge-process)
            command=(env "EDGE__LISTEN=127.0.0.1:$proxy_port" "EDGE__LOOPS=$threads" EDGE__FLEET__DRIVER=process "$edge_binary")
            path=/home
            ;;
        haproxy | nginx) command_of "$name" ;;
        *) usage >&2; exit 64 ;;
    esac
    : >"$work/times"
    for ((i = 0; i < starts; i++)); do
        began=${EPOCHREALTIME/[.,]/}
        start "$name" "${command[@]}"
        if ! first_byte "$proxy_port" "$path" "$pid"; then
            cat "$work/$name.log" >&2
            die "$name does not answer http://127.0.0.1:$proxy_port$path with 200."
        fi
        echo $((arrived - began)) >>"$work/times"
        stop "$pid"
    done
    times "$name" <"$work/times"
done
