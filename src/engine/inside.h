/* The inside of the engine, for its rooms. */
#ifndef PL_ENGINE_INSIDE_H
#define PL_ENGINE_INSIDE_H

#include "base/map.h"
#include "codec/event_decode.h"
#include "codec/view.h"
#include "core/partition.h"
#include "engine/engine.h"

typedef struct pl_tenure pl_tenure;
typedef struct pl_intake pl_intake;
typedef struct pl_readers pl_readers;
typedef struct pl_outbox pl_outbox;

/* --- flush: what a tenure is writing */
enum { PL_FLIGHTS = 8, PL_BATCH_SUBJECTS = 50 };

typedef struct {
  pl_buf command; /* a batch, whole, kept until it is answered */
  enum { PL_FLIGHT_FREE, PL_FLIGHT_SENT, PL_FLIGHT_AGAIN } state;
  bool is_mark;
} pl_flight;

/* Alerts that were written lately: if Redis loses all it had, they are put again. */
typedef struct pl_put pl_put;
struct pl_put {
  pl_put *next;
  pl_subject *subject;
  pl_alert *alerts;
  pl_mono at;
};
enum { PL_PUTS_MAX = 10000 };

typedef struct {
  bool on;
  pl_subject *subjects; /* still to be encoded */
  pl_share *shares;
  int64_t offset; /* the mark to write at the end */
  pl_times times; /* with it */
  bool marking;
  bool hollow; /* what it had written was lost: it ends without a mark, and the next one writes everything */
  bool waits;  /* whoever is left has letters under way: nothing new is taken in until they are safe */
  pl_mono began, rested; /* the next one starts no sooner than `rested` */
  pl_mono retry;         /* what was answered "later" is sent again no sooner */
  char refused[128];     /* why Redis did not take the last batch; "": it did */
  int64_t batches;       /* acknowledged since ever; the mark counts those that were executed */
  pl_put *puts, **puts_end;
  size_t nputs;
  pl_flight flights[PL_FLIGHTS];
} pl_flush;

/* --- home: the teams that live in a tenure's partition */
typedef struct {
  bool asked; /* marks or parts are on their way */
  bool all;   /* every team's parts are to be read */
  int parts_left;
  pl_wall origin, complete_to; /* the earliest of all marks, as read before the parts */
  bool known;                  /* the parts are there: teams may be judged up to then */
  pl_mono next;
} pl_home;

/* --- dead letters: refused records that are not yet in the dead-letter topic */
typedef struct pl_dead pl_dead;
typedef struct {
  pl_dead *first, *last; /* by offset, where they are of one partition */
  pl_dead *unsent;       /* before it, all are on their way */
} pl_letters;
enum { PL_DEAD_MAX = 10000, PL_DEAD_BYTES = 32 << 20 };

/* --- tenure */
typedef enum {
  PL_TENURE_CLAIMING, /* our token is on its way into the mark */
  PL_TENURE_FACTS,    /* roster and goals are being read */
  PL_TENURE_LOADING,  /* recorded state is being read */
  PL_TENURE_LIVE,     /* counts and writes */
  PL_TENURE_ASKING,   /* counts, writes nothing: the store was away; is the mark still ours? */
  PL_TENURE_PROVING,  /* counts, writes nothing: the store has lost the mark; ours again once Kafka says so */
  PL_TENURE_FENCED, /* another process wrote its token into the mark; from the beginning once Kafka says so */
  PL_TENURE_HELD,   /* mark or state cannot be used: an operator must decide */
} pl_phase;

typedef enum { PL_PROOF_NONE, PL_PROOF_ASKED, PL_PROOF_GIVEN } pl_proof;

struct pl_tenure {
  pl_tenure *next_tenure;
  pl_engine *engine;
  int32_t partition;
  uint32_t serial; /* answers to an earlier tenure of the partition are told by it */
  pl_phase phase;
  pl_mono due;    /* when the phase acts (again); INT64_MAX: an answer is awaited */
  pl_proof proof; /* Kafka has accepted a commit that was sent in this phase: the partition is ours */
  char owner[64];
  char held[256]; /* why it is held; "": it is not */
  pl_core *core;
  bool followed; /* roster and goals were read to their end */
  int loads_left;
  int64_t taken;     /* the next offset expected; PL_OFFSET_NONE: whatever the source begins with */
  int64_t next;      /* the next offset to be counted */
  pl_wall known;     /* everything up to here has been counted: deadlines may fire */
  int64_t mark;      /* as in Redis; PL_OFFSET_NONE: there is none */
  pl_times marked;   /* with it */
  int64_t committed; /* as in Kafka */
  bool at_end;       /* of the partition, at the last look */
  bool caught_up;    /* was at the end once */
  pl_flush flush;
  pl_home home;
  pl_letters letters;
  struct {
    bool asked;    /* the list of what is to be delivered is being read */
    pl_mono next;  /* it is read no sooner */
    pl_mono sweep; /* old entries are removed no sooner */
  } todo;
};

struct pl_engine {
  pl_engine_ports ports;
  const pl_config *config;
  const pl_policy *policy;
  pl_almanac *almanac;
  pl_teams *teams;
  pl_readers *readers;
  pl_intake *intake; /* activities that wait to be counted, within a turn */
  pl_outbox *outbox;
  pl_tenure *tenures;
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
  pl_mono turn_ends; /* deadlines that are left then wait for the next turn */
  pl_arena *scratch; /* facts, one record at a time */
  pl_buf command;    /* one command being written */
  pl_batch batch;    /* one batch being written */
  pl_view view;
  struct {
    int64_t records, heartbeats, facts, bad_facts, applied, reasons[PL_REASONS];
    int64_t dead_acked, flushes, batches, subjects, fenced, told[PL_ALERT_KINDS];
    int64_t delivered, failed_deliveries, parked, dropped, flush_us_last;
  } stats;
};

