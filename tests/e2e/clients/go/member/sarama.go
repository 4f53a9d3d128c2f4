// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"time"

	"github.com/IBM/sarama"
)

type handler struct{ topic string }

func (h handler) Setup(session sarama.ConsumerGroupSession) error {
	say("assigned %s", numbers(session.Claims()[h.topic]))
	return nil
}

func (h handler) Cleanup(session sarama.ConsumerGroupSession) error {
	say("revoked %s", numbers(session.Claims()[h.topic]))
	return nil
}

func (h handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, open := <-claim.Messages():
			if !open {
				return nil
			}
			say("record %d %d %s", message.Partition, message.Offset, message.Value)
			session.MarkMessage(message, "")
			if message.Offset%5 == 4 || len(claim.Messages()) == 0 {
				session.Commit() // what the server says to it stays inside the library
			}
		case <-session.Context().Done():
			return nil
		}
	}
}

func withSarama(ctx context.Context, w settings) {
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	config.ClientID = "sarama"
	config.Consumer.Group.Session.Timeout = w.session
	config.Consumer.Group.Heartbeat.Interval = w.heartbeat
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.MaxWaitTime = 100 * time.Millisecond
	config.Metadata.Retry.Max = 100
	var group sarama.ConsumerGroup
	var err error
	for group == nil {
		if group, err = sarama.NewConsumerGroup([]string{w.bootstrap}, w.group, config); err != nil {
			if ctx.Err() != nil {
				return
			}
			time.Sleep(config.Metadata.Retry.Backoff)
		}
	}
	for ctx.Err() == nil {
		if err := group.Consume(ctx, []string{w.topic}, handler{w.topic}); err != nil {
			say("refused %v", err)
			time.Sleep(config.Metadata.Retry.Backoff)
		}
	}
	check(group.Close())
}
