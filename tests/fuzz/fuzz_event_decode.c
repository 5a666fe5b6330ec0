/* Values of the activities' topic, against schemas that have one of everything: whatever comes, an event or a
 * reason, and nothing is read outside the value. The wire format's schema id chooses: the second schema is
 * recursive, the last is the one that paceline comes with, and its events are counted. */
#include "../codec/json.h"
#include "codec/wire.h"
#include "events.h"
#include "fuzz.h"
#include "office.h"

static pl_event_reader *readers[EVENTS_SCHEMAS];

static void set_up(void) { /* for as long as the process */
  static pl_mapping usual;
  static pl_schema *schemas[EVENTS_SCHEMAS];
  pl_err err;
  pl_buf text;
  pl_buf_init(&text, 1 << 16);
  fuzz_read("schemas/activity.avsc", &text);
  pl_mapping_default(&usual, &office()->policy);
  for (int i = 0; i < EVENTS_SCHEMAS; i++) {
    bool last = i == EVENTS_SCHEMAS - 1;
    fuzz_need(pl_schema_new(&schemas[i], last ? pl_buf_str(&text) : json(events_schemas[i]), &err), &err);
    fuzz_need(pl_event_reader_new(&readers[i], PL_FORM_AVRO, schemas[i], last ? &usual : events_mappings,
                                  last ? 1 : EVENTS_MAPPINGS, last ? &office()->policy : &events_policy,
                                  &err),
              &err);
  }
  pl_buf_fini(&text);
}

/* What is counted of it is to be seen, twice by who says the same under two ids. */
static void count(const pl_event *event) {
  pl_core *core = office_open();
  pl_core_begin(core, pl_times_at(OFFICE_MONDAY));
  pl_wall stamp = {OFFICE_MONDAY.ms + 40000000};
  if (event->type == PL_TYPE_HEARTBEAT) {
    (void)pl_core_heartbeat(core, event->source, event->complete_to, stamp, 1);
  } else {
    pl_reason reason = pl_core_apply(core, event, stamp, 1);
    pl_reason again = pl_core_apply(core, event, stamp, 2);
    PL_ASSERT(reason != PL_APPLIED || again == PL_DUPLICATE);
  }
  office_see(core, (pl_wall){stamp.ms + 86400000});
  office_close(&core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const pl_wire wire = {.max_bytes = 1 << 16};
  if (!readers[0]) set_up();
  int64_t live = pl_mem_live();
  static pl_made made[PL_EVENTS_MAX];
  size_t n;
  pl_err why;
  pl_str body;
  int32_t id;
  if (pl_wire_get(&wire, fuzz_str(data, size), &id, &body, &why) != PL_APPLIED) return 0;
  PL_ASSERT(body.p + body.n == (const char *)data + size);
  unsigned chosen = (unsigned)id % EVENTS_SCHEMAS;
  if (pl_events_decode(readers[chosen], body, NULL, made, &n, &why) != PL_APPLIED) return 0;
  for (size_t i = 0; i < n; i++) events_check(&made[i].event);
  if (n && chosen == EVENTS_SCHEMAS - 1) count(&made[0].event);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
