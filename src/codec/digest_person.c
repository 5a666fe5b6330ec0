/* One rep or team of a digest: what its view says, and what is said of that. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "codec/digest_inside.h"
#include "codec/when.h"

static const int64_t TO_ANSWER_MS = 3600000; /* the rep has it so long to themselves */

enum { GOALS_MAX = 1280 };

/* What a view shows of a goal; "": nothing. */
typedef struct {
  pl_str goal, metric, period, state, actual, target, chance, needed, gap, owner, proposed_by, direction;
} row;

static const struct {
  const char *figure;
  size_t at;
} figures[] = {{"metric", offsetof(row, metric)},       {"period", offsetof(row, period)},
               {"state", offsetof(row, state)},         {"actual", offsetof(row, actual)},
               {"target", offsetof(row, target)},       {"chance", offsetof(row, chance)},
               {"needed_today", offsetof(row, needed)}, {"gap", offsetof(row, gap)},
               {"owner", offsetof(row, owner)},         {"proposed_by", offsetof(row, proposed_by)},
               {"direction", offsetof(row, direction)}};

/* Who it is, and their goals in the order of their names. */
typedef struct {
  pl_digest *digest;
  pl_str id, name, team;
  bool is_team;
  int64_t answers;
  row *rows;
  size_t n, room;
} person;

/* --- a view, read */

static row *find(const person *p, pl_str goal) {
  for (size_t i = 0; i < p->n; i++)
    if (pl_str_eq(p->rows[i].goal, goal)) return &p->rows[i];
  return NULL;
}

static row *row_of(person *p, pl_str goal) {
  row *known = find(p, goal);
  if (known) return known;
  if (p->n == GOALS_MAX) return NULL;
  if (p->n == p->room) {
    size_t room = p->room ? 2 * p->room : 16;
    p->rows = pl_resize(p->rows, p->room * sizeof *p->rows, room * sizeof *p->rows);
    p->room = room;
  }
  p->rows[p->n] = (row){.goal = goal};
  return &p->rows[p->n++];
}

/* goal:<goal>:<figure>; of a milestone the goal has a colon, too. */
static void read_goal(person *p, pl_str field, pl_str value) {
  const size_t head = strlen("goal:");
  size_t colon = field.n;
  while (colon > head && field.p[colon - 1] != ':') colon--;
  if (colon <= head) return;
  for (size_t i = 0; i < PL_COUNT(figures); i++)
    if (pl_str_is((pl_str){field.p + colon, field.n - colon}, figures[i].figure)) {
      row *r = row_of(p, (pl_str){field.p + head, colon - 1 - head});
      if (r) *(pl_str *)((char *)r + figures[i].at) = value;
    }
}

static int by_name(const void *a, const void *b) {
  pl_str x = ((const row *)a)->goal, y = ((const row *)b)->goal;
  int order = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
  return order ? order : (x.n > y.n) - (x.n < y.n);
}

static void read_view(person *p, const pl_reply *view) {
  p->name = p->id;
  for (size_t i = 1; i < view->n; i += 2) {
    pl_str field = view->items[i - 1].s, value = view->items[i].s;
    if (!pl_str_clean(field) || !pl_str_clean(value)) continue;
    if (pl_str_is(field, "name") && value.n) p->name = value;
    if (pl_str_is(field, "team")) p->team = value;
    if (pl_str_is(field, "answers")) (void)pl_str_int(value, &p->answers);
    if (field.n > 5 && memcmp(field.p, "goal:", 5) == 0) read_goal(p, field, value);
  }
  if (p->n) qsort(p->rows, p->n, sizeof *p->rows, by_name);
}

/* --- what is remembered of it: the answers, then a goal a line: name, state, actual, owner, who proposed */

static void put_known(const person *p, pl_buf *out) {
  size_t mark = out->n;
  pl_buf_text(out, p->is_team ? "team:" : "rep:"), pl_buf_str_put(out, p->id), pl_buf_char(out, 0);
  pl_buf_int(out, p->answers), pl_buf_char(out, '\n');
  for (size_t i = 0; i < p->n; i++) {
    const row *r = &p->rows[i];
    const pl_str words[] = {r->goal, r->state, r->actual, r->owner, r->proposed_by};
    if (!r->state.n) continue;
    for (size_t k = 0; k < PL_COUNT(words); k++)
      pl_buf_str_put(out, words[k]), pl_buf_char(out, k + 1 < PL_COUNT(words) ? '\t' : '\n');
  }
  pl_buf_char(out, 0);
  if (out->full) out->n = mark; /* of those behind it nothing is compared */
}

static pl_str line_of(pl_str *text) {
  const char *end = text->n ? memchr(text->p, '\n', text->n) : NULL;
  pl_str line = {text->p, end ? (size_t)(end - text->p) : text->n};
  size_t gone = line.n + (end != NULL);
  if (gone) text->p += gone, text->n -= gone;
  return line;
}

