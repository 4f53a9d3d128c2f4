# SPDX-License-Identifier: Apache-2.0
"""Where figures are kept while a run goes on, and the arithmetic of medians and of ratios within one run."""
import json
import pathlib
import statistics


class Book:
    """One line per measurement, kept as soon as it is made: a run that was cut goes on where it was."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.rows = []
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                try:
                    self.rows.append(json.loads(line))
                except json.JSONDecodeError:
                    pass  # the run was cut in the middle of this line

    def has(self, question, case, server, rep):
        return any((r['question'], r['case'], r['server'], r['rep']) == (question, case, server, rep) and 'error' not in r for r in self.rows)

    def add(self, row):
        self.rows = [r for r in self.rows if (r['question'], r['case'], r['server'], r['rep']) != (row['question'], row['case'], row['server'], row['rep'])]
        self.rows.append(row)
        with self.path.open('a') as out:
            out.write(json.dumps(row) + '\n')

    def summary(self):
        """{question: {case: {server: {metric: [by repetition]}}}} and the commands beside it; later lines win."""
        latest = {}
        for row in self.rows:
            latest[row['question'], row['case'], row['server'], row['rep']] = row
        figures, commands = {}, {}
        for (question, case, server, rep), row in sorted(latest.items(), key=lambda item: item[0][3]):
            cell = figures.setdefault(question, {}).setdefault(case, {}).setdefault(server, {})
            if 'error' in row:
                cell.setdefault('failures', []).append(row['error'])
                continue
            for metric, value in row['metrics'].items():
                cell.setdefault(metric, []).append(value)
            commands.setdefault(question, {}).setdefault(case, row['command'])
        return figures, commands


def numbers(values):
    return [v for v in values or [] if isinstance(v, (int, float)) and not isinstance(v, bool)]


def median(values):
    values = numbers(values)
    return statistics.median(values) if values else None


def ratios(ours, theirs):
    """Ours to theirs, pair by pair: what was measured next to each other in time. The shorter list is stretched."""
    ours, theirs = numbers(ours), numbers(theirs)
    count = max(len(ours), len(theirs))
    if not ours or not theirs:
        return []
    return [ours[i * len(ours) // count] / theirs[i * len(theirs) // count] for i in range(count) if theirs[i * len(theirs) // count]]


def short(value):
    """A figure with three significant digits, thousands apart."""
    if value is None:
        return '–'
    if value == 0:
        return '0'
    size = abs(value)
    if size < 1000 and float(value).is_integer():
        return f'{value:.0f}'
    if size >= 1000:
        return f'{value:,.0f}'
    return f'{value:.0f}' if size >= 100 else f'{value:.1f}' if size >= 10 else f'{value:.2f}' if size >= 0.1 else f'{value:.3f}'


def spread(values):
    """median [min..max]"""
    values = numbers(values)
    if not values:
        return '–'
    if len(values) == 1:
        return short(values[0])
    return f'{short(statistics.median(values))} [{short(min(values))}..{short(max(values))}]'
