/* Subject: whoever has counters and goals: a rep, or a whole team at its home.
 *
 * A rep counts events; a team's cells are the sum of the shares that its partitions write (share.h), and
 * everything else is the same for both. A subject holds one deadline: the earliest over its goals, its next
 * local midnight and the next refresh of figures that move with time alone. */
#ifndef PL_CORE_SUBJECT_H
#define PL_CORE_SUBJECT_H

#include "base/heap.h"
#include "core/cell.h"
#include "core/dedupe.h"
#include "core/distinct.h"
#include "core/goal.h"
#include "core/habit.h"
#include "core/word.h"

/* Something effective-dated: a team's, a zone's or a calendar's name. */
typedef struct {
  int32_t from;
  char *what;
} pl_dated;
typedef struct {
  pl_dated *items; /* ascending by `from` */
  size_t n;
} pl_dated_list;

/* A period that has ended, as it stood then: the cells may have gone on by periods before it is written. */
typedef struct pl_past pl_past;
struct pl_past {
  pl_past *next;
  pl_unit unit;
  int32_t index;
  int64_t *values; /* by metric; 0 for ratios */
  uint64_t known;  /* bit per metric: its cells still reached this period */
  size_t ngoals;
  struct {
    char *name;
    int metric;
    pl_figures figures;
  } goals[];
};

typedef struct pl_share pl_share;

typedef struct pl_goal_sum pl_goal_sum;
typedef struct {
  pl_goal_sum *items; /* gap.h */
  size_t n;
} pl_goal_sums;

struct pl_subject {
  /* What every event touches, in three lines of memory (pl_core_expect brings them near). */
  pl_core *core;
  bool is_team;
  bool known;                             /* in the roster (a rep), in the directory (a team) */
  bool erased;                            /* its keys are to be deleted */
  bool opted_out;                         /* no public recognition */
  bool begun;                             /* its clock runs: zone, calendar, roll are set */
  bool dirty, touched_goals, touched_all; /* to be written: at all, goals' figures, everything */
  bool touched_past;  /* something was counted before today: previous periods may have changed, too */
  bool touched_share; /* `share` is on its list already */
  bool slotted;       /* slot and share are those of the day of the last event */
  uint16_t slot;      /* the team of the last event, an index in `teams`... */
  uint16_t nteams;
  uint64_t touched;  /* bit per metric: its view fields changed */
  uint64_t unjudged; /* bit per metric: counted by events that are judged with the one that follows them */
  uint64_t judged_metrics;     /* bit per metric: there is a goal for it */
  int64_t offset;              /* of the last event applied; PL_OFFSET_NONE (-1): none */
  pl_wall newest;              /* the newest event's instant; PL_BEGINNING: none */
  int32_t reach[PL_UNITS];     /* index of `newest` by unit */
  int32_t today;               /* the local day of the last roll */
  int32_t day_index[PL_UNITS]; /* the periods of the local day of the last event, by unit... */
  uint32_t ngoals;             /* in force */
  int64_t day_from, day_until; /* ...which has these seconds; set while day_from < day_until */
  pl_share *share;             /* ...and its share, NULL: no team */
  pl_lull *lulls;              /* of the goals in force */
  pl_wall refresh;             /* when figures are rewritten */
  pl_dedupe ids;
  pl_habit habit;

  pl_heap_node timer;
  pl_subject *next_dirty;
  char *id;
  size_t id_len;
  char **teams;      /* the teams that cells count for, by pl_cell.team */
  pl_share **shares; /* of the same teams; entries NULL where the subject has no team */
  pl_dated_list memberships;
  pl_workcal *cal; /* the almanac's, or with time off `own` */
  pl_goal *goals;  /* all versions: those in force first, in the order of the facts */
  uint32_t nversions, nlulls;
  uint32_t letters; /* refused events whose dead letter is not safe yet: the engine writes it only after */
  pl_words words;   /* on goals */
  uint32_t answers; /* recorded: how many alerts it has answered, ever */

  /* What shapes its view besides events and time (shape.h). */
  uint64_t fact, agreed; /* of the roster's record, of the goals */
  uint64_t shape;        /* recorded: as it was written last; 0: not known */
  uint32_t reshaped;     /* the core's flush in which it became so */

  /* roster */
  char *name, *email, *slack, *language;
  pl_dated_list zones, calendars;
  pl_leave *time_off; /* ascending, apart */
  size_t ntime_off;
  pl_workcal *own; /* the almanac's calendar less time off; NULL: none, or not asked for yet */

  /* counted */
  pl_distinct *things;
  int64_t members;          /* team: how many reps... */
  int64_t members_written;  /* ...as its view says; -1: it says nothing yet */
  uint64_t past;            /* team: a hash of its previous periods' totals */
  pl_goal_sums sums;        /* team: of their goals */
  double *weighted, *means; /* team: by metric, sums of phi x mean and of mean over its members */

  /* derived from the clock */
  pl_wall roll;   /* the next local midnight */
  pl_wall judged; /* deadlines up to here have fired (restored with the record)... */
  bool held;      /* ...where a source held the clock: what was armed there since waits until it goes on */

  /* to be written once */
  pl_alert *told;
  pl_past *pasts;

  pl_cell *cells[]; /* by metric; NULL: nothing counted yet */
};

pl_subject *pl_subject_new(pl_core *core, pl_str id, bool is_team, size_t nmetrics);
void pl_subject_free(pl_subject **subject, size_t nmetrics);
void pl_subject_touch(pl_subject *subject); /* onto the dirty list */
/* All of it is to be written; of who has not begun yet that is the state, and the view when they begin. */
void pl_subject_touch_all(pl_subject *subject);

/* Where an instant lies, by unit, in the subject's zone. */
void pl_subject_index(pl_subject *subject, pl_wall at, int32_t index[PL_UNITS]);
/* The value of one bucket or period, over all its teams. */
int64_t pl_subject_at(const pl_subject *subject, int metric, int ring, int32_t index);
/* False: the cells have gone on so far that what that bucket held is not known any more. */
bool pl_subject_holds(const pl_subject *subject, int metric, int ring, int32_t index);
/* ...nor is what happened before the metric was counted. False: some of that period is not known. */
bool pl_subject_covers(const pl_subject *subject, int metric, pl_unit period, int32_t index);
/* What a window shows at `now`; `prev`: the calendar window's previous period. */
int64_t pl_subject_window(const pl_subject *subject, int metric, pl_window window, bool prev, pl_wall now);
pl_burst pl_subject_burst(const pl_subject *subject, int metric, int32_t today);

/* What is in effect on a local day; NULL: nothing. */
const char *pl_dated_at(const pl_dated_list *history, int32_t day);
const char *pl_subject_team(const pl_subject *subject); /* today's, or NULL */
int32_t pl_subject_day(const pl_subject *subject, pl_wall t);
/* The period that a local day lies in, by the policy's fiscal years. */
int32_t pl_subject_period(const pl_subject *subject, pl_unit unit, int32_t day);
pl_judge pl_subject_judge(pl_subject *subject, const pl_goal *goal);
/* The same for figures alone: nothing can be told with it. */
pl_judge pl_subject_counted(const pl_subject *subject, const pl_goal *goal);
/* The told concern about what leads to this one, which therefore waits; NULL: none. */
const pl_goal *pl_subject_inhibitor(const pl_subject *subject, const pl_goal *goal);

static inline pl_str pl_subject_id(const pl_subject *s) { return (pl_str){s->id, s->id_len}; }

#endif
