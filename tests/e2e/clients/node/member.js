// SPDX-License-Identifier: Apache-2.0

// kafkajs as one member of a consumer group: node member.js BOOTSTRAP TOPIC GROUP SESSION_MS HEARTBEAT_MS
// Speaks the lines that python/group_member.py describes, and leaves when its standard input ends.
const { Kafka, logLevel } = require('kafkajs');

const [bootstrap, topic, groupId, session, heartbeat] = process.argv.slice(2);
const say = (...words) => process.stdout.write(words.join(' ') + '\n');

async function main() {
  const kafka = new Kafka({ clientId: 'kafkajs', brokers: [bootstrap], logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 200, maxRetryTime: 1000, retries: 30 } });
  const consumer = kafka.consumer({ groupId, sessionTimeout: Number(session), heartbeatInterval: Number(heartbeat),
    maxWaitTimeInMs: 100 });
  let owned = [];
  const drop = () => { if (owned.length) say('revoked', owned.join(',')); owned = []; };
  consumer.on(consumer.events.REBALANCING, drop);
  consumer.on(consumer.events.CRASH, drop);
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    drop();
    owned = payload.memberAssignment[topic] || [];
    say('assigned', owned.join(','));
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  process.stdin.resume();
  process.stdin.on('end', async () => {
    await consumer.disconnect();
    process.exit(0);
  });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
      if (!isRunning() || isStale()) return;
      for (const message of batch.messages) {
        say('record', batch.partition, message.offset, message.value.toString());
        resolveOffset(message.offset);
      }
      const offset = String(BigInt(batch.lastOffset()) + 1n);
      await consumer.commitOffsets([{ topic, partition: batch.partition, offset }]);
      say('committed', `${batch.partition}:${offset}`);
      await heartbeat();
    },
  });
}

main().catch((error) => { console.error(error); process.exit(1); });
