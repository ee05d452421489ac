#!/usr/bin/env bash
# What an idle connection costs: opens many, each with one request behind it, and divides what the balancer's memory
# grew by. The kernel's own memory of a socket is not in it.
# usage: loadtests/idle.sh [--connections N] [--proxy NAME]…     (edge, haproxy, nginx; default: all three)
set -euo pipefail

# shellcheck source=peers/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/peers/lib.sh"

count=10000 proxies=()
usage() { sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"; }
while (($# > 0)); do
    case $1 in
        --connections)
            [[ ${2:-} =~ ^[1-9][0-9]{0,4}$ ]] || { usage >&2; exit 64; }
            count=$2
            shift 2
            ;;
        --proxy) proxies+=("${2:-}"); shift 2 || { usage >&2; exit 64; } ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 64 ;;
    esac
done
((${#proxies[@]} > 0)) || proxies=(edge haproxy nginx)
if [[ " ${proxies[*]} " == *" edge "* ]]; then require_edge; fi

need nginx nginx "the backend, and a balancer to compare with"
need haproxy haproxy "a balancer to compare with"
need curl curl "checks what is answered"
need_compiler
install_needs
peers_setup
# Every client's connection, with some of the balancer's own to the backends.
connections=$((nofile - 1000))
((count <= connections)) || die "$count connections need more than the $nofile descriptors that a process may have here."
compile_idle_clients
start_backend

hold=6
# await_lines WORD SECONDS: until both clients have printed it; prints the sum of their numbers.
await_lines() {
    local i
    for ((i = 0; i < $2 * 20; i++)); do
        if (($(cat "$work"/clients-[12].log | grep -c "^$1 ") == 2)); then
            awk -v word="$1" '$1 == word { sum += $2 } END { print sum }' "$work"/clients-[12].log
            return 0
        fi
        sleep 0.05
    done
    cat "$work"/clients-[12].log >&2
    return 1
}

failures=0
printf '%-10s %12s %14s %14s %18s\n' balancer connections 'RSS before KB' 'RSS idle KB' 'bytes/connection'
for proxy in "${proxies[@]}"; do
    command_of "$proxy" small
    start "$proxy" "${command[@]}"
    group=$pid
    await "$group" "$proxy" "$proxy_port" /128 128
    # What the first requests allocate once is no connection's cost.
    for ((i = 0; i < 200; i++)); do echo "url=http://127.0.0.1:$proxy_port/128"; echo 'output=/dev/null'; done >"$work/warm"
    curl -s --max-time 20 -K "$work/warm"
    before=$(memory_kb "$group" VmRSS)
    clients=()
    for half in $((count / 2)) $((count - count / 2)); do
        start "clients-$((${#clients[@]} + 1))" "$work/idle-clients" "$proxy_port" "$half" /128 "$hold"
        clients+=("$pid")
    done
    opened=$(await_lines open 60) || die "$proxy: the connections could not be opened."
    sleep 2
    after=$(memory_kb "$group" VmRSS)
    remaining=$(await_lines still-open $((hold + 10))) || die "$proxy: the clients did not finish."
    for client in "${clients[@]}"; do stop "$client"; done
    stop "$group"
    printf '%-10s %12d %14d %14d %18d\n' "$proxy" "$opened" "$before" "$after" $(((after - before) * 1024 / opened))
    if ((remaining != opened)); then
        echo "!!! $proxy closed $((opened - remaining)) of them meanwhile: its figure is not to be quoted." >&2
        failures=1
    fi
done
exit "$failures"
