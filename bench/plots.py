# SPDX-License-Identifier: Apache-2.0
"""The plots of docs/performance.md: one small SVG per question, the same bytes for the same figures."""
import matplotlib

matplotlib.use('svg')
matplotlib.rcParams.update({'svg.hashsalt': 'ledge', 'svg.fonttype': 'none', 'font.size': 9, 'axes.spines.top': False, 'axes.spines.right': False})

import matplotlib.pyplot as plt  # noqa: E402
from harness.results import median, numbers, short  # noqa: E402

COLOURS = {'ledge': '#1b6e8c', 'kfake': '#c9b458', 'kfake-sync': '#a08a28', 'kafka': '#b5651d', 'kafka-flush1': '#7d3c0a', 'mock': '#9a9a9a'}
NAMES = {'ledge': 'Ledge', 'kfake': 'kfake, no sync', 'kfake-sync': 'kfake, sync', 'kafka': 'Kafka, no sync', 'kafka-flush1': 'Kafka, flush/message', 'mock': 'generator’s ceiling'}


def rows(axes, cells, metric, title, log=False):
    """Horizontal bars, median with min and max."""
    servers = [s for s in NAMES if numbers(cells.get(s, {}).get(metric))][::-1]
    if not servers:
        axes.set_axis_off()
        return
    for i, server in enumerate(servers):
        values = numbers(cells[server][metric])
        middle = median(values)
        axes.barh(i, middle, color=COLOURS[server], height=0.7, xerr=[[middle - min(values)], [max(values) - middle]] if len(values) > 1 else None,
                  error_kw={'lw': 0.8, 'ecolor': '#333333'})
        axes.annotate(' ' + short(middle), (max(values), i), va='center', fontsize=8)
    axes.set_yticks(range(len(servers)), [NAMES[s] for s in servers])
    axes.set_title(title, fontsize=9, loc='left')
    if log:
        axes.set_xscale('log')
    axes.margins(x=0.2)


def panels(figures, question, wanted):
    """WANTED: (case, metric, title, logarithmic). None when nothing of it was measured."""
    wanted = [w for w in wanted if w[0] in figures.get(question, {})]
    if not wanted:
        return None
    figure, axes = plt.subplots(1, len(wanted), figsize=(4.2 * len(wanted), 2.2), squeeze=False)
    for one, (case, metric, title, log) in zip(axes[0], wanted):
        rows(one, figures[question][case], metric, title, log)
    return figure


def curves(figures):
    """Latency by percentile: the closed loop and the open one."""
    cases = [c for c in ('one outstanding', '1,000/s') if c in figures.get('latency', {})]
    if not cases:
        return None
    figure, axes = plt.subplots(1, len(cases), figsize=(4.2 * len(cases), 2.6), squeeze=False)
    for one, case in zip(axes[0], cases):
        for server, metrics in figures['latency'][case].items():
            if server not in NAMES or not metrics.get('curve_us'):
                continue
            shares = [share for share, _ in metrics['curve_us'][0]]
            middles = [median([run[i][1] for run in metrics['curve_us']]) for i in range(len(shares))]
            one.plot(range(len(shares)), middles, color=COLOURS[server], label=NAMES[server], lw=1.6)
            one.set_xticks(range(len(shares)), [f'{share * 100:g}' for share in shares], rotation=60, fontsize=7)
        one.set_yscale('log')
        one.set_ylabel('µs')
        one.set_xlabel('percentile')
        one.set_title(f'ack latency, {case}', fontsize=9, loc='left')
    axes[0][0].legend(fontsize=7, frameon=False)
    return figure


def draw(figures, folder):
    """Writes the SVGs; the questions that have one."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        'produce': panels(figures, 'produce', (('100 B', 'msg_s', '100 B, records/s', False), ('100 B', 'cpu_us_msg', '100 B, server CPU µs/record', False),
                                               ('1 KiB', 'msg_s', '1 KiB, records/s', False), ('1 KiB', 'cpu_us_msg', '1 KiB, server CPU µs/record', False))),
        'partitions': panels(figures, 'partitions', (('1,000 partitions', 'msg_s', '1,000 partitions, records/s', True), ('1 partition', 'msg_s', '1 partition, records/s', True))),
        'consume': panels(figures, 'consume', (('100 B', 'msg_s', '100 B, records/s', False), ('1 KiB', 'msg_s', '1 KiB, records/s', False), ('16 KiB', 'mb_s', '16 KiB, MB/s', False))),
        'memory': panels(figures, 'memory', (('empty', 'idle_mb', 'idle, MB', True), ('1,000,000 x 100 B', 'replayed_mb', 'after 1 M records and a replay, MB', True))),
        'start': panels(figures, 'start', (('empty', 'first_answer_ms', 'start, empty, ms', True),
                                           ('after kill -9 with 1,000,000 x 100 B', 'first_answer_ms', 'after kill -9 with 1 M records, ms', True))),
        'flash': panels(figures, 'flash', (('lone acks, 10/s', 'times_payload', 'lone 100 B acks: device bytes to payload', False),
                                           ('lone acks, 10/s', 'flushes_record', 'flushes per ack', False))),
        'latency': curves(figures),
    }
    for name, figure in made.items():
        if figure:
            figure.tight_layout()
            figure.savefig(folder / f'{name}.svg', metadata={'Date': None})
            plt.close(figure)
    return {name for name, figure in made.items() if figure}
