#!/usr/bin/env bash
# Publishes the native binary, static and stripped, to dist/edge. Any warning (trimming, AOT, single file, …) fails it.
# With --image it then makes the image of it, the one that Dockerfile.aot describes; with --deb, the Debian package.
set -euo pipefail

usage() {
    cat <<'EOF'
usage: ./publish.sh [--platform P] [--output DIR] [--tls-from DIR] [--image [TAG]] [--deb] [--binary FILE] [--needs-only]

  --platform P    linux-x64 or linux-arm64 (default: what this machine is)
  --output DIR    where the binary goes (default: dist; for another platform than this machine's, dist/P)
  --tls-from DIR  links libssl.a and libcrypto.a of DIR, with the interface of OpenSSL 3, instead of the distribution's
  --image [TAG]   makes an image of the binary, too (default: edge:local); no registry is asked for anything
  --deb           makes a Debian package of the binary, too, beside it
  --binary FILE   makes image and package of this static binary instead of publishing one
  --needs-only    installs what publishing needs, and publishes nothing
EOF
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
output='' platform='' tls_from='' image='' deb=false binary='' needs_only=false
while (($# > 0)); do
    case $1 in
        --platform)
            [[ ${2:-} == linux-x64 || ${2:-} == linux-arm64 ]] || { usage >&2; exit 64; }
            platform=$2
            shift 2
            ;;
        --output)
            [[ -n ${2:-} ]] || { usage >&2; exit 64; }
            output=$2
            shift 2
            ;;
        --tls-from)
            [[ -n ${2:-} ]] || { usage >&2; exit 64; }
            tls_from=$2
            shift 2
            ;;
        --image)
            image=edge:local
            if [[ -n ${2:-} && $2 != -* ]]; then
                image=$2
                shift
            fi
            shift
            ;;
        --binary)
            [[ -n ${2:-} ]] || { usage >&2; exit 64; }
            binary=$2
            shift 2
            ;;
        --deb) deb=true; shift ;;
        --needs-only) needs_only=true; shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 64 ;;
    esac
done
if [[ -n $binary && -z $image ]] && ! $deb; then
    echo "--binary FILE is what the image or the package is made of: it needs --image or --deb." >&2
    exit 64
fi

case $(uname -m) in
    x86_64) machine=linux-x64 ;;
    aarch64) machine=linux-arm64 ;;
    *)
        echo "No native build on $(uname -m): only on x86_64 and aarch64." >&2
        exit 1
        ;;
esac
platform=${platform:-$machine}
case $platform in
    linux-x64) triple=x86_64-linux-gnu gcc_package=gcc-x86-64-linux-gnu libc_package=libc6-dev-amd64-cross docker_platform=linux/amd64 ;;
    linux-arm64) triple=aarch64-linux-gnu gcc_package=gcc-aarch64-linux-gnu libc_package=libc6-dev-arm64-cross docker_platform=linux/arm64 ;;
esac
if [[ $platform == "$machine" ]]; then
    output=${output:-$root/dist}
else
    output=${output:-$root/dist/$platform}
fi

# shellcheck source=scripts/needs.sh
source "$root/scripts/needs.sh"
# shellcheck source=scripts/deb.sh
source "$root/scripts/deb.sh"
# shellcheck source=scripts/tls.sh
source "$root/scripts/tls.sh"
if [[ -z $binary ]]; then
    need ld.lld lld "links it statically"
    need clang clang "links the native binary; gcc does not do"
    if [[ $platform == "$machine" ]]; then
        need /usr/include/zlib.h zlib1g-dev "zlib, for the native linker"
        [[ -n $tls_from ]] || need "/usr/lib/$triple/libssl.a" libssl-dev "has OpenSSL, which is linked statically"
    else
        need "$triple-gcc" "$gcc_package" "has the compiler's own library for it, and its binutils"
        need "/usr/$triple/lib/libc.a" "$libc_package" "has its C library"
    fi
fi
need objcopy binutils "strips the native binary and looks into it"
[[ -z $image ]] || need docker docker.io "makes the image"
if $deb; then need_deb "$platform"; fi
install_needs
if $needs_only; then exit 0; fi

temporary=()
trap 'rm -rf "${temporary[@]}"' EXIT