static pl_str word_of(pl_str *line) {
  const char *end = line->n ? memchr(line->p, '\t', line->n) : NULL;
  pl_str word = {line->p, end ? (size_t)(end - line->p) : line->n};
  size_t gone = word.n + (end != NULL);
  if (gone) line->p += gone, line->n -= gone;
  return word;
}

/* Was the goal there? */
static bool before(const person *p, pl_str goal, row *out) {
  pl_str text = pl_buf_str(&p->digest->before);
  (void)line_of(&text);
  while (text.n) {
    pl_str line = line_of(&text);
    *out = (row){.goal = word_of(&line)};
    out->state = word_of(&line), out->actual = word_of(&line);
    out->owner = word_of(&line), out->proposed_by = word_of(&line);
    if (pl_str_eq(out->goal, goal)) return true;
  }
  return false;
}

/* --- items */

static void put_text(json_t *item, const char *name, pl_str text) {
  if (text.n) json_object_set_new(item, name, json_stringn(text.p, text.n));
}

static void put_number(json_t *item, const char *name, pl_str text) {
  double v;
  if (!pl_str_double(text, &v)) return;
  bool whole = v > -1e15 && v < 1e15 && fabs(v - rint(v)) <= 0;
  json_object_set_new(item, name, whole ? json_integer((json_int_t)v) : json_real(v));
}

static json_t *item_of(const person *p) {
  json_t *item = json_object();
  put_text(item, "entity", p->id), put_text(item, "name", p->name);
  json_object_set_new(item, "entity_kind", json_string(p->is_team ? "team" : "rep"));
  return item;
}

/* With what its amounts are amounts of. */
static json_t *goal_item(const person *p, const row *r) {
  json_t *item = item_of(p);
  int m = pl_policy_metric(p->digest->policy, r->metric);
  put_text(item, "goal", r->goal), put_text(item, "metric", r->metric), put_text(item, "period", r->period);
  if (r->direction.n) json_object_set_new(item, "lower", json_true());
  json_object_set_new(item, "figures", json_object());
  if (m < 0) return item;
  const pl_metric *metric = &p->digest->policy->metrics[m];
  if (metric->unit_text) put_text(item, "unit", pl_str_of(metric->unit_text));
  json_object_set_new(item, "decimals", json_integer(metric->decimals));
  if (pl_metric_is_gauge(metric)) json_object_set_new(item, "gauge", json_true());
  return item;
}

static void put(const person *p, int section, double rank, json_t *item) {
  char *text = json_dumps(item, JSON_COMPACT);
  if (text) pl_digest_put(p->digest, section, rank, p->name, pl_str_of(text));
  free(text);
  json_decref(item);
}

static json_t *figures_of(json_t *item) { return json_object_get(item, "figures"); }

/* --- what is said */

static bool is_among(pl_str state, const char *const *words, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (pl_str_is(state, words[i])) return true;
  return false;
}

static bool is_good(pl_str state) {
  static const char *const words[] = {"ahead", "on_pace", "met", "exceeded"};
  return is_among(state, words, PL_COUNT(words));
}

static bool is_bad(pl_str state) {
  static const char *const words[] = {"at_risk", "behind", "missed"};
  return is_among(state, words, PL_COUNT(words));
}

static bool is_milestone(const row *r) { return memchr(r->goal.p, '@', r->goal.n) != NULL; }

static pl_str said(const json_t *concern, const char *name) {
  const char *text = json_string_value(json_object_get(concern, name));
  return pl_str_of(text ? text : "");
}

/* A team's concern was the manager's from the start; a rep's is the rep's own first. */
static bool may_hear(const person *p, const json_t *concern) {
  static const char *const told[] = {"told", "answered"};
  pl_str step = said(concern, "step");
  pl_when when;
  if (pl_str_is(step, "manager")) return true;
  if (!is_among(step, told, PL_COUNT(told))) return false;
  if (p->is_team) return true;
  if (p->digest->policy->alerts.turn != PL_TURN_DIGEST) return false;
  return pl_str_is(step, "answered") ||
         (pl_when_iso(said(concern, "told"), &when) && when.ms <= p->digest->at.ms - TO_ANSWER_MS);
}

/* As an entry would say it. */
static bool may_tell(const person *p, json_t *concern) {
  pl_post *post = NULL;
  put_text(concern, "team_id", p->team);
  char *text = json_dumps(concern, JSON_COMPACT);
  bool may = text && pl_post_read(&post, pl_str_of(text), NULL) == PL_OK;
  if (may && p->digest->may) {
    pl_post_put(post, "audience", pl_audience_name(PL_TO_MANAGER));
    may = p->digest->may(p->digest->ctx, post);
  }
  pl_post_free(&post), free(text);
  return may;
}

