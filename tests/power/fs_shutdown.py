#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Power cuts by ext4's own shutdown, without a flush of its log: what is not on the device stays off it.

The same load and the same comparison as in block_cut.py; the cut is the EXT4_IOC_SHUTDOWN ioctl. It loses whole cached pages
and never tears, but stops the file system in the middle of whatever it does.

Needs root and loop devices."""
import sys

from rig import boxes, cuts, system


def main():
    options = cuts.arguments('fs-shutdown', __doc__, 1000)
    system.need(programs=['mkfs.ext4', options.program])
    cuts.run(boxes.ShutdownBox, options)


if __name__ == '__main__':
    sys.exit(main())
