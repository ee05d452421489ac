# shellcheck shell=bash
# shellcheck disable=SC2154 # what lib.sh sets: ports, threads, folders
# Sourced by lib.sh: the balancers that can be measured, each with its configuration, command line and version.
#
#   edge     edge-before: another binary of it, PEERS_EDGE, such as that of before a change
#   haproxy  haproxy-bare (no health checks, no added fields)  haproxy-splice (moves bodies inside the kernel)
#   nginx    nginx-unbuffered (passes bodies on as they come)
#   caddy    from PATH, or else from PEERS_ROOT
#   yarp     PEERS_YARP, or `yarp` on PATH, or built from yarp/
#
# For a case of TLS, Edge, HAProxy and nginx have the same certificate, suite, groups and tickets, the others none.
# With -new behind its name, HAProxy or nginx is the one of PEERS_ROOT, the root of another installation of Debian.

edge_binary=${EDGE_NATIVE:-$repo_dir/dist/edge}
peers_root=${PEERS_ROOT:-}
yarp_binary=${PEERS_YARP:-}

# in_root PROGRAM: leaves in $program the command that runs the root's program with the root's own loader and libraries.
in_root() {
    local libraries loader file
    [[ -n $peers_root ]] || die "$1 is to be taken from PEERS_ROOT, which is not set."
    libraries=$peers_root/usr/lib/$(uname -m)-linux-gnu
    loader=$(compgen -G "$libraries/ld-linux-*.so.*" | head -n 1) || die "PEERS_ROOT=$peers_root has no loader in $libraries."
    for file in "$peers_root/usr/sbin/$1" "$peers_root/usr/bin/$1"; do
        [[ -x $file ]] || continue
        program=("$loader" --library-path "$libraries" "$file")
        return 0
    done
    die "PEERS_ROOT=$peers_root has no $1."
}

# program_of NAME: the command of that balancer, without arguments, in $program.
program_of() {
    case $1 in
        edge) program=("$edge_binary") ;;
        edge-before) program=("${PEERS_EDGE:-}"); [[ -x ${program[0]} ]] || die "edge-before is to be PEERS_EDGE, which is not set to a binary." ;;
        *-new) in_root "${1%%-*}" ;;
        haproxy* | nginx*) program=("${1%%-*}") ;;
        caddy) if command -v caddy >/dev/null 2>&1; then program=(caddy); else in_root caddy; fi ;;
        yarp) program=("$yarp_binary") ;;
        *) die "No balancer is called $1." ;;
    esac
}

has_caddy() { command -v caddy >/dev/null 2>&1 || [[ -n $peers_root && -x $peers_root/usr/bin/caddy ]]; }

# has_yarp: whether there is one without building it.
has_yarp() {
    [[ -n $yarp_binary ]] || yarp_binary=$(command -v yarp) || return 1
}

# build_yarp: the small one beside this file, where none was named.
build_yarp() {
    if [[ $yarp_binary == build ]] || ! has_yarp; then
        need_dotnet
        (cd "$peers_dir/yarp" && dotnet publish -c Release -o bin/publish --nologo -v quiet) >&2 || die "YARP could not be built."
        yarp_binary=$peers_dir/yarp/bin/publish/yarp
    fi
    [[ -x $yarp_binary ]] || die "PEERS_YARP=$yarp_binary cannot be executed."
}

require_edge() {
    [[ -x $edge_binary ]] || die "$edge_binary is missing: run ./publish.sh first, or name one in EDGE_NATIVE."
}

edge_version() {
    local version
    version=$(timeout 2 "$edge_binary" --version 2>/dev/null </dev/null | head -n 1) || true
    echo "${version:-of unknown version}"
}

# version_of NAME: one line.
version_of() {
    local program
    program_of "$1"
    case $1 in
        edge*) "${program[@]}" --version </dev/null | head -n 1 ;;
        haproxy*) "${program[@]}" -v | head -n 1 | sed 's/ - http.*//' ;;
        nginx*) "${program[@]}" -v 2>&1 | sed 's/ version: nginx//' ;;
        caddy) echo "Caddy $("${program[@]}" version | head -n 1)" ;;
        yarp) "${program[@]}" --version ;;
    esac
}

# command_of NAME CASE [REPLICAS]: writes the configuration of that balancer and leaves its command line in $command.
# What its configuration depends on is in the file's name, so that those of a whole run fit in one folder.
command_of() {
    local name=$1 case=${2:-small} replicas=${3:-3} program config=$work/configs/$1 large=false certificate=
    # HAProxy and nginx do better on large bodies with larger buffers, and worse on small ones.
    case $case in 1m* | upload* | tls1m*) large=true config+=-large ;; esac
    case $case in
        tlsrsa*) certificate=$work/tls/rsa.pem config+=-tlsrsa ;;
        tls*) certificate=$work/tls/ecdsa.pem config+=-tls ;;
    esac
    # shellcheck disable=SC2034 # lib.sh uses it
    if [[ -n $certificate ]]; then proxy_scheme=https; else proxy_scheme=http; fi
    ((replicas == 3)) || config+=-$replicas
    program_of "$name"
    case $name in
        edge*) edge_command "$config.env" "$replicas" "$certificate" ;;
        haproxy*) haproxy_command "$name" "$config.cfg" "$replicas" "$large" "$certificate" ;;
        nginx*) nginx_command "$name" "$config.conf" "$replicas" "$large" "$certificate" ;;
        caddy) caddy_command "$config.caddyfile" "$replicas" ;;
        yarp) yarp_command "$config.env" "$replicas" ;;
    esac
}

