// SPDX-License-Identifier: Apache-2.0
import java.util.Properties
import org.apache.kafka.clients.producer.{KafkaProducer, ProducerRecord}
import org.apache.kafka.common.serialization.StringSerializer

object EdgeProducerScala:
  def main(args: Array[String]): Unit =
    val props = Properties()
    props.put("bootstrap.servers", "edge-broker:9092")
    props.put("key.serializer", classOf[StringSerializer].getName)
    props.put("value.serializer", classOf[StringSerializer].getName)
    props.put("linger.ms", "5")
    props.put("batch.size", "16384")

    val producer = KafkaProducer[String, String](props)
    try for i <- 0 until 100 do producer.send(ProducerRecord("edge-topic", i.toString, s"Edge message $i"))
    finally producer.close()
