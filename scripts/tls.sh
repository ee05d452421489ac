# shellcheck shell=bash
# Sourced by publish.sh: where the TLS library comes from that the binary is linked with.
#
#   tls_libraries DIR          prints the folder with libssl.a and libcrypto.a: DIR, DIR/lib or DIR/lib64
#   fetch_tls PLATFORM DIR     unpacks them to DIR, from the distribution's package for another processor

tls_libraries() {
    local folder
    for folder in "$1" "$1/lib" "$1/lib64"; do
        if [[ -e $folder/libssl.a && -e $folder/libcrypto.a ]]; then
            (cd "$folder" && pwd)
            return 0
        fi
    done
    echo "Neither $1 nor its lib has libssl.a and libcrypto.a." >&2
    return 1
}

# apt-get works in a state of its own: what is installed on this machine, and for which processors, stays as it is.
fetch_tls() {
    local architecture state options
    case $1 in
        linux-x64) architecture=amd64 ;;
        linux-arm64) architecture=arm64 ;;
    esac
    state=$(mktemp -d)
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    : >"$state/status"
    options=(-q -o "Dir::State=$state" -o "Dir::State::lists=$state/lists" -o "Dir::State::status=$state/status"
        -o "Dir::Cache=$state/cache" -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture" -o APT::Sandbox::User=root)
    if ! (cd "$state" && apt-get "${options[@]}" update && apt-get "${options[@]}" download libssl-dev && dpkg-deb -x libssl-dev_*.deb unpacked) >&2 ||
        ! cp "$state"/unpacked/usr/lib/*/libssl.a "$state"/unpacked/usr/lib/*/libcrypto.a "$2"; then
        rm -rf "$state"
        echo "apt-get has no libssl-dev for $architecture: build OpenSSL for it, and name its folder by --tls-from." >&2
        return 1
    fi
    rm -rf "$state"
}
