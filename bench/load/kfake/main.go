// SPDX-License-Identifier: Apache-2.0

// Command kfake runs franz-go's stand-in for Kafka as a server of its own, to measure beside Ledge. It is three brokers in
// one process, on three ports; the last one is the controller.
package main

import (
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/twmb/franz-go/pkg/kfake"
)

func main() {
	port := flag.Int("port", 9092, "the first of three ports on loopback")
	folder := flag.String("dir", "", "data folder; empty keeps everything in memory")
	synced := flag.Bool("sync", false, "fsync before a produce request is answered")
	flag.Parse()

	options := []kfake.Opt{kfake.Ports(*port, *port+1, *port+2), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(1)}
	if *folder != "" {
		options = append(options, kfake.DataDir(*folder))
	}
	if *synced {
		options = append(options, kfake.SyncWrites())
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	cluster, err := kfake.NewCluster(options...)
	if err != nil {
		log.Fatal(err)
	}
	<-stop
	cluster.Close()
}
