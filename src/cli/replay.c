/* paceline replay: what a policy would have told, over a table of the past; no Kafka, no Redis, no side
 * effects.
 *
 * The rows become events as import makes them, the events go through the same decoder into the same core, one
 * for each of the partitions that the rows' reps would lie in, in the order of time. So a rep's alerts are
 * those of the daemon over the imported topic, to the second. A team's follow from the parts of all
 * partitions when it is judged: here after each hour.
 *
 * Prints an alert a line: at, kind, entity, goal, period, since, audience, words; by instant, then by entity.
 * Or, with
 * --score, how good they were (score.h). */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/score.h"
#include "cli/table.h"
#include "codec/letter.h"
#include "codec/record.h"
#include "core/partition.h"
#include "engine/readers.h"

enum { PARTITIONS_MAX = 1024, PART_MAX = 1 << 24 };
static const int64_t HOUR_MS = 3600000;

static const char usage[] =
    "usage: paceline replay -c CONFIG --source NAME [--partitions N] [--score] FILE.csv\n"
    "  Prints each alert that the configuration would have raised over the rows of a table, by the mapping "
    "called\n"
    "  NAME: at, kind, entity, goal, period, since, audience and words, a line each, tabs between.\n"
    "  --partitions N  as many as the topic that import would write to has (1): a partition's clock starts "
    "with its\n"
    "                  first record, and goals with the clock\n"
    "  --score         instead of the alerts: precision and recall of `behind`, for each metric and period\n";

typedef struct {
  const char *config, *source, *table;
  int64_t partitions;
  bool score;
} arguments;

typedef struct {
  char *text; /* the whole line */
  char *subject;
  pl_scored scored;
} line;

typedef struct {
  const pl_config *config;
  pl_almanac *almanac;
  pl_teams *teams;
  pl_readers *readers;
  pl_core **cores;
  int32_t n;
  pl_buf part;
  line *lines;
  size_t nlines, room;
  int64_t kinds[PL_ALERT_KINDS], refused;
} replay;

static int32_t home(const replay *r, pl_str id) {
  return pl_kafka_home(id, r->n, r->config->kafka.partitioner == PL_PARTITIONER_CRC32);
}

/* --- what is told */

static void put_line(replay *r, const pl_subject *s, const pl_alert *a) {
  char at[PL_ISO_MAX], since[PL_ISO_MAX], when[PL_PERIOD_TEXT_MAX];
  pl_buf text;
  pl_buf_init(&text, 1 << 16);
  pl_buf_printf(&text, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t", pl_wall_iso(a->at, at), pl_alert_kind_name(a->kind),
                s->id, a->goal, pl_period_text(a->period, a->index, when), pl_wall_iso(a->since, since),
                pl_audience_name(a->audience));
  pl_letter_body(a, s, &text);
  if (r->nlines == r->room) {
    size_t more = r->room ? r->room * 2 : 1024;
    r->lines = pl_resize(r->lines, r->room * sizeof *r->lines, more * sizeof *r->lines);
    r->room = more;
  }
  line *l = &r->lines[r->nlines++];
  l->text = pl_text_new(pl_buf_str(&text));
  pl_buf_clear(&text);
  pl_buf_printf(&text, "%s\t%s\t%s", s->id, a->goal, when);
  l->subject = pl_text_new(pl_buf_str(&text));
  l->scored = (pl_scored){l->subject,      a->kind,   a->at,
                          a->metric_index, a->period, 1 - a->figures.line / a->figures.target};
  r->kinds[a->kind]++;
  pl_buf_fini(&text);
}

static void take_alerts(replay *r, pl_core *core) {
  for (pl_subject *s = pl_core_take_subjects(core), *next; s; s = next) {
    next = s->next_dirty;
    for (const pl_alert *a = s->told; a; a = a->next) put_line(r, s, a);
    pl_subject_written(s);
  }
}

/* --- teams, from the same parts that partitions write */

