/* paceline check: is the file right, and what does it say with every default filled in. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "cli/cli.h"

static const char usage[] =
    "usage: paceline check [--print | --live | --reference] FILE\n"
    "  Names everything that is wrong with a configuration, 100 lines at most, with "
    "place and remedy, and warns\n"
    "  of what is hardly meant: one goal within another, a goal's period in which "
    "nobody works, holidays that end\n"
    "  before the periods do.\n"
    "  --print      prints the effective configuration, secrets left out\n"
    "  --live       also asks Kafka, the schema registry and Redis whether they are as it needs them\n"
    "  --reference  prints every option with its documentation (no FILE needed)\n";

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

int pl_cli_check(int argc, char **argv) {
  static const struct option options[] = {{"print", no_argument, NULL, 'p'},
                                          {"live", no_argument, NULL, 'l'},
                                          {"reference", no_argument, NULL, 'r'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
  int wanted = 0;
  for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
    if (option == 'h') return (void)fputs(usage, stdout), EX_OK;
    if (option == '?' || (wanted && wanted != option)) return (void)fputs(usage, stderr), EX_USAGE;
    wanted = option;
  }
  pl_buf text;
  pl_buf_init(&text, 1 << 22);
  int code = EX_OK;
  if (wanted == 'r') {
    pl_config_reference(&text);
    code = print(&text);
  } else if (optind + 1 != argc) {
    (void)fputs(usage, stderr);
    code = EX_USAGE;
  } else {
    pl_config *config = pl_cli_config(argv[optind]);
    if (!config) {
      code = EX_CONFIG;
    } else if (wanted == 'p') {
      pl_config_dump(config, &text);
      code = print(&text);
    } else {
      warn(config);
      sum_up(argv[optind], config);
      if (wanted == 'l' && !pl_cli_live(config)) code = EX_UNAVAILABLE;
    }
    pl_config_free(&config);
  }
  pl_buf_fini(&text);
  return code;
}
