# SPDX-License-Identifier: Apache-2.0
import itertools
import os
import pathlib
import shutil
import signal
import tempfile

import apache_kafka
import pytest
from support import ledge
from support.target import make_server

# A shell that runs the tests in the background lets them ignore SIGINT, and the servers would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption('--long', action='store_true', help='also the tests marked long (docs/testing.md)')


def pytest_collection_modifyitems(config, items):
    if not config.getoption('--long'):
        kept = [i for i in items if 'long' not in i.keywords]
        config.hook.pytest_deselected(items=[i for i in items if 'long' in i.keywords])
        items[:] = kept
    # The longest unit of those that run side by side begins first.
    items.sort(key=lambda item: getattr(item.get_closest_marker('xdist_group'), 'args', None) != ('families',))


@pytest.fixture(scope='session')
def scratch():
    # Below build/, not /tmp: a memory file system would hide what a disk does.
    home = pathlib.Path(os.environ.get('LEDGE_E2E_HOME', ledge.ROOT / 'build' / 'e2e'))
    home.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix='run-', dir=home))
    yield folder
    if not {'LEDGE_E2E_KEEP', 'LEDGE_E2E_HOME'} & os.environ.keys():
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope='session')
def server(scratch):
    """One server for all tests that only need topics of their own."""
    with make_server(scratch / 'shared', properties=['group.initial.rebalance.delay.ms=0']) as running:
        yield running
        assert running.process.poll() is None, 'the shared server ended during the tests; its log: ' + \
            (running.folder / 'log').read_text(errors='replace')[-3000:]


@pytest.fixture(scope='session')
def real_kafka(scratch):
    # Records of long ago stay as long as a slow comparison takes.
    never = ['log.retention.check.interval.ms=86400000', 'log.initial.task.delay.ms=86400000']
    with apache_kafka.Broker(scratch / 'kafka', properties=never) as running:
        yield running


counter = itertools.count(1)


@pytest.fixture
def own_folder(scratch, request):
    folder = scratch / f'{next(counter):03}-{request.node.name[:40].replace("/", "_")}'
    folder.mkdir()
    return folder


@pytest.fixture
def topic():
    return f'e2e-{next(counter)}-{os.getpid()}'


@pytest.fixture
def ran(record_property, capsys):
    """ran('kcat', records=1000): says on the terminal what a test did, and records it in the report."""
    def say(what, **numbers):
        text = ', '.join(f'{value:,} {name}' if isinstance(value, int) else f'{value} {name}' for name, value in numbers.items())
        record_property(what, text)
        with capsys.disabled():
            print(f'\n    {what}: {text}', end=' ')
    return say
