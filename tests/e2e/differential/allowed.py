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
