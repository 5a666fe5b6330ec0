package main

import (
	"fmt"
	"syscall"
	"time"
)

// meter: when it began and was half done, and the process's CPU time until then.
type meter struct {
	target      int
	began, half instant
}

type instant struct {
	wall   time.Time
	cpu    float64
	events int
}

func now(events int) instant {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return instant{time.Now(), float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9, events}
}

func (a instant) cpuMicrosTo(b instant) float64 {
	return (b.cpu - a.cpu) * 1e6 / float64(b.events-a.events)
}

func (m *meter) look(events int) {
	if m.began.events == 0 && events > 0 {
		m.began = now(events)
	}
	if m.half.events == 0 && events >= m.target/2 {
		m.half = now(events)
	}
}

func (m *meter) tell() {
	end := now(m.target)
	fmt.Printf("{\"wall_s\": %.3f, \"cpu_us\": %.4f, \"second_half_us\": %.4f}\n",
		end.wall.Sub(m.began.wall).Seconds(), m.began.cpuMicrosTo(end), m.half.cpuMicrosTo(end))
}
