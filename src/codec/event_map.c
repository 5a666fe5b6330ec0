/* Mappings become slots: each different path is one, and whatever needs its value names the slot. Then the
 * plan is asked what this writer's schema has, so that a mapping that cannot work is refused here, with a
 * remedy, and not in every message. */
#include "codec/event_map.h"

#include <stdio.h>

#include "base/mem.h"
#include "codec/path.h"
#include "codec/when.h"

enum { ARENA = 1 << 20, AMOUNT_DECIMALS = 4 /* where no metric says how many it keeps */ };

static const pl_node text_node = {.type = PL_AVRO_STRING, .name = "text"};

/* --- paths */

/* `$`, in the mapping of a row, is the image that the item is of. */
static const char *place(pl_event_reader *r, const pl_event_item *it, const char *path, bool *of_row) {
  const char *image = it->image == PL_IMAGE_BEFORE ? it->as->before : it->as->after;
  *of_row = it->image != PL_NO_IMAGE && path[0] == '$' && (path[1] == '.' || path[1] == '[' || !path[1]);
  if (!*of_row) return path;
  size_t n = strlen(image), m = strlen(path + 1);
  char *text = pl_arena_alloc(r->arena, n + m + 1);
  memcpy(text, image, n);
  memcpy(text + n, path + 1, m + 1);
  return text;
}

/* The name of a column may stand in quotes, as a path's step. */
static const char *column(const pl_event_reader *r, const char *path) {
  size_t n = strlen(path);
  return n > 2 && path[0] == '"' && path[n - 1] == '"' ? pl_arena_text(r->arena, path + 1, n - 2) : path;
}

static pl_str list_of(const char *path) { /* up to its first [] */
  const char *end = strstr(path, "[]");
  return end ? (pl_str){path, (size_t)(end - path) + 2} : (pl_str){0};
}

static pl_status find_list(pl_event_reader *r, pl_str path, int *list, pl_err *err) {
  *list = -1;
  if (!path.n) return PL_OK;
  for (size_t i = 0; i < r->nlists; i++)
    if (pl_str_eq(r->lists[i].path, path)) {
      *list = (int)i;
      return PL_OK;
    }
  if (r->nlists == PL_LISTS_MAX)
    return pl_fail(err, PL_REJECT, "mapping: more than %d different lists", PL_LISTS_MAX);
  *list = (int)r->nlists;
  r->lists[r->nlists++].path = path;
  return PL_OK;
}

static pl_status want(pl_event_reader *r, pl_event_item *it, const char *path, const char *what,
                      uint8_t *slot, pl_err *err) {
  bool of_row = false;
  pl_err why;
  const char *placed = r->form == PL_FORM_ROW ? column(r, path) : place(r, it, path, &of_row);
  if (r->form != PL_FORM_ROW && pl_path_check(placed, &why) != PL_OK)
    return pl_fail(err, PL_REJECT, "%s: %.500s", what, why.text);
  const char *each = r->form == PL_FORM_ROW ? NULL : strstr(placed, "[]");
  if (each && strstr(each + 2, "[]"))
    return pl_fail(err, PL_REJECT,
                   "%s: `%.200s` is a list within a list, expected one [] at most; name an item of the inner "
                   "one, as in splits[].tags[0]",
                   what, placed);
  size_t i = 0;
  while (i < r->nwants && strcmp(r->wants[i].path, placed) != 0) i++;
  if (i == PL_SLOTS_MAX)
    return pl_fail(err, PL_REJECT, "%s: `%.64s`: more than %d different paths", what, path, PL_SLOTS_MAX);
  if (i == r->nwants) {
    int list = -1;
    pl_status status = r->form == PL_FORM_ROW ? PL_OK : find_list(r, list_of(placed), &list, err);
    if (status != PL_OK) return status;
    r->wants[r->nwants++] = (pl_want){.path = placed, .what = what, .list = list};
    if (list >= 0) r->lists[list].slots |= 1ULL << i;
  }
  *slot = (uint8_t)i;
  if (of_row) it->row |= 1ULL << i;
  return PL_OK;
}

/* --- parts */

static pl_status add(pl_event_reader *r, pl_event_item *it, int part, const char *what, const char *path,
                     pl_err *err) {
  pl_from *from = &it->parts[part];
  from->what = what;
  if (!path) return PL_OK;
  return want(r, it, path, what, &from->slots[from->n++], err);
}

