#include "cli/table.h"

#include <stdio.h>
#include <sysexits.h>

#include "cli/bar.h"
#include "cli/cli.h"

static const size_t BYTES_MAX = (size_t)4 << 30;

static int complain(const char *path, const pl_err *err, int code) {
  (void)fprintf(stderr, "paceline: %s: %s\n", path, err->text);
  return code;
}

bool pl_table_is_format(const char *word) { return strcmp(word, "csv") == 0 || strcmp(word, "jsonl") == 0; }

char pl_table_delimiter(const char *word) {
  if (strcmp(word, "tab") == 0) return '\t';
  return word[0] && !word[1] && !strchr("\"\r\n", word[0]) ? word[0] : 0;
}

static pl_table_form form_of(const pl_table_ask *ask) {
  size_t n = strlen(ask->path);
  const char *format = ask->format ? ask->format : n > 6 ? ask->path + n - 6 : "";
  bool json = strcmp(format, "jsonl") == 0 || strcmp(format, ".jsonl") == 0 || strcmp(format, "ndjson") == 0;
  return json ? PL_TABLE_JSON : PL_TABLE_CSV;
}

static int read_file(const char *path, pl_buf *out) {
  static char block[1 << 16];
  bool given = strcmp(path, "-") == 0;
  FILE *file = given ? stdin : fopen(path, "re");
  if (!file) return complain(path, &(pl_err){"cannot be opened; check its path and rights"}, EX_NOINPUT);
  for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0 && !out->full;) pl_buf_put(out, block, n);
  bool good = !ferror(file);
  if (!given) (void)fclose(file);
  if (!good) return complain(path, &(pl_err){"cannot be read"}, EX_IOERR);
  if (out->full) return complain(path, &(pl_err){"larger than 4 GiB; cut it by time"}, EX_DATAERR);
  return EX_OK;
}

static void report(const pl_rows *rows, const char *path) {
  pl_buf text;
  pl_buf_init(&text, 1 << 20);
  pl_rows_report(rows, &text);
  (void)fprintf(stderr, "%s\n%.*s", path, (int)text.n, text.p);
  pl_buf_fini(&text);
}

static void on_read(void *bar, size_t done) { pl_bar_show(bar, (int64_t)done); }

int pl_table_open(pl_table *t, const pl_table_ask *ask) {
  pl_err err = {""};
  pl_bar bar;
  *t = (pl_table){.config = pl_cli_config(ask->config)};
  pl_buf_init(&t->text, BYTES_MAX), pl_buf_init(&t->rejects, 2 * BYTES_MAX);
  if (!t->config) return EX_CONFIG;
  if (pl_rows_new(&t->rows, t->config, ask->source, form_of(ask), pl_cli_zone, &err) != PL_OK)
    return complain(ask->config, &err, EX_CONFIG);
  int code = read_file(ask->path, &t->text);
  if (code != EX_OK) return code;
  pl_fingerprint *whole = pl_fingerprint_new(); /* before the rows are read: that changes the text */
  pl_fingerprint_add(whole, pl_buf_str(&t->text));
  pl_fingerprint_end(&whole, t->fingerprint);
  pl_bar_init(&bar, "bytes", 0, (int64_t)t->text.n, !ask->quiet);
  pl_rows_watch(t->rows, on_read, &bar);
  pl_rows_each(t->rows, ask->most, ask->on_row, ask->ctx);
  pl_status status = pl_rows_read(t->rows, t->text.p, t->text.n, ask->delimiter, &t->rejects, &err);
  pl_bar_end(&bar);
  if (status != PL_OK) return complain(ask->path, &err, EX_DATAERR);
  if (!ask->quiet) report(t->rows, ask->path);
  return EX_OK;
}

void pl_table_close(pl_table *t) {
  pl_rows_free(&t->rows);
  pl_buf_fini(&t->text), pl_buf_fini(&t->rejects);
  pl_config_free(&t->config);
}
