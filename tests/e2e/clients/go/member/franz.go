// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func franz(ctx context.Context, w settings) {
	note := func(word string) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			if len(partitions[w.topic]) > 0 || word == "assigned" {
				say("%s %s", word, numbers(partitions[w.topic]))
			}
		}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(w.bootstrap), kgo.ConsumerGroup(w.group), kgo.ConsumeTopics(w.topic),
		kgo.SessionTimeout(w.session), kgo.HeartbeatInterval(w.heartbeat), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(100*time.Millisecond),
		kgo.RetryTimeout(30*time.Second), kgo.RequestTimeoutOverhead(5*time.Second),
		kgo.OnPartitionsAssigned(note("assigned")), kgo.OnPartitionsRevoked(note("revoked")), kgo.OnPartitionsLost(note("revoked")))
	check(err)
	for ctx.Err() == nil {
		fetches := client.PollRecords(ctx, few)
		handled := map[int32]int64{}
		fetches.EachRecord(func(r *kgo.Record) {
			say("record %d %d %s", r.Partition, r.Offset, r.Value)
			handled[r.Partition] = r.Offset + 1
		})
		if len(handled) > 0 {
			// Not with the context that ends the member: what it has handled is committed before it leaves.
			if err := client.CommitUncommittedOffsets(context.Background()); err != nil {
				say("refused %v", err)
			} else {
				line := "committed"
				for p, o := range handled {
					line += fmt.Sprintf(" %d:%d", p, o)
				}
				say("%s", line)
			}
		}
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance()
}
