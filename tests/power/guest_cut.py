#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Power cuts of a whole emulated machine.

qemu runs Debian's cloud kernel (no hardware virtualisation is used); the program writes to ext4 on a virtio disk whose other end is
build/dev/power_disk over NBD. The clients on the host write without a pause. The cut: the disk loses its power, with what was not
flushed lost, kept, reordered or torn (between sectors of 4 KiB) as in block_cut.py, and qemu is killed. The machine was booted once
and is resumed from that memory at every power-on, with fresh random bytes; file system and program start from the disk alone.

Needs root, qemu-system-x86 and a kernel: tools/install.sh power-guest."""
import sys

from rig import boxes, cuts, guest, system


def main():
    options = cuts.arguments('guest-cut', __doc__, 100, boxes=2)
    guest.need()
    system.need(loop=False, programs=['mkfs.ext4', boxes.PowerDisk.PROGRAM, system.DEV / 'guest_init', options.program])
    cuts.run(guest.GuestBox, options, load_seconds=0.5)


if __name__ == '__main__':
    sys.exit(main())
