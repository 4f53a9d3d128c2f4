# SPDX-License-Identifier: Apache-2.0
"""The list of cases: cases*.py put themselves into it. A case is run once per version of its API; every call's answer is
compared."""
import uuid

from .wire import batch, records

CASES = {}  # name -> (api, versions, function)

# What Apache Kafka 4.2 serves.
SERVED = {'Produce': range(3, 14), 'Fetch': range(4, 19), 'ListOffsets': range(1, 12), 'Metadata': range(0, 14),
          'OffsetCommit': range(2, 11), 'OffsetFetch': range(1, 11), 'FindCoordinator': range(0, 7), 'JoinGroup': range(0, 10),
          'Heartbeat': range(0, 5), 'LeaveGroup': range(0, 6), 'SyncGroup': range(0, 6), 'DescribeGroups': range(0, 7),
          'ListGroups': range(0, 6), 'DeleteGroups': range(0, 3), 'OffsetDelete': range(0, 1),
          'ApiVersions': range(0, 5), 'CreateTopics': range(2, 8), 'DeleteTopics': range(1, 7), 'DeleteRecords': range(0, 3),
          'InitProducerId': range(0, 6), 'OffsetForLeaderEpoch': range(2, 5), 'DescribeAcls': range(1, 4),
          'DescribeConfigs': range(1, 5), 'AlterConfigs': range(0, 3), 'DescribeLogDirs': range(1, 5),
          'CreatePartitions': range(0, 4), 'ElectLeaders': range(0, 3), 'IncrementalAlterConfigs': range(0, 2),
          'ListPartitionReassignments': range(0, 1), 'DescribeClientQuotas': range(0, 2), 'DescribeQuorum': range(0, 3),
          'DescribeCluster': range(0, 3), 'DescribeProducers': range(0, 1), 'ConsumerGroupHeartbeat': range(0, 2), 'GetTelemetrySubscriptions': range(0, 1), 'PushTelemetry': range(0, 1), 'ListConfigResources': range(0, 2),
          'DescribeTopicPartitions': range(0, 1)}
KEYS = {'Produce': 0, 'Fetch': 1, 'ListOffsets': 2, 'Metadata': 3, 'OffsetCommit': 8, 'OffsetFetch': 9,
        'FindCoordinator': 10, 'JoinGroup': 11, 'Heartbeat': 12, 'LeaveGroup': 13, 'SyncGroup': 14, 'DescribeGroups': 15,
        'ListGroups': 16, 'DeleteGroups': 42, 'OffsetDelete': 47, 'ApiVersions': 18, 'CreateTopics': 19, 'DeleteTopics': 20,
        'DeleteRecords': 21, 'InitProducerId': 22, 'OffsetForLeaderEpoch': 23, 'DescribeAcls': 29, 'DescribeConfigs': 32,
        'AlterConfigs': 33, 'DescribeLogDirs': 35, 'CreatePartitions': 37, 'ElectLeaders': 43, 'IncrementalAlterConfigs': 44,
        'ListPartitionReassignments': 46, 'DescribeClientQuotas': 48, 'DescribeQuorum': 55, 'DescribeCluster': 60,
        'DescribeProducers': 61, 'ConsumerGroupHeartbeat': 68, 'GetTelemetrySubscriptions': 71, 'PushTelemetry': 72, 'ListConfigResources': 74, 'DescribeTopicPartitions': 75}
NOBODY = uuid.UUID('12345678-1234-4234-8234-123456789abc')


def case(api, versions=None):
    def keep(function):
        CASES[function.__name__] = (api, versions or SERVED[api], function)
        return function
    return keep


def by_name(*names):
    return [{'name': n} for n in names]


def fill(s, topic, partition=0, batches=5, count=10, size=100):
    """Batches of COUNT records whose timestamps are a second apart; not compared."""
    for i in range(batches):
        answer = s.quiet('Produce', 9, {'acks': -1, 'timeoutMs': 10000, 'topicData': [{'name': topic, 'partitionData': [
            {'index': partition, 'records': batch(count, records(count, size, i * count), time=1_700_000_000_000 + 1000 * i)}]}]})
        assert answer['responses'][0]['partitionResponses'][0]['errorCode'] == 0
