/* paceline demo: a simulated company lives a week in about a minute, and paceline watches.
 *
 * The demo is the company's CRM and a reader of the views; the daemon in between is the real one, started as
 * a process of its own with a configuration file of its own. First the daemon catches up with two months of
 * history, then the week begins. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/crm.h"
#include "cli/inbox.h"
#include "cli/stage.h"
#include "cli/views.h"
#include "codec/keys.h"

enum {
  TURN_MS = 50,
  DRAW_MS = 100,
  SUM_MS = 5000, /* plain output: between two lines that sum up */
  CATCH_UP_MS = 60000,
  SETTLE_MS = 5000,        /* at the end: for the daemon to see the last record */
  SIMULATED_PER_MS = 8300, /* a week in about a minute */
  REPS_PER_PARTITION = 12, /* two months of theirs are about 3 MB */
  WEEKEND = 10,            /* and faster when nobody works */
  FOLLOWED_TEAM = 2,       /* whose manager's digest is shown */
};
static const char PREFIX[] = "pl";

typedef struct {
  int64_t for_ms; /* 0: to the end of the week */
  double speed;
  uint64_t seed;
  size_t reps;
  bool plain, keep;
} options;

typedef struct {
  options options;
  pl_board_style style;
  char hints[2][256], title[64];
  bool screen;  /* draws a screen; otherwise prints lines */
  bool drawn;   /* ... and has begun to */
  bool stopped; /* by a signal, or nobody reads what we print */
  int signals;  /* signalfd */
  pl_stage stage;
  pl_company *company;
  pl_crm *crm;
  pl_inbox *inbox;
  pl_views *views;
  pl_board *board;
  pl_buf out;
  int64_t printed; /* alerts, as lines */
  int64_t heard;   /* alerts, by those whom they tell something */
  int64_t began_ms, draw_ms, sum_ms;
} demo;

static int64_t now_ms(void) { return pl_clock_mono().us / 1000; }

/* --- the terminal */

static void show(demo *d) {
  for (size_t at = 0; at < d->out.n;) {
    ssize_t n = write(STDOUT_FILENO, d->out.p + at, d->out.n - at);
    if (n > 0) at += (size_t)n;
    if (n < 0 && errno != EINTR) {
      d->stopped = true;
      break;
    }
  }
  pl_buf_clear(&d->out);
}

