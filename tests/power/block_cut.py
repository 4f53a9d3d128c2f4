#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Power cuts of a block device that loses, tears and reorders what was not flushed.

Clients (librdkafka: one idempotent producer, one plain, a group that commits) write without a pause to the release program,
whose data lies on ext4 on a loop device on build/dev/power_disk, a disk with a volatile write cache. At a random moment the disk
loses its power: of the writes that no finished flush covers it keeps none, all, a beginning, some, or some sectors of some. The
program is killed, the file system mounted again, the program started, and everything that the clients were acked is
looked for; the clients live on and deliver again what was not acked. Every 16 cuts the box begins on an empty file system; topics are made and deleted on the way.

Needs root, /dev/fuse and loop devices."""
import sys

from rig import boxes, cuts, system


def main():
    options = cuts.arguments('block-cut', __doc__, 2000)
    system.need(fuse=True, programs=['mkfs.ext4', boxes.PowerDisk.PROGRAM, options.program])
    cuts.run(boxes.VolatileBox, options)


if __name__ == '__main__':
    sys.exit(main())
