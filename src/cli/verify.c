/* paceline verify: is what stands in Redis what the events say?
 *
 * Everything is read again from Kafka and counted a second time (recount.h), and held against every rep's
 * and team's counters, the boards and the dead letters. Redis is only read. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/verify_inside.h"
#include "codec/when.h"

enum { EX_DIFFERS = 1 };

static const char usage[] =
    "usage: paceline verify -c CONFIG [--since INSTANT]\n"
    "  Counts the topic of activities again, by another and simpler program than `run`, and compares with\n"
    "  Redis: counters of reps and teams, boards, dead letters. Changes nothing. Prints each difference, "
    "and\n"
    "  how far back it could look. Exit code 0: all is the same; 1: something differs, or partitions have\n"
    "  records and no mark in Redis; 75: nothing could be compared yet, or nobody answered.\n"
    "  --since INSTANT  only windows that began then or later, such as 2026-03-04T00:00:00Z: after a metric\n"
    "                   was added, or the past was changed in somebody's roster record\n"
    "  Not compared: figures and states of goals, streaks, averages of teams, closed periods.\n";

/* --- what is read */

pl_status pl_verify_marks(pl_verifying *v, int64_t *marks, pl_err *err) {
  for (int32_t p = 0; p < v->partitions; p++) {
    pl_key mark = pl_key_mark(v->prefix, p);
    const pl_reply *r =
        pl_query_ask(v->redis, 3, (pl_str[]){PL_STR("HGET"), pl_key_str(&mark), PL_STR("offset")});
    if (r->kind != PL_REPLY_TEXT || !pl_str_int(r->s, &marks[p])) marks[p] = 0;
  }
  return pl_query_failed(v->redis, err) ? PL_AGAIN : PL_OK;
}

pl_wall pl_verify_time(pl_verifying *v, int32_t p, pl_str field) {
  pl_key mark = pl_key_mark(v->prefix, p);
  pl_wall at = PL_BEGINNING;
  const pl_reply *r = pl_query_ask(v->redis, 3, (pl_str[]){PL_STR("HGET"), pl_key_str(&mark), field});
  return r->kind == PL_REPLY_TEXT && pl_str_int(r->s, &at.ms) ? at : PL_BEGINNING;
}

static void on_team(void *ctx, const pl_past_record *r) {
  pl_census_team(((pl_verifying *)ctx)->census, r->key, r->value);
}
static void on_rep(void *ctx, const pl_past_record *r) {
  pl_census_rep(((pl_verifying *)ctx)->census, r->value);
}
static void on_letter(void *ctx, const pl_past_record *r) {
  pl_recount_letter(&((pl_verifying *)ctx)->recount, r);
}
static void on_activity(void *ctx, const pl_past_record *r) {
  pl_verifying *v = ctx;
  if (r->partition >= v->partitions) return;
  if (v->ends[r->partition] == 0) v->firsts[r->partition] = r->stamp;
  v->ends[r->partition] = r->offset + 1;
  pl_recount_record(&v->recount, r);
}

static pl_status look_for_deleted(pl_verifying *v, const pl_kafka_config *kafka, int32_t partitions,
                                  pl_err *err) {
  int64_t *starts = pl_alloc((size_t)partitions * sizeof *starts);
  pl_status status = pl_kafka_starts(kafka, v->config->kafka.topics.dead_letters, partitions, starts, err);
  for (int32_t p = 0; p < partitions; p++) v->letters_deleted |= starts[p] > 0;
  pl_release(starts, (size_t)partitions * sizeof *starts);
  return status;
}

static pl_status read_topics(pl_verifying *v, pl_err *err) {
  pl_kafka_config kafka;
  pl_status status = pl_cli_kafka(&kafka, v->config, err);
  const char *activities = v->config->kafka.topics.activities;
  v->recount.has_letters = *v->config->kafka.topics.dead_letters;
  const struct {
    const char *name;
    pl_past_record_fn *fn;
  } topics[] = {{v->config->kafka.topics.teams, on_team},
                {v->config->kafka.topics.roster, on_rep},
                {v->config->kafka.topics.dead_letters, on_letter},
                {activities, on_activity}};
  for (size_t i = 0; i < PL_COUNT(topics) && status == PL_OK; i++) {
    int32_t n = 0;
    if (!*topics[i].name) continue;
    status = pl_kafka_past(&kafka, topics[i].name, -1, &n, topics[i].fn, v, err);
    if (status == PL_OK && topics[i].fn == on_letter) status = look_for_deleted(v, &kafka, n, err);
    if (status == PL_OK && topics[i].fn == on_activity && n != v->partitions)
      return pl_fail(err, PL_REJECT, "redis was written for %d partitions and topic %s has %d",
                     (int)v->partitions, activities, (int)n);
  }
  if (status != PL_OK) return status;
  return pl_kafka_starts(&kafka, activities, v->partitions, v->starts, err);
}

