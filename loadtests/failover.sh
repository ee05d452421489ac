#!/usr/bin/env bash
# Runs failover.js, and kills one replica after the other meanwhile, in the order of their names: with SIGKILL where they are child processes of the
# balancer on this machine, with `docker kill` where they are containers.
# usage: loadtests/failover.sh [k6 arguments…]
#   BASE_URL  http://127.0.0.1:5000
#   TOKEN     (empty)
#   DURATION  60     seconds of load
#   EVERY     5      seconds between two kills; the last 10 s have none, so that all are back in the end
#   K6        k6     the program
set -euo pipefail

url=${BASE_URL:-http://127.0.0.1:5000} token=${TOKEN:-} duration=${DURATION:-60} every=${EVERY:-5} k6=${K6:-k6}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
case ${1:-} in
    -h | --help)
        sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
        exit 0
        ;;
esac
if [[ ! $duration =~ ^[0-9]+$ || ! $every =~ ^[1-9][0-9]*$ ]] || ((duration < every + 10)); then
    echo "DURATION and EVERY are whole seconds, and there has to be room for a kill before the last 10 s." >&2
    exit 64
fi

ask() { curl -fsS --max-time 10 ${token:+-H "Authorization: Bearer $token"} "$url$1"; }

# The one after the last victim in the natural order of names, or the first. Names and not places in a list: one that was started again is
# at the end of the kernel's list of children, and one that is just being started is in none.
next_of() {
    local next
    next=$(printf '%s\n' "$last" "$@" | sort -Vu | awk -v last="$last" 'found { print; exit } $0 == last { found = 1 }')
    printf '%s' "${next:-$(printf '%s\n' "$@" | sort -V | head -n 1)}"
}

# The victims are looked up anew each time: a replica that was started again is another process.
last=''
kill_one() {
    local status names children pid child id
    local -A pids=()
    status=$(ask /edge/status)
    if [[ $status == *'"driver":"docker"'* ]]; then
        mapfile -t names < <(ask /rep | grep -o '"replicas": *\[[^]]*' | grep -o '"[^"]*"' | tail -n +2 | tr -d '"')
        ((${#names[@]} > 0)) || return 0
        last=$(next_of "${names[@]}")
        echo "docker kill $last" >&2
        docker kill "$last" >/dev/null
        return 0
    fi
    pid=$(grep -o '"pid":[0-9]*' <<<"$status" | cut -d: -f2)
    read -r -d '' -a children < <(cat "/proc/$pid/task/"*/children) || true
    for child in "${children[@]}"; do
        id=$(tr '\0' ' ' <"/proc/$child/cmdline" | sed -n 's/.* replica .*--id \([^ ]*\) .*/\1/p')
        if [[ -n $id ]]; then pids[$id]=$child; fi
    done
    ((${#pids[@]} > 0)) || return 0
    last=$(next_of "${!pids[@]}")
    echo "kill -KILL ${pids[$last]} (replica $last)" >&2
    kill -KILL "${pids[$last]}"
}

requests() { ask /edge/status | grep -o '"requests":[0-9]*' | awk -F: '{ sum += $2 } END { print sum + 0 }'; }

ask /rep >/dev/null
before=$(requests)
"$k6" run -e "BASE_URL=$url" -e "TOKEN=$token" -e "DURATION=${duration}s" -e KILLS=1 "$@" "$here/failover.js" &
load=$!
trap 'kill "$load" 2>/dev/null || true' EXIT
# k6 takes its time to start: nothing is killed before the load is there.
for ((i = 0; i < 120 && $(requests) < before + 100; i++)); do
    kill -0 "$load" 2>/dev/null || break
    sleep 0.5
done
for ((i = 0; i < (duration - 10) / every; i++)); do
    sleep "$every"
    kill -0 "$load" 2>/dev/null || break
    kill_one
done
rc=0
wait "$load" || rc=$?
trap - EXIT
exit "$rc"
