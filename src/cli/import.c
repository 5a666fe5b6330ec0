/* paceline import: a CRM's past, from a CSV file into Kafka, stamped with and ordered by event time.
 *
 * Everything is read and checked before the first record is written. Records go out in transactions, so that
 * a reader never sees half of one; the last holds a heartbeat for each partition at the end of the last
 * period, which lets stream time pass the ends of all goals.
 *
 * Where sources are declared, nobody is judged before they have spoken: then the import says on the way, to
 * each partition, that what lies before an event has been written, so that all is judged at the instants at
 * which it would have been without sources. It speaks for the source of its own name, or, if that is none of
 * them, for all: it is the whole past then. On a wall clock its last word is the newest event: what came
 * after it is for the live feeds to say.
 *
 * Whoever interrupts an import knows from its
 * last line how many events are there, and goes on with --from. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/table.h"
#include "io/kafka_writer.h"

enum { TRANSACTION = 5000 /* events */ };

static const char usage[] =
    "usage: paceline import -c CONFIG --source NAME [--rejects FILE] [--dry] [--from N] FILE.csv\n"
    "  Turns the rows of a table into events by the mapping called NAME, and writes them to the activities,\n"
    "  with heartbeats of the declared source NAME, or of all `sources` if none is called so.\n"
    "  --rejects FILE  writes the rows that could not be used there, each with its line and the reason\n"
    "  --dry           reads and reports only\n"
    "  --from N        goes on after the first N events, which an interrupted import has written\n";

typedef struct {
  const char *config, *source, *rejects, *table;
  int64_t from;
  bool dry;
} arguments;

