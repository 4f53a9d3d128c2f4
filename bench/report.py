#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/performance.md and its plots, from bench/results/reference.json: report.py [RESULT.json [OUT.md]]."""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import bars  # noqa: E402
import plots  # noqa: E402
from harness.results import median, short, spread  # noqa: E402

ROOT = HERE.parent
LABELS = {'ledge': 'Ledge', 'ledge-b': 'Ledge, other build', 'kafka': 'Kafka', 'kafka-flush1': 'Kafka, flush per message', 'kfake': 'kfake', 'kfake-sync': 'kfake, sync',
          'mock': 'load generator’s ceiling'}

# What a table shows of a case: metric, heading.
COLUMNS = {
    'size': (('program_mb', 'MB'), ('libraries_mb', 'shared libraries, MB'), ('files', 'files')),
    'start': (('first_answer_ms', 'first answer, ms'), ('serving_ms', 'knows its data, ms'), ('cold_first_answer_ms', 'first answer with an empty page cache, ms'), ('rss_mb', 'RSS, MB'), ('foreign', 'foreign cores')),
    'memory': (('idle_mb', 'idle, MB'), ('connections_mb', '100 connections'), ('partitions_mb', '1,000 partitions'), ('produced_mb', 'after the records, MB'),
               ('replayed_mb', 'after replaying them'), ('foreign', 'foreign cores')),
    'idle': (('wakeups_s', 'wakeups/s'), ('cpu_ms_s', 'CPU ms/s'), ('device_writes', 'device writes'), ('device_flushes', 'flushes'), ('rss_mb', 'RSS, MB'), ('foreign', 'foreign cores')),
    'produce': (('msg_s', 'records/s'), ('mb_s', 'MB/s'), ('cpu_us_msg', 'server CPU, µs/record'), ('client_us_msg', 'client'), ('kernel_cpu', 'kernel threads, s'),
                ('device_flushes', 'flushes'), ('foreign', 'foreign cores')),
    'partitions': (('msg_s', 'records/s'), ('cpu_us_msg', 'server CPU, µs/record'), ('client_us_msg', 'client'), ('device_flushes', 'flushes'), ('device_bytes', 'device bytes'),
                   ('foreign', 'foreign cores')),
    'consume': (('msg_s', 'records/s'), ('mb_s', 'MB/s'), ('sendfile_mb_s', 'sendfile, MB/s'), ('to_sendfile', 'to sendfile'), ('rdkafka_mb_s', 'librdkafka, MB/s'),
                ('cpu_us_msg', 'server CPU, µs/record'), ('client_us_msg', 'client'), ('foreign', 'foreign cores')),
    'latency': (('p50_us', 'p50, µs'), ('p99_us', 'p99'), ('p999_us', 'p99.9'), ('max_us', 'max'), ('per_s', 'acks/s'), ('disk_growing_4k_p50_us', 'disk: append + fdatasync, p50'),
                ('disk_written_4k_p50_us', 'disk: overwrite + fdatasync, p50'), ('to_growing', 'to append'), ('to_written', 'to overwrite'), ('foreign', 'foreign cores')),
    'flash': (('times_payload', 'device bytes to payload'), ('flushes_record', 'flushes per record or batch'), ('device_bytes', 'device bytes'), ('flushes', 'flushes'),
              ('foreign', 'foreign cores')),
    'groups': (('settled_ms', 'all settled, ms'), ('join_cpu_s', 'CPU until then, s'), ('rss_mb', 'RSS, MB'), ('rss_more_mb', 'more than before'), ('heartbeats_s', 'heartbeats/s'),
               ('cpu_us_heartbeat', 'CPU, µs/heartbeat'), ('wakeups_heartbeat', 'wakeups/heartbeat'), ('p50_us', 'answer p50, µs'), ('p99_us', 'p99'),
               ('rebalances_meanwhile', 'rebalances meanwhile'), ('errors', 'errors'), ('left_wakeups_s', 'wakeups/s after all left'), ('left_rss_mb', 'RSS then, MB'), ('foreign', 'foreign cores')),
    'crash': (('acked', 'acked'), ('lost', 'lost'), ('duplicated', 'duplicated'), ('reordered', 'out of order'), ('not_where_acked', 'not where acked'), ('refused', 'failed at the client'),
              ('fatal', 'producers that gave up'), ('first_answer_ms', 'first answer, ms'), ('first_answer_max_ms', 'at most'), ('foreign', 'foreign cores')),
}


