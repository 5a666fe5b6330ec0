#include "cli/arguments.h"

#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

int pl_arguments_read(int argc, char **argv, const char *usage, const char **config, char ***words,
                      int *code) {
  static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
  *config = NULL, *code = EX_USAGE;
  for (int option; (option = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
    if (option == 'h') return (void)fputs(usage, stdout), *code = EX_OK, -1;
    if (option != 'c') return (void)fputs(usage, stderr), -1;
    *config = optarg;
  }
  if (!*config) return (void)fputs(usage, stderr), -1;
  *words = argv + optind;
  return argc - optind;
}
