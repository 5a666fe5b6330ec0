#include "io/kafka_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANY = 7, CONSUMERS = PL_HANDLE_GROUP | PL_HANDLE_DATA };
enum { HEARTBEAT_MS = 500, MAX_POLL_MS = 60000, SESSION_MS = 6000 };

/* `fixed`: the guarantees rest on it; the others are defaults a user's property replaces. */
static const struct setting {
  int handles; /* of pl_handle */
  bool fixed;
  const char *name, *value;
} settings[] = {
    {ANY, true, "log.queue", "true"},
    {ANY, true, "sasl.kerberos.kinit.cmd", ":"}, /* the default runs kinit in a shell, again and again */
    {ANY, false, "client.id", "paceline"},
    {ANY, false, "reconnect.backoff.max.ms", "1000"}, /* 10 s would outlast most outages */
    {CONSUMERS, false, "topic.metadata.refresh.interval.ms",
     "30000"}, /* a topic that grows is soon noticed */
    /* Progress is the mark's: nothing is stored, committed or reset behind our back. */
    {CONSUMERS, true, "enable.auto.commit", "false"},
    {CONSUMERS, true, "enable.auto.offset.store", "false"},
    {CONSUMERS, true, "auto.offset.reset", "error"},
    {CONSUMERS, true, "isolation.level", "read_committed"},
    {CONSUMERS, true, "check.crcs", "true"},
    {CONSUMERS, true, "enable.partition.eof", "true"},
    /* Eager: cooperative rebalancing is unsafe before librdkafka 2.10. */
    {CONSUMERS, true, "partition.assignment.strategy", "range"},
    /* The fetcher sleeps up to a second once `min.messages` is reached: let the bytes be the bound. */
    {PL_HANDLE_DATA, false, "queued.min.messages", "10000000"},
    {PL_HANDLE_DATA, false, "queued.max.messages.kbytes", "16384"},
    {PL_HANDLE_DATA, false, "max.partition.fetch.bytes", "262144"}, /* what is taken soon is still near */
    {PL_HANDLE_DATA, false, "fetch.wait.max.ms", "100"},
    {PL_HANDLE_DATA, true, "statistics.interval.ms", "500"}, /* partition counts and leaders */
    {PL_HANDLE_OUT, true, "enable.idempotence", "true"},
    {PL_HANDLE_OUT, true, "acks", "all"},
    {PL_HANDLE_OUT, false, "linger.ms", "5"},
    /* Readers wait so long for what a killed writer has left open. */
    {PL_HANDLE_OUT, false, "transaction.timeout.ms", "30000"},
    {PL_HANDLE_OUT, false, "compression.type", "lz4"},
    {PL_HANDLE_OUT, false, "queue.buffering.max.kbytes", "65536"},
    {PL_HANDLE_OUT, false, "message.max.bytes", "10000000"}, /* the topic's own limit decides */
    {PL_HANDLE_OUT, false, "topic.metadata.propagation.max.ms", "5000"},
};

/* What a property must not be: named in the message, with what to use instead. */
static const struct {
  const char *name, *remedy;
} refused[] = {
    {"plugin.library.paths", "it would load code into this process"},
    {"sasl.kerberos.kinit.cmd",
     "it would run a command; keep the ticket fresh with a service such as k5start"},
    {"bootstrap.servers", "use kafka.brokers"},
    {"metadata.broker.list", "use kafka.brokers"},
    {"group.id", "use kafka.group"},
    {"partitioner", "use kafka.partitioner"},
};

static pl_status set(rd_kafka_conf_t *conf, const char *name, const char *value, pl_err *err) {
  char text[512];
  if (rd_kafka_conf_set(conf, name, value, text, sizeof text) == RD_KAFKA_CONF_OK) return PL_OK;
  return pl_fail(err, PL_REJECT, "kafka: librdkafka refuses the property %s: %s; see its CONFIGURATION.md",
                 name, text);
}

