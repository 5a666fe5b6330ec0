#include "cli/views.h"

#include <hiredis/hiredis.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "codec/keys.h"
#include "codec/when.h"

enum {
  LOOK_AGAIN = 8 /* readings after which new reps are looked for */,
  GOALS_MAX = 32,
  ALERTS_AT_ONCE = 500
};

typedef struct {
  char *key;
  bool is_team;
  char name[PL_BOARD_NAME_MAX];
} view;

struct pl_views {
  redisContext *redis;
  char prefix[64], last[64]; /* of the stream of alerts: the id read last */
  view views[2 * PL_BOARD_ROWS_MAX];
  size_t n;
  int readings;
};

static pl_status lost(pl_views *v, pl_err *err) {
  return pl_fail(err, PL_AGAIN, "redis: %s",
                 v->redis->err ? v->redis->errstr : "an answer of another kind than expected");
}

pl_status pl_views_new(pl_views **out, const char *host, int port, const char *prefix, pl_err *err) {
  pl_views *v = *out = PL_NEW(pl_views);
  (void)snprintf(v->prefix, sizeof v->prefix, "%s", prefix);
  (void)snprintf(v->last, sizeof v->last, "0");
  v->redis = redisConnectWithTimeout(host, port, (struct timeval){5, 0});
  PL_ASSERT(v->redis);
  if (!v->redis->err && redisSetTimeout(v->redis, (struct timeval){5, 0}) == REDIS_OK) return PL_OK;
  pl_status status = pl_fail(err, PL_AGAIN, "redis %s:%d: %s; is it running?", host, port, v->redis->errstr);
  pl_views_free(out);
  return status;
}

static void forget(pl_views *v) {
  while (v->n) {
    char *key = v->views[--v->n].key;
    pl_release(key, strlen(key) + 1);
  }
}

void pl_views_free(pl_views **views) {
  if (!*views) return;
  forget(*views);
  redisFree((*views)->redis);
  PL_FREE(*views);
}

static int by_key(const void *a, const void *b) {
  return strcmp(((const view *)a)->key, ((const view *)b)->key);
}

/* SCAN may name a key twice. */
static void drop_repeated(pl_views *v) {
  size_t n = 0;
  qsort(v->views, v->n, sizeof *v->views, by_key);
  for (size_t i = 0; i < v->n; i++) {
    if (n && strcmp(v->views[n - 1].key, v->views[i].key) == 0)
      pl_release(v->views[i].key, strlen(v->views[i].key) + 1);
    else
      v->views[n++] = v->views[i];
  }
  v->n = n;
}

static pl_status look(pl_views *v, bool teams, pl_err *err) {
  char cursor[32] = "0";
  do {
    redisReply *r =
        redisCommand(v->redis, "SCAN %s MATCH %s:%s:* COUNT 1000", cursor, v->prefix, teams ? "team" : "rep");
    if (!r || r->type != REDIS_REPLY_ARRAY || r->elements != 2) {
      freeReplyObject(r);
      return lost(v, err);
    }
    (void)snprintf(cursor, sizeof cursor, "%s", r->element[0]->str);
    for (size_t i = 0; i < r->element[1]->elements && v->n < PL_COUNT(v->views); i++) {
      const redisReply *key = r->element[1]->element[i];
      v->views[v->n++] = (view){.key = memcpy(pl_alloc(key->len + 1), key->str, key->len), .is_team = teams};
    }
    freeReplyObject(r);
  } while (strcmp(cursor, "0") != 0);
  return PL_OK;
}

/* --- a view's hash -> rows */

static void take(char *out, size_t room, const char *text) { (void)snprintf(out, room, "%s", text); }

static double number(const char *text) {
  double v = NAN;
  (void)pl_str_double(pl_str_of(text), &v);
  return v;
}

static pl_wall instant(const char *text) {
  pl_when when;
  return pl_when_iso(pl_str_of(text), &when) ? (pl_wall){when.ms} : PL_BEGINNING;
}

