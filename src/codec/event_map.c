/* A mapping becomes slots: each different path is one, and whatever needs its value names the slot. Then the
 * plan is asked what types the slots can have, so that a mapping that cannot work is refused here, with a
 * remedy, and not in every message. */
#include "codec/event_map.h"

#include <stdio.h>

#include "base/mem.h"
#include "codec/when.h"

static pl_status add(pl_event_reader *r, const char *path, const char *what, bool required, int *slot,
                     pl_err *err) {
  *slot = -1;
  if (!path) {
    if (required) return pl_fail(err, PL_REJECT, "%s: not mapped, expected the path of a field", what);
    return PL_OK;
  }
  if (!*path || strlen(path) > PL_PATH_MAX || strchr(path, '['))
    return pl_fail(err, PL_REJECT, "%s: `%.64s` is not the path of a field, such as deal.amount", what, path);
  for (size_t i = 0; i < r->nwants; i++)
    if (strcmp(r->wants[i].path, path) == 0) {
      r->wants[i].required |= required;
      *slot = (int)i;
      return PL_OK;
    }
  r->wants[r->nwants] = (pl_want){.path = path, .what = what, .required = required};
  *slot = (int)r->nwants++;
  return PL_OK;
}

/* "{opportunity_id}/closed" -> ("", opportunity_id), ("/closed", -) */
static pl_status cut_template(pl_event_reader *r, const char *id, pl_err *err) {
  if (!id || !strchr(id, '{')) {
    r->npieces = 1;
    return add(r, id, "id", true, &r->pieces[0].slot, err);
  }
  if (strlen(id) > PL_PATH_MAX)
    return pl_fail(err, PL_REJECT, "id: the template is longer than %d bytes", PL_PATH_MAX);
  char *to = r->texts;
  for (const char *p = id; *p;) {
    if (r->npieces == PL_PIECES_MAX)
      return pl_fail(err, PL_REJECT, "id: `%s` has more than %d pieces", id, PL_PIECES_MAX);
    const char *open = strchr(p, '{'), *close = open ? strchr(open, '}') : NULL;
    size_t n = open ? (size_t)(open - p) : strlen(p);
    r->pieces[r->npieces].text = (pl_str){p, n};
    r->pieces[r->npieces].slot = -1;
    if (open) {
      if (!close) return pl_fail(err, PL_REJECT, "id: `%s` has a { without its }", id);
      size_t m = (size_t)(close - open - 1);
      memcpy(to, open + 1, m);
      to[m] = 0;
      pl_status status = add(r, to, "id", true, &r->pieces[r->npieces].slot, err);
      if (status != PL_OK) return status;
      to += m + 1;
    }
    r->npieces++;
    p = open ? close + 1 : p + n;
  }
  return PL_OK;
}

static void list_values(pl_event_reader *r, const pl_mapping *mapping, const pl_policy *policy) {
  for (size_t i = 0; i < mapping->ntype_values; i++) r->values[r->nvalues++] = mapping->type_values[i];
  for (size_t i = 0; mapping->ntype_values == 0 && i < policy->ntypes; i++)
    r->values[r->nvalues++] = (pl_type_value){policy->types[i], (int)i};
  for (int type = PL_TYPE_HEARTBEAT; type >= PL_TYPE_LAST; type--) {
    const char *made = type == PL_TYPE_HEARTBEAT    ? mapping->complete_to
                       : type == PL_TYPE_ADJUSTMENT ? mapping->metric
                       : type == PL_TYPE_ANSWER     ? mapping->answer
                                                    : mapping->goal;
    pl_str name = pl_str_of(pl_type_own_name(type));
    if (made && pl_event_type(r, name) == PL_TYPE_OTHER)
      r->values[r->nvalues++] = (pl_type_value){name.p, type};
  }
}

int pl_event_type(const pl_event_reader *r, pl_str value) {
  for (size_t i = 0; i < r->nvalues; i++)
    if (pl_str_is(value, r->values[i].from)) return r->values[i].type;
  return PL_TYPE_OTHER;
}

/* A record's parts, each a slot; `paths` is their room. */
static pl_status add_parts(pl_event_reader *r, const char *path, const char *what, const char *const *parts,
                           size_t n, char (*paths)[PL_PATH_MAX + 1], int *slots, pl_err *err) {
  pl_status status = PL_OK;
  for (size_t i = 0; i < n; i++) {
    slots[i] = -1;
    if (!path || status != PL_OK) continue;
    int length = snprintf(paths[i], sizeof paths[i], "%s.%s", path, parts[i]);
    if (length < 0 || (size_t)length >= sizeof paths[i])
      return pl_fail(err, PL_REJECT, "%s: `%.64s` is not the path of a record", what, path);
    status = add(r, paths[i], what, false, &slots[i], err);
  }
  return status;
}