static bool wants_ascii(void) {
  const char *names[] = {getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG")};
  for (size_t i = 0; i < PL_COUNT(names); i++)
    if (names[i] && *names[i])
      return !strstr(names[i], "UTF-8") && !strstr(names[i], "utf8") && !strstr(names[i], "UTF8");
  return true;
}

static void set_up_terminal(demo *d) {
  const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
  bool terminal = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
  d->screen = terminal && !d->options.plain;
  d->style.colour = terminal && !(no_colour && *no_colour);
  d->style.ascii = wants_ascii();
  d->style.title = d->title;
  d->style.hints[0] = d->hints[0], d->style.hints[1] = d->hints[1];
}

static void draw_screen(demo *d) {
  struct winsize size = {0};
  int columns = d->style.columns, lines = d->style.lines;
  (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  d->style.columns = size.ws_col ? size.ws_col : 80;
  d->style.lines = size.ws_row ? size.ws_row : 24;
  if (!d->drawn) pl_buf_text(&d->out, "\033[?25l");
  if (!d->drawn || columns != d->style.columns || lines != d->style.lines) pl_buf_text(&d->out, "\033[2J");
  d->drawn = true;
  pl_board_draw(d->board, &d->style, &d->out);
}

/* The last board stays; what follows takes the place of the hints, which no longer lead anywhere. */
static void leave_screen(demo *d) {
  if (d->drawn) pl_buf_printf(&d->out, "\033[%d;1H\033[J\033[?25h", d->style.lines - 1);
  d->drawn = false;
}

static void print_lines(demo *d) {
  int64_t first = d->board->nalerts - PL_BOARD_ALERTS_MAX;
  for (d->printed = d->printed > first ? d->printed : first; d->printed < d->board->nalerts; d->printed++)
    pl_board_alert_line(&d->board->alerts[d->printed % PL_BOARD_ALERTS_MAX], &d->style, &d->out);
  if (now_ms() < d->sum_ms || !d->board->nreps) return;
  d->sum_ms = now_ms() + SUM_MS;
  pl_board_sum_line(d->board, &d->style, &d->out);
}

/* One manager's, that there is room for the rest: a line on the screen, else all of it. */
static void on_digest(void *ctx, const char *manager, pl_wall at, const char *text) {
  demo *d = ctx;
  pl_team_fact team;
  pl_board_alert told = {.kind = PL_BOARD_DIGEST, .at = at};
  pl_company_team(d->company, FOLLOWED_TEAM, &team);
  if (!pl_str_eq(team.manager, pl_str_of(manager))) return;
  (void)snprintf(told.who, sizeof told.who, "to the manager");
  size_t first = strcspn(text, "\n");
  (void)snprintf(told.body, sizeof told.body, "%.*s", d->screen ? (int)sizeof told.body : (int)first, text);
  for (char *p = told.body; (p = strchr(p, '\n'));) *p = ' ';
  if (d->screen) {
    pl_board_tell(d->board, &told);
    return;
  }
  pl_board_alert_line(&told, &d->style, &d->out);
  for (const char *p = text + first; *p; p += strcspn(p, "\n")) {
    p++;
    pl_buf_printf(&d->out, "%24s%.*s\n", "", (int)strcspn(p, "\n"), p);
  }
}

static void say(demo *d, const char *text) {
  pl_buf_printf(&d->out, "%s\n", text);
  show(d);
}

/* --- turns */

/* Waits for a signal; true: there was one, or nobody reads any more. */
static bool stop_within(demo *d, int ms) {
  struct pollfd signals = {.fd = d->signals, .events = POLLIN};
  struct signalfd_siginfo info;
  if (poll(&signals, 1, ms) > 0 && read(d->signals, &info, sizeof info) > 0) d->stopped = true;
  return d->stopped;
}

/* The marks in Redis have reached the last record the broker took. */
static bool caught_up(demo *d) {
  for (int32_t p = 0; p < pl_crm_partitions(d->crm); p++) {
    int64_t offset = 0;
    pl_key key = pl_key_mark(PREFIX, p);
    if (!pl_views_int(d->views, key.text, "offset", &offset) || offset < pl_crm_end(d->crm, p)) return false;
  }
  return true;
}

static bool time_is_over(const demo *d) {
  return d->options.for_ms > 0 && now_ms() - d->began_ms >= d->options.for_ms;
}

/* OK also when a signal comes first. */
static pl_status wait_until_caught_up(demo *d, int most_ms, pl_err *err) {
  pl_status status = pl_crm_flush(d->crm, err);
  for (int64_t until = now_ms() + most_ms; status == PL_OK && !caught_up(d);) {
    if (now_ms() > until)
      return pl_fail(err, PL_FATAL, "the daemon did not catch up within %d s; --keep keeps its log",
                     most_ms / 1000);
    if (stop_within(d, TURN_MS)) break;
    pl_inbox_look(d->inbox);
    status = pl_stage_look(&d->stage, err);
  }
  return status;
}

static pl_status look(demo *d, pl_err *err) {
  pl_status status = pl_views_read(d->views, d->board, err);
  if (status != PL_OK) return status;
  if (d->screen)
    draw_screen(d);
  else
    print_lines(d);
  show(d);
  return PL_OK;
}

static pl_status answer(demo *d, const pl_board_alert *alert, pl_wall now, pl_err *err) {
  pl_answer_word word;
  if (!*alert->id || !pl_company_answer(pl_str_of(alert->id), &word)) return PL_OK;
  pl_board_alert said = {.kind = PL_BOARD_ANSWER, .at = now};
  (void)snprintf(said.who, sizeof said.who, "%s", alert->who + strlen("to "));
  (void)snprintf(said.body, sizeof said.body, "\"%s\" Plan: \"%s\"", word.reason.p, word.plan.p);
  pl_status status = pl_crm_answer(d->crm, pl_str_of(alert->rep), now, &word, err);
  pl_board_tell(d->board, &said);
  return status;
}

/* Who is told to be behind says why, and what next: most of them. */
static pl_status converse(demo *d, pl_wall now, pl_err *err) {
  pl_status status = PL_OK;
  int64_t until = d->board->nalerts, first = until - PL_BOARD_ALERTS_MAX / 2;
  for (d->heard = d->heard > first ? d->heard : first; status == PL_OK && d->heard < until; d->heard++) {
    const pl_board_alert alert = d->board->alerts[d->heard % PL_BOARD_ALERTS_MAX];
    status = answer(d, &alert, now, err);
  }
  return status;
}

static pl_status live(demo *d, pl_err *err) {
  pl_status status = PL_OK;
  pl_wall now = pl_company_opens();
  int64_t last_ms = now_ms();
  while (status == PL_OK && now.ms < pl_company_closes().ms && !time_is_over(d)) {
    if (stop_within(d, TURN_MS)) break;
    double step = (double)(now_ms() - last_ms) * SIMULATED_PER_MS * d->options.speed;
    last_ms = now_ms();
    now.ms += (int64_t)step * (pl_company_rests(now) ? WEEKEND : 1);
    now = pl_earlier(now, pl_company_closes());
    status = pl_crm_live(d->crm, d->company, now, err);
    if (status == PL_OK) status = pl_stage_look(&d->stage, err);
    pl_inbox_look(d->inbox);
    if (status != PL_OK || now_ms() < d->draw_ms) continue;
    d->draw_ms = now_ms() + DRAW_MS;
    status = look(d, err);
    if (status == PL_OK) status = converse(d, now, err);
  }
  return status;
}

/* --- the whole */

static void write_hints(demo *d) {
  pl_rep_fact rep;
  pl_company_rep(d->company, 0, &rep);
  (void)snprintf(d->title, sizeof d->title, "paceline demo, times in UTC");
  (void)snprintf(d->hints[0], sizeof d->hints[0],
                 "look inside: redis-cli -p %d HGETALL pl:rep:%.*s   (or XREVRANGE pl:alerts + - COUNT 3)",
                 d->stage.redis.port, (int)rep.id.n, rep.id.p);
  (void)snprintf(d->hints[1], sizeof d->hints[1], "curl 127.0.0.1:%d/metrics   kafka %s   Ctrl-C ends it",
                 d->stage.http_port, d->stage.broker.bootstrap);
}

static pl_status begin(demo *d, pl_err *err) {
  say(d, "starting a broker and a redis-server of our own ...");
  int partitions = 1 + (int)d->options.reps / REPS_PER_PARTITION;
  pl_status status = pl_inbox_new(&d->inbox, on_digest, d, err);
  if (status != PL_OK) return status;
  d->stage.inbox_port = pl_inbox_port(d->inbox);
  status = pl_stage_open(&d->stage, partitions < 4 ? 4 : partitions, err);
  if (status != PL_OK) return status;
  d->company = pl_company_new(d->options.seed, d->options.reps);
  d->board = PL_NEW(pl_board);
  d->board->now = pl_company_opens();
  status = pl_crm_new(&d->crm, d->stage.broker.bootstrap, err);
  if (status == PL_OK) status = pl_crm_facts(d->crm, d->company, err);
  if (status == PL_OK) status = pl_crm_flush(d->crm, err);
  if (status == PL_OK) say(d, "starting paceline; two months of history come first ...");
  if (status == PL_OK) status = pl_stage_start(&d->stage, err);
  if (status == PL_OK) status = pl_crm_live(d->crm, d->company, pl_company_opens(), err);
  if (status == PL_OK) status = pl_views_new(&d->views, "127.0.0.1", d->stage.redis.port, PREFIX, err);
  if (status != PL_OK) return status;
  write_hints(d);
  if (!d->screen) {
    say(d, d->hints[0]), say(d, d->hints[1]);
    say(d, "times are in UTC; the reps' days are those of their own zones. A few events are repeated or "
           "broken on "
           "purpose.");
  }
  return wait_until_caught_up(d, CATCH_UP_MS, err);
}

static void sum_up(demo *d, pl_str metrics) {
  pl_buf_printf(&d->out, "%lld events applied; alerts:",
                (long long)pl_stage_metric(metrics, "paceline_events_total{result=\"applied\"}"));
  bool any = false;
  for (pl_alert_kind k = 0; k < PL_ALERT_KINDS; k++) {
    if (!d->board->kinds[k]) continue;
    pl_buf_printf(&d->out, "%s %lld %s", any ? "," : "", (long long)d->board->kinds[k],
                  pl_alert_kind_name(k));
    any = true;
  }
  pl_buf_printf(&d->out, "%s; %lld answers, %lld too late; %lld duplicates, %lld dead letters\n",
                any ? "" : " none", (long long)d->board->kinds[PL_BOARD_ANSWER],
                (long long)pl_stage_metric(metrics, "paceline_events_total{result=\"no_alert\"}"),
                (long long)pl_stage_metric(metrics, "paceline_events_total{result=\"duplicate\"}"),
                (long long)pl_stage_metric(metrics, "paceline_dead_letters_total"));
}

static pl_status end(demo *d, pl_err *err) {
  pl_buf metrics;
  d->stopped = false; /* a second Ctrl-C cuts the settling short */
  d->sum_ms = 0;
  pl_status status = wait_until_caught_up(d, SETTLE_MS, err);
  if (status == PL_OK) status = look(d, err);
  pl_buf_init(&metrics, 1 << 20);
  if (status == PL_OK) status = pl_stage_metrics(&d->stage, &metrics, err);
  if (status == PL_OK) status = pl_stage_stop(&d->stage, err);
  leave_screen(d);
  if (status == PL_OK) sum_up(d, pl_buf_str(&metrics));
  show(d);
  pl_buf_fini(&metrics);
  return status;
}

static void close_all(demo *d) {
  leave_screen(d);
  show(d);
  pl_views_free(&d->views);
  pl_crm_free(&d->crm);
  pl_stage_close(&d->stage);
  pl_inbox_free(&d->inbox);
  pl_company_free(&d->company);
  if (d->board) PL_FREE(d->board);
  pl_buf_fini(&d->out);
  if (d->signals >= 0) (void)close(d->signals);
}

static int play(const options *o) {
  sigset_t ends;
  pl_err err = {""};
  demo d = {.options = *o, .stage.keep = o->keep, .began_ms = now_ms()};
  (void)sigemptyset(&ends);
  (void)sigaddset(&ends, SIGINT), (void)sigaddset(&ends, SIGTERM), (void)sigaddset(&ends, SIGHUP);
  (void)sigprocmask(SIG_BLOCK, &ends, NULL); /* before there are threads: they inherit it */
  (void)signal(SIGPIPE, SIG_IGN);
  d.signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
  pl_buf_init(&d.out, 1 << 22);
  set_up_terminal(&d);
  pl_status status = begin(&d, &err);
  if (status == PL_OK && !d.stopped) status = live(&d, &err);
  if (status == PL_OK) status = end(&d, &err);
  close_all(&d);
  if (status != PL_OK) (void)fprintf(stderr, "paceline demo: %s\n", err.text);
  if (o->keep && *d.stage.folder)
    (void)fprintf(stderr, "the daemon's configuration and log: %s\n", d.stage.folder);
  return status == PL_OK ? EX_OK : EX_UNAVAILABLE;
}

/* --- the command line */

static const char usage[] =
    "usage: paceline demo [OPTION...]\n"
    "  A simulated company lives a week in about a minute, on a broker and a Redis of its own.\n\n"
    "  --for DURATION  end after 30s, 2min, ...; without it, at the end of the week\n"
    "  --speed FACTOR  2 is twice as fast\n"
    "  --reps N        people in the company (40)\n"
    "  --seed N        another company\n"
    "  --plain         lines instead of a screen\n"
    "  --keep          keep the folder with the daemon's configuration and log\n";

/* "30s", "2min", "500ms"; a number alone is seconds. */
static bool duration(const char *text, int64_t *out_ms) {
  static const struct {
    const char *unit;
    double ms;
  } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"min", 60000}, {"h", 3600000}};
  char *unit;
  double n = strtod(text, &unit);
  for (size_t i = 0; i < PL_COUNT(units); i++)
    if (unit != text && strcmp(unit, units[i].unit) == 0 && n * units[i].ms >= 1 && n * units[i].ms <= 1e9) {
      *out_ms = (int64_t)(n * units[i].ms);
      return true;
    }
  return false;
}

