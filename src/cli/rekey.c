/* paceline rekey: a topic that is keyed by something else, by deal or account, becomes events of reps in the
 * activities, each under its rep's key.
 *
 * A record is read, mapped, and its events are written in a transaction that also commits how far the group
 * has read (kafka_puller.h): every event is there once, whatever is killed, and with as many of these
 * processes as the topic has partitions. One record may be events of several reps; all of them are written,
 * or the record goes to the dead letters, in the same transaction. Each event keeps its record's timestamp.
 * Blocking calls are all right here: the process does nothing else.
 *
 * While the schema registry does not answer, nothing is refused: the transaction is aborted, and what it held
 * is read and asked for again, for as long as that takes. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/enquiry.h"
#include "cli/maker.h"
#include "engine/dead.h"
#include "engine/readers.h"
#include "io/kafka_puller.h"

enum { POLL_MS = 100, POLL_MOST = 1000, TRANSACTION = 5000 /* records */, TRIES = 3 };
static const int64_t TRANSACTION_US = 500000, SAY_US = 60000000;

static const char usage[] =
    "usage: paceline rekey -c CONFIG --from TOPIC [--until-end]\n"
    "  Reads TOPIC, makes events of its records by the mapping called TOPIC, and writes them to the "
    "activities,\n"
    "  each keyed by its rep, exactly once. What cannot be mapped goes to the dead letters. Goes on until "
    "SIGTERM;\n"
    "  as many may run at the same time as TOPIC has partitions. A time without an offset is that of the "
    "zone that\n"
    "  the mapping names, else of the rep's as this file's `reps` have it, else of `zone`.\n"
    "  --until-end  stops where the topic ends now, and says what was done; also when the schema registry\n"
    "               has not answered three times, 15 s each\n";

typedef struct {
  int64_t records, events, fanned, idle, unknown, letters;
} counts;

typedef struct {
  const pl_config *config;
  const char *topic;
  pl_config as_read; /* for the readers of `topic` */
  pl_enquiry *enquiry;
  pl_readers *readers;
  pl_maker *maker;
  pl_writer *writer;
  pl_puller *puller;
  pl_buf values;     /* of one record's events */
  counts open, done; /* in this transaction; for good */
  pl_mono began;     /* the transaction */
  int tries;         /* in vain, of asking the registry */
  pl_mono said;      /* why, the last time */
  pl_status status;  /* of the first record that could not be written */
  pl_err *err;
} rekeying;

static volatile sig_atomic_t stopped;

static void on_signal(int number) {
  (void)number;
  stopped = 1;
}

/* --- one record */

static pl_status begin(rekeying *r) {
  if (pl_writer_is_open(r->writer)) return PL_OK;
  r->began = pl_clock_mono(), r->open = (counts){0};
  (void)pl_readers_forget(r->readers, r->began);
  return pl_writer_begin(r->writer, r->err);
}

static pl_status bury(rekeying *r, const pl_past_record *record, pl_reason reason, int32_t schema_id,
                      const pl_err *why) {
  pl_header headers[PL_DEAD_HEADERS];
  const char *topic = r->config->kafka.topics.dead_letters;
  pl_dead_facts facts = {r->topic, record->partition, record->offset, record->stamp,
                         reason,   schema_id,         why->text,      {{0}}};
  r->open.letters++;
  if (!*topic) return PL_OK; /* switched off on purpose */
  pl_dead_headers(&facts, headers);
  const pl_outgoing letter = {.topic = topic,
                              .partition = -1,
                              .key = record->key,
                              .value = record->value,
                              .stamp = pl_clock_wall(),
                              .headers = headers,
                              .nheaders = PL_COUNT(headers)};
  return pl_writer_send(r->writer, &letter, r->err);
}

/* All values first: one that cannot be made refuses the record. */
static pl_reason encode(rekeying *r, const pl_made *made, size_t n, size_t *ends, pl_maker_told *told,
                        pl_err *why) {
  pl_buf_clear(&r->values);
  for (size_t i = 0; i < n; i++) {
    pl_reason reason = pl_maker_put(r->maker, &made[i], &r->values, &told[i], why);
    if (reason != PL_APPLIED) return reason;
    ends[i] = r->values.n;
  }
  return PL_APPLIED;
}