static pl_status slots_of(pl_event_reader *r, const pl_mapping *mapping, const pl_policy *policy,
                          pl_err *err) {
  static const char *const word[PL_WORD_PARTS] = {"name", "metric", "period", "target", "plan", "by"},
                           *const answer[PL_ANSWER_PARTS] = {"alert", "reason", "plan"};
  if (mapping->ntype_values > PL_COUNT(r->values) - PL_TYPES_OWN)
    return pl_fail(err, PL_REJECT, "type: %zu values, at most %zu are accepted", mapping->ntype_values,
                   PL_COUNT(r->values) - PL_TYPES_OWN);
  pl_status status = cut_template(r, mapping->id, err);
  if (status == PL_OK) status = add(r, mapping->rep, "rep", true, &r->rep, err);
  if (status == PL_OK) status = add(r, mapping->at, "at", true, &r->at, err);
  if (status == PL_OK) status = add(r, mapping->type_path, "type", false, &r->type, err);
  if (status == PL_OK && r->type >= 0) r->wants[r->type].required = true;
  if (status == PL_OK) status = add(r, mapping->retracts, "retracts", false, &r->retracts, err);
  if (status == PL_OK) status = add(r, mapping->metric, "metric", false, &r->metric, err);
  if (status == PL_OK) status = add(r, mapping->amount, "amount", false, &r->adds, err);
  if (status == PL_OK) status = add(r, mapping->source, "source", false, &r->source, err);
  if (status == PL_OK) status = add(r, mapping->complete_to, "complete_to", false, &r->complete_to, err);
  if (status == PL_OK)
    status = add_parts(r, mapping->goal, "goal", word, PL_WORD_PARTS, r->goal_paths, r->goal, err);
  if (status == PL_OK)
    status =
        add_parts(r, mapping->answer, "answer", answer, PL_ANSWER_PARTS, r->answer_paths, r->answer, err);
  for (size_t i = 0; i < PL_FIELDS_MAX && status == PL_OK; i++) {
    const char *what = i < policy->nfields ? policy->fields[i] : "field";
    status = add(r, mapping->fields[i], what, false, &r->fields[i], err);
    if (r->fields[i] >= 0 || i < policy->nfields) r->nfields = i + 1;
  }
  for (size_t i = 0; i < policy->nmetrics; i++) {
    const pl_metric *m = &policy->metrics[i];
    if (m->field < 0) continue;
    r->amount[m->field] |= m->kind == PL_SUM_OF || m->kind == PL_LAST_OF;
    r->instant[m->field] |= m->kind == PL_SPAN_OF;
  }
  r->at_format = mapping->at_format, r->at_of_day = mapping->at_of_day;
  r->type_constant = mapping->type_constant;
  list_values(r, mapping, policy);
  return status;
}

static pl_status check_text_time(const pl_event_reader *r, pl_err *err) {
  bool local, has_time;
  if (!r->at_format) return PL_OK;
  pl_status status = pl_when_check(r->at_format, &local, &has_time, err);
  if (status == PL_OK && !has_time && r->at_of_day < 0)
    return pl_fail(err, PL_REJECT,
                   "at: the format `%.64s` gives a date without a time, expected `time: \"12:00\"` beside it",
                   r->at_format);
  return status;
}

/* The event's own time, and the instants that metrics measure from, may be those of the rep's clock. */
static pl_status check_time(const pl_event_reader *r, const pl_node *node, int slot, pl_err *err) {
  const char *what = r->wants[slot].what;
  bool local = slot != r->complete_to, event_time = slot == r->at;
  switch (node->logical) {
  case PL_INSTANT_MILLIS:
  case PL_INSTANT_MICROS:
  case PL_INSTANT_NANOS: return PL_OK;
  case PL_LOCAL_MILLIS:
  case PL_LOCAL_MICROS:
  case PL_LOCAL_NANOS:
    if (local) return PL_OK;
    break;
  case PL_DATE:
    if (!local) break;
    if (!event_time || r->at_of_day >= 0) return PL_OK;
    return pl_fail(err, PL_REJECT, "at: a date without a time, expected `time: \"12:00\"` beside it");
  case PL_LOGICAL_NONE:
    if (node->type == PL_AVRO_LONG) return PL_OK;
    if (node->type == PL_AVRO_STRING) return event_time ? check_text_time(r, err) : PL_OK;
    break;
  default: break;
  }
  return pl_fail(err, PL_REJECT, "%s: a %s is no instant, expected a timestamp, a long or text", what,
                 node->name);
}

static bool is_word(const pl_node *node) { /* a value that is the same text each time it is written */
  return node->type != PL_AVRO_FLOAT && node->type != PL_AVRO_DOUBLE && node->logical != PL_DECIMAL_NUMBER;
}

