/* While the daemon runs, each rep is compared at the place in the log that their own recorded state names,
 * and not earlier than the mark; who had events after the log was read is said not to be compared. A team has
 * no such place: it is compared if none of its members had events beyond the marks, and one that differs is
 * looked at again for some seconds, because its home adds up a moment later. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/mem.h"
#include "cli/verify_inside.h"
#include "codec/record.h"
#include "core/reading.h"

enum { LOOKS = 15 };
static const struct timespec PAUSE = {.tv_nsec = 200000000};

static const pl_reply *hash_of(pl_verifying *v, const pl_key *key) {
  return pl_query_ask(v->redis, 2, (pl_str[]){PL_STR("HGETALL"), pl_key_str(key)});
}

/* --- reps */

typedef struct {
  const pl_verifying *v;
  const pl_person *person;
  const pl_team *team;
} place;

static const pl_zone *zone_of(void *ctx, pl_wall at) {
  const place *w = ctx;
  return w->person ? pl_census_zone(w->v->census, w->person, at) : pl_census_team_zone(w->v->census, w->team);
}

static const pl_reply *state_of(pl_verifying *v, const pl_person *p) {
  pl_key key = pl_key_state(v->prefix, p->home, pl_key_bucket(p->fact.id));
  char field[PL_ID_MAX + 8];
  (void)snprintf(field, sizeof field, "r:%.*s", (int)p->fact.id.n, p->fact.id.p);
  return pl_query_ask(v->redis, 3, (pl_str[]){PL_STR("HGET"), pl_key_str(&key), pl_str_of(field)});
}

/* Of the last event that a recorded state holds; -1: it holds none. */
static int64_t place_of(const pl_reply *state) {
  int64_t offset;
  return state->kind == PL_REPLY_TEXT && pl_record_offset(state->s, &offset) ? offset : -1;
}

/* What a rep's fields on the boards of today's team say. */
static void compare_boards(pl_verifying *v, const pl_sight *s, pl_wall at) {
  const pl_policy *policy = &v->config->policy;
  const pl_person *p = s->who.people[0];
  int32_t day = pl_census_day(v->census, p, at);
  pl_str team = pl_person_team(p, day);
  for (size_t i = 0; i < policy->nboards && team.n; i++) {
    const pl_board_def *b = &policy->boards[i];
    pl_unit unit = pl_window_kinds[b->window].unit;
    int32_t index = pl_unit_index(v->config, unit, at, day);
    if (!pl_differ_reaches(v->back[p->home], unit, index)) continue;
    pl_key key = pl_key_board(v->prefix, team, pl_str_of(policy->metrics[b->metric].name), unit, index);
    pl_figure figure = pl_tally(&s->who, (size_t)b->metric, b->window, PL_SHOWN, index);
    if (figure.whole) figure.value = (double)figure.scaled / pow(10, figure.decimals);
    if (figure.absent) figure.value = 0;                           /* everybody is there... */
    figure.absent = p->fact.recognition_off, figure.whole = false; /* ...with a score, which is a double */
    char text[64], id[PL_ID_MAX + 1];
    pl_buf expected = {text, 0, sizeof text - 1, sizeof text - 1, false};
    pl_figure_text(&figure, &expected);
    text[expected.n] = 0;
    (void)snprintf(id, sizeof id, "%.*s", (int)p->fact.id.n, p->fact.id.p);
    const pl_reply *r = pl_query_ask(v->redis, 3, (pl_str[]){PL_STR("ZSCORE"), pl_key_str(&key), p->fact.id});
    const pl_str *found = r->kind == PL_REPLY_TEXT ? &r->s : NULL;
    if (found ? pl_figure_is(&figure, found) : figure.absent)
      v->one.fields++;
    else
      pl_differ_text(&v->one, pl_key_str(&key), id, text, found);
  }
}

typedef enum {
  COMPARED,
  LATE,    /* its midnight should have been judged: it may be on its way */
  MOVING,  /* an event came meanwhile */
  BEYOND,  /* events came that were not read */
  TURNING, /* its midnight cannot be judged yet */
} outcome;

