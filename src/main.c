/* paceline: the command line. Finds the verb and ends the process with its exit code; the only exit() is
 * here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli/cli.h"

static int version(int argc, char **argv) {
  (void)argc, (void)argv;
  return puts("paceline " PACELINE_VERSION) < 0 ? EX_IOERR : EX_OK;
}

static const struct {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *help;
} verbs[] = {
    {"run", pl_cli_run, "count events and raise alerts, until SIGTERM"},
    {"check", pl_cli_check, "name everything that is wrong with a configuration"},
    {"test", pl_cli_test, "play a policy's scenarios on a virtual clock"},
    {"demo", pl_cli_demo, "a simulated company, its broker and its Redis, on a live board"},
    {"import", pl_cli_import, "turn CSV rows into events"},
    {"rekey", pl_cli_rekey, "copy a topic that is keyed by something else into the activities, by rep"},
    {"replay", pl_cli_replay, "print the alerts that a policy would have raised over a table or a topic"},
    {"explain", pl_cli_explain, "say why an alert was told, or why none was"},
    {"goal", pl_cli_goal, "list goals, and show what hitting one looks like"},
    {"alerts", pl_cli_alerts, "list what is open, told, held and parked, and why"},
    {"answer", pl_cli_answer, "answer an alert, for a rep"},
    {"silence", pl_cli_silence, "keep alerts from being told for a while; list and end that"},
    {"token", pl_cli_token, "make a signed token, or the link under which a rep answers an alert"},
    {"verify", pl_cli_verify, "count everything again from Kafka and compare with Redis"},
    {"dlq", pl_cli_dlq, "list, open and send back what could not be counted"},
    {"erase", pl_cli_erase, "erase a person, wherever paceline holds them"},
    {"version", version, "print the version"},
};

static int help(FILE *out, int code) {
  (void)fputs("usage: paceline VERB [OPTION...]\n\n", out);
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
    (void)fprintf(out, "  %-8s %s\n", verbs[i].name, verbs[i].help);
  (void)fputs("\npaceline VERB -h says more about one.\n", out);
  return code;
}

int main(int argc, char **argv) {
  if (argc < 2) exit(help(stderr, EX_USAGE));
  if (!strcmp(argv[1], "help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))
    exit(help(stdout, EX_OK));
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
    if (!strcmp(argv[1], verbs[i].name)) exit(verbs[i].run(argc - 1, argv + 1));
  (void)fprintf(stderr, "paceline: no verb is called \"%s\"\n\n", argv[1]);
  exit(help(stderr, EX_USAGE));
}
