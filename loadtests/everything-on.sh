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

awk -F'\t' '
    function sorted(values, n,    i, j, kept) {
        for (i = 2; i <= n; i++) {
            kept = values[i]
            for (j = i - 1; j > 0 && values[j] > kept; j--) values[j + 1] = values[j]
            values[j + 1] = kept
        }
    }
    function at(values, n, share) { return values[int((n - 1) * share + 1.5)] }
    function print_ratio(of, to,    i, n, ratios) {
        if (!(to in rounds)) return
        n = rounds[to]
        for (i = 1; i <= n; i++) ratios[i] = cpu[of, i] / cpu[to, i]
        sorted(ratios, n)
        printf "%s/%s  %.3f (quartiles %.3f to %.3f)\n", of, to, at(ratios, n, 0.5), at(ratios, n, 0.25), at(ratios, n, 0.75)
    }
    { cpu[$1, ++rounds[$1]] = $2 }
    END {
        for (name in rounds) {
            for (i = 1; i <= rounds[name]; i++) values[i] = cpu[name, i]
            sorted(values, rounds[name])
            printf "%-7s %.2f µs CPU a request (median)\n", name, at(values, rounds[name], 0.5)
        }
        print_ratio("on", "off")
        print_ratio("off", "before")
        print_ratio("on", "before")
    }' "$raw"
