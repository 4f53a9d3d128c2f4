# SPDX-License-Identifier: Apache-2.0
"""A server of its own behind a line of its own, and the script against it."""
import apache_kafka
from support import ledge

from . import script
from .line import Line

SERVERS = {'ledge': ledge.Ledge, 'kafka': apache_kafka.Broker}


def run_family(family, server, folder, downtime):
    line = Line(ledge.free_port())
    with line, SERVERS[server](folder, advertised_port=line.port, properties=script.PROPERTIES) as running:
        line.open((running.host, running.port))
        return script.Run(family, running, line, downtime).run()
