#!/usr/bin/env bash
# Has testssl.sh look at Edge's TLS, once with a certificate of P-256 and once of RSA-2048, and holds what it finds: about four minutes.
# usage: loadtests/tls/testssl.sh          EDGE_NATIVE=FILE is the binary (default: dist/edge)
# What it finds is accepted where its severity is OK or INFO, or it is listed here with the reason; docs/security.md has the list, too.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=../../scripts/needs.sh
source "$root/scripts/needs.sh"

# Of the certificate that this script makes, of the name 127.0.0.1, and of the replicas' answers; nothing of TLS.
accepted=(
    cert_chain_of_trust     # signed by an authority that this script makes
    cert_trust              # the same
    cert_revocation         # that authority has no address for revocations
    DNS_CAArecord           # 127.0.0.1 has none
    security_headers        # they are the replicas' to send
)

edge=${EDGE_NATIVE:-$root/dist/edge}
[[ -x $edge ]] || { echo "$edge is missing: run ./publish.sh first, or name one in EDGE_NATIVE." >&2; exit 1; }
need testssl testssl.sh "looks at TLS"
need openssl openssl "makes certificates"
need node nodejs "reads what testssl.sh has found"
need curl curl "waits until Edge answers"
install_needs

work=$(mktemp -d /tmp/edge-testssl.XXXXXX)
pid=
# shellcheck disable=SC2317 # called by the trap
cleanup() {
    if [[ -n $pid ]]; then
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

port=${TESTSSL_PORT:-19443}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj '/CN=An authority of the test' \
    -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
for kind in ecdsa rsa; do
    key=(-newkey rsa:2048)
    [[ $kind == rsa ]] || key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256)
    openssl req "${key[@]}" -nodes -subj /CN=127.0.0.1 -keyout "$work/$kind.key" -out "$work/$kind.csr" 2>/dev/null
    printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n' >"$work/ext"
    openssl x509 -req -in "$work/$kind.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 90 -extfile "$work/ext" \
        -out "$work/$kind.crt" 2>/dev/null
    cat "$work/$kind.crt" "$work/ca.pem" "$work/$kind.key" >"$work/$kind.pem"
done

failures=0
for kind in ecdsa rsa; do
    EDGE__LISTEN=https://127.0.0.1:$port EDGE__TLS__CERTIFICATES__0__FILE=$work/$kind.pem EDGE__FLEET__DRIVER=process EDGE__FLEET__REPLICAS=1 \
        EDGE__TLS__HSTS=365d "$edge" >"$work/edge.log" 2>&1 </dev/null &
    pid=$!
    for ((i = 0; i < 100; i++)); do
        if curl -sk -o /dev/null --fail --max-time 2 "https://127.0.0.1:$port/home"; then break; fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    if ((i == 100)) || ! kill -0 "$pid" 2>/dev/null; then
        cat "$work/edge.log" >&2
        exit 1
    fi
    # Its exit code counts findings of every kind; what it has found is held below.
    testssl --quiet --color 0 --warnings batch --ip one --add-ca "$work/ca.pem" --jsonfile "$work/$kind.json" "127.0.0.1:$port" \
        >"$work/$kind.txt" 2>&1 </dev/null || true
    kill "$pid"
    wait "$pid" || { echo "Edge ended badly:" >&2; tail -n 20 "$work/edge.log" >&2; exit 1; }
    pid=
    # shellcheck disable=SC2016 # it is JavaScript
    node -e '
        const [file, kind, ...accepted] = process.argv.slice(1);
        const found = JSON.parse(require("node:fs").readFileSync(file, "utf8"));
        const ids = id => accepted.some(a => id === a || id.startsWith(a + " "));
        const bad = found.filter(f => !["OK", "INFO"].includes(f.severity));
        for (const f of bad) console.log(`${kind}: ${ids(f.id) ? "accepted" : "NOT ACCEPTED"}: ${f.severity} ${f.id}: ${f.finding}`);
        const complete = ["SSLv3", "TLS1", "TLS1_1", "TLS1_2", "TLS1_3", "heartbleed", "ROBOT", "secure_client_renego", "LUCKY13"];
        const missing = complete.filter(id => !found.some(f => f.id === id));
        if (missing.length > 0) console.log(`${kind}: not looked at: ${missing.join(", ")}`);
        console.log(`${kind}: ${found.length} findings`);
        process.exit(missing.length > 0 || bad.some(f => !ids(f.id)) ? 1 : 0);
    ' "$work/$kind.json" "$kind" "${accepted[@]}" || failures=1
done
exit "$failures"
