#include "io/redis_greeting.h"

#include <stdio.h>

#include "codec/resp.h"
#include "io/redis_info.h"

static const char *const names[PL_GREETS] = {"AUTH", "SELECT", "PING", "INFO", "ROLE"};
static const char *const roles[] = {"master", "sentinel"};

bool pl_greeting_ask(pl_greet step, pl_redis_role wanted, const pl_redis_config *config, pl_buf *command) {
  pl_str args[2];
  size_t n = 0;
  char db[16];
  if (step == PL_GREET_AUTH) {
    if (!config->password) return false;
    if (config->user) args[n++] = pl_str_of(config->user);
    args[n++] = pl_str_of(config->password);
  } else if (step == PL_GREET_SELECT) {
    if (!config->db) return false;
    (void)snprintf(db, sizeof db, "%d", config->db);
    args[n++] = pl_str_of(db);
  } else if (step == PL_GREET_INFO && wanted == PL_ROLE_SENTINEL) {
    return false;
  }
  pl_resp_begin(command, 1 + n);
  pl_resp_arg(command, pl_str_of(names[step]));
  for (size_t i = 0; i < n; i++) pl_resp_arg(command, args[i]);
  return true;
}

static bool judge_info(const pl_reply *reply, pl_buf *warnings) {
  pl_buf_clear(warnings);
  if (reply->kind == PL_REPLY_ERROR)
    pl_buf_text(warnings, "INFO is refused: whether state is durable cannot be seen; grant +info\n");
  else
    pl_redis_info_check(reply->s, warnings);
  if (warnings->n) warnings->p[warnings->n - 1] = 0; /* ends the text in place of its newline */
  return true;                                       /* it endangers the state, but works */
}

static bool judge_role(pl_redis_role wanted, const pl_reply *reply, pl_err *why) {
  pl_str role = PL_STR("unknown");
  if (reply->kind == PL_REPLY_ARRAY && reply->n && reply->items[0].kind == PL_REPLY_TEXT)
    role = reply->items[0].s;
  if (reply->kind == PL_REPLY_ERROR)
    (void)pl_fail(why, PL_AGAIN,
                  "ROLE was refused (%.*s): grant +role, so that a replica is never mistaken for the master",
                  (int)reply->s.n, reply->s.p);
  else if (!pl_str_is(role, roles[wanted]))
    (void)pl_fail(why, PL_AGAIN, "its role is %.*s, not %s: %s", (int)role.n, role.p, roles[wanted],
                  wanted == PL_ROLE_SENTINEL ? "check redis.sentinels" : "waiting until it is promoted");
  else
    return true;
  return false;
}

bool pl_greeting_judge(pl_greet step, pl_redis_role wanted, const pl_reply *reply, pl_buf *warnings,
                       pl_err *why) {
  if (step == PL_GREET_INFO) return judge_info(reply, warnings);
  if (step == PL_GREET_ROLE) return judge_role(wanted, reply, why);
  if (reply->kind != PL_REPLY_ERROR) return true;
  if (step == PL_GREET_AUTH)
    (void)pl_fail(why, PL_AGAIN, "AUTH was refused (%.*s): check %s", (int)reply->s.n, reply->s.p,
                  wanted == PL_ROLE_SENTINEL
                      ? "redis.sentinel_user and redis.sentinel_password_file"
                      : "the user of redis.url and the password of redis.password_file");
  else
    (void)pl_fail(why, PL_AGAIN, "%.*s", (int)reply->s.n, reply->s.p);
  return false;
}
