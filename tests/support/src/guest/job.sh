#!/bin/bash
# What the virtual computer does: loads drivers, starts the system's device manager, runs the tests, switches off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root RUST_BACKTRACE=1
cd /mnt || exit
{
    ip link set lo up
    modprobe -a vhci-hcd cdc-acm virtio_console
    /lib/systemd/systemd-udevd --daemon
    udevadm trigger --action=add --subsystem-match=usb --subsystem-match=tty
    udevadm settle
    echo "ready after $(cut -d' ' -f1 /proc/uptime) s"
    RUN_THE_TESTS
    echo "ended with $? after $(cut -d' ' -f1 /proc/uptime) s"
} > tests.txt 2>&1
sync
echo o > /proc/sysrq-trigger
# The power goes before this ends.
read -r -t 60 < /dev/console