static pl_status add_origin(pl_event_reader *r, pl_event_item *it, int part, const char *what,
                            const pl_origin *origin, pl_err *err) {
  pl_from *from = &it->parts[part];
  pl_status status = add(r, it, part, what, NULL, err);
  for (size_t i = 0; i < PL_PATHS_MAX && origin->paths[i] && status == PL_OK; i++)
    status = add(r, it, part, what, origin->paths[i], err);
  from->values = origin->values, from->nvalues = (uint32_t)origin->nvalues;
  if (origin->constant) {
    pl_slot *constant = pl_arena_alloc(r->arena, sizeof *constant);
    *constant = (pl_slot){&text_node, {.kind = PL_TEXT, .s = pl_str_of(origin->constant)}};
    from->constant = constant;
  }
  return status;
}

/* "{opportunity_id}/closed" -> ("", opportunity_id), ("/closed", -) */
static pl_status add_template(pl_event_reader *r, pl_event_item *it, const char *what, const char *text,
                              size_t *pieces, pl_template *out, pl_err *err) {
  *out = (pl_template){(uint8_t)*pieces, 0};
  if (!text) return PL_OK;
  bool plain = !strchr(text, '{');
  if (strlen(text) > PL_PATH_MAX)
    return pl_fail(err, PL_REJECT, "%s: the template is longer than %d bytes", what, PL_PATH_MAX);
  for (const char *p = text; *p || plain;) {
    if (*pieces == PL_PIECES_MAX)
      return pl_fail(err, PL_REJECT, "%s: `%s` has more than %d pieces", what, text, PL_PIECES_MAX);
    const char *open = plain ? NULL : strchr(p, '{'), *close = open ? strchr(open, '}') : NULL;
    if (open && !close) return pl_fail(err, PL_REJECT, "%s: `%s` has a { without its }", what, text);
    size_t n = open ? (size_t)(open - p) : strlen(p);
    const char *path = open    ? pl_arena_text(r->arena, open + 1, (size_t)(close - open - 1))
                       : plain ? p
                               : NULL;
    it->texts[*pieces] = plain ? (pl_str){"", 0} : (pl_str){p, n};
    pl_status status = add(r, it, PL_OF_PIECES + (int)*pieces, what, path, err);
    if (status != PL_OK) return status;
    ++*pieces, out->n++;
    if (plain) break;
    p = open ? close + 1 : p + n;
  }
  return PL_OK;
}

/* A record's parts, each a slot. */
static pl_status add_record(pl_event_reader *r, pl_event_item *it, int part, const char *what,
                            const char *path, const char *const *parts, size_t n, pl_err *err) {
  pl_status status = PL_OK;
  for (size_t i = 0; i < n && path && status == PL_OK; i++) {
    char text[PL_PATH_MAX + 1];
    int length = snprintf(text, sizeof text, "%s.%s", path, parts[i]);
    if (length < 0 || (size_t)length >= sizeof text)
      return pl_fail(err, PL_REJECT, "%s: `%.64s` is not the path of a record", what, path);
    status = add(r, it, part + (int)i, what, pl_arena_text(r->arena, text, (size_t)length), err);
  }
  return status;
}

static pl_status add_checks(pl_event_reader *r, pl_event_item *it, pl_err *err) {
  pl_status status = PL_OK;
  if (it->as->nwhen > PL_CONDITIONS_MAX)
    return pl_fail(err, PL_REJECT, "when: %zu conditions, at most %d are accepted", it->as->nwhen,
                   PL_CONDITIONS_MAX);
  for (size_t i = 0; i < it->as->nwhen && status == PL_OK; i++) {
    const pl_condition *c = &it->as->when[i];
    pl_check *check = &it->checks[it->nchecks++];
    uint64_t row = it->row; /* a condition does not say that there is a row */
    check->as = c;
    status = want(r, it, c->path, "when", &check->slot, err);
    if (status == PL_OK && c->other) status = want(r, it, c->other, "when", &check->other, err);
    it->row = row;
    if (status != PL_OK) break;
    int list = r->wants[check->slot].list;
    check->list = (int8_t)(list == it->list ? -1 : list);
    if (check->list < 0) continue;
    if (r->nheld == 64 || c->other)
      return pl_fail(err, PL_REJECT, "when: `%.64s`: %s", c->path,
                     c->other ? "items of a list differ from nothing that is one"
                              : "too many conditions on lists");
    check->bit = (uint8_t)r->nheld++;
  }
  return status;
}

static void add_value(pl_event_item *it, pl_str word, int type) {
  it->values[it->nvalues++] = (pl_type_word){word, type};
}

