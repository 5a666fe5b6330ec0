#include "io/linker.h"

#include "codec/pass.h"

static void put(const pl_linker *linker, pl_str rep, pl_str alert, pl_str goal, int64_t until_s,
                pl_buf *out) {
  const pl_answer_linker *l = (const pl_answer_linker *)linker;
  if (!l->public_url) return;
  const pl_pass pass = {
      .role = PL_ROLE_REP, .until_s = until_s, .subject = rep, .alert = alert, .goal = goal};
  pl_buf token;
  pl_buf_init(&token, PL_PASS_MAX);
  pl_pass_encode(&pass, &token);
  pl_keyring_sign(l->keys, &token);
  PL_ASSERT(!token.full);
  pl_buf_text(out, l->public_url);
  pl_buf_text(out, "/answer/");
  pl_buf_str_put(out, pl_buf_str(&token));
  pl_buf_fini(&token);
}

void pl_answer_linker_init(pl_answer_linker *linker, const pl_keyring *keys, const char *public_url) {
  *linker = (pl_answer_linker){{put}, keys, public_url};
}
