/* paceline replay: what a policy would have told of the past; no side effects.
 *
 * Prints an alert a line: at, kind, entity, goal, period, since, audience, words; by instant, then by what it
 * says. Or what the same rerun leaves: how good the judgements were (--score), the lines that the past
 * suggests (--lines), what another policy would have told instead (--diff). Two runs give the same bytes. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/lines.h"
#include "cli/own.h"
#include "cli/rerun.h"
#include "cli/score.h"
#include "cli/table.h"
#include "cli/topic.h"
#include "codec/letter.h"

enum { PARTITIONS_MAX = 1024, TEXT_MAX = 1 << 24 };

static const char usage[] =
    "usage: paceline replay -c CONFIG --source NAME [OPTION...] FILE.csv\n"
    "       paceline replay -c CONFIG --topic [OPTION...]\n"
    "  Prints each alert that the configuration would have raised over the rows of a table, by the mapping "
    "called\n"
    "  NAME: at, kind, entity, goal, period, since, audience and words, a line each, tabs between.\n"
    "  --topic         instead of a table: the topic of activities up to its present end, with roster, goals "
    "and "
    "teams;\n"
    "                  joins no group and changes nothing\n"
    "  --partitions N  of a table: as many as the topic that import would write to has (1): a partition's "
    "clock starts "
    "with its\n"
    "                  first record, and goals with the clock\n"
    "  --diff OTHER    instead: what the configuration OTHER would have raised less (-) and more (+)\n"
    "  --score         instead: how good the judgements were, for each metric and period, as told and by "
    "other\n"
    "                  limits, and what `chance` said against what came true\n"
    "  --svg FILE      with --score: that as a picture, too\n"
    "  --own-targets   goals of reps get the targets that their last three periods suggest: for a past "
    "without "
    "goals\n"
    "  --lines         instead: the piecewise lines that the past suggests, as configuration\n";

typedef struct {
  const char *config, *source, *table, *diff, *svg;
  int64_t partitions;
  bool score, lines, own, topic;
} arguments;

typedef struct {
  char *text; /* the whole line */
  pl_wall at;
  pl_alert_kind kind;
} line;

/* One policy's run over the past. */
typedef struct {
  const pl_policy *policy;
  bool own;
  pl_score *score;
  pl_annals annals;
  line *lines;
  size_t nlines, room, nevents;
  int64_t kinds[PL_ALERT_KINDS], refused;
} replay;

/* --- what a rerun tells */

static void on_alert(void *ctx, const pl_subject *s, const pl_alert *a) {
  replay *r = ctx;
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
  r->lines[r->nlines++] = (line){pl_text_new(pl_buf_str(&text)), a->at, a->kind};
  r->kinds[a->kind]++;
  pl_buf_fini(&text);
  pl_score_alert(r->score, s, a);
}

static void on_past(void *ctx, const pl_subject *s, const pl_past *past) {
  pl_score_past(((replay *)ctx)->score, s, past);
}

static void on_move(void *ctx, pl_subject *rep, int metric, pl_wall at, int64_t by) {
  pl_annals_add(&((replay *)ctx)->annals, rep, metric, at, by);
}

static void on_evening(void *ctx, pl_subject *rep, pl_wall midnight) {
  pl_score_evening(((replay *)ctx)->score, rep, midnight);
}

static void on_morning(void *ctx, pl_subject *rep, pl_wall midnight) {
  replay *r = ctx;
  (void)midnight;
  if (r->own) pl_own_set(r->policy, &r->annals, rep);
}

/* --- the past */

static int by_instant(const void *a, const void *b) {
  const line *x = a, *y = b;
  return x->at.ms != y->at.ms ? (x->at.ms > y->at.ms) - (x->at.ms < y->at.ms) : strcmp(x->text, y->text);
}

/* Where the past comes from: a table, or the topic. */
typedef struct {
  pl_table table;
  pl_topic_past *topic;
} past;

