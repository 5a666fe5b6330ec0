/* The compiler. A record's wanted fields are written out in place; everything else becomes skips, and skips
 * of one kind that stand in a row become one. A type used by name is skipped by calling its program, which is
 * written once: so a recursive type ends, and a schema that names types again and again stays small. */
#include "codec/plan.h"

#include <stdio.h>

#include "base/mem.h"
#include "codec/ops.h"
#include "codec/path.h"

typedef struct {
  pl_plan *plan;
  const pl_want *wants;
  const char *field;    /* where we are, for names */
  size_t label;         /* the last op a jump can lead to: nothing fuses with ops before it */
  uint32_t *program;    /* by node index: its skipping program + 1; 0: none written */
  bool *seen;           /* by node index: its definition was passed, a further use is a call */
  const pl_node **owed; /* programs to be written */
  size_t nowed;
  bool full;
} compiler;

static size_t emit(compiler *c, pl_op op) {
  pl_plan *plan = c->plan;
  if (plan->n == PL_OPS_MAX) {
    c->full = true;
    return 0;
  }
  if (plan->n == plan->room) {
    size_t room = plan->room ? plan->room * 2 : 32;
    plan->ops = pl_resize(plan->ops, plan->room * sizeof *plan->ops, room * sizeof *plan->ops);
    plan->names = pl_resize(plan->names, plan->room * sizeof *plan->names, room * sizeof *plan->names);
    plan->room = room;
  }
  PL_ASSERT(plan->ops);
  plan->ops[plan->n] = op;
  plan->names[plan->n] = c->field;
  return plan->n++;
}

static uint32_t here(compiler *c) { /* a place to jump to */
  c->label = c->plan->n;
  return (uint32_t)c->plan->n;
}

static void skip_run(compiler *c, pl_op_kind kind, size_t n) {
  pl_plan *plan = c->plan;
  pl_op *last = plan->n > c->label ? &plan->ops[plan->n - 1] : NULL;
  if (last && last->kind == kind && last->n <= UINT32_MAX - n)
    last->n += (uint32_t)n;
  else
    (void)emit(c, (pl_op){.kind = (uint8_t)kind, .n = (uint32_t)n});
}

static void walk(compiler *c, const pl_node *node, const pl_tail *tails, size_t n);

static size_t add_jumps(compiler *c, size_t n) {
  pl_plan *plan = c->plan;
  size_t at = plan->njumps, room = plan->jumps_room;
  if (at + n > PL_OPS_MAX) {
    c->full = true;
    return 0;
  }
  while (room < at + n) room = room ? room * 2 : 16;
  if (room > plan->jumps_room) {
    plan->jumps = pl_resize(plan->jumps, plan->jumps_room * sizeof *plan->jumps, room * sizeof *plan->jumps);
    plan->jumps_room = room;
  }
  plan->njumps += n;
  return at;
}

static void walk_union(compiler *c, const pl_node *node, const pl_tail *tails, size_t n) {
  if (node->n == 2 && (node->kids[0]->type == PL_AVRO_NULL) != (node->kids[1]->type == PL_AVRO_NULL)) {
    uint32_t null = node->kids[0]->type == PL_AVRO_NULL ? 0 : 1;
    size_t at = emit(c, (pl_op){.kind = OP_NULLABLE, .n = null});
    walk(c, node->kids[1 - null], tails, n);
    if (c->plan->n == at + 2) { /* one operation, which then reads the branch itself */
      c->plan->ops[at] = c->plan->ops[at + 1], c->plan->ops[at].null = (uint8_t)(null + 1);
      c->plan->n--;
      (void)here(c);
    } else {
      c->plan->ops[at].to = here(c);
    }
    return;
  }
  size_t table = add_jumps(c, node->n);
  (void)emit(c, (pl_op){.kind = OP_UNION, .n = (uint32_t)node->n, .to = (uint32_t)table});
  uint32_t last = UINT32_MAX; /* the ends of the branches, chained through `to` */
  for (size_t i = 0; i < node->n && !c->full; i++) {
    c->plan->jumps[table + i] = here(c);
    walk(c, node->kids[i], tails, n);
    last = (uint32_t)emit(c, (pl_op){.kind = OP_JUMP, .to = last});
  }
  uint32_t end = here(c);
  while (last != UINT32_MAX && !c->full) {
    uint32_t before = c->plan->ops[last].to;
    c->plan->ops[last].to = end;
    last = before;
  }
}

