/* Recount: what must become of every record, found a second time, by the words of schemas/README.md and
 * without any of the code that counts: no rings, no cells, no states. Whatever an event adds to a metric is
 * kept as one entry of its rep, for good; a window is the sum of the entries that lie in it (tally.h).
 *
 * In the order of a partition's log: an event is read, refused for the first reason that holds, or kept. What
 * only the daemon could know (was a stamp in the future when it came, was there a goal to speak of?) is asked
 * of the dead letters. */
#ifndef PL_CLI_RECOUNT_H
#define PL_CLI_RECOUNT_H

#include "base/map.h"
#include "cli/census.h"
#include "io/kafka_past.h"

/* What one event adds to one metric. */
typedef struct {
  int64_t position; /* in its partition: of the record, and which of its events */
  pl_wall at, stamp;
  int64_t amount;
  int32_t day;     /* where the rep is */
  uint16_t metric; /* index into pl_policy.metrics */
  uint8_t units;   /* bit pl_unit: it counts in buckets and periods of that unit */
} pl_entry;

struct pl_ledger {
  pl_entry *entries;
  size_t n, room;
  uint64_t *ids; /* hashes of the remembered ones, a ring of `dedupe_ids` */
  size_t nids;   /* ever remembered */
  bool begun;    /* there was an event: */
  int32_t newest[PL_UNITS];
  pl_map seen; /* distinct things of a period, and how many it has */
};

typedef struct {
  const pl_config *config;
  pl_census *census;
  pl_readers *readers;
  int64_t *marks;   /* by partition: records below them are reflected in Redis */
  pl_map told;      /* "PARTITION/OFFSET/REASON" of each dead letter */
  pl_map requeued;  /* "PARTITION/OFFSET" of each that was sent back: the reason, as a pointer's value */
  pl_map expected;  /* of each that must be there, below the marks */
  bool has_letters; /* the topic could be read */
  size_t *unknown;  /* by partition: reps that the roster does not know */
  int64_t records, heartbeats, reasons[PL_REASONS];
} pl_recount;

/* The census, the readers and the marks are borrowed. */
void pl_recount_init(pl_recount *recount, const pl_config *config, pl_census *census, pl_readers *readers,
                     int64_t *marks, int32_t partitions);
void pl_recount_fini(pl_recount *recount, int32_t partitions); /* and the ledgers of all people */
/* A record of the dead-letter topic; before the activities. */
void pl_recount_letter(pl_recount *recount, const pl_past_record *record);
/* One of the activities. */
void pl_recount_record(pl_recount *recount, const pl_past_record *record);

/* Does the metric, which is no ratio, count the event? */
bool pl_recount_matches(const pl_metric *metric, const pl_event *event);

/* For so many buckets or periods of a unit, that of the rep's newest event included, an event still counts.
 */
extern const int32_t pl_unit_spans[PL_UNITS];
/* The bucket or period that an instant on that local day lies in. */
int32_t pl_unit_index(const pl_config *config, pl_unit unit, pl_wall at, int32_t day);

#endif