static int open_past(past *p, const char *config, const arguments *a) {
  pl_err err = {""};
  *p = (past){0};
  if (!a->topic)
    return pl_table_open(&p->table, &(pl_table_ask){.config = config, .source = a->source, .path = a->table});
  p->table.config = pl_cli_config(config);
  if (!p->table.config) return EX_CONFIG;
  pl_status status = pl_topic_past_new(&p->topic, p->table.config, &err);
  if (status != PL_OK) (void)fprintf(stderr, "paceline: %s: %s\n", config, err.text);
  return status == PL_OK ? EX_OK : status == PL_AGAIN ? EX_TEMPFAIL : EX_CONFIG;
}

static void close_past(past *p) {
  pl_topic_past_free(&p->topic);
  pl_table_close(&p->table);
}

static void play_table(pl_rerun *rerun, const pl_rows *rows) {
  size_t n;
  const pl_row_event *events = pl_rows_events(rows, &n);
  for (size_t i = 0; i < n; i++) pl_rerun_apply(rerun, -1, pl_rows_value(rows, &events[i]), events[i].at);
  if (n) pl_rerun_end(rerun, pl_rows_end(rows));
}

static void finish(replay *r, const arguments *a) {
  qsort(r->lines, r->nlines, sizeof *r->lines, by_instant);
  pl_score_close(r->score, &r->annals);
  if (!a->lines) return;
  pl_buf text;
  pl_buf_init(&text, TEXT_MAX);
  pl_lines_print(r->policy, &r->annals, &text);
  (void)fwrite(text.p, 1, text.n, stdout);
  pl_buf_fini(&text);
}

static void sum_up(const replay *r) {
  (void)fprintf(stderr, "%zu records, %lld refused; alerts:", r->nevents, (long long)r->refused);
  for (pl_alert_kind k = 0; k < PL_ALERT_KINDS; k++)
    (void)fprintf(stderr, " %lld %s%s", (long long)r->kinds[k], pl_alert_kind_name(k),
                  k + 1 < PL_ALERT_KINDS ? "," : "\n");
}

/* What it leaves stays until `fini`; `config` must outlive it. */
static int run(replay *r, const past *p, const char *path, const arguments *a) {
  pl_err err = {""};
  const pl_table *t = &p->table;
  int32_t partitions = p->topic ? pl_topic_past_partitions(p->topic) : (int32_t)a->partitions;
  const pl_watch watch = {r, on_alert, on_past, on_move, on_evening, on_morning};
  *r = (replay){.policy = &t->config->policy, .own = a->own, .score = pl_score_new(&t->config->policy)};
  pl_annals_init(&r->annals, r->policy->nmetrics);
  pl_rerun *rerun;
  unsigned how = (p->topic ? 0 : PL_RERUN_TABLE) | (a->own ? PL_RERUN_NO_GOALS : 0);
  if (pl_rerun_new(&rerun, t->config, partitions, &watch, how, &err) != PL_OK) {
    (void)fprintf(stderr, "paceline: %s: %s\n", path, err.text);
    return EX_CONFIG;
  }
  if (p->topic) {
    r->nevents = pl_topic_past_records(p->topic);
    pl_topic_past_play(p->topic, rerun);
  } else {
    (void)pl_rows_events(t->rows, &r->nevents);
    play_table(rerun, t->rows);
  }
  r->refused = pl_rerun_refused(rerun);
  pl_status status = pl_rerun_failed(rerun, &err);
  if (status == PL_OK) finish(r, a);
  pl_rerun_free(&rerun);
  if (status == PL_OK)
    sum_up(r);
  else
    (void)fprintf(stderr, "paceline: %s: %s\n", path, err.text);
  return status == PL_OK ? EX_OK : EX_TEMPFAIL;
}

static void fini(replay *r) {
  for (size_t i = 0; i < r->nlines; i++) pl_text_free(&r->lines[i].text);
  pl_release(r->lines, r->room * sizeof *r->lines);
  if (r->policy) pl_annals_fini(&r->annals);
  pl_score_free(&r->score);
}

/* --- what is printed */

