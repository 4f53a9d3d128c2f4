# SPDX-License-Identifier: Apache-2.0
"""What has to be installed: the stripped program, and what it needs beside libc."""
import pathlib
import subprocess

from harness import servers


def needed(program):
    """Bytes of the shared libraries of a program; none for a static one."""
    out = subprocess.run(['ldd', str(program)], capture_output=True, text=True).stdout
    return sum(pathlib.Path(word).stat().st_size for line in out.splitlines() for word in line.split() if word.startswith('/') and pathlib.Path(word).exists())


def ask(run):
    def measure(server, rep):
        if server.slow_start:
            jars = servers.apache_kafka.class_path().split(':')
            return {'program_mb': sum(pathlib.Path(j).stat().st_size for j in jars) / 1e6, 'files': len(jars)}, 'the jars of the broker and its tools, without a Java runtime'
        return {'program_mb': pathlib.Path(server.program).stat().st_size / 1e6, 'libraries_mb': needed(server.program) / 1e6, 'files': 1}, 'ls -l; ldd'

    run.rounds('size', 'installed', measure, 1, ('ledge', 'ledge-b', 'kafka', 'kfake-sync'))
