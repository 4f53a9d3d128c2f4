// SPDX-License-Identifier: Apache-2.0

//! The rdkafka crate against the server under test: client BOOTSTRAP TOPIC PARTITIONS RECORDS [KEY=VALUE ...].
//! Creates the topic by producing, reads back from assigned partitions, compares, prints "RECORDS equal".

use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{ClientContext, Offset, TopicPartitionList};

struct Deliveries(std::sync::mpsc::Sender<Result<(i32, i64), KafkaError>>);
impl ClientContext for Deliveries {}
impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();
    fn delivery(&self, result: &rdkafka::producer::DeliveryResult<'_>, _: ()) {
        let said = match result {
            Ok(message) => Ok((message.partition(), message.offset())),
            Err((error, _)) => Err(error.clone()),
        };
        let _ = self.0.send(said);
    }
}

fn value(i: usize) -> String {
    format!("{{\"sensor\":{},\"reading\":{}}}", i % 21, i)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (bootstrap, topic) = (&args[1], &args[2]);
    let partitions: usize = args[3].parse().unwrap();
    let records: usize = args[4].parse().unwrap();

    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("linger.ms", "5");
    for setting in &args[5..] {
        let (key, value) = setting.split_once('=').unwrap();
        config.set(key, value);
    }
    let (sender, deliveries) = std::sync::mpsc::channel();
    let producer: ThreadedProducer<Deliveries> = config.create_with_context(Deliveries(sender)).unwrap();
    for i in 0..records {
        let (key, value) = (i.to_string(), value(i));
        let header = Header { key: "n", value: Some(key.as_str()) };
        let mut record = BaseRecord::to(topic)
            .partition((i % partitions) as i32)
            .key(&key)
            .payload(&value)
            .headers(OwnedHeaders::new().insert(header));
        while let Err((error, back)) = producer.send(record) {
            assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::QueueFull), "{error}");
            std::thread::sleep(Duration::from_millis(5));
            record = back;
        }
    }
    producer.flush(Duration::from_secs(60)).unwrap();
    for _ in 0..records {
        deliveries.recv_timeout(Duration::from_secs(10)).expect("a delivery report").expect("delivered");
    }

    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "not-used")
        .set("enable.auto.commit", "false")
        .create()
        .unwrap();
    let mut assignment = TopicPartitionList::new();
    for p in 0..partitions {
        assignment.add_partition_offset(topic, p as i32, Offset::Beginning).unwrap();
    }
    consumer.assign(&assignment).unwrap();
    let mut at = vec![0usize; partitions];
    let mut got = 0;
    let begin = Instant::now();
    while got < records {
        assert!(begin.elapsed() < Duration::from_secs(60), "read {got} of {records}");
        let Some(message) = consumer.poll(Duration::from_millis(500)) else { continue };
        let message = message.unwrap();
        let p = message.partition() as usize;
        let i = at[p] * partitions + p;
        assert_eq!(message.offset(), at[p] as i64);
        assert_eq!(message.key(), Some(i.to_string().as_bytes()));
        assert_eq!(message.payload(), Some(value(i).as_bytes()));
        assert_eq!(message.headers().unwrap().get(0).value, Some(i.to_string().as_bytes()));
        at[p] += 1;
        got += 1;
    }
    println!("{got} equal");
}
