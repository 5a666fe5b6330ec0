/* The recorded state of a rep, bucket by bucket: what a view shows of days is a sum over a few of them, and
 * the chance of a goal goes by sixty. The record is decoded by those who read it at a takeover; what must be
 * in it comes from the recount. */
#include <stdio.h>

#include "cli/verify_inside.h"
#include "codec/record.h"
#include "core/cell.h"
#include "paceline/period.h"

/* What the days up to `newest` hold of a metric. */
static void add_up(const pl_person *p, size_t metric, int32_t newest, int64_t days[PL_DAYS_KEPT]) {
  for (size_t i = 0; i < p->ledger->n; i++) {
    const pl_entry *e = &p->ledger->entries[i];
    if (e->metric == metric && e->position < p->upto && (e->units >> PL_DAY & 1) &&
        newest - e->day < PL_DAYS_KEPT)
      days[newest - e->day] += e->amount;
  }
}

static void compare_days(pl_verifying *v, const pl_sight *s, const pl_subject *recorded, size_t metric) {
  const pl_metric *m = &v->config->policy.metrics[metric];
  int32_t newest = pl_tally_newest(&s->who, metric, PL_DAY);
  int64_t days[PL_DAYS_KEPT] = {0};
  if (!pl_metric_adds(m) || m->hidden || newest == INT32_MIN) return;
  add_up(s->who.people[0], metric, newest, days);
  for (int32_t back = 0; back < PL_DAYS_KEPT; back++) {
    int32_t day = newest - back;
    int64_t found = pl_subject_at(recorded, (int)metric, PL_DAY, day);
    if (!pl_differ_reaches(s->back, PL_DAY, day)) break;
    v->one.days++;
    if (found == days[back]) continue;
    char name[PL_ID_MAX + 64], when[PL_PERIOD_TEXT_MAX], wanted[32], is[32];
    (void)snprintf(name, sizeof name, "recorded %s:%s", m->name, pl_period_text(PL_DAY, day, when));
    pl_buf texts[] = {{wanted, 0, sizeof wanted - 1, sizeof wanted - 1, false},
                      {is, 0, sizeof is - 1, sizeof is - 1, false}};
    pl_buf_decimal(&texts[0], days[back], m->decimals), pl_buf_decimal(&texts[1], found, m->decimals);
    wanted[texts[0].n] = 0;
    pl_str text = pl_buf_str(&texts[1]);
    pl_differ_text(&v->one, s->key, name, wanted, &text);
  }
}

void pl_verify_record(pl_verifying *v, const pl_sight *s, pl_str record) {
  const pl_person *p = s->who.people[0];
  pl_core *core =
      pl_core_new(&v->config->policy, pl_census_almanac(v->census), pl_census_teams(v->census), p->home);
  pl_subject *recorded = pl_core_subject(core, p->fact.id, false);
  pl_err err;
  if (pl_record_decode(recorded, record, &err) != PL_OK)
    pl_differ_text(&v->one, s->key, "recorded state", "a record that decodes",
                   &(pl_str){err.text, strlen(err.text)});
  else if (p->ledger)
    for (size_t m = 0; m < v->config->policy.nmetrics; m++) compare_days(v, s, recorded, m);
  pl_core_free(&core);
}
