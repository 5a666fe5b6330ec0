#include "codec/post.h"

#include <jansson.h>
#include <math.h>

#include "base/mem.h"
#include "codec/encode.h"
#include "codec/layout.h"
#include "codec/when.h"

struct pl_post {
  json_t *entry;
};

pl_status pl_post_read(pl_post **out, pl_str entry, pl_err *err) {
  json_error_t why;
  json_t *root = json_loadb(entry.p, entry.n, 0, &why);
  if (!json_is_object(root)) {
    json_decref(root);
    return pl_fail(err, PL_REJECT, "outbox entry: not a JSON object (%s)", why.text);
  }
  *out = PL_NEW(pl_post);
  (*out)->entry = root;
  return PL_OK;
}

void pl_post_free(pl_post **post) {
  if (!*post) return;
  json_decref((*post)->entry);
  PL_FREE(*post);
}

const char *pl_post_text(const pl_post *post, const char *member) {
  const char *text = json_string_value(json_object_get(post->entry, member));
  return text ? text : "";
}

static void dump(json_t *root, pl_buf *out) {
  char *text = json_dumps(root, JSON_COMPACT);
  if (text) pl_buf_text(out, text);
  free(text);
  json_decref(root);
}

void pl_post_put(pl_post *post, const char *member, const char *text) {
  if (*text)
    json_object_set_new(post->entry, member, json_string(text));
  else
    json_object_del(post->entry, member);
}

bool pl_post_has(const pl_post *post, const char *list, const char *item) {
  size_t i;
  json_t *value;
  json_array_foreach(json_object_get(post->entry, list), i, value) {
    const char *text = json_string_value(value);
    if (text && strcmp(text, item) == 0) return true;
  }
  return false;
}

void pl_post_add(pl_post *post, const char *list, const char *item) {
  if (pl_post_has(post, list, item)) return;
  if (!json_is_array(json_object_get(post->entry, list)))
    json_object_set_new(post->entry, list, json_array());
  json_array_append_new(json_object_get(post->entry, list), json_string(item));
}

static void clip(json_t *value, size_t max) {
  const char *name;
  size_t i;
  json_t *inner;
  if (json_string_length(value) > max) {
    pl_buf text;
    pl_buf_init(&text, 4 * max);
    pl_clip(&text, (pl_str){json_string_value(value), json_string_length(value)}, max, NULL);
    json_string_setn(value, text.p ? text.p : "", text.n);
    pl_buf_fini(&text);
  }
  json_object_foreach(value, name, inner) clip(inner, max);
  json_array_foreach(value, i, inner) clip(inner, max);
}

void pl_post_clip(pl_post *post, size_t max) { clip(post->entry, max); }

void pl_post_write(const pl_post *post, pl_buf *out) { dump(json_incref(post->entry), out); }

void pl_post_figures(const pl_post *post, pl_post_figure *fn, void *ctx) {
  const char *name;
  json_t *value;
  json_object_foreach(json_object_get(post->entry, "figures"), name, value) {
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12));
    if (json_is_string(value))
      fn(ctx, name, json_string_value(value));
    else if (text)
      fn(ctx, name, text);
    free(text);
  }
}

static pl_str text_of(const pl_post *post, const char *member) {
  return pl_str_of(pl_post_text(post, member));
}

static double figure(const pl_post *post, const char *name) {
  json_t *v = json_object_get(json_object_get(post->entry, "figures"), name);
  return json_is_number(v) ? json_number_value(v) : NAN;
}

/* What stands as text among the figures. */
static const char *said(const pl_post *post, const char *name) {
  const char *text = json_string_value(json_object_get(json_object_get(post->entry, "figures"), name));
  return text ? text : "";
}

/* --- what words are made of */

static pl_str text_at(const json_t *value) {
  const char *text = json_string_value(value);
  return (pl_str){text ? text : "", json_string_length(value)};
}

