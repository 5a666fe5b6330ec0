/* paceline check: is the file right, and what does it say with every default filled in. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/sample.h"

enum { SAMPLE = 10, SAMPLE_MAX = 10000 /* records */ };

static const char usage[] =
    "usage: paceline check [--print | --live | --reference] FILE\n"
    "       paceline check --sample TOPIC [-n N] [--from-start] [--json] FILE\n"
    "       paceline check --sample TABLE --source NAME [-n N] [--json] FILE\n"
    "  Names everything that is wrong with a configuration, 100 lines at most, with "
    "place and remedy, and warns\n"
    "  of what is hardly meant: one goal within another, a goal's period in which "
    "nobody works, holidays that end\n"
    "  before the periods do.\n"
    "  --print      prints the effective configuration, secrets left out\n"
    "  --live       also asks Kafka, the schema registry and Redis whether they are as it needs them\n"
    "  --reference  prints every option with its documentation (no FILE needed)\n"
    "  --sample     reads the N (10) newest records of a topic that is mapped, with --from-start its oldest, "
    "or the\n"
    "               first rows of a CSV or JSON lines file, and says what each becomes: which events, of "
    "whom, when,\n"
    "               what they count in, or why there is none; and in the end what was never there. Changes "
    "nothing\n";

static void warn(const pl_config *config) {
  pl_buf text;
  pl_buf_init(&text, 1 << 20);
  pl_config_outlook(config, (int32_t)pl_floor_div(pl_clock_wall().ms, 86400000), &text);
  (void)fprintf(stderr, "%.*s", (int)text.n, text.n ? text.p : "");
  pl_buf_fini(&text);
}

static void sum_up(const char *path, const pl_config *c) {
  const struct {
    const char *what;
    size_t n;
  } parts[] = {{"metric", c->metrics.n}, {"goal", c->goals.n}, {"rep", c->reps.n}, {"team", c->teams.n}};
  (void)printf("%s: ", path);
  for (size_t i = 0; i < PL_COUNT(parts); i++)
    (void)printf("%s%zu %s%s", i ? ", " : "", parts[i].n, parts[i].what, parts[i].n == 1 ? "" : "s");
  (void)puts(": no errors");
  (void)fflush(stdout);
}

static int print(const pl_buf *text) {
  size_t n = fwrite(text->p, 1, text->n, stdout);
  return n == text->n ? EX_OK : EX_IOERR;
}

typedef struct {
  int wanted; /* 'p', 'l', 'r', 's'; 0: no more than a check */
  pl_sample sample;
  bool more; /* what only a sample takes */
} options;

/* One option; false: it is none, or does not go with the others. */
static bool take(int option, options *o) {
  switch (option) {
  case 'n':
    o->more = true;
    return pl_str_int(pl_str_of(optarg), &o->sample.n) && o->sample.n > 0 && o->sample.n <= SAMPLE_MAX;
  case 'S':
    o->more = true;
    o->sample.source = optarg;
    return true;
  case 'f': return o->more = o->sample.from_start = true;
  case 'j': return o->more = o->sample.json = true;
  case 's': o->sample.of = optarg; break;
  case '?': return false;
  default: break;
  }
  if (o->wanted && o->wanted != option) return false;
  o->wanted = option;
  return true;
}

static int check(const options *o, const char *path) {
  pl_config *config = pl_cli_config(path);
  int code = EX_OK;
  if (!config) return EX_CONFIG;
  if (o->wanted == 'p') {
    pl_buf text;
    pl_buf_init(&text, 1 << 22);
    pl_config_dump(config, &text);
    code = print(&text);
    pl_buf_fini(&text);
  } else if (o->wanted == 's') {
    code = pl_sample_say(&o->sample, config);
  } else {
    warn(config);
    sum_up(path, config);
    if (o->wanted == 'l' && !pl_cli_live(config)) code = EX_UNAVAILABLE;
  }
  pl_config_free(&config);
  return code;
}

static int reference(void) {
  pl_buf text;
  pl_buf_init(&text, 1 << 22);
  pl_config_reference(&text);
  int code = print(&text);
  pl_buf_fini(&text);
  return code;
}

int pl_cli_check(int argc, char **argv) {
  static const struct option longs[] = {{"print", no_argument, NULL, 'p'},
                                        {"live", no_argument, NULL, 'l'},
                                        {"reference", no_argument, NULL, 'r'},
                                        {"sample", required_argument, NULL, 's'},
                                        {"source", required_argument, NULL, 'S'},
                                        {"from-start", no_argument, NULL, 'f'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  options o = {.sample = {.n = SAMPLE}};
  for (int option; (option = getopt_long(argc, argv, "hn:", longs, NULL)) != -1;) {
    if (option == 'h') return (void)fputs(usage, stdout), EX_OK;
    if (!take(option, &o)) return (void)fputs(usage, stderr), EX_USAGE;
  }
  if (o.wanted == 'r') return reference();
  if (optind + 1 != argc || (o.more && o.wanted != 's') || (o.sample.source && o.sample.from_start))
    return (void)fputs(usage, stderr), EX_USAGE;
  o.sample.config = argv[optind];
  return check(&o, argv[optind]);
}
