/* Fiscal: the company's year, from `ends: last saturday of january` to a rule. */
#include <stdio.h>

#include "config/item.h"

static const char *const weekdays[7] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};
static const char *const months[12] = {"january", "february", "march",     "april",   "may",      "june",
                                       "july",    "august",   "september", "october", "november", "december"};

/* There are 168 ways to say it. */
static bool read_end(const char *text, pl_fiscal *out) {
  char said[80];
  for (int i = 0; i < 168; i++) {
    bool nearest = i / 84;
    const char *weekday = weekdays[i / 12 % 7], *month = months[i % 12];
    (void)snprintf(said, sizeof said, nearest ? "%s nearest to the end of %s" : "last %s of %s", weekday,
                   month);
    if (strcmp(text, said) != 0) continue;
    out->nearest = nearest, out->weekday = i / 12 % 7, out->month = i % 12 + 1;
    return true;
  }
  return false;
}

void pl_compile_fiscal(pl_compiler *c) {
  const pl_yaml *ends = pl_yaml_nearest(c->root, "fiscal.ends"),
                *start = pl_yaml_nearest(c->root, "fiscal.start");
  int pattern = c->config->fiscal.pattern;
  pl_fiscal *out = &c->config->policy.fiscal;
  out->named_by_start = c->config->fiscal.named == 1;
  if (pattern < 0) {
    out->month = c->config->fiscal.start > 0 ? c->config->fiscal.start + 1 : 0;
    if (c->config->fiscal.ends && !pl_yaml_find(pl_yaml_find(c->root, "fiscal"), "pattern"))
      pl_complain(c->report, ends,
                  "found no `pattern` with it, expected one; add `pattern: 4-4-5`, or say `start`");
    return;
  }
  out->pattern = (pl_fiscal_pattern)(pattern + PL_FISCAL_445);
  if (c->config->fiscal.start > 0)
    pl_complain(c->report, start,
                "found `pattern` with it, expected one of the two; a year of weeks has `ends`");
  if (!c->config->fiscal.ends)
    pl_complain(
        c->report, ends,
        "found a `pattern` without its last day, expected that too; add `ends: last saturday of january`");
  else if (!read_end(c->config->fiscal.ends, out))
    pl_complain(
        c->report, ends,
        "found '%s', expected a last day such as `last saturday of january` or `saturday nearest to the "
        "end of january`",
        pl_quote(pl_str_of(c->config->fiscal.ends)).text);
}