/* A mark may have come while the logs were read. */
static pl_status look_for_uncounted(pl_verifying *v, pl_err *err) {
  int64_t *now = pl_alloc((size_t)v->partitions * sizeof *now);
  pl_status status = pl_verify_marks(v, now, err);
  for (int32_t p = 0; p < v->partitions; p++)
    v->uncounted[p] = v->marks[p] == 0 && now[p] == 0 && (v->ends[p] > 0 || v->starts[p] > 0);
  pl_release(now, (size_t)v->partitions * sizeof *now);
  return status;
}

/* What lies before a log's first record may have happened as late as that record allows. */
static void reach_back(pl_verifying *v) {
  const pl_dur ahead = v->config->policy.future_tolerance;
  for (int32_t p = 0; p < v->partitions; p++) {
    v->back[p] = v->since;
    if (v->starts[p] > 0)
      v->back[p] = pl_later(v->back[p], v->ends[p] ? pl_wall_plus(v->firsts[p], ahead) : PL_NEVER);
    if (v->config->kafka.start == PL_START_LATEST) {
      pl_wall origin = pl_wall_plus(pl_verify_time(v, p, PL_STR("origin")), v->config->source_delay);
      v->back[p] = pl_later(v->back[p], pl_wall_plus(origin, ahead));
    }
  }
}

/* --- what is said */

static void say_back(const pl_verifying *v) {
  pl_wall latest = PL_BEGINNING;
  int n = 0, last = 0;
  for (int32_t p = 0; p < v->partitions; p++) {
    n += v->back[p].ms != INT64_MIN;
    if (pl_before(latest, v->back[p])) latest = v->back[last = p];
  }
  char at[PL_ISO_MAX];
  if (n == 0)
    (void)printf("reaches back to the beginning: no record was deleted\n");
  else if (latest.ms == INT64_MAX)
    (void)printf("reaches back to nothing in partition %d: all its records are deleted\n", last);
  else
    (void)printf(
        "reaches back to %s: partition %d, of which what lies before offset %lld is not known; %d of %d "
        "partitions are known from their beginning\n",
        pl_wall_iso(latest, at), last, (long long)v->starts[last], (int)v->partitions - n,
        (int)v->partitions);
}

/* Returns of how many partitions nothing could be compared, though there is something. */
static int say_uncounted(const pl_verifying *v) {
  enum { NAMED_MOST = 16 };
  int n = 0;
  for (int32_t p = 0; p < v->partitions; p++) n += v->uncounted[p];
  if (n == 0) return 0;
  (void)printf("not compared: %lld reps and teams of partitions without a mark, whose logs have records: ",
               (long long)v->unmarked);
  for (int32_t p = 0, named = 0; p < v->partitions && named <= NAMED_MOST; p++)
    if (v->uncounted[p] && named++ < NAMED_MOST) (void)printf("%s%d", named > 1 ? ", " : "", (int)p);
  (void)printf("%s. They have not been counted yet, or Redis has lost what was: see that `paceline run` is "
               "ready, and ask again\n",
               n > NAMED_MOST ? ", ..." : "");
  return n;
}

static int say(const pl_verifying *v) {
  const int64_t *reasons = v->recount.reasons;
  int64_t refused = 0;
  for (int i = 0; i < PL_REASONS; i++)
    if (i != PL_APPLIED && i != PL_DUPLICATE && i != PL_UNMAPPED) refused += reasons[i];
  (void)fwrite(v->all.lines.p, 1, v->all.lines.n, stdout);
  (void)printf("%lld records: %lld events counted, %lld duplicates, %lld refused, %lld heartbeats\n",
               (long long)v->recount.records, (long long)reasons[PL_APPLIED],
               (long long)reasons[PL_DUPLICATE], (long long)refused, (long long)v->recount.heartbeats);
  say_back(v);
  if (v->all.before)
    (void)printf("not compared: %lld fields of windows that began earlier\n", (long long)v->all.before);
  const int uncounted = say_uncounted(v);
  if (v->letters_deleted) (void)printf("not compared: dead letters that were deleted\n");
  if (v->all.passed)
    (void)printf("not compared: %lld fields of teams whose clock lags behind their members' events\n",
                 (long long)v->all.passed);
  if (v->moving)
    (void)printf("not compared: %lld reps and teams that had events meanwhile\n", (long long)v->moving);
  if (v->turning)
    (void)printf("not compared: %lld reps whose last midnight has not been judged yet\n",
                 (long long)v->turning);
  if (v->mixed)
    (void)printf("not compared: %lld teams that had a member who was erased\n", (long long)v->mixed);
  (void)printf("compared: %lld reps, %lld teams, %lld fields, %lld recorded days; %lld differ\n",
               (long long)v->reps, (long long)v->teams, (long long)v->all.fields, (long long)v->all.days,
               (long long)v->all.differ);
  if (v->all.differ) return EX_DIFFERS;
  if (v->reps + v->teams == 0 && (uncounted || v->moving || v->turning)) return EX_TEMPFAIL;
  return uncounted ? EX_DIFFERS : EX_OK;
}

