// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * GroupMember BOOTSTRAP TOPIC GROUP SESSION_MS HEARTBEAT_MS [KEY=VALUE ...]: one member of a consumer group. Speaks the lines that
 * python/group_member.py describes, and leaves when its standard input ends.
 */
public class GroupMember implements ConsumerRebalanceListener {
  static final CountDownLatch begun = new CountDownLatch(1);
  static volatile boolean ended;
  final KafkaConsumer<String, String> consumer;
  final Map<TopicPartition, OffsetAndMetadata> handled = new HashMap<>();  // and not committed yet

  GroupMember(Map<String, Object> settings) {
    consumer = new KafkaConsumer<>(settings);
  }

  static void say(String line) {
    System.out.println(line);
  }

  static String numbers(Collection<TopicPartition> partitions) {
    return partitions.stream().map(p -> Integer.toString(p.partition())).collect(Collectors.joining(","));
  }

  void commit() {
    if (handled.isEmpty()) return;
    try {
      consumer.commitSync(handled);
    } catch (CommitFailedException | RebalanceInProgressException | TimeoutException e) {
      // Either its partitions are lost, which it is told, or it commits again after the rebalance, or when the server is back.
      say("refused " + e);
      return;
    }
    say("committed " + handled.entrySet().stream().map(e -> e.getKey().partition() + ":" + e.getValue().offset())
        .collect(Collectors.joining(" ")));
    handled.clear();
  }

  @Override public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    say("assigned " + numbers(partitions));
  }

  @Override public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    commit();
    onPartitionsLost(partitions);
  }

  @Override public void onPartitionsLost(Collection<TopicPartition> partitions) {
    handled.keySet().removeAll(partitions);
    say("revoked " + numbers(partitions));
  }

  void consume(String topic) {
    consumer.subscribe(List.of(topic), this);
    while (!ended) {
      for (ConsumerRecord<String, String> r : consumer.poll(Duration.ofMillis(100))) {
        say("record " + r.partition() + " " + r.offset() + " " + r.value());
        handled.put(new TopicPartition(r.topic(), r.partition()), new OffsetAndMetadata(r.offset() + 1, r.leaderEpoch(), ""));
      }
      commit();
    }
    consumer.close();
  }

  public static void main(String[] args) throws InterruptedException {
    String text = "org.apache.kafka.common.serialization.StringDeserializer";
    Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", args[0], "group.id", args[2], "client.id", "java",
        "key.deserializer", text, "value.deserializer", text, "auto.offset.reset", "earliest", "enable.auto.commit", "false",
        "max.poll.records", "20", "reconnect.backoff.max.ms", "500"));
    for (int i = 5; i < args.length; i++) settings.put(args[i].split("=", 2)[0], args[i].split("=", 2)[1]);
    if (!"consumer".equals(settings.get("group.protocol"))) {
      settings.putAll(Map.of("session.timeout.ms", args[3], "heartbeat.interval.ms", args[4]));
    }
    Thread ender = new Thread(() -> {
      try {
        while (System.in.read() >= 0) begun.countDown();
      } catch (IOException broken) {
        // the end, too
      }
      ended = true;
      begun.countDown();
    });
    ender.setDaemon(true);
    ender.start();
    GroupMember member = new GroupMember(settings);
    say("ready");
    begun.await();
    member.consume(args[1]);
  }
}
