#include "codec/silence.h"

#include <jansson.h>
#include <stdio.h>

#include "base/mem.h"
#include "codec/when.h"
#include "core/alert.h"

enum { JSON_MAX = 1 << 16 };

static const char *const names[PL_MATCHES] = {"rep", "team", "goal", "kind", "audience"};

const char *pl_match_name(pl_match match) { return names[match]; }

void pl_silence_free(pl_silence **silence) {
  pl_silence *s = *silence;
  if (!s) return;
  for (int m = 0; m < PL_MATCHES; m++) pl_text_free(&s->matchers[m]);
  pl_text_free(&s->id), pl_text_free(&s->author), pl_text_free(&s->comment);
  PL_FREE(*silence);
}

/* --- what matches */

static bool like(const char *pattern, const char *text) {
  size_t n = strlen(pattern);
  if (n && pattern[n - 1] == '*') return *text && strncmp(pattern, text, n - 1) == 0;
  return strcmp(pattern, text) == 0;
}

static bool matches(const pl_post *post, pl_match match, const char *pattern) {
  bool of_team = strcmp(pl_post_text(post, "entity_kind"), "team") == 0,
       of_rep = strcmp(pl_post_text(post, "entity_kind"), "rep") == 0;
  switch (match) {
  case PL_MATCH_REP: return of_rep && like(pattern, pl_post_text(post, "entity"));
  case PL_MATCH_TEAM: return like(pattern, pl_post_text(post, of_team ? "entity" : "team_id"));
  case PL_MATCH_KIND:
    return like(pattern, pl_post_text(post, "kind")) || like(pattern, pl_post_text(post, "about_kind"));
  default: return like(pattern, pl_post_text(post, names[match]));
  }
}

bool pl_silence_matches(const pl_silence *s, const pl_post *post) {
  for (int m = 0; m < PL_MATCHES; m++)
    if (s->matchers[m] && !matches(post, (pl_match)m, s->matchers[m])) return false;
  return true;
}

/* --- what is right */

pl_status pl_silence_match(pl_silence *s, pl_str matcher, pl_err *err) {
  const char *equals = matcher.n ? memchr(matcher.p, '=', matcher.n) : NULL;
  pl_str name = {matcher.p, equals ? (size_t)(equals - matcher.p) : 0};
  int m = 0;
  while (m < PL_MATCHES && !pl_str_is(name, names[m])) m++;
  if (m == PL_MATCHES)
    return pl_fail(
        err, PL_REJECT,
        "found '%.*s', expected rep=, team=, goal=, kind= or audience= and what it is, such as rep=ada "
        "or goal=calls*",
        matcher.n < 64 ? (int)matcher.n : 64, matcher.p);
  if (s->matchers[m]) return pl_fail(err, PL_REJECT, "found %s= twice, expected it once", names[m]);
  s->matchers[m] = pl_text_new((pl_str){equals + 1, matcher.n - name.n - 1});
  return PL_OK;
}

/* Kinds and audiences are few, and known. */
static bool is_possible(pl_match match, const char *pattern) {
  bool any = match != PL_MATCH_KIND && match != PL_MATCH_AUDIENCE;
  for (int k = 0; match == PL_MATCH_KIND && k < PL_ALERT_KINDS; k++)
    any |= like(pattern, pl_alert_kind_name((pl_alert_kind)k));
  for (int a = PL_TO_REP; match == PL_MATCH_AUDIENCE && a <= PL_TO_OPS; a++)
    any |= like(pattern, pl_audience_name((pl_audience)a));
  return any && *pattern;
}

static pl_status check_text(const char *name, const char *text, size_t max, pl_err *err) {
  pl_str s = pl_str_of(text);
  if (!s.n) return pl_fail(err, PL_REJECT, "found no %s, expected one", name);
  if (s.n > max || !pl_str_clean(s))
    return pl_fail(err, PL_REJECT, "%s: expected at most %zu bytes of text in one line", name, max);
  return PL_OK;
}

pl_status pl_silence_check(const pl_silence *s, pl_err *err) {
  pl_status status = PL_OK;
  bool any = false;
  for (int m = 0; m < PL_MATCHES && status == PL_OK; m++) {
    if (!s->matchers[m]) continue;
    any = true;
    status = check_text(names[m], s->matchers[m], PL_ID_MAX, err);
    if (status == PL_OK && !is_possible((pl_match)m, s->matchers[m]))
      status = pl_fail(err, PL_REJECT, "%s=%s: there is no such %s, and never will be", names[m],
                       s->matchers[m], names[m]);
  }
  if (status == PL_OK && !any)
    status = pl_fail(err, PL_REJECT, "found no matcher, expected what is silenced, such as rep=ada");
  if (status == PL_OK) status = check_text("author", s->author, PL_ID_MAX, err);
  if (status == PL_OK) status = check_text("comment", s->comment, PL_FIELD_MAX, err);
  if (status == PL_OK && pl_before(s->until, s->from))
    status = pl_fail(err, PL_REJECT, "found an end before the beginning, expected it later");
  return status;
}

