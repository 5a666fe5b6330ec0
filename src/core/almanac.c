#include "core/almanac.h"

#include "base/map.h"
#include "base/mem.h"

enum { ZONE_FILE_MAX = 1 << 16, UNKNOWN_MAX = 1000 };

typedef struct {
  pl_zone *zone;     /* NULL: there is none of that name */
  pl_workcal **cals; /* by calendar, made when asked for */
} entry;

struct pl_almanac {
  const pl_policy *policy;
  pl_zone_load_fn *load;
  void *ctx;
  pl_map zones; /* name -> entry: all that there are, and up to UNKNOWN_MAX that are none */
  size_t unknown;
  entry none; /* stands for the others that are none */
  const pl_zone *usual;
};

static pl_zone *read_zone(const pl_almanac *almanac, pl_str name, pl_err *err) {
  char text[PL_ID_MAX + 1];
  pl_zone *zone = NULL;
  if (name.n >= sizeof text || !pl_str_clean(name)) return NULL;
  memcpy(text, name.p, name.n);
  text[name.n] = 0;
  pl_buf bytes;
  pl_buf_init(&bytes, ZONE_FILE_MAX);
  if (!almanac->load(almanac->ctx, text, &bytes))
    (void)pl_fail(err, PL_REJECT,
                  "zone \"%s\": the system has no such time zone; use an IANA name such as Europe/Berlin",
                  text);
  else if (pl_zone_new(&zone, text, pl_buf_str(&bytes), err) != PL_OK)
    zone = NULL;
  pl_buf_fini(&bytes);
  return zone;
}

/* A roster may hold any name: what is none is remembered, so that it is not looked for again for each rep,
 * but not without end. */
static entry *find(pl_almanac *almanac, pl_str name, pl_err *err) {
  entry *e = pl_map_find(&almanac->zones, name);
  if (e) return e;
  pl_zone *zone = read_zone(almanac, name, err);
  if (!zone && almanac->unknown == UNKNOWN_MAX) return &almanac->none;
  almanac->unknown += !zone;
  e = PL_NEW(entry);
  e->zone = zone;
  e->cals = pl_alloc(almanac->policy->ncalendars * sizeof *e->cals);
  *pl_map_put(&almanac->zones, name) = e;
  return e;
}

pl_status pl_almanac_new(pl_almanac **out, const pl_policy *policy, pl_zone_load_fn *load, void *ctx,
                         pl_err *err) {
  pl_almanac *almanac = PL_NEW(pl_almanac);
  almanac->policy = policy, almanac->load = load, almanac->ctx = ctx;
  pl_map_init(&almanac->zones);
  almanac->usual = find(almanac, pl_str_of(policy->default_zone), err)->zone;
  if (!almanac->usual) {
    pl_almanac_free(&almanac);
    return PL_REJECT;
  }
  *out = almanac;
  return PL_OK;
}

void pl_almanac_free(pl_almanac **almanac) {
  if (!*almanac) return;
  size_t n = (*almanac)->policy->ncalendars;
  for (pl_map_slot *s = NULL; (s = pl_map_next(&(*almanac)->zones, s));) {
    entry *e = s->value;
    for (size_t i = 0; i < n; i++) pl_workcal_free(&e->cals[i]);
    pl_release(e->cals, n * sizeof *e->cals);
    pl_zone_free(&e->zone);
    PL_FREE(e);
  }
  pl_map_fini(&(*almanac)->zones);
  PL_FREE(*almanac);
}

const pl_zone *pl_almanac_zone(pl_almanac *almanac, pl_str name) { return find(almanac, name, NULL)->zone; }
const pl_zone *pl_almanac_default_zone(const pl_almanac *almanac) { return almanac->usual; }

pl_workcal *pl_almanac_workcal(pl_almanac *almanac, size_t calendar, const pl_zone *zone) {
  entry *e = find(almanac, pl_str_of(pl_zone_name(zone)), NULL);
  if (!e->cals[calendar]) e->cals[calendar] = pl_workcal_new(&almanac->policy->calendars[calendar], zone);
  return e->cals[calendar];
}