static void list_values(pl_event_item *it, const pl_policy *policy) {
  const pl_mapping *m = it->as;
  for (size_t i = 0; i < m->ntype_values; i++)
    add_value(it, pl_str_of(m->type_values[i].from), m->type_values[i].type);
  for (size_t i = 0; m->ntype_values == 0 && i < policy->ntypes; i++)
    add_value(it, pl_str_of(policy->types[i]), (int)i);
  for (int type = PL_TYPE_HEARTBEAT; type >= PL_TYPE_LAST; type--) {
    const char *made = type == PL_TYPE_HEARTBEAT    ? m->complete_to
                       : type == PL_TYPE_ADJUSTMENT ? m->metric
                       : type == PL_TYPE_ANSWER     ? m->answer
                                                    : m->goal;
    pl_str name = pl_str_of(pl_type_own_name(type));
    int known = pl_event_type(it, name);
    if (made && (known == PL_TYPE_OTHER || known == PL_TYPE_UNLISTED)) add_value(it, name, type);
  }
}

int pl_event_type(const pl_event_item *it, pl_str value) {
  for (size_t i = 0; i < it->nvalues; i++)
    if (pl_str_eq(value, it->values[i].word)) return it->values[i].type;
  return it->as->ntype_values ? PL_TYPE_UNLISTED : PL_TYPE_OTHER;
}

static pl_status add_parts(pl_event_reader *r, pl_event_item *it, pl_err *err) {
  static const char *const word[PL_WORD_PARTS] = {"name", "metric", "period", "target", "plan", "by"},
                           *const answer[PL_ANSWER_PARTS] = {"alert", "reason", "plan"};
  const pl_mapping *m = it->as;
  const pl_policy *policy = r->policy;
  size_t pieces = 0;
  if (m->ntype_values > PL_COUNT(it->values) - PL_TYPES_OWN)
    return pl_fail(err, PL_REJECT, "type: %zu values, at most %zu are accepted", m->ntype_values,
                   PL_COUNT(it->values) - PL_TYPES_OWN);
  pl_status status = add_template(r, it, "id", m->id, &pieces, &it->id, err);
  if (status == PL_OK) status = add_origin(r, it, PL_OF_REP_ID, "rep", &m->rep, err);
  if (status == PL_OK) status = add_origin(r, it, PL_OF_AT, "at", &m->at, err);
  if (status == PL_OK) status = add_origin(r, it, PL_OF_TYPE, "type", &m->type, err);
  if (status == PL_OK) status = add_origin(r, it, PL_OF_CURRENCY, "currency", &m->currency, err);
  if (status == PL_OK) status = add(r, it, PL_OF_SHARE, "share", m->share, err);
  if (status == PL_OK) status = add_template(r, it, "retracts", m->retracts, &pieces, &it->retracts, err);
  if (status == PL_OK) status = add(r, it, PL_OF_MORE, "more", m->more, err);
  if (status == PL_OK) status = add(r, it, PL_OF_METRIC, "metric", m->metric, err);
  if (status == PL_OK) status = add(r, it, PL_OF_ADDS, "amount", m->amount, err);
  if (status == PL_OK) status = add(r, it, PL_OF_SOURCE, "source", m->source, err);
  if (status == PL_OK) status = add(r, it, PL_OF_COMPLETE_TO, "complete_to", m->complete_to, err);
  if (status == PL_OK) status = add_record(r, it, PL_OF_GOAL, "goal", m->goal, word, PL_WORD_PARTS, err);
  if (status == PL_OK)
    status = add_record(r, it, PL_OF_ANSWER, "answer", m->answer, answer, PL_ANSWER_PARTS, err);
  for (int i = 0; i < PL_FIELDS_MAX && status == PL_OK; i++) {
    const char *what = (size_t)i < policy->nfields ? policy->fields[i] : "field";
    status = add_origin(r, it, PL_OF_FIELDS + i, what, &m->fields[i], err);
    const pl_from *from = &it->parts[PL_OF_FIELDS + i];
    if (((size_t)i < policy->nfields || from->n || from->constant) && r->nfields <= (size_t)i)
      r->nfields = (size_t)i + 1;
  }
  if (status == PL_OK) status = add_checks(r, it, err);
  return status;
}

