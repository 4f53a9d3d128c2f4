// SPDX-License-Identifier: Apache-2.0
import java.util.Properties
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.serialization.StringSerializer

fun main() {
    val props = Properties().apply {
        put("bootstrap.servers", "edge-broker:9092")
        put("key.serializer", StringSerializer::class.java.name)
        put("value.serializer", StringSerializer::class.java.name)
        put("linger.ms", 5)
        put("batch.size", 16384)
    }
    KafkaProducer<String, String>(props).use { producer ->
        for (i in 0 until 100) producer.send(ProducerRecord("edge-topic", "$i", "Edge message $i"))
    }
}