static void walk_record(compiler *c, const pl_node *node, const pl_tail *tails, size_t n) {
  const char *outer = c->field;
  pl_tail rests[PL_SLOTS_MAX];
  size_t fields[PL_SLOTS_MAX];
  for (size_t k = 0; k < n; k++) {
    rests[k] = tails[k];
    fields[k] = pl_node_field(node, pl_path_step(&rests[k].rest).name);
  }
  for (size_t i = 0; i < node->n; i++) {
    pl_tail below[PL_SLOTS_MAX] = {{0}};
    size_t nbelow = 0;
    for (size_t k = 0; k < n; k++)
      if (fields[k] == i) below[nbelow++] = rests[k];
    c->field = node->names[i].p;
    walk(c, node->kids[i], below, nbelow);
  }
  c->field = outer;
}

/* An item to its end, for these paths; the first `nlisted` of them want each item, and their lists are told.
 */
static void walk_item(compiler *c, const pl_node *item, const pl_tail *tails, size_t n, size_t nlisted) {
  walk(c, item, tails, n);
  for (size_t i = 0; i < nlisted; i++) {
    int list = c->wants[tails[i].slot].list;
    bool told = pl_path_lists(tails[i].rest);
    for (size_t k = 0; k < i; k++)
      told |= !pl_path_lists(tails[k].rest) && c->wants[tails[k].slot].list == list;
    if (!told) (void)emit(c, (pl_op){.kind = OP_ITEM, .n = (uint32_t)list});
  }
  (void)emit(c, (pl_op){.kind = OP_NEXT});
}

/* An item that a path names by its number is read for that path, and as one of all. */
static void walk_array(compiler *c, const pl_node *node, const pl_tail *tails, size_t n) {
  pl_tail below[PL_SLOTS_MAX] = {{0}};
  size_t nlisted = pl_tails_follow(tails, n, &(pl_step){.kind = PL_STEP_EACH}, below);
  size_t past = pl_tails_items(tails, n);
  size_t loop = emit(c, (pl_op){.kind = OP_LOOP});
  (void)here(c);
  for (size_t i = 0; i < nlisted; i++) (void)emit(c, (pl_op){.kind = OP_ABSENT, .slot = below[i].slot});
  if (past) {
    size_t table = add_jumps(c, past + 1);
    (void)emit(c, (pl_op){.kind = OP_NTH, .n = (uint32_t)past, .to = (uint32_t)table});
    for (size_t i = 0; i < past && !c->full; i++) {
      pl_step nth = {.kind = PL_STEP_INDEX, .index = (uint32_t)i};
      size_t named = pl_tails_follow(tails, n, &nth, below + nlisted);
      c->plan->jumps[table + i] = named ? here(c) : UINT32_MAX;
      if (named) walk_item(c, node->kids[0], below, nlisted + named, nlisted);
    }
    for (size_t i = 0; i <= past && !c->full; i++)
      if (i == past || c->plan->jumps[table + i] == UINT32_MAX) c->plan->jumps[table + i] = here(c);
  }
  walk_item(c, node->kids[0], below, nlisted, nlisted);
  c->plan->ops[loop].to = here(c);
}

