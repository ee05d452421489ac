#!/usr/bin/env bash
# What one service notices of three others that are dead, flooded and hanging: its p50 and p99 at a fixed rate, with and without them, in turns. Prints
# a table for docs/performance.md.
# usage: loadtests/isolation/run.sh
#   EDGE     dist/edge   the binary
#   ROUNDS   10          of each
#   SECONDS_EACH  5      of load in a round
#   RATE     300         requests a second
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
edge=${EDGE:-$here/../../dist/edge} rounds=${ROUNDS:-10} seconds=${SECONDS_EACH:-5} rate=${RATE:-300}
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
}
trap 'stop; rm -rf "$folder"' EXIT

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

node "$here/trouble.js" replica >"$folder/replica" 2>&1 &
started+=($!)
"$edge" replica --listen 127.0.0.1:0 >"$folder/good" 2>&1 &
started+=($!)
hangs=127.0.0.1:$(line_of "$folder/replica" '^[0-9]')
good=$(line_of "$folder/good" '^listening ' | cut -d' ' -f2)
env EDGE__LISTEN=127.0.0.1:0 \
    EDGE__SERVICES__GOOD__HOSTS__0=good.example EDGE__SERVICES__GOOD__FLEET__ADDRESSES__0="$good" \
    EDGE__SERVICES__DEAD__HOSTS__0=dead.example EDGE__SERVICES__DEAD__FLEET__ADDRESSES__0=127.0.0.1:9 \
    EDGE__SERVICES__FLOODED__HOSTS__0=flooded.example EDGE__SERVICES__FLOODED__FLEET__ADDRESSES__0="$hangs" \
    EDGE__SERVICES__FLOODED__OVERLOAD__INFLIGHT=40 EDGE__SERVICES__FLOODED__OVERLOAD__QUEUE=100 EDGE__SERVICES__FLOODED__OVERLOAD__QUEUEWAIT=1h \
    EDGE__SERVICES__FLOODED__EJECTION__FAILURES=0 EDGE__SERVICES__HANGING__EJECTION__FAILURES=0 \
    EDGE__SERVICES__FLOODED__TIMEOUTS__RESPONSEHEAD=1h EDGE__SERVICES__HANGING__TIMEOUTS__RESPONSEHEAD=1h \
    EDGE__SERVICES__HANGING__HOSTS__0=hanging.example EDGE__SERVICES__HANGING__FLEET__ADDRESSES__0="$hangs" \
    "$edge" >"$folder/edge" 2>"$folder/edge-log" &
started+=($!)
port=$(line_of "$folder/edge" 'listens at http://' | grep -o '[0-9]*$')
line_of "$folder/edge" '^in rotation' >/dev/null

# How many requests were refused because a queue was full.
refused() { node -e 'fetch(process.argv[1]).then((answer) => answer.text()).then((text) => console.log(/service="flooded",reason="queue_full"} (\d+)/.exec(text)[1]))' \
    "http://127.0.0.1:$port/edge/metrics"; }

echo "$(nproc) cores, Linux $(uname -r); load before: $(cut -d' ' -f1-3 /proc/loadavg); $rounds rounds of $seconds s each, $rate requests a second"
node "$here/load.js" "$port" "$rate" 2 >/dev/null
for ((round = 0; round < rounds; round++)); do
    echo "without $(node "$here/load.js" "$port" "$rate" "$seconds")" >>"$folder/figures"
    node "$here/trouble.js" load "$port" >"$folder/trouble" 2>&1 &
    trouble=$!
    started+=("$trouble")
    line_of "$folder/trouble" '^full' >/dev/null
    before=$(refused)
    echo "with $(node "$here/load.js" "$port" "$rate" "$seconds")" >>"$folder/figures"
    (($(refused) > before)) || { echo "The queue was not full." >&2; exit 1; }
    kill "$trouble"
    wait "$trouble" 2>/dev/null || true
done

# The middle one of a column, of the lines that begin with a word.
median() { awk -v word="$1" -v column="$2" '$1 == word { print $column }' "$folder/figures" | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
failed() { awk -v word="$1" '$1 == word { sum += $4 } END { print sum + 0 }' "$folder/figures"; }
least() { awk -v word="$1" '$1 == word { print $3 }' "$folder/figures" | sort -n | sed -n '1p;$p' | paste -sd' ' | sed 's/ / to /'; }
echo
echo '| the three others | p50 ms | p99 ms | least to most | failed |'
echo '|---|---:|---:|---:|---:|'
echo "| idle | $(median without 2) | $(median without 3) | $(least without) | $(failed without) |"
echo "| dead, flooded, hanging | $(median with 2) | $(median with 3) | $(least with) | $(failed with) |"
echo
awk -v with="$(median with 3)" -v without="$(median without 3)" 'BEGIN { printf "p99 with them: %.2f of that without\n", with / without }'
