# SPDX-License-Identifier: Apache-2.0
"""One module per question: its first line says what is asked, ask(run) measures."""
from . import consume, crash, flash, groups, idle, latency, memory, partitions, produce, size, start

ALL = {m.__name__.rsplit('.', 1)[1]: m for m in (size, start, memory, idle, produce, consume, partitions, latency, flash, groups, crash)}