static void take(pl_matter *m, const char *name, const json_t *value) {
  pl_when when = {0};
  if (json_is_string(value)) {
    pl_matter_text(m, name, text_at(value));
    if (pl_when_iso(text_at(value), &when)) pl_matter_instant(m, name, (pl_wall){when.ms});
  }
  if (json_is_number(value)) pl_matter_number(m, name, json_number_value(value));
  if (json_is_true(value)) pl_matter_number(m, name, 1);
}

static void read_matter(json_t *entry, pl_matter *out) {
  const char *name;
  json_t *value, *answer = json_object_get(entry, "answer");
  *out = pl_matter_none();
  json_object_foreach(entry, name, value) take(out, name, value);
  json_object_foreach(json_object_get(entry, "figures"), name, value) take(out, name, value);
  take(out, "answer", json_object_get(answer, "reason"));
  take(out, "answer_plan", json_object_get(answer, "plan"));
  take(out, "answered", json_object_get(answer, "at"));
}

void pl_post_matter(const pl_post *post, pl_matter *out) { read_matter(post->entry, out); }

static json_t *section_of(const pl_post *post, size_t i) {
  return json_array_get(json_object_get(post->entry, "sections"), i);
}

const char *pl_post_section(const pl_post *post, size_t i) {
  return json_string_value(json_object_get(section_of(post, i), "key"));
}

bool pl_post_item(const pl_post *post, size_t section, size_t i, pl_matter *out) {
  json_t *item = json_array_get(json_object_get(section_of(post, section), "items"), i);
  if (item) read_matter(item, out);
  return item != NULL;
}

int64_t pl_post_more(const pl_post *post, size_t section) {
  json_int_t more = json_integer_value(json_object_get(section_of(post, section), "more"));
  return more > 0 ? more : 0;
}

bool pl_post_forget(pl_post *post, pl_str rep) {
  pl_matter m;
  bool any = false;
  for (size_t section = 0; section_of(post, section); section++)
    for (size_t i = 0; pl_post_item(post, section, i, &m);) {
      bool theirs = pl_str_eq(m.entity, rep) && pl_str_is(m.entity_kind, "rep");
      if (theirs) json_array_remove(json_object_get(section_of(post, section), "items"), i);
      any |= theirs, i += !theirs;
    }
  return any;
}

static pl_wall instant(const pl_post *post, const char *member) {
  pl_when when = {0};
  return (pl_wall){pl_when_iso(text_of(post, member), &when) ? when.ms : 0};
}

int64_t pl_post_seconds(const pl_post *post, const char *member) { return pl_seconds(instant(post, member)); }

void pl_post_avro(const pl_post *post, pl_buf *out) {
  pl_alert_record record = {
      .id = text_of(post, "id"),
      .kind = text_of(post, "kind"),
      .entity = text_of(post, "entity"),
      .of = strcmp(pl_post_text(post, "entity_kind"), "team") == 0   ? PL_OF_TEAM
            : strcmp(pl_post_text(post, "entity_kind"), "feed") == 0 ? PL_OF_FEED
                                                                     : PL_OF_REP,
      .goal = text_of(post, "goal"),
      .metric = text_of(post, "metric"),
      .period = text_of(post, "period"),
      .state = text_of(post, "state"),
      .at = instant(post, "at"),
      .since = instant(post, "since"),
      .seq = json_integer_value(json_object_get(post->entry, "seq")),
      .about = text_of(post, "about"),
      .about_kind = text_of(post, "about_kind"),
      .audience = text_of(post, "audience"),
      .reason = text_of(post, "reason"),
      .actual = figure(post, "actual"),
      .target = figure(post, "target"),
      .line = figure(post, "line"),
      .pace = figure(post, "pace"),
      .chance = figure(post, "chance"),
      .needed_today = figure(post, "needed_today"),
      .unit = text_of(post, "unit"),
      .cause = pl_str_of(said(post, "cause")),
      .conversion = pl_str_of(said(post, "conversion")),
      .cause_actual = figure(post, "cause_actual"),
      .cause_usual = figure(post, "cause_usual"),
      .conversion_now = figure(post, "conversion_now"),
      .conversion_before = figure(post, "conversion_before"),
      .body = text_of(post, "body"),
  };
  pl_alert_encode(out, &record);
}