/* One value cannot be all items of a list, but that of the item at hand. */
static pl_status check_lists(const pl_event_reader *r, const pl_event_item *it, pl_err *err) {
  for (int part = 0; part < PL_PARTS; part++)
    for (size_t s = 0; s < it->parts[part].n; s++) {
      const pl_want *w = &r->wants[it->parts[part].slots[s]];
      if (w->list >= 0 && w->list != it->list)
        return pl_fail(
            err, PL_REJECT,
            "%s: `%s` is in many items, expected one value; name the list under `each`, or an item, "
            "as in things[0]",
            it->parts[part].what, w->path);
    }
  return PL_OK;
}

/* What every event needs must be mapped to something. */
static pl_status check_mapped(const pl_event_item *it, pl_err *err) {
  static const int needed[] = {PL_OF_PIECES, PL_OF_REP_ID, PL_OF_AT};
  for (size_t i = 0; i < PL_COUNT(needed); i++) {
    const pl_from *from = &it->parts[needed[i]];
    bool text = needed[i] == PL_OF_PIECES && it->id.n && it->texts[it->id.first].n;
    if (!from->n && !from->constant && !text)
      return pl_fail(err, PL_REJECT, "%s: not mapped, expected the path of a field",
                     i == 0 ? "id" : from->what);
  }
  return PL_OK;
}

static pl_status add_item(pl_event_reader *r, const pl_mapping *m, size_t nth, pl_image image, pl_err *err) {
  pl_event_item *it = &r->items[r->nitems++];
  bool of_row;
  *it = (pl_event_item){.as = m, .nth = nth, .image = image, .list = -1, .fits = true};
  pl_status status = PL_OK;
  if (r->form == PL_FORM_ROW && (m->each || m->after))
    return pl_fail(err, PL_REJECT, "%s: a row of a table has no %s in it; remove it",
                   m->each ? "each" : "row", m->each ? "list" : "other row");
  if (m->each) status = find_list(r, list_of(place(r, it, m->each, &of_row)), &it->list, err);
  if (status == PL_OK) status = add_parts(r, it, err);
  if (status == PL_OK) status = check_mapped(it, err);
  if (status == PL_OK) status = check_lists(r, it, err);
  if (status != PL_OK) return status;
  if (it->list >= 0) r->lists[it->list].each = true;
  for (int i = it->id.first; i < it->id.first + it->id.n; i++) {
    const pl_from *from = &it->parts[PL_OF_PIECES + i];
    it->apart |= it->list >= 0 && from->n && r->wants[from->slots[0]].list == it->list;
  }
  list_values(it, r->policy);
  return PL_OK;
}

/* What fields are is said by the metrics that use them; of those of paceline's own records it is known. */
static void read_policy(pl_event_reader *r) {
  const pl_policy *policy = r->policy;
  bool summed[PL_FIELDS_MAX] = {false};
  for (size_t i = 0; i < policy->nmetrics; i++) {
    const pl_metric *m = &policy->metrics[i];
    if (m->field < 0) continue;
    summed[m->field] |= m->kind == PL_SUM_OF || m->kind == PL_LAST_OF;
    r->instant[m->field] |= m->kind == PL_SPAN_OF;
    r->thing[m->field] |= m->kind == PL_DISTINCT_OF;
    if (summed[m->field] && m->decimals > r->decimals[m->field]) r->decimals[m->field] = (uint8_t)m->decimals;
  }
  for (size_t i = 0; i < policy->nfields; i++) {
    bool amount = strcmp(policy->fields[i], "amount") == 0;
    if (amount && !summed[i]) r->decimals[i] = AMOUNT_DECIMALS;
    r->amount[i] = amount || summed[i];
    r->instant[i] |= strcmp(policy->fields[i], "opened_at") == 0;
  }
}

static void make_tables(const pl_event_reader *r, pl_event_item *it) {
  const pl_from *from = &it->parts[PL_OF_TYPE];
  for (size_t s = 0; s < from->n; s++) {
    const pl_node *nodes[PL_TABLES_MAX];
    size_t n = pl_plan_types(r->plan, from->slots[s], nodes, PL_COUNT(nodes));
    for (size_t i = 0; i < n && it->ntables < PL_TABLES_MAX; i++) {
      if (nodes[i]->type != PL_AVRO_ENUM) continue;
      pl_type_table *t = &it->tables[it->ntables++];
      t->node = nodes[i];
      t->types = pl_alloc(nodes[i]->n * sizeof *t->types);
      for (size_t k = 0; k < nodes[i]->n; k++) t->types[k] = (int16_t)pl_event_type(it, nodes[i]->names[k]);
    }
  }
}

