/* Habit: what is seen of a rep over days: a slump, a silence, a streak.
 *
 * Slumps and streaks are judged when a day closes, after its goals were. Silence has a deadline as goals
 * have: exact, known in advance, armed and never polled; it may be armed early, never late, as events only
 * push it later. Teams have no habits: what is told of them is in their goals. */
#ifndef PL_CORE_HABIT_H
#define PL_CORE_HABIT_H

#include "core/alert.h"

/* The last RECENT working days beside the USUAL ones before. */
enum { PL_SLUMP_RECENT = 5, PL_SLUMP_USUAL = 20 };

/* A metric's slump that was told. */
typedef struct {
  int metric;
  int32_t told; /* with which day's close */
  bool open;    /* it lasts */
} pl_slump;

typedef struct {
  /* what an event asks for */
  bool silent;      /* recorded: it was told, and no event has come since */
  uint32_t nslumps; /* of `slumps` */
  /* recorded */
  bool watched;  /* there is a goal whose silence would matter... */
  int32_t day;   /* the day that is being lived: all before it are judged; PL_DAY_ALWAYS: none yet */
  pl_wall from;  /* ...since then; no silence is counted from before */
  pl_wall since; /* silent: judged at */
  uint32_t silences, streak; /* told in all; working days in a row on which all goals of the day were met */
  pl_slump *slumps;          /* owned; one a metric */
  /* derived */
  pl_wall next; /* the armed deadline */
  /* of the day that is closing */
  uint32_t met, missed; /* its goals */
} pl_habit;

/* The metric's, made if there is none. */
pl_slump *pl_habit_slump(pl_habit *habit, int metric);
void pl_habit_init(pl_habit *habit);
void pl_habit_fini(pl_habit *habit);

/* A goal of the day has ended like that. */
void pl_habit_note(pl_subject *subject, pl_pace_state end);
/* Every day before today has closed. */
void pl_habit_close(pl_subject *subject, pl_wall t);
/* Is there a goal now? Arms the silence anew: after a change of facts, calendar or day. */
void pl_habit_arm(pl_subject *subject, pl_wall t);
void pl_habit_fire(pl_subject *subject, pl_wall t);
/* An event has come from whom was told to be silent; t: its record's stamp. */
void pl_habit_heard(pl_subject *subject, pl_wall t);

/* An earlier day has changed: was what these metrics were told to be a slump? t: the record's stamp. */
void pl_habit_correct(pl_subject *subject, uint64_t metrics, pl_wall t);

/* When the rep is silent if nothing comes, seconds; INT64_MAX: never. */
int64_t pl_habit_silent_at(const pl_subject *subject);
/* Is so little no chance? `recent` and `usual`: totals of the RECENT and the USUAL days, phi: the size of an
 * event. The share of RECENT days among all of an even rate is 1/5, so the chance of no more than `recent` is
 * that of a binomial. */
bool pl_slump_begins(double recent, double usual, double phi);

#endif
