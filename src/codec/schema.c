/* Two readings of one text walk side by side: avro-c's tree decides the structure and resolves names, the
 * JSON gives the attributes. avro-c 1.11 lets some things through that no body could be decoded by (a union
 * in a union, a negative size, two fields of one name); they are refused here. */
#include "codec/schema.h"

#include <avro.h>
#include <jansson.h>
#include <stdio.h>

#include "base/mem.h"

struct pl_schema {
  pl_arena *arena;
  pl_node *root;
  size_t n;
};

typedef struct {
  pl_schema *schema;
  pl_err *err;
  struct {
    avro_schema_t avro;
    pl_node *node;
  } named[PL_NODES_MAX]; /* records, enums, fixed: what a link can point to */
  size_t nnamed;
} builder;

static const struct {
  const char *word;
  pl_avro type, other; /* the types it may stand on */
  pl_logical logical;
} logicals[] = {
    {"date", PL_AVRO_INT, PL_AVRO_INT, PL_DATE},
    {"time-millis", PL_AVRO_INT, PL_AVRO_INT, PL_TIME_MILLIS},
    {"time-micros", PL_AVRO_LONG, PL_AVRO_LONG, PL_TIME_MICROS},
    {"timestamp-millis", PL_AVRO_LONG, PL_AVRO_LONG, PL_INSTANT_MILLIS},
    {"timestamp-micros", PL_AVRO_LONG, PL_AVRO_LONG, PL_INSTANT_MICROS},
    {"timestamp-nanos", PL_AVRO_LONG, PL_AVRO_LONG, PL_INSTANT_NANOS},
    {"local-timestamp-millis", PL_AVRO_LONG, PL_AVRO_LONG, PL_LOCAL_MILLIS},
    {"local-timestamp-micros", PL_AVRO_LONG, PL_AVRO_LONG, PL_LOCAL_MICROS},
    {"local-timestamp-nanos", PL_AVRO_LONG, PL_AVRO_LONG, PL_LOCAL_NANOS},
    {"decimal", PL_AVRO_BYTES, PL_AVRO_FIXED, PL_DECIMAL_NUMBER},
    {"uuid", PL_AVRO_STRING, PL_AVRO_FIXED, PL_UUID},
};

/* Instants of Debezium are what the database's clock showed, taken as UTC; its zoned ones are text. */
static const struct {
  const char *word, *standard;
} connect_names[] = {
    {"io.debezium.time.Date", "date"},
    {"io.debezium.time.Timestamp", "timestamp-millis"},
    {"io.debezium.time.MicroTimestamp", "timestamp-micros"},
    {"io.debezium.time.NanoTimestamp", "timestamp-nanos"},
};

static const char *logical_word(const json_t *json) {
  const char *word = json_string_value(json_object_get(json, "logicalType")),
             *name = json_string_value(json_object_get(json, "connect.name"));
  for (size_t i = 0; !word && name && i < PL_COUNT(connect_names); i++)
    if (strcmp(name, connect_names[i].word) == 0) word = connect_names[i].standard;
  return word;
}

/* A number that has its scale beside it. */
static void read_scaled(pl_node *node, const json_t *json) {
  const char *name = json_string_value(json_object_get(json, "connect.name"));
  if (name && strcmp(name, "io.debezium.data.VariableScaleDecimal") == 0 && node->n == 2 &&
      node->kids[0]->type == PL_AVRO_INT && node->kids[1]->type == PL_AVRO_BYTES)
    node->logical = PL_DECIMAL_NUMBER, node->most = INT64_C(999999999999999999);
}

static void read_logical(pl_node *node, const json_t *json) {
  const char *word = logical_word(json);
  if (!word) return;
  for (size_t i = 0; i < PL_COUNT(logicals); i++) {
    if (strcmp(word, logicals[i].word) != 0) continue;
    if (node->type != logicals[i].type && node->type != logicals[i].other) return;
    if (logicals[i].logical == PL_UUID && node->type == PL_AVRO_FIXED && node->size != 16) return;
    if (logicals[i].logical == PL_DECIMAL_NUMBER) {
      const json_t *scale = json_object_get(json, "scale");
      json_int_t p = json_integer_value(json_object_get(json, "precision")), s = json_integer_value(scale);
      if (p < 1 || p > PL_FIXED_MAX || s < 0 || s > p || (scale && !json_is_integer(scale))) return;
      int64_t most = 1;
      for (json_int_t digit = 0; digit < p && digit < 18; digit++) most *= 10;
      node->scale = (int)s, node->most = most - 1;
    }
    node->logical = logicals[i].logical;
    return;
  }
}

static pl_str keep(builder *b, const char *text) {
  size_t n = strlen(text);
  return (pl_str){pl_arena_text(b->schema->arena, text, n), n};
}

