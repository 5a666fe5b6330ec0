/* Reference: writes the reference page; the target `reference` puts it into examples/. */
#include <stdio.h>

#include "config/config.h"

int main(void) {
  pl_buf page;
  pl_buf_init(&page, 1 << 20);
  pl_config_reference(&page);
  bool good = !page.full && fwrite(page.p, 1, page.n, stdout) == page.n;
  pl_buf_fini(&page);
  return good ? 0 : 1;
}
