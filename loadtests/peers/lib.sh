# shellcheck shell=bash
# Sourced by the scripts beside and above it: starts and stops the backend and what balancers.sh says of the balancers, and
# reads what they cost.
# Everything listens on 127.0.0.1, lives in a folder of its own in memory, and ends with the script.

peers_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo_dir=$(cd "$peers_dir/../.." && pwd)
PATH=$PATH:/usr/sbin:/sbin
# shellcheck source=../../scripts/needs.sh
source "$repo_dir/scripts/needs.sh"
# shellcheck source=balancers.sh
source "$peers_dir/balancers.sh"

threads=${PEERS_THREADS:-2}
base_port=${PEERS_PORT:-18080}
proxy_port=$base_port
backend_port=$((base_port + 1))
most_replicas=256
# What the balancer's clients speak; command_of says it.
proxy_scheme=http

work=
started=()

die() {
    echo "$*" >&2
    exit 1
}

peers_setup() {
    # Below the ports that the kernel gives to clients: a client must never be on one of ours.
    ((base_port >= 1024 && base_port <= 32000)) || die "PEERS_PORT must be between 1024 and 32000."
    ulimit -n "$(ulimit -Hn)"
    nofile=$(ulimit -n)
    [[ $nofile != unlimited ]] || nofile=1048576
    # A forwarded connection takes two descriptors.
    connections=$(((nofile - 200) / 2))
    local port
    for port in "$proxy_port" "$backend_port"; do
        port_is_free "$port" || die "Port $port is taken; choose others with PEERS_PORT."
    done
    local memory=/tmp
    [[ ! -w /dev/shm ]] || memory=/dev/shm
    work=$(mktemp -d "$memory/edge-peers.XXXXXX")
    trap peers_cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    mkdir "$work/files" "$work/configs"
    head -c 10240 /dev/zero | tr '\0' k >"$work/files/10k"
    head -c 1048576 /dev/zero | tr '\0' m >"$work/files/1m"
    chmod -R a+rX "$work"
}

# own_network SCRIPT [ARGUMENT]…: starts the script again in a network of its own, where that is allowed. There the congestion
# control can be one that goes by losses. BBR, which some machines have, sends at a pace that it estimates: on loopback that says more
# about a connection's age than about who fills it.
own_network() {
    if [[ -z ${PEERS_NETWORK:-} ]]; then
        export PEERS_NETWORK=host
        if unshare -n true 2>/dev/null; then PEERS_NETWORK=own exec unshare -n "$@"; fi
    elif [[ $PEERS_NETWORK == own ]]; then
        ip link set lo up
        local control
        for control in cubic reno; do
            if echo "$control" 2>/dev/null >/proc/sys/net/ipv4/tcp_congestion_control; then break; fi
        done
    fi
}

network_name() { if [[ ${PEERS_NETWORK:-host} == own ]]; then echo "a network namespace of its own"; else echo "the host's network"; fi; }

