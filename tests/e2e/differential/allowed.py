#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The differences between Ledge's answers and Apache Kafka's that are meant, each with its reason.

A difference that no row covers fails the test; so does a row that covers none any more. `python3 allowed.py` prints
docs/compatibility.md.
"""
import dataclasses
import pathlib
import re
import sys


@dataclasses.dataclass(frozen=True)
class Row:
    api: str       # API, or a regular expression over several
    case: str      # regular expression over "case: label"
    path: str      # regular expression over the path of the value inside the answer
    what: str      # for the reader: what differs
    why: str       # for the reader: why it is meant
    kafka: str = '.*'   # regular expressions over the two values, as Python prints them
    ledge: str = '.*'

    def covers(self, api, case, label, path, kafka, ledge):
        return all(re.fullmatch(pattern, text, re.S) for pattern, text in (
            (self.api, api), (self.case, f'{case}: {label}'), (self.path, path), (self.kafka, str(kafka)), (self.ledge, str(ledge))))


ROWS = [
    Row('ApiVersions', '.*', r'apiKeys\.key \d+', 'APIs that Ledge does not serve are not in the list',
        'What is not served is not advertised; the range of every API that is served is Apache Kafka\'s.', ledge='absent'),
]


def page():
    """docs/compatibility.md."""
    here = pathlib.Path(__file__).resolve().parent
    sys.path[:0] = [str(here.parent), str(here.parents[1] / 'kafka')]
    from differential.cases import CASES, KEYS, SERVED
    from differential.compare import NORMALISED
    out = ['# Compatibility with Apache Kafka', '',
           '<!-- Printed by tests/e2e/differential/allowed.py (make docs); change the rows there. -->', '',
           'The end-to-end tests send the same requests to a real Apache Kafka 4.2 and to Ledge, decode both answers by Kafka\'s own',
           'published definitions and compare them, for every version of every API that Ledge serves: good requests, refused ones and',
           'bytes that are no request. This page lists every difference that is meant. A difference that is not listed fails the test;',
           'so does a listed one that no longer occurs.', '',
           'What has been tried with real clients, and how: [testing.md](testing.md).', '',
           '## APIs served', '', '| key | API | versions | cases compared per version |', '|---|---|---|---|']
    for api, versions in sorted(SERVED.items(), key=lambda item: KEYS[item[0]]):
        cases = sum(1 for of, _, _ in CASES.values() if of == api)
        out.append(f'| {KEYS[api]} | {api} | {versions[0]}-{versions[-1]} | {cases} |')
    out += ['', 'Produce is advertised from version 0, as Apache Kafka does (librdkafka switches compression off otherwise); versions 0 to 2',
            'are refused as there. Everything else, consumer groups first, is not served yet and not advertised.', '',
            '## Differences that are meant', '', '| API | difference | why |', '|---|---|---|']
    told = {}
    for row in ROWS:
        told.setdefault((row.what, row.why), []).append(row.api)
    for (what, why), apis in told.items():
        names = ', '.join(sorted({name for api in apis for name in re.sub(r'[().*]', '', api).split('|') if name})) or 'all'
        out.append(f'| {names} | {what} | {why} |')
    out += ['', '## What is not compared', '', 'These differ between any two clusters and are replaced before comparing.', '', '| value | how |', '|---|---|']
    out += [f'| {value} | {how} |' for value, how in NORMALISED]
    return '\n'.join(out) + '\n'


if __name__ == '__main__':
    print(page(), end='')
