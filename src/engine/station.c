#include "engine/station.h"

#include <stdio.h>

#include "engine/exposition.h"

enum { IN_A_ROW = 5, DOUBLINGS = 9 };
static const int64_t FIRST_WAIT_US = 1000000, LAST_WAIT_US = 60000000;
static const double bounds_s[PL_STATION_BUCKETS] = {0.05, 0.1, 0.2, 0.5,  1,     5,
                                                    15,   60,  300, 3600, 14400, 86400};

bool pl_station_fails(const pl_station *s) { return s->failures >= IN_A_ROW; }

pl_mono pl_station_next(const pl_station *s, pl_mono when) {
  bool fails = pl_station_fails(s);
  if (s->flying >= (fails ? 1 : PL_STATION_FLYING_MAX)) return (pl_mono){INT64_MAX}; /* an answer decides */
  if (!fails) return when;
  return s->next.us > when.us ? s->next : when;
}

static pl_failure failure_of(pl_sent what, int status) {
  if (what == PL_SENT_REFUSED || what == PL_SENT_GONE) return PL_FAILED_REFUSED;
  if (status == 408 || status == 425 || status == 429) return PL_FAILED_BUSY;
  return status ? PL_FAILED_SERVER : PL_FAILED_NO_ANSWER;
}

bool pl_station_answer(pl_station *s, pl_sent what, int status, pl_mono now, const char *why) {
  s->flying--, s->messages++;
  if (what == PL_SENT_TAKEN) {
    s->taken++, s->failures = 0;
    return false;
  }
  s->failed[failure_of(what, status)]++;
  (void)snprintf(s->why, sizeof s->why, "%s", why);
  if (what == PL_SENT_GONE) {
    s->gone = true;
    return true;
  }
  if (what == PL_SENT_REFUSED) { /* this message, not the endpoint */
    s->failures = 0;
    return false;
  }
  int more = ++s->failures - IN_A_ROW;
  if (more < 0) return false;
  int64_t wait = FIRST_WAIT_US << (more < DOUBLINGS ? more : DOUBLINGS);
  s->next.us = now.us + (wait < LAST_WAIT_US ? wait : LAST_WAIT_US);
  return more == 0;
}

void pl_station_latency(pl_station *s, int64_t us) {
  int i = 0;
  while (i < PL_STATION_BUCKETS && (double)us > bounds_s[i] * 1e6) i++;
  s->latency[i]++, s->latency_us += us;
}

/* --- metrics */

static void latencies(const pl_station_line *l, pl_buf *out) {
  int64_t sum = 0;
  for (int i = 0; i <= PL_STATION_BUCKETS; i++) {
    sum += l->station->latency[i];
    pl_buf_printf(out, "paceline_notification_latency_seconds_bucket{integration=\"%s\",le=\"",
                  l->integration);
    if (i < PL_STATION_BUCKETS)
      pl_buf_printf(out, "%g", bounds_s[i]);
    else
      pl_buf_text(out, "+Inf");
    pl_buf_printf(out, "\"} %lld\n", (long long)sum);
  }
  pl_buf_printf(out, "paceline_notification_latency_seconds_sum{integration=\"%s\"} %.6f\n", l->integration,
                (double)l->station->latency_us / 1e6);
  pl_buf_printf(out, "paceline_notification_latency_seconds_count{integration=\"%s\"} %lld\n", l->integration,
                (long long)sum);
}

void pl_stations_metrics(const pl_station_line *lines, size_t n, pl_buf *out) {
  static const char *const reasons[PL_FAILURES] = {"no_answer", "busy", "server", "refused"};
  if (n == 0) return;
  pl_metric_family(out, "notifications_total", "counter", "Messages that were answered, by endpoint.");
  for (size_t i = 0; i < n; i++)
    pl_buf_printf(out, "paceline_notifications_total{integration=\"%s\"} %lld\n", lines[i].integration,
                  (long long)lines[i].station->messages);
  pl_metric_family(
      out, "notifications_failed_total", "counter",
      "Messages that were not taken: no answer, busy (408, 425, 429), another failure of the server, or "
      "refused for good.");
  for (size_t i = 0; i < n; i++)
    for (int r = 0; r < PL_FAILURES; r++)
      pl_buf_printf(out, "paceline_notifications_failed_total{integration=\"%s\",reason=\"%s\"} %lld\n",
                    lines[i].integration, reasons[r], (long long)lines[i].station->failed[r]);
  pl_metric_family(out, "notifications_parked_total", "counter", "Alerts that the endpoint will not get.");
  for (size_t i = 0; i < n; i++)
    pl_buf_printf(out, "paceline_notifications_parked_total{integration=\"%s\"} %lld\n", lines[i].integration,
                  (long long)lines[i].station->parked);
  pl_metric_family(out, "notifications_waiting", "gauge", "Alerts that wait for the endpoint.");
  for (size_t i = 0; i < n; i++)
    pl_buf_printf(out, "paceline_notifications_waiting{integration=\"%s\"} %zu\n", lines[i].integration,
                  lines[i].waiting);
  pl_metric_family(out, "notifications_oldest_seconds", "gauge", "How long ago the oldest of these was due.");
  for (size_t i = 0; i < n; i++)
    pl_buf_printf(out, "paceline_notifications_oldest_seconds{integration=\"%s\"} %.3f\n",
                  lines[i].integration, lines[i].oldest_s);
  pl_metric_family(out, "notification_latency_seconds", "histogram",
                   "From when an alert was due to be told until the endpoint had taken it.");
  for (size_t i = 0; i < n; i++) latencies(&lines[i], out);
}
