# SPDX-License-Identifier: Apache-2.0
"""Loop devices, mounts and what a rig needs of the machine. Everything is done in a mount namespace of the rig's own, and
loop devices detach themselves with their last user: a rig that is killed leaves nothing behind."""
import ctypes
import errno
import fcntl
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
DEV = ROOT / 'build' / 'dev'
HOME = ROOT / 'build' / 'power'
sys.path.append(str(ROOT / 'tests' / 'e2e'))

LIBC = ctypes.CDLL(None, use_errno=True)
MS_REC, MS_PRIVATE, MNT_DETACH, CLONE_NEWNS = 0x4000, 0x40000, 2, 0x20000
LOOP_CTL_GET_FREE, LOOP_CONFIGURE, LOOP_CLR_FD = 0x4C82, 0x4C0A, 0x4C01
LO_FLAGS_AUTOCLEAR = 4
EXT4_IOC_SHUTDOWN = 0x8004587D
SHUTDOWN_WITHOUT_LOG_FLUSH = 2


class Missing(SystemExit):
    def __init__(self, what):
        super().__init__(f'power rigs: {what}')


def check(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f'{what}: {os.strerror(number)}')
    return result


def need(loop=True, fuse=False, programs=()):
    """Fails, with what to do about it, on a machine where the rig cannot run. A rig is never skipped in silence."""
    if os.geteuid() != 0:
        raise Missing('need root, for loop devices and mounts (run the command with sudo)')
    if loop and not os.path.exists('/dev/loop-control'):
        raise Missing('need loop devices: /dev/loop-control is not there (a container wants --privileged, a kernel CONFIG_BLK_DEV_LOOP)')
    if fuse and not os.path.exists('/dev/fuse'):
        raise Missing('need FUSE: /dev/fuse is not there (a container wants --device /dev/fuse, a kernel CONFIG_FUSE_FS)')
    for program in programs:
        if not pathlib.Path(program).exists() and not shutil.which(str(program)):
            built = str(program).startswith(str(DEV))
            raise Missing(f'need {program}: ' + ('build it with cmake --preset dev && cmake --build --preset dev' if built
                                                 else 'tools/install.sh test installs it'))


def own_mounts():
    """This process and its children see mounts that no other process sees; they end with it."""
    check(LIBC.unshare(CLONE_NEWNS), 'unshare')
    check(LIBC.mount(b'none', b'/', None, MS_REC | MS_PRIVATE, None), 'mount --make-rprivate /')


def mount(source, target, kind, options=''):
    check(LIBC.mount(str(source).encode(), str(target).encode(), kind.encode(), 0, options.encode()), f'mount {kind} at {target}')


def unmount(target, patience=10):
    deadline = time.monotonic() + patience
    while True:
        try:
            return check(LIBC.umount2(str(target).encode(), 0), f'unmount {target}')
        except OSError as e:
            if e.errno != errno.EBUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.001)


def attach_loop(path):
    """A loop device over the file that goes away with its last user. Returns (device, descriptor that holds it)."""
    backing = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    control = os.open('/dev/loop-control', os.O_RDWR | os.O_CLOEXEC)
    try:
        for _ in range(200):
            number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
            device = f'/dev/loop{number}'
            try:
                loop = os.open(device, os.O_RDWR | os.O_CLOEXEC)
            except OSError as e:
                raise Missing(f'{device}: {e.strerror}; no loop device is free (or /dev has no node for it)') from None
            # struct loop_config: u32 fd, u32 block size, loop_info64 (its flags at byte 52), 8 u64
            config = bytearray(struct.pack('=II', backing, 0) + bytes(232) + bytes(64))
            struct.pack_into('=I', config, 8 + 52, LO_FLAGS_AUTOCLEAR)
            try:
                fcntl.ioctl(loop, LOOP_CONFIGURE, bytes(config))
                return device, loop
            except OSError as e:
                os.close(loop)
                if e.errno not in (errno.EBUSY, errno.EAGAIN):
                    raise
                time.sleep(0.002)  # another rig was quicker
        raise Missing('no loop device is free')
    finally:
        os.close(control)
        os.close(backing)


def mount_image(path, target, options=''):
    device, held = attach_loop(path)
    try:
        mount(device, target, 'ext4', options)
    finally:
        os.close(held)  # from here on the mount holds it


def make_ext4(path, size, *arguments):
    with open(path, 'wb') as f:
        f.truncate(size)
    result = subprocess.run(['mkfs.ext4', '-q', '-F', '-b', '4096', '-E', 'lazy_itable_init=0,lazy_journal_init=0,nodiscard', *arguments, path],
                            capture_output=True, text=True)
    if result.returncode != 0:
        raise Missing(f'mkfs.ext4 failed: {result.stderr.strip()}')


def shut_down(target):
    """ext4 as if the machine had lost its power: what is not on the device stays off it."""
    fd = os.open(target, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, struct.pack('=I', SHUTDOWN_WITHOUT_LOG_FLUSH))
    finally:
        os.close(fd)


def stop(pid):
    """The process and its children stand still: no instruction of theirs runs any more, and a system call that is under way
    ends without anyone seeing how."""
    pids = [*map(int, pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text().split()), pid]
    for p in pids:
        os.kill(p, signal.SIGSTOP)
    deadline = time.monotonic() + 5
    for p in pids:
        for task in pathlib.Path(f'/proc/{p}/task').iterdir():
            while time.monotonic() < deadline:
                try:
                    state = (task / 'stat').read_text().rpartition(') ')[2][0]
                except FileNotFoundError:
                    break
                if state not in 'RS':  # T, t stopped; D in a call
                    break


def end_with_parent():
    """In a child before exec: it is killed when the rig ends, however that ends."""
    LIBC.prctl(1, 9)