static bool parse(int argc, char **argv, arguments *out) {
  static const struct option options[] = {{"source", required_argument, NULL, 's'},
                                          {"rejects", required_argument, NULL, 'r'},
                                          {"from", required_argument, NULL, 'f'},
                                          {"dry", no_argument, NULL, 'd'},
                                          {0}};
  *out = (arguments){0};
  for (int option; (option = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
    switch (option) {
    case 'c': out->config = optarg; break;
    case 's': out->source = optarg; break;
    case 'r': out->rejects = optarg; break;
    case 'd': out->dry = true; break;
    case 'f':
      if (!pl_str_int(pl_str_of(optarg), &out->from) || out->from < 0) return false;
      break;
    default: return false;
    }
  }
  out->table = argv[optind];
  return out->config && out->source && optind + 1 == argc;
}

static int complain(const char *where, const pl_err *err, int code) {
  (void)fprintf(stderr, "paceline: %s%s%s\n", where, *where ? ": " : "", err->text);
  return code;
}

static int code_of(pl_status status) {
  return status == PL_OK       ? EX_OK
         : status == PL_AGAIN  ? EX_TEMPFAIL
         : status == PL_REJECT ? EX_CONFIG
                               : EX_IOERR;
}

/* --- files */

static int write_rejects(const char *path, const pl_buf *rejects) {
  FILE *file = fopen(path, "we");
  bool good = file && fwrite(rejects->p, 1, rejects->n, file) == rejects->n;
  if (file && fclose(file) != 0) good = false;
  return good ? EX_OK
              : complain(path, &(pl_err){"cannot be written; check its folder and rights"}, EX_CANTCREAT);
}

/* --- Kafka */

static pl_status open_writer(pl_writer **out, const pl_config *c, const char *source, pl_err *err) {
  char name[256];
  pl_kafka_config k;
  pl_status status = pl_cli_kafka(&k, c, err);
  if (status != PL_OK) return status;
  (void)snprintf(name, sizeof name, "paceline-import-%s-%s", c->kafka.topics.activities, source);
  return pl_writer_new(out, &k, c->kafka.topics.activities, name, err);
}

typedef struct {
  const pl_rows *rows;
  const pl_config *config;
  pl_writer *writer;
  pl_list speaks; /* the sources it speaks for */
  pl_wall *said;  /* by partition: up to where; NULL: only at the end */
  int32_t partitions;
} output;

static output output_of(const pl_rows *rows, const pl_config *c, pl_writer *writer, const arguments *a) {
  output o = {rows, c, writer, {&a->source, 1}, NULL, pl_writer_partitions(writer)};
  bool declared = false;
  for (size_t i = 0; i < c->sources.n; i++) declared |= strcmp(c->sources.items[i], a->source) == 0;
  if (!c->sources.n) return o;
  if (!declared) o.speaks = c->sources;
  o.said = pl_alloc((size_t)o.partitions * sizeof *o.said);
  for (int32_t p = 0; p < o.partitions; p++) o.said[p] = PL_BEGINNING;
  return o;
}

static pl_status beat(const output *o, int32_t partition, pl_wall at, pl_wall complete_to, pl_err *err) {
  pl_status status = PL_OK;
  pl_buf value;
  pl_buf_init(&value, 1024);
  for (size_t i = 0; i < o->speaks.n && status == PL_OK; i++) {
    pl_buf_clear(&value);
    pl_rows_heartbeat(o->rows, o->speaks.items[i], at, complete_to, &value);
    status = pl_writer_put(o->writer, partition, (pl_str){0}, pl_buf_str(&value), at, err);
  }
  pl_buf_fini(&value);
  return status;
}

/* What is judged when this event comes lies `source_delay` before it. */
static pl_status put(output *o, const pl_row_event *event, pl_err *err) {
  int32_t p = pl_kafka_home(event->rep, o->partitions, o->config->kafka.partitioner == PL_PARTITIONER_CRC32);
  if (o->said && pl_before(o->said[p], pl_wall_minus(event->at, o->config->source_delay))) {
    pl_status status = beat(o, p, event->at, event->at, err);
    if (status != PL_OK) return status;
    o->said[p] = event->at;
  }
  return pl_writer_put(o->writer, p, event->rep, pl_rows_value(o->rows, event), event->at, err);
}

static pl_status end(const output *o, pl_wall newest, pl_err *err) {
  pl_wall end = pl_rows_end(o->rows), at = pl_wall_plus(end, o->config->source_delay);
  bool live = o->said && o->config->clock == PL_CLOCK_WALL;
  pl_status status = PL_OK;
  for (int32_t p = 0; p < o->partitions && status == PL_OK; p++)
    status = beat(o, p, at, live ? newest : end, err);
  return status;
}

/* `done`: how many events are committed. */
static pl_status write_all(output *o, const arguments *a, size_t *done, pl_err *err) {
  size_t n;
  const pl_row_event *events = pl_rows_events(o->rows, &n);
  bool counter = isatty(STDERR_FILENO), last = false;
  for (*done = (size_t)a->from; !last;) {
    size_t until = n - *done > TRANSACTION ? *done + TRANSACTION : n;
    last = until == n;
    pl_status status = pl_writer_begin(o->writer, err);
    for (size_t i = *done; i < until && status == PL_OK; i++) status = put(o, &events[i], err);
    if (last && status == PL_OK) status = end(o, events[n - 1].at, err);
    if (status == PL_OK) status = pl_writer_commit(o->writer, err);
    if (status != PL_OK) return status;
    *done = until;
    if (counter) (void)fprintf(stderr, "\r%zu of %zu events%s", until, n, last ? "\n" : "");
  }
  return PL_OK;
}

static int send(const pl_rows *rows, const pl_config *config, const arguments *a) {
  pl_err err = {""};
  pl_writer *writer = NULL;
  size_t n, done = (size_t)a->from;
  (void)pl_rows_events(rows, &n);
  pl_status status = open_writer(&writer, config, a->source, &err);
  output o = {.partitions = 0};
  if (status == PL_OK) {
    o = output_of(rows, config, writer, a);
    status = write_all(&o, a, &done, &err);
    pl_release(o.said, o.said ? (size_t)o.partitions * sizeof *o.said : 0);
  }
  pl_writer_free(&writer);
  if (status != PL_OK) {
    (void)complain("", &err, 0);
    if (done)
      (void)fprintf(stderr, "paceline: %zu of %zu events are written; --from %zu goes on there\n", done, n,
                    done);
    else
      (void)fputs("paceline: nothing was written\n", stderr);
    return code_of(status);
  }
  char end[PL_ISO_MAX];
  (void)fprintf(stderr, "wrote %zu events to %s (%d partitions), complete to %s\n", n - (size_t)a->from,
                config->kafka.topics.activities, o.partitions, pl_wall_iso(pl_rows_end(rows), end));
  return EX_OK;
}

/* --- the verb */

static int import(const pl_table *t, const arguments *a) {
  size_t n = 0;
  (void)pl_rows_events(t->rows, &n);
  int code = a->rejects ? write_rejects(a->rejects, &t->rejects) : EX_OK;
  if (code != EX_OK) return code;
  if (n == 0) return complain(a->table, &(pl_err){"no row makes an event"}, EX_DATAERR);
  if ((size_t)a->from > n)
    return complain("--from", &(pl_err){"more than there are events; take it from the interrupted import"},
                    EX_USAGE);
  return a->dry ? EX_OK : send(t->rows, t->config, a);
}

int pl_cli_import(int argc, char **argv) {
  arguments a;
  if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0))
    return (void)fputs(usage, stdout), EX_OK;
  if (!parse(argc, argv, &a)) return (void)fputs(usage, stderr), EX_USAGE;
  pl_table table;
  int code = pl_table_open(&table, a.config, a.source, a.table);
  if (code == EX_OK) code = import(&table, &a);
  pl_table_close(&table);
  return code;
}
