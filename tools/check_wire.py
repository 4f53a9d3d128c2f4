#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares every declared message with Kafka's own definitions, field by field and version by version.

  check_wire.py --program build/dev/wire_declarations FOLDER     FOLDER has Kafka's *Request.json, *Response.json, …
  check_wire.py --program build/dev/wire_declarations --self-test

Compared within the versions that a released server of the folder's version serves (a latest version marked unstable is
not served): which fields there are and in which order, their types, where they may be null, tags, defaults, ignorable,
flexible versions, keys. Any difference fails, and so does anything in the folder's definitions that is not understood.
The self-test takes the declarations themselves for the folder, which must agree, and then alters every field of
every message in every way, which must be refused each time.
"""
import argparse
import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile

FIELD_KEYS = {'name', 'type', 'versions', 'nullableVersions', 'tag', 'taggedVersions', 'flexibleVersions', 'default',
              'ignorable', 'fields'}
FIELD_KEYS_WITHOUT_EFFECT = {'about', 'entityType', 'mapKey', 'zeroCopy'}
MESSAGE_KEYS = {'name', 'type', 'apiKey', 'validVersions', 'flexibleVersions', 'fields', 'commonStructs',
                'latestVersionUnstable'}
MESSAGE_KEYS_WITHOUT_EFFECT = {'about', 'listeners', 'deprecatedVersions'}
INTEGERS = {'int8', 'int16', 'uint16', 'int32', 'int64'}
OPEN = 1 << 15


def versions(text):
    """The range that "3", "3+", "0-12" or "none" stands for."""
    text = str(text if text is not None else 'none').strip()
    if text in ('', 'none'):
        return range(0)
    if text.endswith('+'):
        return range(int(text[:-1]), OPEN)
    first, _, last = text.partition('-')
    return range(int(first), int(last or first) + 1)


def truth(value):
    return str(value).lower() == 'true'


def default_of(field):
    """A default in one spelling; Kafka leaves out those that follow from the type."""
    kind, given = field['type'], field.get('default', '')
    if str(given) == 'null' or kind == 'records':
        return 'null' if str(given) in ('null', '') else str(given)
    if kind in INTEGERS:
        return str(int(str(given) or '0', 0))
    if kind == 'bool':
        return str(truth(given)).lower()
    if kind == 'float64':
        return str(float(given or 0))
    return str(given)


def layout(fields, version, structs, path=''):
    """What stands on the wire at this version: plain fields in their order, then tagged ones by tag."""
    plain, tagged = [], []
    for field in fields:
        if version not in versions(field['versions']):
            continue
        is_tagged = version in versions(field.get('taggedVersions'))
        row = {'field': path + field['name'], 'type': field['type'],
               'nullable': version in versions(field.get('nullableVersions')),
               'tag': int(field['tag']) if is_tagged else None,
               'never flexible': field.get('flexibleVersions') == 'none',
               'default': default_of(field), 'ignorable': truth(field.get('ignorable', False))}
        rows = [row]
        nested = field.get('fields') or structs.get(field['type'].removeprefix('[]'))
        if nested:
            rows += layout(nested, version, structs, row['field'] + '.')
        (tagged if is_tagged else plain).append(rows)
    tagged.sort(key=lambda rows: rows[0]['tag'])
    return [row for rows in plain + tagged for row in rows]


def served(definition, request):
    """A response has no mark of its own: it is as unstable as its request."""
    valid = versions(definition['validVersions'])
    if request and truth(request.get('latestVersionUnstable', False)):
        valid = range(valid.start, min(valid.stop, versions(request['validVersions']).stop - 1))
    return valid


def not_understood(definition):
    unknown = set(definition) - MESSAGE_KEYS - MESSAGE_KEYS_WITHOUT_EFFECT

    def walk(fields):
        for field in fields:
            unknown.update(set(field) - FIELD_KEYS - FIELD_KEYS_WITHOUT_EFFECT)
            if field.get('flexibleVersions', 'none') != 'none':
                unknown.add('flexibleVersions other than none')
            walk(field.get('fields', []))
    walk(definition['fields'])
    return sorted(unknown)


def difference(ours, theirs):
    for mine, other in zip(ours, theirs):
        if mine['field'] != other['field']:
            return f"{mine['field']} is declared where {other['field']} belongs"
        for key in mine:
            if mine[key] != other[key]:
                return f"{mine['field']}: {key} is {mine[key]!r}, should be {other[key]!r}"
    if len(ours) > len(theirs):
        return f"{ours[len(theirs)]['field']} is declared but does not exist"
    if len(ours) < len(theirs):
        return f"{theirs[len(ours)]['field']} is missing"
    return None


def compare(ours, theirs, request):
    """The differences between two definitions of one message, as text; `request` is the reference's request."""
    found = [f'{key!r} in the reference is not understood' for key in not_understood(theirs)]
    for key in ('name', 'type', 'apiKey'):
        if ours.get(key) != theirs.get(key):
            found.append(f'{key} is {ours.get(key)!r}, should be {theirs.get(key)!r}')
    valid = served(theirs, request)
    if versions(ours['validVersions']) != valid:
        found.append(f"versions are {ours['validVersions']}, should be {valid.start}-{valid.stop - 1}")
    by_text = {}
    for version in valid:
        ours_flexible, flexible = (version in versions(d['flexibleVersions']) for d in (ours, theirs))
        if ours_flexible != flexible:
            by_text.setdefault(f'flexible is {ours_flexible}, should be {flexible}', []).append(version)
        sides = [layout(d['fields'], version, {s['name']: s['fields'] for s in d.get('commonStructs', [])})
                 for d in (ours, theirs)]
        if text := difference(*sides):
            by_text.setdefault(text, []).append(version)
    return found + [f"v{', v'.join(map(str, at))}: {text}" for text, at in by_text.items()]


