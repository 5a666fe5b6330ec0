#include "codec/pass.h"

#include "codec/base64url.h"

#define PREFIX "pl1."

static const char *const roles[PL_ROLES] = {"rep", "manager", "team", "public", "ops"};

bool pl_role_find(pl_str name, pl_role *out) {
  for (int r = 0; r < PL_ROLES; r++)
    if (pl_str_is(name, roles[r])) return *out = (pl_role)r, true;
  return false;
}

void pl_pass_encode(const pl_pass *pass, pl_buf *out) {
  pl_buf text;
  pl_buf_init(&text, PL_PASS_MAX);
  pl_buf_printf(&text, "%s\n%lld\n", roles[pass->role], (long long)pass->until_s);
  pl_buf_str_put(&text, pass->subject), pl_buf_char(&text, '\n');
  pl_buf_str_put(&text, pass->alert), pl_buf_char(&text, '\n');
  pl_buf_str_put(&text, pass->goal);
  PL_ASSERT(!text.full);
  pl_buf_text(out, PREFIX);
  pl_base64url_put(out, pl_buf_str(&text));
  pl_buf_fini(&text);
}

/* The next line; the last one has no end. */
static bool line(pl_str *rest, pl_str *out) {
  const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
  if (!end) return false;
  *out = (pl_str){rest->p, (size_t)(end - rest->p)};
  *rest = (pl_str){end + 1, rest->n - out->n - 1};
  return true;
}

static bool is_id(pl_str id, size_t max) { return id.n <= max && pl_str_clean(id); }

bool pl_pass_decode(pl_str text, pl_pass *out) {
  const size_t prefix = sizeof PREFIX - 1;
  size_t n;
  pl_str role, until;
  *out = (pl_pass){0};
  if (text.n > PL_PASS_MAX || text.n < prefix || memcmp(text.p, PREFIX, prefix) != 0 ||
      !pl_base64url_get((pl_str){text.p + prefix, text.n - prefix}, out->room, sizeof out->room, &n))
    return false;
  out->goal = (pl_str){out->room, n};
  return line(&out->goal, &role) && line(&out->goal, &until) && line(&out->goal, &out->subject) &&
         line(&out->goal, &out->alert) && pl_role_find(role, &out->role) &&
         pl_str_int(until, &out->until_s) && out->until_s >= 0 && is_id(out->subject, PL_ID_MAX) &&
         is_id(out->alert, PL_PASS_ALERT_MAX) && is_id(out->goal, PL_ID_MAX);
}
