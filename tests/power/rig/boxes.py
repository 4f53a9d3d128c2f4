# SPDX-License-Identifier: Apache-2.0
"""A box: a disk with a file system and the program on it, whose power can be cut. One rig has one kind of it."""
import json
import os
import pathlib
import shutil
import subprocess

from . import check, system
from support import ledge
from support.probe import answer, first_answer

MIB = 1 << 20
DISK_BYTES = 96 * MIB
PROPERTIES = ('journal.segment.bytes=1048576', 'auto.create.topics.enable=false', 'group.initial.rebalance.delay.ms=0')


class Server(ledge.Ledge):
    """The program with its data on the box's disk; its port stays the same over all starts, so that clients live on."""

    def __init__(self, folder, data, program, sabotage=None):
        super().__init__(folder, properties=PROPERTIES)
        self.data, self.program, self.sabotage = pathlib.Path(data), program, sabotage

    def command(self):
        return [str(self.program), *super().command()[1:]]

    def spawn(self):
        environment = dict(os.environ, **({'LEDGE_SABOTAGE': self.sabotage} if self.sabotage else {}))
        with self.log.open('ab') as out:
            self.process = subprocess.Popen(self.command(), stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=environment,
                                            preexec_fn=system.end_with_parent)

    def answers(self):
        try:
            answer(self.host, self.port)
            return True
        except OSError:
            return False

    def start_again(self, seconds):
        """After a fault, before any client is heard: one that is told of a loss could end the round before the comparison."""
        try:
            first_answer(self, seconds)
        except RuntimeError as e:
            raise check.Unreadable(f'the program does not start: {e}') from None


class Box:
    """What all boxes share: the folder, the file system's template, the server. The disk is the subclass's."""
    SERVER = Server

    def __init__(self, folder, program, sabotage=None):
        self.folder = pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.mounted_at = self.folder / 'disk'
        self.mounted_at.mkdir()
        self.template = self.folder / 'template.img'
        system.make_ext4(self.template, DISK_BYTES)
        self.server = self.SERVER(self.folder, self.mounted_at / 'data', program, sabotage)
        self.options = ''
        self.is_mounted = False

    @property
    def bootstrap(self):
        return self.server.bootstrap

    @property
    def log(self):
        return self.server.log

    def renew(self, chance):
        """An empty file system, in one of the modes that boxes in the field have."""
        self.options = chance.choice(['', '', 'data=writeback'])

    def power_on(self):
        """The file system replays its own journal; the program is not started yet."""
        raise NotImplementedError

    def start(self):
        """Milliseconds until the program's first answer."""
        self.power_on()
        return first_answer(self.server)

    def begin_start(self):
        self.power_on()
        self.server.spawn()

    def begin_stop(self):
        self.server.process.terminate()

    def cut(self, seed):
        """Power off, in the middle of whatever goes on. What the disk did with its unflushed writes, as figures."""
        raise NotImplementedError

    def dead(self):
        """How the program ended by itself, None while it runs."""
        return self.server.process.poll()

    def end_server(self):
        if self.server.process and self.server.process.poll() is None:
            self.server.process.kill()
        if self.server.process:
            self.server.process.wait()

    def keep(self, where):
        """For a look after a finding: the log."""
        where.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.log, where / 'log')

    def close(self):
        self.end_server()
        if self.is_mounted:
            system.unmount(self.mounted_at)
            self.is_mounted = False
        shutil.rmtree(self.folder, ignore_errors=True)


class PowerDisk:
    """build/dev/power_disk, a disk in memory whose power can be cut, and the line by which it is steered."""
    PROGRAM = system.DEV / 'power_disk'

    def __init__(self, front, flush_us, sector=512):
        self.process = subprocess.Popen([str(self.PROGRAM), '--size', str(DISK_BYTES), '--flush-us', flush_us, '--sector', str(sector), *front], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1, preexec_fn=system.end_with_parent)
        if self.process.stdout.readline() != 'ready\n':
            raise system.Missing('power_disk did not start (its message is above)')

    def say(self, line):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()
        said = self.process.stdout.readline().strip()
        if not said or said.startswith('error'):
            raise RuntimeError(f'power_disk: {line}: {said or "ended"}')
        return said

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


class VolatileBox(Box):
    """ext4 on a loop device on a PowerDisk, whose write cache is lost, in part and torn, with the power."""

    def __init__(self, folder, program, sabotage=None, flush_us='200:3000'):
        super().__init__(folder, program, sabotage)
        self.device = self.folder / 'device'
        self.device.touch()
        self.disk = PowerDisk(['--fuse', str(self.device)], flush_us)

    def renew(self, chance):
        super().renew(chance)
        self.disk.say(f'load {self.template}')

    def power_on(self):
        self.disk.say('on')
        system.mount_image(self.device, self.mounted_at, self.options)
        self.is_mounted = True

    def cut(self, seed):
        figures = json.loads(self.disk.say(f'cut {seed}'))
        self.end_server()
        if self.is_mounted:
            system.unmount(self.mounted_at)
            self.is_mounted = False
        return figures

    def keep(self, where):
        super().keep(where)
        self.disk.say(f'save {where / "disk.img"}')

    def close(self):
        self.end_server()
        if self.is_mounted:
            system.unmount(self.mounted_at)
            self.is_mounted = False
        self.disk.close()
        super().close()


class ShutdownBox(Box):
    """ext4 on a plain loop device, shut down by the kernel itself without writing anything more (EXT4_IOC_SHUTDOWN)."""

    def __init__(self, folder, program, sabotage=None):
        super().__init__(folder, program, sabotage)
        # The image lives in memory: the loop device's own cache is none of the things under test.
        self.image = self.folder / 'memory' / 'disk.img'
        self.image.parent.mkdir()
        system.mount('none', self.image.parent, 'tmpfs')

    def renew(self, chance):
        super().renew(chance)
        subprocess.run(['cp', '--sparse=always', self.template, self.image], check=True)

    def power_on(self):
        system.mount_image(self.image, self.mounted_at, self.options)
        self.is_mounted = True

    def cut(self, seed):
        if self.is_mounted:
            # The kernel lives on after this cut, other than after a real one: it may still tell a program that a sync was done
            # when it was not (ext4 forgets that it could not turn an unwritten extent into a written one). So nobody listens.
            if self.dead() is None:
                system.stop(self.server.process.pid)
            system.shut_down(self.mounted_at)
        self.end_server()
        if self.is_mounted:
            system.unmount(self.mounted_at)
            self.is_mounted = False
        return {'fate': 'shutdown'}

    def keep(self, where):
        super().keep(where)
        subprocess.run(['cp', '--sparse=always', self.image, where / 'disk.img'], check=True)

    def close(self):
        self.end_server()
        if self.is_mounted:
            system.unmount(self.mounted_at)
            self.is_mounted = False
        system.unmount(self.image.parent)
        super().close()