static int print_score(const replay *r, const char *svg) {
  pl_score_print(r->score, stdout);
  if (!svg) return EX_OK;
  FILE *file = fopen(svg, "we");
  if (file) pl_score_svg(r->score, file);
  bool good = file && !ferror(file);
  if (file && fclose(file) == 0 && good) return EX_OK;
  (void)fprintf(stderr, "paceline replay: --svg: %s cannot be written\n", svg);
  return EX_CANTCREAT;
}

/* Both are in order: lines of only one of them, and how many of each kind. */
static void print_diff(const replay *r, const replay *other) {
  long long kept[PL_ALERT_KINDS] = {0};
  for (size_t i = 0, k = 0; i < r->nlines || k < other->nlines;) {
    int order = i == r->nlines ? 1 : k == other->nlines ? -1 : by_instant(&r->lines[i], &other->lines[k]);
    if (order == 0) kept[r->lines[i].kind]++;
    if (order < 0) (void)printf("-%s\n", r->lines[i].text);
    if (order > 0) (void)printf("+%s\n", other->lines[k].text);
    i += order <= 0, k += order >= 0;
  }
  for (pl_alert_kind k = 0; k < PL_ALERT_KINDS; k++)
    if (r->kinds[k] || other->kinds[k])
      (void)printf("%s: %lld as before, %lld less, %lld more\n", pl_alert_kind_name(k), kept[k],
                   (long long)r->kinds[k] - kept[k], (long long)other->kinds[k] - kept[k]);
}

/* --- the verb */

static bool parse(int argc, char **argv, arguments *out) {
  static const struct option options[] = {{"source", required_argument, NULL, 's'},
                                          {"partitions", required_argument, NULL, 'p'},
                                          {"diff", required_argument, NULL, 'd'},
                                          {"score", no_argument, NULL, 'g'},
                                          {"svg", required_argument, NULL, 'v'},
                                          {"own-targets", no_argument, NULL, 'o'},
                                          {"lines", no_argument, NULL, 'l'},
                                          {"topic", no_argument, NULL, 't'},
                                          {0}};
  *out = (arguments){.partitions = 1};
  bool partitions = false;
  for (int option; (option = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
    switch (option) {
    case 'c': out->config = optarg; break;
    case 's': out->source = optarg; break;
    case 'p':
      if (!pl_str_int(pl_str_of(optarg), &out->partitions) || out->partitions < 1 ||
          out->partitions > PARTITIONS_MAX)
        return false;
      partitions = true;
      break;
    case 'd': out->diff = optarg; break;
    case 'g': out->score = true; break;
    case 'v': out->svg = optarg; break;
    case 'o': out->own = true; break;
    case 'l': out->lines = true; break;
    case 't': out->topic = true; break;
    default: return false;
    }
  }
  out->table = argv[optind];
  return out->config && !out->source == out->topic && optind + !out->topic == argc &&
         out->score + out->lines + !!out->diff <= 1 && (!out->svg || out->score) &&
         !(out->topic && partitions) /* it has its own */;
}

static int run_both(const replay *r, const arguments *a) {
  past there;
  replay other = {0};
  int code = open_past(&there, a->diff, a);
  if (code == EX_OK) code = run(&other, &there, a->diff, a);
  if (code == EX_OK) print_diff(r, &other);
  fini(&other);
  close_past(&there);
  return code;
}

int pl_cli_replay(int argc, char **argv) {
  arguments a;
  if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0))
    return (void)fputs(usage, stdout), EX_OK;
  if (!parse(argc, argv, &a)) return (void)fputs(usage, stderr), EX_USAGE;
  past here;
  replay r = {0};
  int code = open_past(&here, a.config, &a);
  if (code == EX_OK) code = run(&r, &here, a.config, &a);
  if (code == EX_OK && a.diff) code = run_both(&r, &a);
  if (code == EX_OK && a.score) code = print_score(&r, a.svg);
  for (size_t i = 0; code == EX_OK && !a.diff && !a.score && !a.lines && i < r.nlines; i++)
    (void)puts(r.lines[i].text);
  fini(&r);
  close_past(&here);
  return code;
}
