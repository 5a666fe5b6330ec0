/* paceline answer: what a rep says to an alert, written into the stream of events. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/say.h"
#include "codec/answer.h"
#include "codec/pass.h"

static const char usage[] =
    "usage: paceline answer -c CONFIG REP ALERT [--reason TEXT] [--plan TEXT]\n"
    "  Answers an alert for the rep: why it is so, what they will do; one of the two, or both. Returns when\n"
    "  Kafka has it; whether the alert is the rep's, and open, is judged after that. The last answer "
    "stands.\n";

/* False: the verb ends with `code`. */
static bool parse(int argc, char **argv, const char **path, const char **reason, const char **plan,
                  int *code) {
  static const struct option options[] = {{"reason", required_argument, NULL, 'r'},
                                          {"plan", required_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
  *path = NULL, *reason = *plan = "", *code = EX_USAGE;
  for (int option; (option = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
    switch (option) {
    case 'c': *path = optarg; break;
    case 'r': *reason = optarg; break;
    case 'p': *plan = optarg; break;
    case 'h': *code = EX_OK; return (void)fputs(usage, stdout), false;
    default: return (void)fputs(usage, stderr), false;
    }
  }
  if (!*path || argc - optind != 2) return (void)fputs(usage, stderr), false;
  return true;
}

static pl_status say(const pl_config *config, const char *path, const char *rep, const pl_answer_word *word,
                     pl_err *err) {
  char id[PL_ID_MAX + 1];
  pl_activity activity = pl_answer_activity(id, pl_str_of(rep), pl_clock_wall(), word);
  pl_status status = pl_say_check(config, path, rep, err);
  if (status == PL_OK) status = pl_say_now(config, rep, &activity.at, err);
  return status == PL_OK ? pl_say_write(config, &activity, "paceline-answer", err) : status;
}

int pl_cli_answer(int argc, char **argv) {
  const char *path, *reason, *plan;
  pl_answer_prose prose;
  pl_err err = {""};
  int code;
  if (!parse(argc, argv, &path, &reason, &plan, &code)) return code;
  const char *rep = argv[optind];
  pl_str alert = pl_str_of(argv[optind + 1]);
  pl_status status = pl_answer_take(&prose, pl_str_of(reason), pl_str_of(plan), &err);
  if (status == PL_OK && (!alert.n || alert.n > PL_PASS_ALERT_MAX || !pl_str_clean(alert)))
    status = pl_fail(&err, PL_REJECT, "found no alert's id, expected one, as messages and pl:alerts have it");
  if (status != PL_OK) return (void)fprintf(stderr, "paceline answer: %s\n", err.text), EX_USAGE;
  prose.word.alert = alert;
  pl_config *config = pl_cli_config(path);
  if (!config) return EX_CONFIG;
  status = say(config, path, rep, &prose.word, &err);
  if (status == PL_OK)
    (void)printf("%s: the answer is written; `paceline alerts --rep %s` shows what became of it\n", rep, rep);
  else
    (void)fprintf(stderr, "paceline answer: %s\n", err.text);
  pl_config_free(&config);
  return status == PL_OK ? EX_OK : status == PL_AGAIN ? EX_TEMPFAIL : EX_CONFIG;
}
