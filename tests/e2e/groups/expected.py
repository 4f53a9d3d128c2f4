# SPDX-License-Identifier: Apache-2.0
"""The rebalances of each phase, as the protocols of groups have them: generations of a classic group, epochs of a group of the
consumer protocol. `make groups` counts them against Apache Kafka and against Ledge (docs/testing.md has the table).

A pair of numbers is a tolerance, and has its reason beside it."""


from .members import FAMILIES, SESSION_MS


def bounds(number):
    return number if isinstance(number, tuple) else (number, number)


EAGER = {
    'first joins': 1, 'second joins': 1, 'third joins': 1, 'third comes back': 0, 'second leaves': 1,
    'fourth joins': 1, 'third is killed': 1,
    # The members come back to the generation that they left.
    'server is killed': 0, 'fifth joins': 1,
    # The sixth starts while the fifth's session ends: one rebalance when it arrives first, two when the session ends first, three
    # when the rebalance that the end began is over before the sixth arrives and the client joins in two steps.
    'fifth is killed, sixth joins': (1, 2),
}
# Partitions that somebody gives up are assigned in a second generation (KIP-429).
COOPERATIVE = EAGER | {'second joins': 2, 'third joins': 2, 'fourth joins': 2, 'fifth joins': 2,
                       'fifth is killed, sixth joins': (1, 3)}
# Every change of the group is an epoch of its own (KIP-848).
CONSUMER = EAGER | {'fifth is killed, sixth joins': 2}
TABLES = {'eager': EAGER, 'cooperative': COOPERATIVE, 'consumer': CONSUMER}
# A Java client that finds no broker takes up its bootstrap addresses again (KIP-899, since 4.0 by default) and knows no topic for that
# moment; the leader that looks then takes the topics for changed and joins again.
FORGETS = {'server is killed': (0, 1)}
EXPECTED = {
    'java': EAGER | FORGETS, 'java-static': EAGER | FORGETS, 'java-cooperative': COOPERATIVE | FORGETS,
    # A heartbeat that finds no server is tried Metadata.Retry.Max times without a pause while the library still knows its
    # coordinator; whoever uses them up joins again: a follower comes to the generation that is, the leader begins one.
    'sarama': EAGER | {'server is killed': (0, 1)},
    # The library forgets a rebalance that ends between two polls and joins again; each time its leader does so is a generation more.
    'kafka-python': {phase: (bounds(n)[0], bounds(n)[1] + 3) for phase, n in EAGER.items()},
}


def of(family, phase):
    return bounds((EXPECTED.get(family) or TABLES[FAMILIES[family].protocol])[phase])


def differences(family, phases, downtime=0.0):
    """What is not as the table has it. A server that is away for longer than a session is one rebalance more with most clients: they
    give up what they own by themselves and join again when it is back."""
    wrong = []
    for phase in phases:
        low, high = of(family, phase.name)
        if phase.name == 'server is killed' and downtime * 1000 > SESSION_MS:
            high += 1
        if not low <= phase.rebalances <= high:
            wrong.append(f'{phase.name}: {phase.rebalances} rebalances, expected {low if low == high else f"{low} to {high}"}')
    return wrong


def show(family, runs):
    lines = [family]
    names = [p.name for p in next(iter(runs.values())).phases]
    for i, name in enumerate(names):
        lines.append(f'    {name:<32}' + '   '.join(f'{s}: {r.phases[i].rebalances} rebalances {r.phases[i].told:2} told '
                                                     f'{r.phases[i].seconds:5.1f} s' for s, r in runs.items()))
    lines.append(f'    {"":<32}' + '   '.join(f'{s}: {len(r.given()):,} records, {r.again} given again' for s, r in runs.items()))
    return '\n'.join(lines)


def heading(servers):
    """Of a table with a cell per phase: the rebalances against each of the servers, or one number when all are the same."""
    return (f'| {" / ".join(servers)} | ' + ' | '.join(EAGER) + ' |', '|---' * (len(EAGER) + 1) + '|')


def row(family, runs):
    counts = [{p.name: p.rebalances for p in r.phases} for r in runs.values()]
    cells = [[c.get(name, '') for c in counts] for name in EAGER]
    return f'| {family} | ' + ' | '.join(str(c[0]) if len(set(c)) == 1 else ' / '.join(map(str, c)) for c in cells) + ' |'
