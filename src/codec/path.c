#include "codec/path.h"

#include "codec/mapping.h"

/* "[12]" or "[]", and `p` behind it; NULL: it is fine, else what was expected. */
static const char *bracket(const char **p, pl_step *out) {
  const char *at = *p + 1;
  out->kind = *at == ']' ? PL_STEP_EACH : PL_STEP_INDEX, out->index = 0;
  for (; *at >= '0' && *at <= '9'; at++) {
    out->index = 10 * out->index + (uint32_t)(*at - '0');
    if (out->index > PL_INDEX_MAX) return "an index of at most 255";
  }
  if (*at != ']' || (out->kind == PL_STEP_INDEX && at == *p + 1)) return "[] or an index such as [0]";
  *p = at + 1;
  return NULL;
}

static const char *name(const char **p, pl_step *out) {
  bool quoted = **p == '"';
  const char *from = *p + quoted;
  size_t n = strcspn(from, quoted ? "\"" : ".[]\"");
  out->kind = PL_STEP_NAME, out->name = (pl_str){from, n};
  if (quoted && from[n] != '"') return "the closing \"";
  if (!quoted && n == 0) return "a name";
  *p = from + n + quoted;
  return NULL;
}

/* One step and the dot behind it. */
static const char *step(const char **p, pl_step *out) {
  const char *expected = **p == '[' ? bracket(p, out) : name(p, out);
  if (expected) return expected;
  if (**p == '.') {
    ++*p;
    return **p && **p != '[' ? NULL : "a name";
  }
  return **p && **p != '[' ? "a dot, a bracket or the end" : NULL;
}

pl_status pl_path_check(const char *path, pl_err *err) {
  const char *at = path, *expected = NULL;
  pl_step ignored;
  size_t n = strlen(path), steps = 0;
  if (n > PL_PATH_MAX)
    return pl_fail(err, PL_REJECT, "a path of %zu bytes, at most %d are accepted", n, PL_PATH_MAX);
  do expected = step(&at, &ignored);
  while (!expected && *at && ++steps < PL_STEPS_MAX);
  if (!expected && *at)
    return pl_fail(err, PL_REJECT, "`%s` is not the path of a field: more than %d steps", path, PL_STEPS_MAX);
  if (!expected) return PL_OK;
  return pl_fail(err, PL_REJECT, "`%s` is not the path of a field: expected %s at character %zu", path,
                 expected, (size_t)(at - path) + 1);
}

pl_step pl_path_step(const char **path) {
  pl_step out = {0};
  PL_ASSERT(!step(path, &out));
  return out;
}

bool pl_path_lists(const char *path) {
  while (*path)
    if (pl_path_step(&path).kind == PL_STEP_EACH) return true;
  return false;
}

size_t pl_tails_follow(const pl_tail *tails, size_t n, const pl_step *like, pl_tail *out) {
  size_t nout = 0;
  for (size_t i = 0; i < n; i++) {
    const char *rest = tails[i].rest;
    if (!*rest) continue;
    pl_step step = pl_path_step(&rest);
    if (step.kind == like->kind && step.index == like->index && pl_str_eq(step.name, like->name))
      out[nout++] = (pl_tail){rest, tails[i].slot};
  }
  return nout;
}

size_t pl_tails_items(const pl_tail *tails, size_t n) {
  size_t items = 0;
  for (size_t i = 0; i < n; i++) {
    const char *rest = tails[i].rest;
    if (!*rest) continue;
    pl_step step = pl_path_step(&rest);
    if (step.kind == PL_STEP_INDEX && step.index >= items) items = step.index + 1;
  }
  return items;
}
