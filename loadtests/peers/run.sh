#!/usr/bin/env bash
# Compares Edge with HAProxy and nginx on this machine: what a request costs each of them. See README.md.
set -euo pipefail

usage() {
    cat <<'EOF'
usage: loadtests/peers/run.sh [--quick] [--rounds N] [--seconds N] [--case NAME]… [--proxy NAME]…

  --quick       one round of 2 seconds: shows that the harness works, measures nothing
  --rounds N    rounds a case (default 3); the order of the balancers rotates with each
  --seconds N   length of a measurement, after 1 second of warming up (default 5)
  --case NAME   small-1 small-64 small-1000 10k-64 1m-16 close-64 (default: all)
  --proxy NAME  edge haproxy haproxy-bare haproxy-splice nginx nginx-unbuffered
                (default: edge, haproxy, nginx; in small-64 haproxy-bare, in 1m-16 haproxy-splice
                and nginx-unbuffered as well)

  PEERS_THREADS=2    threads or workers of each balancer
  PEERS_PORT=18080   this port and the three behind it are used
  EDGE_NATIVE=FILE   the binary (default: dist/edge)
EOF
}

# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

rounds=3 seconds=5 quick=false cases=() proxies=()
number() { [[ $1 =~ ^[1-9][0-9]{0,2}$ ]] || { usage >&2; exit 64; }; }
while (($# > 0)); do
    case $1 in
        --quick) quick=true rounds=1 seconds=2; shift ;;
        --rounds) number "${2:-}"; rounds=$2; shift 2 ;;
        --seconds) number "${2:-}"; seconds=$2; shift 2 ;;
        --case) cases+=("${2:-}"); shift 2 || { usage >&2; exit 64; } ;;
        --proxy) proxies+=("${2:-}"); shift 2 || { usage >&2; exit 64; } ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 64 ;;
    esac
done
((${#cases[@]} > 0)) || cases=(small-1 small-64 small-1000 10k-64 1m-16 close-64)

# shape CASE: path, bytes, connections, client threads
shape() {
    case $1 in
        small-1) echo /128 128 1 1 ;;
        small-64 | close-64) echo /128 128 64 2 ;;
        small-1000) echo /128 128 1000 2 ;;
        10k-64) echo /10k 10240 64 2 ;;
        1m-16) echo /1m 1048576 16 2 ;;
        *) echo "No case is called $1." >&2; return 64 ;;
    esac
}

proxies_of() {
    if ((${#proxies[@]} > 0)); then echo "${proxies[*]}"; return; fi
    case $1 in
        small-64) echo edge haproxy haproxy-bare nginx ;;
        1m-16) echo edge haproxy haproxy-splice nginx nginx-unbuffered ;;
        *) echo edge haproxy nginx ;;
    esac
}

for case in "${cases[@]}"; do
    shape "$case" >/dev/null
    if [[ " $(proxies_of "$case") " == *" edge "* ]]; then require_edge; fi
done

need nginx nginx "the backend, and a balancer to compare with"
need haproxy haproxy "a balancer to compare with"
need wrk wrk "the client"
need curl curl "checks what is answered before it is measured"
install_needs
peers_setup
start_backend
backend=$pid

ticks_per_second=$(getconf CLK_TCK)
raw=$work/raw.tsv
results=$peers_dir/results
mkdir -p "$results"

# measure CASE PROXY ROUND: appends a line to the raw results.
measure() {
    local case=$1 proxy=$2 round=$3 path bytes conns client_threads command line before after rss group
    local header=()
    read -r path bytes conns client_threads < <(shape "$case")
    if [[ $case == close-* ]]; then header=(-H 'Connection: close'); fi
    command_of "$proxy" "$case"
    start "$proxy" "${command[@]}"
    group=$pid
    await "$group" "$proxy" "$proxy_port" "$path" "$bytes"
    local client=(wrk -t"$client_threads" -c"$conns" --latency --timeout 5s -s "$peers_dir/report.lua" "${header[@]}")
    "${client[@]}" -d1s "http://127.0.0.1:$proxy_port$path" >/dev/null
    before=$(cpu_ticks "$group")
    line=$("${client[@]}" -d"${seconds}s" "http://127.0.0.1:$proxy_port$path" | grep '^measured ')
    after=$(cpu_ticks "$group")
    rss=$(memory_kb "$group" VmHWM)
    [[ -n $(group_pids "$group") ]] || die "$proxy died under load."
    stop "$group"
    [[ -n $(group_pids "$backend") ]] || die "The backend died."
    echo "case=$case proxy=$proxy round=$round before=${before/ /,} after=${after/ /,} rss=$rss $line" |
        awk -v hz="$ticks_per_second" '
            {
                for (i = 1; i <= NF; i++) if (split($i, kv, "=") == 2) v[kv[1]] = kv[2]
                split(v["before"], b, ","); split(v["after"], a, ",")
                n = v["requests"]
                if (n == 0) { print "no request completed" > "/dev/stderr"; exit 1 }
                user = (a[1] - b[1]) * 1e6 / hz / n
                sys = (a[2] - b[2]) * 1e6 / hz / n
                printf "%s\t%s\t%d\t%.3f\t%.3f\t%.3f\t%.1f\t%.0f\t%.0f\t%d\t%d\t%d\n", v["case"], v["proxy"], v["round"],
                    user + sys, user, sys, n * 1e6 / v["microseconds"], v["p50"], v["p99"], v["rss"],
                    v["socket_errors"], v["status_errors"]
            }' >>"$raw"
    tail -n 1 "$raw" | awk '{ printf "%-10s %-16s round %d: %8.1f µs CPU a request, %8.0f requests/s%s\n", $1, $2, $3, $4, $7,
        ($11 + $12 > 0 ? "  !!! ERRORS: " $11 " sockets, " $12 " statuses" : "") }' >&2
}

: >"$raw"
described=$(describe_machine)
for case in "${cases[@]}"; do
    read -r -a order <<<"$(proxies_of "$case")"
    for ((round = 1; round <= rounds; round++)); do
        for proxy in "${order[@]}"; do measure "$case" "$proxy" "$round"; done
        order=("${order[@]:1}" "${order[0]}")
    done
done

stamp=$(date -u +%Y%m%dT%H%M%SZ)
cp "$raw" "$results/$stamp.tsv"
{
    echo "# Edge and its peers, $(date -u '+%Y-%m-%d %H:%M') UTC"
    echo
    if $quick; then printf '**--quick: the harness works; the figures say nothing.**\n\n'; fi
    echo "$described"
    echo "- $rounds round(s) of $seconds s after 1 s of warming up, order rotated; $threads threads or workers each; three backends; logs off."
    echo "- Client, backend and balancer share the cores: the absolute figures say little, the ratios within this run are the result."
    echo "- CPU is the balancer's own user and system time (all its processes; the kernel's softirq work that lands on others is not in it);"
    echo "  the split between user and system is the kernel's estimate. Memory is the sum of the processes' peak RSS, shared pages counted in each."
    echo "- 1m-16: HAProxy with 64 KB buffers, nginx with 64 KB buffers; all other cases 16 KB."
    echo
    awk -f "$peers_dir/table.awk" "$raw"
} | tee "$results/$stamp.md"
echo "Written to $results/$stamp.md and .tsv" >&2

errors=$(awk -F'\t' '{ n += $11 + $12 } END { print n + 0 }' "$raw")
if ((errors > 0)); then
    echo "!!! $errors requests went wrong: see the last column. These figures must not be quoted." >&2
    exit 1
fi
