#include "codec/keys.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/map.h"

static bool is_plain(unsigned char b) {
  return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '.' || b == '_' ||
         b == '@' || b == '-';
}

/* %k in `fmt` is an id, percent-encoded; the rest is literal. */
static pl_key make(const char *prefix, const char *fmt, ...) {
  pl_key key = {.n = 0};
  pl_buf buf = {key.text, 0, sizeof key.text, sizeof key.text, false};
  va_list args;
  va_start(args, fmt);
  pl_buf_text(&buf, prefix);
  pl_buf_char(&buf, ':');
  for (const char *c = fmt; *c; c++) {
    if (*c != '%') {
      pl_buf_char(&buf, *c);
      continue;
    }
    switch (*++c) {
    case 'd': pl_buf_int(&buf, va_arg(args, int)); break;
    case 's': pl_buf_text(&buf, va_arg(args, const char *)); break;
    default: {
      pl_str id = va_arg(args, pl_str);
      for (size_t i = 0, run; i < id.n; i += run) {
        for (run = 0; i + run < id.n && is_plain((unsigned char)id.p[i + run]);) run++;
        pl_buf_put(&buf, id.p + i, run);
        if (run) continue;
        pl_buf_printf(&buf, "%%%02X", (unsigned char)id.p[i]);
        run = 1;
      }
    }
    }
  }
  va_end(args);
  PL_ASSERT(!buf.full); /* ids are bounded by PL_ID_MAX */
  key.n = buf.n;
  return key;
}

pl_key pl_key_meta(const char *prefix) { return make(prefix, "meta"); }
pl_key pl_key_rep(const char *prefix, pl_str rep) { return make(prefix, "rep:%k", rep); }
pl_key pl_key_plan(const char *prefix, pl_str rep) { return make(prefix, "plan:%k", rep); }
pl_key pl_key_team(const char *prefix, pl_str team, bool is_private) {
  return make(prefix, is_private ? "team-private:%k" : "team:%k", team);
}
pl_key pl_key_past(const char *prefix, bool is_team, pl_str id, pl_unit unit, int32_t index) {
  char when[PL_PERIOD_TEXT_MAX];
  return make(prefix, "past:%s:%k:%s", is_team ? "team" : "rep", id, pl_period_text(unit, index, when));
}
pl_key pl_key_board(const char *prefix, pl_str team, pl_str metric, pl_unit unit, int32_t index) {
  char when[PL_PERIOD_TEXT_MAX];
  return make(prefix, "board:%k:%k:%s", team, metric, pl_period_text(unit, index, when));
}
pl_key pl_key_alerts(const char *prefix) { return make(prefix, "alerts"); }
pl_key pl_key_news(const char *prefix) { return make(prefix, "news"); }
pl_key pl_key_changed(const char *prefix) { return make(prefix, "changed"); }

pl_key pl_key_mark(const char *prefix, int32_t partition) { return make(prefix, "mark:%d", (int)partition); }
pl_key pl_key_marks(const char *prefix) { return make(prefix, "mark:"); }
pl_key pl_key_state(const char *prefix, int32_t partition, int bucket) {
  return make(prefix, "state:%d:%d", (int)partition, bucket);
}
int pl_key_bucket(pl_str id) { return (int)(pl_hash(id, 4) % PL_STATE_BUCKETS); }
pl_key pl_key_part(const char *prefix, pl_str team) { return make(prefix, "part:%k", team); }
pl_key pl_key_members(const char *prefix, pl_str team) { return make(prefix, "members:%k", team); }
pl_key pl_key_digest(const char *prefix, pl_str manager) { return make(prefix, "digest:%k", manager); }
pl_key pl_key_dirty(const char *prefix, int32_t home) { return make(prefix, "dirty:%d", (int)home); }
pl_key pl_key_wake(const char *prefix, int32_t home) { return make(prefix, "wake:%d", (int)home); }
pl_key pl_key_outbox(const char *prefix, int32_t home) { return make(prefix, "outbox:%d", (int)home); }
pl_key pl_key_open(const char *prefix, int32_t partition) { return make(prefix, "open:%d", (int)partition); }
pl_key pl_key_silences(const char *prefix) { return make(prefix, "silences"); }
pl_key pl_key_todo(const char *prefix, int32_t home) { return make(prefix, "todo:%d", (int)home); }
pl_key pl_key_attention(const char *prefix, int32_t home) { return make(prefix, "attention:%d", (int)home); }
pl_key pl_key_done(const char *prefix, int32_t home) { return make(prefix, "done:%d", (int)home); }
