/* Flush: what a tenure is writing (flush.c says how). */
#ifndef PL_ENGINE_FLUSH_H
#define PL_ENGINE_FLUSH_H

#include "base/text.h"
#include "core/partition.h"

typedef struct pl_tenure pl_tenure;

enum { PL_FLIGHTS = 8 };

typedef struct {
  pl_buf command;  /* a batch, whole, kept until it is answered */
  size_t lease_at; /* where the token's lease stands in it: it is sent with that of now */
  enum { PL_FLIGHT_FREE, PL_FLIGHT_SENT, PL_FLIGHT_AGAIN } state;
  enum { PL_FLIGHT_PARTS, PL_FLIGHT_SUBJECTS, PL_FLIGHT_MARK } carries;
} pl_flight;

/* A record that was counted, by which the log is known again (entry.c). */
typedef struct {
  int64_t offset; /* PL_OFFSET_NONE: none was */
  pl_wall stamp;
} pl_witness;

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
  int64_t offset;     /* the mark to write at the end */
  pl_times times;     /* with it */
  pl_witness witness; /* before it; the newest known */
  bool current;       /* when it began, all that had come was counted and judged */
  bool settled;       /* so it was when the last whole one began */
  bool notice;        /* the mark says that the feed is stale */
  bool marking;
  bool owed;   /* Redis has no mark any more: one must be written though it has not moved */
  bool hollow; /* what it had written was lost: it ends without a mark, and the next one writes everything */
  bool waits;  /* whoever is left has letters under way: nothing new is taken in until they are safe */
  pl_mono began, rested; /* the next one starts no sooner than `rested` */
  pl_mono retry;         /* what was answered "later" is sent again no sooner */
  char refused[128];     /* why Redis did not take the last batch; "": it did */
  int64_t batches;       /* acknowledged, or found executed in the mark, which counts them all */
  pl_put *puts, **puts_end;
  size_t nputs;
  pl_flight flights[PL_FLIGHTS];
} pl_flush;

void pl_flush_init(pl_flush *flush);
void pl_flush_fini(pl_flush *flush);
pl_mono pl_flush_tick(pl_tenure *tenure); /* when it has something to do next */
void pl_flush_lost(pl_tenure *tenure);    /* the connection is gone: what was sent is unknown */
/* Redis has lost what was written: all of it is written again, and only then a mark. */
void pl_flush_rewrite(pl_tenure *tenure);

#endif
