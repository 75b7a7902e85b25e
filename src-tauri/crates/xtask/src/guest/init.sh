#!/bin/busybox sh
# shellcheck shell=dash
# The first process of the virtual computer: mounts this computer's root file system read-only, with what is
# written there in memory, and starts /mnt/job.sh, which lies in a folder of the test that boots it.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module"; done < /modules/order
options=trans=virtio,version=9p2000.L,msize=512000
mount -t 9p -o "ro,cache=loose,$options" root /root || poweroff -f
mount -t tmpfs over /over
mkdir /over/upper /over/work
mount -t overlay -o lowerdir=/root,upperdir=/over/upper,workdir=/over/work overlay /mnt || poweroff -f
for place in dev proc sys; do mount --move "/$place" "/mnt/$place"; done
mkdir -p /mnt/dev/pts /mnt/dev/shm /mnt/run /mnt/tmp /mnt/mnt /mnt/lib/modules
for place in run tmp dev/shm; do mount -t tmpfs tmpfs "/mnt/$place"; done
mount -t devpts devpts /mnt/dev/pts
mount -t 9p -o "rw,cache=none,$options" work /mnt/mnt || poweroff -f
mkdir /mnt/run/kernel
mount -t 9p -o "ro,cache=loose,$options" kernel /mnt/run/kernel || poweroff -f
version=$(uname -r)
ln -sfn "/run/kernel/lib/modules/$version" "/mnt/lib/modules/$version"
exec switch_root /mnt /bin/bash /mnt/job.sh
