/* The Redis that a configuration names. */
#include <stdio.h>

#include "cli/cli.h"
#include "io/redis.h"

enum { PASSWORD_MAX = 256 };

/* The first line of the file that `option` names; empty if none does. */
static pl_status read_password(char *password, const char *option, const char *path, pl_err *err) {
  password[0] = 0;
  if (!path) return PL_OK;
  FILE *f = fopen(path, "re");
  size_t n = f ? fread(password, 1, PASSWORD_MAX - 1, f) : 0;
  if (f) (void)fclose(f);
  while (n && (password[n - 1] == '\n' || password[n - 1] == '\r')) n--;
  password[n] = 0;
  if (n == 0)
    return pl_fail(err, PL_REJECT, "redis.%s: %s cannot be read or is empty; expected one line", option,
                   path);
  return PL_OK;
}

pl_status pl_cli_redis(pl_store **out, const pl_config *c, struct event_base *base, pl_err *err) {
  char password[PASSWORD_MAX], sentinel_password[PASSWORD_MAX];
  pl_status status = read_password(password, "password_file", c->redis.password_file, err);
  if (status == PL_OK)
    status = read_password(sentinel_password, "sentinel_password_file", c->redis.sentinel_password_file, err);
  if (status != PL_OK) return status;
  pl_redis_place sentinels[PL_SENTINELS_MAX];
  for (size_t i = 0; i < c->redis.sentinels.n; i++)
    sentinels[i] = (pl_redis_place){c->redis.sentinel[i].host, c->redis.sentinel[i].port};
  const pl_redis_config r = {.host = c->redis.address.host,
                             .port = c->redis.address.port,
                             .unix_path = c->redis.socket,
                             .sentinels = sentinels,
                             .nsentinels = c->redis.sentinels.n,
                             .master = c->redis.master,
                             .sentinel_password = *sentinel_password ? sentinel_password : NULL,
                             .user = c->redis.user,
                             .password = *password ? password : c->redis.password,
                             .db = c->redis.db};
  *out = pl_redis_new(base, &r);
  return PL_OK;
}
