/* paceline explain: why this alert, or why none; a sentence a line, for people.
 *
 * What is said of a goal is asked of the same core that judges (inspect.h), of the state that its owner has
 * recorded last; what was told, of the stream and of the outboxes. Nothing is written. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/inspect.h"
#include "codec/amount.h"
#include "codec/post.h"
#include "codec/when.h"
#include "core/talk.h"

enum { TOLD_MAX = 5, TEXT_MAX = 1 << 16 };

static const char usage[] = "usage: paceline explain -c CONFIG ALERT-ID\n"
                            "       paceline explain -c CONFIG REP-OR-TEAM GOAL\n"
                            "  Says why an alert was told, and what became of it; or where a goal stands,\n"
                            "  why nothing is told of it, and what would make it be.\n";

typedef struct {
  pl_inspect in;
  pl_goal *goal;
  const pl_metric *metric;
  pl_judge who;
  pl_figures f;
} scene;

static void say(const char *fmt, ...) PL_PRINTF(1, 2);
static void say(const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  (void)vprintf(fmt, args);
  va_end(args);
  (void)putchar('\n');
}

typedef struct {
  char text[64];
} words;

static words rounded(const pl_metric *m, double scaled, pl_rounding to) {
  words w;
  pl_buf out = {w.text, 0, sizeof w.text - 1, sizeof w.text - 1, false};
  if (!pl_amount_say(&out, m, scaled, to)) pl_buf_text(&out, "not known");
  w.text[out.n] = 0;
  return w;
}

static words amount(const pl_metric *m, double scaled) { return rounded(m, scaled, PL_NEAREST); }

static words at(const scene *s, int64_t second) {
  words w;
  (void)pl_inspect_time(&s->in, second, w.text);
  return w;
}

static words span(int64_t seconds) {
  words w;
  (void)pl_inspect_span(seconds, w.text);
  return w;
}

/* --- where the goal stands */

static void say_what(const scene *s) {
  static const char *const owners[] = {[PL_OWNER_MANAGER] = "set by the manager",
                                       [PL_OWNER_REP] = "set by the rep",
                                       [PL_OWNER_AGREED] = "agreed by both"};
  const pl_goal *g = s->goal;
  char when[PL_PERIOD_TEXT_MAX];
  const pl_subject *who = s->in.subject;
  say("%s (%s), %s: %s%s %s%s in the %s %s, %s.", who->name ? who->name : who->id, who->id, g->name,
      g->lower ? "at most " : "", amount(s->metric, (double)g->target).text,
      s->metric->unit_text ? "of " : "", s->metric->name, pl_unit_name(g->period),
      pl_period_text(g->period, g->index, when), owners[g->owner]);
  if (g->from != PL_DAY_ALWAYS)
    say("This version holds since %s.", at(s, pl_zone_instant(pl_workcal_zone(who->cal), g->from, 0)).text);
  if (g->agreed != g->target)
    say("Agreed are %s; time off leaves %s of it.", amount(s->metric, (double)g->agreed).text,
        amount(s->metric, (double)g->target).text);
  if (*g->plan) say("The plan for when it gets tight: %s", g->plan);
}

static void say_time(const scene *s) {
  const pl_goal *g = s->goal;
  int64_t now = pl_seconds(s->in.complete_to), upto = now < g->upto ? now : g->upto;
  say("It runs from %s to %s (%s): %s of working time, of which %s have passed by %s.", at(s, g->start).text,
      at(s, g->upto).text, pl_zone_name(pl_workcal_zone(s->in.subject->cal)), span(g->work).text,
      span(pl_work_between(s->in.subject->cal, g->start, upto)).text, at(s, now).text);
  int64_t age = pl_seconds(s->in.now) - now;
  say("Counted is everything before %s%s.", at(s, now).text,
      s->in.stale ? "; that is so long ago that the view shows `unknown` of whatever is not decided"
      : age > 60  ? "; what has come since is not known, and judgements wait for it"
                  : "");
}

