#!/usr/bin/env bash
# Compares Edge with HAProxy, nginx and others on this machine: what a request costs each of them. See README.md.
set -euo pipefail

usage() {
    cat <<'EOF'
usage: loadtests/peers/run.sh [--quick] [--rounds N] [--seconds N] [--case NAME]… [--proxy NAME]…

  --quick       one round of 1 second: shows that the harness works, measures nothing
  --rounds N    rounds a case (default 5); the order of the balancers rotates with each
  --seconds N   length of a measurement, after warming up (default 4)
  --case NAME   KIND-CONNECTIONS; KIND is small, 10k, 1m, close, replicas16, replicas256, chunked, post, upload, idle,
                rateN (N requests a second, 10 to 99,999, however fast they are answered), or over TLS 1.3 tls, tls1m, tlsfull,
                tlsresumed, tlsrsa, tlsidle
                (default: small-1 small-8 small-64 small-1000 small-4000 10k-64 1m-16 upload-16 close-64 replicas16-64
                replicas256-64 chunked-64 post-64 idle-64 rate500-64 rate2000-64 rate5000-64 rate10000-64
                tls-64 tls1m-8 tlsfull-16 tlsresumed-16 tlsrsa-16 tlsidle-2000)
  --proxy NAME  edge haproxy haproxy-bare haproxy-splice nginx nginx-unbuffered caddy yarp, and, from PEERS_ROOT,
                haproxy-new, haproxy-bare-new and so on (default: those that README.md says for each case);
                edge-before is PEERS_EDGE, to compare two versions of Edge in one run

  PEERS_ROOT=DIR     the root of an installation of Debian whose HAProxy and nginx are measured as well
  PEERS_YARP=FILE    a YARP that reads YARP_LISTEN and YARP_REPLICAS, or `build` for the one in yarp/
  PEERS_THREADS=2    threads or workers of each balancer
  PEERS_PORT=18080   this port and the one behind it are used
  PEERS_RESULTS=DIR  where a folder with the results is made (default: results/ beside this script)
  EDGE_NATIVE=FILE   the binary (default: dist/edge)
EOF
}

# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

arguments=("$@")
rounds=5 seconds=4 quick=false cases=() proxies=()
wrong_usage() { usage >&2; exit 64; }
number() { [[ $1 =~ ^[1-9][0-9]{0,2}$ ]] || wrong_usage; }
while (($# > 0)); do
    case $1 in
        --quick) quick=true rounds=1 seconds=1; shift ;;
        --rounds) number "${2:-}"; rounds=$2; shift 2 ;;
        --seconds) number "${2:-}"; seconds=$2; shift 2 ;;
        --case) cases+=("${2:-}"); shift 2 || wrong_usage ;;
        --proxy) proxies+=("${2:-}"); shift 2 || wrong_usage ;;
        -h | --help) usage; exit 0 ;;
        *) wrong_usage ;;
    esac
done
((${#cases[@]} > 0)) ||
    cases=(small-1 small-8 small-64 small-1000 small-4000 10k-64 1m-16 upload-16 close-64 replicas16-64 replicas256-64
        chunked-64 post-64 idle-64 rate500-64 rate2000-64 rate5000-64 rate10000-64
        tls-64 tls1m-8 tlsfull-16 tlsresumed-16 tlsrsa-16 tlsidle-2000)
idle_clients=5000

# shape CASE: path, bytes of the response, connections, replicas
shape() {
    local kind=${1%-*} connections=${1##*-} what
    case $kind in
        small | close | idle | rate[1-9][0-9] | rate[1-9][0-9][0-9] | rate[1-9][0-9][0-9][0-9] | rate[1-9][0-9][0-9][0-9][0-9]) what='/128 128' ;;
        replicas16 | replicas256 | tls | tlsfull | tlsresumed | tlsrsa | tlsidle) what='/128 128' ;;
        10k) what='/10k 10240' ;;
        1m | tls1m) what='/1m 1048576' ;;
        chunked) what='/chunked 10240' ;;
        post | upload) what='/post 128' ;;
        *) die "No case is called $1." ;;
    esac
    [[ $connections =~ ^[1-9][0-9]{0,3}$ ]] || die "No case is called $1."
    if [[ $kind == replicas* ]]; then echo "$what $connections ${kind#replicas}"; else echo "$what $connections 3"; fi
}

