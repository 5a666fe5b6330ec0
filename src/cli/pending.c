#include "cli/cli.h"
#include <stdio.h>
int __attribute__((weak)) pl_cli_demo(int argc, char **argv) {
  (void)argc, (void)argv;
  return puts("demo: soon");
}
int __attribute__((weak)) pl_cli_import(int argc, char **argv) {
  (void)argc, (void)argv;
  return puts("import: soon");
}