/* "2026-06-02" is a day, "2026-W23" a week. */
static const char *unit_of(const char *period) {
  size_t n = strlen(period);
  return strchr(period, 'W')   ? "week"
         : strchr(period, 'Q') ? "quarter"
         : n == 10             ? "day"
         : n == 7              ? "month"
                               : "year";
}

typedef struct {
  pl_str name; /* the goal's; borrows from the reply */
  const char *metric, *period;
  pl_board_row row;
} goal;

static goal *goal_of(goal *goals, size_t *n, pl_str name) {
  for (size_t i = 0; i < *n; i++)
    if (pl_str_eq(goals[i].name, name)) return &goals[i];
  if (*n == GOALS_MAX) return NULL;
  goals[*n] = (goal){.name = name, .metric = "", .period = ""};
  pl_board_row *row = &goals[*n].row;
  row->actual = row->line = row->target = row->pace = row->chance = row->needed = NAN;
  return &goals[(*n)++];
}

static void take_figure(goal *g, const char *figure, const char *value) {
  pl_board_row *row = &g->row;
  const struct {
    const char *name;
    double *at;
  } numbers[] = {{"actual", &row->actual}, {"line", &row->line},     {"target", &row->target},
                 {"pace", &row->pace},     {"chance", &row->chance}, {"needed_today", &row->needed}};
  if (strcmp(figure, "metric") == 0) g->metric = value;
  if (strcmp(figure, "period") == 0) g->period = value;
  if (strcmp(figure, "state") == 0) row->state = pl_board_state(value);
  for (size_t i = 0; i < PL_COUNT(numbers); i++)
    if (strcmp(figure, numbers[i].name) == 0) *numbers[i].at = number(value);
}

/* The goal that needs them most becomes the row; without goals there is none. */
static void take_view(const redisReply *r, view *of, pl_board *board) {
  bool is_team = of->is_team;
  goal goals[GOALS_MAX];
  size_t n = 0;
  const char *name = "", *team = "", *members = "";
  for (size_t i = 0; i + 1 < r->elements; i += 2) {
    const char *field = r->element[i]->str, *value = r->element[i + 1]->str;
    if (strcmp(field, "name") == 0) name = value;
    if (strcmp(field, "team") == 0) team = value;
    if (strcmp(field, "members") == 0) members = value;
    if (strcmp(field, "as_of") == 0) board->now = pl_later(board->now, instant(value));
    const char *figure = strncmp(field, "goal:", 5) == 0 ? strrchr(field, ':') : NULL;
    if (!figure || figure == field + 4) continue;
    goal *g = goal_of(goals, &n, (pl_str){field + 5, (size_t)(figure - field - 5)});
    if (g) take_figure(g, figure + 1, value);
  }
  take(of->name, sizeof of->name, name);
  pl_board_row *rows = is_team ? board->teams : board->reps, *worst = NULL;
  size_t *nrows = is_team ? &board->nteams : &board->nreps;
  for (size_t i = 0; i < n; i++) {
    pl_board_row *row = &goals[i].row;
    if (!worst || pl_board_worse(row, worst)) worst = row;
    (void)snprintf(row->goal, sizeof row->goal, "%.20s, %s", goals[i].metric, unit_of(goals[i].period));
    take(row->name, sizeof row->name, name);
    if (is_team)
      (void)snprintf(row->team, sizeof row->team, "%.20s reps", members);
    else
      take(row->team, sizeof row->team, team);
  }
  if (worst && *nrows < PL_BOARD_ROWS_MAX) rows[(*nrows)++] = *worst;
}

/* A rep's view has the team's id; people know it by its name. */
static void name_teams(const pl_views *v, pl_board *board) {
  for (size_t i = 0; i < board->nreps; i++) {
    pl_key key = pl_key_team(v->prefix, pl_str_of(board->reps[i].team), false);
    const view *team = bsearch(&(view){.key = key.text}, v->views, v->n, sizeof *v->views, by_key);
    if (team && *team->name) take(board->reps[i].team, sizeof board->reps[i].team, team->name);
  }
}

/* --- alerts */

static int kind_of(const char *word) {
  int k = 0;
  while (k < PL_ALERT_KINDS && strcmp(word, pl_alert_kind_name((pl_alert_kind)k)) != 0) k++;
  return k;
}

