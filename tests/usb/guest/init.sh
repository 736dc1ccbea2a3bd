#!/bin/busybox sh
# The guest's first process: load modules, lay a file system in memory over the host's root, run one command
# in it, leave its exit code in the shared folder, switch off.
export PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
fail() { echo "guest: $*"; poweroff -f; }
for m in $(cat /modules/early); do insmod /modules/$m.ko || fail "module $m does not load"; done

options=trans=virtio,version=9p2000.L,msize=512000
mount -t 9p -o ro,cache=loose,$options hostroot /lower || fail "no root"
# Files of a run are written by both sides: nothing may be kept back here.
mount -t 9p -o rw,cache=none,$options out /out || fail "no folder for results"
mount -t tmpfs -o size=75% cow /cow
mkdir /cow/up /cow/work
mount -t overlay -o lowerdir=/lower,upperdir=/cow/up,workdir=/cow/work overlay /new || fail "no overlay"
for m in $(cat /modules/late); do insmod /modules/$m.ko || fail "module $m does not load"; done

mount -t devtmpfs dev /new/dev
mkdir -p /new/dev/pts /new/dev/shm
mount -t devpts -o ptmxmode=0666 devpts /new/dev/pts
mount -t tmpfs shm /new/dev/shm
busybox ln -sfn /proc/self/fd /new/dev/fd
busybox ln -sfn pts/ptmx /new/dev/ptmx
mount -t proc proc /new/proc
mount -t sysfs sys /new/sys
mount -t debugfs debugfs /new/sys/kernel/debug
mount -t tmpfs run /new/run
mkdir -p /new/run/out
mount -o bind /out /new/run/out
ip link set lo up
busybox hostname usb-guest
busybox stty -F /dev/hvc0 raw
chroot /new /bin/sh /run/out/command.sh </dev/null >/dev/hvc0 2>&1
code=$?
busybox dmesg > /out/dmesg
echo $code > /out/exit-code
sync
poweroff -f