static pl_status set_property(rd_kafka_conf_t *conf, const pl_kafka_property *property, pl_err *err) {
  const char *name = property->name;
  for (size_t i = 0; i < PL_COUNT(refused); i++)
    if (strcmp(name, refused[i].name) == 0)
      return pl_fail(err, PL_REJECT, "kafka.properties: %s is not taken: %s", name, refused[i].remedy);
  for (size_t i = 0; i < PL_COUNT(settings); i++)
    if (settings[i].fixed && strcmp(name, settings[i].name) == 0)
      return pl_fail(
          err, PL_REJECT,
          "kafka.properties: %s is always %s, because what paceline guarantees rests on it; remove the "
          "line",
          name, settings[i].value);
  pl_err why = {""};
  pl_status status = set(conf, name, property->value, &why);
  if (status == PL_OK) return PL_OK;
  return property->secret ? pl_fail(err, status,
                                    "kafka.property_files: librdkafka refuses what the file of %s holds; see "
                                    "its CONFIGURATION.md",
                                    name)
                          : pl_fail(err, status, "%s", why.text);
}

static pl_status set_all(rd_kafka_conf_t *conf, pl_handle which, const pl_kafka_config *config, pl_err *err) {
  int session_ms = config->session_timeout_ms ? config->session_timeout_ms : SESSION_MS;
  int beat_ms = session_ms / 3 < HEARTBEAT_MS ? session_ms / 3 : HEARTBEAT_MS;
  char session[16], beat[16], poll[16];
  (void)snprintf(session, sizeof session, "%d", session_ms);
  (void)snprintf(beat, sizeof beat, "%d", beat_ms);
  (void)snprintf(poll, sizeof poll, "%d", session_ms > MAX_POLL_MS ? session_ms : MAX_POLL_MS);
  const char *partitioner = config->partitioner && strcmp(config->partitioner, "crc32") == 0
                                ? "consistent_random"
                                : "murmur2_random";
  const struct setting own[] = {
      {ANY, true, "bootstrap.servers", config->brokers}, {CONSUMERS, true, "group.id", config->group},
      {CONSUMERS, false, "session.timeout.ms", session}, {CONSUMERS, false, "heartbeat.interval.ms", beat},
      {CONSUMERS, false, "max.poll.interval.ms", poll},  {PL_HANDLE_OUT, true, "partitioner", partitioner},
  };
  pl_status status = PL_OK;
  for (size_t i = 0; status == PL_OK && i < PL_COUNT(own); i++)
    if (own[i].handles & (int)which) status = set(conf, own[i].name, own[i].value, err);
  for (size_t i = 0; status == PL_OK && i < PL_COUNT(settings); i++)
    if (settings[i].handles & (int)which) status = set(conf, settings[i].name, settings[i].value, err);
  for (size_t i = 0; status == PL_OK && i < config->nproperties; i++)
    status = set_property(conf, &config->properties[i], err);
  return status;
}

rd_kafka_t *pl_handle_new(pl_handle which, const pl_kafka_config *config, pl_fresh *fresh, pl_err *err) {
  static const int events = RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_FETCH |
                            RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_LOG |
                            RD_KAFKA_EVENT_DR;
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  if (set_all(conf, which, config, err) != PL_OK) {
    rd_kafka_conf_destroy(conf);
    return NULL;
  }
  bool watched = (int)which & CONSUMERS && fresh;
  if (watched) pl_fresh_watch(fresh, conf);
  rd_kafka_conf_set_events(conf, events);
  char text[512];
  rd_kafka_t *rk =
      rd_kafka_new((int)which & CONSUMERS ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (!rk) {
    /* librdkafka 2.0 has destroyed the interceptors already, and would do it again: better to lose some
     * bytes. What keys and certificates make wrong, the producer meets first. */
    if (!watched) rd_kafka_conf_destroy(conf);
    (void)pl_fail(
        err, PL_REJECT,
        "kafka: librdkafka refuses its configuration: %s; see kafka.properties and kafka.property_files",
        text);
    return NULL;
  }
  rd_kafka_set_log_queue(rk, NULL);
  return rk;
}
