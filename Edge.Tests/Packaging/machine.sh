#!/usr/bin/env bash
# Boots systemd over this machine's own files, so that a package can be installed and its unit started as on a host that
# runs systemd, whatever this one runs. What is written there goes to memory, and is gone with it; processes, mounts,
# hostname and control groups are its own, the network is this machine's.
#
#   machine.sh boot NAME      as root; ends when it is killed with SIGKILL, and all in it with it
#   machine.sh clean NAME     removes the control groups that a machine has left behind
set -euo pipefail

self=$(realpath "${BASH_SOURCE[0]}")
verb=$1 name=$2
groups=/tmp

case $verb in
    boot)
        exec unshare --mount --pid --uts --ipc --fork --kill-child bash "$self" inside "$name"
        ;;
    inside)
        # In a control group below this machine's, of which it sees nothing else.
        mount --make-rprivate /
        mount -t cgroup2 cgroup2 "$groups"
        mkdir -p "$groups/$name"
        echo 0 >"$groups/$name/cgroup.procs"
        umount "$groups"
        exec unshare --cgroup bash "$self" start "$name"
        ;;
    start)
        mount -t tmpfs tmpfs /mnt
        mkdir /mnt/{upper,work,root}
        mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
        cd /mnt/root
        mount -t proc proc proc
        mount --bind proc/sys proc/sys
        mount -o remount,bind,ro proc/sys
        mount -t sysfs -o ro sysfs sys
        mount -t cgroup2 cgroup2 sys/fs/cgroup
        mount -t tmpfs -o mode=755 tmpfs run
        mount -t tmpfs -o mode=1777 tmpfs tmp
        mount -t tmpfs -o mode=755 tmpfs dev
        mkdir dev/pts dev/shm
        chmod 1777 dev/shm
        for device in null zero full random urandom tty; do
            touch "dev/$device"
            mount --bind "/dev/$device" "dev/$device"
        done
        ln -s /proc/self/fd dev/fd
        ln -s pts/ptmx dev/ptmx
        # None of what this machine itself would start.
        rm -f etc/systemd/system/*.wants/* etc/systemd/system/*.requires/*
        rm -f usr/sbin/policy-rc.d
        : >etc/fstab
        : >etc/machine-id
        mkdir -p mnt/old
        pivot_root . mnt/old
        # No modules, no clock, nothing raw: these are this machine's. It does not get to see its files either.
        exec chroot . /usr/bin/env -i container=edge-test PATH=/usr/sbin:/usr/bin:/sbin:/bin /bin/bash -c '
            umount --lazy /mnt/old
            exec setpriv --bounding-set=-sys_module,-sys_time,-sys_rawio,-sys_boot,-syslog \
                /lib/systemd/systemd --system --unit=basic.target --log-target=journal --show-status=no'
        ;;
    clean)
        # shellcheck disable=SC2016 # for the inner shell
        exec unshare --mount bash -c 'mount --make-rprivate / && mount -t cgroup2 cgroup2 "$1" &&
            { [[ ! -d $1/$2 ]] || find "$1/$2" -depth -type d -exec rmdir {} +; }' clean "$groups" "$name"
        ;;
esac
