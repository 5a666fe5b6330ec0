/* The inside of a pl_core, for the rooms of the core and for those that write its state down (codec). */
#ifndef PL_CORE_PARTITION_H
#define PL_CORE_PARTITION_H

#include "base/map.h"
#include "core/almanac.h"
#include "core/share.h"

struct pl_core {
  const pl_policy *policy;
  pl_almanac *almanac;
  const pl_teams *directory;
  int32_t partition;
  pl_map reps, teams, shares; /* id -> pl_subject, pl_subject, pl_share */
  pl_heap rep_timers, team_timers;
  pl_wall clock;                  /* rep deadlines up to here have fired; PL_BEGINNING: not started */
  pl_wall origin;                 /* where the clock was started, ever (kept in the mark) */
  pl_wall team_clock;             /* the same for teams... */
  pl_wall team_origin;            /* ...and where those begin that were never recorded */
  pl_wall stamp;                  /* the newest record's */
  pl_wall heard[PL_SOURCES_MAX];  /* as in pl_times */
  pl_wall since[PL_METRICS_MAX];  /* the same */
  bool stale[2];                  /* views say `unknown`: of reps, of teams... */
  bool spreads[2];                /* ...and not all that should are on their way to be written yet... */
  size_t spread[2];               /* ...but those before this cursor */
  bool starts;                    /* not all reps are armed yet to begin with the clock... */
  size_t started;                 /* ...but those before this cursor */
  int64_t offset;                 /* of the last record handed in, whatever it was */
  bool rolls;                     /* a metric has a rolling window */
  uint64_t windowed;              /* bit per metric: it has a window */
  uint64_t of_type[PL_TYPES_MAX]; /* by event type, bit per metric: it may take that */
  size_t unknown;                 /* reps that the roster does not know */
  pl_subject *dirty_subjects, **dirty_subjects_end;
  pl_share *dirty_shares, **dirty_shares_end;
  uint32_t flushes; /* begun */
  size_t npending;  /* pasts that wait to be written */
  bool urgent;      /* a deadline has changed what is judged of somebody who waits to be written */
  pl_core_stats stats;
  size_t nmetrics;        /* the policy's, who may be gone when it is dissolved */
  pl_map_slot *dissolved; /* reps up to here are freed already */
  pl_core *next;          /* for who keeps several */
};

/* A subject as it is, or a new one. */
pl_subject *pl_core_subject(pl_core *core, pl_str id, bool is_team);
pl_subject *pl_core_find(const pl_core *core, pl_str id, bool is_team);
/* The index in subject->teams of that team, added when it is new. */
uint16_t pl_core_team_slot(pl_core *core, pl_subject *subject, pl_str team);
void pl_core_touch_share(pl_core *core, pl_share *share);
/* Up to where the declared sources have said everything; PL_NEVER: there are none. */
pl_wall pl_core_heard(const pl_core *core);
/* A team's parts have changed: its cells and sums were replaced. */
void pl_core_team_changed(pl_core *core, pl_subject *team);

/* Takes the lists of what is to be written; the entries' `dirty` stays set until pl_subject_written. */
pl_subject *pl_core_take_subjects(pl_core *core);
pl_share *pl_core_take_shares(pl_core *core);
/* The subject's effects went into a batch: frees them, clears what was touched. */
void pl_subject_written(pl_subject *subject);
/* Everything is to be written again (Redis lost its tail). */
void pl_core_touch_all(pl_core *core);

#endif