static outcome compare_rep_once(pl_verifying *v, pl_person *p) {
  const int64_t end = v->ends[p->home] > v->marks[p->home] ? v->ends[p->home] : v->marks[p->home];
  int64_t position = place_of(state_of(v, p)), marked = v->marks[p->home] * PL_EVENTS_MAX;
  p->upto = position >= marked ? position + 1 : marked;
  if (position >= end * PL_EVENTS_MAX) return BEYOND;
  pl_key key = pl_key_rep(v->prefix, p->fact.id);
  place where = {v, p, NULL};
  const pl_sight s = {pl_key_str(&key), {v->config, &p, 1, {0}}, zone_of, &where, v->back[p->home]};
  pl_wall at = PL_BEGINNING, midnight;
  pl_findings_clear(&v->one);
  const pl_reply *view = hash_of(v, &key);
  if (p->fact.erased) {
    if (view->n) pl_differ_text(&v->one, s.key, "as_of", "nothing: erased", pl_reply_field(view, "as_of"));
    return COMPARED;
  }
  bool late = pl_differ_turning(&s, view, &midnight);
  pl_differ_view(&v->one, &s, view);
  pl_differ_text(&v->one, s.key, "known", p->known ? "1" : "0", pl_reply_field(view, "known"));
  if (pl_differ_as_of(view, &at)) {
    char team[PL_ID_MAX + 1];
    pl_str in = pl_person_team(p, pl_census_day(v->census, p, at));
    (void)snprintf(team, sizeof team, "%.*s", (int)in.n, in.n ? in.p : "");
    pl_differ_text(&v->one, s.key, "team", team, pl_reply_field(view, "team"));
  }
  if (late) return pl_before(pl_verify_time(v, p->home, PL_STR("complete_to")), midnight) ? TURNING : LATE;
  if (at.ms != INT64_MIN) compare_boards(v, &s, at);
  const pl_reply *state = state_of(v, p);
  if (place_of(state) != position) return MOVING;
  if (state->kind == PL_REPLY_TEXT) pl_verify_record(v, &s, state->s);
  return COMPARED;
}

void pl_verify_rep(pl_verifying *v, pl_person *p) {
  outcome what = MOVING;
  for (int look = 0; look < LOOKS && (what == LATE || what == MOVING); look++) {
    if (look) (void)nanosleep(&PAUSE, NULL);
    what = compare_rep_once(v, p);
  }
  v->moving += what == MOVING || what == BEYOND, v->turning += what == TURNING;
  if (what != COMPARED && what != LATE) return;
  v->reps++;
  pl_findings_add(&v->all, &v->one);
}

/* --- teams */

/* All who ever counted for a team. */
typedef struct {
  pl_person **people;
  size_t n, room;
} members;

static void put_member(pl_map *by_team, pl_str team, pl_person *p) {
  void **slot = pl_map_put(by_team, team);
  if (!*slot) *slot = PL_NEW(members);
  members *m = *slot;
  if (m->n && m->people[m->n - 1] == p) return; /* came back */
  if (m->n == m->room) {
    size_t room = m->room ? 2 * m->room : 8;
    m->people = pl_resize(m->people, m->room * sizeof(pl_person *), room * sizeof(pl_person *));
    m->room = room;
  }
  m->people[m->n++] = p;
}

static void compare_team_once(pl_verifying *v, const pl_team *team, const members *m) {
  int64_t today = 0;
  pl_wall at, back = v->since;
  for (int32_t p = 0; p < v->partitions; p++) back = pl_later(back, v->back[p]);
  pl_findings_clear(&v->one);
  /* which of its two keys goes by today's members, and today by the view: the same for both */
  pl_key keys[] = {pl_key_team(v->prefix, pl_str_of(team->id), false),
                   pl_key_team(v->prefix, pl_str_of(team->id), true)};
  int which = hash_of(v, &keys[0])->n ? 0 : 1;
  const pl_reply *view = hash_of(v, &keys[which]);
  place where = {v, NULL, team};
  const pl_sight s = {
      pl_key_str(&keys[which]), {v->config, m->people, m->n, pl_str_of(team->id)}, zone_of, &where, back};
  pl_differ_view(&v->one, &s, view);
  if (!pl_differ_as_of(view, &at)) return;
  for (size_t i = 0; i < m->n; i++)
    today += pl_str_is(pl_person_team(m->people[i], pl_census_day(v->census, m->people[i], at)), team->id);
  char text[24];
  (void)snprintf(text, sizeof text, "%lld", (long long)today);
  pl_differ_text(&v->one, s.key, "members", text, pl_reply_field(view, "members"));
  bool is_private = which == 1, must_be = today < PL_SMALL_TEAM;
  if (is_private != must_be)
    pl_differ_text(&v->one, s.key, "as_of", must_be ? "nothing: a team of one or two is private" : "nothing",
                   pl_reply_field(view, "as_of"));
}

static bool marks_moved(pl_verifying *v) {
  int64_t *now = pl_alloc((size_t)v->partitions * sizeof *now);
  pl_err err;
  bool moved = pl_verify_marks(v, now, &err) != PL_OK;
  for (int32_t p = 0; p < v->partitions; p++) moved |= now[p] > v->ends[p] && now[p] > v->marks[p];
  pl_release(now, (size_t)v->partitions * sizeof *now);
  return moved;
}

