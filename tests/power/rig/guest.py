# SPDX-License-Identifier: Apache-2.0
"""A box that is a whole machine: Debian's cloud kernel under emulation, the program on ext4 on a virtio disk, whose other end is
power_disk. The clients are on the host, through a forwarded port of 127.0.0.1."""
import gzip
import json
import os
import pathlib
import platform
import re
import select
import shutil
import socket
import subprocess
import time

from . import boxes, system
from support.probe import answer

QEMU = 'qemu-system-x86_64'
KERNEL_HOME = system.ROOT / 'build' / 'guest'  # tools/install.sh power-guest unpacks Debian's kernel package there
MEMORY_MIB = 192
SECTOR = 4096
MODULES = ('virtio_ring', 'virtio', 'virtio_pci_modern_dev', 'virtio_pci_legacy_dev', 'virtio_pci', 'failover', 'net_failover', 'virtio_net', 'virtio_blk')


def need():
    kernels = list(KERNEL_HOME.glob('boot/vmlinuz-*'))
    if platform.machine() != 'x86_64' or not shutil.which(QEMU) or not kernels:
        raise system.Missing(f'need {QEMU} and a kernel in {KERNEL_HOME.relative_to(system.ROOT)}: tools/install.sh power-guest installs them (on x86-64)')
    return kernels[0]


def initramfs(path, program):
    """A cpio archive with guest_init, the modules, and the program with the libraries it is linked to (none, in a release)."""
    entries = []

    def add(name, mode, data=b'', rdev=(0, 0)):
        encoded = name.encode() + b'\0'
        fields = [len(entries) + 1, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(encoded), 0]
        head = b'070701' + b''.join(b'%08X' % f for f in fields) + encoded
        entries.append(head + b'\0' * (-len(head) % 4) + data + b'\0' * (-len(data) % 4))
    made = set()

    def add_file(name, source):
        parts = pathlib.PurePath(name).parts
        for i in range(1, len(parts)):
            folder = '/'.join(parts[:i])
            if folder not in made:
                made.add(folder)
                add(folder, 0o40755)
        add(name, 0o100755, pathlib.Path(source).read_bytes())
    add('dev', 0o40755)
    made.add('dev')
    add('dev/console', 0o20600, rdev=(5, 1))
    add_file('init', system.DEV / 'guest_init')
    for module in MODULES:
        add_file(f'modules/{module}.ko', next(KERNEL_HOME.glob(f'lib/modules/*/kernel/**/{module}.ko')))
    add_file('ledge', program)
    linked = subprocess.run(['ldd', str(program)], capture_output=True, text=True).stdout
    for library in re.findall(r'(/\S+) \(0x', linked):
        add_file(library.lstrip('/'), library)
    add('TRAILER!!!', 0)
    path.write_bytes(gzip.compress(b''.join(entries), 1))


class Machine:
    """One qemu. Its serial line goes into a file, in which the answers of the guest's agent are found."""

    def __init__(self, box, incoming=None):
        self.box = box
        self.seen = ''
        self.control = box.folder / 'qmp'
        self.control.unlink(missing_ok=True)
        port = box.server.port
        command = [QEMU, '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-M', 'q35', '-accel', 'tcg', '-cpu', 'max', '-smp', '1',
                   '-m', str(MEMORY_MIB), '-kernel', str(box.kernel), '-initrd', str(box.initramfs), '-append', 'console=ttyS0 quiet panic=-1 random.trust_cpu=on',
                   '-serial', 'stdio', '-netdev', f'user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:9092', '-device', 'virtio-net-pci,netdev=n,romfile=',
                   '-drive', f'file=nbd+unix:///?socket={box.socket},format=raw,if=none,id=d,cache=none,werror=report,rerror=report',
                   '-device', f'virtio-blk-pci,drive=d,serial=ledge,physical_block_size={SECTOR}', '-qmp', f'unix:{self.control},server=on,wait=off']
        if incoming:
            command += ['-incoming', f'exec:cat {incoming}']
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=system.end_with_parent)
        os.set_blocking(self.process.stdout.fileno(), False)

    def read(self, seconds=0.0):
        """What the guest has said meanwhile goes into the log."""
        if select.select([self.process.stdout], [], [], seconds)[0]:
            some = self.process.stdout.read() or b''
            with self.box.server.log.open('ab') as log:
                log.write(some)
            self.seen += some.decode(errors='replace')

    def expect(self, text, seconds=60):
        """Waits for a line of the agent; an error of its is raised."""
        deadline = time.monotonic() + seconds
        while True:
            at = self.seen.find(f'agent: {text}')
            if bad := re.search(r'agent: (error: [^\r\n]*)[\r\n]', self.seen):
                raise RuntimeError(f'guest: {bad[1]}')
            if at >= 0:
                self.seen = self.seen[at + len(text):]
                return
            if self.process.poll() is not None:
                raise RuntimeError(f'guest: qemu ended; it said: {self.seen[-500:]}')
            if time.monotonic() > deadline:
                raise TimeoutError(f'guest: no "{text}"; it said: {self.seen[-500:]}')
            self.read(0.05)

    def type(self, line):
        self.process.stdin.write(line.encode() + b'\n')
        self.process.stdin.flush()

    def ended(self):
        """The exit code of the program in the guest, None while it runs."""
        self.read()
        found = re.search(r'agent: ended (\d+)', self.seen)
        return int(found[1]) if found else self.process.poll()

    def save(self, path):
        """The machine as it stands, into a file from which it is resumed again and again."""
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(self.control))
            lines = s.makefile('rw')

            def say(**command):
                lines.write(json.dumps(command) + '\n')
                lines.flush()
                while True:
                    said = json.loads(lines.readline())
                    if 'error' in said:
                        raise RuntimeError(f'qemu: {said["error"]}')
                    if 'return' in said:
                        return said['return']
            lines.readline()
            say(execute='qmp_capabilities')
            say(execute='migrate', arguments={'uri': f'exec:cat > {path}'})
            while (status := say(execute='query-migrate').get('status')) not in ('completed', 'failed'):
                time.sleep(0.02)
            if status == 'failed':
                raise RuntimeError('qemu: the machine was not saved')

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.read()
        self.process.stdin.close()
        self.process.stdout.close()