def load(file):
    return json.loads(re.sub(r'^\s*//.*$', '', file.read_text(), flags=re.MULTILINE))


def reference_of(folder, name):
    file = folder / f'{name}.json'
    return load(file) if file.exists() else None


def check(declared, folder):
    """The differences of all declared messages, each with the message's name before it."""
    found = []
    for name, ours in declared.items():
        theirs = reference_of(folder, name)
        if theirs is None:
            found.append(f'{name}: the reference has no {name}.json')
            continue
        request = reference_of(folder, name.removesuffix('Response') + 'Request') if name.endswith('Response') else theirs
        found += [f'{name}: {text}' for text in compare(ours, theirs, request)]
    return found


def count(declared):
    fields = 0
    for definition in declared.values():
        for version in versions(definition['validVersions']):
            fields += len(layout(definition['fields'], version, {}))
    return (f"{len(declared)} messages, {sum(len(versions(d['validVersions'])) for d in declared.values())} versions, "
            f'{fields} fields')


# --- The self-test ---

def alterations(definition):
    """(what, altered copy) for everything that can be wrong with a message."""
    valid = versions(definition['validVersions'])

    def message(what, **changes):
        altered = copy.deepcopy(definition)
        altered.update(changes)
        return what, altered

    yield message('another key', apiKey=definition.get('apiKey', 0) + 1)
    yield message('another type', type='data')
    yield message('a version too many', validVersions=f'{valid.start}-{valid.stop}')
    flexible = versions(definition['flexibleVersions'])
    yield message('flexible from another version', flexibleVersions='none' if valid[-1] in flexible else f'{valid[-1]}+')

    def walk(fields, reach, path):
        for i, field in enumerate(fields):
            present = [v for v in reach if v in versions(field['versions'])]
            if present:
                yield path + [i], field, present
                yield from walk(field.get('fields', []), present, path + [i])

    def altered_at(path, change):
        altered = copy.deepcopy(definition)
        fields = altered['fields']
        for step in path[:-1]:
            fields = fields[step]['fields']
        change(fields, path[-1])
        return altered

    for path, field, present in walk(definition['fields'], valid, []):
        name, last = field['name'], present[-1]

        def put(**changes):
            def change(fields, i):
                fields[i] = {k: v for k, v in {**fields[i], **changes}.items() if v is not None}
            return altered_at(path, change)

        nullable = last in versions(field.get('nullableVersions'))
        yield f'{name} missing', altered_at(path, lambda fields, i: fields.pop(i))
        yield f'{name} twice', altered_at(path, lambda fields, i: fields.insert(i, fields[i]))
        yield f'{name} renamed', put(name=name + 'X')
        yield f'{name} of another type', put(type='int16' if field['type'] != 'int16' else 'int32', default='1')
        yield f'{name} not in v{last}', put(versions=f'{present[0]}-{last - 1}' if len(present) > 1 else 'none')
        yield f'{name} null or not', put(nullableVersions=None if nullable else f'{last}')
        yield f'{name} ignorable or not', put(ignorable=not field.get('ignorable', False))
        yield f'{name} with another default', put(default='7' if field['type'] != 'bool' else str(not truth(field['default'])))
        yield f'{name} never flexible or so', put(flexibleVersions=None if 'flexibleVersions' in field else 'none')
        if last in versions(field.get('taggedVersions')):
            yield f'{name} with another tag', put(tag=field['tag'] + 7)
            yield f'{name} not tagged', put(tag=None, taggedVersions=None)
        else:
            yield f'{name} tagged', put(tag=3, taggedVersions=f'{last}')


def self_test(declared):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for name, definition in declared.items():
            (folder / f'{name}.json').write_text('// as Kafka does\n' + json.dumps(definition, indent=1))
        if found := check(declared, folder):
            print('\n'.join(found), 'the declarations differ from themselves', sep='\n', file=sys.stderr)
            return 1
        tried, missed = 0, []
        for name, definition in declared.items():
            request = declared.get(name.removesuffix('Response') + 'Request') if name.endswith('Response') else definition
            for what, altered in alterations(definition):
                tried += 1
                if not compare(altered, definition, request):
                    missed.append(f'{name}: {what}')
        unstable = dict(next(iter(declared.values())), latestVersionUnstable=True)
        if not compare(next(iter(declared.values())), unstable, unstable):
            missed.append('an unstable version that is declared')
        (folder / 'ProduceRequest.json').unlink()
        if not check(declared, folder):
            missed.append('a message that the reference does not have')
    for text in missed:
        print(f'not noticed: {text}', file=sys.stderr)
    print(f'{tried + 2} alterations, {len(missed)} not noticed')
    return 1 if missed or tried < 1000 else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', nargs='?', type=pathlib.Path)
    parser.add_argument('--program', required=True, help='the built wire_declarations')
    parser.add_argument('--self-test', action='store_true')
    options = parser.parse_args()
    declared = json.loads(subprocess.run([options.program, 'json'], check=True, capture_output=True, text=True).stdout)
    if options.self_test:
        return self_test(declared)
    if options.folder is None or not options.folder.is_dir():
        parser.error('FOLDER is no folder with Kafka\'s definitions')
    found = check(declared, options.folder)
    for text in found:
        print(text)
    print(f'{len(found)} differences' if found else f'{count(declared)}: as in the reference')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
