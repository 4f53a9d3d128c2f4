// SPDX-License-Identifier: Apache-2.0

// One member of a consumer group: member LIBRARY(franz-go|sarama) BOOTSTRAP TOPIC GROUP SESSION_MS HEARTBEAT_MS.
// Speaks the lines that python/group_member.py describes, and leaves when its standard input ends.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

type settings struct {
	bootstrap, topic, group string
	session, heartbeat      time.Duration
}

const few = 20 // records between two commits

var output sync.Mutex

func say(format string, a ...any) {
	output.Lock()
	defer output.Unlock()
	fmt.Printf(format+"\n", a...)
}

func numbers(partitions []int32) string {
	texts := make([]string, len(partitions))
	for i, p := range partitions {
		texts[i] = strconv.Itoa(int(p))
	}
	return strings.Join(texts, ",")
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	session, err := strconv.Atoi(os.Args[5])
	check(err)
	heartbeat, err := strconv.Atoi(os.Args[6])
	check(err)
	wanted := settings{os.Args[2], os.Args[3], os.Args[4], time.Duration(session) * time.Millisecond,
		time.Duration(heartbeat) * time.Millisecond}
	ctx, end := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		end()
	}()
	switch os.Args[1] {
	case "franz-go":
		franz(ctx, wanted)
	case "sarama":
		withSarama(ctx, wanted)
	default:
		check(fmt.Errorf("no library %q", os.Args[1]))
	}
}
