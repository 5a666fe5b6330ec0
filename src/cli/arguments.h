/* Arguments that verbs have in common: `-c CONFIG`, `-h`, `--help`, and words. */
#ifndef PL_CLI_ARGUMENTS_H
#define PL_CLI_ARGUMENTS_H

/* How many words there are; -1: the verb ends with `code`, and what is to be said was. */
int pl_arguments_read(int argc, char **argv, const char *usage, const char **config, char ***words,
                      int *code);

#endif
