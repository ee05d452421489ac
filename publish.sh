#!/usr/bin/env bash
# Publishes the native binary, stripped, to dist/edge. Any warning (trimming, AOT, single file, …) fails it.
set -euo pipefail

usage() {
    cat <<'EOF'
usage: ./publish.sh [--output DIR]

  --output DIR   where the binary goes (default: dist)
EOF
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
output=$root/dist
while (($# > 0)); do
    case $1 in
        --output)
            [[ -n ${2:-} ]] || { usage >&2; exit 64; }
            output=$2
            shift 2
            ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 64 ;;
    esac
done

# shellcheck source=scripts/needs.sh
source "$root/scripts/needs.sh"
command -v gcc >/dev/null 2>&1 || need clang clang "links the native binary (gcc would do as well)"
need ld.lld lld "links it statically"
need objcopy binutils "strips the native binary"
need /usr/include/zlib.h zlib1g-dev "zlib, for the native linker"
install_needs
need_dotnet

case $(uname -m) in
    x86_64) rid=linux-x64 ;;
    aarch64) rid=linux-arm64 ;;
    *)
        echo "No native build for $(uname -m): only x86_64 and aarch64." >&2
        exit 1
        ;;
esac

locked=()
[[ -f $root/Edge/packages.lock.json ]] && locked=(-p:RestoreLockedMode=true)

# No build server outlives the script.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

# The native compiler leaves its output even where it reports errors, and the next publish takes that for up to date
# and links it without a word: so it always starts anew.
rm -rf "$root/Edge/obj/Release/net10.0/$rid/native" "$root/Edge/bin/Release/net10.0/$rid/native"

mkdir -p "$output"
output=$(cd "$output" && pwd)
stage=$(mktemp -d "$output/.publish.XXXXXX")
trap 'rm -rf "$stage"' EXIT

cd "$root"
dotnet publish Edge/Edge.csproj -c Release -r "$rid" -o "$stage" -warnaserror "${locked[@]}"

if readelf -S --wide "$stage/edge" | grep -q '\.symtab'; then
    echo "$output/edge is not stripped." >&2
    exit 1
fi
# Renamed into place, one by one: a running edge keeps the file that it was started from.
find "$stage" -mindepth 1 -maxdepth 1 | while IFS= read -r file; do
    target=$output/$(basename "$file")
    [[ ! -d $target || -L $target ]] || rm -rf "$target"
    mv -f "$file" "$target"
done

echo "$output/edge"
echo "platform: $rid"
echo "bytes:    $(stat -c %s "$output/edge")"
echo "sha256:   $(sha256sum "$output/edge" | cut -d' ' -f1)"
