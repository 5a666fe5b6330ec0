/* Firm: a made-up company's configuration, drawn from a seed, and what is meant by it, said a second time.
 *
 * Places are few and endpoints are many, so that it happens often that one place serves two purposes. It
 * would be accepted if it kept concerns private; whether it does is what firm_leaks knows without asking the
 * configuration. */
#ifndef TESTS_CONFIG_FIRM_H
#define TESTS_CONFIG_FIRM_H

#include "base/random.h"
#include "codec/sink.h"

enum { FIRM_TEAMS = 3, FIRM_REPS = 9, FIRM_ENDPOINTS = 7, FIRM_SLOTS = 4 };
/* Who knows these words has heard what was not for them. */
#define FIRM_PLAN   "PLANOFMINE"
#define FIRM_ANSWER "ANSWEROFMINE"
#define FIRM_LEAK   "LEAKED"
#define FIRM_PERSON "Person" /* in the name of each rep */

typedef struct {
  pl_sink_kind type;
  char place[48]; /* its URL, or the file of it; of those with addresses: nobody's */
  char to[48];    /* "": none */
  unsigned slots; /* bit by slot, as in pl_audience */
} firm_endpoint;

typedef struct {
  int team, members; /* its index; of them */
  char channel[48];  /* "": none */
} firm_team;

typedef struct {
  int team; /* -1: none */
  bool opted_out;
  char email[48], slack[48]; /* "": none; it may be a channel's */
} firm_rep;

typedef struct {
  pl_random random;
  size_t nendpoints, nteams, nreps;
  firm_endpoint endpoints[FIRM_ENDPOINTS];
  firm_team teams[FIRM_TEAMS];
  firm_rep reps[FIRM_REPS];
  int days;
  bool gossips; /* in a language of its own it says all it can */
} firm;

/* Its configuration goes to `yaml`. Ids: t0, t1, ...; r0, r1, ...; e0, e1, ... Goals of teams are called
 * `sum...`, those of reps are not. */
void firm_make(firm *f, uint64_t seed, pl_buf *yaml);
bool firm_has(const firm *f, size_t endpoint, int slot);
/* Does the team, or anybody who comes along, read what is sent there? `address`: "" where its URL says it. */
bool firm_is_public(const firm *f, size_t endpoint, pl_str address);
/* Could somebody's concern come to a place of the team, or of everybody, by what the file says? */
bool firm_leaks(const firm *f);

#endif