proxies_of() {
    local names=(edge haproxy nginx) others=() name
    if ((${#proxies[@]} > 0)); then echo "${proxies[*]}"; return; fi
    case $1 in
        small-64) names+=(haproxy-bare) ;;
        1m-* | upload-*) names+=(haproxy-splice nginx-unbuffered) ;;
        chunked-* | post-*) names+=(nginx-unbuffered) ;;
    esac
    if [[ -n $peers_root ]]; then
        for name in "${names[@]:1}"; do others+=("$name-new"); done
    fi
    case $1 in
        small-64 | 10k-64)
            if has_caddy; then others+=(caddy); fi
            if has_yarp; then others+=(yarp); fi
            ;;
    esac
    echo "${names[*]} ${others[*]}"
}

all=() measurements=0
for case in "${cases[@]}"; do
    shape "$case" >/dev/null
    read -r -a order <<<"$(proxies_of "$case")"
    measurements=$((measurements + rounds * ${#order[@]}))
    for proxy in "${order[@]}"; do
        [[ " ${all[*]} " == *" $proxy "* ]] || all+=("$proxy")
    done
done
if [[ " ${all[*]} " == *" edge "* ]]; then require_edge; fi
if [[ " ${all[*]} " == *" yarp "* ]]; then build_yarp; fi

need nginx nginx "the backend, and a balancer to compare with"
need haproxy haproxy "a balancer to compare with"
need wrk wrk "the client"
if [[ " ${cases[*]} " == *" rate"* ]]; then need h2load nghttp2-client "the client that keeps to a rate"; fi
need curl curl "checks what is answered before it is measured"
need node nodejs "draws the chart"
has_tls=false
if [[ " ${cases[*]} " == *" tls"* ]]; then
    has_tls=true
    need openssl openssl "makes certificates, and checks what is agreed on"
    need /usr/include/openssl/ssl.h libssl-dev "compiles the client of TLS"
fi
if $has_tls || [[ " ${cases[*]} " == *" idle-"* ]]; then need_compiler; fi
need ip iproute2 "a network of its own"
install_needs
if [[ -n $yarp_binary ]]; then export PEERS_YARP=$yarp_binary; fi
own_network "${BASH_SOURCE[0]}" "${arguments[@]}"
peers_setup
for proxy in "${all[@]}"; do program_of "$proxy"; done
if [[ " ${cases[*]} " == *" idle-"* ]]; then
    ((connections > idle_clients + 1000)) || die "$idle_clients idle connections need more than the $nofile descriptors that a process may have here."
    compile_idle_clients
fi
if $has_tls; then
    make_certificates
    compile_tls_clients
fi
start_backend
backend=$pid

ticks_per_second=$(getconf CLK_TCK)
raw=$work/raw.tsv
idle_raw=$work/idle.tsv

# idle_start: opens the connections that idle, and leaves its process in $idler.
idle_start() {
    local i
    start idle-clients "$work/idle-clients" "$proxy_port" "$idle_clients" /128 $((seconds + 4))
    idler=$pid
    for ((i = 0; i < 1200; i++)); do
        if grep -q '^open ' "$work/idle-clients.log"; then return 0; fi
        [[ -n $(group_pids "$idler") ]] || break
        sleep 0.05
    done
    cat "$work/idle-clients.log" >&2
    die "$1: the idle connections could not be opened."
}

# idle_end: ends them; prints how many the balancer closed meanwhile, which counts as errors.
idle_end() {
    local i
    for ((i = 0; i < (seconds + 20) * 20; i++)); do
        [[ -n $(group_pids "$idler") ]] || break
        sleep 0.05
    done
    awk -v count="$idle_clients" '$1 == "still-open" { count -= $2 } END { print count }' "$work/idle-clients.log"
}

# body_of CASE: the file that a request brings; nothing where it brings none.
body_of() {
    case $1 in
        post-*) echo "$work/files/10k" ;;
        upload-*) echo "$work/files/1m" ;;
    esac
}

# check_answers CASE PROXY: that it answers as it should, before it is measured.
check_answers() {
    local path bytes rest body options=()
    read -r path bytes rest < <(shape "$1")
    body=$(body_of "$1")
    [[ -z $body ]] || options=(--data-binary "@$body")
    await "$group" "$2" "$proxy_port" "$path" "$bytes" "${options[@]}"
    [[ $1 != tls* ]] || check_tls "$2"
    [[ $1 != chunked-* ]] || curl -s -D - -o /dev/null "http://127.0.0.1:$proxy_port$path" | grep -qi '^transfer-encoding: *chunked' ||
        die "$2 does not answer in chunks."
}

# rated CASE SECONDS: requests at the case's rate; one line as report.lua prints it. Each connection has its share of the rate, whatever
# becomes of the requests before. They are opened one after the other, about a seventh of the time between two requests of one apart: opened
# together, they would stay in step, and each turn of a loop would have requests of many.
rated() {
    local rate=${1#rate} conns=${1##*-} log=$work/h2load.log output apart
    rate=${rate%-*}
    rm -f "$log"
    apart=$(((conns * 146 + rate / 2) / rate))
    output=$(h2load --h1 -t1 -c"$conns" --rps "$(awk -v r="$rate" -v c="$conns" 'BEGIN { printf "%.6f", r / c }')" -n$((rate * $2)) \
        -r1 --rate-period="$((apart < 1 ? 1 : apart))ms" -T5 --log-file "$log" "http://127.0.0.1:$proxy_port/128") || die "h2load failed: $output"
    # A line of the log is when a request began, its status and how long it took, in microseconds, between tabs.
    sort -t$'\t' -k3,3n "$log" | awk -F'\t' -v output="$output" '
        function at(share,    i) { i = int(NR * share + 0.999999); return took[i < 1 ? 1 : i] }
        {
            took[NR] = $3
            if ($2 < 200 || $2 > 299) wrong++
            if (NR == 1 || $1 < first) first = $1
            if ($1 + $3 > last) last = $1 + $3
        }
        END {
            match(output, /[0-9]+ failed, [0-9]+ errored, [0-9]+ timeout/)
            split(substr(output, RSTART, RLENGTH), n, " ")
            printf "measured requests=%d microseconds=%.0f p50=%d p99=%d p999=%d socket_errors=%d status_errors=%d\n",
                NR, last - first, at(0.5), at(0.99), at(0.999), (RSTART ? n[1] + n[3] + n[5] - wrong : 1), wrong
        }'
}

# measure CASE PROXY ROUND: appends a line to the raw results.
measure() {
    local case=$1 proxy=$2 round=$3 path bytes conns replicas command before after rss line group idler closed=0 warm=1 length=$seconds ran
    local client=(env -u PEERS_POST wrk) header=() url
    if [[ $case == tlsidle-* ]]; then
        measure_idle "$@"
        return
    fi
    read -r path bytes conns replicas < <(shape "$case")
    command_of "$proxy" "$case" "$replicas"
    printf '%s\t%s\t%s\n' "$case" "$proxy" "${command[*]}" >>"$work/configs/commands.tsv"
    start "$proxy" "${command[@]}"
    group=$pid
    check_answers "$case" "$proxy"
    case $case in
        close-*) header=(-H 'Connection: close') ;;
        post-* | upload-*) client=(env "PEERS_POST=$(stat -c %s "$(body_of "$case")")" wrk) ;;
        idle-*) idle_start "$proxy" ;;
    esac
    # What is compiled while it runs takes a while to be.
    if [[ $proxy == yarp ]] && ! $quick; then warm=6; fi
    # At a low rate, a balancer has little to do: it takes a while until that can be told from a clock's ticks and from the opening.
    if [[ $case == rate* ]] && ! $quick; then length=$((seconds < 10 ? 10 : seconds)); fi
    client+=(-t$((conns < 2 ? 1 : 2)) -c"$conns" --latency --timeout 5s -s "$peers_dir/report.lua" "${header[@]}")
    url=$proxy_scheme://127.0.0.1:$proxy_port$path
    "${client[@]}" -d${warm}s "$url" >/dev/null
    before=$(cpu_ticks "$group")
    ran=$(cpu_nanoseconds "$group")
    case $case in
        rate*) line=$(rated "$case" "$length") ;;
        tlsfull-* | tlsrsa-*) line=$("$work/tls-clients" full "$proxy_port" "$conns" "$path" "$length") ;;
        tlsresumed-*) line=$("$work/tls-clients" resumed "$proxy_port" "$conns" "$path" "$length") ;;
        *) line=$("${client[@]}" -d"${length}s" "$url" | grep '^measured ') ;;
    esac
    ran=$(($(cpu_nanoseconds "$group") - ran))
    after=$(cpu_ticks "$group")
    [[ $case == rate* ]] || ran=0
    rss=$(memory_kb "$group" VmHWM)
    [[ $case != idle-* ]] || closed=$(idle_end)
    [[ -n $(group_pids "$group") ]] || die "$proxy died under load."
    stop "$group"
    [[ -n $(group_pids "$backend") ]] || die "The backend died."
    echo "case=$case proxy=$proxy round=$round before=${before/ /,} after=${after/ /,} ran=$ran rss=$rss closed=$closed $line" | note
}

