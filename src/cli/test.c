/* paceline test: plays the scenarios of policies before the real core, on a virtual clock, and says which do
 * not come true; or, with --diff, what another policy would have told in them. */
#include <getopt.h>
#include <regex.h>
#include <stdio.h>
#include <sysexits.h>

#include "cli/cli.h"
#include "cli/play.h"

static const char usage[] =
    "usage: paceline test [--run REGEX] [--junit FILE | --diff OTHER] FILE...\n"
    "  Plays the scenarios of policies on a virtual clock. 0: all come true; 1: some do\n"
    "  not; 78: a file is wrong. examples/inside-sales.test.yaml shows the language.\n"
    "  --run REGEX   only scenarios whose name matches (POSIX extended)\n"
    "  --junit FILE  also writes the results as JUnit XML\n"
    "  --diff OTHER  instead: what the policy OTHER would tell less (-) and more (+) in each scenario; "
    "nothing is\n"
    "                expected of it\n";

enum { FAILURE = 1, TEXT_MAX_BYTES = 1 << 24 };

typedef struct {
  const regex_t *run; /* NULL: all */
  size_t scenarios, failed, wrong;
  pl_buf suites; /* JUnit's */
} session;

static void print(FILE *out, const pl_buf *text) {
  if (text->n) (void)fwrite(text->p, 1, text->n, out);
}

/* --- JUnit */

static void xml(pl_buf *out, pl_str text) {
  for (size_t i = 0; i < text.n; i++) switch (text.p[i]) {
    case '&': pl_buf_text(out, "&amp;"); break;
    case '<': pl_buf_text(out, "&lt;"); break;
    case '>': pl_buf_text(out, "&gt;"); break;
    case '"': pl_buf_text(out, "&quot;"); break;
    case '\n': pl_buf_text(out, "&#10;"); break;
    default: pl_buf_char(out, (unsigned char)text.p[i] < ' ' ? '?' : text.p[i]);
    }
}

/* `kind`: "failure" or "error"; `why` is empty when all was well. */
static void xml_case(pl_buf *out, const char *file, const char *name, const char *kind, pl_str why) {
  const char *end = why.n ? memchr(why.p, '\n', why.n) : NULL;
  pl_buf_text(out, "    <testcase classname=\""), xml(out, pl_str_of(file));
  pl_buf_text(out, "\" name=\""), xml(out, pl_str_of(name));
  if (!why.n) {
    pl_buf_text(out, "\"/>\n");
    return;
  }
  pl_buf_printf(out, "\">\n      <%s message=\"", kind);
  xml(out, (pl_str){why.p, end ? (size_t)(end - why.p) : why.n});
  pl_buf_text(out, "\">"), xml(out, why);
  pl_buf_printf(out, "</%s>\n    </testcase>\n", kind);
}

