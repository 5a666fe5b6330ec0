package main

import "strconv"

const (
	kinds   = 8
	windows = 5 // hour, hour before; day, day before (UTC); all. By the parity of their start
	days    = 2
	all     = 4
)

var kindOf = map[string]int{"call": 0, "email": 1, "meeting": 2, "demo": 3, "proposal": 4, "deal_won": 5, "deal_lost": 6, "note": 7}

type window struct {
	start   int64 // hours or days since 1970
	counts  [kinds]uint32
	cents   int64
	changed bool
}

// counts are those of one rep or team.
type counts struct {
	id      string
	windows [windows]window
	queued  bool
}

func (w *window) add(start int64, kind int, cents int64) {
	if start < w.start {
		return // older than the previous one
	}
	if start > w.start {
		*w = window{start: start}
	}
	w.counts[kind]++
	w.cents += cents
	w.changed = true
}

func (c *counts) add(kind int, atMs, cents int64) {
	hour := atMs / 3_600_000
	day := hour / 24
	c.windows[hour&1].add(hour, kind, cents)
	c.windows[days+(day&1)].add(day, kind, cents)
	c.windows[all].add(0, kind, cents)
}

func (w *window) String() string {
	text := strconv.AppendInt(make([]byte, 0, 64), w.start, 10)
	for _, n := range w.counts {
		text = strconv.AppendUint(append(text, ' '), uint64(n), 10)
	}
	return string(strconv.AppendInt(append(text, ' '), w.cents, 10))
}

// table is everybody, and who has changed since the last flush.
type table struct {
	byID    map[string]*counts
	changed []*counts
}

func (t *table) add(id string, kind int, atMs, cents int64) {
	c := t.byID[id]
	if c == nil {
		c = &counts{id: id}
		t.byID[id] = c
	}
	c.add(kind, atMs, cents)
	if !c.queued {
		c.queued = true
		t.changed = append(t.changed, c)
	}
}
