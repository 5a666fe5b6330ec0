/* Company: a simulated sales company, for the demo.
 *
 * Six teams in six time zones. Two months of history in which everybody does roughly what the goals ask for,
 * then one week that is a story: some are steady, some slump and come back, some catch up late, some never
 * do. Everything follows from the seed, and nothing here reads a clock or does I/O: who asks says up to which
 * instant, and gets what happened, in order. Among it are the things that go wrong in a real feed: repeated
 * events, an unknown rep, broken messages. */
#ifndef PL_CLI_COMPANY_H
#define PL_CLI_COMPANY_H

#include "codec/encode.h"

enum { PL_COMPANY_REPS = 40, PL_COMPANY_REPS_MAX = 300, PL_COMPANY_TEAMS = 6 };

/* What the company measures, and when it wants to hear of it: this part of a configuration file. */
extern const char pl_company_policy[];

typedef struct pl_company pl_company;

pl_company *pl_company_new(uint64_t seed, size_t nreps); /* 1 .. PL_COMPANY_REPS_MAX */
void pl_company_free(pl_company **company);

/* The roster and the directory of teams; all texts live as long as the company. */
size_t pl_company_reps(const pl_company *company);
void pl_company_rep(const pl_company *company, size_t i, pl_rep_fact *out);
void pl_company_team(const pl_company *company, size_t i, pl_team_fact *out);

pl_wall pl_company_opens(void);   /* before: history; from here on: the week */
pl_wall pl_company_closes(void);  /* the week has ended in every zone */
bool pl_company_rests(pl_wall t); /* a weekend everywhere: nothing to see */

typedef enum {
  PL_DEED_ACTIVITY, /* for the topic of activities */
  PL_DEED_GOALS,    /* for the topic of goals: a rep or a team begins the week */
  PL_DEED_BROKEN,   /* bytes for the topic of activities that no schema explains */
} pl_deed_kind;

typedef struct {
  pl_deed_kind kind;
  pl_wall at; /* when it was written */
  pl_str key; /* a rep's or a team's id */
  pl_activity activity;
  pl_goals_fact goals;
  pl_str bytes;
} pl_deed;

/* The next thing written at or before `until`; borrowed until the next call. false: nothing more by then. */
bool pl_company_next(pl_company *company, pl_wall until, pl_deed *out);

/* What a rep says who is told that they are behind; false: nothing. Texts are literals. */
bool pl_company_answer(pl_str alert, pl_answer_word *out);

/* What the stories make of a run over everything, to hold counters against. */
typedef struct {
  int64_t activities, repeated, broken;
} pl_company_counts;
pl_company_counts pl_company_totals(const pl_company *company);

#endif
