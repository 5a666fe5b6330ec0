#include "codec/schema_join.h"

#include <jansson.h>
#include <stdio.h>

#include "codec/schema.h"

enum { NAME_MAX_BYTES = 512 };

typedef struct {
  json_t *all;  /* full name -> definition, of the others; borrowed from them */
  json_t *here; /* full names that stand in the result already */
  pl_err *err;
} joiner;

typedef struct {
  char text[NAME_MAX_BYTES]; /* "": too long */
} name;

static bool is_primitive(const char *word) {
  static const char *const words[] = {"null",   "boolean", "int",  "long",  "float", "double", "bytes",
                                      "string", "record",  "enum", "fixed", "array", "map",    "error"};
  for (size_t i = 0; i < PL_COUNT(words); i++)
    if (strcmp(word, words[i]) == 0) return true;
  return false;
}

static name full_name(const char *word, const char *space) {
  name full = {""};
  bool alone = strchr(word, '.') || !*space;
  int n = snprintf(full.text, sizeof full.text, "%s%s%s", alone ? "" : space, alone ? "" : ".", word);
  if (n < 0 || (size_t)n >= sizeof full.text) full.text[0] = 0;
  return full;
}

/* Of a named type: its own, and the namespace within it; false: it has no name. */
static bool names_of(const json_t *type, const char *space, name *full, name *within) {
  const char *word = json_string_value(json_object_get(type, "name"));
  const char *own = json_string_value(json_object_get(type, "namespace"));
  if (!word) return false;
  *full = full_name(word, own ? own : space), *within = *full;
  char *dot = strrchr(within->text, '.');
  *(dot ? dot : within->text) = 0;
  return true;
}

static bool is_named(const json_t *type) {
  const char *word = json_string_value(json_object_get(type, "type"));
  return word && (strcmp(word, "record") == 0 || strcmp(word, "error") == 0 || strcmp(word, "enum") == 0 ||
                  strcmp(word, "fixed") == 0);
}

typedef pl_status walk_fn(joiner *j, json_t **type, const char *space, int depth);

/* Every type that stands within this one. The slot of each may be given another value. */
static pl_status within(joiner *j, json_t *type, const char *space, int depth, walk_fn *fn) {
  static const char *const places[] = {"items", "values", "type"};
  pl_status status = PL_OK;
  size_t i;
  json_t *one;
  if (depth > PL_DEPTH_MAX)
    return pl_fail(j->err, PL_REJECT, "schema: nested deeper than %d levels", PL_DEPTH_MAX);
  if (json_is_array(type)) {
    json_array_foreach(type, i, one) {
      json_t *now = one;
      if (status == PL_OK) status = fn(j, &now, space, depth);
      if (now != one) (void)json_array_set(type, i, now);
    }
    return status;
  }
  for (i = 0; i < PL_COUNT(places) && status == PL_OK; i++) {
    json_t *before = one = json_object_get(type, places[i]);
    if (!one || (i == 2 && json_is_string(one) && is_primitive(json_string_value(one)))) continue;
    status = fn(j, &one, space, depth);
    if (one != before) (void)json_object_set(type, places[i], one);
  }
  json_t *fields = json_object_get(type, "fields"), *field;
  json_array_foreach(fields, i, field) if (status == PL_OK) status = within(j, field, space, depth, fn);
  return status;
}

static pl_status collect(joiner *j, json_t **type, const char *space, int depth) {
  name full, inner;
  if (json_is_string(*type)) return PL_OK;
  bool named = is_named(*type) && names_of(*type, space, &full, &inner);
  if (named && !json_object_get(j->all, full.text)) {
    (void)json_object_set_new(*type, "namespace", json_string(inner.text)); /* it holds wherever it will be */
    (void)json_object_set(j->all, full.text, *type);
  }
  return within(j, *type, named ? inner.text : space, depth + 1, collect);
}

static pl_status inline_names(joiner *j, json_t **type, const char *space, int depth) {
  name full, inner;
  if (json_is_string(*type)) {
    const char *word = json_string_value(*type);
    full = full_name(word, space);
    json_t *found = is_primitive(word) ? NULL : json_object_get(j->all, full.text);
    if (!found || json_object_get(j->here, full.text)) return PL_OK;
    *type = found;
  }
  bool named = is_named(*type) && names_of(*type, space, &full, &inner);
  if (named && json_object_get(j->here, full.text)) { /* two of the others bring it */
    *type = json_object_get(j->here, full.text);
    return PL_OK;
  }
  if (named) (void)json_object_set_new(j->here, full.text, json_string(full.text));
  return within(j, *type, named ? inner.text : space, depth + 1, inline_names);
}

static int put(const char *p, size_t n, void *ctx) {
  pl_buf_put(ctx, p, n);
  return 0;
}

pl_status pl_schema_join(pl_str schema, const pl_str *others, size_t n, pl_buf *out, pl_err *err) {
  joiner j = {json_object(), json_object(), err};
  json_t *texts = json_array(), *root = json_loadb(schema.p, schema.n, JSON_DECODE_ANY, NULL);
  pl_status status = root ? PL_OK : pl_fail(err, PL_REJECT, "schema: not JSON");
  for (size_t i = 0; i < n && status == PL_OK; i++) {
    json_t *other = json_loadb(others[i].p, others[i].n, JSON_DECODE_ANY, NULL);
    status = other ? collect(&j, &other, "", 0) : pl_fail(err, PL_REJECT, "schema: a reference is not JSON");
    if (other) (void)json_array_append_new(texts, other);
  }
  json_t *joined = root;
  if (status == PL_OK) status = inline_names(&j, &joined, "", 0);
  if (status == PL_OK) (void)json_dump_callback(joined, put, out, JSON_COMPACT | JSON_ENCODE_ANY);
  if (status == PL_OK && out->full)
    status = pl_fail(err, PL_REJECT, "schema: more than %zu bytes with what it refers to", out->max);
  json_decref(j.all), json_decref(j.here), json_decref(texts), json_decref(root);
  return status;
}