static pl_status check_types(pl_event_reader *r, pl_err *err) {
  for (int slot = 0; slot < (int)r->nwants; slot++) {
    const pl_node *nodes[8];
    size_t n = pl_plan_types(r->plan, (size_t)slot, nodes, PL_COUNT(nodes));
    bool word = slot == r->rep || slot == r->type || slot == r->source, id = slot == r->rep, field = false;
    word |= slot == r->retracts || slot == r->metric, id |= slot == r->retracts;
    for (int i = 0; i < PL_WORD_PARTS; i++) word |= slot == r->goal[i] && i != PL_WORD_TARGET;
    for (int i = 0; i < PL_ANSWER_PARTS; i++) word |= slot == r->answer[i];
    bool time = slot == r->at || slot == r->complete_to;
    for (size_t i = 0; i < r->npieces; i++)
      word |= slot == r->pieces[i].slot, id |= slot == r->pieces[i].slot;
    for (size_t i = 0; i < r->nfields; i++)
      field |= slot == r->fields[i], time |= slot == r->fields[i] && r->instant[i];
    for (size_t i = 0; i < n; i++) {
      pl_status status = PL_OK;
      if (time) status = check_time(r, nodes[i], slot, err);
      if (status != PL_OK) return status;
      if (word && !is_word(nodes[i]))
        return pl_fail(err, PL_REJECT, "%s: path `%s` is a %s, expected text, an integer or an enum",
                       r->wants[slot].what, r->wants[slot].path, nodes[i]->name);
      if (nodes[i]->type == PL_AVRO_FIXED && nodes[i]->logical == PL_UUID &&
          (!id || field || slot == r->type))
        return pl_fail(err, PL_REJECT, "%s: path `%s` is a uuid of 16 bytes, which only id and rep can be",
                       r->wants[slot].what, r->wants[slot].path);
    }
  }
  return PL_OK;
}

static void make_tables(pl_event_reader *r) {
  const pl_node *nodes[PL_COUNT(r->tables)];
  size_t n = r->type < 0 ? 0 : pl_plan_types(r->plan, (size_t)r->type, nodes, PL_COUNT(nodes));
  for (size_t i = 0; i < n; i++) {
    if (nodes[i]->type != PL_AVRO_ENUM) continue;
    pl_type_table *t = &r->tables[r->ntables++];
    t->node = nodes[i];
    t->types = pl_alloc(nodes[i]->n * sizeof *t->types);
    for (size_t k = 0; k < nodes[i]->n; k++) t->types[k] = (int16_t)pl_event_type(r, nodes[i]->names[k]);
  }
}

/* Words on goals and answers are what few schemas have. */
static bool is_said(const pl_event_reader *r, int slot) {
  for (int i = 0; i < PL_WORD_PARTS; i++)
    if (r->goal[i] == slot) return true;
  for (int i = 0; i < PL_ANSWER_PARTS; i++)
    if (r->answer[i] == slot) return true;
  return false;
}

static void list_missing(pl_event_reader *r) {
  size_t at = 0;
  for (size_t i = 0; i < r->nwants; i++)
    if (pl_plan_lacks(r->plan, i, NULL) && !is_said(r, (int)i) && at < sizeof r->missing)
      at +=
          (size_t)snprintf(r->missing + at, sizeof r->missing - at, "%s%s", at ? ", " : "", r->wants[i].path);
}

pl_status pl_event_reader_new(pl_event_reader **out, const pl_schema *schema, const pl_mapping *mapping,
                              const pl_policy *policy, pl_err *err) {
  pl_event_reader *r = *out = PL_NEW(pl_event_reader);
  pl_status status = slots_of(r, mapping, policy, err);
  if (status == PL_OK && !schema) status = check_text_time(r, err);
  if (status == PL_OK && schema) {
    status = pl_plan_new(&r->plan, schema, r->wants, r->nwants, err);
    if (status == PL_OK) status = pl_plan_check(r->plan, r->wants, r->nwants, err);
    if (status == PL_OK) status = check_types(r, err);
    if (status == PL_OK) make_tables(r), list_missing(r);
  }
  if (status != PL_OK) pl_event_reader_free(out);
  return status;
}

void pl_event_reader_free(pl_event_reader **reader) {
  pl_event_reader *r = *reader;
  if (!r) return;
  for (size_t i = 0; i < r->ntables; i++)
    pl_release(r->tables[i].types, r->tables[i].node->n * sizeof *r->tables[i].types);
  pl_plan_free(&r->plan);
  PL_FREE(*reader);
}

const char *pl_event_reader_missing(const pl_event_reader *reader) { return reader->missing; }
