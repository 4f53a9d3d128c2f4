// SPDX-License-Identifier: Apache-2.0
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** EdgeReader TOPIC RECORDS: prints "key TAB value" of all records, then checks for three polls that nothing follows. */
public class EdgeReader {
  public static void main(String[] args) {
    Map<String, Object> settings = Map.of("bootstrap.servers", "edge-broker:9092", "auto.offset.reset", "earliest",
        "key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
        "value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
      List<TopicPartition> all = new ArrayList<>();
      for (PartitionInfo p : consumer.partitionsFor(args[0])) all.add(new TopicPartition(args[0], p.partition()));
      consumer.assign(all);
      consumer.seekToBeginning(all);
      int got = 0, quiet = 0;
      long deadline = System.nanoTime() + 60_000_000_000L;
      while ((got < Integer.parseInt(args[1]) || quiet < 3) && System.nanoTime() < deadline) {
        int before = got;
        for (ConsumerRecord<String, String> r : consumer.poll(Duration.ofMillis(300))) {
          System.out.println(r.key() + "\t" + r.value());
          got++;
        }
        quiet = got == before ? quiet + 1 : 0;
      }
    }
  }
}
