# SPDX-License-Identifier: Apache-2.0
"""The smallest possible client: how long until a server that was just started answers."""
import socket
import struct
import time

# ApiVersions version 0, correlation 1, no client id.
ASK = struct.pack('>ihhih', 10, 18, 0, 1, -1)


def answer(host, port, timeout=1.0):
    with socket.create_connection((host, port), timeout=timeout) as s:
        s.sendall(ASK)
        size = s.recv(4)
        if len(size) < 4:
            raise ConnectionError
        left = struct.unpack('>i', size)[0]
        while left > 0:
            part = s.recv(left)
            if not part:
                raise ConnectionError
            left -= len(part)


def first_answer(server, timeout=60):
    """Starts the server (a support.ledge.Ledge); milliseconds from exec to its first whole answer."""
    begin = time.perf_counter()
    server.spawn()
    while True:
        try:
            answer(server.host, server.port)
            return (time.perf_counter() - begin) * 1000
        except OSError:
            if server.process.poll() is not None or time.perf_counter() - begin > timeout:
                raise RuntimeError('no answer; the end of the log:\n' + server.log.read_text(errors='replace')[-3000:]) from None
            time.sleep(0.0002)