static pl_status write_all(rekeying *r, const pl_past_record *record, const pl_maker_told *told,
                           const size_t *ends, size_t n) {
  pl_status status = PL_OK;
  for (size_t i = 0, from = 0; i < n && status == PL_OK; from = ends[i++]) {
    status = pl_writer_put(r->writer, -1, told[i].rep, (pl_str){r->values.p + from, ends[i] - from},
                           record->stamp, r->err);
    r->open.unknown += !told[i].known;
  }
  r->open.events += (int64_t)n, r->open.idle += n == 0, r->open.fanned += n > 1;
  return status;
}

static void on_record(void *ctx, const pl_past_record *record) {
  rekeying *r = ctx;
  pl_made *made = pl_readers_room(r->readers);
  pl_err why = {""};
  size_t n = 0, ends[PL_EVENTS_MAX];
  pl_maker_told told[PL_EVENTS_MAX];
  int32_t schema_id = -1;
  if (r->status != PL_OK) return;
  r->status = begin(r);
  if (r->status != PL_OK) return;
  r->open.records++;
  pl_reason reason = pl_readers_events(r->readers, record->value, NULL, made, &n, &schema_id, &why);
  r->status = pl_enquiry_failed(r->enquiry, r->err); /* it is not refused: nobody could be asked */
  if (r->status != PL_OK) return;
  if (reason == PL_APPLIED) reason = encode(r, made, n, ends, told, &why);
  r->status =
      reason == PL_APPLIED ? write_all(r, record, told, ends, n) : bury(r, record, reason, schema_id, &why);
}

/* --- all of them */

static void add(counts *to, const counts *more) {
  to->records += more->records, to->events += more->events, to->fanned += more->fanned,
      to->idle += more->idle;
  to->unknown += more->unknown, to->letters += more->letters;
}

static bool is_due(const rekeying *r, bool at_end) {
  return r->open.records >= TRANSACTION || stopped || at_end ||
         pl_clock_mono().us - r->began.us >= TRANSACTION_US;
}

static pl_status commit(rekeying *r) {
  bool kept;
  counts open = r->open;
  pl_status status = pl_puller_commit(r->puller, &kept, r->err);
  if (kept) add(&r->done, &open), r->tries = 0;
  return status;
}

/* Nobody could be asked for a schema: what was read since the last commit is read again. */
static pl_status try_again(rekeying *r, bool until_end) {
  pl_mono now = pl_clock_mono();
  stopped |= pl_enquiry_interrupted(r->enquiry);
  if (stopped) return PL_OK;
  if (++r->tries == TRIES && until_end) return r->status;
  if (!r->said.us || now.us - r->said.us >= SAY_US)
    (void)fprintf(stderr, "%s: %s; trying on\n", r->topic, r->err->text), r->said = now;
  r->status = pl_puller_rewind(r->puller, r->err);
  return r->status == PL_OK ? pl_enquiry_renew(r->enquiry, r->err) : r->status;
}

static pl_status turn(rekeying *r, bool until_end, bool *ended) {
  (void)signal(SIGTERM, on_signal), (void)signal(SIGINT, on_signal); /* an enquiry listens for them too */
  pl_status status = pl_puller_poll(r->puller, POLL_MS, POLL_MOST, on_record, r, r->err);
  if (status == PL_OK) status = r->status;
  if (status == PL_AGAIN && pl_enquiry_failed(r->enquiry, r->err) == status) {
    status = try_again(r, until_end);
    *ended = stopped;
    return status;
  }
  if (status != PL_OK && pl_writer_can_abort(r->writer)) {
    r->status = PL_OK;
    return pl_puller_rewind(r->puller, r->err);
  }
  if (status != PL_OK) return status;
  bool at_end = until_end && pl_puller_at_end(r->puller);
  if (pl_writer_is_open(r->writer) && is_due(r, at_end)) status = commit(r);
  *ended = stopped || (at_end && !pl_writer_is_open(r->writer) && pl_puller_at_end(r->puller));
  return status;
}

static void say(const rekeying *r) {
  const counts *c = &r->done;
  (void)fprintf(stderr, "%s: %lld records, %lld events written to %s", r->topic, (long long)c->records,
                (long long)c->events, r->config->kafka.topics.activities);
  if (c->fanned) (void)fprintf(stderr, "; %lld records were several", (long long)c->fanned);
  if (c->idle) (void)fprintf(stderr, "; %lld records are no event by any mapping", (long long)c->idle);
  if (c->letters)
    (void)fprintf(stderr, "; %lld dead letters: see `paceline dlq list`", (long long)c->letters);
  if (c->unknown)
    (void)fprintf(
        stderr,
        "; %lld events are of reps whom this file's `reps` do not name: a time of theirs without an "
        "offset is one of the zone `%s`",
        (long long)c->unknown, r->config->policy.default_zone);
  (void)fputc('\n', stderr);
}