# What Edge takes first, for the others: they are to do the same work.
tls_suite=TLS_AES_128_GCM_SHA256
tls_groups=X25519:prime256v1

# shellcheck disable=SC2034 # $command is for the caller, here and below
edge_command() {
    local address i=0 certificate=$3
    {
        if [[ -n $certificate ]]; then
            echo "EDGE__LISTEN=https://127.0.0.1:$proxy_port"
            echo "EDGE__TLS__CERTIFICATES__0__FILE=$certificate"
        else
            echo "EDGE__LISTEN=127.0.0.1:$proxy_port"
        fi
        echo "EDGE__LOOPS=$threads"
        echo EDGE__FLEET__DRIVER=static
        for address in $(replica_addresses "$2" '' ''); do
            echo "EDGE__FLEET__ADDRESSES__$((i++))=$address"
        done
    } >"$1"
    mapfile -t command <"$1"
    command=(env "${command[@]}" "${program[@]}")
}

# shellcheck disable=SC2034
haproxy_command() {
    local name=$1 config=$2 replicas=$3 large=$4 certificate=$5 shards='' buffer=16384 pipes='' splice='' version tls=''
    local forwarded='option forwardfor' checks='option httpchk GET /heartbeat' check=' check inter 2s'
    if $large; then buffer=65536; fi
    if [[ -n $certificate ]]; then tls="ssl crt $certificate alpn http/1.1 ciphersuites $tls_suite curves $tls_groups"; fi
    version=$("${program[@]}" -v | awk 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9]+/) { split($i, v, "[.-]"); print v[1] * 100 + v[2]; exit } }')
    ((version < 205)) || shards='shards by-thread'
    case $name in
        haproxy | haproxy-new) ;;
        haproxy-bare*) forwarded='' checks='' check='' ;;
        haproxy-splice*) pipes='tune.pipesize 1048576' splice=$'option splice-request\n    option splice-response\n    option splice-auto' ;;
        *) die "No balancer is called $name." ;;
    esac
    fill haproxy.cfg.in "SHARDS=$shards" "TLS=$tls" "BUFFER=$buffer" "PIPES=$pipes" "SPLICE=$splice" "FORWARDED=$forwarded" \
        "CHECKS=$checks" "SERVERS=$(replica_addresses "$replicas" '    server @ ' "$check" | awk '{ sub("@", "r" NR); print }')" >"$config"
    command=("${program[@]}" -db -f "$config")
}

# shellcheck disable=SC2034
nginx_command() {
    local name=$1 config=$2 replicas=$3 large=$4 certificate=$5 buffer=16k body=64k buffering=on ssl='' tls=''
    if $large; then buffer=64k; fi
    if [[ -n $certificate ]]; then
        ssl=' ssl'
        tls="ssl_certificate $certificate;
        ssl_certificate_key $certificate;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_conf_command Ciphersuites $tls_suite;
        ssl_ecdh_curve $tls_groups;"
    fi
    case $name in
        # A whole request fits into that, which is otherwise written to a file.
        nginx | nginx-new) if $large; then body=2m; fi ;;
        nginx-unbuffered*) buffering=off ;;
        *) die "No balancer is called $name." ;;
    esac
    fill nginx-proxy.conf.in "NAME=$name" "SSL=$ssl" "TLS=$tls" "BUFFERING=$buffering" "BUFFER=$buffer" "BODY=$body" \
        "SERVERS=$(replica_addresses "$replicas" '        server ' ';')" >"$config"
    command=("${program[@]}" -p "$work" -c "$config" -e "$work/$name.log")
}

# shellcheck disable=SC2034
caddy_command() {
    fill caddyfile.in "SERVERS=$(replica_addresses "$2" '' '' | paste -sd' ')" >"$1"
    command=(env "GOMAXPROCS=$threads" GOGC=400 "HOME=$work" "XDG_CONFIG_HOME=$work" "XDG_DATA_HOME=$work"
        "${program[@]}" run --adapter caddyfile --config "$1")
}

# shellcheck disable=SC2034
yarp_command() {
    {
        echo "YARP_LISTEN=http://127.0.0.1:$proxy_port"
        echo "YARP_REPLICAS=$(replica_addresses "$2" http:// '' | paste -sd,)"
        echo "DOTNET_PROCESSOR_COUNT=$threads"
    } >"$1"
    mapfile -t command <"$1"
    command=(env "${command[@]}" "${program[@]}")
}
