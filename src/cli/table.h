/* Table: a file of the CRM's past under a configuration: what import and replay begin with. */
#ifndef PL_CLI_TABLE_H
#define PL_CLI_TABLE_H

#include "cli/rows.h"
#include "io/fingerprint.h"

typedef struct {
  const char *config, *source;
  const char *path;       /* `-`: what comes in */
  const char *format;     /* "csv", "jsonl"; NULL: by the path's end, else CSV */
  char delimiter;         /* of CSV; 0: as its first line has it */
  bool quiet;             /* says nothing of what became of the rows */
  int64_t most;           /* rows; 0: all */
  pl_rows_row_fn *on_row; /* told of each, NULL: nobody */
  void *ctx;
} pl_table_ask;

typedef struct {
  pl_config *config;
  pl_rows *rows;
  pl_buf text, rejects;                 /* the file; its rejected rows */
  char fingerprint[PL_FINGERPRINT_MAX]; /* of the file */
} pl_table;

/* Reads both and says on stderr what became of the rows; an exit code, and on stderr why. Closed whatever it
 * returns. */
int pl_table_open(pl_table *table, const pl_table_ask *ask);
void pl_table_close(pl_table *table);
/* "csv" or "jsonl", as it is written; false: it is neither. */
bool pl_table_is_format(const char *word);
/* ";", "tab", ...: one character, or that word; 0: it is none. */
char pl_table_delimiter(const char *word);

#endif
