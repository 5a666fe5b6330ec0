/* paceline import: a CRM's past, from a file into Kafka, stamped with and ordered by event time.
 *
 * Everything is read and checked before the first record is written. Records go out in transactions, so that
 * a reader never sees half of one, and each holds how far the import has come (progress.h): whoever is
 * interrupted runs the same command again, and it goes on there. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/import_inside.h"

static const char usage[] =
    "usage: paceline import -c CONFIG --source NAME [--format csv|jsonl] [--delimiter C] [--rejects FILE]\n"
    "                       [--dry] [--again] [--quiet] FILE\n"
    "  Turns the rows of a table into events by the mapping called NAME, and writes them to the activities,\n"
    "  with heartbeats of the declared source NAME, or of all `sources` if none is called so. One that was\n"
    "  interrupted goes on where it was when it is run again; a file that was finished is refused.\n"
    "  FILE            a table: CSV, or JSON with an object a line (.jsonl, .ndjson); `-` is what comes in\n"
    "  --format        which of the two, whatever FILE is called\n"
    "  --delimiter     what separates the fields of CSV: one character, or tab; else as the first line has "
    "it\n"
    "  --rejects FILE  writes the rows that could not be used there, each with its line and the reason\n"
    "  --dry           reads and reports only\n"
    "  --again         from the beginning, whatever is there already\n"
    "  --quiet         says nothing but what went wrong\n";

static bool parse(int argc, char **argv, pl_import_options *out) {
  static const struct option options[] = {
      {"source", required_argument, NULL, 's'},    {"rejects", required_argument, NULL, 'r'},
      {"again", no_argument, NULL, 'a'},           {"dry", no_argument, NULL, 'd'},
      {"quiet", no_argument, NULL, 'q'},           {"format", required_argument, NULL, 'f'},
      {"delimiter", required_argument, NULL, 'D'}, {0}};
  *out = (pl_import_options){0};
  for (int option; (option = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
    switch (option) {
    case 'c': out->table.config = optarg; break;
    case 's': out->table.source = optarg; break;
    case 'r': out->rejects = optarg; break;
    case 'a': out->again = true; break;
    case 'd': out->dry = true; break;
    case 'q': out->table.quiet = true; break;
    case 'f':
      if (!pl_table_is_format(out->table.format = optarg)) return false;
      break;
    case 'D':
      if (!(out->table.delimiter = pl_table_delimiter(optarg))) return false;
      break;
    default: return false;
    }
  }
  out->table.path = argv[optind];
  return out->table.config && out->table.source && optind + 1 == argc;
}

static int complain(const char *where, const char *text, int code) {
  (void)fprintf(stderr, "paceline: %s%s%s\n", where, *where ? ": " : "", text);
  return code;
}

static int write_rejects(const char *path, const pl_buf *rejects) {
  FILE *file = fopen(path, "we");
  bool good = file && fwrite(rejects->p, 1, rejects->n, file) == rejects->n;
  if (file && fclose(file) != 0) good = false;
  return good ? EX_OK : complain(path, "cannot be written; check its folder and rights", EX_CANTCREAT);
}

static int code_of(pl_status status) {
  return status == PL_OK       ? EX_OK
         : status == PL_AGAIN  ? EX_TEMPFAIL
         : status == PL_REJECT ? EX_CONFIG
                               : EX_IOERR;
}

static int send(const pl_table *t, const pl_import_options *o) {
  pl_err err = {""};
  pl_import_sent sent;
  pl_status status = pl_import_send(t, o, &sent, &err);
  char at[PL_ISO_MAX];
  if (status != PL_OK) {
    (void)complain("", err.text, 0);
    if (sent.refused) return EX_DATAERR;
    (void)fprintf(stderr, "paceline: %lld of %lld events are there; %s\n", (long long)sent.events,
                  (long long)sent.of,
                  sent.events ? "the same command goes on there" : "this run has written nothing");
    return code_of(status);
  }
  if (!o->table.quiet)
    (void)fprintf(stderr, "wrote %lld events to %s (%d partitions), complete to %s\n",
                  (long long)(sent.events - sent.before), t->config->kafka.topics.activities,
                  (int)sent.partitions, pl_wall_iso(pl_rows_end(t->rows), at));
  return EX_OK;
}

static int import(const pl_table *t, const pl_import_options *o) {
  size_t n = 0;
  (void)pl_rows_events(t->rows, &n);
  int code = o->rejects ? write_rejects(o->rejects, &t->rejects) : EX_OK;
  if (code != EX_OK) return code;
  if (n == 0) return complain(o->table.path, "no row makes an event", EX_DATAERR);
  return o->dry ? EX_OK : send(t, o);
}

int pl_cli_import(int argc, char **argv) {
  pl_import_options o;
  if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0))
    return (void)fputs(usage, stdout), EX_OK;
  if (!parse(argc, argv, &o)) return (void)fputs(usage, stderr), EX_USAGE;
  pl_table table;
  int code = pl_table_open(&table, &o.table);
  if (code == EX_OK) code = import(&table, &o);
  pl_table_close(&table);
  return code;
}
