;; SPDX-License-Identifier: Apache-2.0
(import '(org.apache.kafka.clients.producer KafkaProducer ProducerRecord)
        '(org.apache.kafka.common.serialization StringSerializer))

(def props {"bootstrap.servers" "edge-broker:9092"
            "key.serializer"    (.getName StringSerializer)
            "value.serializer"  (.getName StringSerializer)
            "linger.ms"         (int 5)
            "batch.size"        (int 16384)})

(with-open [producer (KafkaProducer. ^java.util.Map props)]
  (dotimes [i 100]
    (.send producer (ProducerRecord. "edge-topic" (str i) (str "Edge message " i)))))
