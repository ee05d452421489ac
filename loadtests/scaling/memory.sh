#!/usr/bin/env bash
# Runs memory.js where many connections that stall can be measured: in a network of its own, whose sockets hold 128 KiB at most.
# With the buffers that the kernel lets them grow to, a thousand use up what it has for TCP (tcp_mem, tcp(7)).
# usage: loadtests/scaling/memory.sh [--connections N] [EDGE]      (1000, dist/edge)
set -euo pipefail

# shellcheck source=../peers/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../peers/lib.sh"

need node nodejs "opens the connections"
need ip iproute2 "a network of its own"
install_needs
own_network "${BASH_SOURCE[0]}" "$@"
[[ $PEERS_NETWORK == own ]] || die "A network of its own is not allowed here, and the host's is left as it is."
for buffers in tcp_rmem tcp_wmem; do echo "4096 65536 131072" >/proc/sys/net/ipv4/$buffers; done
exec node "$(dirname "${BASH_SOURCE[0]}")/memory.js" "$@"
