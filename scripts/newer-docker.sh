#!/usr/bin/env bash
# Unpacks Docker 26.1 and Compose 2.26, as Debian 13 has them, into a folder of their own beside what is installed, and prints that folder. The
# tests use its Compose beside the 1.29 of Debian 12; EDGE_ENGINE26=1 has them start its engine instead of the installed one, with the
# installed containerd and runc.
#
#   scripts/newer-docker.sh [FOLDER]      (default: edge-tests/docker26 in the user's cache)
set -euo pipefail

folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/edge-tests/docker26}
compose=$folder/usr/libexec/docker/cli-plugins/docker-compose
if [[ ! -x $compose || ! -x $folder/usr/sbin/dockerd ]]; then
    apt=$(mktemp -d)
    trap 'rm -rf "$apt"' EXIT
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/packages"
    echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main' >"$apt/sources.list"
    # Lists and packages of their own: nothing that is installed is touched.
    options=(-q -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root)
    {
        apt-get "${options[@]}" update
        cd "$apt/packages"
        apt-get "${options[@]}" download docker-compose docker.io docker-cli
    } >&2
    mkdir -p "$folder"
    for package in ./*.deb; do dpkg -x "$package" "$folder"; done
fi
echo "$folder"