static void add_up(replay *r, pl_subject *team) {
  pl_err err;
  pl_part_reset(team);
  for (int32_t p = 0; p < r->n; p++) {
    const pl_share *share = pl_map_find(&r->cores[p]->shares, pl_subject_id(team));
    if (!share) continue;
    pl_buf_clear(&r->part);
    pl_part_encode(share, &r->config->policy, &r->part);
    PL_ASSERT(pl_part_decode(team, pl_buf_str(&r->part), &err) == PL_OK);
  }
  pl_core_team_changed(team->core, team);
}

static void judge_teams(replay *r) {
  pl_times all = {PL_NEVER, PL_NEVER, PL_NEVER};
  for (int32_t p = 0; p < r->n; p++) {
    pl_times one = pl_core_times(r->cores[p]);
    all.origin = pl_earlier(all.origin, one.origin), all.clock = pl_earlier(all.clock, one.clock);
  }
  for (int32_t p = 0; p < r->n && all.clock.ms != INT64_MIN; p++) {
    for (pl_map_slot *s = NULL; (s = pl_map_next(&r->cores[p]->teams, s));) add_up(r, s->value);
    (void)pl_core_advance_teams(r->cores[p], all.origin, all.clock, NULL);
  }
  for (int32_t p = 0; p < r->n; p++) {
    for (pl_share *s = pl_core_take_shares(r->cores[p]); s; s = s->next_dirty) s->dirty = false;
    take_alerts(r, r->cores[p]);
  }
}

/* --- the past */

static pl_status open_cores(replay *r, int32_t n, pl_err *err) {
  const pl_policy *policy = &r->config->policy;
  pl_status status = pl_almanac_new(&r->almanac, policy, pl_cli_zone, NULL, err);
  if (status == PL_OK) status = pl_readers_new(&r->readers, r->config, err);
  if (status != PL_OK) return status;
  r->n = n, r->cores = pl_alloc((size_t)n * sizeof(pl_core *));
  r->teams = pl_teams_new();
  for (size_t i = 0; i < policy->nteams; i++) pl_teams_put(r->teams, &policy->teams[i]);
  for (int32_t p = 0; p < n; p++) r->cores[p] = pl_core_new(policy, r->almanac, r->teams, p);
  for (size_t i = 0; i < policy->nreps; i++)
    pl_core_put_rep(r->cores[home(r, policy->reps[i].id)], &policy->reps[i]);
  for (size_t i = 0; i < policy->ngoals; i++)
    (void)pl_core_put_goals(r->cores[home(r, policy->goals[i].entity)], &policy->goals[i], NULL);
  for (const pl_team *t = NULL; (t = pl_teams_next(r->teams, t));)
    pl_core_put_team(r->cores[home(r, pl_str_of(t->id))], t);
  for (int32_t p = 0; p < n; p++) pl_core_begin(r->cores[p], pl_times_at(PL_BEGINNING));
  pl_buf_init(&r->part, PART_MAX);
  return PL_OK;
}

static void close_cores(replay *r) {
  for (int32_t p = 0; p < r->n; p++) pl_core_free(&r->cores[p]);
  pl_release(r->cores, (size_t)r->n * sizeof(pl_core *));
  for (size_t i = 0; i < r->nlines; i++) pl_text_free(&r->lines[i].text), pl_text_free(&r->lines[i].subject);
  pl_release(r->lines, r->room * sizeof *r->lines);
  pl_teams_free(&r->teams);
  pl_readers_free(&r->readers);
  pl_almanac_free(&r->almanac);
  pl_buf_fini(&r->part);
}

static void apply(replay *r, const pl_rows *rows, const pl_row_event *row, int64_t offset) {
  pl_event event;
  pl_event_room room;
  int32_t schema;
  pl_reason reason = pl_readers_event(r->readers, pl_rows_value(rows, row), 0, &room, &event, &schema, NULL);
  if (reason == PL_APPLIED) reason = pl_core_apply(r->cores[home(r, event.rep)], &event, row->at, offset);
  r->refused += reason != PL_APPLIED;
}

