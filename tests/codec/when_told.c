/* What the program makes of texts: stdin has a format, a tab and a text a line, stdout the milliseconds of
 * each, `local` or `utc`, or `-`. */
#include <stdio.h>
#include <string.h>

#include "codec/when.h"

int main(void) {
  char line[512];
  while (fgets(line, sizeof line, stdin)) {
    char *rest, *format = strtok_r(line, "\t\n", &rest), *text = strtok_r(NULL, "\n", &rest);
    pl_when when;
    if (format && text && pl_when_format(format, pl_str_of(text), &when))
      (void)printf("%lld %s\n", (long long)when.ms, when.local ? "local" : "utc");
    else
      (void)puts("-");
  }
  return 0;
}
