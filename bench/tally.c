#include "tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { WEDNESDAY, THURSDAY, LOCAL, WINDOWS };

static const pl_dur day = {86400000};
static const struct {
  const char *zone;
  int64_t ahead_ms; /* of UTC, on these days */
} offsets[] = {{"Europe/Berlin", 7200000},
               {"America/New_York", -14400000},
               {"Asia/Kolkata", 19800000},
               {"Australia/Sydney", 39600000}};

typedef struct {
  uint32_t counts[COMPANY_KINDS];
  int64_t cents;
} sums;

typedef struct {
  pl_wall midnight;
  sums windows[WINDOWS];
} person;

struct tally {
  uint32_t n;
  person *reps;
};

/* The last one before `end`. */
static pl_wall midnight_of(uint32_t rep, pl_wall end) {
  for (size_t i = 0; i < PL_COUNT(offsets); i++) {
    if (strcmp(offsets[i].zone, company_zone(rep)) != 0) continue;
    pl_wall local = {TALLY_MIDNIGHT.ms - offsets[i].ahead_ms};
    return pl_before(end, local) ? pl_wall_minus(local, day) : local;
  }
  PL_ASSERT(!"an offset is known for each zone of the company");
  return end;
}

tally *tally_new(uint32_t reps, pl_wall end) {
  tally *t = PL_NEW(tally);
  *t = (tally){.n = reps, .reps = pl_alloc(reps * sizeof *t->reps)};
  for (uint32_t rep = 0; rep < reps; rep++) t->reps[rep].midnight = midnight_of(rep, end);
  return t;
}

void tally_free(tally **t) {
  if (!*t) return;
  pl_release((*t)->reps, (*t)->n * sizeof *(*t)->reps);
  PL_FREE(*t);
}

static void add(sums *s, company_deed deed) {
  s->counts[deed.kind]++;
  s->cents += deed.cents;
}

void tally_add(tally *t, uint32_t rep, pl_wall at, company_deed deed) {
  person *p = &t->reps[rep];
  add(&p->windows[pl_before(at, TALLY_MIDNIGHT) ? WEDNESDAY : THURSDAY], deed);
  if (!pl_before(at, p->midnight)) add(&p->windows[LOCAL], deed);
}

bool tally_write(const tally *t, const char *path) {
  static const char *const names[WINDOWS] = {"2026-10-14", "2026-10-15", "local"};
  FILE *f = fopen(path, "w");
  if (!f) return false;
  for (uint32_t rep = 0; rep < t->n; rep++)
    for (int w = 0; w < WINDOWS; w++) {
      const sums *s = &t->reps[rep].windows[w];
      char id[COMPANY_ID];
      company_rep_id(id, rep);
      (void)fprintf(f, "%s %s", id, names[w]);
      for (int kind = 0; kind < COMPANY_KINDS; kind++) (void)fprintf(f, " %" PRIu32, s->counts[kind]);
      (void)fprintf(f, " %" PRId64 "\n", s->cents);
    }
  return fclose(f) == 0;
}