/* The view may not have the goal any more. */
static void say_help(const person *p, const json_t *concern) {
  const row *shown = find(p, said(concern, "goal"));
  row r = shown ? *shown : (row){0};
  r.goal = said(concern, "goal"), r.metric = said(concern, "metric"), r.period = said(concern, "period");
  json_t *item = goal_item(p, &r), *of = figures_of(item);
  put_number(of, "actual", r.actual), put_number(of, "target", r.target);
  put_number(of, "chance", r.chance), put_number(of, "needed_today", r.needed);
  put_text(item, "id", said(concern, "alert"));
  put_text(item, "plan", said(concern, "plan")), put_text(item, "since", said(concern, "since"));
  json_t *answer = json_object_get(concern, "answer");
  if (answer) json_object_set(item, "answer", answer);
  double chance = 1;
  (void)pl_str_double(r.chance, &chance);
  put(p, PL_DIGEST_HELP, chance, item);
}

/* True: there is something to help with. */
static bool say_concerns(const person *p) {
  bool any = false;
  for (pl_str rest = pl_buf_str(&p->digest->concerns); rest.n;) {
    pl_str line = line_of(&rest);
    json_t *concern = json_loadb(line.p, line.n, 0, NULL);
    if (json_is_object(concern) && may_hear(p, concern) && may_tell(p, concern))
      say_help(p, concern), any = true;
    json_decref(concern);
  }
  return any;
}

/* Who is well is named with what lies nearest. */
static void say_pace(const person *p) {
  const row *best = NULL;
  pl_unit unit = PL_YEAR, shortest = PL_YEAR;
  int32_t index;
  for (size_t i = 0; i < p->n; i++) {
    const row *r = &p->rows[i];
    if (is_milestone(r)) continue;
    if (is_bad(r->state)) return;
    if (!is_good(r->state) || !pl_period_parse(r->period, &unit, &index)) continue;
    if (!best || unit < shortest) best = r, shortest = unit;
  }
  if (!best) return;
  json_t *item = goal_item(p, best);
  put_number(figures_of(item), "actual", best->actual), put_number(figures_of(item), "target", best->target);
  put(p, PL_DIGEST_ON_PACE, 0, item);
}

static void say_improvement(const person *p, const row *now, const row *then) {
  if (is_milestone(now) || !is_bad(then->state) || !is_good(now->state)) return;
  json_t *item = goal_item(p, now);
  put_number(figures_of(item), "actual", now->actual), put_number(figures_of(item), "line", then->actual);
  put(p, PL_DIGEST_IMPROVED, 0, item);
}

static void say_initiative(const person *p, pl_str goal, const char *reason, int64_t count) {
  json_t *item = item_of(p);
  put_text(item, "goal", goal), put_text(item, "reason", pl_str_of(reason));
  if (count) json_object_set_new(item, "count", json_integer(count));
  put(p, PL_DIGEST_INITIATIVE, 0, item);
}

/* A goal of their own that is there or waits for a yes, and one of others that they said yes to. */
static void say_word(const person *p, const row *now, const row *then) {
  bool waits = pl_str_is(now->proposed_by, "rep"), waited = pl_str_is(then->proposed_by, "rep");
  bool own = pl_str_is(now->owner, "rep"), agreed = pl_str_is(now->owner, "agreed") && !now->proposed_by.n;
  bool was = pl_str_is(then->owner, "agreed") && !then->proposed_by.n;
  if (is_milestone(now)) return;
  if ((waits && !waited) || (own && !waits && !waited && !pl_str_is(then->owner, "rep")))
    say_initiative(p, now->goal, "proposed", 0);
  if (agreed && !was) say_initiative(p, now->goal, "agreed", 0);
}

/* Since the digest before; of who was not in it there is nothing to compare. */
static void say_changes(const person *p) {
  pl_str text = pl_buf_str(&p->digest->before);
  int64_t answers = 0;
  if (!text.n) return;
  if (pl_str_int(line_of(&text), &answers) && answers < p->answers)
    say_initiative(p, (pl_str){0}, "answered", p->answers - answers);
  for (size_t i = 0; i < p->n; i++) {
    row then;
    if (!before(p, p->rows[i].goal, &then)) then = (row){0};
    say_improvement(p, &p->rows[i], &then);
    if (!p->is_team) say_word(p, &p->rows[i], &then);
  }
}

static void say_gaps(const person *p) {
  for (size_t i = 0; i < p->n; i++) {
    const row *r = &p->rows[i];
    if (!r->gap.n || r->gap.p[0] != '-') continue;
    json_t *item = goal_item(p, r);
    put_number(figures_of(item), "target", r->target), put_number(figures_of(item), "gap", r->gap);
    put(p, PL_DIGEST_GAP, 0, item);
  }
}

void pl_digest_take(pl_digest *d, pl_str id, bool is_team, const pl_reply *view) {
  person p = {.digest = d, .id = id, .is_team = is_team};
  if (view->kind == PL_REPLY_ARRAY && view->n) {
    read_view(&p, view);
    if (!say_concerns(&p)) say_pace(&p);
    say_changes(&p), say_gaps(&p);
    put_known(&p, &d->known);
  }
  pl_release(p.rows, p.room * sizeof *p.rows);
  pl_buf_clear(&d->before), pl_buf_clear(&d->concerns);
}
