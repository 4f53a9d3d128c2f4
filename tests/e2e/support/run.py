# SPDX-License-Identifier: Apache-2.0
"""Child processes with a time limit, and the class paths and built programs of the clients under test."""
import fcntl
import functools
import hashlib
import os
import pathlib
import shutil
import subprocess

import apache_kafka

from .ledge import ROOT

CLIENTS = ROOT / 'tests' / 'e2e' / 'clients'
BUILD = ROOT / 'build' / 'e2e-clients'


def run(command, timeout=120, check=True, **options):
    """Runs to the end; a failure shows what the program printed."""
    if 'input' not in options:
        options['stdin'] = subprocess.DEVNULL
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=timeout, **options)
    if check and result.returncode != 0:
        name = pathlib.Path(str(command[0])).name
        raise AssertionError(f'{name} ended with {result.returncode}:\n{result.stdout[-2000:]}\n{result.stderr[-4000:]}')
    return result


def once(name, sources, build):
    """build(folder) into build/e2e-clients/NAME, again only when a source changes."""
    folder = BUILD / name
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(pathlib.Path(source).name.encode() + pathlib.Path(source).read_bytes())
    stamp = folder / '.built'
    with (BUILD / f'{name}.lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (stamp.exists() and stamp.read_text() == digest.hexdigest()):
            build(folder)
            stamp.write_text(digest.hexdigest())
    return folder


# ---- JVM -------------------------------------------------------------------------------------------------------------

JVM = CLIENTS / 'jvm'


@functools.cache
def jvm_class_path():
    """Kafka's published Java client and the run-time libraries and compilers of Scala, Kotlin and Clojure."""
    return apache_kafka.resolve(JVM / 'pom.xml', BUILD / 'jvm.classpath')


def jvm(main, *arguments, classes=(), options=()):
    path = ':'.join([*map(str, classes), jvm_class_path()])
    return ['java', '-Xmx256M', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', *options, '-cp', path, main,
            *map(str, arguments)]


def compiled(name, source, compiler):
    """Compiles one source file with a compiler on the class path; the folder with the classes."""
    source = JVM / source

    def build(folder):
        for old in folder.iterdir():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        run(compiler(source, folder), timeout=300)
    return once(name, [source, JVM / 'pom.xml'], build)


def java_classes(name):
    return compiled(f'java-{name}', f'{name}.java',
                    lambda source, out: ['javac', '-cp', jvm_class_path(), '-d', out, source])


def scala_classes(name):
    return compiled(f'scala-{name}', f'{name}.scala',
                    lambda source, out: jvm('dotty.tools.dotc.Main', '-classpath', jvm_class_path(), '-d', out, source))


def kotlin_classes(name):
    return compiled(f'kotlin-{name}', f'{name}.kt',
                    lambda source, out: jvm('org.jetbrains.kotlin.cli.jvm.K2JVMCompiler', '-no-stdlib', '-no-reflect',
                                            '-nowarn', '-cp', jvm_class_path(), '-d', out, source))


# ---- Go, Rust, Node --------------------------------------------------------------------------------------------------

def go():
    newer = '/usr/lib/go-1.23/bin/go'  # Debian's backport stands beside its older default
    return newer if os.path.exists(newer) else shutil.which('go')


def go_program(name='client'):
    source = CLIENTS / 'go'

    def build(folder):
        run([go(), 'build', '-o', f'{folder}/', './...'], cwd=source, timeout=600,
            env=dict(os.environ, CGO_ENABLED='0', GOFLAGS='-mod=readonly'))
    return once('go', [f for f in source.rglob('*') if f.is_file()], build) / name


# For modules that want a newer Go than Debian has: go fetches that as it fetches them.
GO_NEWEST = dict(os.environ, CGO_ENABLED='0', GOFLAGS='-mod=readonly', GOTOOLCHAIN='auto')


def go_suite(name):
    """franz-go's own tests of its package NAME: the built program, and the folder of the sources, where it is to run."""
    source = CLIENTS / 'go-suites'
    package = f'github.com/twmb/franz-go/pkg/{name}'

    def build(folder):
        run([go(), 'test', '-c', '-o', folder / 'suite.test', package], cwd=source, env=GO_NEWEST, timeout=600)
    folder = once(f'go-suite-{name}', list(source.iterdir()), build)
    listed = run([go(), 'list', '-f', '{{.Dir}}', package], cwd=source, env=GO_NEWEST)
    return folder / 'suite.test', listed.stdout.strip()


def rust_program(name='client'):
    source = CLIENTS / 'rust'

    def build(folder):
        run(['cargo', 'build', '--release', '--locked', '--manifest-path', source / 'Cargo.toml', '--target-dir',
             folder / 'target'], timeout=900)
    return once('rust', [source / 'Cargo.toml', source / 'Cargo.lock', *source.rglob('*.rs')], build) \
        / 'target' / 'release' / name


def node_program():
    source = CLIENTS / 'node'
    files = ('package.json', 'package-lock.json', 'producer.js', 'member.js')

    def build(folder):
        for file in files:
            shutil.copy(source / file, folder)
        run(['npm', 'ci', '--no-audit', '--no-fund'], cwd=folder, timeout=600)
    return once('node', [source / f for f in files], build) / 'producer.js'
