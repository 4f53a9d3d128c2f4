// SPDX-License-Identifier: Apache-2.0

//! One member of a consumer group: member BOOTSTRAP TOPIC GROUP SESSION_MS HEARTBEAT_MS [KEY=VALUE ...].
//! Speaks the lines that python/group_member.py describes, and leaves when its standard input ends.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::message::Message;
use rdkafka::{ClientContext, Offset, TopicPartitionList};

const FEW: usize = 20; // records between two commits

fn numbers(partitions: &TopicPartitionList) -> String {
    let texts: Vec<String> = partitions.elements().iter().map(|e| e.partition().to_string()).collect();
    texts.join(",")
}

struct Teller {
    topic: String,
    handled: Mutex<BTreeMap<i32, i64>>,
}
impl ClientContext for Teller {}
impl ConsumerContext for Teller {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(partitions) => println!("assigned {}", numbers(partitions)),
            Rebalance::Revoke(partitions) => {
                commit(consumer, self);
                println!("revoked {}", numbers(partitions));
            }
            Rebalance::Error(error) => println!("refused {error}"),
        }
    }
}

/// What was handled, and is not committed yet.
fn commit(consumer: &BaseConsumer<Teller>, teller: &Teller) {
    let handled = std::mem::take(&mut *teller.handled.lock().unwrap());
    if handled.is_empty() {
        return;
    }
    let mut offsets = TopicPartitionList::new();
    for (&partition, &offset) in &handled {
        offsets.add_partition_offset(&teller.topic, partition, Offset::Offset(offset)).unwrap();
    }
    match consumer.commit(&offsets, CommitMode::Sync) {
        Ok(()) => {
            let texts: Vec<String> = handled.iter().map(|(p, o)| format!("{p}:{o}")).collect();
            println!("committed {}", texts.join(" "));
        }
        Err(error) => println!("refused {error}"),
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let topic = &args[2];
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &args[1])
        .set("group.id", &args[3])
        .set("client.id", "librdkafka")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .set("reconnect.backoff.max.ms", "500");
    let settings: Vec<(&str, &str)> = args[6..].iter().map(|s| s.split_once('=').unwrap()).collect();
    if !settings.contains(&("group.protocol", "consumer")) {
        config.set("session.timeout.ms", &args[4]).set("heartbeat.interval.ms", &args[5]);
    }
    for (key, value) in settings {
        config.set(key, value);
    }
    let consumer: BaseConsumer<Teller> = config
        .create_with_context(Teller { topic: topic.clone(), handled: Mutex::default() })
        .unwrap();
    consumer.subscribe(&[topic]).unwrap();

    let ended = Arc::new(AtomicBool::new(false));
    let end = ended.clone();
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let _ = std::io::stdin().read_to_end(&mut rest);
        end.store(true, Ordering::Relaxed);
    });
    let mut since = 0;
    while !ended.load(Ordering::Relaxed) {
        let message = consumer.poll(Duration::from_millis(100));
        if let Some(Ok(message)) = &message {
            let value = std::str::from_utf8(message.payload().unwrap()).unwrap();
            println!("record {} {} {value}", message.partition(), message.offset());
            consumer.context().handled.lock().unwrap().insert(message.partition(), message.offset() + 1);
            since += 1;
        }
        if message.is_none() || since >= FEW {
            commit(&consumer, consumer.context());
            since = 0;
        }
    }
    commit(&consumer, consumer.context());
}
