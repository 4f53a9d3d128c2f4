#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_symbols.py LIBRARY...: no folder but os/ reaches the kernel, a clock, chance or threads.

Reads the undefined symbols of each folder's static library (nm -u) and fails on one that is listed below. Includes say
too little: <chrono> and <string> are fine, system_clock::now() and std::random_device are not; the objects tell.

  check_symbols.py --prove CXX    compiles functions that break the rule and expects each to be found
"""
import pathlib
import re
import subprocess
import sys
import tempfile

FORBIDDEN = re.compile('|'.join(f'(?:{p})' for p in [
    # files and descriptors
    r'(f|fd|tmp)?open(at|dir)?(64)?', r'creat(64)?', r'close(dir)?', r'p?(read|write)v?2?(64)?(v64)?', r'f(data)?sync',
    r'sync_file_range', r'posix_f(allocate|advise)(64)?', r'fallocate(64)?', r'f?truncate(64)?', r'l?seek(64)?', r'l?f?stat(at|vfs)?(64)?',
    r'unlink(at)?', r'rename(at2?)?', r'mkdir(at)?', r'readdir(64)?', r'mmap(64)?', r'fcntl(64)?', r'ioctl', r'f(read|write|gets)',
    # sockets and waiting
    r'socket(pair)?', r'bind', r'listen', r'accept4?', r'connect', r'send(to|msg|mmsg|file|file64)?', r'recv(from|msg|mmsg)?',
    r'p?poll', r'p?select', r'epoll_\w+', r'eventfd', r'timerfd_\w+', r'signalfd', r'get(addr|name)info', r'gethostby\w+',
    # time and chance
    r'clock(_gettime|_nanosleep)?', r'time', r'gettimeofday', r'(local|gm)time(_r)?', r'(nano|u)?sleep', r'alarm', r'setitimer',
    r's?rand(_r|om|om_r)?', r'[delmn]rand48', r'getrandom', r'getentropy', r'arc4random\w*',
    r'_ZNSt6chrono3_V21[29](system|steady|high_resolution)_clock3nowEv', r'_ZNSt13random_device\w+',
    # processes, threads, the environment, signals
    r'fork|vfork|exec[lv]\w*|posix_spawnp?|system|popen', r'pthread_(create|mutex_lock|cond_\w+)', r'_ZNSt6thread\w+',
    r'(secure_)?getenv', r'[sp]?et?env|putenv', r'signal|sigaction|raise|kill', r'getpid|gethostname|isatty', r'syscall',
    # streams that open files
    r'_ZNSt1[34]basic_(file|[io]f)\w+',
]))

# folder: symbols that it may use all the same, and why.
ALLOWED = {
    'base': {'syscall': 'std::atomic::wait, for the log sink that loop and workers share'},
}


def undefined(library):
    out = subprocess.run(['nm', '-u', '-P', library], capture_output=True, text=True, check=True).stdout
    return sorted({line.split()[0] for line in out.splitlines() if line.split()[1:2] == ['U']})


def problems(library):
    folder = re.sub(r'^libledge_|\.a$', '', pathlib.Path(library).name)
    allowed = ALLOWED.get(folder, {})
    return [f'src/{folder} uses {symbol}: only src/os may (src/os/README.md)' for symbol in undefined(library)
            if FORBIDDEN.fullmatch(symbol) and symbol not in allowed]


BAD = {
    'clock': '#include <chrono>\nlong f() { return std::chrono::system_clock::now().time_since_epoch().count(); }',
    'steady': '#include <chrono>\nlong f() { return std::chrono::steady_clock::now().time_since_epoch().count(); }',
    'chance': '#include <random>\nunsigned f() { return std::random_device{}(); }',
    'rand': '#include <cstdlib>\nint f() { return rand(); }',
    'file': '#include <fcntl.h>\nint f() { return open("x", 0); }',
    'stream': '#include <fstream>\nbool f() { return std::ofstream("x").good(); }',
    'pwritev': '#include <sys/uio.h>\nlong f() { return pwritev(1, nullptr, 0, 0); }',
    'socket': '#include <sys/socket.h>\nint f() { return socket(1, 1, 0); }',
    'thread': '#include <thread>\nvoid f() { std::thread([] {}).join(); }',
    'sleep': '#include <unistd.h>\nunsigned f() { return sleep(1); }',
    'environment': '#include <cstdlib>\nchar* f() { return getenv("X"); }',
}
GOOD = '#include <string>\n#include <vector>\nstd::string f(std::vector<int> v) { return std::to_string(v.size()); }'


def prove(compiler):
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        for name, text in [*BAD.items(), ('nothing bad', GOOD)]:
            source, library = pathlib.Path(folder, 'x.cc'), pathlib.Path(folder, 'libledge_x.a')
            source.write_text(text)
            library.unlink(missing_ok=True)
            subprocess.run([compiler, '-std=c++20', '-O1', '-D_FILE_OFFSET_BITS=64', '-c', source, '-o', f'{folder}/x.o'], check=True)
            subprocess.run(['ar', 'rc', library, f'{folder}/x.o'], check=True)
            if bool(problems(library)) != (text != GOOD):
                missed.append(name)
    for name in missed:
        print(f'check_symbols: wrong about "{name}"', file=sys.stderr)
    return 1 if missed else 0


def main(arguments):
    if arguments[:1] == ['--prove']:
        return prove(arguments[1])
    found = [problem for library in arguments for problem in problems(library)]
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