/* --- as JSON */

static void member(pl_buf *out, const char *name, const char *text) {
  pl_buf_printf(out, ",\"%s\":", name);
  pl_buf_json(out, pl_str_of(text));
}

void pl_silence_encode(const pl_silence *s, pl_buf *out) {
  char at[PL_ISO_MAX];
  bool any = false;
  pl_buf_text(out, "{\"id\":");
  pl_buf_json(out, pl_str_of(s->id));
  pl_buf_text(out, ",\"matchers\":[");
  for (int m = 0; m < PL_MATCHES; m++) {
    if (!s->matchers[m]) continue;
    pl_buf_printf(out, "%s{\"name\":\"%s\"", any ? "," : "", names[m]);
    member(out, "value", s->matchers[m]);
    pl_buf_char(out, '}');
    any = true;
  }
  pl_buf_char(out, ']');
  member(out, "createdBy", s->author);
  member(out, "comment", s->comment);
  member(out, "startsAt", pl_wall_iso(s->from, at));
  member(out, "endsAt", pl_wall_iso(s->until, at));
  pl_buf_char(out, '}');
}

static char *text_of(const json_t *object, const char *name) {
  const char *text = json_string_value(json_object_get(object, name));
  return text ? pl_text_new(pl_str_of(text)) : NULL;
}

static bool instant_of(const json_t *object, const char *name, pl_wall *out) {
  pl_when when;
  const char *text = json_string_value(json_object_get(object, name));
  if (!text || !pl_when_iso(pl_str_of(text), &when) || when.local) return false;
  out->ms = when.ms;
  return true;
}

static pl_status read(pl_silence *s, const json_t *root, pl_err *err) {
  const json_t *list = json_object_get(root, "matchers");
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *m = json_array_get(list, i);
    const char *name = json_string_value(json_object_get(m, "name")),
               *value = json_string_value(json_object_get(m, "value"));
    char text[2 * PL_ID_MAX];
    int n = snprintf(text, sizeof text, "%s=%s", name ? name : "", value ? value : "");
    if (n >= (int)sizeof text) return pl_fail(err, PL_REJECT, "matchers: found one that is too long");
    pl_status status = pl_silence_match(s, pl_str_of(text), err);
    if (status != PL_OK) return status;
  }
  s->author = text_of(root, "createdBy"), s->comment = text_of(root, "comment");
  if (!instant_of(root, "startsAt", &s->from) || !instant_of(root, "endsAt", &s->until))
    return pl_fail(err, PL_REJECT, "startsAt, endsAt: expected an instant such as 2026-03-04T10:00:00Z");
  return pl_silence_check(s, err);
}

pl_status pl_silence_decode(pl_silence **out, pl_str id, pl_str json, pl_err *err) {
  json_error_t why;
  json_t *root = json.n <= JSON_MAX ? json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, &why) : NULL;
  pl_err text;
  pl_silence *s = *out = PL_NEW(pl_silence);
  s->id = pl_text_new(id);
  pl_status status = json_is_object(root) ? read(s, root, &text)
                                          : pl_fail(&text, PL_REJECT, "not a JSON object of at most 64 KiB");
  json_decref(root);
  if (status != PL_OK) {
    (void)pl_fail(err, status, "silence %.*s: %s", (int)(id.n < 64 ? id.n : 64), id.p, text.text);
    pl_silence_free(out);
  }
  return status;
}

/* --- all of them */

void pl_silences_clear(pl_silences *all) {
  for (size_t i = 0; i < all->n; i++) pl_silence_free(&all->items[i]);
  pl_release(all->items, all->n * sizeof(pl_silence *));
  *all = (pl_silences){NULL, 0};
}

pl_status pl_silences_add(pl_silences *all, pl_str id, pl_str json, pl_err *err) {
  pl_silence *s;
  if (all->n == PL_SILENCES_MAX) return pl_fail(err, PL_REJECT, "more than %d silences", PL_SILENCES_MAX);
  pl_status status = pl_silence_decode(&s, id, json, err);
  if (status != PL_OK) return status;
  all->items = pl_resize(all->items, all->n * sizeof(pl_silence *), (all->n + 1) * sizeof(pl_silence *));
  all->items[all->n++] = s;
  return PL_OK;
}

const pl_silence *pl_silences_find(const pl_silences *all, const pl_post *post, pl_wall now) {
  const pl_silence *found = NULL;
  for (size_t i = 0; i < all->n; i++) {
    const pl_silence *s = all->items[i];
    if (pl_silence_holds(s, now) && (!found || pl_before(found->until, s->until)) &&
        pl_silence_matches(s, post))
      found = s;
  }
  return found;
}
