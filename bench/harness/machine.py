# SPDX-License-Identifier: Apache-2.0
"""The machine as it is while something is measured: processors, memory, wakeups, and what reaches the disk."""
import glob
import os
import pathlib
import platform
import re
import subprocess
import time

HZ = os.sysconf('SC_CLK_TCK')


def text(path):
    return pathlib.Path(path).read_text()


def describe():
    """Enough of the machine to judge a figure by."""
    cpu = re.search(r'model name\s*:\s*(.*)', text('/proc/cpuinfo'))
    memory = int(re.search(r'MemTotal:\s*(\d+)', text('/proc/meminfo'))[1])
    system = re.search(r'PRETTY_NAME="(.*)"', text('/etc/os-release'))
    return {'cpu': cpu[1].strip() if cpu else platform.processor(), 'cores': os.cpu_count(), 'memory_gib': round(memory / 2**20, 1),
            'system': system[1] if system else platform.system(), 'kernel': platform.release(),
            'virtual': ' hypervisor' in text('/proc/cpuinfo'), 'root': os.geteuid() == 0}


# ---- processes -------------------------------------------------------------------------------------------------------

def tasks(pid):
    """{thread: (CPU seconds, voluntary context switches)} of a process. A wakeup ends a voluntary switch."""
    found = {}
    for folder in glob.glob(f'/proc/{pid}/task/*'):
        try:
            seconds = int(text(folder + '/schedstat').split()[0]) / 1e9
            found[folder] = (seconds, int(re.search(r'^voluntary_ctxt_switches:\s*(\d+)', text(folder + '/status'), re.M)[1]))
        except (OSError, IndexError):
            pass  # the thread ended meanwhile
    return found


def cpu_seconds(pid):
    """Of the whole process, ended threads included; in steps of a hundredth."""
    fields = text(f'/proc/{pid}/stat').rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / HZ


def rss_mb(pid):
    return int(re.search(r'VmRSS:\s*(\d+)', text(f'/proc/{pid}/status'))[1]) * 1024 / 1e6


def settled_rss_mb(pid, seconds=20):
    """The resident set once it has not moved for two seconds."""
    last = rss_mb(pid)
    for _ in range(int(seconds / 2)):
        time.sleep(2)
        now = rss_mb(pid)
        if now == last:
            break
        last = now
    return last


def first_class(pid):
    """Puts a process of its own session before what else runs on the machine, where that is allowed."""
    try:
        pathlib.Path(f'/proc/{pid}/autogroup').write_text('-20')
    except OSError:
        pass


def kernel_seconds():
    """CPU of the kernel's own threads: write-back, ext4's journal, the loop device."""
    total = 0
    for path in glob.glob('/proc/[0-9]*/stat'):
        try:
            fields = text(path).rsplit(')', 1)[1].split()
        except (OSError, IndexError):
            continue
        if fields[1] == '2':
            total += int(fields[11]) + int(fields[12])
    return total / HZ


def processors():
    """Seconds of all processors since boot: (busy, stolen by the host)."""
    user, nice, system, _, _, irq, soft, steal = map(int, text('/proc/stat').splitlines()[0].split()[1:9])
    return (user + nice + system + irq + soft) / HZ, steal / HZ


