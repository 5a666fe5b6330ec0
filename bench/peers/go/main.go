// What a good engineer writes in Go: franz-go, hamba/avro, go-redis, one goroutine that counts. Records are fetched ahead in the
// background; what changed is written every 250 ms, in pipelines of 500.
//
//	peer BROKERS TOPIC EVENTS REDIS ROSTER SCHEMA
package main

import (
	"bufio"
	"context"
	"fmt"
	"math/big"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	header     = 5 // of the wire format
	flushEvery = 250 * time.Millisecond
	atOnce     = 500
)

var fields = [windows]string{"hour0", "hour1", "day0", "day1", "all"}

type activity struct {
	EventID    string     `avro:"event_id"`
	Rep        string     `avro:"rep"`
	OccurredAt time.Time  `avro:"occurred_at"`
	Type       string     `avro:"type"`
	Amount     **big.Rat  `avro:"amount"` // of a union: a pointer to what a decimal is
	Currency   *string    `avro:"currency"`
	Account    *string    `avro:"account"`
	Deal       *string    `avro:"deal"`
	Product    *string    `avro:"product"`
	Channel    *string    `avro:"channel"`
	OpenedAt   *time.Time `avro:"opened_at"`
	Source     *string    `avro:"source"`
	CompleteTo *time.Time `avro:"complete_to"`
	Retracts   *string    `avro:"retracts"`
	More       *bool      `avro:"more"`
	Metric     *string    `avro:"metric"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

// teams are read from lines `REP TEAM`.
func teams(path string) map[string]string {
	file, err := os.Open(path)
	must(err)
	defer file.Close()
	of := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		rep, team, _ := strings.Cut(lines.Text(), " ")
		of[rep] = team
	}
	return of
}

var hundred = big.NewRat(100, 1)

func cents(amount **big.Rat) int64 {
	if amount == nil {
		return 0
	}
	return (*amount).Mul(*amount, hundred).Num().Int64()
}

func flush(ctx context.Context, client *redis.Client, t *table) {
	for changed := t.changed; len(changed) > 0; {
		some := changed[:min(atOnce, len(changed))]
		changed = changed[len(some):]
		pipe := client.Pipeline()
		for _, c := range some {
			values := make([]any, 0, 2*windows)
			for i := range c.windows {
				if w := &c.windows[i]; w.changed {
					w.changed = false
					values = append(values, fields[i], w.String())
				}
			}
			c.queued = false
			pipe.HSet(ctx, c.id, values...)
		}
		_, err := pipe.Exec(ctx)
		must(err)
	}
	t.changed = t.changed[:0]
}

func main() {
	ctx := context.Background()
	brokers, topic, redisAt, teamOf := os.Args[1], os.Args[2], os.Args[4], teams(os.Args[5])
	events, err := strconv.Atoi(os.Args[3])
	must(err)
	text, err := os.ReadFile(os.Args[6])
	must(err)
	schema, err := avro.Parse(string(text))
	must(err)
	kafka, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumeTopics(topic), kgo.ConsumerGroup(fmt.Sprintf("go-%d", os.Getpid())),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.FetchMaxPartitionBytes(4<<20), kgo.FetchMaxBytes(32<<20))
	must(err)
	client := redis.NewClient(&redis.Options{Addr: redisAt, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second})

	everybody := &table{byID: map[string]*counts{}}
	measured := meter{target: events}
	seen := 0
	next := time.Now().Add(flushEvery)
	for seen < events {
		kafka.PollRecords(ctx, 4096).EachRecord(func(record *kgo.Record) {
			if len(record.Value) < header || record.Value[0] != 0 {
				must(fmt.Errorf("offset %d is not in the wire format", record.Offset))
			}
			var a activity
			must(avro.Unmarshal(schema, record.Value[header:], &a))
			kind, atMs, amount := kindOf[a.Type], a.OccurredAt.UnixMilli(), cents(a.Amount)
			everybody.add(a.Rep, kind, atMs, amount)
			everybody.add(teamOf[a.Rep], kind, atMs, amount)
			seen++
		})
		measured.look(seen)
		if time.Now().After(next) {
			flush(ctx, client, everybody)
			next = time.Now().Add(flushEvery)
		}
	}
	flush(ctx, client, everybody)
	measured.tell()
}