static void walk_map(compiler *c, const pl_node *node, const pl_tail *tails, size_t n) {
  size_t loop = emit(c, (pl_op){.kind = OP_LOOP});
  (void)here(c);
  if (n)
    (void)emit(c, (pl_op){.kind = OP_KEY});
  else
    skip_run(c, OP_SKIP_BYTES, 1);
  for (size_t i = 0; i < n; i++) {
    pl_tail below[PL_SLOTS_MAX] = {{0}};
    const char *rest = tails[i].rest;
    pl_step key = pl_path_step(&rest);
    if (pl_tails_follow(tails, i, &key, below)) continue; /* written with the first that has it */
    size_t is = emit(c, (pl_op){.kind = OP_IS_KEY, .slot = (uint8_t)i, .n = (uint32_t)key.name.n});
    c->plan->ops[is].key = key.name.p;
    walk_item(c, node->kids[0], below, pl_tails_follow(tails, n, &key, below), 0);
    c->plan->ops[is].to = here(c);
  }
  walk_item(c, node->kids[0], NULL, 0, 0);
  c->plan->ops[loop].to = here(c);
}

/* The node is skipped whole; by its program, when it has been met before. */
static void skip(compiler *c, const pl_node *node) {
  bool named = node->type == PL_AVRO_RECORD;
  if (named && c->seen[node->index]) {
    if (c->program[node->index] == 0) c->program[node->index] = 1, c->owed[c->nowed++] = node;
    (void)emit(c, (pl_op){.kind = OP_CALL, .n = node->index});
    return;
  }
  if (named) c->seen[node->index] = true;
  switch (node->type) {
  case PL_AVRO_NULL: return;
  case PL_AVRO_BOOLEAN: skip_run(c, OP_SKIP_BOOL, 1); return;
  case PL_AVRO_INT: skip_run(c, OP_SKIP_INT, 1); return;
  case PL_AVRO_LONG: skip_run(c, OP_SKIP_LONG, 1); return;
  case PL_AVRO_FLOAT: skip_run(c, OP_SKIP_RAW, 4); return;
  case PL_AVRO_DOUBLE: skip_run(c, OP_SKIP_RAW, 8); return;
  case PL_AVRO_FIXED:
    if (node->size) skip_run(c, OP_SKIP_RAW, node->size);
    return;
  case PL_AVRO_BYTES:
  case PL_AVRO_STRING: skip_run(c, OP_SKIP_BYTES, 1); return;
  case PL_AVRO_ENUM: (void)emit(c, (pl_op){.kind = OP_SKIP_ENUM, .n = (uint32_t)node->n}); return;
  case PL_AVRO_RECORD: walk_record(c, node, NULL, 0); return;
  case PL_AVRO_ARRAY: walk_array(c, node, NULL, 0); return;
  case PL_AVRO_MAP: walk_map(c, node, NULL, 0); return;
  case PL_AVRO_UNION: walk_union(c, node, NULL, 0); return;
  }
}

static pl_op_kind taker(const pl_node *node) { /* OP_END: it cannot be taken as a value */
  switch (node->type) {
  case PL_AVRO_BOOLEAN: return OP_TAKE_BOOL;
  case PL_AVRO_INT: return OP_TAKE_INT;
  case PL_AVRO_LONG: return OP_TAKE_LONG;
  case PL_AVRO_FLOAT: return OP_TAKE_FLOAT;
  case PL_AVRO_DOUBLE: return OP_TAKE_DOUBLE;
  case PL_AVRO_STRING: return OP_TAKE_STRING;
  case PL_AVRO_ENUM: return OP_TAKE_ENUM;
  case PL_AVRO_BYTES: return node->logical == PL_DECIMAL_NUMBER ? OP_TAKE_DECIMAL : OP_END;
  case PL_AVRO_FIXED:
    return node->logical == PL_DECIMAL_NUMBER ? OP_TAKE_DECIMAL_FIXED
           : node->logical == PL_UUID         ? OP_TAKE_FIXED
                                              : OP_END;
  case PL_AVRO_RECORD: return node->logical == PL_DECIMAL_NUMBER ? OP_TAKE_SCALED : OP_END;
  default: return OP_END;
  }
}

