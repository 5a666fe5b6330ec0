#include "cli/contract.h"

#include "codec/avsc.h"
#include "codec/schema.h"
#include "config/tree.h"

static bool is(const char *path, const pl_node *ours) {
  pl_buf text;
  pl_schema *schema = NULL;
  pl_err why;
  pl_buf_init(&text, PL_SCHEMA_BYTES);
  bool same = pl_tree_read(path, &text, &why) == PL_OK && !text.full &&
              pl_schema_new(&schema, pl_buf_str(&text), NULL) == PL_OK &&
              pl_node_same(pl_schema_root(schema), ours);
  pl_schema_free(&schema);
  pl_buf_fini(&text);
  return same;
}

static bool find(const pl_config *c, const pl_node *ours, bool plain, int32_t *id) {
  if (plain) return is(c->schemas.fixed, ours);
  for (size_t i = 0; i < c->schemas.nfiles; i++) {
    *id = c->schemas.files[i].id;
    if (is(c->schemas.files[i].path, ours)) return true;
  }
  return false;
}

pl_status pl_contract_find(const pl_config *c, pl_written what, bool *plain, int32_t *id, pl_err *err) {
  const char *name = what == PL_WRITES_ACTIVITY ? "activity" : "roster";
  const unsigned char *text = what == PL_WRITES_ACTIVITY ? pl_activity_avsc : pl_roster_avsc;
  pl_schema *ours;
  pl_status status = pl_schema_new(&ours, pl_str_of((const char *)text), err);
  if (status != PL_OK) return status;
  *plain = what == PL_WRITES_ACTIVITY && c->schemas.fixed, *id = 0;
  if (!find(c, pl_schema_root(ours), *plain, id))
    status =
        pl_fail(err, PL_REJECT,
                "schemas: none of those configured is paceline's own %s.avsc, which is written here; add it "
                "as it lies in schemas/, such as `ids: {1: %s.avsc}`",
                name, name);
  pl_schema_free(&ours);
  return status;
}
