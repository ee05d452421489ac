# shellcheck shell=bash
# Sourced by the scripts: names what a script needs, and installs what the machine lacks.
#
#   need COMMAND-OR-/FILE PACKAGE REASON     notes PACKAGE where COMMAND-OR-/FILE is missing
#   install_needs                            installs what was noted (Debian, Ubuntu; as root), or says what to install

needs_packages=()
needs_reasons=()

need() {
    local what=$1 package=$2 reason=$3
    case $what in
        /*) [[ -e $what ]] && return 0 ;;
        *) PATH=$PATH:/usr/sbin:/sbin command -v "$what" >/dev/null 2>&1 && return 0 ;;
    esac
    needs_packages+=("$package")
    needs_reasons+=("$package: $reason")
}

install_needs() {
    ((${#needs_packages[@]} > 0)) || return 0
    if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null 2>&1; then
        {
            echo "This machine lacks:"
            printf '  %s\n' "${needs_reasons[@]}"
            echo "On Debian and Ubuntu: sudo apt-get install --no-install-recommends ${needs_packages[*]}"
            echo "Elsewhere: your distribution's packages of the same programs."
        } >&2
        return 1
    fi
    {
        echo "Installing what is missing:"
        printf '  %s\n' "${needs_reasons[@]}"
    } >&2
    # Packages of servers start them, on port 80 and the like; nobody asked for that.
    local policy=/usr/sbin/policy-rc.d made=false rc=0
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && made=true
    fi
    {
        apt-get -qq update &&
            DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${needs_packages[@]}"
    } >&2 || rc=$?
    if $made; then rm -f "$policy"; fi
    if ((rc != 0)); then
        echo "apt-get could not install: ${needs_packages[*]}" >&2
        return 1
    fi
    needs_packages=()
    needs_reasons=()
}

# The SDK is no package of Debian's own: it is named, not installed.
need_dotnet() {
    if ! command -v dotnet >/dev/null 2>&1; then
        echo "The .NET SDK 10.0 is missing: https://learn.microsoft.com/dotnet/core/install/linux" >&2
        return 1
    fi
    if ! dotnet --version >/dev/null 2>&1; then
        echo "None of the installed .NET SDKs is what global.json asks for:" >&2
        dotnet --version >&2 || true
        return 1
    fi
}
