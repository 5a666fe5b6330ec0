/* The inside of the engine: what its rooms share. Each room has a header of its own. */
#ifndef PL_ENGINE_INSIDE_H
#define PL_ENGINE_INSIDE_H

#include "codec/view.h"
#include "engine/await.h"
#include "engine/doubt.h"
#include "engine/entry.h"
#include "engine/facts.h"
#include "engine/feed.h"
#include "engine/gate.h"
#include "engine/lane.h"
#include "engine/records.h"
#include "engine/reload.h"
#include "engine/tenure.h"

enum { PL_FIRE_STEP = 32 /* deadlines between two looks at the clock */ };

struct pl_engine {
  pl_engine_ports ports;
  const pl_config *config;
  const pl_policy *policy;
  pl_almanac *almanac;
  pl_teams *teams;
  pl_readers *readers;
  pl_awaits *awaits;
  pl_intake *intake; /* activities that wait to be counted, within a turn */
  pl_outbox *outbox;
  pl_lanes *lanes;
  pl_gate *gate;
  pl_tenure *tenures;
  pl_core *dissolving; /* of tenures that have ended: freed a little in each turn */
  pl_reload next;      /* the configuration that waits to take over */
  uint32_t serials;
  int32_t partitions; /* of the activities; 0: not known yet */
  bool store_up;
  char sha[48]; /* of the batch script; "": not loaded */
  bool source_up;
  char source_why[256];
  pl_letters letters;            /* of roster, goals and teams: no mark waits for these */
  size_t nletters, letter_bytes; /* of these and of all tenures */
  pl_mono letters_retry;         /* no sooner */
  char letters_why[256];         /* why the last one was not taken; "": none */
  uint32_t letter_serials;
  bool held;   /* back-pressure */
  bool paused; /* as the source was told: held, or a flush waits for letters */
  bool commit_asked;
  bool drained, closing, done, failed;
  pl_mono drain_by, commit_next, now;
  pl_mono turn_ends;  /* deadlines that are left then wait for the next turn */
  pl_arena *scratch;  /* facts, one record at a time */
  pl_topic_feed feed; /* of the whole topic */
  pl_buf command;     /* one command being written */
  pl_batch batch;     /* one batch being written */
  pl_view view;
  struct {
    int64_t records, heartbeats, strangers, facts, bad_facts, reasons[PL_REASONS];
    int64_t dead_acked, flushes, batches, subjects, fenced, told[PL_ALERT_KINDS];
    int64_t delivered, failed_deliveries, parked, dropped, flush_us_last;
  } stats;
};

pl_wall pl_engine_wall(const pl_engine *engine);
pl_mono pl_engine_mono(const pl_engine *engine);
int32_t pl_engine_home(void *engine, pl_str id);                         /* the partition of an id */
const char *pl_engine_topic(const pl_engine *engine, pl_topic topic);    /* its name */
pl_tenure *pl_engine_tenure(const pl_engine *engine, int32_t partition); /* NULL: not ours */
void pl_engine_wake(const pl_engine *engine);                            /* a tick soon */
void pl_engine_dissolve(pl_engine *engine, pl_core **core);
/* A turn begins; deadlines are fired in it while there is time. */
void pl_engine_turn(pl_engine *engine);
bool pl_engine_in_time(const pl_engine *engine);
/* Releases or holds the source as the store, the dead letters and the flushes allow. */
void pl_engine_press(pl_engine *engine);

static inline const char *pl_tenure_prefix(const pl_tenure *t) { return t->engine->config->redis.prefix; }

#endif
