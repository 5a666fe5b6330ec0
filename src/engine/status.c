/* Status: is it ready, and if not, why and what mends it; and the counters, for Prometheus. */
#include <stdio.h>

#include "engine/exposition.h"
#include "engine/inside.h"

bool pl_engine_ready(const pl_engine *e, pl_buf *reasons) {
  size_t before = reasons->n;
  if (e->drained) pl_buf_text(reasons, "draining: it was asked to stop\n");
  if (e->next.config) pl_buf_text(reasons, "another configuration is being taken over\n");
  if (!e->store_up)
    pl_buf_printf(reasons, "redis: not connected; see the log, check redis.%s\n",
                  e->config->redis.sentinels.n ? "sentinels" : "url");
  if (!e->source_up)
    pl_buf_printf(reasons, "kafka: %s\n",
                  *e->source_why ? e->source_why : "not connected yet; check kafka.brokers");
  if (*e->letters_why)
    pl_buf_printf(reasons, "dead letters: %s does not take them: %s; %zu wait, and the marks with them\n",
                  e->config->kafka.topics.dead_letters, e->letters_why, e->nletters);
  if (e->source_up && !e->tenures)
    pl_buf_text(reasons, "no partitions yet: the consumer group has not assigned any\n");
  for (const pl_tenure *t = e->tenures; t; t = t->next_tenure)
    if (t->phase != PL_TENURE_LIVE)
      pl_buf_printf(reasons, "partition %d: %s\n", (int)t->partition, pl_tenure_word(t));
  for (const pl_tenure *t = e->tenures; t; t = t->next_tenure)
    if (pl_tenure_counts(t) && *t->flush.refused)
      pl_buf_printf(reasons, "partition %d: redis does not take what is to be written: %s\n",
                    (int)t->partition, t->flush.refused);
  pl_await_say(e, reasons);
  if (e->held && reasons->n == before)
    pl_buf_text(reasons, "intake is held until redis and the dead-letter topic have caught up\n");
  bool ready = reasons->n == before;
  if (e->stats.reasons[PL_MISROUTED])
    pl_buf_printf(
        reasons,
        "warning: %lld records lie in another partition than their rep's home; the producer uses another "
        "partitioner: set it to murmur2, or kafka.partitioner to crc32\n",
        (long long)e->stats.reasons[PL_MISROUTED]);
  pl_feed_warn(e, reasons);
  pl_lanes_warn(e->lanes, reasons);
  return ready;
}

static void one(pl_buf *out, const char *name, const char *type, const char *help, int64_t value) {
  pl_metric_family(out, name, type, help);
  pl_buf_printf(out, "paceline_%s %lld\n", name, (long long)value);
}

void pl_engine_metrics(const pl_engine *e, pl_buf *out) {
  pl_metric_family(out, "events_total", "counter", "Events by what became of them.");
  for (pl_reason r = 0; r < PL_REASONS; r++)
    pl_buf_printf(out, "paceline_events_total{result=\"%s\"} %lld\n", pl_reason_name(r),
                  (long long)e->stats.reasons[r]);
  pl_metric_family(out, "alerts_recorded_total", "counter",
                   "Alerts written to the outbox, by kind; repeated after a crash.");
  for (pl_alert_kind k = 0; k < PL_ALERT_KINDS; k++)
    pl_buf_printf(out, "paceline_alerts_recorded_total{kind=\"%s\"} %lld\n", pl_alert_kind_name(k),
                  (long long)e->stats.told[k]);
  one(out, "records_total", "counter", "Records of the activities topic.", e->stats.records);
  one(out, "heartbeats_total", "counter", "Heartbeat events.", e->stats.heartbeats);
  one(out, "facts_total", "counter", "Records of roster and goals.", e->stats.facts);
  one(out, "facts_refused_total", "counter", "Records of roster, goals and teams that could not be taken.",
      e->stats.bad_facts);
  one(out, "dead_letters_total", "counter", "Dead letters acknowledged by the broker.", e->stats.dead_acked);
  one(out, "dead_letters_waiting", "gauge", "Dead letters not yet acknowledged.", (int64_t)e->nletters);
  one(out, "flushes_total", "counter", "Flushes completed, each ending with its mark.", e->stats.flushes);
  one(out, "flush_batches_total", "counter", "Batches sent to Redis.", e->stats.batches);
  one(out, "flush_subjects_total", "counter", "Reps and teams written.", e->stats.subjects);
  pl_metric_family(out, "flush_duration_seconds", "gauge", "Duration of the last flush.");
  pl_buf_printf(out, "paceline_flush_duration_seconds %.6f\n", (double)e->stats.flush_us_last / 1e6);
  one(out, "fenced_total", "counter", "Partitions dropped because another process had claimed them.",
      e->stats.fenced);
  one(out, "deliveries_total", "counter", "Alerts taken by an endpoint.", e->stats.delivered);
  one(out, "delivery_failures_total", "counter", "Attempts that are tried again.",
      e->stats.failed_deliveries);
  one(out, "deliveries_parked_total", "counter", "Alerts that an endpoint refused for good.",
      e->stats.parked);
  one(out, "deliveries_dropped_total", "counter", "Alerts that had healed or aged before they could be told.",
      e->stats.dropped);
  one(out, "deliveries_waiting", "gauge", "Alerts on their way.", (int64_t)pl_outbox_waiting(e->outbox));
  one(out, "intake_held", "gauge", "1 while no records are taken: something has to catch up first.", e->held);
  int64_t subjects = 0, owned = 0, live = 0, deadlines = 0, cancelled = 0, inhibited = 0;
  for (const pl_tenure *t = e->tenures; t; t = t->next_tenure) {
    const pl_core_stats *s = pl_core_stats_of(t->core);
    subjects += s->subjects, deadlines += s->fired, cancelled += s->cancelled;
    inhibited += s->inhibited;
    owned++, live += pl_tenure_counts(t);
  }
  one(out, "subjects", "gauge", "Reps and teams held in memory.", subjects);
  one(out, "deadlines_fired", "gauge", "Deadlines fired in the partitions held now.", deadlines);
  one(out, "alerts_cancelled", "gauge",
      "Judged behind and healed before it was told, in the partitions held now.", cancelled);
  one(out, "alerts_inhibited", "gauge",
      "Due to be told while a concern about what leads to them was open, in the partitions held now.",
      inhibited);
  one(out, "partitions_owned", "gauge", "Partitions assigned to this process.", owned);
  one(out, "partitions_live", "gauge", "Partitions whose events are being counted.", live);
  one(out, "schema_waits", "gauge", "Partitions of topics that wait for a schema.",
      (int64_t)pl_awaits_n(e->awaits));
  pl_feed_metrics(e, out);
  pl_lanes_metrics(e->lanes, out);
  pl_buf reasons;
  pl_buf_init(&reasons, 1 << 16);
  one(out, "ready", "gauge", "1 when /-/ready answers 200.", pl_engine_ready(e, &reasons));
  pl_buf_fini(&reasons);
}