def markdown(rows, heading):
    return '\n'.join(['| ' + ' | '.join(heading) + ' |', '|' + '---|' * len(heading), *('| ' + ' | '.join(row) + ' |' for row in rows)])


def bar_table(figures):
    rows, notes = [], []
    for bar in bars.BARS:
        values, reached = bar.judge(figures)
        wanted = f'{"≤" if bar.relation == "<=" else "≥"} {short(bar.limit)} {bar.unit}'.strip()
        verdict = 'not measured' if reached is None else 'yes' if reached else '**no**'
        rows.append([bar.group, bar.name, wanted, f'{spread(values)} {bar.unit}'.strip() if values else '–', verdict])
        if reached is False:
            middle = median(values)
            far = f'{short(abs(middle - bar.limit))} {bar.unit}'.strip() if not bar.limit else f'{short(abs(middle / bar.limit - 1) * 100)} %'
            notes.append(f'- **{bar.group}, {bar.name}**: {short(middle)} {bar.unit} instead of {wanted}, off by {far}. {bar.note or "Not yet looked into."}')
    measured = [bar.judge(figures)[1] for bar in bars.BARS]
    return markdown(rows, ['', 'bar', 'wanted', 'measured', 'reached']), notes, measured


def case_table(question, cells):
    columns = [(m, h) for m, h in COLUMNS[question] if any(m in c for c in cells.values())]
    rows = []
    for server in [s for s in LABELS if s in cells]:
        metrics = cells[server]
        row = [LABELS[server], *(spread(metrics.get(m)) for m, _ in columns)]
        if 'failures' in metrics:
            row[0] += f' (failed: {metrics["failures"][0][:120]})'.replace('|', '/').replace('\n', ' ')
        rows.append(row)
    return markdown(rows, ['', *(h for _, h in columns)])


def page(result, plotted):
    import questions
    figures, machine = result['figures'], result['machine']
    table, notes, measured = bar_table(figures)
    out = ['# Performance', '', '<!-- Made by `make bench` from bench/results/reference.json; do not edit. -->', '',
           'Ledge beside its peers on one machine, in one run of `make bench`. Every figure is *median [min..max]*; a ratio is taken pair by pair from',
           'measurements made right after each other, ours to the peer’s. *Foreign cores* are what other processes kept busy meanwhile. How each figure',
           'is made: [bench/README.md](../bench/README.md). All records of Ledge are synced (`fdatasync`) before they are acked.', '',
           f'- {result["began"]}, {short(result["minutes"])} minutes{", QUICK" if result["quick"] else ""}; {machine["cores"]} × {machine["cpu"]}'
           f'{", virtual" if machine["virtual"] else ""}, {machine["memory_gib"]} GiB, {machine["system"]}, Linux {machine["kernel"]}; data on {result["disk"]}',
           *(f'- {LABELS.get(name, name)}: {version}' for name, version in result['versions'].items()), '']
    out += ['## The bars', '', f'{sum(m is True for m in measured)} of {len(measured)} reached, {sum(m is False for m in measured)} not, '
            f'{sum(m is None for m in measured)} not measured in this run.', '', table, '']
    if notes:
        out += ['### What is not reached, and why', '', *notes, '']
    for question, cases in figures.items():
        module = questions.ALL.get(question)
        if not module:
            continue
        text = module.__doc__.strip().split('\n', 1)
        out += [f'## {question.capitalize()}', '', text[0], *([text[1].rstrip()] if len(text) > 1 else []), '', f'`make bench ARGS={question}`', '']
        if question in plotted:
            out += [f'![{question}](performance/{question}.svg)', '']
        for case, cells in cases.items():
            command = result['commands'].get(question, {}).get(case, '')
            out += [f'**{case}**' + (f' — `{command}`' if command and not command.startswith(('exec', 'VmRSS', 'nothing', 'the jars', 'ls')) else ''), '', case_table(question, cells), '']
    return '\n'.join(out).rstrip() + '\n'