# await_idle COUNT: until the client of TLS has so many connections.
await_idle() {
    local i
    for ((i = 0; i < 2400; i++)); do
        if grep -q "^open $1\$" "$work/tls-clients.log"; then return 0; fi
        [[ -n $(group_pids "$idler") ]] || break
        sleep 0.05
    done
    cat "$work/tls-clients.log" >&2
    die "$proxy: the idle connections could not be opened."
}

# measure_idle CASE PROXY ROUND: what the balancer's memory grows by, for each connection that idles after one request. A quarter as many are
# there before: what the first ones allocate once is no connection's cost. The kernel's memory is not in it.
measure_idle() {
    local case=$1 proxy=$2 round=$3 path bytes conns replicas command group idler before after closed i
    read -r path bytes conns replicas < <(shape "$case")
    command_of "$proxy" "$case" "$replicas"
    printf '%s\t%s\t%s\n' "$case" "$proxy" "${command[*]}" >>"$work/configs/commands.tsv"
    start "$proxy" "${command[@]}"
    group=$pid
    check_answers "$case" "$proxy"
    start tls-clients "$work/tls-clients" idle "$proxy_port" $((conns * 4 / 3)) "$path" 2
    idler=$pid
    await_idle $((conns * 4 / 3 / 4))
    sleep 0.5
    before=$(memory_kb "$group" VmRSS)
    kill -USR1 "$idler"
    await_idle $((conns * 4 / 3))
    sleep 0.5
    after=$(memory_kb "$group" VmRSS)
    for ((i = 0; i < 200; i++)); do
        [[ -n $(group_pids "$idler") ]] || break
        sleep 0.05
    done
    closed=$(awk -v count="$((conns * 4 / 3))" '$1 == "still-open" { count -= $2 } END { print count }' "$work/tls-clients.log")
    [[ -n $(group_pids "$group") ]] || die "$proxy died with idle connections."
    stop "$group"
    awk -v OFS='\t' -v kb=$((after - before)) -v count=$((conns * 4 / 3 - conns * 4 / 3 / 4)) -v case="$case" -v proxy="$proxy" -v round="$round" -v closed="$closed" \
        'BEGIN { printf "%s\t%s\t%d\t%.0f\t%d\n", case, proxy, round, kb * 1024 / count, closed }' >>"$idle_raw"
    tail -n 1 "$idle_raw" | awk '{ printf "%-14s %-20s round %d: %8d bytes an idle connection%s\n", $1, $2, $3, $4, ($5 > 0 ? "  !!! CLOSED: " $5 : "") }' >&2
}