/* How far each declared source has spoken, which is how far anybody is judged. */
static void say_sources(const scene *s) {
  const pl_policy *policy = &s->in.config->policy;
  pl_key mark = pl_key_mark(s->in.config->redis.prefix, s->in.core->partition);
  for (size_t i = 0; i < policy->nsources; i++) {
    char name[PL_ID_MAX + 16];
    int64_t ms = 0;
    (void)snprintf(name, sizeof name, "heard:%s", policy->sources[i]);
    const pl_reply *r =
        pl_query_ask(s->in.redis, 3, (pl_str[]){PL_STR("HGET"), pl_key_str(&mark), pl_str_of(name)});
    bool heard = r->kind == PL_REPLY_TEXT && pl_str_int(r->s, &ms) && ms > 0;
    if (heard)
      say("The source %s has said everything before %s.", policy->sources[i], at(s, ms / 1000).text);
    else
      say("The source %s was never heard: until it speaks, nobody is judged.", policy->sources[i]);
  }
}

static void say_line(const scene *s) {
  const pl_figures *f = &s->f;
  if (!isnan(f->line))
    say("By the line it should be %s by then; it is %s%s.", amount(s->metric, f->line).text,
        amount(s->metric, f->actual).text, s->goal->line ? " (the line bends, as the goal says)" : "");
  else
    say("It is %s.", amount(s->metric, f->actual).text);
  const pl_alert_def *limits = &s->in.config->policy.alerts;
  if (!isnan(f->chance))
    say("The chance to %s it is %.0f %%: behind begins below %.0f %%, and is left at %.0f %%.",
        s->goal->lower ? "stay within" : "reach", 100 * f->chance, 100 * limits->enter, 100 * limits->leave);
}

/* What keeps it from being judged at all; false: nothing does. */
static bool say_hindrance(const scene *s) {
  const pl_goal *g = s->goal;
  const char *why = g->status == PL_GOAL_PROPOSED ? "it is only proposed: nobody has agreed to it yet"
                    : g->status == PL_GOAL_PAUSED ? "it is paused"
                    : g->work - g->gone <= 0      ? "it has no working time: holidays, or time off"
                    : s->who.unknown              ? "its counters have gone on by periods"
                    : g->ended                    ? "this milestone is over"
                    : !g->open                    ? "no period of it is open"
                                                  : NULL;
  if (why) say("It is not judged: %s.", why);
  return why != NULL;
}

/* What was said since it was told. */
static void say_talk(const scene *s) {
  const pl_goal *g = s->goal;
  const pl_talk *talk = g->talk;
  const char *whom = *s->who.concern_to ? s->who.concern_to : "operators";
  say("It is behind since %s, and was told %s.", at(s, pl_seconds(g->since)).text,
      at(s, pl_seconds(talk->told)).text);
  if (talk->answered.ms != INT64_MAX)
    say("It was answered %s: \"%s\"; plan: \"%s\".", at(s, pl_seconds(talk->answered)).text, talk->reason,
        talk->plan);
  if (talk->manager)
    say("It was still so at the turn: %s heard of it, too.", *talk->manager ? talk->manager : "operators");
  else if (talk->turn.ms != INT64_MAX)
    say("If it is still so at %s, %s %s.", at(s, pl_seconds(talk->turn)).text, whom,
        *s->who.concern_to ? "hears of it, too" : "hear of it, too: there is no manager");
  if (talk->repeat.ms != INT64_MAX)
    say("It is told again at %s if it lasts.", at(s, pl_seconds(talk->repeat)).text);
  else
    say("It is told again only after it has recovered.");
}

