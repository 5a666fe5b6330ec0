#include "cli/contract.h"

#include <stdio.h>

#include "cli/enquiry.h"
#include "codec/avsc.h"
#include "codec/schema.h"
#include "config/tree.h"
#include "io/registry.h"

enum { SUBJECT_MAX = 272 }; /* a topic's name and what follows it */

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

static const struct {
  const char *name;
  const unsigned char *text;
} written[] = {
    [PL_WRITES_ACTIVITY] = {"activity", pl_activity_avsc}, [PL_WRITES_ROSTER] = {"roster", pl_roster_avsc}};

static pl_str text_of(pl_written what) { return pl_str_of((const char *)written[what].text); }

static pl_str subject_of(const pl_config *c, pl_written what, char room[SUBJECT_MAX]) {
  int n = snprintf(room, SUBJECT_MAX, "%s-value",
                   what == PL_WRITES_ACTIVITY ? c->kafka.topics.activities : c->kafka.topics.roster);
  return (pl_str){room, (size_t)n};
}

pl_status pl_contract_look(const pl_config *c, pl_written what, bool *plain, int32_t *id, pl_err *err) {
  pl_schema *schema;
  pl_status status = pl_schema_new(&schema, text_of(what), err);
  if (status != PL_OK) return status;
  *plain = what == PL_WRITES_ACTIVITY && c->schemas.fixed, *id = 0;
  bool found = find(c, pl_schema_root(schema), *plain, id);
  pl_schema_free(&schema);
  if (found) return PL_OK;
  if (c->schemas.registry.urls.n) return pl_fail(err, PL_AGAIN, "the schema registry is being asked");
  return pl_fail(err, PL_REJECT,
                 "schemas: none of those configured is paceline's own %s.avsc, which is written here; add it "
                 "as it lies in schemas/, such as `ids: {1: %s.avsc}`",
                 written[what].name, written[what].name);
}

pl_status pl_contract_refuse(const pl_config *c, pl_written what, const char *why, pl_err *err) {
  char subject[SUBJECT_MAX];
  (void)subject_of(c, what, subject);
  return pl_fail(
      err, PL_REJECT,
      "schemas: paceline's own %s.avsc, which is written here, is not under the registry's subject %s "
      "(%.400s); register it as it lies in schemas/, or let paceline do it: `registry: {register: "
      "true}`",
      written[what].name, subject, why);
}

void pl_contract_ask(const pl_config *c, pl_written what, pl_registry *registry, pl_schema_fn *fn,
                     void *ctx) {
  char subject[SUBJECT_MAX];
  pl_registry_find(registry, subject_of(c, what, subject), text_of(what), c->schemas.registry.registers, fn,
                   ctx);
}

pl_status pl_contract_find(const pl_config *c, pl_written what, bool *plain, int32_t *id, pl_err *err) {
  char subject[SUBJECT_MAX];
  pl_err why = {""};
  pl_enquiry *enquiry;
  pl_status status = pl_contract_look(c, what, plain, id, err);
  if (status != PL_AGAIN) return status;
  status = pl_enquiry_open(&enquiry, c, err);
  if (status != PL_OK) return status;
  status = pl_enquiry_find(enquiry, subject_of(c, what, subject), text_of(what),
                           c->schemas.registry.registers, id, &why);
  pl_enquiry_close(&enquiry);
  if (status == PL_REJECT) return pl_contract_refuse(c, what, why.text, err);
  if (status == PL_AGAIN) *err = why;
  return status;
}
