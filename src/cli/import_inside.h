/* Inside `paceline import`: what its files share. */
#ifndef PL_CLI_IMPORT_INSIDE_H
#define PL_CLI_IMPORT_INSIDE_H

#include "cli/table.h"

typedef struct {
  pl_table_ask table;
  const char *rejects; /* NULL: not written */
  bool dry, again;
} pl_import_options;

typedef struct {
  int64_t events, of; /* are there for good; were to be */
  int64_t before;     /* of them were there when it began */
  int32_t partitions; /* of the activities */
  bool refused;       /* this file is not to be imported so */
} pl_import_sent;

/* Whatever it returns, `sent` says what is there. */
pl_status pl_import_send(const pl_table *table, const pl_import_options *options, pl_import_sent *sent,
                         pl_err *err) PL_MUST_CHECK;

#endif