class Span:
    """What a server used between enter and exit, and what others used beside it.

    `others` are processes of this run beside server and finished children: their CPU is not foreign either.
    """

    def __init__(self, pid, disk=None, others=()):
        self.pid, self.disk, self.others = pid, disk, list(others)

    def __enter__(self):
        self.before = self.look()
        return self

    def look(self):
        own = os.times()
        return {'time': time.monotonic(), 'cpu': cpu_seconds(self.pid), 'tasks': tasks(self.pid), 'processors': processors(),
                'kernel': kernel_seconds(), 'disk': self.disk.counters() if self.disk else None,
                'children': own.children_user + own.children_system, 'own': own.user + own.system,
                'others': sum(cpu_seconds(pid) for pid in self.others)}

    def __exit__(self, *_):
        a, b = self.before, self.look()
        self.seconds = b['time'] - a['time']
        self.cpu = b['cpu'] - a['cpu']
        self.fine_cpu = sum(t[0] - a['tasks'].get(k, (0, 0))[0] for k, t in b['tasks'].items())
        self.wakeups = sum(t[1] - a['tasks'].get(k, (0, 0))[1] for k, t in b['tasks'].items())
        self.client_cpu = b['children'] - a['children'] + b['others'] - a['others']
        self.kernel_cpu = b['kernel'] - a['kernel']
        busy = b['processors'][0] - a['processors'][0]
        known = self.cpu + self.client_cpu + self.kernel_cpu + b['own'] - a['own']
        self.foreign = max(0.0, (busy - known) / self.seconds)
        self.stolen = (b['processors'][1] - a['processors'][1]) / self.seconds
        self.device = {k: b['disk'][k] - a['disk'][k] for k in b['disk']} if b['disk'] else None

    def beside(self):
        """What else happened, for the row of every figure."""
        row = {'foreign': round(self.foreign, 2), 'stolen': round(self.stolen, 2), 'kernel_cpu': round(self.kernel_cpu, 3)}
        if self.device:
            row.update({f'device_{k}': v for k, v in self.device.items()})
        return row


# ---- disks -----------------------------------------------------------------------------------------------------------

class Disk:
    """A file system of its own on a loop device, so that the device's counters show what one server makes it write, ext4's
    journal included. Without root: a plain folder, and no counters."""

    def __init__(self, folder, gib=40, loop=True):
        self.image, self.path = pathlib.Path(f'{folder}.img'), pathlib.Path(folder)
        self.gib, self.loop = gib, loop and os.geteuid() == 0
        self.device = None

    def mount(self):
        self.path.mkdir(parents=True, exist_ok=True)
        if not self.loop or self.device:
            return self
        self.unmount()
        subprocess.run(['truncate', '-s', f'{self.gib}G', str(self.image)], check=True)
        # Everything is initialised now: nothing may write by itself while a server is watched.
        subprocess.run(['mkfs.ext4', '-q', '-F', '-N', '200000', '-E', 'lazy_itable_init=0,lazy_journal_init=0', str(self.image)], check=True)
        done = subprocess.run(['mount', '-o', 'loop,noatime', str(self.image), str(self.path)], capture_output=True, text=True)
        if done.returncode:
            print(f'no loop device here ({done.stderr.strip()}): device writes are not counted', flush=True)
            self.loop = False
            self.image.unlink()
            return self
        source = subprocess.run(['findmnt', '-no', 'SOURCE', str(self.path)], capture_output=True, text=True, check=True).stdout
        self.device = os.path.basename(source.strip())
        return self

    def remount(self, options):
        if self.device:
            subprocess.run(['mount', '-o', f'remount,{options}', str(self.path)], check=True)

    def counters(self):
        if not self.device:
            return None
        f = text(f'/sys/block/{self.device}/stat').split()
        return {'writes': int(f[4]), 'bytes': int(f[6]) * 512, 'flushes': int(f[15])}

    def sync(self):
        """Everything written so far is on the device, and counted."""
        if self.device:
            subprocess.run(['sync', '-f', str(self.path)], check=True)
        else:
            os.sync()

    def trim(self):
        """Gives back what deleted files held: the image does not grow with every run."""
        if self.device:
            subprocess.run(['fstrim', str(self.path)], capture_output=True)

    def unmount(self):
        if self.loop and os.path.ismount(self.path):
            for _ in range(20):
                if subprocess.run(['umount', str(self.path)], capture_output=True).returncode == 0:
                    break
                time.sleep(0.25)
        self.device = None
        self.image.unlink(missing_ok=True)
