/* Join: a schema and those that it refers to as one text.
 *
 * In a registry a schema may name types that others define. Avro itself knows no such thing: where a type is
 * first named, its definition is put instead, with its namespace, and so on within it; each is there once, as
 * the specification wants it. */
#ifndef PL_CODEC_SCHEMA_JOIN_H
#define PL_CODEC_SCHEMA_JOIN_H

#include "base/status.h"
#include "base/text.h"

/* `others` in any order. REJECT: one of the texts is not JSON, they are nested too deep, or they have no room
 * in `out`. A name that nobody defines stays as it is: whoever reads the schema says so. */
pl_status pl_schema_join(pl_str schema, const pl_str *others, size_t n, pl_buf *out,
                         pl_err *err) PL_MUST_CHECK;

#endif
