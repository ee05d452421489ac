#!/usr/bin/env bash
# Runs every test, against a native binary published first, and ends with one plain line on stdout:
#   N passed, N failed, N skipped
# Exits with 0 only where tests ran and none failed. Arguments go to `dotnet test`
# (--filter-class …, --filter-method …).
#
#   EDGE_NATIVE=FILE           tests this binary instead of publishing one
#   EDGE_ARM64=FILE            the same for the one that QEMU runs, where the machine is x86-64
#   EDGE_DOCKER26=FOLDER       Docker 26 and Compose 2 (scripts/newer-docker.sh), unpacked before
#   EDGE_ENGINE26=1            tests with that engine instead of the installed one
#   EDGE_REQUIRE_DOCKER=1      no Docker engine to test with is a failure, not a reason to skip
#   EDGE_TEST_SECONDS=1800     what the tests may take before they are stopped
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$root"

passed=0
failed=0
skipped=0
log=
# shellcheck disable=SC2317 # called by the trap
finish() {
    local rc=$?
    trap - EXIT
    if [[ -n $log ]]; then rm -f "$log"; fi
    # What kept the tests from running or from finishing counts as a failure.
    if ((rc != 0 && failed == 0)); then failed=1; fi
    echo "$passed passed, $failed failed, $skipped skipped"
    exit "$rc"
}
trap finish EXIT

# What the tests need beyond the SDK. publish.sh knows what publishing needs.
# shellcheck source=scripts/needs.sh
source scripts/needs.sh
need strace strace "counts the system calls of a request of the native binary"
need wrk wrk "makes the million requests in which the loops must not allocate"
need haproxy haproxy "gets the same faults as Edge, in the same run"
need nginx nginx "gets the same faults as Edge, in the same run"
need chromium chromium "looks at the live page as a person would"
need chromedriver chromium-driver "drives that browser"
need mandoc mandoc "checks the manual page"
need lintian lintian "checks the Debian package"
need /lib/systemd/systemd systemd "runs the package's unit"
need adduser adduser "makes the package's user"
need logrotate logrotate "rotates the package's log"
need zsh zsh "takes its completions"
need fish fish "takes its completions"
need script bsdutils "makes the terminal that edge top draws on"
need curl curl "calls the native binary as a client that nobody here wrote"
need gunicorn gunicorn "is a server behind Edge, as Python's applications have it"
need php php-cli "is a server behind Edge"
need /usr/lib/nginx/modules/ngx_http_dav_ext_module.so libnginx-mod-http-dav-ext "lists what nginx has over WebDAV"
need git git "clones and pushes through Edge"
need fcgiwrap fcgiwrap "runs git's server side behind nginx"
need javac default-jdk-headless "calls Edge with Java's own client"
need afl-fuzz afl++ "fuzzes the parser and whole exchanges, guided by coverage"
need node nodejs "runs the logic of the k6 scripts, and reads what Edge forwards"
need npm npm "fetches what checks their types"
need valgrind valgrind "counts the instructions of a request"
need /usr/include/openssl/ssl.h libssl-dev "has the TLS library that the tests load"
need testssl testssl.sh "grades the TLS that clients see"
if [[ $(uname -m) == x86_64 ]]; then
    need qemu-aarch64-static qemu-user-static "runs the binary for arm64"
fi
if [[ ${EDGE_REQUIRE_DOCKER:-} == 1 ]]; then
    need musl-gcc musl-tools "builds the application of a user that containers run, static"
    need docker docker.io "does to containers what a person would do"
    need docker-compose docker-compose "walks through the README with Compose"
fi
if [[ ${EDGE_REQUIRE_DOCKER:-} == 1 && -z ${DOCKER_HOST:-} && ! -S /var/run/docker.sock ]]; then
    need dockerd docker.io "the engine that the Docker driver is tested with; the tests start one of their own"
fi
need pebble pebble "is the certificate authority that the ACME client is tested with"
need promtool prometheus "checks the metrics, the alert rules and the scrape configuration"
install_needs
need_dotnet

# Compose 2 beside the installed 1.29: people have either.
if [[ ${EDGE_REQUIRE_DOCKER:-} == 1 && -z ${EDGE_DOCKER26:-} ]]; then
    EDGE_DOCKER26=$(scripts/newer-docker.sh)
    export EDGE_DOCKER26
fi

if [[ -z ${EDGE_NATIVE:-} ]]; then
    ./publish.sh
    EDGE_NATIVE=$root/dist/edge
fi
EDGE_NATIVE=$(realpath "$EDGE_NATIVE")
if [[ ! -x $EDGE_NATIVE ]]; then
    echo "EDGE_NATIVE=$EDGE_NATIVE cannot be executed." >&2
    exit 1
fi
export EDGE_NATIVE
if [[ $(uname -m) == x86_64 ]]; then
    if [[ -z ${EDGE_ARM64:-} ]]; then
        ./publish.sh --platform linux-arm64
        EDGE_ARM64=$root/dist/linux-arm64/edge
    fi
    EDGE_ARM64=$(realpath "$EDGE_ARM64")
    export EDGE_ARM64
fi

# Sockets by the thousand; and no build server outlives the script.
ulimit -n "$(ulimit -Hn)" || true
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

log=$(mktemp)
rc=0
timeout --kill-after=10 "${EDGE_TEST_SECONDS:-1800}" \
    dotnet test --solution Edge.slnx -c Debug --no-ansi --no-progress "$@" 2>&1 | tee "$log" || rc=$?

# `dotnet test` sums over all suites in its last block; whatever a test prints comes before it.
read -r total passed failed skipped broken < <(awk '
    /^Test run summary:/ { split("", n) }
    /^  (total|failed|succeeded|skipped|error): [0-9]+$/ { sub(":", "", $1); n[$1] = $2 }
    END { print n["total"] + 0, n["succeeded"] + 0, n["failed"] + 0, n["skipped"] + 0, n["error"] + 0 }' "$log")

if ((broken > 0)); then
    echo "$broken suite(s) did not run to the end; each counts as a failure." >&2
    failed=$((failed + broken))
elif ((passed + failed + skipped != total)); then
    echo "$total tests were counted, but $passed + $failed + $skipped have a result." >&2
    ((rc != 0)) || rc=1
fi
if ((passed + failed == 0)); then
    echo "No test ran." >&2
    ((rc != 0)) || rc=8
fi
if ((failed > 0 && rc == 0)); then rc=1; fi
exit "$rc"
