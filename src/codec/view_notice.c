/* Notices: what operators hear of a feed that is late. An alert like others, but of no rep, team or goal. */
#include <stdio.h>

#include "base/map.h"
#include "codec/telling.h"
#include "codec/view_inside.h"
#include "core/alert.h"

static const char *const reasons[] = {"source", "topic", "partition"};

static pl_matter matter_of(const pl_notice *n) {
  pl_matter m = pl_matter_none();
  m.kind = pl_str_of(pl_alert_kind_name(PL_ALERT_FEED_STALE)), m.reason = pl_str_of(reasons[n->cause]);
  m.entity = pl_str_of(n->what), m.audience = pl_str_of(pl_audience_name(PL_TO_OPS));
  m.at = n->at, m.since = n->since;
  if (n->cause != PL_LATE_TOPIC) m.partition = n->partition;
  return m;
}

void pl_notice_body(const pl_notice *n, pl_buf *out) {
  pl_matter matter = matter_of(n);
  pl_telling telling = {
      .audience = pl_audience_name(PL_TO_OPS), .book = &pl_english, .now = n->at, .aged = PL_BEGINNING};
  pl_telling_say(&telling, &matter, out);
}

/* Partitions that wait for the same words of a source say the same. */
static void identify(const pl_notice *n, char id[PL_ALERT_ID_MAX]) {
  char text[PL_ID_MAX + 128];
  int len = n->cause == PL_LATE_PARTITION ? snprintf(text, sizeof text, "feed/%s/%d/%lld", reasons[n->cause],
                                                     (int)n->partition, (long long)n->since.ms)
                                          : snprintf(text, sizeof text, "feed/%s/%.255s/%lld",
                                                     reasons[n->cause], n->what, (long long)n->since.ms);
  pl_str about = {text, (size_t)len};
  (void)snprintf(id, PL_ALERT_ID_MAX, "%016llx%016llx", (unsigned long long)pl_hash(about, 1),
                 (unsigned long long)pl_hash(about, 2));
}

static void write_entry(const pl_notice *n, const char *id, pl_str body, pl_buf *out) {
  char since[PL_ISO_MAX], at[PL_ISO_MAX];
  (void)pl_wall_iso(n->at, at);
  pl_buf_printf(out, "{\"status\":\"queued\",\"id\":\"%s\",\"kind\":\"%s\",\"entity\":", id,
                pl_alert_kind_name(PL_ALERT_FEED_STALE));
  pl_buf_json(out, pl_str_of(n->what));
  pl_buf_printf(
      out,
      ",\"entity_kind\":\"feed\",\"goal\":\"\",\"metric\":\"\",\"period\":\"\",\"state\":\"unknown\","
      "\"reason\":\"%s\",\"since\":\"%s\",\"at\":\"%s\",\"until\":\"%s\",\"audience\":\"ops\","
      "\"recipient\":\"\",\"seq\":0,\"figures\":{},",
      reasons[n->cause], n->since.ms == INT64_MIN ? at : pl_wall_iso(n->since, since), at, at);
  if (n->cause != PL_LATE_TOPIC) pl_buf_printf(out, "\"partition\":%d,", (int)n->partition);
  pl_buf_text(out, n->since.ms == INT64_MIN ? "\"never\":true,\"body\":" : "\"body\":");
  pl_buf_json(out, body);
  pl_buf_char(out, '}');
}

void pl_view_notice(pl_view *view, pl_batch *batch, const pl_notice *n) {
  char id[PL_ALERT_ID_MAX], name[PL_ALERT_ID_MAX + 8], at[PL_ISO_MAX];
  pl_key alerts = pl_key_alerts(view->prefix);
  pl_buf body;
  pl_buf_init(&body, 4096);
  identify(n, id), pl_notice_body(n, &body);
  pl_str entry = {name, (size_t)snprintf(name, sizeof name, "%s:ops:", id)};
  pl_buf_clear(&view->scratch);
  write_entry(n, id, pl_buf_str(&body), &view->scratch);
  pl_view_post_begin(view, batch, (pl_str){0}, entry, pl_buf_str(&view->scratch));
  pl_batch_begin(batch, "XADD");
  pl_batch_arg(batch, pl_key_str(&alerts)), pl_batch_text(batch, "MAXLEN"), pl_batch_text(batch, "~");
  pl_batch_int(batch, PL_ALERTS_MAX), pl_batch_text(batch, "*");
  pl_view_field(batch, PL_STR("id"), pl_str_of(id));
  pl_view_field(batch, PL_STR("kind"), pl_str_of(pl_alert_kind_name(PL_ALERT_FEED_STALE)));
  pl_view_field(batch, PL_STR("entity"), pl_str_of(n->what));
  pl_view_field(batch, PL_STR("entity_kind"), PL_STR("feed"));
  pl_view_field(batch, PL_STR("goal"), PL_STR(""));
  pl_view_field(batch, PL_STR("period"), PL_STR(""));
  pl_view_field(batch, PL_STR("state"), pl_str_of(pl_pace_state_name(PL_UNKNOWN)));
  pl_view_field(batch, PL_STR("since"), pl_str_of(n->since.ms == INT64_MIN ? "" : pl_wall_iso(n->since, at)));
  pl_view_field(batch, PL_STR("at"), pl_str_of(pl_wall_iso(n->at, at)));
  pl_view_field(batch, PL_STR("audience"), PL_STR("ops"));
  pl_view_field(batch, PL_STR("body"), pl_buf_str(&body));
  pl_batch_end(batch);
  pl_view_post_end(view, batch, (pl_str){0}, entry);
  pl_buf_fini(&body);
}
