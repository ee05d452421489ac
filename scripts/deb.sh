# shellcheck shell=bash
# Sourced by publish.sh: make_deb makes the Debian package of a binary, from the files in packaging/ and with dpkg's own tools.
#
#   need_deb PLATFORM                               notes what that needs (needs.sh)
#   make_deb ROOT PLATFORM BINARY OUTPUT FOLDER     writes OUTPUT/edge_VERSION_ARCHITECTURE.deb, by way of FOLDER, and prints its path

# Of the package, while the program's version stays the same.
deb_revision=1

# Runs a binary of either platform.
deb_run() {
    local platform=$1
    shift
    if [[ $platform == linux-arm64 && $(uname -m) == x86_64 ]]; then
        qemu-aarch64-static "$@"
    else
        "$@"
    fi
}

need_deb() {
    need dpkg-deb dpkg "makes the package"
    if [[ $1 == linux-arm64 && $(uname -m) == x86_64 ]]; then
        need qemu-aarch64-static qemu-user-static "asks the other processor's binary for its completions"
    fi
}

# The files of the package, in the folder $tree.
deb_tree() {
    local root=$1 platform=$2 binary=$3 tree=$4 doc=$4/usr/share/doc/edge shell target
    install -D -m 755 "$binary" "$tree/usr/bin/edge"
    install -D -m 644 "$root/packaging/edge.service" "$tree/usr/lib/systemd/system/edge.service"
    install -D -m 644 "$root/packaging/appsettings.json" "$tree/etc/edge/appsettings.json"
    install -D -m 644 "$root/packaging/edge.logrotate" "$tree/etc/logrotate.d/edge"
    install -D -m 644 "$root/packaging/lintian-overrides" "$tree/usr/share/lintian/overrides/edge"
    install -D -m 644 "$root/packaging/copyright" "$doc/copyright"
    install -d "$tree/usr/share/man/man1"
    gzip -9nc "$root/docs/edge.1" >"$tree/usr/share/man/man1/edge.1.gz"
    gzip -9nc "$root/CHANGELOG.md" >"$doc/changelog.gz"
    for shell in bash:bash-completion/completions/edge zsh:zsh/vendor-completions/_edge fish:fish/vendor_completions.d/edge.fish; do
        target=$tree/usr/share/${shell#*:}
        install -d "$(dirname "$target")"
        deb_run "$platform" "$binary" completion "${shell%%:*}" >"$target"
    done
    gzip -9nc >"$doc/changelog.Debian.gz" <<TEXT
edge ($version-$deb_revision) unstable; urgency=medium

  * Version $version; /usr/share/doc/edge/changelog.gz says what it brings.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$epoch")
TEXT
}

deb_control() {
    local root=$1 tree=$2 architecture=$3 script
    install -d "$tree/DEBIAN"
    for script in postinst prerm postrm; do
        install -m 755 "$root/packaging/$script" "$tree/DEBIAN/$script"
    done
    printf '%s\n' /etc/edge/appsettings.json /etc/logrotate.d/edge >"$tree/DEBIAN/conffiles"
    cat >"$tree/DEBIAN/control" <<TEXT
Package: edge
Version: $version-$deb_revision
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -k -s --apparent-size --exclude=DEBIAN "$tree" | cut -f1)
Depends: adduser, init-system-helpers (>= 1.52)
Suggests: docker.io, logrotate
Section: httpd
Priority: optional
Description: HTTP load balancer that owns its replicas
 Edge balances HTTP/1.1 over replicas and owns them: it starts, watches,
 heals, drains and removes containers over the Docker socket, or balances
 over servers that run already. It is one small native binary.
TEXT
    (cd "$tree" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
}

make_deb() {
    local root=$1 platform=$2 binary=$3 output=$4 tree=$5 architecture machine version epoch package
    local maintainer='The Edge authors <edge@example.org>'
    case $platform in
        linux-x64) architecture=amd64 machine=X86-64 ;;
        linux-arm64) architecture=arm64 machine=AArch64 ;;
    esac
    if ! readelf -h "$binary" | grep -q "Machine:.*$machine"; then
        echo "$binary is not for $platform." >&2
        return 1
    fi
    version=$(deb_run "$platform" "$binary" --version) && version=${version%%$'\n'*} && version=${version#edge }
    # The same sources make the same bytes: the time is that of the last commit.
    epoch=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/CHANGELOG.md")}

    umask 022
    chmod 755 "$tree"
    deb_tree "$root" "$platform" "$binary" "$tree"
    deb_control "$root" "$tree" "$architecture"
    package=$output/edge_$version-${deb_revision}_$architecture.deb
    SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group -Zxz --build "$tree" "$package" >&2
    echo "$package"
}