publish() {
    local properties=() stage file target
    need_dotnet
    [[ -f $root/Edge/packages.lock.json ]] && properties+=(-p:RestoreLockedMode=true)
    [[ $platform == "$machine" ]] || properties+=("-p:ObjCopyName=$triple-objcopy")
    if [[ -z $tls_from && $platform != "$machine" ]]; then
        tls_from=$(mktemp -d)
        temporary+=("$tls_from")
        fetch_tls "$platform" "$tls_from"
    fi
    ! packs_relocations || properties+=(-p:PackRelocations=true)
    [[ -z $tls_from ]] || properties+=("-p:TlsFrom=$(tls_libraries "$tls_from")")

    # No build server outlives the script.
    export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
    export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

    # The native compiler leaves its output even where it reports errors, and the next publish takes that for up to date
    # and links it without a word: so it always starts anew.
    rm -rf "$root/Edge/obj/Release/net10.0/$platform/native" "$root/Edge/bin/Release/net10.0/$platform/native"

    mkdir -p "$output"
    output=$(cd "$output" && pwd)
    stage=$(mktemp -d "$output/.publish.XXXXXX")
    temporary+=("$stage")
    (cd "$root" && dotnet publish Edge/Edge.csproj -c Release -r "$platform" -o "$stage" -warnaserror -warnnotaserror:NU1900 "${properties[@]}")

    check_binary "$stage/edge"
    # Renamed into place, one by one: a running edge keeps the file that it was started from.
    find "$stage" -mindepth 1 -maxdepth 1 | while IFS= read -r file; do
        target=$output/$(basename "$file")
        [[ ! -d $target || -L $target ]] || rm -rf "$target"
        mv -f "$file" "$target"
    done

    binary=$output/edge
    echo "$binary"
    echo "platform: $platform"
    echo "bytes:    $(stat -c %s "$binary")"
    echo "sha256:   $(sha256sum "$binary" | cut -d' ' -f1)"
}

# Whether the program can move itself by packed relocations (DT_RELR): glibc can since 2.36. With an older one it would end at its start.
packs_relocations() {
    local headers=/usr/include minor
    [[ $platform == "$machine" ]] || headers=/usr/$triple/include
    minor=$(sed -n 's/^#define[[:space:]]*__GLIBC_MINOR__[[:space:]]*\([0-9]*\)$/\1/p' "$headers/features.h")
    ((${minor:-0} >= 36))
}

# Each of these would still start here and be noticed elsewhere only.
check_binary() {
    local sections segments
    sections=$(readelf -S --wide "$1") && segments=$(readelf -l --wide "$1") || return 1
    if [[ $sections == *.symtab* ]]; then
        echo "$1 is not stripped." >&2
        return 1
    fi
    if [[ $segments == *INTERP* ]]; then
        echo "$1 is not static: it would not start in an empty image." >&2
        return 1
    fi
}

# The last stage of Dockerfile.aot, with the binary from the build context instead of the build stage.
dockerfile() {
    awk '
        toupper($1) == "FROM" { text = ""; last = $0 }
        { text = text $0 "\n" }
        END {
            if (last != "FROM scratch" || !sub(/\nCOPY --from=build [^ ]*\/edge /, "\nCOPY edge ", text)) exit 1
            printf "%s", text
        }' "$root/Dockerfile.aot" || { echo "Dockerfile.aot does not end in a stage FROM scratch with edge in it." >&2; return 1; }
}

make_image() {
    local context revision version created options=()
    check_binary "$binary"
    # Not under /tmp: a docker of snap does not see that.
    mkdir -p "$output"
    context=$(mktemp -d "$output/.image.XXXXXX")
    temporary+=("$context")
    chmod 755 "$context"
    install -m 755 "$binary" "$context/edge"
    dockerfile >"$context/Dockerfile"

    # The other processor's binary does not run here.
    version=$("$context/edge" --version 2>/dev/null) && version=${version%%$'\n'*} && version=${version#edge } ||
        version=$(dotnet msbuild "$root/Edge/Edge.csproj" -getProperty:Version) || version=unknown
    revision=$(git -C "$root" rev-parse HEAD 2>/dev/null) || revision=unknown
    created=$(date -u ${SOURCE_DATE_EPOCH:+-d "@$SOURCE_DATE_EPOCH"} +%Y-%m-%dT%H:%M:%SZ)
    [[ $platform == "$machine" ]] || options=(--platform "$docker_platform")
    docker build --network none --tag "$image" "${options[@]}" \
        --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "CREATED=$created" "$context" >&2

    echo "image:      $image $(docker image inspect --format '{{.Id}}' "$image")"
    echo "binary:     $(stat -c %s "$binary") bytes, sha256 $(sha256sum "$binary" | cut -d' ' -f1)"
    echo "unpacked:   $(docker image inspect --format '{{.Size}}' "$image") bytes"
    echo "compressed: $(docker save "$image" | gzip -9 | wc -c) bytes"
}

make_package() {
    local tree package
    check_binary "$binary"
    mkdir -p "$output"
    tree=$(mktemp -d "$output/.deb.XXXXXX")
    temporary+=("$tree")
    package=$(make_deb "$root" "$platform" "$binary" "$output" "$tree")
    echo "package:    $package"
    echo "bytes:      $(stat -c %s "$package")"
}

[[ -n $binary ]] || publish
[[ -z $image ]] || make_image
if $deb; then make_package; fi
