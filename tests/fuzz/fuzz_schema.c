/* A schema's JSON, and behind its last brace a body: the schema is refused, or everything that reads by one
 * is made of it or refuses it, and reads the body. */
#include "codec/schema.h"

#include "codec/fact_decode.h"
#include "codec/plan.h"
#include "events.h"
#include "fuzz.h"

/* avro-c itself loses some of a record's schema that is wrong further on. Schemas are the operator's files.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libavro"; }

static void check_node(const pl_node *node, size_t nodes) {
  PL_ASSERT(node->index < nodes && node->name && node->type <= PL_AVRO_UNION);
  PL_ASSERT(node->size <= PL_FIXED_MAX && node->scale >= 0);
  for (size_t i = 0; i < node->n && node->names; i++) PL_ASSERT(node->names[i].p[node->names[i].n] == 0);
}

static void check_slots(const pl_slot *slots, size_t n, pl_str body) {
  for (size_t i = 0; i < n; i++) {
    const pl_value *v = &slots[i].value;
    if (!slots[i].node) continue;
    PL_ASSERT(v->kind != PL_REAL || isfinite(v->d));
    bool text = v->kind == PL_TEXT && slots[i].node->type != PL_AVRO_ENUM;
    PL_ASSERT(!text || (v->s.p >= body.p && v->s.p + v->s.n <= body.p + body.n));
  }
}

static void read_events(const pl_schema *schema, pl_str body) {
  pl_event_reader *reader = NULL;
  static pl_made made[PL_EVENTS_MAX];
  size_t n;
  pl_err err;
  if (pl_event_reader_new(&reader, PL_FORM_AVRO, schema, events_mappings, EVENTS_MAPPINGS, &events_policy,
                          &err) != PL_OK) {
    PL_ASSERT(*err.text);
    return;
  }
  (void)pl_event_reader_missing(reader);
  if (pl_events_decode(reader, body, NULL, made, &n, &err) == PL_APPLIED)
    for (size_t i = 0; i < n; i++) events_check(&made[i].event);
  pl_event_reader_free(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const pl_want wants[] = {
      {"id", "id", false, 0},           {"deal.amount", "amount", false, 0},
      {"all[].id", "list", false, 0},   {"all[].to", "list", false, 0},
      {"all[1].id", "index", false, 0}, {"all[].tags[]", "list in a list", false, 2},
      {"map.k", "map", false, 0},       {"map.k.x", "map", false, 0},
      {"map.\"l.m\"", "map", false, 0}, {"old", "alias", false, 0},
      {"tags[]", "tags", false, 1}};
  int64_t live = pl_mem_live();
  size_t n = size;
  while (n && data[n - 1] != '}') n--;
  if (n == 0) n = size;
  pl_str body = fuzz_str(data + n, size - n);
  pl_schema *schema;
  pl_err err = {""};
  if (pl_schema_new(&schema, fuzz_str(data, n), &err) == PL_OK) {
    size_t nodes = pl_schema_nodes(schema);
    PL_ASSERT(nodes >= 1 && nodes <= PL_NODES_MAX);
    check_node(pl_schema_root(schema), nodes);
    pl_plan *plan = NULL;
    if (pl_plan_new(&plan, schema, wants, PL_COUNT(wants), &err) == PL_OK) {
      pl_slot slots[PL_COUNT(wants)];
      if (pl_plan_run(plan, body, slots, NULL, NULL, &err) == PL_APPLIED)
        check_slots(slots, PL_COUNT(wants), body);
      pl_plan_free(&plan);
    }
    read_events(schema, body);
    for (int kind = PL_FACT_REP; kind <= PL_FACT_TEAM; kind++) {
      pl_fact_reader *reader = NULL;
      if (pl_fact_reader_new(&reader, schema, (pl_fact_kind)kind, &err) == PL_OK)
        pl_fact_reader_free(&reader);
    }
    pl_schema_free(&schema);
  } else {
    PL_ASSERT(!schema && *err.text);
  }
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