static void keep_rows(pl_event_reader *r) {
  for (size_t i = 0; i < r->nlists; i++) {
    r->lists[i].width = (size_t)__builtin_popcountll(r->lists[i].slots);
    if (r->lists[i].each) r->lists[i].rows = pl_alloc(PL_EACH_MAX * r->lists[i].width * sizeof(pl_slot));
  }
}

/* --- what this writer lacks */

static void name_missing(pl_event_reader *r, const char *format, const char *path, size_t nth) {
  size_t at = strlen(r->missing);
  if (strstr(r->missing, path) || at + 4 > sizeof r->missing) return;
  (void)snprintf(r->missing + at, sizeof r->missing - at, format, at ? ", " : "", path, nth + 1);
}

static void list_missing(pl_event_reader *r) {
  for (size_t i = 0; i < r->nitems; i++) {
    const pl_event_item *it = &r->items[i];
    if (!it->fits) name_missing(r, "%s%s (without it mapping %zu makes no event)", it->lacks, it->nth);
    for (int p = 0; p < PL_PARTS && it->fits; p++) {
      const pl_from *from = &it->parts[p];
      bool said = p == PL_OF_MORE || (p >= PL_OF_GOAL && p < PL_OF_PIECES); /* what few schemas have */
      bool has = !from->n || from->constant || said;
      for (size_t s = 0; s < from->n; s++) has |= !pl_plan_lacks(r->plan, from->slots[s], NULL);
      if (!has) name_missing(r, "%s%s", r->wants[from->slots[0]].path, it->nth);
    }
  }
}

static pl_status fit(pl_event_reader *r, const pl_schema *schema, pl_err *err) {
  pl_status status = pl_plan_new(&r->plan, schema, r->wants, r->nwants, err);
  bool any = false;
  for (size_t i = 0; i < r->nitems && status == PL_OK; i++) {
    status = pl_event_check(r, &r->items[i], err);
    any |= r->items[i].fits;
    if (status == PL_OK) make_tables(r, &r->items[i]);
  }
  if (status == PL_OK && !any) status = PL_REJECT; /* the last one has said why */
  if (status == PL_OK) list_missing(r);
  return status;
}

pl_status pl_event_reader_new(pl_event_reader **out, pl_form form, const pl_schema *schema,
                              const pl_mapping *mappings, size_t n, const pl_policy *policy, pl_err *err) {
  pl_event_reader *r = *out = PL_NEW(pl_event_reader);
  PL_ASSERT(n <= PL_MAPPINGS_MAX && (form == PL_FORM_AVRO) == (schema != NULL));
  r->form = form, r->policy = policy;
  r->arena = pl_arena_new(ARENA);
  r->items = pl_alloc(2 * n * sizeof *r->items), r->room = 2 * n;
  r->most = pl_mappings_most(mappings, n);
  read_policy(r);
  pl_status status = PL_OK;
  for (size_t i = 0; i < n && status == PL_OK; i++) {
    if (mappings[i].after) {
      status = add_item(r, &mappings[i], i, PL_IMAGE_BEFORE, err);
      if (status == PL_OK) status = add_item(r, &mappings[i], i, PL_IMAGE_AFTER, err);
    } else {
      status = add_item(r, &mappings[i], i, PL_NO_IMAGE, err);
    }
    if (status == PL_OK && form != PL_FORM_AVRO) status = pl_event_check_format(&mappings[i], err);
  }
  if (status == PL_OK && form == PL_FORM_AVRO) status = fit(r, schema, err);
  if (status == PL_OK && form == PL_FORM_JSON) status = pl_json_plan_new(&r->json, r->wants, r->nwants, err);
  if (status == PL_OK) keep_rows(r);
  if (status != PL_OK) pl_event_reader_free(out);
  return status;
}

void pl_event_reader_free(pl_event_reader **reader) {
  pl_event_reader *r = *reader;
  if (!r) return;
  for (size_t i = 0; i < r->nitems; i++)
    for (size_t k = 0; k < r->items[i].ntables; k++)
      pl_release(r->items[i].tables[k].types,
                 r->items[i].tables[k].node->n * sizeof *r->items[i].tables[k].types);
  for (size_t i = 0; i < r->nlists; i++)
    pl_release(r->lists[i].rows, r->lists[i].rows ? PL_EACH_MAX * r->lists[i].width * sizeof(pl_slot) : 0);
  pl_release(r->items, r->room * sizeof *r->items);
  pl_plan_free(&r->plan);
  pl_json_plan_free(&r->json);
  pl_arena_free(&r->arena);
  PL_FREE(*reader);
}

const char *pl_event_reader_missing(const pl_event_reader *reader) { return reader->missing; }