# The README’s table: what, question, case, metric, unit.
README_ROWS = (
    ('to install', 'size', 'installed', 'program_mb', 'MB'),
    ('exec to first answer, empty', 'start', 'empty', 'first_answer_ms', 'ms'),
    ('the same after kill -9 with 1 M records', 'start', bars.KILLED, 'first_answer_ms', 'ms'),
    ('resident memory, idle', 'memory', 'empty', 'idle_mb', 'MB'),
    ('the same after 1 M records of 100 B and a replay', 'memory', bars.LOADED, 'replayed_mb', 'MB'),
    ('100 B produced to one partition', 'produce', '100 B', 'msg_s', 'records/s'),
    ("server CPU for each", 'produce', '100 B', 'cpu_us_msg', 'µs'),
    ('1 KiB produced to one partition', 'produce', '1 KiB', 'mb_s', 'MB/s'),
    ('100 B produced, each to one of 1,000 partitions', 'partitions', '1,000 partitions', 'msg_s', 'records/s'),
    ('100 B consumed', 'consume', '100 B', 'msg_s', 'records/s'),
    ('ack of a lone record, p50', 'latency', 'one outstanding', 'p50_us', 'µs'),
    ('device bytes for a lone record of 100 B', 'flash', 'lone acks, one after the other', 'device_bytes_each', 'B'),
)
README_SERVERS = ('ledge', 'kfake-sync', 'kafka', 'kafka-flush1')


def readme(result):
    figures, rows = result['figures'], []
    for what, question, case, metric, unit in README_ROWS:
        cells = figures.get(question, {}).get(case, {})
        if 'ledge' in cells:
            rows.append([what, *(f'{short(median(cells[s][metric]))} {unit}' if cells.get(s, {}).get(metric) else '–' for s in README_SERVERS)])
    measured = [bar.judge(figures)[1] for bar in bars.BARS]
    return '\n'.join([f'Medians of one run of `make bench` on {result["machine"]["cores"]} cores ({result["machine"]["cpu"]}, {result["began"]}); Ledge syncs every record before',
                      f'its ack, Kafka as it comes does not. All figures with their spread, and {sum(m is True for m in measured)} of {len(measured)} aims reached: '
                      '[docs/performance.md](docs/performance.md).', '', markdown(rows, ['', 'Ledge', 'kfake, sync per request', 'Kafka 4', 'Kafka, flush per message'])])


def into_readme(result):
    path = ROOT / 'README.md'
    text = path.read_text()
    begin, end = '<!-- figures: made by make bench -->\n', '<!-- end of figures -->'
    if begin in text and end in text:
        before, rest = text.split(begin, 1)
        path.write_text(before + begin + readme(result) + '\n' + end + rest.split(end, 1)[1])


def write(result, target=ROOT / 'docs' / 'performance.md'):
    order = list(__import__('questions').ALL)
    result['figures'] = {q: result['figures'][q] for q in sorted(result['figures'], key=lambda q: order.index(q) if q in order else 99)}
    plotted = plots.draw(result['figures'], target.parent / 'performance')
    target.write_text(page(result, plotted))
    if target == ROOT / 'docs' / 'performance.md':
        into_readme(result)
    print(f'{target} written')


if __name__ == '__main__':
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / 'results' / 'reference.json'
    write(json.loads(source.read_text()), *([pathlib.Path(sys.argv[2])] if len(sys.argv) > 2 else []))
