# SPDX-License-Identifier: Apache-2.0
"""Builds the load programs and kfake below build/bench, once per content of their sources."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOAD = ROOT / 'bench' / 'load'
BUILD = ROOT / 'build' / 'bench'
LIBRARIES = ['-lz', '-lm', '-ldl', '-lrt', '-lpthread']
RUST = ROOT / 'tests' / 'e2e' / 'clients' / 'rust' / 'Cargo.toml'


def run(command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    if done.returncode:
        raise RuntimeError(f'{" ".join(map(str, command))}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}')
    return done.stdout


def go():
    own = pathlib.Path('/usr/lib/go-1.23/bin/go')
    return shutil.which('go') or str(own)


def librdkafka_source():
    """The source of librdkafka that the crate rdkafka-sys carries, at the version that the tests use."""
    packages = json.loads(run(['cargo', 'metadata', '--format-version', '1', '--locked', '--manifest-path', RUST]))['packages']
    package = next(p for p in packages if p['name'] == 'rdkafka-sys')
    return pathlib.Path(package['manifest_path']).parent / 'librdkafka', package['version'].split('+')[-1]


class Tools:
    def __init__(self):
        BUILD.mkdir(parents=True, exist_ok=True)
        self._librdkafka = None

    def fresh(self, stamp, *sources):
        """True when SOURCES are what STAMP was made from."""
        text = ''.join(hashlib.sha256(pathlib.Path(s).read_bytes()).hexdigest() if pathlib.Path(s).exists() else str(s) for s in sources)
        path = BUILD / f'{stamp}.stamp'
        if path.exists() and path.read_text() == text:
            return True, None
        return False, lambda: path.write_text(text)

    def librdkafka(self):
        """Folder with src/librdkafka.a and examples/rdkafka_performance."""
        if self._librdkafka:
            return self._librdkafka
        folder = BUILD / 'librdkafka'
        lock = RUST.parent / 'Cargo.lock'
        good, done = self.fresh('librdkafka', lock)
        if not good or not (folder / 'examples' / 'rdkafka_performance').exists():
            print('building librdkafka and its rdkafka_performance ...', flush=True)
            source, version = librdkafka_source()
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(source, folder)
            compiler = {'CC': 'ccache gcc'} if shutil.which('ccache') else {}
            run(['./configure', '--disable-ssl', '--disable-gssapi', '--disable-curl', '--disable-zstd', '--disable-lz4-ext'], cwd=folder, env={**os.environ, **compiler})
            run(['make', '-C', 'src', f'-j{os.cpu_count()}', 'librdkafka.a'], cwd=folder)
            run(['gcc', '-O2', '-I', 'src', 'examples/rdkafka_performance.c', '-o', 'examples/rdkafka_performance', 'src/librdkafka.a', *LIBRARIES], cwd=folder)
            include = folder / 'include' / 'librdkafka'
            include.mkdir(parents=True)
            shutil.copy(source / 'src' / 'rdkafka.h', include)
            (folder / 'version').write_text(version)
            if done:
                done()
        self._librdkafka = folder
        return folder

    def librdkafka_version(self):
        return 'librdkafka ' + (self.librdkafka() / 'version').read_text()

    def performance(self):
        return self.librdkafka() / 'examples' / 'rdkafka_performance'

    def own(self, name, librdkafka=False):
        """One of our load programs, from bench/load/NAME.cc."""
        source, program = LOAD / f'{name}.cc', BUILD / name
        good, done = self.fresh(name, source)
        if not good or not program.exists():
            extra = []
            if librdkafka:
                folder = self.librdkafka()
                extra = ['-isystem', folder / 'include', folder / 'src' / 'librdkafka.a', *LIBRARIES]
            print(f'building {name} ...', flush=True)
            run(['g++', '-std=c++20', '-O2', '-Wall', '-Wextra', '-Werror', '-pthread', source, '-o', program, *extra])
            if done:
                done()
        return program

    def latency(self):
        return self.own('latency', librdkafka=True)

    def disk(self):
        return self.own('disk')

    def fetch(self):
        return self.own('fetch')

    def groups(self):
        return self.own('groups')

    def all(self):
        """Builds what is not there yet, before anything is measured."""
        for program in (self.performance, self.latency, self.disk, self.fetch, self.groups):
            program()

    def kfake(self):
        program, folder = BUILD / 'kfake', LOAD / 'kfake'
        good, done = self.fresh('kfake', folder / 'main.go', folder / 'go.mod', folder / 'go.sum')
        if not good or not program.exists():
            print('building kfake ...', flush=True)
            run([go(), 'build', '-trimpath', '-ldflags=-s -w', '-o', program, '.'], cwd=folder, env={**os.environ, 'CGO_ENABLED': '0'})
            if done:
                done()
        return program
