// SPDX-License-Identifier: Apache-2.0
// What web consoles ask a cluster at their start and in every cycle, in their order, by the AdminClient that they use:
// kafbat kafka-ui, then AKHQ. Prints one line per call: its name and "ok", or the class of its error.
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class UiCalls {
    interface Call {
        Object run() throws Exception;
    }

    static <T> T wait(KafkaFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    static Object say(String name, Call call) {
        try {
            Object answer = call.run();
            System.out.println(name + ": ok");
            return answer;
        } catch (ExecutionException error) {
            System.out.println(name + ": " + error.getCause().getClass().getSimpleName());
        } catch (Exception error) {
            System.out.println(name + ": " + error.getClass().getSimpleName());
        }
        return null;
    }

    public static void main(String[] arguments) throws Exception {
        Properties to = new Properties();
        to.put("bootstrap.servers", arguments[0]);
        String topic = arguments[1];
        String group = arguments[2];
        try (Admin admin = Admin.create(to)) {
            kafbat(admin, topic, group);
            try (KafkaConsumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(to, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                akhq(admin, consumer, to, topic, group);
            }
        }
    }

    static void kafbat(Admin admin, String topic, String group) throws Exception {
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
        // At connect: what can this cluster do?
        say("kafbat connect describeCluster", () -> wait(admin.describeCluster().controller()));
        say("kafbat connect describeFeatures", () -> wait(admin.describeFeatures().featureMetadata()));
        say("kafbat connect describeConfigs of the controller", () -> wait(admin.describeConfigs(List.of(broker)).all()));
        say("kafbat connect describeAcls", () -> wait(admin.describeAcls(AclBindingFilter.ANY).values()));
        // In every cycle.
        say("kafbat cycle describeCluster", () -> {
            DescribeClusterResult told = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
            wait(told.nodes());
            return wait(told.authorizedOperations());
        });
        say("kafbat cycle describeMetadataQuorum", () -> wait(admin.describeMetadataQuorum().quorumInfo()));
        say("kafbat cycle describeLogDirs", () -> wait(admin.describeLogDirs(List.of(1)).allDescriptions()));
        say("kafbat cycle listTopics", () -> wait(admin.listTopics(new ListTopicsOptions().listInternal(true)).names()));
        List<String> topics = new ArrayList<>(wait(admin.listTopics(new ListTopicsOptions().listInternal(true)).names()));
        say("kafbat cycle describeTopics", () -> wait(admin.describeTopics(
            topics, new DescribeTopicsOptions().includeAuthorizedOperations(true)).allTopicNames()));
        List<ConfigResource> resources = new ArrayList<>();
        topics.forEach(name -> resources.add(new ConfigResource(ConfigResource.Type.TOPIC, name)));
        say("kafbat cycle describeConfigs", () -> wait(admin.describeConfigs(
            resources, new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true)).all()));
        Collection<TopicPartition> partitions = new ArrayList<>();
        wait(admin.describeTopics(topics).allTopicNames()).values().forEach(described ->
            described.partitions().forEach(p -> partitions.add(new TopicPartition(described.name(), p.partition()))));
        for (OffsetSpec when : List.of(OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.forTimestamp(0))) {
            Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
            partitions.forEach(p -> asked.put(p, when));
            say("kafbat cycle listOffsets " + when.getClass().getSimpleName(), () -> wait(admin.listOffsets(asked).all()));
        }
        say("kafbat cycle listConsumerGroups", () -> wait(admin.listConsumerGroups().all()));
        say("kafbat cycle listGroups", () -> wait(admin.listGroups().all()));
        List<String> groups = new ArrayList<>();
        // Other tests' groups on this server hold assignments that no consumer could read.
        String ours = group.substring(0, group.indexOf('-') + 1);
        wait(admin.listConsumerGroups().all()).forEach(listed -> {
            if (listed.groupId().startsWith(ours)) groups.add(listed.groupId());
        });
        say("kafbat cycle describeConsumerGroups", () -> wait(admin.describeConsumerGroups(groups).all()));
        Map<String, ListConsumerGroupOffsetsSpec> offsets = new HashMap<>();
        groups.forEach(name -> offsets.put(name, new ListConsumerGroupOffsetsSpec()));
        say("kafbat cycle listConsumerGroupOffsets", () -> wait(admin.listConsumerGroupOffsets(offsets).all()));
        // Its pages.
        TopicPartition first = new TopicPartition(topic, 0);
        say("kafbat topic describeProducers", () -> wait(admin.describeProducers(List.of(first)).all()));
        say("kafbat quotas describeClientQuotas", () -> wait(admin.describeClientQuotas(ClientQuotaFilter.all()).entities()));
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        say("kafbat topic incrementalAlterConfigs", () -> wait(admin.incrementalAlterConfigs(Map.of(resource, List.of(
            new AlterConfigOp(new ConfigEntry("retention.ms", "86400000"), AlterConfigOp.OpType.SET)))).all()));
        say("kafbat topic createPartitions", () -> wait(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all()));
        say("kafbat topic deleteRecords", () -> wait(admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(1))).all()));
        say("kafbat group alterConsumerGroupOffsets", () ->
            wait(admin.alterConsumerGroupOffsets(group, Map.of(first, new OffsetAndMetadata(2))).all()));
        say("kafbat group deleteConsumerGroups", () -> wait(admin.deleteConsumerGroups(List.of(group)).all()));
    }

    static void akhq(Admin admin, KafkaConsumer<byte[], byte[]> consumer, Properties to, String topic, String group) throws Exception {
        say("akhq listTopics", () -> wait(admin.listTopics(new ListTopicsOptions().listInternal(true)).listings()));
        say("akhq describeCluster", () -> wait(admin.describeCluster().nodes()));
        say("akhq describeConfigs of a broker", () ->
            wait(admin.describeConfigs(List.of(new ConfigResource(ConfigResource.Type.BROKER, "1"))).all()));
        say("akhq describeTopics", () -> wait(admin.describeTopics(List.of(topic)).allTopicNames()));
        say("akhq describeLogDirs", () -> wait(admin.describeLogDirs(List.of(1)).allDescriptions()));
        say("akhq describeConfigs", () ->
            wait(admin.describeConfigs(List.of(new ConfigResource(ConfigResource.Type.TOPIC, topic))).all()));
        say("akhq listConsumerGroups", () -> wait(admin.listConsumerGroups().all()));
        say("akhq describeConsumerGroups of none", () -> wait(admin.describeConsumerGroups(List.of()).all()));
        say("akhq describeAcls", () -> wait(admin.describeAcls(AclBindingFilter.ANY).values()));
        List<TopicPartition> partitions = List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
        say("akhq beginningOffsets", () -> consumer.beginningOffsets(partitions));
        say("akhq endOffsets", () -> consumer.endOffsets(partitions));
        say("akhq offsetsForTimes(0)", () ->
            consumer.offsetsForTimes(Map.of(partitions.get(0), 0L, partitions.get(1), 0L)));
        say("akhq assign, seek, poll", () -> {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            return consumer.poll(Duration.ofMillis(500));
        });
        say("akhq commitSync for a group without members", () -> {
            Properties mine = new Properties();
            mine.putAll(to);
            mine.put("group.id", group);
            mine.put("enable.auto.commit", "false");
            try (KafkaConsumer<byte[], byte[]> other =
                    new KafkaConsumer<>(mine, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                other.assign(partitions);
                other.commitSync(Map.of(partitions.get(0), new OffsetAndMetadata(1)));
            }
            return null;
        });
        say("akhq listConsumerGroupOffsets", () -> wait(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()));
        say("akhq deleteConsumerGroupOffsets", () ->
            wait(admin.deleteConsumerGroupOffsets(group, java.util.Set.of(partitions.get(0))).all()));
        say("akhq createTopics", () -> wait(admin.createTopics(List.of(new NewTopic(topic + "-akhq", 2, (short) 1))).all()));
        say("akhq deleteTopics", () -> wait(admin.deleteTopics(List.of(topic + "-akhq")).all()));
    }
}
