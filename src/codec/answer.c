#include "codec/answer.h"

#include <jansson.h>
#include <stdio.h>

bool pl_answer_fold(pl_str text, char room[PL_FIELD_MAX], pl_str *out) {
  size_t n = 0, line = 0;
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    if (c == '\r' && i + 1 < text.n && text.p[i + 1] == '\n') continue;
    if (n == PL_FIELD_MAX) return false;
    room[n++] = c == '\t' ? ' ' : c == '\r' ? '\n' : c;
  }
  *out = (pl_str){room, n};
  for (size_t i = 0; i <= n; i++)
    if (i == n || room[i] == '\n') {
      if (!pl_str_clean((pl_str){room + line, i - line})) return false;
      line = i + 1;
    }
  return true;
}

void pl_answer_said_init(pl_answer_said *said) {
  pl_buf_init(&said->rep, PL_ID_MAX);
  pl_buf_init(&said->reason, PL_ANSWER_BODY_MAX), pl_buf_init(&said->plan, PL_ANSWER_BODY_MAX);
}

void pl_answer_said_fini(pl_answer_said *said) {
  pl_buf_fini(&said->rep), pl_buf_fini(&said->reason), pl_buf_fini(&said->plan);
}

/* --- bodies */

static int digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

static bool decode(pl_str code, pl_buf *out) {
  for (size_t i = 0; i < code.n; i++) {
    char c = code.p[i];
    if (c == '%') {
      int high = i + 2 < code.n ? digit(code.p[i + 1]) : -1, low = high < 0 ? -1 : digit(code.p[i + 2]);
      if (low < 0) return false;
      c = (char)(high << 4 | low), i += 2;
    }
    pl_buf_char(out, c == '+' && code.p[i] == '+' ? ' ' : c);
  }
  return !out->full;
}

bool pl_answer_form(pl_answer_said *said, pl_str body) {
  if (body.n > PL_ANSWER_BODY_MAX) return false;
  for (const char *p = body.p, *end = p + body.n, *next; p < end; p = next + 1) {
    next = memchr(p, '&', (size_t)(end - p));
    if (!next) next = end;
    const char *equals = memchr(p, '=', (size_t)(next - p));
    pl_str name = {p, (size_t)((equals ? equals : next) - p)};
    pl_buf *to = pl_str_is(name, "reason") ? &said->reason : pl_str_is(name, "plan") ? &said->plan : NULL;
    if (to) pl_buf_clear(to);
    if (to && equals && !decode((pl_str){equals + 1, (size_t)(next - equals - 1)}, to)) return false;
  }
  return true;
}

static pl_status member(pl_answer_said *said, const char *name, const json_t *value, pl_err *err) {
  pl_buf *to = strcmp(name, "reason") == 0 ? &said->reason
               : strcmp(name, "plan") == 0 ? &said->plan
               : strcmp(name, "rep") == 0  ? &said->rep
                                           : NULL;
  if (!to) return pl_fail(err, PL_REJECT, "found the member '%.64s', expected reason, plan or rep", name);
  if (json_is_null(value)) return PL_OK;
  if (!json_is_string(value)) return pl_fail(err, PL_REJECT, "%s: found no text, expected one", name);
  pl_buf_put(to, json_string_value(value), json_string_length(value));
  return to->full ? pl_fail(err, PL_REJECT, "%s: found too long a text", name) : PL_OK;
}

pl_status pl_answer_json(pl_answer_said *said, pl_str body, pl_err *err) {
  json_error_t why;
  json_t *root =
             body.n <= PL_ANSWER_BODY_MAX ? json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, &why) : NULL,
         *value;
  const char *name;
  pl_status status =
      json_is_object(root)
          ? PL_OK
          : pl_fail(err, PL_REJECT, "found no JSON object, expected {\"reason\": TEXT, \"plan\": TEXT}");
  json_object_foreach(root, name, value) if (status == PL_OK) status = member(said, name, value, err);
  json_decref(root);
  return status;
}

/* --- limits */

static pl_str trim(pl_str s) {
  while (s.n && (s.p[0] == ' ' || s.p[0] == '\n')) s.p++, s.n--;
  while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\n')) s.n--;
  return s;
}

pl_status pl_answer_take(pl_answer_prose *out, pl_str reason, pl_str plan, pl_err *err) {
  const pl_str from[] = {reason, plan};
  pl_str *to[] = {&out->word.reason, &out->word.plan};
  static const char *const names[] = {"reason", "plan"};
  out->word = (pl_answer_word){0};
  for (size_t i = 0; i < PL_COUNT(from); i++) {
    if (!pl_answer_fold(from[i], out->rooms[i], to[i]))
      return pl_fail(err, PL_REJECT, "%s: found %s, expected at most %d bytes", names[i],
                     from[i].n > PL_FIELD_MAX ? "too long a text" : "control characters or invalid UTF-8",
                     PL_FIELD_MAX);
    *to[i] = trim(*to[i]);
  }
  if (!out->word.reason.n && !out->word.plan.n)
    return pl_fail(err, PL_REJECT, "found neither a reason nor a plan, expected one of the two, or both");
  return PL_OK;
}

pl_activity pl_answer_activity(char id[PL_ID_MAX + 1], pl_str rep, pl_wall now, const pl_answer_word *word) {
  (void)snprintf(id, PL_ID_MAX + 1, "answer/%lld/%.*s", (long long)now.ms, (int)word->alert.n, word->alert.p);
  return (pl_activity){.id = pl_str_of(id),
                       .rep = rep,
                       .at = now,
                       .type = PL_STR("answer"),
                       .opened_at = PL_NEVER,
                       .complete_to = PL_NEVER,
                       .answer = word};
}
