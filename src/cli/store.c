/* The Redis that a configuration names. */
#include <stdio.h>

#include "cli/cli.h"
#include "io/redis.h"

pl_status pl_cli_redis(pl_store **out, const pl_config *c, struct event_base *base, pl_err *err) {
  char password[256] = "";
  if (c->redis.password_file) {
    FILE *f = fopen(c->redis.password_file, "re");
    size_t n = f ? fread(password, 1, sizeof password - 1, f) : 0;
    if (f) (void)fclose(f);
    while (n && (password[n - 1] == '\n' || password[n - 1] == '\r')) n--;
    password[n] = 0;
    if (n == 0)
      return pl_fail(err, PL_REJECT, "redis.password_file: %s cannot be read or is empty; expected one line",
                     c->redis.password_file);
  }
  const pl_redis_config r = {.host = c->redis.address.host,
                             .port = c->redis.address.port,
                             .unix_path = c->redis.socket,
                             .user = c->redis.user,
                             .password = *password ? password : c->redis.password,
                             .db = c->redis.db};
  *out = pl_redis_new(base, &r);
  return PL_OK;
}