# note: turns what was measured into a line of the raw results, and says it.
note() {
    awk -v hz="$ticks_per_second" '
        {
            for (i = 1; i <= NF; i++) if (split($i, kv, "=") == 2) v[kv[1]] = kv[2]
            split(v["before"], b, ","); split(v["after"], a, ",")
            n = v["requests"]
            if (n == 0) { print v["proxy"] ": no request completed" > "/dev/stderr"; exit 1 }
            user = (a[1] - b[1]) * 1e6 / hz / n
            sys = (a[2] - b[2]) * 1e6 / hz / n
            if (v["ran"] > 0) {
                # What ran is known to the nanosecond, and its split to a tick.
                share = user + sys > 0 ? user / (user + sys) : 0
                user = v["ran"] / 1e3 / n * share
                sys = v["ran"] / 1e3 / n - user
            }
            printf "%s\t%s\t%d\t%.3f\t%.3f\t%.3f\t%.1f\t%.0f\t%.0f\t%.0f\t%d\t%d\t%d\n", v["case"], v["proxy"], v["round"],
                user + sys, user, sys, n * 1e6 / v["microseconds"], v["p50"], v["p99"], v["p999"], v["rss"],
                v["socket_errors"] + v["closed"], v["status_errors"]
        }' >>"$raw"
    tail -n 1 "$raw" | awk '{ printf "%-14s %-20s round %d: %8.1f µs CPU a request, %8.0f requests/s%s\n", $1, $2, $3, $4, $7,
        ($12 + $13 > 0 ? "  !!! ERRORS: " $12 " sockets, " $13 " statuses" : "") }' >&2
}

