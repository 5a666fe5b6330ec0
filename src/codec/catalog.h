/* Catalog: what a schema registry says, in Confluent's API, and what is said to it; no sockets.
 *
 * A registry has schemas under ids, which are for ever, and under subjects with versions. Its errors have a
 * body of their own with a code: only such a body is a registry's no. A bare 404 is a proxy's, or that of a
 * base URL that is not quite right, and says nothing about a schema. */
#ifndef PL_CODEC_CATALOG_H
#define PL_CODEC_CATALOG_H

#include "base/status.h"
#include "base/text.h"

enum { PL_REFERENCES_MAX = 64, PL_SUBJECT_MAX = 255, PL_CATALOG_REPLY_MAX = 4 << 20 };

/* OK: it has answered, `body` is to be read. REJECT: a registry's own no, in its words. AGAIN: no answer that
 * says anything, why, and what mends it. */
pl_status pl_catalog_judge(int status, pl_str body, const char *error, pl_err *why) PL_MUST_CHECK;

typedef struct {
  char subject[PL_SUBJECT_MAX + 1];
  int32_t version;
} pl_reference;

typedef struct {
  int32_t id;  /* -1: it does not say; who asks by id knows it */
  pl_buf text; /* the schema; of what it refers to only the names */
  pl_reference references[PL_REFERENCES_MAX];
  size_t nreferences;
} pl_catalog_entry;

void pl_catalog_entry_init(pl_catalog_entry *entry);
void pl_catalog_entry_fini(pl_catalog_entry *entry);
/* Of an id, or a subject's version. AGAIN: not what a registry says. REJECT: not Avro, or more than can be
 * held. */
pl_status pl_catalog_read(pl_catalog_entry *out, pl_str body, pl_err *why) PL_MUST_CHECK;

/* The paths behind a registry's URL. */
void pl_catalog_put_id(pl_buf *out, int32_t id);
void pl_catalog_put_version(pl_buf *out, pl_str subject, int32_t version); /* below 0: the latest */
void pl_catalog_put_subject(pl_buf *out, pl_str subject,
                            bool versions);           /* to find a schema; to register it */
void pl_catalog_put_schema(pl_buf *out, pl_str text); /* the body that names it */

#endif
