# SPDX-License-Identifier: Apache-2.0
"""The server under test: Ledge, or Apache Kafka with LEDGE_E2E_SERVER=kafka, which proves the tests themselves."""
import os

import apache_kafka

from . import ledge

TARGET = os.environ.get('LEDGE_E2E_SERVER', 'ledge')


def make_server(folder, **options):
    return apache_kafka.Broker(folder, **options) if TARGET == 'kafka' else ledge.Ledge(folder, **options)
