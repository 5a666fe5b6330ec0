/* Event check: can this writer's types be what they are mapped to? What is not there at all may be another
 * version's, and then the mapping makes no event of this one; what leads to something unusable is a mistake.
 */
#include "codec/event_map.h"
#include "codec/when.h"

static bool is_word(const pl_node *node) { /* a value that is the same text each time it is written */
  return node->type != PL_AVRO_FLOAT && node->type != PL_AVRO_DOUBLE && node->logical != PL_DECIMAL_NUMBER;
}

pl_status pl_event_check_format(const pl_mapping *m, pl_err *err) {
  bool local, has_time;
  if (!m->at_format) return PL_OK;
  pl_status status = pl_when_check(m->at_format, &local, &has_time, err);
  if (status == PL_OK && !has_time && m->at_of_day < 0)
    return pl_fail(err, PL_REJECT,
                   "at: the format `%.64s` gives a date without a time, expected `time: \"12:00\"` beside it",
                   m->at_format);
  return status;
}

/* The event's own time, and the instants that metrics measure from, may be those of a clock somewhere. */
static pl_status check_time(const pl_event_item *it, const pl_node *node, int part, pl_err *err) {
  bool local = part != PL_OF_COMPLETE_TO, event_time = part == PL_OF_AT;
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
    if (!event_time || it->as->at_of_day >= 0) return PL_OK;
    return pl_fail(err, PL_REJECT, "at: a date without a time, expected `time: \"12:00\"` beside it");
  case PL_LOGICAL_NONE:
    if (node->type == PL_AVRO_LONG || (node->type == PL_AVRO_INT && it->as->at_unit == PL_EPOCH_S))
      return PL_OK;
    if (node->type == PL_AVRO_STRING) return event_time ? pl_event_check_format(it->as, err) : PL_OK;
    break;
  default: break;
  }
  return pl_fail(err, PL_REJECT, "%s: a %s is no instant, expected a timestamp, a long or text",
                 it->parts[part].what, node->name);
}

static pl_status check_word(const char *what, const char *path, const pl_node *node, bool id, pl_err *err) {
  if (!is_word(node))
    return pl_fail(err, PL_REJECT, "%s: path `%s` is a %s, expected text, an integer or an enum", what, path,
                   node->name);
  if (node->type == PL_AVRO_FIXED && node->logical == PL_UUID && !id)
    return pl_fail(err, PL_REJECT, "%s: path `%s` is a uuid of 16 bytes, which only id and rep can be", what,
                   path);
  return PL_OK;
}

static pl_status check_node(const pl_event_reader *r, const pl_event_item *it, int part, size_t slot,
                            const pl_node *node, pl_err *err) {
  const char *what = it->parts[part].what, *path = r->wants[slot].path;
  if (part == PL_OF_AT || part == PL_OF_COMPLETE_TO) return check_time(it, node, part, err);
  if (part == PL_OF_REP_ID || (part >= PL_OF_PIECES && part < PL_OF_FIELDS))
    return check_word(what, path, node, true, err);
  if (part >= PL_OF_FIELDS) {
    if (r->instant[part - PL_OF_FIELDS]) return check_time(it, node, part, err);
    if (!it->parts[part].nvalues && !(node->type == PL_AVRO_FIXED && node->logical == PL_UUID)) return PL_OK;
  }
  if (part == PL_OF_SHARE || part == PL_OF_ADDS || part == PL_OF_GOAL + PL_WORD_TARGET) return PL_OK;
  return check_word(what, path, node, false, err);
}

static pl_status check_part(const pl_event_reader *r, const pl_event_item *it, int part, bool *has,
                            const char **why, pl_err *err) {
  const pl_from *from = &it->parts[part];
  *has = from->n == 0 || from->constant;
  for (size_t s = 0; s < from->n; s++) {
    const pl_node *nodes[8];
    bool wrong;
    const char *lacks = pl_plan_lacks(r->plan, from->slots[s], &wrong);
    if (lacks && wrong)
      return pl_fail(err, PL_REJECT, "%s: path `%s`: %s", from->what, r->wants[from->slots[s]].path, lacks);
    if (lacks) *why = lacks;
    *has |= !lacks;
    size_t n = lacks ? 0 : pl_plan_types(r->plan, from->slots[s], nodes, PL_COUNT(nodes));
    for (size_t i = 0; i < n; i++) {
      pl_status status = check_node(r, it, part, from->slots[s], nodes[i], err);
      if (status != PL_OK) return status;
    }
  }
  return PL_OK;
}

static bool is_needed(const pl_event_item *it, int part) {
  bool id = part >= PL_OF_PIECES + it->id.first && part < PL_OF_PIECES + it->id.first + it->id.n;
  return id || part == PL_OF_REP_ID || part == PL_OF_AT || part == PL_OF_TYPE;
}

static pl_status check_condition(const pl_event_reader *r, const pl_check *check, pl_err *err) {
  const uint8_t slots[] = {check->slot, check->other};
  for (size_t s = 0; s < (check->as->other ? 2 : 1); s++) {
    const pl_node *nodes[8];
    bool wrong, compared = check->as->test == PL_TEST_IS || check->as->test == PL_TEST_IS_NOT;
    const char *path = r->wants[slots[s]].path, *lacks = pl_plan_lacks(r->plan, slots[s], &wrong);
    if (lacks && wrong) return pl_fail(err, PL_REJECT, "when: path `%s`: %s", path, lacks);
    size_t n = lacks ? 0 : pl_plan_types(r->plan, slots[s], nodes, PL_COUNT(nodes));
    for (size_t i = 0; i < n && compared; i++)
      if (check_word("when", path, nodes[i], true, err) != PL_OK) return PL_REJECT;
  }
  return PL_OK;
}

pl_status pl_event_check(const pl_event_reader *r, pl_event_item *it, pl_err *err) {
  for (int part = 0; part < PL_PARTS; part++) {
    const char *why = "";
    bool has;
    pl_status status = check_part(r, it, part, &has, &why, err);
    if (status != PL_OK) return status;
    if (has || !is_needed(it, part) || !it->fits) continue;
    it->fits = false, it->lacks = r->wants[it->parts[part].slots[0]].path;
    (void)pl_fail(err, PL_REJECT, "%s: path `%s`: %s", it->parts[part].what, it->lacks, why);
  }
  for (size_t i = 0; i < it->nchecks; i++)
    if (check_condition(r, &it->checks[i], err) != PL_OK) return PL_REJECT;
  return PL_OK;
}