/* Says why a path cannot be followed at this node; kept in case that no branch of a union has it either. */
static void note(compiler *c, const pl_node *node, const pl_tail *t) {
  pl_lack *lack = &c->plan->lacks[t->slot];
  char *text = lack->text;
  size_t room = sizeof lack->text;
  static const char *const types[] = {"null",     "boolean",  "int",    "long",   "float",
                                      "double",   "bytes",    "string", "fixed",  "an enum",
                                      "a record", "an array", "a map",  "a union"};
  const char *type = types[node->type];
  lack->wrong = true;
  if (*t->rest)
    (void)snprintf(text, room, "%.64s is %s, and `%.64s` cannot be looked up in it", c->field, type, t->rest);
  else
    (void)snprintf(text, room, "%.64s is %s, expected text, a number, a boolean or an enum", c->field, type);
}

static void note_fields(compiler *c, const pl_node *node, const pl_tail *t) {
  char *text = c->plan->lacks[t->slot].text;
  size_t room = sizeof c->plan->lacks[0].text, n;
  n = (size_t)snprintf(text, room, "record %.48s has no such field; it has", node->name);
  for (size_t i = 0; i < node->n && n < room; i++)
    n += (size_t)snprintf(text + n, room - n, "%s %.40s", i ? "," : "", node->names[i].p);
}

/* The steps that a type has something behind; of a record, whatever it is called. */
static bool leads_on(const pl_node *node, const char *rest) {
  if (node->type == PL_AVRO_UNION || !*rest) return node->type == PL_AVRO_UNION;
  bool named = pl_path_step(&rest).kind == PL_STEP_NAME;
  return node->type == PL_AVRO_ARRAY ? !named
                                     : named && (node->type == PL_AVRO_MAP || node->type == PL_AVRO_RECORD);
}

static bool has_field(const pl_node *record, const char *rest) {
  return pl_node_field(record, pl_path_step(&rest).name) < record->n;
}

static void walk(compiler *c, const pl_node *node, const pl_tail *tails, size_t n) {
  pl_tail on[PL_SLOTS_MAX] = {{0}};
  size_t non = 0;
  const pl_tail *taken = NULL; /* several paths can lead to one field, by its names */
  if (c->full || node->type == PL_AVRO_NULL) return;
  for (size_t i = 0; i < n; i++) {
    if (*tails[i].rest || taker(node) == OP_END) continue;
    pl_op op = {.kind = (uint8_t)taker(node), .slot = tails[i].slot, .n = (uint32_t)node->n, .node = node};
    if (node->type == PL_AVRO_FIXED) op.n = (uint32_t)node->size;
    if (taken) op.kind = OP_COPY, op.n = taken->slot;
    (void)emit(c, op);
    taken = &tails[i];
    c->plan->lacks[tails[i].slot].has = true;
  }
  for (size_t i = 0; i < n; i++) {
    if (taken && !*tails[i].rest) continue;
    if (taken || !leads_on(node, tails[i].rest))
      note(c, node, &tails[i]);
    else if (node->type == PL_AVRO_RECORD && !has_field(node, tails[i].rest))
      note_fields(c, node, &tails[i]);
    else
      on[non++] = tails[i];
  }
  if (taken) return;
  if (non == 0) {
    skip(c, node);
    return;
  }
  switch (node->type) {
  case PL_AVRO_RECORD:
    c->seen[node->index] = true;
    walk_record(c, node, on, non);
    return;
  case PL_AVRO_ARRAY: walk_array(c, node, on, non); return;
  case PL_AVRO_MAP: walk_map(c, node, on, non); return;
  default: walk_union(c, node, on, non); return;
  }
}

