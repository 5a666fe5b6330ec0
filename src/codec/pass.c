#include "codec/pass.h"

#include "codec/base64url.h"

#define PREFIX "pl1."

static const char *const roles[PL_ROLES] = {"rep", "manager", "team", "public", "ops"};

const char *pl_role_name(pl_role role) { return roles[role]; }

bool pl_role_find(pl_str name, pl_role *out) {
  for (int r = 0; r < PL_ROLES; r++)
    if (pl_str_is(name, roles[r])) return *out = (pl_role)r, true;
  return false;
}

void pl_pass_encode(const pl_pass *pass, pl_buf *out) {
  pl_buf text;
  pl_buf_init(&text, PL_PASS_MAX);
  pl_buf_printf(&text, "%s %lld ", roles[pass->role], (long long)pass->until_s);
  pl_buf_str_put(&text, pass->alert.n ? pass->alert : PL_STR("-"));
  pl_buf_char(&text, ' ');
  pl_buf_str_put(&text, pass->subject);
  PL_ASSERT(!text.full);
  pl_buf_text(out, PREFIX);
  pl_base64url_put(out, pl_buf_str(&text));
  pl_buf_fini(&text);
}

/* What stands before the next blank. */
static bool word(pl_str *rest, pl_str *out) {
  const char *blank = rest->n ? memchr(rest->p, ' ', rest->n) : NULL;
  if (!blank) return false;
  *out = (pl_str){rest->p, (size_t)(blank - rest->p)};
  *rest = (pl_str){blank + 1, rest->n - out->n - 1};
  return true;
}

bool pl_pass_decode(pl_str text, pl_pass *out) {
  const size_t prefix = sizeof PREFIX - 1;
  size_t n;
  pl_str role, until;
  *out = (pl_pass){0};
  if (text.n > PL_PASS_MAX || text.n < prefix || memcmp(text.p, PREFIX, prefix) != 0 ||
      !pl_base64url_get((pl_str){text.p + prefix, text.n - prefix}, out->room, sizeof out->room, &n))
    return false;
  out->subject = (pl_str){out->room, n};
  bool good = word(&out->subject, &role) && pl_role_find(role, &out->role) && word(&out->subject, &until) &&
              pl_str_int(until, &out->until_s) && out->until_s >= 0 && word(&out->subject, &out->alert) &&
              out->alert.n > 0 && out->alert.n <= PL_PASS_ALERT_MAX && pl_str_clean(out->alert) &&
              out->subject.n <= PL_ID_MAX && pl_str_clean(out->subject);
  if (good && pl_str_is(out->alert, "-")) out->alert = (pl_str){"", 0};
  return good;
}
