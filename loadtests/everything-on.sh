#!/usr/bin/env bash
# What it costs to be seen: Edge with everything on (access log of every request to a file, request ids, traces, a scrape a
# second) against Edge with everything off, in alternating rounds. The result is the ratio of the medians of CPU a request.
# usage: loadtests/everything-on.sh [--rounds N] [--seconds N]     (default 7 rounds of 4 s)
#   EDGE_NATIVE=FILE   the binary (default: dist/edge)
#   EDGE_BEFORE=FILE   another binary, measured with everything off as well
set -euo pipefail

# shellcheck source=peers/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/peers/lib.sh"

rounds=7 seconds=4
usage() { sed -n '2,6s/^# //p' "${BASH_SOURCE[0]}"; }
number() { [[ $1 =~ ^[1-9][0-9]{0,2}$ ]] || { usage >&2; exit 64; }; }
while (($# > 0)); do
    case $1 in
        --rounds) number "${2:-}"; rounds=$2; shift 2 ;;
        --seconds) number "${2:-}"; seconds=$2; shift 2 ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 64 ;;
    esac
done
require_edge
need nginx nginx "the backend"
need wrk wrk "the client"
need curl curl "checks what is answered, and scrapes"
install_needs
peers_setup
start_backend
ticks_per_second=$(getconf CLK_TCK)
raw=$work/raw.tsv
: >"$raw"

# measure VARIANT: appends "variant, CPU µs a request, requests" to the raw results.
measure() {
    local variant=$1 command group before after line scraper='' log=$work/access.log requests
    command_of edge
    case $variant in
        on) command=(env EDGE__ACCESSLOG__FORMAT=Json "EDGE__ACCESSLOG__FILE=$log" EDGE__FORWARDING__REQUESTID=Make
                EDGE__FORWARDING__STARTTRACES=true "${command[@]}") ;;
        before) command=("${command[@]:0:${#command[@]}-1}" "$EDGE_BEFORE") ;;
    esac
    start "edge-$variant" "${command[@]}"
    group=$pid
    await "$group" "edge-$variant" "$proxy_port" /128 128
    local client=(wrk -t2 -c64 --timeout 5s -s "$peers_dir/report.lua")
    "${client[@]}" -d1s "http://127.0.0.1:$proxy_port/128" >/dev/null
    if [[ $variant == on ]]; then
        (for ((i = 0; i < seconds; i++)); do
            curl -s -o "$work/metrics" "http://127.0.0.1:$proxy_port/edge/metrics"
            sleep 0.9
        done) &
        scraper=$!
    fi
    before=$(cpu_ticks "$group")
    line=$("${client[@]}" -d"${seconds}s" "http://127.0.0.1:$proxy_port/128" | grep '^measured ')
    after=$(cpu_ticks "$group")
    [[ -z $scraper ]] || wait "$scraper"
    stop "$group"
    [[ $line == *"socket_errors=0 status_errors=0"* ]] || die "requests went wrong: $line"
    requests=$(sed -E 's/.*requests=([0-9]+).*/\1/' <<<"$line")
    echo "$variant $before $after $requests" | awk -v hz="$ticks_per_second" '
        { printf "%s\t%.3f\t%d\n", $1, ($4 + $5 - $2 - $3) * 1e6 / hz / $6, $6 }' >>"$raw"
    tail -n 1 "$raw" >&2
    if [[ $variant == on ]]; then
        [[ $(wc -l <"$log") -ge $requests ]] || echo "of $requests requests, $(wc -l <"$log") lines were written" >&2
        rm -f "$log"
    fi
}

variants=(off on)
[[ -z ${EDGE_BEFORE:-} ]] || variants=(before off on)
for ((round = 1; round <= rounds; round++)); do
    for variant in "${variants[@]}"; do measure "$variant"; done
    variants=("${variants[@]:1}" "${variants[0]}")
done

for variant in $(printf '%s\n' "${variants[@]}" | sort); do
    awk -F'\t' -v name="$variant" '$1 == name { print $2 }' "$raw" | sort -n |
        awk -v name="$variant" '{ v[NR] = $1 } END { printf "%s\t%.3f\n", name, NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
done | awk -F'\t' '
    { median[$1] = $2; printf "%-7s %.2f µs CPU a request (median)\n", $1, $2 }
    END {
        printf "on/off  %.3f\n", median["on"] / median["off"]
        if ("before" in median) printf "off/before  %.3f\n", median["off"] / median["before"]
    }'