/* --- the verb */

/* Who is nothing but a name in a record that was refused has no view. */
static bool is_shown(const pl_person *p) { return p->known || (p->ledger && p->ledger->begun); }

bool pl_verify_can(pl_verifying *v, int32_t home) {
  if (v->marks[home]) return true;
  v->unmarked += v->uncounted[home];
  v->moving += !v->uncounted[home] && v->ends[home];
  return false;
}

static pl_status compare(pl_verifying *v, pl_err *err) {
  pl_person **people;
  size_t n = pl_census_people(v->census, &people);
  for (size_t i = 0; i < n; i++)
    if (is_shown(people[i]) && pl_verify_can(v, people[i]->home)) pl_verify_rep(v, people[i]);
  pl_verify_teams(v);
  pl_verify_letters(v);
  pl_verify_strays(v);
  return pl_query_failed(v->redis, err) ? PL_AGAIN : PL_OK;
}

static pl_status verify(pl_verifying *v, pl_err *err) {
  pl_status status = pl_query_open(&v->redis, v->config, err);
  if (status != PL_OK) return status;
  v->partitions = pl_query_partitions(v->redis);
  if (v->partitions == 0)
    return pl_query_failed(v->redis, err)
               ? PL_AGAIN
               : pl_fail(err, PL_AGAIN, "redis: nothing is there yet; has `paceline run` been started?");
  size_t n = (size_t)v->partitions;
  v->marks = pl_alloc(n * sizeof *v->marks), v->ends = pl_alloc(n * sizeof *v->ends);
  v->starts = pl_alloc(n * sizeof *v->starts), v->uncounted = pl_alloc(n * sizeof *v->uncounted);
  v->firsts = pl_alloc(n * sizeof *v->firsts), v->back = pl_alloc(n * sizeof *v->back);
  status = pl_enquiry_open(&v->enquiry, v->config, err);
  if (status == PL_OK) status = pl_enquiry_readers(v->enquiry, &v->readers, err);
  if (status == PL_OK) status = pl_census_new(&v->census, v->config, v->readers, v->partitions, err);
  if (status == PL_OK) status = pl_verify_marks(v, v->marks, err);
  if (status != PL_OK) return status;
  pl_recount_init(&v->recount, v->config, v->census, v->readers, v->marks, v->partitions);
  status = read_topics(v, err);
  if (status == PL_OK) status = look_for_uncounted(v, err);
  if (status == PL_OK) status = pl_enquiry_failed(v->enquiry, err);
  if (status != PL_OK) return status;
  reach_back(v);
  return compare(v, err);
}

static void fini(pl_verifying *v) {
  size_t n = (size_t)v->partitions;
  if (v->recount.config) pl_recount_fini(&v->recount, v->partitions);
  pl_census_free(&v->census);
  pl_readers_free(&v->readers);
  pl_enquiry_close(&v->enquiry);
  pl_query_close(&v->redis);
  pl_release(v->marks, n * sizeof *v->marks), pl_release(v->ends, n * sizeof *v->ends);
  pl_release(v->starts, n * sizeof *v->starts), pl_release(v->uncounted, n * sizeof *v->uncounted);
  pl_release(v->firsts, n * sizeof *v->firsts), pl_release(v->back, n * sizeof *v->back);
  pl_findings_fini(&v->all), pl_findings_fini(&v->one);
}

int pl_cli_verify(int argc, char **argv) {
  static const struct option options[] = {{"since", required_argument, NULL, 's'}, {0}};
  pl_verifying v = {.since = PL_BEGINNING};
  const char *path = NULL;
  pl_when when;
  for (int option; (option = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
    if (option == 'h') return (void)fputs(usage, stdout), EX_OK;
    if (option == 'c') path = optarg;
    if (option == '?' || (option == 's' && !pl_when_iso(pl_str_of(optarg), &when)))
      return (void)fputs(usage, stderr), EX_USAGE;
    if (option == 's') v.since.ms = when.ms;
  }
  if (!path || optind != argc) return (void)fputs(usage, stderr), EX_USAGE;
  pl_config *config = pl_cli_config(path);
  if (!config) return EX_CONFIG;
  v.config = config, v.prefix = config->redis.prefix;
  pl_findings_init(&v.all), pl_findings_init(&v.one);
  pl_err err = {""};
  pl_status status = verify(&v, &err);
  int code = status == PL_OK ? say(&v) : status == PL_REJECT ? EX_CONFIG : EX_TEMPFAIL;
  if (status != PL_OK) (void)fprintf(stderr, "paceline verify: %s: %s\n", path, err.text);
  fini(&v);
  pl_config_free(&config);
  return code;
}
