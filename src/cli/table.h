/* Table: a CSV file of the CRM's past under a configuration: what import and replay begin with. */
#ifndef PL_CLI_TABLE_H
#define PL_CLI_TABLE_H

#include "cli/rows.h"
#include "io/fingerprint.h"

typedef struct {
  pl_config *config;
  pl_rows *rows;
  pl_buf text, rejects;                 /* the file; its rejected rows, as CSV */
  char fingerprint[PL_FINGERPRINT_MAX]; /* of the file */
} pl_table;

/* Reads both (the path `-`: what comes in) and says on stderr what became of the rows, unless it is to be
 * quiet; an exit code, and on stderr why. Closed whatever it returns. */
int pl_table_open(pl_table *table, const char *config, const char *source, const char *path, bool quiet);
void pl_table_close(pl_table *table);

#endif
