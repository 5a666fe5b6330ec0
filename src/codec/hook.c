/* Hook: alerts for machines. As Alertmanager tells them (its webhook's JSON, version 4), so that whatever
 * receives Alertmanager's takes ours; and as Alertmanager is told them (/api/v2/alerts).
 *
 * Labels say which alert it is, so they are the same when it begins and when it ends, and never hold a number
 * that changes; figures are annotations. */
#include <jansson.h>
#include <stdlib.h>

#include "base/time.h"
#include "codec/layout.h"

enum { LABEL_MAX = 1000, NOTE_MAX = 3000, OPEN_S = 86400 };

/* As it is, but for what is longer: a machine wants it whole, with its blanks and controls. */
static json_t *clipped(pl_str text, size_t max) {
  if (text.n <= max) return json_stringn(text.n ? text.p : "", text.n);
  while (max && ((unsigned char)text.p[max] & 0xC0) == 0x80) max--;
  return json_sprintf("%.*s…", (int)max, text.p);
}

static json_t *label(const pl_post *post, const char *member) {
  return clipped(pl_str_of(pl_post_text(post, member)), LABEL_MAX);
}

static bool takes_back(const pl_post *post) { return *pl_post_text(post, "about"); }

static json_t *labels_of(const pl_post *post) {
  static const char *const copied[] = {"entity", "entity_kind", "goal", "metric", "period"};
  json_t *labels = json_object();
  const char *kind = pl_post_text(post, takes_back(post) ? "about_kind" : "kind");
  json_object_set_new(labels, "alertname", clipped(pl_str_of(kind), LABEL_MAX));
  json_object_set_new(labels, "kind", clipped(pl_str_of(kind), LABEL_MAX));
  for (size_t i = 0; i < PL_COUNT(copied); i++)
    json_object_set_new(labels, copied[i], label(post, copied[i]));
  return labels;
}

static void on_figure(void *ctx, const char *name, const char *value) {
  json_object_set_new(ctx, name, clipped(pl_str_of(value), NOTE_MAX));
}

/* How much, and nothing that says how somebody is doing otherwise. */
static void on_public_figure(void *ctx, const char *name, const char *value) {
  if (strcmp(name, "actual") == 0 || strcmp(name, "target") == 0) on_figure(ctx, name, value);
}

static json_t *notes_of(const pl_post *post, bool detailed) {
  json_t *notes = json_object();
  json_object_set_new(notes, "summary", clipped(pl_str_of(pl_post_text(post, "body")), NOTE_MAX));
  json_object_set_new(notes, "reason", clipped(pl_str_of(pl_post_text(post, "reason")), NOTE_MAX));
  bool team = strcmp(pl_post_text(post, "audience"), "team") == 0;
  if (detailed) pl_post_figures(post, team ? on_public_figure : on_figure, notes);
  return notes;
}

static json_t *alert_of(const pl_post *post, bool detailed, pl_str url) {
  bool over = takes_back(post);
  return json_pack("{ss,so,so,so,so,so,so}", "status", over ? "resolved" : "firing", "labels",
                   labels_of(post), "annotations", notes_of(post, detailed), "startsAt", label(post, "since"),
                   "endsAt", over ? label(post, "at") : json_string("0001-01-01T00:00:00Z"), "generatorURL",
                   clipped(url, LABEL_MAX), "fingerprint", label(post, over ? "about" : "id"));
}

static void dump(json_t *root, pl_buf *out) {
  char *text = json_dumps(root, JSON_COMPACT);
  if (text) pl_buf_text(out, text);
  free(text);
  json_decref(root);
}

/* What all have, of one member of the alerts. */
static json_t *common(const json_t *alerts, const char *member) {
  json_t *shared = json_copy(json_object_get(json_array_get(alerts, 0), member)), *alert, *value;
  size_t i;
  json_array_foreach(alerts, i, alert) {
    const char *name;
    void *after;
    json_object_foreach_safe(
        shared, after, name,
        value) if (!json_equal(value, json_object_get(json_object_get(alert, member), name)))
        json_object_del(shared, name);
  }
  return shared;
}

static const char *text(const json_t *object, const char *member) {
  const char *value = json_string_value(json_object_get(object, member));
  return value ? value : "";
}

void pl_hook_encode(const pl_parcel *parcel, size_t n, bool detailed, pl_buf *out) {
  json_t *alerts = json_array(), *first, *groups = json_object();
  const char *status = "resolved";
  for (size_t i = 0; i < n; i++) {
    if (!takes_back(parcel->posts[i])) status = "firing";
    json_array_append_new(alerts, alert_of(parcel->posts[i], detailed, parcel->public_url));
  }
  first = json_array_get(alerts, 0);
  json_t *labels = common(alerts, "labels"), *notes = common(alerts, "annotations");
  if (*text(labels, "alertname")) json_object_set(groups, "alertname", json_object_get(labels, "alertname"));
  json_t *key = n == 1 ? json_incref(json_object_get(first, "fingerprint")) : clipped(parcel->id, LABEL_MAX);
  dump(json_pack("{ss,so,ss,sI,so,so,so,so,so,so}", "version", "4", "groupKey", key, "status", status,
                 "truncatedAlerts", (json_int_t)(parcel->nposts - n), "receiver",
                 label(parcel->posts[0], "audience"), "groupLabels", groups, "commonLabels", labels,
                 "commonAnnotations", notes, "externalURL", clipped(parcel->public_url, LABEL_MAX), "alerts",
                 alerts),
       out);
}

/* Alertmanager forgets after minutes what nobody tells it again, unless it is told until when it holds: up to
 * the period's end. */
static json_t *open_until(const pl_post *post) {
  int64_t at = pl_post_seconds(post, "at"), until = pl_post_seconds(post, "until");
  char iso[PL_ISO_MAX];
  return json_string(pl_wall_iso(pl_wall_s(until > at ? until : at + OPEN_S), iso));
}

void pl_hook_alerts(const pl_parcel *parcel, size_t n, bool detailed, pl_buf *out) {
  json_t *alerts = json_array();
  for (size_t i = 0; i < n; i++) {
    const pl_post *post = parcel->posts[i];
    json_t *alert = alert_of(post, detailed, parcel->public_url);
    json_object_del(alert, "status");
    json_object_del(alert, "fingerprint");
    if (!parcel->public_url.n) json_object_del(alert, "generatorURL");
    if (!takes_back(post)) json_object_set_new(alert, "endsAt", open_until(post));
    json_array_append_new(alerts, alert);
  }
  dump(alerts, out);
}