static pl_status add_names(builder *b, pl_node *node, avro_schema_t avro) {
  bool symbols = node->type == PL_AVRO_ENUM;
  const char *what = symbols ? "symbol" : "field";
  if (node->n > PL_NODES_MAX)
    return pl_fail(b->err, PL_REJECT, "schema: %.64s has %zu %ss, at most %d are accepted", node->name,
                   node->n, what, PL_NODES_MAX);
  pl_str *names = pl_arena_alloc(b->schema->arena, node->n * sizeof *names);
  for (size_t i = 0; i < node->n; i++) {
    names[i] =
        keep(b, symbols ? avro_schema_enum_get(avro, (int)i) : avro_schema_record_field_name(avro, (int)i));
    for (size_t k = 0; k < i; k++)
      if (pl_str_eq(names[i], names[k]))
        return pl_fail(b->err, PL_REJECT,
                       "schema: %s %.64s has two %ss named %.64s, expected different names",
                       symbols ? "enum" : "record", node->name, what, names[i].p);
  }
  node->names = names;
  return PL_OK;
}

static void add_aliases(builder *b, pl_node *node, const json_t *json) {
  const json_t *fields = json_object_get(json, "fields");
  size_t n = 0;
  for (size_t i = 0; i < node->n; i++)
    n += json_array_size(json_object_get(json_array_get(fields, i), "aliases"));
  pl_alias *aliases = pl_arena_alloc(b->schema->arena, n * sizeof *aliases);
  for (size_t i = 0; i < node->n; i++) {
    const json_t *names = json_object_get(json_array_get(fields, i), "aliases");
    for (size_t k = 0; k < json_array_size(names); k++) {
      const char *name = json_string_value(json_array_get(names, k));
      if (name) aliases[node->naliases++] = (pl_alias){keep(b, name), i};
    }
  }
  node->aliases = aliases;
}

static pl_status build(builder *b, avro_schema_t avro, const json_t *json, int depth, pl_node **out);

static pl_status build_kids(builder *b, pl_node *node, avro_schema_t avro, const json_t *json, int depth) {
  node->kids = pl_arena_alloc(b->schema->arena, node->n * sizeof(pl_node *));
  for (size_t i = 0; i < node->n; i++) {
    avro_schema_t kid;
    const json_t *text;
    if (node->type == PL_AVRO_RECORD) {
      kid = avro_schema_record_field_get_by_index(avro, (int)i);
      text = json_object_get(json_array_get(json_object_get(json, "fields"), i), "type");
    } else if (node->type == PL_AVRO_UNION) {
      kid = avro_schema_union_branch(avro, (int)i);
      text = json_array_get(json, i);
    } else {
      bool array = node->type == PL_AVRO_ARRAY;
      kid = array ? avro_schema_array_items(avro) : avro_schema_map_values(avro);
      text = json_object_get(json, array ? "items" : "values");
    }
    pl_status status = build(b, kid, text, depth + 1, &node->kids[i]);
    if (status != PL_OK) return status;
    if (node->type == PL_AVRO_UNION && node->kids[i]->type == PL_AVRO_UNION)
      return pl_fail(b->err, PL_REJECT, "schema: a union directly inside a union, expected one flat union");
  }
  return PL_OK;
}

static pl_avro type_of(avro_schema_t avro) {
  switch (avro_typeof(avro)) {
  case AVRO_NULL: return PL_AVRO_NULL;
  case AVRO_BOOLEAN: return PL_AVRO_BOOLEAN;
  case AVRO_INT32: return PL_AVRO_INT;
  case AVRO_INT64: return PL_AVRO_LONG;
  case AVRO_FLOAT: return PL_AVRO_FLOAT;
  case AVRO_DOUBLE: return PL_AVRO_DOUBLE;
  case AVRO_BYTES: return PL_AVRO_BYTES;
  case AVRO_STRING: return PL_AVRO_STRING;
  case AVRO_FIXED: return PL_AVRO_FIXED;
  case AVRO_ENUM: return PL_AVRO_ENUM;
  case AVRO_RECORD: return PL_AVRO_RECORD;
  case AVRO_ARRAY: return PL_AVRO_ARRAY;
  case AVRO_MAP: return PL_AVRO_MAP;
  default: return PL_AVRO_UNION;
  }
}

