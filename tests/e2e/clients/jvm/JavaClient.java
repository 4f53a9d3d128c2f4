// SPDX-License-Identifier: Apache-2.0
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's Java client against the server under test.
 *
 * <p>JavaClient round BOOTSTRAP TOPIC PARTITIONS RECORDS [key=value ...]: creates the topic, produces with those producer
 * settings, reads everything back from assigned partitions, compares every record, prints "RECORDS equal".
 *
 * <p>JavaClient times BOOTSTRAP TOPIC: offsets by time, beginning and end offsets, seek and position.
 */
public class JavaClient {
  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "round" -> round(args);
      case "times" -> times(args);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  static Map<String, Object> producerSettings(String bootstrap) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("key.serializer", ByteArraySerializer.class.getName());
    settings.put("value.serializer", ByteArraySerializer.class.getName());
    return settings;
  }

  static KafkaConsumer<byte[], byte[]> consumer(String bootstrap) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("key.deserializer", ByteArrayDeserializer.class.getName());
    settings.put("value.deserializer", ByteArrayDeserializer.class.getName());
    settings.put("auto.offset.reset", "earliest");
    return new KafkaConsumer<>(settings);
  }

  static void check(boolean good, String what) {
    if (!good) throw new AssertionError(what);
  }

  static void create(String bootstrap, String topic, int partitions) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    }
  }

  static byte[] value(int i) {
    return ("{\"sensor\":" + i % 21 + ",\"reading\":" + i + ",\"text\":\"" + "abcdefgh".repeat(i % 9) + "\"}").getBytes();
  }

  static void round(String[] args) throws Exception {
    String bootstrap = args[1], topic = args[2];
    int partitions = Integer.parseInt(args[3]), records = Integer.parseInt(args[4]);
    create(bootstrap, topic, partitions);
    Map<String, Object> settings = producerSettings(bootstrap);
    for (int i = 5; i < args.length; i++) settings.put(args[i].split("=", 2)[0], args[i].split("=", 2)[1]);

    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings)) {
      for (int i = 0; i < records; i++) {
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(topic, i % partitions, (long) (1_700_000_000_000L + i), ("k" + i).getBytes(), value(i));
        record.headers().add("n", Integer.toString(i).getBytes());
        sent.add(producer.send(record));
      }
    }
    long[] next = new long[partitions];
    for (int i = 0; i < records; i++) {
      RecordMetadata m = sent.get(i).get();
      if (m.hasOffset()) check(m.offset() == next[i % partitions]++, "offset of record " + i + ": " + m);
    }

    try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrap)) {
      List<TopicPartition> assigned = new ArrayList<>();
      for (int p = 0; p < partitions; p++) assigned.add(new TopicPartition(topic, p));
      consumer.assign(assigned);
      consumer.seekToBeginning(assigned);
      int[] at = new int[partitions];
      int got = 0;
      long deadline = System.nanoTime() + 60_000_000_000L;
      while (got < records && System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofMillis(500))) {
          int p = r.partition(), i = at[p]++ * partitions + p;
          check(r.offset() == at[p] - 1, "offset " + r);
          check(new String(r.key()).equals("k" + i), "key " + r);
          check(new String(r.value()).equals(new String(value(i))), "value " + r);
          check(r.timestamp() == 1_700_000_000_000L + i, "timestamp " + r);
          check(new String(r.headers().lastHeader("n").value()).equals(Integer.toString(i)), "header " + r);
          got++;
        }
      }
      check(got == records, "read " + got + " of " + records);
      for (Map.Entry<TopicPartition, Long> end : consumer.endOffsets(assigned).entrySet())
        check(end.getValue() == at[end.getKey().partition()], "end offset " + end);
    }
    System.out.println(records + " equal");
  }

  static void times(String[] args) throws Exception {
    String bootstrap = args[1], topic = args[2];
    create(bootstrap, topic, 1);
    TopicPartition tp = new TopicPartition(topic, 0);
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(producerSettings(bootstrap))) {
      for (int i = 0; i < 1000; i++) producer.send(new ProducerRecord<>(topic, 0, 1_700_000_000_000L + 10L * i, null, value(i)));
    }
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrap)) {
      consumer.assign(List.of(tp));
      for (int i : new int[] {0, 1, 499, 500, 999}) {
        OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(tp, 1_700_000_000_000L + 10L * i - 5)).get(tp);
        check(found.offset() == i && found.timestamp() == 1_700_000_000_000L + 10L * i, "by time " + i + ": " + found);
      }
      check(consumer.offsetsForTimes(Map.of(tp, 1_800_000_000_000L)).get(tp) == null, "a time after the last record");
      check(consumer.beginningOffsets(List.of(tp)).get(tp) == 0, "beginning");
      check(consumer.endOffsets(List.of(tp)).get(tp) == 1000, "end");
      consumer.seek(tp, 777);
      long first = -1;
      for (int tries = 0; first < 0 && tries < 20; tries++)
        for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofMillis(500))) if (first < 0) first = r.offset();
      check(first == 777, "seek: first read was " + first);
      consumer.seekToEnd(List.of(tp));
      check(consumer.position(tp) == 1000, "position at the end");
      check(consumer.partitionsFor(topic).size() == 1, "partitionsFor");
      check(consumer.listTopics().containsKey(topic), "listTopics");
    }
    System.out.println("1000 equal");
  }
}