/* --- what it stands on */

/* A member with a name takes up at once what its predecessor has left open; another one is a new writer. */
static void name_instance(const pl_config *c, char *out, size_t room) {
  for (size_t i = 0; i < c->kafka.properties.n; i++)
    if (strcmp(c->kafka.properties.items[i].key, "group.instance.id") == 0) {
      (void)snprintf(out, room, "%s", c->kafka.properties.items[i].values.items[0]);
      return;
    }
  uint64_t id = 0;
  (void)!getrandom(&id, sizeof id, 0);
  (void)snprintf(out, room, "%016llx", (unsigned long long)id);
}

static pl_status open_kafka(rekeying *r, pl_err *err) {
  pl_kafka_config kafka;
  char group[600], instance[256], name[1024];
  const pl_config *c = r->config;
  (void)snprintf(group, sizeof group, "%s-rekey-%s", c->kafka.group, r->topic);
  name_instance(c, instance, sizeof instance);
  (void)snprintf(name, sizeof name, "paceline-rekey-%s-%s", group, instance);
  pl_status status = pl_cli_kafka(&kafka, c, err);
  if (status == PL_OK) status = pl_writer_new(&r->writer, &kafka, c->kafka.topics.activities, name, err);
  if (status == PL_OK) status = pl_puller_new(&r->puller, &kafka, r->topic, group, r->writer, err);
  return status;
}

static pl_status open_all(rekeying *r, pl_err *err) {
  const pl_mapping_set *set = pl_config_mapping(r->config, r->topic);
  if (!set || set == &r->config->mappings[0])
    return pl_fail(
        err, PL_REJECT,
        "mapping: none for another topic than the activities is called %s; add `%s: {id: ..., rep: "
        "..., ...}`",
        r->topic, r->topic);
  r->as_read = pl_cli_as_read(r->config, set);
  pl_status status = pl_enquiry_open(&r->enquiry, &r->as_read, err);
  if (status == PL_OK) status = pl_enquiry_readers(r->enquiry, &r->readers, err);
  if (status == PL_OK) status = pl_maker_new(&r->maker, r->config, set, pl_cli_zone, err);
  return status == PL_OK ? open_kafka(r, err) : status;
}

static void close_all(rekeying *r) {
  if (r->writer && pl_writer_is_open(r->writer)) (void)!pl_writer_abort(r->writer, &(pl_err){""});
  pl_puller_free(&r->puller);
  pl_writer_free(&r->writer);
  pl_maker_free(&r->maker);
  pl_readers_free(&r->readers);
  pl_enquiry_close(&r->enquiry);
  pl_buf_fini(&r->values);
}

static pl_status rekey(rekeying *r, bool until_end, pl_err *err) {
  pl_status status = open_all(r, err);
  bool ended = false;
  if (status != PL_OK) return status;
  (void)fprintf(stderr, "%s: copying to %s, by rep\n", r->topic, r->config->kafka.topics.activities);
  while (status == PL_OK && !ended) status = turn(r, until_end, &ended);
  if (status == PL_OK || r->done.records) say(r);
  return status;
}

int pl_cli_rekey(int argc, char **argv) {
  static const struct option options[] = {{"from", required_argument, NULL, 'f'},
                                          {"until-end", no_argument, NULL, 'u'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
  pl_err err = {""};
  rekeying r = {.err = &err};
  const char *path = NULL;
  bool until_end = false;
  for (int option; (option = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
    if (option == 'h') return (void)fputs(usage, stdout), EX_OK;
    if (option == 'c') path = optarg;
    if (option == 'f') r.topic = optarg;
    if (option == 'u') until_end = true;
    if (option == '?') return (void)fputs(usage, stderr), EX_USAGE;
  }
  if (!path || !r.topic || optind != argc) return (void)fputs(usage, stderr), EX_USAGE;
  pl_config *config = pl_cli_config(path);
  if (!config) return EX_CONFIG;
  r.config = config;
  pl_buf_init(&r.values, (size_t)1 << 24);
  pl_status status = rekey(&r, until_end, &err);
  if (status != PL_OK) (void)fprintf(stderr, "paceline rekey: %s\n", err.text);
  close_all(&r);
  pl_config_free(&config);
  return status == PL_OK       ? EX_OK
         : status == PL_REJECT ? EX_CONFIG
         : status == PL_AGAIN  ? EX_TEMPFAIL
                               : EX_IOERR;
}
