/* Alerts: when to tell whom, from words such as `after 2wh` and `19:00-08:00`. */
#include "base/civil.h"
#include "config/item.h"
#include "config/option.h"

static const pl_work USUAL_TURN = {.seconds = 2 * 3600};

static const char *const turns[] = {"never", "now", "after", "digest"};

/* `never`, `now`, `digest`, `after 2wh`. */
static bool read_turn(const char *text, pl_turn *turn, pl_work *after) {
  size_t n = strcspn(text, " ");
  *after = USUAL_TURN;
  for (int i = 0; i < (int)PL_COUNT(turns); i++)
    if (pl_str_is((pl_str){text, n}, turns[i])) {
      *turn = (pl_turn)i;
      return i == PL_TURN_AFTER ? text[n] && pl_work_parse(pl_str_of(text + n + 1), after) : !text[n];
    }
  return false;
}

static void compile_behind(pl_compiler *c) {
  double chance = c->config->alerts.behind.chance, leave = c->config->alerts.behind.leave;
  pl_work wait = c->config->alerts.behind.wait;
  if (chance >= leave)
    pl_complain(c->report, pl_yaml_nearest(c->root, "alerts.behind"),
                "found chance %g and leave %g, expected chance below leave", chance, leave);
  if (wait.days || wait.seconds > 100 * 3600)
    pl_complain(c->report, pl_yaml_nearest(c->root, "alerts.behind.for"),
                "found %s, expected at most 100 working hours, such as 30wmin or 1wh",
                wait.days ? "working days" : "more");
  pl_alert_def *out = &c->config->policy.alerts;
  *out = (pl_alert_def){.enter = chance,
                        .leave = leave,
                        .wait_work_s = wait.seconds,
                        .repeat = c->config->alerts.behind.repeat,
                        .silent_after = c->config->alerts.silent_after};
  const char *manager = c->config->alerts.behind.manager;
  if (!read_turn(manager, &out->turn, &out->turn_after))
    pl_complain(c->report, pl_yaml_nearest(c->root, "alerts.behind.manager"),
                "found '%s', expected now, digest, never, or after and working time, such as after 2wh",
                pl_quote(pl_str_of(manager)).text);
}

/* `19:00-08:00`: over midnight, too. */
static void compile_quiet(pl_compiler *c) {
  const char *text = c->config->alerts.quiet, *dash = text ? strchr(text, '-') : NULL;
  pl_span *out = &c->config->alerts.quiet_hours;
  if (!text) return;
  if (!dash || !pl_of_day_parse((pl_str){text, (size_t)(dash - text)}, &out->from) ||
      !pl_of_day_parse(pl_str_of(dash + 1), &out->to) || out->from == out->to)
    pl_complain(c->report, pl_yaml_nearest(c->root, "alerts.quiet"),
                "found '%s', expected hours of the day, such as 19:00-08:00", pl_quote(pl_str_of(text)).text);
}

static bool is_quiet(pl_span quiet, int32_t t) {
  return quiet.from <= quiet.to ? quiet.from <= t && t < quiet.to : quiet.from <= t || t < quiet.to;
}

/* `{at: "16:30", days: mon-fri}`: at a time at which somebody may be told. */
static void compile_digest(pl_compiler *c) {
  const pl_list *days = &c->config->alerts.digest.days;
  const pl_yaml *at = pl_yaml_nearest(c->root, "alerts.digest.at");
  int32_t of_day = c->config->alerts.digest.at;
  for (size_t i = 0; i < days->n; i++) {
    int first, last;
    if (!pl_weekdays_parse(days->items[i], &first, &last))
      pl_complain(c->report, pl_yaml_nearest(c->root, "alerts.digest.days"),
                  "found '%s', expected a day or days in the order of the week, such as fri or mon-thu",
                  pl_quote(pl_str_of(days->items[i])).text);
    else
      for (int d = first; d <= last; d++) c->config->alerts.digest.weekdays |= 1U << d;
  }
  if (of_day >= 0 && !days->n)
    pl_complain(c->report, pl_yaml_nearest(c->root, "alerts.digest.days"),
                "found no day, expected at least one, such as mon-fri; or remove the digest");
  if (of_day >= 86400)
    pl_complain(c->report, at,
                "found 24:00, expected a time within the day, such as 23:59, or 00:00 of the next");
  if (of_day >= 0 && is_quiet(c->config->alerts.quiet_hours, of_day))
    pl_complain(c->report, at, "found a time within the quiet hours %s, expected one outside",
                c->config->alerts.quiet);
  if (of_day < 0 && c->config->policy.alerts.turn == PL_TURN_DIGEST)
    pl_complain(
        c->report, pl_yaml_nearest(c->root, "alerts.behind.manager"),
        "found digest, and there is none, expected its time; add alerts.digest, such as {at: \"16:30\"}");
}

void pl_compile_alerts(pl_compiler *c) {
  compile_behind(c);
  compile_quiet(c);
  compile_digest(c);
}

int64_t pl_config_digest_after(const pl_config *c, const pl_zone *zone, int64_t t_s) {
  if (c->alerts.digest.at < 0) return INT64_MAX;
  for (int32_t day = pl_zone_day(zone, t_s), end = day + 8; day <= end; day++) {
    int64_t at = pl_zone_instant(zone, day, c->alerts.digest.at);
    if (c->alerts.digest.weekdays >> pl_weekday(day) & 1 && at > t_s) return at;
  }
  return INT64_MAX;
}
