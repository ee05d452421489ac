#!/usr/bin/env bash
# What it costs to be seen: Edge with everything on (access log of every request to a file, request ids, traces, a scrape a
# second) against Edge with everything off, in alternating rounds. The result is the median of what the rounds say, as a ratio
# of CPU a request; the quartiles beside it say how much the rounds differ.
# usage: loadtests/everything-on.sh [--rounds N] [--seconds N]     (default 25 rounds of 2 s)
#   EDGE_NATIVE=FILE   the binary (default: dist/edge)
#   EDGE_BEFORE=FILE   another binary, measured with everything off as well
set -euo pipefail

# shellcheck source=peers/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/peers/lib.sh"

rounds=25 seconds=2
usage() { sed -n '2,7s/^# //p' "${BASH_SOURCE[0]}"; }
number() { [[ $1 =~ ^[1-9][0-9]{0,2}$ ]] || { usage >&2; exit 64; }; }
arguments=("$@")
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
need ip iproute2 "a network of its own"
install_needs
own_network "${BASH_SOURCE[0]}" "${arguments[@]}"
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

column() { awk -F'\t' -v name="$1" '$1 == name { print $2 }' "$raw"; }

# Of the numbers on standard input, the median, and the quartiles.
middle() {
    sort -n | awk '
        function at(share) { return values[int((NR - 1) * share + 1.5)] }
        { values[NR] = $1 }
        END { printf "%.3f (quartiles %.3f to %.3f)\n", at(0.5), at(0.25), at(0.75) }'
}

# print_ratio OF TO: as each round says it.
print_ratio() { echo "$1/$2  $(paste <(column "$1") <(column "$2") | awk '{ print $1 / $2 }' | middle)"; }

for variant in $(printf '%s\n' "${variants[@]}" | sort); do
    echo "$variant  $(column "$variant" | middle) µs CPU a request"
done
print_ratio on off
if [[ -n ${EDGE_BEFORE:-} ]]; then
    print_ratio off before
    print_ratio on before
fi
