# SPDX-License-Identifier: Apache-2.0
"""Encodes and decodes Kafka's messages from the JSON definitions inside the published kafka-clients jar.

Shares no code with Ledge and reads none of its declarations: a mistake there does not repeat itself here.
"""
import functools
import json
import re
import struct
import uuid
import zipfile

import apache_kafka

FIXED = {'bool': '>?', 'int8': '>b', 'int16': '>h', 'uint16': '>H', 'int32': '>i', 'uint32': '>I', 'int64': '>q', 'float64': '>d'}


def versions(text):
    """'3+' or '1-4' or '2' or 'none' as a test of one version."""
    if text in (None, 'none'):
        return lambda v: False
    if text.endswith('+'):
        low = int(text[:-1])
        return lambda v: v >= low
    low, _, high = text.partition('-')
    return lambda v: int(low) <= v <= int(high or low)


def camel_case(part):
    """Fields are called as in Kafka's own printouts: topicId, not TopicId. Structs keep their names."""
    if 'versions' in part and 'type' in part:
        part['name'] = part['name'][0].lower() + part['name'][1:]
    return part


@functools.cache
def definitions():
    """All messages of the jar by name."""
    found = {}
    with zipfile.ZipFile(apache_kafka.clients_jar()) as jar:
        for name in jar.namelist():
            if re.fullmatch(r'common/message/\w+\.json', name):
                text = re.sub(r'^\s*//.*$', '', jar.read(name).decode(), flags=re.M)
                message = json.loads(text, object_hook=camel_case)
                found[message['name']] = message
    return found


class Message:
    """One request or response: encode(version, values) and decode(version, bytes)."""

    def __init__(self, definition):
        self.name = definition['name']
        self.api_key = definition.get('apiKey')
        self.valid = versions(definition['validVersions'])
        self.latest = int(re.split(r'[-+]', definition['validVersions'])[-1] or 99)
        self.flexible = versions(definition.get('flexibleVersions', 'none'))
        self.fields = definition['fields']
        self.structs = {s['name']: s['fields'] for s in definition.get('commonStructs', [])}
        self._collect(self.fields)

    def _collect(self, fields):
        for field in fields:
            if 'fields' in field:
                self.structs[field['type'].removeprefix('[]')] = field['fields']
                self._collect(field['fields'])

    # -- encode --

    def encode(self, version, values):
        out = bytearray()
        self._put_struct(out, self.fields, version, values)
        return bytes(out)

    def _put_struct(self, out, fields, version, values):
        unknown = set(values) - {f['name'] for f in fields}
        assert not unknown, f'{self.name} has no field {unknown}'
        flexible = self.flexible(version)
        tagged = []
        for field in fields:
            if flexible and versions(field.get('taggedVersions'))(version):
                if field['name'] in values:
                    tagged.append(field)
            elif versions(field['versions'])(version):
                self._put(out, field['type'], version, values.get(field['name'], default(field)), self._nullable(field, version))
        if flexible:
            put_uvarint(out, len(tagged))
            for field in sorted(tagged, key=lambda f: f['tag']):
                body = bytearray()
                self._put(body, field['type'], version, values[field['name']], self._nullable(field, version))
                put_uvarint(out, field['tag'])
                put_uvarint(out, len(body))
                out += body

    @staticmethod
    def _nullable(field, version):
        return versions(field.get('nullableVersions'))(version)

    def _put(self, out, kind, version, value, nullable):
        flexible = self.flexible(version)
        if kind.startswith('[]'):
            put_length(out, None if value is None else len(value), flexible, '>i')
            for element in value or []:
                self._put(out, kind[2:], version, element, False)
        elif kind in FIXED:
            out += struct.pack(FIXED[kind], value)
        elif kind == 'uuid':
            out += value.bytes
        elif kind in ('string', 'bytes', 'records'):
            raw = value.encode() if isinstance(value, str) else value
            put_length(out, None if raw is None else len(raw), flexible, '>h' if kind == 'string' else '>i')
            out += raw or b''
        else:
            if nullable:
                out += struct.pack('>b', -1 if value is None else 1)
            if value is not None:
                self._put_struct(out, self.structs[kind], version, value)

    # -- decode --

    def decode(self, version, data):
        reader = Reader(data)
        values = self._get_struct(reader, self.fields, version)
        assert reader.left() == 0, f'{self.name} v{version}: {reader.left()} bytes left over of {len(data)}'
        return values

    def _get_struct(self, reader, fields, version):
        values = {}
        flexible = self.flexible(version)
        by_tag = {}
        for field in fields:
            if flexible and versions(field.get('taggedVersions'))(version):
                by_tag[field['tag']] = field
            elif versions(field['versions'])(version):
                values[field['name']] = self._get(reader, field['type'], version, self._nullable(field, version))
        if flexible:
            for _ in range(reader.uvarint()):
                tag, size = reader.uvarint(), reader.uvarint()
                inner = Reader(reader.take(size))
                if tag in by_tag:
                    field = by_tag[tag]
                    values[field['name']] = self._get(inner, field['type'], version, self._nullable(field, version))
                    assert inner.left() == 0, f'{self.name}.{field["name"]}: {inner.left()} bytes left over'
                else:
                    values[f'unknown tag {tag}'] = inner.data.hex()
        return values

    def _get(self, reader, kind, version, nullable):
        flexible = self.flexible(version)
        if kind.startswith('[]'):
            count = reader.length(flexible, '>i')
            return None if count is None else [self._get(reader, kind[2:], version, False) for _ in range(count)]
        if kind in FIXED:
            return reader.fixed(FIXED[kind])
        if kind == 'uuid':
            return uuid.UUID(bytes=reader.take(16))
        if kind in ('string', 'bytes', 'records'):
            size = reader.length(flexible, '>h' if kind == 'string' else '>i')
            if size is None:
                return None
            raw = reader.take(size)
            return raw.decode() if kind == 'string' else raw
        if nullable and reader.fixed('>b') < 0:
            return None
        return self._get_struct(reader, self.structs[kind], version)


def default(field):
    kind, given = field['type'], field.get('default')
    if given == 'null':
        return None
    if kind.startswith('[]'):
        return []
    if kind == 'bool':
        return given in (True, 'true')
    if kind in FIXED:
        return float(given or 0) if kind == 'float64' else int(str(given or 0), 0)
    if kind == 'uuid':
        return uuid.UUID(int=0)
    if kind == 'string':
        return given or ''
    if kind in ('bytes', 'records'):
        return b''
    return {}


def put_uvarint(out, value):
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)


def put_length(out, length, flexible, classic):
    if flexible:
        put_uvarint(out, 0 if length is None else length + 1)
    else:
        out += struct.pack(classic, -1 if length is None else length)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def take(self, size):
        assert 0 <= size <= self.left(), f'{size} bytes wanted, {self.left()} left'
        self.at += size
        return self.data[self.at - size:self.at]

    def fixed(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def uvarint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7f) << shift
            if byte < 0x80:
                return value
            shift += 7
            assert shift < 35, 'varint too long'

    def length(self, flexible, classic):
        if flexible:
            value = self.uvarint()
            return None if value == 0 else value - 1
        value = self.fixed(classic)
        return None if value < 0 else value


@functools.cache
def request(api):
    return Message(definitions()[f'{api}Request'])


@functools.cache
def response(api):
    return Message(definitions()[f'{api}Response'])
