#!/usr/bin/env bash
# Fuzzes the parser, the framing and whole exchanges, guided by coverage: SharpFuzz puts the counting of branches into a
# build of its own, AFL++ drives it. One line a target on stdout; exits with 1 where an input broke something or hung.
set -euo pipefail

usage() {
    cat <<'EOF'
usage: scripts/fuzz.sh [--seconds N] [--target NAME]… [--output DIR] [--keep]

  --seconds N     for each target (default: 60)
  --target NAME   request, response or exchange (default: all)
  --output DIR    where AFL++ keeps its findings (default: a folder that is removed again where nothing was found)
  --keep          adds what was found worth keeping to the corpus, Edge.Tests/Fuzz/Corpus, and makes that as small as it can be
EOF
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
seconds=60 targets=() output='' keep=false
while (($# > 0)); do
    case $1 in
        --seconds | --target | --output)
            [[ -n ${2:-} ]] || { usage >&2; exit 64; }
            case $1 in
                --seconds) seconds=$2 ;;
                --target) targets+=("$2") ;;
                *) output=$2 ;;
            esac
            shift 2
            ;;
        --keep) keep=true; shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 64 ;;
    esac
done
((${#targets[@]} > 0)) || targets=(request response exchange)

# shellcheck source=scripts/needs.sh
source "$root/scripts/needs.sh"
need afl-fuzz afl++ "drives the fuzzing"
install_needs
need_dotnet

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
findings=${output:-$temporary/findings}
mkdir -p "$findings"

export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# The small buffers of a debug build, at the speed of a release build; away from where anybody else builds.
if ! dotnet build "$root/Edge.Fuzz/Edge.Fuzz.csproj" -c Debug -p:Optimize=true --artifacts-path "$temporary/artifacts" >"$temporary/build" 2>&1; then
    cat "$temporary/build" >&2
    exit 1
fi
fuzz=$temporary/artifacts/bin/Edge.Fuzz/debug
dotnet "$fuzz/Edge.Fuzz.dll" instrument "$fuzz/edge.dll" >&2

# It is no ELF binary with instrumentation, processors may be shared, and nobody looks at a screen.
export AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_ALLOW_TMP=1
export DOTNET_TieredPGO=0
dotnet=$(readlink -f "$(command -v dotnet)")

figure() { awk -F' *: *' -v key="$1" '$1 == key { print $2 }' "$2/fuzzer_stats"; }

broken=0
for target in "${targets[@]}"; do
    corpus=$root/Edge.Tests/Fuzz/Corpus/$target
    seeds=$temporary/seeds/$target
    dotnet "$fuzz/Edge.Fuzz.dll" seeds "$target" "$seeds"
    if [[ -d $corpus ]]; then cp "$corpus"/* "$seeds/"; fi

    export EDGE_FUZZ_NOTES=$findings/$target.txt
    if ! timeout --kill-after=10 $((seconds + 120)) afl-fuzz -i "$seeds" -o "$findings/$target" -x "$root/scripts/http.dict" \
        -V "$seconds" -t 5000 -m none -- "$dotnet" "$fuzz/Edge.Fuzz.dll" run "$target" >"$temporary/log" 2>&1; then
        tail -n 30 "$temporary/log" >&2
        exit 1
    fi

    of=$findings/$target/default
    crashes=$(figure saved_crashes "$of") hangs=$(figure saved_hangs "$of")
    echo "$target: $(figure execs_done "$of") executions, $(figure execs_per_sec "$of") a second, $(figure corpus_count "$of") inputs," \
        "$(figure edges_found "$of") edges, stability $(figure stability "$of"), $crashes crashes, $hangs hangs"
    if ((crashes + hangs > 0)); then
        broken=$((broken + 1))
        head -c 8000 "$EDGE_FUZZ_NOTES" 2>/dev/null || find "$of/hangs" -type f -name 'id:*' -exec base64 -w0 {} \; -exec echo \;
    fi

    if $keep; then
        small=$temporary/small/$target
        mkdir -p "$temporary/small"
        AFL_MAP_SIZE=65536 afl-cmin -e -i "$of/queue" -o "$small" -m none -t 5000 -- "$dotnet" "$fuzz/Edge.Fuzz.dll" run "$target" >"$temporary/log" 2>&1 || {
            tail -n 30 "$temporary/log" >&2
            exit 1
        }
        rm -rf "$corpus"
        mkdir -p "$corpus"
        # Named by what is in them, so that the same input is the same file in the next round.
        find "$small" -type f -name 'id:*' | while read -r file; do
            cp "$file" "$corpus/$(sha1sum "$file" | cut -c1-12)"
        done
        echo "  corpus: $(find "$corpus" -type f | wc -l) inputs, $(cat "$corpus"/* | wc -c) bytes"
    fi
done

if ((broken > 0)); then
    [[ -n $output ]] || { output=$(mktemp -d) && cp -r "$findings/." "$output/"; }
    echo "What broke it is in $output." >&2
    exit 1
fi