# shellcheck disable=SC2317 # called by the trap
peers_cleanup() {
    local rc=$? pid
    trap - EXIT
    for pid in "${started[@]}"; do stop "$pid" 1; done
    if [[ -n $work ]]; then
        if ((rc != 0)); then tail -n 5 "$work"/*.log 2>/dev/null >&2 || true; fi
        rm -rf "$work"
    fi
    exit "$rc"
}

port_is_free() {
    local hex
    printf -v hex '%04X' "$1"
    ! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$hex" '
        $4 == "0A" && substr($2, length($2) - 3) == port { found = 1 } END { exit !found }'
}

# start NAME COMMAND…: in a process group of its own, whose id is left in $pid.
start() {
    local name=$1
    shift
    setsid "$@" >"$work/$name.log" 2>&1 </dev/null &
    pid=$!
    started+=("$pid")
}

# stop PID [SECONDS]: asks, waits, and then ends what is left of its process group.
stop() {
    local pid=$1 seconds=${2:-3} other left=()
    kill -TERM "$pid" 2>/dev/null || true
    local i
    for ((i = 0; i < seconds * 50; i++)); do
        [[ -n $(group_pids "$pid") ]] || break
        sleep 0.02
    done
    if [[ -n $(group_pids "$pid") ]]; then kill -KILL -- "-$pid" 2>/dev/null || true; fi
    wait "$pid" 2>/dev/null || true
    for other in "${started[@]}"; do
        if [[ $other != "$pid" ]]; then left+=("$other"); fi
    done
    started=("${left[@]}")
}

# group_pids PGID: the group's living processes, zombies excepted.
group_pids() {
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v group="$1" '
        { pid = $1; sub(/^.*\) /, ""); if ($3 == group && $1 != "Z") printf "%s ", pid }'
}

# cpu_ticks PGID: user and system time of the whole group, in clock ticks.
cpu_ticks() {
    local member
    for member in $(group_pids "$1"); do cat "/proc/$member/stat" 2>/dev/null || true; done | awk '
        { sub(/^.*\) /, ""); user += $12; sys += $13 } END { print user + 0, sys + 0 }'
}

# cpu_nanoseconds PGID: what all living threads of the group have run, by the scheduler's own count: for short times, where a tick is much.
cpu_nanoseconds() {
    local member
    for member in $(group_pids "$1"); do cat "/proc/$member/task/"*/schedstat 2>/dev/null || true; done | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# memory_kb PGID FIELD: VmRSS or VmHWM (the most that VmRSS ever was), summed over the group.
memory_kb() {
    local member
    for member in $(group_pids "$1"); do cat "/proc/$member/status" 2>/dev/null || true; done |
        awk -v field="$2:" '$1 == field { sum += $2 } END { print sum + 0 }'
}

# answers PORT PATH BYTES [OPTION-OF-CURL…]: whether it answers 200 with a body of that length.
answers() {
    local scheme=http
    if (($1 == proxy_port)); then scheme=$proxy_scheme; fi
    [[ $(curl -sk -o /dev/null --max-time 2 -w '%{http_code} %{size_download}' "${@:4}" "$scheme://127.0.0.1:$1$2") == "200 $3" ]]
}

# await PID NAME PORT PATH BYTES [OPTION-OF-CURL…]
await() {
    local i
    for ((i = 0; i < 200; i++)); do
        if answers "${@:3}"; then return 0; fi
        [[ -n $(group_pids "$1") ]] || break
        sleep 0.05
    done
    echo "$2 does not answer port $3 at $4 with 200 and $5 bytes. It said:" >&2
    tail -n 20 "$work/$2.log" >&2
    return 1
}

# replica_addresses COUNT BEFORE AFTER: a line for each replica, all of them on the backend's one port.
replica_addresses() {
    local i
    for ((i = 0; i < $1; i++)); do echo "${2}127.0.$((1 + i / 128)).$((1 + i % 128)):$backend_port$3"; done
}

# fill TEMPLATE NAME=VALUE…
fill() {
    local file=$1 pair script
    shift
    script="s|@WORK@|$work|g;s|@THREADS@|$threads|g;s|@NOFILE@|$nofile|g;s|@CONNECTIONS@|$connections|g;s|@PORT@|$proxy_port|g"
    for pair in "$@"; do script+=";s|@${pair%%=*}@|${pair#*=}|g"; done
    script=${script//$'\n'/\\n}
    sed -e "$script" "$peers_dir/$file"
    if sed -e "$script" "$peers_dir/$file" | grep -n '@[A-Z0-9]*@' >&2; then die "$file: not filled in"; fi
}

start_backend() {
    local body
    printf -v body '%128s' ''
    fill nginx-backend.conf.in "BODY128=${body// /s}" "BACKEND=$backend_port" \
        "LISTENS=$(replica_addresses "$most_replicas" '        listen ' ' reuseport backlog=4096;')" >"$work/configs/nginx-backend.conf"
    start nginx-backend nginx -p "$work" -c "$work/configs/nginx-backend.conf" -e "$work/nginx-backend.log"
    await "$pid" nginx-backend "$backend_port" /128 128
    await "$pid" nginx-backend "$backend_port" /10k 10240
    await "$pid" nginx-backend "$backend_port" /1m 1048576
    await "$pid" nginx-backend "$backend_port" /chunked 10240
    await "$pid" nginx-backend "$backend_port" /post 128 --data-binary "@$work/files/10k"
    await "$pid" nginx-backend "$backend_port" /heartbeat 2
}

compile_idle_clients() {
    local compiler=gcc
    if command -v clang >/dev/null 2>&1; then compiler=clang; fi
    "$compiler" -O2 -Wall -Wextra -Werror -o "$work/idle-clients" "$peers_dir/idle-clients.c"
}

compile_tls_clients() {
    local compiler=gcc
    if command -v clang >/dev/null 2>&1; then compiler=clang; fi
    "$compiler" -O2 -Wall -Wextra -Werror -pthread -o "$work/tls-clients" "$peers_dir/tls-clients.c" -lssl -lcrypto
}

need_compiler() {
    command -v clang >/dev/null 2>&1 || need gcc gcc "compiles the clients that no package has"
    need /usr/include/stdio.h libc6-dev "compiles the clients that no package has"
}

# make_certificates: self-signed ones, each with its key in one file, as all balancers take it.
make_certificates() {
    local kind
    mkdir -p "$work/tls"
    for kind in ecdsa rsa; do
        local key=(-newkey rsa:2048)
        [[ $kind == rsa ]] || key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256)
        openssl req -x509 "${key[@]}" -nodes -days 30 -subj /CN=peers.test -addext subjectAltName=DNS:peers.test,IP:127.0.0.1 \
            -keyout "$work/tls/$kind.key" -out "$work/tls/$kind.crt" 2>"$work/openssl.log" || die "openssl: $(cat "$work/openssl.log")"
        cat "$work/tls/$kind.crt" "$work/tls/$kind.key" >"$work/tls/$kind.pem"
    done
}

# check_tls NAME: what it agrees on with a client that leaves it the choice. All balancers are to do the same work.
check_tls() {
    local said
    said=$(openssl s_client -connect "127.0.0.1:$proxy_port" -brief </dev/null 2>&1) || true
    [[ $said == *"Protocol version: TLSv1.3"* && $said == *"Ciphersuite: $tls_suite"* && $said == *"Server Temp Key: X25519"* ]] ||
        die "$1 is to use TLS 1.3, $tls_suite and X25519; openssl s_client says: $said"
}

cpu_model() {
    awk -F': *' '/^(model name|CPU part)/ { print $2; exit }' /proc/cpuinfo
}

describe_machine() {
    echo "- $(cpu_model), $(nproc) cores$(grep -q '^flags.* hypervisor' /proc/cpuinfo && echo ', a virtual machine'), $(awk '/^MemTotal/ { printf "%.0f GB", $2 / 1e6 }' /proc/meminfo)" \
        "of memory; Linux $(uname -r), $(uname -m); load before the start: $(cut -d' ' -f1-3 /proc/loadavg)"
    echo "- $(haproxy -v | head -n 1 | sed 's/ - http.*//'); $(nginx -v 2>&1); $(wrk -v 2>&1 | head -n 1 | sed 's/ Copyright.*//')"
    if [[ -x $edge_binary ]]; then
        echo "- Edge: $(edge_version) ($(stat -c %s "$edge_binary") bytes, sha256 $(sha256sum "$edge_binary" | cut -c1-12))"
    fi
}
