// SPDX-License-Identifier: Apache-2.0

// franz-go against the server under test: client BOOTSTRAP TOPIC PARTITIONS RECORDS CODEC IDEMPOTENT(true|false).
// Creates the topic, produces, reads back from assigned partitions, compares, prints "RECORDS equal".
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func value(i int) string { return fmt.Sprintf(`{"sensor":%d,"reading":%d}`, i%21, i) }

func main() {
	bootstrap, topic, codec := os.Args[1], os.Args[2], os.Args[5]
	partitions, err := strconv.Atoi(os.Args[3])
	check(err)
	records, err := strconv.Atoi(os.Args[4])
	check(err)
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()

	codecs := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
		"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}
	options := []kgo.Opt{kgo.SeedBrokers(bootstrap), kgo.ProducerBatchCompression(codecs[codec]),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(2 * time.Millisecond)}
	if os.Args[6] != "true" {
		options = append(options, kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(1))
	}
	producer, err := kgo.NewClient(options...)
	check(err)

	create := kmsg.NewPtrCreateTopicsRequest()
	wanted := kmsg.NewCreateTopicsRequestTopic()
	wanted.Topic, wanted.NumPartitions, wanted.ReplicationFactor = topic, int32(partitions), 1
	create.Topics = append(create.Topics, wanted)
	create.TimeoutMillis = 10000
	answer, err := create.RequestWith(ctx, producer)
	check(err)
	check(kerr.ErrorForCode(answer.Topics[0].ErrorCode))

	var failed atomic.Value
	for i := 0; i < records; i++ {
		record := &kgo.Record{Topic: topic, Partition: int32(i % partitions), Key: []byte(strconv.Itoa(i)), Value: []byte(value(i))}
		producer.Produce(ctx, record, func(_ *kgo.Record, err error) {
			if err != nil {
				failed.Store(err)
			}
		})
	}
	check(producer.Flush(ctx))
	if err := failed.Load(); err != nil {
		check(err.(error))
	}
	producer.Close()

	offsets := map[int32]kgo.Offset{}
	for p := 0; p < partitions; p++ {
		offsets[int32(p)] = kgo.NewOffset().AtStart()
	}
	consumer, err := kgo.NewClient(kgo.SeedBrokers(bootstrap),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: offsets}))
	check(err)
	at := make([]int, partitions)
	got := 0
	for got < records {
		fetches := consumer.PollFetches(ctx)
		for _, problem := range fetches.Errors() {
			check(problem.Err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			p := int(r.Partition)
			i := at[p]*partitions + p
			if r.Offset != int64(at[p]) || string(r.Key) != strconv.Itoa(i) || string(r.Value) != value(i) {
				check(fmt.Errorf("record %d: partition %d offset %d key %s value %s", i, r.Partition, r.Offset, r.Key, r.Value))
			}
			at[p]++
			got++
		})
	}
	consumer.Close()
	fmt.Println(got, "equal")
}