class GuestServer(boxes.Server):
    """The program in the guest, as the loop of the rigs sees a server."""
    machine = None

    @property
    def process(self):
        return self

    @process.setter
    def process(self, _):
        pass

    def spawn(self):
        settings = [f'listeners=PLAINTEXT://0.0.0.0:9092', f'advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}', 'http.listener=', *self.properties]
        sabotage = f'LEDGE_SABOTAGE={self.sabotage} ' if self.sabotage else ''
        self.machine.type(f'run {sabotage}-- /ledge serve --data /disk/data ' + ' '.join(f'--set {s}' for s in settings))
        self.machine.expect('started')

    def poll(self):
        return self.machine.ended() if self.machine else 0

    def terminate(self):
        self.machine.type('term')

    def kill(self):
        if self.machine:
            self.machine.kill()
            self.machine = None

    def wait(self, timeout=None):
        pass


class GuestBox(boxes.Box):
    SERVER = GuestServer

    def __init__(self, folder, program, sabotage=None):
        self.kernel = need()
        super().__init__(folder, program, sabotage)
        self.socket = self.folder / 'nbd'
        self.initramfs = self.folder / 'initramfs'
        self.state = self.folder / 'state'
        initramfs(self.initramfs, program)
        # Everything but the disk is some ten times slower here: so is it, that cuts meet writes which are not flushed.
        # Debian 12's kernel (6.1) does not mount an ext4 whose last commit block is torn: its checksum is over 4 KiB, and only since 6.10
        # does the kernel know that the first sector is enough. So the sectors are as large here; block_cut.py has the small ones.
        self.disk = boxes.PowerDisk(['--nbd', str(self.socket)], flush_us='2000:30000', sector=SECTOR)
        # Booted once; every power-on goes on from here, with the disk's driver not loaded yet.
        self.disk.say('on')
        self.server.machine = Machine(self)
        self.server.machine.expect('ready', 120)
        self.server.machine.save(self.state)
        self.server.kill()
        self.disk.say('cut 0')

    def renew(self, chance):
        super().renew(chance)
        self.disk.say(f'load {self.template}')

    def power_on(self):
        self.disk.say('on')
        machine = self.server.machine = Machine(self, incoming=self.state)
        while True:  # what is typed before the machine goes on is lost
            machine.type('\nping')
            try:
                machine.expect('here', 0.2)
                break
            except TimeoutError:
                pass
        machine.type(f'entropy {os.urandom(64).hex()}')
        machine.expect('entropy')
        machine.type(f'mount {self.options or "-"}')
        machine.expect('mounted')

    def start(self):
        self.power_on()
        begin = time.monotonic()
        self.server.spawn()
        while True:
            try:
                answer(self.server.host, self.server.port)
                return (time.monotonic() - begin) * 1000
            except OSError:
                if self.dead() is not None or time.monotonic() > begin + 60:
                    raise RuntimeError('guest: no answer; the end of the log:\n' + self.log.read_text(errors='replace')[-2000:]) from None
                time.sleep(0.01)

    def cut(self, seed):
        figures = json.loads(self.disk.say(f'cut {seed}'))
        self.server.kill()
        return figures

    def end_server(self):
        self.server.kill()

    def keep(self, where):
        super().keep(where)
        self.disk.say(f'save {where / "disk.img"}')

    def close(self):
        super().close()
        self.disk.close()