static pl_status build(builder *b, avro_schema_t avro, const json_t *json, int depth, pl_node **out) {
  if (avro_typeof(avro) == AVRO_LINK) {
    avro_schema_t target = avro_schema_link_target(avro);
    for (size_t i = 0; i < b->nnamed; i++)
      if (b->named[i].avro == target) {
        *out = b->named[i].node;
        return PL_OK;
      }
    return pl_fail(b->err, PL_REJECT, "schema: the name %.64s is used before it is defined",
                   avro_schema_name(target));
  }
  if (depth > PL_DEPTH_MAX)
    return pl_fail(b->err, PL_REJECT, "schema: nested deeper than %d levels", PL_DEPTH_MAX);
  if (b->schema->n == PL_NODES_MAX)
    return pl_fail(b->err, PL_REJECT, "schema: more than %d types", PL_NODES_MAX);

  pl_node *node = *out = pl_arena_alloc(b->schema->arena, sizeof *node);
  node->type = type_of(avro);
  node->index = (uint32_t)b->schema->n++;
  node->name = keep(b, node->type == PL_AVRO_UNION ? "union" : avro_schema_type_name(avro)).p;
  if (node->type == PL_AVRO_RECORD || node->type == PL_AVRO_ENUM || node->type == PL_AVRO_FIXED)
    b->named[b->nnamed].avro = avro, b->named[b->nnamed++].node = node;
  if (node->type == PL_AVRO_FIXED) {
    int64_t size = avro_schema_fixed_size(avro);
    if (size < 0 || size > PL_FIXED_MAX)
      return pl_fail(b->err, PL_REJECT, "schema: fixed %.64s has size %lld, expected 0 to %d", node->name,
                     (long long)size, PL_FIXED_MAX);
    node->size = (size_t)size;
  }
  if (json_is_object(json)) read_logical(node, json);

  switch (node->type) {
  case PL_AVRO_ENUM:
    node->n = (size_t)avro_schema_enum_number_of_symbols(avro);
    return add_names(b, node, avro);
  case PL_AVRO_RECORD: {
    node->n = avro_schema_record_size(avro);
    pl_status status = add_names(b, node, avro);
    if (status == PL_OK) status = build_kids(b, node, avro, json, depth);
    if (status == PL_OK) add_aliases(b, node, json), read_scaled(node, json);
    return status;
  }
  case PL_AVRO_UNION: node->n = avro_schema_union_size(avro); return build_kids(b, node, avro, json, depth);
  case PL_AVRO_ARRAY:
  case PL_AVRO_MAP: node->n = 1; return build_kids(b, node, avro, json, depth);
  default: return PL_OK;
  }
}

pl_status pl_schema_new(pl_schema **out, pl_str json, pl_err *err) {
  *out = NULL;
  if (json.n > PL_SCHEMA_BYTES)
    return pl_fail(err, PL_REJECT, "schema: %zu bytes of text, at most %d are accepted", json.n,
                   PL_SCHEMA_BYTES);
  json_error_t at;
  json_t *text = json_loadb(json.p, json.n, JSON_DECODE_ANY, &at);
  if (!text) return pl_fail(err, PL_REJECT, "schema: line %d: not JSON: %s", at.line, at.text);

  pl_schema *schema = PL_NEW(pl_schema);
  builder *b = PL_NEW(builder);
  avro_schema_t avro = NULL;
  pl_status status;
  /* a name can be kept twice (type and field), each with its alignment: a bound on what the text can ask for
   */
  schema->arena = pl_arena_new(4 * json.n + PL_NODES_MAX * (sizeof(pl_node) + 64) + 64 * json.n);
  b->schema = schema, b->err = err;
  if (avro_schema_from_json_length(json.p, json.n, &avro) != 0) {
    status = pl_fail(err, PL_REJECT, "schema: not an Avro schema: %.500s", avro_strerror());
    avro = NULL; /* it points to what avro-c has freed */
  } else {
    status = build(b, avro, text, 1, &schema->root);
  }
  if (avro) avro_schema_decref(avro);
  json_decref(text);
  PL_FREE(b);
  if (status == PL_OK)
    *out = schema;
  else
    pl_schema_free(&schema);
  return status;
}

void pl_schema_free(pl_schema **schema) {
  if (!*schema) return;
  pl_arena_free(&(*schema)->arena);
  PL_FREE(*schema);
}

const pl_node *pl_schema_root(const pl_schema *schema) { return schema->root; }
size_t pl_schema_nodes(const pl_schema *schema) { return schema->n; }

size_t pl_node_field(const pl_node *record, pl_str name) {
  for (size_t i = 0; i < record->n; i++)
    if (pl_str_eq(record->names[i], name)) return i;
  for (size_t i = 0; i < record->naliases; i++)
    if (pl_str_eq(record->aliases[i].name, name)) return record->aliases[i].field;
  return record->n;
}

bool pl_node_same(const pl_node *a, const pl_node *b) {
  bool same = a->type == b->type && a->logical == b->logical && a->scale == b->scale && a->most == b->most &&
              a->size == b->size && a->n == b->n;
  for (size_t i = 0; same && a->names && i < a->n; i++) same = pl_str_eq(a->names[i], b->names[i]);
  for (size_t i = 0; same && a->kids && i < a->n; i++) same = pl_node_same(a->kids[i], b->kids[i]);
  return same;
}
