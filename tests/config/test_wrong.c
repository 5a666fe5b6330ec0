/* Every line of wrong.txt is a wrong configuration and all the messages it must yield, to the letter. */
#include "world.h"

enum { NAMES_MAX = 32 };
static struct { pl_str name, text; } names[NAMES_MAX];
static size_t nnames;

static pl_str cut(pl_str *rest, const char *at) {
  const char *p = rest->n ? memmem(rest->p, rest->n, at, strlen(at)) : NULL;
  pl_str head = {rest->p, p ? (size_t)(p - rest->p) : rest->n};
  size_t gone = head.n + (p ? strlen(at) : 0);
  *rest = (pl_str){rest->p + gone, rest->n - gone};
  return head;
}

/* `\n` and `@name`. */
static void expand(pl_str text, pl_buf *out) {
  while (text.n) {
    pl_str line = cut(&text, "\\n");
    for (size_t i = 0; line.n && line.p[0] == '@' && i < nnames; i++)
      if (pl_str_eq((pl_str){line.p + 1, line.n - 1}, names[i].name)) line = names[i].text;
    pl_buf_str_put(out, line);
    pl_buf_char(out, '\n');
  }
}

/* `wrong.yaml:1:2: what\n...` as `1:2: what | ...`; other files' names stay. */
static void flatten(pl_str messages, pl_buf *out) {
  while (messages.n) {
    pl_str line = cut(&messages, "\n");
    if (line.n > 11 && memcmp(line.p, "wrong.yaml:", 11) == 0) (void)cut(&line, ":");
    if (out->n) pl_buf_text(out, " | ");
    pl_buf_str_put(out, line);
  }
}

static bool check_line(pl_str line) {
  pl_str expected = line, snippet = cut(&expected, " => ");
  pl_buf text, errors, found;
  pl_buf_init(&text, 1 << 20);
  pl_buf_init(&errors, 1 << 20);
  pl_buf_init(&found, 1 << 20);
  expand(snippet, &text);
  pl_config *config;
  pl_status status = pl_config_parse(&config, "wrong.yaml", pl_buf_str(&text), &world, &errors);
  flatten(pl_buf_str(&errors), &found);
  bool same = status == PL_REJECT && !config && pl_str_eq(pl_buf_str(&found), expected);
  if (!same) print_error("%.*s => %.*s\n", (int)snippet.n, snippet.p, (int)found.n, found.p ? found.p : "");
  if (status == PL_OK) pl_config_free(&config);
  assert_true(!errors.n || !memmem(errors.p, errors.n, "hunter2", 7));
  pl_buf_fini(&text);
  pl_buf_fini(&errors);
  pl_buf_fini(&found);
  return same;
}

static void every_wrong_line_yields_its_messages_and_no_secret(void **state) {
  (void)state;
  int64_t before = pl_mem_live();
  pl_buf table;
  pl_buf_init(&table, 1 << 20);
  read_text("tests/config/wrong.txt", &table);
  pl_str rest = pl_buf_str(&table);
  int wrong = 0, lines = 0;
  while (rest.n) {
    pl_str line = cut(&rest, "\n");
    if (line.n == 0 || line.p[0] == '#') continue;
    pl_str text = line, name = cut(&text, " = ");
    if (line.p[0] == '@' && text.n && !memmem(name.p, name.n, " ", 1)) {
      assert_in_range(nnames, 0, NAMES_MAX - 1);
      names[nnames].name = (pl_str){name.p + 1, name.n - 1};
      names[nnames++].text = text;
      continue;
    }
    lines++;
    wrong += !check_line(line);
  }
  assert_int_equal(wrong, 0);
  assert_true(lines > 100);
  pl_buf_fini(&table);
  assert_int_equal(pl_mem_live(), before);
}

static void a_hundred_errors_are_printed_and_the_rest_is_counted(void **state) {
  (void)state;
  pl_buf text, errors;
  pl_buf_init(&text, 1 << 20);
  pl_buf_init(&errors, 1 << 20);
  for (int i = 0; i < 250; i++) pl_buf_printf(&text, "option%d: 1\n", i);
  pl_config *config;
  assert_int_equal(pl_config_parse(&config, "wrong.yaml", pl_buf_str(&text), NULL, &errors), PL_REJECT);
  int lines = 0;
  for (size_t i = 0; i < errors.n; i++) lines += errors.p[i] == '\n';
  assert_int_equal(lines, 101);
  assert_non_null(memmem(errors.p, errors.n, "wrong.yaml: and 150 more\n", 25));
  pl_buf_fini(&text);
  pl_buf_fini(&errors);
}

