// SPDX-License-Identifier: Apache-2.0

// kafkajs against the server under test: node producer.js BOOTSTRAP TOPIC PARTITIONS RECORDS CODEC(none|gzip) IDEMPOTENT
// Creates the topic and produces; prints "RECORDS sent" and the base offset of each partition's last batch.
const { Kafka, CompressionTypes, logLevel } = require('kafkajs');

const [bootstrap, topic, partitionsText, recordsText, codec, idempotent] = process.argv.slice(2);
const partitions = Number(partitionsText), records = Number(recordsText);

async function main() {
  const kafka = new Kafka({ clientId: 'kafkajs-test', brokers: [bootstrap], logLevel: logLevel.ERROR, retry: { retries: 8 } });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }] });
  await admin.disconnect();

  const producer = kafka.producer({ idempotent: idempotent === 'true', maxInFlightRequests: 1 });
  await producer.connect();
  const compression = codec === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None;
  let answered = 0;
  for (let first = 0; first < records; first += 500) {
    const messages = [];
    for (let i = first; i < Math.min(first + 500, records); i++)
      messages.push({ key: String(i), value: JSON.stringify({ sensor: i % 21, reading: i }), partition: i % partitions, headers: { n: String(i) } });
    const answers = await producer.send({ topic, acks: -1, compression, messages });
    for (const answer of answers) if (answer.errorCode !== 0) throw new Error(JSON.stringify(answer));
    answered += messages.length;
  }
  await producer.disconnect();
  console.log(`${answered} sent`);
}

main().catch((error) => { console.error(error); process.exit(1); });