static bool option_value(options *o, int option, const char *text) {
  int64_t n = 0;
  switch (option) {
  case 'f': return duration(text, &o->for_ms);
  case 's': return pl_str_double(pl_str_of(text), &o->speed) && o->speed >= 0.01 && o->speed <= 100;
  case 'S':
    if (!pl_str_int(pl_str_of(text), &n) || n < 0) return false;
    o->seed = (uint64_t)n;
    return true;
  case 'r':
    if (!pl_str_int(pl_str_of(text), &n) || n < 1 || n > PL_COMPANY_REPS_MAX) return false;
    o->reps = (size_t)n;
    return true;
  default: return false;
  }
}

int pl_cli_demo(int argc, char **argv) {
  static const struct option names[] = {
      {"for", required_argument, NULL, 'f'},  {"speed", required_argument, NULL, 's'},
      {"reps", required_argument, NULL, 'r'}, {"seed", required_argument, NULL, 'S'},
      {"plain", no_argument, NULL, 'p'},      {"keep", no_argument, NULL, 'k'},
      {"help", no_argument, NULL, 'h'},       {0}};
  options o = {.speed = 1, .seed = 7, .reps = PL_COMPANY_REPS};
  for (int option, at = 0; (option = getopt_long(argc, argv, "h", names, &at)) != -1;) {
    if (option == 'h') return fputs(usage, stdout) < 0 ? EX_IOERR : EX_OK;
    if (option == 'p') {
      o.plain = true;
    } else if (option == 'k') {
      o.keep = true;
    } else if (option == '?' || !option_value(&o, option, optarg)) {
      if (option != '?')
        (void)fprintf(stderr, "paceline demo: --%s %s is not understood\n\n", names[at].name, optarg);
      return (void)fputs(usage, stderr), EX_USAGE;
    }
  }
  if (optind != argc) return (void)fputs(usage, stderr), EX_USAGE;
  return play(&o);
}