/* Programs of the types that are called, and the calls' targets. */
static void link_calls(compiler *c) {
  for (size_t i = 0; i < c->nowed; i++) {
    const pl_node *node = c->owed[i];
    c->program[node->index] = here(c) + 1;
    c->field = node->name;
    walk_record(c, node, NULL, 0);
    (void)emit(c, (pl_op){.kind = OP_RETURN});
  }
  for (size_t i = 0; i < c->plan->n; i++)
    if (c->plan->ops[i].kind == OP_CALL) c->plan->ops[i].to = c->program[c->plan->ops[i].n] - 1;
}

pl_status pl_plan_new(pl_plan **out, const pl_schema *schema, const pl_want *wants, size_t nwants,
                      pl_err *err) {
  PL_ASSERT(nwants <= PL_SLOTS_MAX);
  size_t nodes = pl_schema_nodes(schema);
  compiler *c = PL_NEW(compiler);
  c->plan = PL_NEW(pl_plan);
  c->plan->nslots = nwants;
  c->plan->lacks = pl_alloc(nwants * sizeof *c->plan->lacks);
  c->wants = wants;
  c->program = pl_alloc(nodes * sizeof *c->program);
  c->seen = pl_alloc(nodes * sizeof *c->seen);
  c->owed = pl_alloc(nodes * sizeof *c->owed);
  c->field = pl_schema_root(schema)->name;

  pl_tail tails[PL_SLOTS_MAX];
  size_t n = 0;
  for (size_t i = 0; i < nwants; i++) {
    pl_lack *lack = &c->plan->lacks[i];
    pl_err wrong;
    if (pl_path_check(wants[i].path, &wrong) == PL_OK)
      tails[n++] = (pl_tail){wants[i].path, (uint8_t)i};
    else
      lack->wrong = true, (void)snprintf(lack->text, sizeof lack->text, "%.197s", wrong.text);
  }
  walk(c, pl_schema_root(schema), tails, n);
  (void)emit(c, (pl_op){.kind = OP_END});
  link_calls(c);
  pl_status status = PL_OK;
  if (c->full) status = pl_fail(err, PL_REJECT, "schema: needs more than %d decoding steps", PL_OPS_MAX);

  *out = c->plan;
  if (status != PL_OK) pl_plan_free(out);
  pl_release(c->program, nodes * sizeof *c->program);
  pl_release(c->seen, nodes * sizeof *c->seen);
  pl_release(c->owed, nodes * sizeof *c->owed);
  PL_FREE(c);
  return status;
}

void pl_plan_free(pl_plan **plan) {
  pl_plan *p = *plan;
  if (!p) return;
  pl_release(p->ops, p->room * sizeof *p->ops);
  pl_release(p->names, p->room * sizeof *p->names);
  pl_release(p->jumps, p->jumps_room * sizeof *p->jumps);
  pl_release(p->lacks, p->nslots * sizeof *p->lacks);
  PL_FREE(*plan);
}

const char *pl_plan_lacks(const pl_plan *plan, size_t slot, bool *wrong) {
  const pl_lack *lack = &plan->lacks[slot];
  if (wrong) *wrong = !lack->has && lack->wrong;
  return lack->has ? NULL : *lack->text ? lack->text : "leads to null only";
}

pl_status pl_plan_check(const pl_plan *plan, const pl_want *wants, size_t nwants, pl_err *err) {
  for (size_t i = 0; i < nwants; i++) {
    bool wrong;
    const char *why = pl_plan_lacks(plan, i, &wrong);
    if (why && (wants[i].required || wrong))
      return pl_fail(err, PL_REJECT, "%s: path `%s`: %s", wants[i].what, wants[i].path, why);
  }
  return PL_OK;
}

size_t pl_plan_types(const pl_plan *plan, size_t slot, const pl_node **out, size_t max) {
  size_t n = 0;
  for (size_t i = 0; i < plan->n && n < max; i++) {
    const pl_op *op = &plan->ops[i];
    if (op->kind < OP_TAKE_STRING || op->slot != slot) continue;
    out[n] = op->node; /* once, however often it is read in places of its own */
    size_t before = 0;
    while (out[before] != op->node) before++;
    n += before == n;
  }
  return n;
}