static void verify_team(pl_verifying *v, const pl_team *team, const members *m) {
  bool moving = false, mixed = false, uncounted = false;
  for (size_t i = 0; i < m->n; i++) {
    pl_person *p = m->people[i];
    const pl_ledger *h = p->ledger;
    p->upto = INT64_MAX, mixed |= p->fact.erased, uncounted |= v->uncounted[p->home];
    moving |= h && h->n && h->entries[h->n - 1].position >= v->marks[p->home] * PL_EVENTS_MAX;
  }
  v->unmarked += uncounted;
  if (uncounted) return;
  for (int look = 0; look < LOOKS && !moving && !mixed; look++) {
    if (look) (void)nanosleep(&PAUSE, NULL);
    compare_team_once(v, team, m);
    if (v->one.differ == 0) break;
    moving = marks_moved(v);
  }
  v->moving += moving && !mixed, v->mixed += mixed;
  if (moving || mixed) return;
  v->teams++;
  pl_findings_add(&v->all, &v->one);
}

void pl_verify_teams(pl_verifying *v) {
  pl_map by_team = {0};
  pl_person **people;
  size_t n = pl_census_people(v->census, &people);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < people[i]->fact.nmemberships; k++)
      put_member(&by_team, people[i]->fact.memberships[k].what, people[i]);
  for (const pl_team *t = NULL; (t = pl_teams_next(pl_census_teams(v->census), t));) {
    const members *m = pl_map_find(&by_team, pl_str_of(t->id));
    if (pl_verify_can(v, pl_census_home(v->census, pl_str_of(t->id))))
      verify_team(v, t, m ? m : &(members){0});
  }
  for (pl_map_slot *s = NULL; (s = pl_map_next(&by_team, s));) {
    members *m = s->value;
    pl_release(m->people, m->room * sizeof(pl_person *));
    PL_FREE(m);
  }
  pl_map_fini(&by_team);
}

/* --- dead letters */

static int64_t number(const char **at) {
  int64_t n = 0;
  for (; **at >= '0' && **at <= '9'; ++*at) n = 10 * n + (**at - '0');
  if (**at) ++*at;
  return n;
}

/* Of partitions whose log is whole: where it is not, what was late is not known. */
static bool is_judged(const pl_verifying *v, const char *letter) {
  int64_t p = number(&letter), offset = number(&letter);
  return p < v->partitions && v->back[p].ms == INT64_MIN && offset < v->marks[p];
}

void pl_verify_letters(pl_verifying *v) {
  const pl_map *maps[] = {&v->recount.expected, &v->recount.told};
  if (!v->recount.has_letters) return;
  for (int i = 0; i < 2; i++)
    for (pl_map_slot *s = NULL; (s = pl_map_next(maps[i], s));) {
      pl_str letter = {s->key, s->key_len};
      if (!is_judged(v, s->key) || (i == 0 && v->letters_deleted)) continue;
      v->all.fields += i == 0;
      if (pl_map_find(maps[!i], letter)) continue;
      v->all.differ++;
      pl_buf_printf(&v->all.lines, "%s %s: expected %s, found %s\n", v->config->kafka.topics.dead_letters,
                    s->key, i ? "nothing" : "a letter", i ? "a letter" : "nothing");
    }
}

/* --- views of nobody */

typedef struct {
  pl_verifying *v;
  pl_map keys; /* of all who are known */
} known;

static void on_view(void *ctx, pl_str key, pl_str none) {
  known *k = ctx;
  const pl_str view = PL_STR("a view");
  (void)none;
  if (!pl_map_find(&k->keys, key)) pl_differ_text(&k->v->one, key, "of nobody", "nothing", &view);
}

/* Where every log is whole, whoever has a view is known by a record. */
void pl_verify_strays(pl_verifying *v) {
  pl_person **people;
  known k = {.v = v};
  size_t n = pl_census_people(v->census, &people);
  for (int32_t p = 0; p < v->partitions; p++)
    if (v->back[p].ms != INT64_MIN) return;
  pl_findings_clear(&v->one);
  for (size_t i = 0; i < n; i++) {
    pl_key key = pl_key_rep(v->prefix, people[i]->fact.id);
    *pl_map_put(&k.keys, pl_key_str(&key)) = v;
  }
  pl_key all = pl_key_rep(v->prefix, PL_STR("_"));
  all.text[all.n - 1] = '*';
  pl_query_scan(v->redis, (pl_str){0}, pl_key_str(&all), on_view, &k);
  pl_map_fini(&k.keys);
  if (!marks_moved(v)) pl_findings_add(&v->all, &v->one);
}