static void live(replay *r, const pl_rows *rows) {
  size_t n;
  const pl_row_event *events = pl_rows_events(rows, &n);
  pl_wall end = pl_rows_end(rows);
  for (size_t i = 0; i < n; i++) {
    if (i && events[i].at.ms / HOUR_MS != events[i - 1].at.ms / HOUR_MS) judge_teams(r);
    apply(r, rows, &events[i], (int64_t)i);
  }
  for (int32_t p = 0; p < r->n; p++) { /* the heartbeats that import closes with */
    pl_core_stamp(r->cores[p], pl_wall_plus(end, r->config->source_delay), (int64_t)n);
    (void)pl_core_advance(r->cores[p], end, NULL);
  }
  judge_teams(r);
}

static int by_instant(const void *a, const void *b) {
  const line *x = a, *y = b;
  int64_t at = x->scored.at.ms, other = y->scored.at.ms;
  return at != other ? (at > other) - (at < other) : strcmp(x->text, y->text);
}

static void print(replay *r) {
  qsort(r->lines, r->nlines, sizeof *r->lines, by_instant);
  for (size_t i = 0; i < r->nlines; i++) (void)puts(r->lines[i].text);
}

static void score(const replay *r) {
  pl_scored *all = pl_alloc(r->nlines * sizeof *all);
  for (size_t i = 0; i < r->nlines; i++) all[i] = r->lines[i].scored;
  pl_score_print(&r->config->policy, all, r->nlines, stdout);
  pl_release(all, r->nlines * sizeof *all);
}

static void sum_up(const replay *r, size_t nevents) {
  (void)fprintf(stderr, "%zu events, %lld refused; alerts:", nevents, (long long)r->refused);
  for (pl_alert_kind k = 0; k < PL_ALERT_KINDS; k++)
    (void)fprintf(stderr, " %lld %s%s", (long long)r->kinds[k], pl_alert_kind_name(k),
                  k + 1 < PL_ALERT_KINDS ? "," : "\n");
}

/* --- the verb */

static bool parse(int argc, char **argv, arguments *out) {
  static const struct option options[] = {{"source", required_argument, NULL, 's'},
                                          {"partitions", required_argument, NULL, 'p'},
                                          {"score", no_argument, NULL, 'g'},
                                          {0}};
  *out = (arguments){.partitions = 1};
  for (int option; (option = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
    switch (option) {
    case 'c': out->config = optarg; break;
    case 's': out->source = optarg; break;
    case 'p':
      if (!pl_str_int(pl_str_of(optarg), &out->partitions) || out->partitions < 1 ||
          out->partitions > PARTITIONS_MAX)
        return false;
      break;
    case 'g': out->score = true; break;
    default: return false;
    }
  }
  out->table = argv[optind];
  return out->config && out->source && optind + 1 == argc;
}

static int run(const pl_table *t, const arguments *a) {
  pl_err err = {""};
  replay r = {.config = t->config};
  size_t n;
  (void)pl_rows_events(t->rows, &n);
  pl_status status = open_cores(&r, (int32_t)a->partitions, &err);
  if (status != PL_OK) {
    (void)fprintf(stderr, "paceline: %s: %s\n", a->config, err.text);
  } else {
    if (n) live(&r, t->rows);
    if (a->score)
      score(&r);
    else
      print(&r);
    sum_up(&r, n);
  }
  close_cores(&r);
  return status == PL_OK ? EX_OK : EX_CONFIG;
}

int pl_cli_replay(int argc, char **argv) {
  arguments a;
  if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0))
    return (void)fputs(usage, stdout), EX_OK;
  if (!parse(argc, argv, &a)) return (void)fputs(usage, stderr), EX_USAGE;
  pl_table table;
  int code = pl_table_open(&table, a.config, a.source, a.table);
  if (code == EX_OK) code = run(&table, &a);
  pl_table_close(&table);
  return code;
}