pl_wall pl_engine_wall(const pl_engine *engine);
pl_mono pl_engine_mono(const pl_engine *engine);
int32_t pl_engine_home(void *engine, pl_str id);                         /* the partition of an id */
pl_tenure *pl_engine_tenure(const pl_engine *engine, int32_t partition); /* NULL: not ours */
void pl_engine_wake(const pl_engine *engine);                            /* a tick soon */
/* A turn begins; deadlines are fired in it while there is time. */
void pl_engine_turn(pl_engine *engine);
bool pl_engine_in_time(const pl_engine *engine);
/* Releases or holds the source as the store, the dead letters and the flushes allow. */
void pl_engine_press(pl_engine *engine);

/* --- asking the store on behalf of a tenure: answers that come after its end are dropped */
typedef void pl_ask_fn(pl_tenure *tenure, const pl_reply *reply, int64_t arg);
void pl_tenure_ask(pl_tenure *tenure, pl_str command, pl_ask_fn *fn, int64_t arg);

/* tenure.c */
void pl_tenure_open(pl_engine *engine, int32_t partition);
void pl_tenure_close(pl_engine *engine, pl_tenure **place);
bool pl_tenure_counts(const pl_tenure *tenure);      /* takes records */
bool pl_tenure_needs_proof(const pl_tenure *tenure); /* that Kafka counts us as the owner */
const char *pl_tenure_word(const pl_tenure *tenure); /* its phase, for people */
void pl_tenure_hold(pl_tenure *tenure, const char *fmt, ...) PL_PRINTF(2, 3);
void pl_tenure_doubt(pl_tenure *tenure); /* what the store knows is not known any more */
void pl_tenure_on_followed(pl_tenure *tenure);
void pl_tenure_on_complete(pl_tenure *tenure, int64_t next, pl_wall complete_to);
pl_mono pl_tenure_tick(pl_tenure *tenure); /* when it has something to do next */
pl_mono pl_tenure_advance(pl_tenure *tenure);
bool pl_tenure_clean(const pl_tenure *tenure); /* nothing left to write */
void pl_tenure_teach(pl_tenure *tenure, const pl_team *team);

/* records.c */
pl_intake *pl_intake_new(size_t nevents);
void pl_intake_free(pl_intake **intake);
void pl_engine_on_record(void *engine, const pl_record *record);
bool pl_records_settle(pl_engine *engine); /* counts what waits; false: not all of it, there was no time */
void pl_records_forget(pl_engine *engine, const pl_tenure *tenure);

/* flush.c */
void pl_flush_init(pl_flush *flush);
void pl_flush_fini(pl_flush *flush);
pl_mono pl_flush_tick(pl_tenure *tenure); /* when it has something to do next */
void pl_flush_lost(pl_tenure *tenure);    /* the connection is gone: what was sent is unknown */
void pl_flush_rewrite(
    pl_tenure *tenure); /* Redis has lost what was written: all of it, and only then a mark */

/* dead.c */
/* `tenure`, `subject`: whose record and event it is; mark and state must not outrun the letter. NULL:
 * nobody's. */
void pl_dead_put(pl_engine *engine, pl_tenure *tenure, const pl_record *record, pl_reason reason,
                 int32_t schema_id, pl_subject *subject, const char *why);
void pl_dead_tick(pl_engine *engine, pl_letters *letters);
void pl_dead_produced(pl_engine *engine, uint64_t token, bool delivered, const char *why);
int64_t pl_dead_gate(const pl_tenure *tenure); /* the mark may go this far */
void pl_dead_forget(pl_engine *engine, pl_letters *letters);

/* home.c */
pl_mono pl_home_tick(pl_tenure *tenure);
void pl_home_wake(pl_tenure *tenure);

/* outbox.c */
pl_outbox *pl_outbox_new(pl_engine *engine);
void pl_outbox_free(pl_outbox **outbox);
void pl_outbox_wake(pl_tenure *tenure);    /* there may be entries to deliver */
pl_mono pl_outbox_look(pl_tenure *tenure); /* reads the list when it is due, sweeps old entries */
pl_mono pl_outbox_tick(pl_outbox *outbox);
void pl_outbox_answered(pl_outbox *outbox, uint32_t serial, size_t sink, bool taken, bool refused,
                        int64_t after_us, const char *why);
bool pl_outbox_produced(pl_outbox *outbox, uint64_t token, bool delivered, const char *why);
void pl_outbox_forget(pl_outbox *outbox, int32_t partition);
size_t pl_outbox_waiting(const pl_outbox *outbox);

/* readers.c */
enum { PL_FIRE_STEP = 32 /* deadlines between two looks at the clock */ };
enum { PL_EVENTS_MAX = 8 }; /* events that one record can be */
pl_status pl_readers_new(pl_readers **out, const pl_config *config, pl_err *err) PL_MUST_CHECK;
void pl_readers_free(pl_readers **readers);
/* PL_APPLIED and the fact or event, or why not. */
pl_reason pl_readers_event(pl_readers *readers, pl_str value, size_t which, pl_event_room *room,
                           pl_event *out, int32_t *schema_id, pl_err *why);
size_t pl_readers_events(const pl_readers *readers); /* how many mappings the activities have */
pl_reason pl_readers_rep(pl_readers *readers, pl_str value, pl_arena *arena, pl_rep_fact *out, pl_err *why);
pl_reason pl_readers_goals(pl_readers *readers, pl_str value, pl_arena *arena, pl_goals_fact *out,
                           pl_err *why);
pl_reason pl_readers_team(pl_readers *readers, pl_str value, pl_team_fact *out, pl_err *why);

#endif
