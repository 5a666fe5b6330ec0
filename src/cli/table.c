#include "cli/table.h"

#include <stdio.h>
#include <sysexits.h>

#include "cli/cli.h"

static const size_t BYTES_MAX = (size_t)4 << 30;

static int complain(const char *path, const pl_err *err, int code) {
  (void)fprintf(stderr, "paceline: %s: %s\n", path, err->text);
  return code;
}

static int read_file(const char *path, pl_buf *out) {
  static char block[1 << 16];
  bool given = strcmp(path, "-") == 0;
  FILE *file = given ? stdin : fopen(path, "re");
  if (!file) return complain(path, &(pl_err){"cannot be opened; check its path and rights"}, EX_NOINPUT);
  for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;) pl_buf_put(out, block, n);
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

int pl_table_open(pl_table *t, const char *config, const char *source, const char *path, bool quiet) {
  pl_err err = {""};
  *t = (pl_table){.config = pl_cli_config(config)};
  pl_buf_init(&t->text, BYTES_MAX), pl_buf_init(&t->rejects, 2 * BYTES_MAX);
  if (!t->config) return EX_CONFIG;
  if (pl_rows_new(&t->rows, t->config, source, pl_cli_zone, &err) != PL_OK)
    return complain(config, &err, EX_CONFIG);
  int code = read_file(path, &t->text);
  if (code != EX_OK) return code;
  pl_fingerprint *whole = pl_fingerprint_new(); /* before the rows are read: that changes the text */
  pl_fingerprint_add(whole, pl_buf_str(&t->text));
  pl_fingerprint_end(&whole, t->fingerprint);
  if (pl_rows_read(t->rows, t->text.p, t->text.n, &t->rejects, &err) != PL_OK)
    return complain(path, &err, EX_DATAERR);
  if (!quiet) report(t->rows, path);
  return EX_OK;
}

void pl_table_close(pl_table *t) {
  pl_rows_free(&t->rows);
  pl_buf_fini(&t->text), pl_buf_fini(&t->rejects);
  pl_config_free(&t->config);
}
