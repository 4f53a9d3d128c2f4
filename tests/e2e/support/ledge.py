# SPDX-License-Identifier: Apache-2.0
"""The built Ledge as a process: started on a free port with a data folder, stopped by its pid."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = pathlib.Path(os.environ.get('LEDGE_PROGRAM', ROOT / 'build' / 'release' / 'ledge'))


def free_port(host='127.0.0.1'):
    with socket.socket() as s:
        s.bind((host, 0))
        return s.getsockname()[1]


class Ledge:
    """Same shape as apache_kafka.Broker, so that a test takes either."""

    def __init__(self, folder, host='127.0.0.1', port=None, advertised=None, properties=(), http=False, advertised_port=None):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / 'data'
        self.host, self.port = host, port or free_port(host)
        self.advertised, self.advertised_port = advertised or host, advertised_port or self.port
        self.properties = list(properties)
        self.http_port = free_port() if http else None
        self.node_id = 1
        self.process = None

    @property
    def bootstrap(self):
        return f'{self.host}:{self.port}'

    @property
    def pid(self):
        return self.process.pid

    @property
    def log(self):
        return self.folder / 'log'

    def command(self):
        sets = [f'listeners=PLAINTEXT://{self.host}:{self.port}',
                f'advertised.listeners=PLAINTEXT://{self.advertised}:{self.advertised_port}',
                f'http.listener=127.0.0.1:{self.http_port}' if self.http_port else 'http.listener=',
                *self.properties]
        return [str(PROGRAM), 'serve', '--data', str(self.data), *(a for s in sets for a in ('--set', s))]

    def spawn(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open('ab') as out:
            self.process = subprocess.Popen(self.command(), stdout=out, stderr=out, stdin=subprocess.DEVNULL)

    def start(self, timeout=30):
        self.spawn()
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection((self.host, self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.005)
        self.stop()
        raise RuntimeError('ledge did not start; the end of its log:\n' + self.log.read_text(errors='replace')[-3000:])

    def stop(self, timeout=30):
        """SIGTERM; the exit code. A server that does not end in time is killed, and that is an error."""
        if not self.process:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise RuntimeError(f'ledge did not stop within {timeout} s')
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.wait()

    def rss_bytes(self):
        for line in pathlib.Path(f'/proc/{self.pid}/status').read_text().splitlines():
            if line.startswith('VmRSS:'):
                return int(line.split()[1]) * 1024
        return 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def ledge(*arguments, timeout=60, **options):
    """Runs a sub-command to its end."""
    return subprocess.run([str(PROGRAM), *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, **options)


def ledge_json(*arguments):
    result = ledge(*arguments, '--json')
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)
