/* What a schema registry says, a line each: an answer, then a schema and those that it refers to. Whatever
 * the lines are, an answer is read or refused with words, and what was joined is JSON again. */
#include <jansson.h>

#include "codec/catalog.h"
#include "codec/schema.h"
#include "codec/schema_join.h"
#include "fuzz.h"

enum { OTHERS_MAX = 8 };

/* avro-c itself loses some of a record's schema that is wrong further on: a registry checks what it takes. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libavro"; }

static pl_str cut(pl_str *rest) {
  const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
  pl_str line = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
  rest->p += line.n + (end != NULL), rest->n -= line.n + (end != NULL);
  return line;
}

static void read_answer(pl_str body) {
  static const int statuses[] = {0, 200, 401, 404, 409, 422, 500};
  pl_err why = {""};
  for (size_t i = 0; i < PL_COUNT(statuses); i++)
    PL_ASSERT(pl_catalog_judge(statuses[i], body, "", &why) == PL_OK ? statuses[i] == 200 : *why.text);
  pl_catalog_entry *entry = PL_NEW(pl_catalog_entry);
  pl_catalog_entry_init(entry);
  if (pl_catalog_read(entry, body, &why) == PL_OK) {
    PL_ASSERT(entry->id >= -1 && !entry->text.full && entry->nreferences <= PL_REFERENCES_MAX);
    PL_ASSERT(entry->text.n || entry->id >= 0 || memmem(body.p, body.n, "\"\"", 2));
    for (size_t i = 0; i < entry->nreferences; i++)
      PL_ASSERT(strlen(entry->references[i].subject) <= PL_SUBJECT_MAX && entry->references[i].version > 0);
  } else {
    PL_ASSERT(*why.text);
  }
  pl_catalog_entry_fini(entry);
  PL_FREE(entry);
}

static void join(pl_str schema, const pl_str *others, size_t n) {
  pl_buf out;
  pl_err why = {""};
  pl_schema *read = NULL;
  pl_buf_init(&out, 1 << 16);
  if (pl_schema_join(schema, others, n, &out, &why) == PL_OK) {
    json_t *root = json_loadb(out.p, out.n, JSON_DECODE_ANY, NULL);
    PL_ASSERT(root && !out.full);
    json_decref(root);
    (void)!pl_schema_new(&read, pl_buf_str(&out), &why);
    pl_schema_free(&read);
  } else {
    PL_ASSERT(*why.text);
  }
  pl_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t live = pl_mem_live();
  pl_str rest = fuzz_str(data, size), others[OTHERS_MAX];
  read_answer(cut(&rest));
  pl_str schema = cut(&rest);
  size_t n = 0;
  while (rest.n && n < OTHERS_MAX) others[n++] = cut(&rest);
  join(schema, others, n);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