/* A rep by name; others by what they are. */
static void name_told(const pl_views *v, const char *audience, const char *entity, pl_board_alert *a) {
  const pl_key key = pl_key_rep(v->prefix, pl_str_of(entity));
  const view *rep =
      bsearch(&(view){.key = (char *)(uintptr_t)key.text}, v->views, v->n, sizeof *v->views, by_key);
  if (strcmp(audience, pl_audience_name(PL_TO_REP)) != 0)
    (void)snprintf(a->who, sizeof a->who, "to the %.20s", audience);
  else if (rep && *rep->name)
    (void)snprintf(a->who, sizeof a->who, "to %s", rep->name);
}

static void take_alert(const pl_views *v, const redisReply *fields, pl_board *board) {
  pl_board_alert a = {.kind = PL_ALERT_KINDS, .at = PL_BEGINNING};
  const char *audience = "", *id = "", *entity = "";
  char body[2048] = "";
  for (size_t i = 0; i + 1 < fields->elements; i += 2) {
    const char *field = fields->element[i]->str, *value = fields->element[i + 1]->str;
    if (strcmp(field, "body") == 0) take(body, sizeof body, value), pl_board_gist(body);
    if (strcmp(field, "at") == 0) a.at = instant(value);
    if (strcmp(field, "kind") == 0) a.kind = kind_of(value);
    if (strcmp(field, "id") == 0) id = value;
    if (strcmp(field, "entity") == 0) entity = value;
    if (strcmp(field, "audience") == 0) audience = value;
  }
  if (a.kind == PL_ALERT_KINDS) return; /* a kind that this program does not know */
  name_told(v, audience, entity, &a);
  take(a.body, sizeof a.body, body);
  if (a.kind == PL_ALERT_BEHIND && strcmp(audience, pl_audience_name(PL_TO_REP)) == 0)
    take(a.id, sizeof a.id, id), take(a.rep, sizeof a.rep, entity);
  pl_board_tell(board, &a);
}

static pl_status read_alerts(pl_views *v, pl_board *board, pl_err *err) {
  redisReply *r =
      redisCommand(v->redis, "XREAD COUNT %d STREAMS %s:alerts %s", ALERTS_AT_ONCE, v->prefix, v->last);
  if (!r || r->type == REDIS_REPLY_ERROR) {
    freeReplyObject(r);
    return lost(v, err);
  }
  if (r->type == REDIS_REPLY_ARRAY && r->elements == 1) {
    const redisReply *entries = r->element[0]->element[1];
    for (size_t i = 0; i < entries->elements; i++) {
      take(v->last, sizeof v->last, entries->element[i]->element[0]->str);
      take_alert(v, entries->element[i]->element[1], board);
    }
  }
  freeReplyObject(r);
  return PL_OK;
}

pl_status pl_views_read(pl_views *v, pl_board *board, pl_err *err) {
  if (v->readings++ % LOOK_AGAIN == 0) {
    forget(v);
    for (int teams = 0; teams < 2; teams++) {
      pl_status status = look(v, teams, err);
      if (status != PL_OK) return status;
    }
    drop_repeated(v);
  }
  for (size_t i = 0; i < v->n; i++) (void)redisAppendCommand(v->redis, "HGETALL %s", v->views[i].key);
  board->nreps = board->nteams = 0;
  for (size_t i = 0; i < v->n; i++) {
    void *reply = NULL;
    if (redisGetReply(v->redis, &reply) != REDIS_OK) return lost(v, err);
    if (((redisReply *)reply)->type == REDIS_REPLY_ARRAY) take_view(reply, &v->views[i], board);
    freeReplyObject(reply);
  }
  name_teams(v, board);
  pl_board_sort(board);
  return read_alerts(v, board, err);
}

bool pl_views_int(pl_views *v, const char *key, const char *field, int64_t *out) {
  redisReply *r = redisCommand(v->redis, "HGET %s %s", key, field);
  bool found = r && r->type == REDIS_REPLY_STRING && pl_str_int((pl_str){r->str, r->len}, out);
  freeReplyObject(r);
  return found;
}