static void say_alert(const scene *s) {
  const pl_goal *g = s->goal;
  const pl_figures *f = &s->f;
  int64_t now = pl_seconds(s->in.complete_to);
  if (say_hindrance(s)) return;
  if (s->in.stale && s->f.state == PL_UNKNOWN)
    say("It is not judged on: what has happened since %s is not known. What was said before stands:",
        at(s, now).text);
  if (pl_goal_decided(g, s->who.actual)) {
    say(g->lower ? "It is missed: more than the target is there already."
                 : "It is met: there is nothing to be behind.");
  } else if (g->step == PL_STEP_PENDING) {
    say("It has been judged behind since %s, and is told from %s on unless it heals before.",
        at(s, pl_seconds(g->since)).text, at(s, pl_seconds(g->due)).text);
  } else if (pl_goal_told(g)) {
    say_talk(s);
  } else if (g->judged != INT64_MAX) {
    say("It is not behind. If nothing more happens, it will be judged behind at %s.",
        at(s, g->judged > now ? g->judged : now).text);
  } else {
    say("It is not behind, and time alone will not make it so.");
  }
  const pl_goal *leading = pl_subject_inhibitor(s->in.subject, g);
  if (leading)
    say("Of %s, which leads to it, a concern was told that is not over: until then this one waits.",
        leading->name);
  else if (s->who.hold.ms != INT64_MIN && !pl_goal_told(g))
    say("Until %s an earlier milestone of it is open: that one is told, this one waits.",
        at(s, pl_seconds(s->who.hold)).text);
  if (!isnan(f->needed_today) && f->needed_today > 0)
    say("%s more by the end of the working day bring it to the line.",
        amount(s->metric, f->needed_today).text);
  if (!isnan(f->required_rate) && f->actual < f->target)
    say("To reach it, %s a working day are needed from now on.",
        rounded(s->metric, f->required_rate, PL_UP).text);
}

/* --- what was told */

static words field(const pl_reply *line, const char *name) {
  const pl_str *v = pl_reply_field(line, name);
  words w;
  (void)snprintf(w.text, sizeof w.text, "%.*s", v ? (int)v->n : 0, v ? v->p : "");
  return w;
}

/* An instant, where the rep is; nobody knows where that is any more: as it is written. */
static words when(const scene *s, const pl_reply *line, const char *name) {
  words w = field(line, name);
  pl_when t;
  if (s->in.subject && s->in.subject->cal && pl_when_iso(pl_str_of(w.text), &t))
    return at(s, pl_seconds((pl_wall){t.ms}));
  return w;
}

typedef struct {
  const scene *scene;
  pl_str entity, goal;
  int n;
} past_alerts;

static bool on_past_alert(void *ctx, pl_str id, const pl_reply *line) {
  past_alerts *p = ctx;
  (void)id;
  const pl_str *entity = pl_reply_field(line, "entity"), *goal = pl_reply_field(line, "goal");
  if (!entity || !goal || !pl_str_eq(*entity, p->entity) || !pl_str_eq(*goal, p->goal)) return true;
  const pl_str *body = pl_reply_field(line, "body");
  say("Told at %s to the %s: %s, %s: %.*s", when(p->scene, line, "at").text, field(line, "audience").text,
      field(line, "kind").text, field(line, "period").text, body ? (int)body->n : 0, body ? body->p : "");
  return ++p->n < TOLD_MAX;
}

static void say_told(const scene *s) {
  past_alerts p = {s, pl_subject_id(s->in.subject), pl_str_of(s->goal->name), 0};
  pl_key stream = pl_key_alerts(s->in.config->redis.prefix);
  pl_query_lines(s->in.redis, pl_key_str(&stream), true, on_past_alert, &p);
  if (!p.n) say("Nothing was told of it so far, as far as the stream reaches back.");
}