static void xml_suite(session *s, const char *file, size_t n, size_t failed, size_t wrong, pl_str cases) {
  pl_buf_text(&s->suites, "  <testsuite name=\""), xml(&s->suites, pl_str_of(file));
  pl_buf_printf(&s->suites, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n", n, failed, wrong);
  pl_buf_str_put(&s->suites, cases);
  pl_buf_text(&s->suites, "  </testsuite>\n");
}

static bool write_junit(const session *s, const char *path) {
  FILE *file = fopen(path, "we");
  if (!file) return false;
  (void)fprintf(file,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<testsuites tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
                s->scenarios + s->wrong, s->failed, s->wrong);
  print(file, &s->suites);
  (void)fputs("</testsuites>\n", file);
  bool good = !ferror(file);
  return fclose(file) == 0 && good;
}

/* --- files */

static void wrong_file(session *s, const char *path, const pl_buf *why) {
  pl_buf cases;
  pl_buf_init(&cases, TEXT_MAX_BYTES);
  (void)fflush(stdout);
  print(stderr, why);
  xml_case(&cases, path, "the file", "error", pl_buf_str(why));
  xml_suite(s, path, 1, 0, 1, pl_buf_str(&cases));
  pl_buf_fini(&cases);
  s->wrong++;
}

static void play_all(session *s, const pl_scenarios *all) {
  size_t n = 0, failed = 0;
  pl_buf cases, why;
  pl_buf_init(&cases, TEXT_MAX_BYTES), pl_buf_init(&why, TEXT_MAX_BYTES);
  for (size_t i = 0; i < all->n; i++) {
    const pl_scenario *one = &all->list[i];
    if (s->run && regexec(s->run, one->name, 0, NULL, 0) != 0) continue;
    pl_err err = {""};
    size_t broken = 0;
    pl_buf_clear(&why);
    if (pl_play(one, all->path, &broken, &why, NULL, &err) != PL_OK)
      pl_buf_printf(&why, "%s:%d: %s\n", all->path, one->node->key_line, err.text), broken++;
    (void)printf("%-6s  %s\n", broken ? "FAILED" : "ok", one->name);
    print(stdout, &why);
    xml_case(&cases, all->path, one->name, "failure", pl_buf_str(&why));
    n++, failed += broken > 0;
  }
  xml_suite(s, all->path, n, failed, 0, pl_buf_str(&cases));
  s->scenarios += n, s->failed += failed;
  pl_buf_fini(&cases), pl_buf_fini(&why);
}

static int test_files(session *s, char **files, const char *junit) {
  for (; *files; files++) {
    pl_scenarios *all = NULL;
    pl_buf errors;
    pl_buf_init(&errors, TEXT_MAX_BYTES);
    if (pl_scenarios_load(&all, *files, NULL, &errors) == PL_OK)
      play_all(s, all);
    else
      wrong_file(s, *files, &errors);
    pl_scenarios_free(&all);
    pl_buf_fini(&errors);
  }
  (void)printf("%zu scenario%s, %zu failed", s->scenarios, s->scenarios == 1 ? "" : "s", s->failed);
  (void)printf(s->wrong ? ", %zu wrong file%s\n" : "\n", s->wrong, s->wrong == 1 ? "" : "s");
  if (junit && !write_junit(s, junit)) {
    (void)fprintf(stderr, "paceline test: --junit: %s cannot be written\n", junit);
    return EX_CANTCREAT;
  }
  if (s->wrong) return EX_CONFIG;
  if (s->run && !s->scenarios) {
    (void)fputs("paceline test: --run: no scenario's name matches\n", stderr);
    return EX_USAGE;
  }
  return s->failed ? FAILURE : EX_OK;
}

/* --- another policy in the same scenarios */

static bool next_line(pl_str *rest, pl_str *line) {
  const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
  if (!end) return false;
  *line = (pl_str){rest->p, (size_t)(end - rest->p)};
  *rest = (pl_str){end + 1, rest->n - line->n - 1};
  return true;
}

static bool has_line(pl_str text, pl_str wanted) {
  for (pl_str line; next_line(&text, &line);)
    if (pl_str_eq(line, wanted)) return true;
  return false;
}

static size_t print_only(char sign, pl_str of, pl_str not_of) {
  size_t n = 0;
  for (pl_str line; next_line(&of, &line);)
    if (!has_line(not_of, line)) (void)printf("%c %.*s\n", sign, (int)line.n, line.p), n++;
  return n;
}

/* False after a complaint: a scenario cannot be played. */
static bool diff_scenario(const char *path, const pl_scenario *here, const pl_scenario *there, size_t *less,
                          size_t *more) {
  pl_buf why, told, other;
  pl_buf_init(&why, TEXT_MAX_BYTES), pl_buf_init(&told, TEXT_MAX_BYTES), pl_buf_init(&other, TEXT_MAX_BYTES);
  pl_err err = {""};
  size_t failed;
  bool good = pl_play(here, path, &failed, &why, &told, &err) == PL_OK &&
              pl_play(there, path, &failed, &why, &other, &err) == PL_OK;
  if (good) {
    (void)printf("%s\n", here->name);
    *less += print_only('-', pl_buf_str(&told), pl_buf_str(&other));
    *more += print_only('+', pl_buf_str(&other), pl_buf_str(&told));
  } else {
    (void)fprintf(stderr, "%s:%d: %s\n", path, here->node->key_line, err.text);
  }
  pl_buf_fini(&why), pl_buf_fini(&told), pl_buf_fini(&other);
  return good;
}

static int diff_files(const session *s, char **files, const char *policy) {
  size_t less = 0, more = 0, n = 0;
  int code = EX_OK;
  for (; *files && code == EX_OK; files++) {
    pl_scenarios *here = NULL, *there = NULL;
    pl_buf errors;
    pl_buf_init(&errors, TEXT_MAX_BYTES);
    if (pl_scenarios_load(&here, *files, NULL, &errors) != PL_OK ||
        pl_scenarios_load(&there, *files, policy, &errors) != PL_OK)
      code = EX_CONFIG;
    for (size_t i = 0; code == EX_OK && i < here->n; i++) {
      if (s->run && regexec(s->run, here->list[i].name, 0, NULL, 0) != 0) continue;
      if (!diff_scenario(*files, &here->list[i], &there->list[i], &less, &more)) code = EX_CONFIG;
      n++;
    }
    print(stderr, &errors);
    pl_scenarios_free(&here), pl_scenarios_free(&there);
    pl_buf_fini(&errors);
  }
  if (code == EX_OK)
    (void)printf("%zu scenario%s: %zu alerts less, %zu more\n", n, n == 1 ? "" : "s", less, more);
  return code;
}

int pl_cli_test(int argc, char **argv) {
  static const struct option options[] = {{"run", required_argument, NULL, 'r'},
                                          {"junit", required_argument, NULL, 'j'},
                                          {"diff", required_argument, NULL, 'd'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
  const char *run = NULL, *junit = NULL, *diff = NULL;
  for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
    if (option == 'h') return (void)fputs(usage, stdout), EX_OK;
    if (option == '?') return (void)fputs(usage, stderr), EX_USAGE;
    *(option == 'r' ? &run : option == 'j' ? &junit : &diff) = optarg;
  }
  if (optind == argc || (junit && diff)) return (void)fputs(usage, stderr), EX_USAGE;
  regex_t regex;
  int why = run ? regcomp(&regex, run, REG_EXTENDED | REG_NOSUB) : 0;
  if (why) {
    char text[128];
    (void)regerror(why, &regex, text, sizeof text);
    (void)fprintf(stderr, "paceline test: --run: found '%s' (%s), expected a regular expression\n", run,
                  text);
    return EX_USAGE;
  }
  session s = {.run = run ? &regex : NULL};
  pl_buf_init(&s.suites, 4 * TEXT_MAX_BYTES);
  int code = diff ? diff_files(&s, argv + optind, diff) : test_files(&s, argv + optind, junit);
  pl_buf_fini(&s.suites);
  if (run) regfree(&regex);
  return code;
}
