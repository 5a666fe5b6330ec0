#include "codec/catalog.h"

#include <jansson.h>
#include <stdio.h>

#include "codec/schema.h"

/* An error's body: its code, and its words; 0: it is none. */
static json_int_t code_of(pl_str body, char *words, size_t room) {
  json_t *root = json_loadb(body.p, body.n, 0, NULL);
  const json_t *code = json_object_get(root, "error_code");
  json_int_t n = json_is_integer(code) ? json_integer_value(code) : 0;
  const char *text = json_string_value(json_object_get(root, "message"));
  (void)snprintf(words, room, "%.300s", n && text && pl_str_clean(pl_str_of(text)) ? text : "");
  json_decref(root);
  return n;
}

/* 404xx: not here; 409: it does not go with what is there; 422xx: it is no schema. Its others, such as 50001,
 * are its troubles. */
static bool is_no(int status, json_int_t code) {
  return (status == 404 && code >= 40400 && code < 40500) || (status == 409 && code != 0) ||
         (status == 422 && code != 0);
}

pl_status pl_catalog_judge(int status, pl_str body, const char *error, pl_err *why) {
  char words[320];
  if (*error) return pl_fail(why, PL_AGAIN, "%s", error);
  if (status == 200) return PL_OK;
  json_int_t code = code_of(body, words, sizeof words);
  if (is_no(status, code))
    return pl_fail(why, PL_REJECT, "%s (error %lld)", *words ? words : "no", (long long)code);
  switch (status) {
  case 401:
  case 403:
    return pl_fail(
        why, PL_AGAIN,
        "does not let us in (%d %s); check schemas.registry's user and password_file, or token_file, "
        "and that it may read",
        status, words);
  case 404:
    return pl_fail(why, PL_AGAIN,
                   "answers 404 as no schema registry does; check the path in schemas.registry.urls (such as "
                   "/apis/ccompat/v7)");
  case 429: return pl_fail(why, PL_AGAIN, "asks for fewer questions (429)");
  default: return pl_fail(why, PL_AGAIN, "answers %d%s%s", status, *words ? ": " : "", words);
  }
}

void pl_catalog_entry_init(pl_catalog_entry *e) {
  e->id = -1, e->nreferences = 0;
  pl_buf_init(&e->text, PL_SCHEMA_BYTES);
}

void pl_catalog_entry_fini(pl_catalog_entry *e) { pl_buf_fini(&e->text); }

static pl_status read_references(pl_catalog_entry *out, const json_t *list, pl_err *why) {
  size_t i;
  const json_t *one;
  json_array_foreach(list, i, one) {
    pl_reference *r = &out->references[i];
    const char *subject = json_string_value(json_object_get(one, "subject"));
    json_int_t version = json_integer_value(json_object_get(one, "version"));
    if (i == PL_REFERENCES_MAX)
      return pl_fail(why, PL_REJECT, "refers to more than %d schemas", PL_REFERENCES_MAX);
    if (!subject || strlen(subject) > PL_SUBJECT_MAX || version < 1 || version > INT32_MAX)
      return pl_fail(why, PL_AGAIN, "answers with a reference without subject and version");
    (void)snprintf(r->subject, sizeof r->subject, "%s", subject);
    r->version = (int32_t)version, out->nreferences = i + 1;
  }
  return PL_OK;
}

static pl_status read_entry(pl_catalog_entry *out, const json_t *root, pl_err *why) {
  const char *text = json_string_value(json_object_get(root, "schema"));
  const char *type = json_string_value(json_object_get(root, "schemaType"));
  const json_t *id = json_object_get(root, "id");
  if (json_is_integer(id) && json_integer_value(id) >= 0 && json_integer_value(id) <= INT32_MAX)
    out->id = (int32_t)json_integer_value(id);
  if (type && strcmp(type, "AVRO") != 0)
    return pl_fail(why, PL_REJECT, "is of type %.32s, expected AVRO", type);
  if (text) pl_buf_text(&out->text, text);
  if (out->text.full) return pl_fail(why, PL_REJECT, "has more than %d bytes", PL_SCHEMA_BYTES);
  if (!text && out->id < 0) return pl_fail(why, PL_AGAIN, "answers with neither a schema nor an id");
  return read_references(out, json_object_get(root, "references"), why);
}

pl_status pl_catalog_read(pl_catalog_entry *out, pl_str body, pl_err *why) {
  json_t *root = json_loadb(body.p, body.n, 0, NULL);
  pl_status status = root ? read_entry(out, root, why)
                          : pl_fail(why, PL_AGAIN, "answers with what is not JSON; is it a schema registry?");
  json_decref(root);
  return status;
}

static void put_name(pl_buf *out, pl_str name) {
  for (size_t i = 0; i < name.n; i++) {
    unsigned char c = (unsigned char)name.p[i];
    bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                 c == '.' || c == '_' || c == '~';
    if (plain)
      pl_buf_char(out, (char)c);
    else
      pl_buf_printf(out, "%%%02X", c);
  }
}

void pl_catalog_put_id(pl_buf *out, int32_t id) { pl_buf_printf(out, "/schemas/ids/%d", (int)id); }

void pl_catalog_put_version(pl_buf *out, pl_str subject, int32_t version) {
  pl_catalog_put_subject(out, subject, true);
  if (version < 0)
    pl_buf_text(out, "/latest");
  else
    pl_buf_printf(out, "/%d", (int)version);
}

void pl_catalog_put_subject(pl_buf *out, pl_str subject, bool versions) {
  pl_buf_text(out, "/subjects/");
  put_name(out, subject);
  if (versions) pl_buf_text(out, "/versions");
}

void pl_catalog_put_schema(pl_buf *out, pl_str text) {
  pl_buf_text(out, "{\"schemaType\":\"AVRO\",\"schema\":");
  pl_buf_json(out, text);
  pl_buf_char(out, '}');
}