static pl_status no_goal(const scene *s, const char *name, pl_err *err) {
  const pl_subject *who = s->in.subject;
  pl_buf all;
  pl_buf_init(&all, TEXT_MAX);
  for (size_t i = 0; i < who->ngoals; i++)
    if (who->goals[i].in_force) pl_buf_printf(&all, "%s%s", all.n ? ", " : "", who->goals[i].name);
  pl_status status = pl_fail(err, PL_REJECT, "%s has no goal %s; there are: %.*s", who->id, name,
                             all.n ? (int)all.n : 4, all.n ? all.p : "none");
  pl_buf_fini(&all);
  return status;
}

static pl_status say_all(scene *s, pl_goal *goal, pl_err *err) {
  s->goal = goal, s->metric = &s->in.config->policy.metrics[goal->metric];
  s->who = pl_subject_judge(s->in.subject, goal);
  s->f = pl_inspect_figures(&s->in, goal, &s->who);
  say_what(s), say_time(s), say_sources(s), say_line(s), say_alert(s), say_told(s);
  say("Its state is %s.", pl_pace_state_name(s->f.state));
  return pl_query_failed(s->in.redis, err) ? PL_AGAIN : PL_OK;
}

/* Of the goal of whom has been opened. */
static pl_status explain_it(scene *s, const char *name, pl_err *err) {
  pl_goal *goal = pl_inspect_goal(&s->in, pl_str_of(name));
  return goal ? say_all(s, goal, err) : no_goal(s, name, err);
}

static pl_status explain_goal(const pl_config *config, const char *id, const char *name, pl_err *err) {
  scene s = {0};
  pl_status status = pl_inspect_open(&s.in, config, pl_str_of(id), err);
  if (status == PL_OK) status = explain_it(&s, name, err);
  pl_inspect_close(&s.in);
  return status;
}

/* --- one alert */

typedef struct {
  const char *id;
  const pl_config *config;
  scene scene; /* of whom it is about, as far as it can be opened */
  pl_status opened;
  pl_err why;
  char goal[2 * PL_ID_MAX];
  bool found;
} one;

static bool on_line(void *ctx, pl_str place, const pl_reply *line) {
  one *o = ctx;
  (void)place;
  const pl_str *id = pl_reply_field(line, "id"), *body = pl_reply_field(line, "body");
  const pl_str *entity = pl_reply_field(line, "entity"), *goal = pl_reply_field(line, "goal");
  if (!id || !entity || !goal || !pl_str_is(*id, o->id)) return true;
  o->found = true;
  (void)snprintf(o->goal, sizeof o->goal, "%.*s", (int)goal->n, goal->p);
  o->opened = pl_inspect_open(&o->scene.in, o->config, *entity, &o->why);
  if (o->opened != PL_OK) o->scene.in.subject = NULL;
  say("Alert %s: %s, %s%s%.*s in %s.", o->id, field(line, "kind").text, o->goal, *o->goal ? " of " : "",
      (int)entity->n, entity->p, field(line, "period").text);
  say("So it was judged at %s, and due to be told to the %s at %s.", when(&o->scene, line, "since").text,
      field(line, "audience").text, when(&o->scene, line, "at").text);
  say("It said: %.*s", body ? (int)body->n : 0, body ? body->p : "");
  return false;
}

/* Why it waits, or waited until it was too late; what an endpoint has said is said as it is. */
static const char *cause_of(const pl_post *post) {
  static const struct {
    const char *why, *words;
  } causes[] = {
      {"quiet", "quiet hours"}, {"silence", "a silence"}, {"budget", "the day's attention budget is spent"}};
  const char *why = pl_post_text(post, "why");
  for (size_t i = 0; i < PL_COUNT(causes); i++)
    if (strcmp(why, causes[i].why) == 0) return causes[i].words;
  return why;
}

