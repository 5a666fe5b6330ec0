#include "codec/matter.h"

#include <math.h>
#include <stddef.h>

typedef struct {
  const char *name;
  size_t at;
} field;

#define AT(name)                                                                                             \
  { #name, offsetof(pl_matter, name) }
static const field texts[] = {AT(id),          AT(kind),
                              AT(about),       AT(entity),
                              AT(entity_kind), AT(name),
                              AT(team),        AT(goal),
                              AT(metric),      AT(unit),
                              AT(period),      AT(reason),
                              AT(plan),        AT(audience),
                              AT(cause),       AT(answer),
                              AT(answer_plan), AT(recipient),
                              AT(conversion),  AT(conversion_of),
                              AT(cause_unit),  {"about_kind", offsetof(pl_matter, of)}};
static const field instants[] = {AT(since), AT(at), AT(until), AT(due), AT(turn), AT(answered)};
static const field numbers[] = {
    AT(actual),       AT(target),       AT(line),           AT(pace),
    AT(chance),       AT(needed_today), AT(required_rate),  AT(gap),
    AT(cause_actual), AT(cause_usual),  AT(conversion_now), AT(conversion_before)};
static const field whole[] = {AT(decimals), AT(cause_decimals), AT(partition), AT(count)};
static const field flags[] = {AT(lower), AT(gauge), AT(never)};

static void *find(pl_matter *m, const field *fields, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(fields[i].name, name) == 0) return (char *)m + fields[i].at;
  return NULL;
}

pl_matter pl_matter_none(void) {
  pl_matter m = {.decimals = -1, .cause_decimals = -1, .partition = -1, .count = -1};
  for (size_t i = 0; i < PL_COUNT(instants); i++)
    *(pl_wall *)(void *)((char *)&m + instants[i].at) = PL_NEVER;
  for (size_t i = 0; i < PL_COUNT(numbers); i++) *(double *)(void *)((char *)&m + numbers[i].at) = NAN;
  return m;
}

void pl_matter_text(pl_matter *m, const char *name, pl_str value) {
  pl_str *at = find(m, texts, PL_COUNT(texts), name);
  if (at) *at = value;
}

void pl_matter_number(pl_matter *m, const char *name, double value) {
  double *number = find(m, numbers, PL_COUNT(numbers), name);
  int64_t *integer = find(m, whole, PL_COUNT(whole), name);
  bool *flag = find(m, flags, PL_COUNT(flags), name);
  bool fits = fabs(value) <= 1e15; /* neither NAN nor beyond what anybody reads */
  if (number) *number = fits ? value : NAN;
  if (integer && fits) *integer = (int64_t)value;
  if (flag) *flag = value != 0;
}

void pl_matter_instant(pl_matter *m, const char *name, pl_wall value) {
  pl_wall *at = find(m, instants, PL_COUNT(instants), name);
  if (at) *at = value;
}