# stolen: of all processor time so far, how much the host gave to others, and all of it, in clock ticks.
stolen() { awk '/^cpu / { for (i = 2; i <= 9; i++) all += $i; print $9, all }' /proc/stat; }

describe_run() {
    local proxy
    echo "# Edge and its peers, $(date -u '+%Y-%m-%d %H:%M') UTC"
    echo
    if $quick; then printf '**--quick: the harness works; the figures say nothing.**\n\n'; fi
    echo "$described"
    for proxy in "${all[@]}"; do
        case $proxy in *-new | caddy | yarp) echo "- $proxy: $(version_of "$proxy")" ;; esac
    done
    echo "- Congestion control: $(cat /proc/sys/net/ipv4/tcp_congestion_control), in $(network_name)."
    echo "- $rounds round(s) of $seconds s after warming up, order rotated; $threads threads or workers each; three replicas where the case names no other number; logs off."
    echo "- Load at the end: $(cut -d' ' -f1-3 /proc/loadavg); processor time that the host gave to others meanwhile: $(
        echo "$steal_before $(stolen)" | awk '{ printf "%.1f %%", ($4 > $2 ? ($3 - $1) * 100 / ($4 - $2) : 0) }')."
    echo "- Client, replicas and balancer share the cores: the absolute figures say little, the ratios within this run are the result."
    echo "- CPU is the balancer's own user and system time (all its processes; the kernel's work in soft interrupts that lands on others"
    echo "  is not in it); the split between user and system is the kernel's estimate. Memory is the sum of the processes' peak RSS,"
    echo "  shared pages counted in each."
    echo
    echo "![CPU a request, against HAProxy](chart.svg)"
    echo
    awk -f "$peers_dir/table.awk" "$raw" "$idle_raw"
}

printf 'case\tproxy\tround\tcpu_us\tuser_us\tsystem_us\trequests_s\tp50_us\tp99_us\tp999_us\trss_kb\tsocket_errors\tstatus_errors\n' >"$raw"
printf 'case\tproxy\tround\tbytes\tclosed\n' >"$idle_raw"
described=$(describe_machine)
steal_before=$(stolen)
echo "$measurements measurements, about $((measurements * (seconds * 10 + 20) / 600 + 1)) minutes" >&2
for case in "${cases[@]}"; do
    read -r -a order <<<"$(proxies_of "$case")"
    for ((round = 1; round <= rounds; round++)); do
        for proxy in "${order[@]}"; do measure "$case" "$proxy" "$round"; done
        order=("${order[@]:1}" "${order[0]}")
    done
done

results=${PEERS_RESULTS:-$peers_dir/results}/$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$results/configs"
cp "$raw" "$results/raw.tsv"
[[ $(wc -l <"$idle_raw") == 1 ]] || cp "$idle_raw" "$results/idle.tsv"
sort -u -o "$work/configs/commands.tsv" "$work/configs/commands.tsv"
cp "$work"/configs/* "$results/configs/"
node "$peers_dir/chart.js" "$raw" >"$results/chart.svg"
describe_run | tee "$results/table.md"
echo "Written to $results" >&2

errors=$(awk -F'\t' 'FNR > 1 { n += NF == 5 ? $5 : $12 + $13 } END { print n + 0 }' "$raw" "$idle_raw")
if ((errors > 0)); then
    echo "!!! $errors requests went wrong: see the last column. These figures must not be quoted." >&2
    exit 1
fi