static void say_entry(void *ctx, pl_str name, pl_str entry) {
  const one *o = ctx;
  static const struct {
    const char *status, *why, *words; /* `why` NULL: any, which is said */
  } fates[] = {
      {"queued", NULL, "is on its way"},
      {"held", NULL, "is held"},
      {"done", "digest", "is part of their digest"},
      {"done", NULL, "was taken by every endpoint"},
      {"parked", NULL, "was refused by an endpoint, and is kept for somebody to look at"},
      {"dropped", NULL, "was not told: it had healed, or was too old, before an endpoint was asked"}};
  pl_post *post = NULL;
  if (pl_post_read(&post, entry, NULL) != PL_OK) return;
  const char *to = memchr(name.p, ':', name.n), *cause = cause_of(post);
  bool until = *pl_post_text(post, "held_until");
  size_t i = 0;
  while (i < PL_COUNT(fates) && (strcmp(pl_post_text(post, "status"), fates[i].status) != 0 ||
                                 (fates[i].why && strcmp(pl_post_text(post, "why"), fates[i].why) != 0)))
    i++;
  if (i < PL_COUNT(fates))
    say("Its entry for %.*s %s%s%s%s%s.", to ? (int)(name.n - (size_t)(to + 1 - name.p)) : 0,
        to ? to + 1 : "", fates[i].words, until ? " until " : "",
        until ? at(&o->scene, pl_post_seconds(post, "held_until")).text : "",
        *cause && !fates[i].why ? ": " : "", fates[i].why ? "" : cause);
  pl_post_free(&post);
}

static void say_fate(pl_query *redis, one *o) {
  const pl_config *config = o->config;
  char match[PL_ALERT_ID_MAX + 4];
  (void)snprintf(match, sizeof match, "%s*", o->id);
  for (int32_t p = 0; p < pl_query_partitions(redis); p++) {
    pl_key key = pl_key_outbox(config->redis.prefix, p);
    pl_query_scan(redis, pl_key_str(&key), pl_str_of(match), say_entry, o);
  }
}

/* What the goal came to since, if it is one's that still is there. */
static pl_status say_since(one *o, pl_err *err) {
  if (!*o->goal) return PL_OK; /* a silence, a slump, a streak: of no goal */
  say("And as the goal stands now:");
  pl_status status = o->opened == PL_OK ? explain_it(&o->scene, o->goal, &o->why) : o->opened;
  if (status == PL_REJECT) say("%s.", o->why.text); /* it was another time's */
  if (status == PL_AGAIN) *err = o->why;
  return status == PL_AGAIN ? status : PL_OK;
}

static pl_status explain_alert(const pl_config *config, const char *id, pl_err *err) {
  pl_query *redis = NULL;
  one o = {.id = id, .config = config};
  pl_key stream = pl_key_alerts(config->redis.prefix);
  pl_status status = pl_query_open(&redis, config, err);
  if (status == PL_OK) pl_query_lines(redis, pl_key_str(&stream), true, on_line, &o);
  if (o.found) say_fate(redis, &o);
  if (redis && pl_query_failed(redis, err)) status = PL_AGAIN;
  pl_query_close(&redis);
  if (status == PL_OK)
    status = o.found ? say_since(&o, err)
                     : pl_fail(err, PL_REJECT,
                               "no alert of the id %s is in the stream; it holds about the last 100,000", id);
  if (o.found) pl_inspect_close(&o.scene.in);
  return status;
}

/* --- the verb */

int pl_cli_explain(int argc, char **argv) {
  const char *path;
  char **given;
  int code, n = pl_arguments_read(argc, argv, usage, &path, &given, &code);
  if (n < 0) return code;
  if (n < 1 || n > 2) return (void)fputs(usage, stderr), EX_USAGE;
  pl_config *config = pl_cli_config(path);
  if (!config) return EX_CONFIG;
  pl_err err = {""};
  pl_status status =
      n == 1 ? explain_alert(config, given[0], &err) : explain_goal(config, given[0], given[1], &err);
  if (status != PL_OK) (void)fprintf(stderr, "paceline explain: %s\n", err.text);
  pl_config_free(&config);
  return status == PL_OK ? EX_OK : status == PL_AGAIN ? EX_TEMPFAIL : EX_DATAERR;
}
