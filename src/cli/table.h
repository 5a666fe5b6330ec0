/* Table: a CSV file of the CRM's past under a configuration: what import and replay begin with. */
#ifndef PL_CLI_TABLE_H
#define PL_CLI_TABLE_H

#include "cli/rows.h"

typedef struct {
  pl_config *config;
  pl_rows *rows;
  pl_buf text, rejects; /* the file; its rejected rows, as CSV */
} pl_table;

/* Reads both and says on stderr what became of the rows; an exit code, and on stderr why. Closed whatever it
 * returns. */
int pl_table_open(pl_table *table, const char *config, const char *source, const char *path);
void pl_table_close(pl_table *table);

#endif