static void a_file_too_large_too_full_or_not_there_is_refused(void **state) {
  (void)state;
  pl_buf text, errors;
  pl_buf_init(&text, 4 << 20);
  pl_buf_init(&errors, 1 << 20);
  pl_config *config;
  while (text.n <= 1 << 20) pl_buf_text(&text, "# nothing to see here\n");
  assert_int_equal(pl_config_parse(&config, "large.yaml", pl_buf_str(&text), NULL, &errors), PL_REJECT);
  assert_non_null(memmem(errors.p, errors.n, "expected at most 1 MiB", 22));
  pl_buf_clear(&text), pl_buf_clear(&errors);
  pl_buf_text(&text, "boards: [");
  for (int i = 0; i < 250000; i++) pl_buf_text(&text, "a,");
  pl_buf_text(&text, "]");
  assert_int_equal(pl_config_parse(&config, "full.yaml", pl_buf_str(&text), NULL, &errors), PL_REJECT);
  assert_non_null(memmem(errors.p, errors.n, "more than 200000 values", 23));
  pl_buf_clear(&errors);
  assert_int_equal(pl_config_load(&config, "no/such/file.yaml", NULL, NULL, &errors), PL_REJECT);
  assert_non_null(memmem(errors.p, errors.n, "No such file or directory", 25));
  assert_null(config);
  pl_buf_fini(&text);
  pl_buf_fini(&errors);
}

static void goals_that_would_spread_beyond_all_bounds_are_refused(void **state) {
  (void)state;
  pl_buf text, errors;
  pl_buf_init(&text, 4 << 20);
  pl_buf_init(&errors, 1 << 20);
  pl_buf_text(&text, "metrics: {c: {count: c, windows: [day]}}\nteams: {t: {}}\nreps:\n");
  for (int i = 0; i < 5000; i++) pl_buf_printf(&text, "  r%d: {team: t}\n", i);
  pl_buf_text(&text, "goals:\n");
  for (int i = 0; i < 2000; i++)
    pl_buf_printf(&text, "  g%d: {each: t, metric: c, period: day, target: 1}\n", i);
  pl_config *config;
  assert_int_equal(pl_config_parse(&config, "many.yaml", pl_buf_str(&text), NULL, &errors), PL_REJECT);
  assert_non_null(memmem(errors.p, errors.n, "found more than 100000 goals", 28));
  pl_buf_fini(&text);
  pl_buf_fini(&errors);
}

static void more_goals_of_one_rep_than_a_batch_holds_are_refused(void **state) {
  (void)state;
  pl_buf text, errors;
  pl_buf_init(&text, 1 << 20);
  pl_buf_init(&errors, 1 << 20);
  pl_buf_text(&text, "metrics: {c: {count: c, windows: [day]}}\nreps: {r: {}}\ngoals:\n");
  pl_config *config;
  for (int i = 0; i <= PL_GOALS_MAX; i++) {
    pl_status is = i ? pl_config_parse(&config, "many.yaml", pl_buf_str(&text), NULL, &errors) : PL_OK;
    assert_int_equal(is, PL_OK);
    if (i) pl_config_free(&config);
    pl_buf_printf(&text, "  g%d: {rep: r, metric: c, period: day, target: 1}\n", i);
  }
  assert_int_equal(pl_config_parse(&config, "many.yaml", pl_buf_str(&text), NULL, &errors), PL_REJECT);
  assert_string_equal(
      errors.p,
      "many.yaml:3:1: goals: found 129 goals of the rep 'r', versions and all, expected at most 128\n");
  pl_buf_fini(&text);
  pl_buf_fini(&errors);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_wrong_line_yields_its_messages_and_no_secret),
      cmocka_unit_test(a_hundred_errors_are_printed_and_the_rest_is_counted),
      cmocka_unit_test(a_file_too_large_too_full_or_not_there_is_refused),
      cmocka_unit_test(goals_that_would_spread_beyond_all_bounds_are_refused),
      cmocka_unit_test(more_goals_of_one_rep_than_a_batch_holds_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
