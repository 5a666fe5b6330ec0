/* Station: how an endpoint is doing: whether it may be asked, and the figures that operators read. */
#ifndef PL_ENGINE_STATION_H
#define PL_ENGINE_STATION_H

#include "base/text.h"
#include "base/time.h"
#include "codec/sink.h"

enum {
  PL_STATION_BUCKETS = 12,
  PL_STATION_FLYING_MAX = 8 /* messages at once: one that hangs holds up no other endpoint */
};
typedef enum {
  PL_FAILED_NO_ANSWER,
  PL_FAILED_BUSY,
  PL_FAILED_SERVER,
  PL_FAILED_REFUSED,
  PL_FAILURES
} pl_failure;

typedef struct {
  int failures; /* in a row */
  size_t flying;
  pl_mono next;  /* while it fails: asked no sooner */
  bool gone;     /* it said so: asked no more */
  char why[160]; /* of the last failure */
  int64_t messages, taken, failed[PL_FAILURES], parked;
  int64_t latency[PL_STATION_BUCKETS + 1], latency_us; /* from due to taken; the last: beyond all */
} pl_station;

bool pl_station_fails(const pl_station *station); /* for a while now */
/* When the lane whose own time is `when` may send; after a row of failures one message at a time does. */
pl_mono pl_station_next(const pl_station *station, pl_mono when);
/* A message was answered; true: it is from now on asked less, or no more. */
bool pl_station_answer(pl_station *station, pl_sent what, int status, pl_mono now, const char *why);
/* An entry was taken so long after it was due. */
void pl_station_latency(pl_station *station, int64_t us);
/* Of all of them, in Prometheus' text. */
typedef struct {
  const char *integration; /* the endpoint's name */
  const pl_station *station;
  size_t waiting;
  double oldest_s; /* of what waits: since it was due */
} pl_station_line;
void pl_stations_metrics(const pl_station_line *lines, size_t n, pl_buf *out);

#endif
