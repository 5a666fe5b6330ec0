/* The demo as a user starts it: the program itself, its broker, its Redis and its daemon.
 *
 * The test is the reaper of whatever the demo leaves behind, and gives it a folder for temporary files, so
 * that it can tell that neither a process nor a file is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/company.h"
#include "core/alert.h"

typedef struct {
  pid_t pid;
  FILE *out;
  char folder[64], line[4096], last[4096];
} play;

static int set_up(void **state) {
  play *p = calloc(1, sizeof *p);
  (void)snprintf(p->folder, sizeof p->folder, "%s/pl-demo-XXXXXX", P_tmpdir);
  if (!mkdtemp(p->folder) || setenv("TMPDIR", p->folder, 1) || prctl(PR_SET_CHILD_SUBREAPER, 1)) return -1;
  *state = p;
  return 0;
}

static int drop_entry(const char *path, const struct stat *st, int type, struct FTW *at) {
  (void)st, (void)type, (void)at;
  return remove(path);
}

static int tear_down(void **state) {
  play *p = *state;
  if (p->pid > 0) (void)kill(p->pid, SIGKILL);
  if (p->out) (void)fclose(p->out);
  while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {} /* its children die with it */
  (void)nftw(p->folder, drop_entry, 8, FTW_DEPTH | FTW_PHYS);
  free(p);
  return 0;
}

static void start(play *p, const char *const *options) {
  const char *argv[16] = {PACELINE_PROGRAM, "demo", "--plain"};
  size_t n = 3;
  int ends[2];
  while (*options) argv[n++] = *options++;
  assert_int_equal(pipe(ends), 0);
  p->pid = fork();
  assert_true(p->pid >= 0);
  if (p->pid == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(ends[1], STDOUT_FILENO), (void)dup2(ends[1], STDERR_FILENO);
    (void)close(ends[0]), (void)close(ends[1]);
    (void)execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
  }
  (void)close(ends[1]);
  p->out = fdopen(ends[0], "r");
  assert_non_null(p->out);
}

/* Reads on until a line has the text, or to the end; p->line is that line, p->last the last one. */
static bool read_to(play *p, const char *text) {
  while (fgets(p->line, sizeof p->line, p->out)) {
    (void)snprintf(p->last, sizeof p->last, "%s", p->line);
    if (text && strstr(p->line, text)) return true;
  }
  return false;
}

static bool folder_is_empty(const char *folder) {
  int n = 0;
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  while (readdir(dir)) n++;
  (void)closedir(dir);
  return n == 2; /* itself and its parent */
}

static void ends_well(play *p) {
  int status = 0;
  assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
  p->pid = 0;
  if (status) print_error("%s", p->last);
  assert_int_equal(status, 0);
  assert_int_equal(waitpid(-1, NULL, 0), -1); /* no process is left, alive or dead */
  assert_int_equal(errno, ECHILD);
  assert_true(folder_is_empty(p->folder));
}

typedef struct {
  long long applied, kinds[PL_ALERT_KINDS], alerts, answers, too_late, duplicates, dead;
} summary;

static summary summary_of(const play *p) {
  summary s = {0};
  int at = 0, n = sscanf(p->last, "%lld events applied; alerts:%n", &s.applied, &at);
  const char *text = p->last + at;
  for (char kind[32]; n == 1; text += at) {
    long long count;
    if (sscanf(text, " %lld %31[a-z_]%*[,;]%n", &count, kind, &at) != 2) break;
    int k = 0;
    while (k < PL_ALERT_KINDS && strcmp(kind, pl_alert_kind_name((pl_alert_kind)k)) != 0) k++;
    if (k == PL_ALERT_KINDS) break;
    assert_true(count > 0);
    s.kinds[k] = count, s.alerts += count;
  }
  if (strncmp(text, " none;", 6) == 0) text += 6;
  n += sscanf(text, " %lld answers, %lld too late; %lld duplicates, %lld dead letters", &s.answers,
              &s.too_late, &s.duplicates, &s.dead);
  if (n != 5) print_error("%s", p->last);
  assert_int_equal(n, 5);
  return s;
}

static bool is_alert(const char *line) {
  static const char *const words[] = {"behind", "recovered", "goal met", "goal missed", "streak"};
  for (size_t i = 0; i < PL_COUNT(words); i++)
    if (strlen(line) > 11 && strncmp(line + 11, words[i], strlen(words[i])) == 0) return true;
  return false;
}

/* Held against what the company did, not against what paceline says of itself. */
static void a_whole_week_is_counted_to_the_last_event(void **state) {
  play *p = *state;
  int64_t lines[PL_DEED_BROKEN + 1] = {0}, told = 0;
  start(p, (const char *const[]){"--speed", "4", "--seed", "3", NULL});
  while (read_to(p, "  ")) told += is_alert(p->line);
  ends_well(p);
  summary s = summary_of(p);

  pl_company *c = pl_company_new(3, PL_COMPANY_REPS);
  pl_deed d;
  int64_t out_of_reach = 0; /* far in the future, or long ago */
  while (pl_company_next(c, pl_company_closes(), &d)) {
    lines[d.kind]++;
    if (d.kind == PL_DEED_ACTIVITY)
      out_of_reach += d.activity.at.ms > d.at.ms || d.activity.at.ms < d.at.ms - INT64_C(80) * 86400000;
  }
  assert_int_equal(out_of_reach, 3);
  assert_int_equal(s.duplicates, pl_company_totals(c).repeated);
  assert_int_equal(s.applied, lines[PL_DEED_ACTIVITY] - s.duplicates - out_of_reach + s.answers - s.too_late);
  assert_int_equal(s.dead, lines[PL_DEED_BROKEN] + out_of_reach + s.too_late);
  assert_true(s.answers > s.too_late);
  static const pl_alert_kind happen[] = {PL_ALERT_BEHIND, PL_ALERT_RECOVERED, PL_ALERT_GOAL_MET,
                                         PL_ALERT_GOAL_MISSED, PL_ALERT_STREAK};
  for (size_t i = 0; i < PL_COUNT(happen); i++) assert_true(s.kinds[happen[i]] > 0);
  assert_int_equal(told, s.alerts);
  pl_company_free(&c);
}

static void it_ends_by_itself_after_the_time_given(void **state) {
  play *p = *state;
  start(p, (const char *const[]){"--for", "15s", NULL});
  (void)read_to(p, NULL);
  ends_well(p);
  (void)summary_of(p);
}

static void who_is_behind_answers_and_the_manager_hears_it_with_the_answer_and_in_the_digest(void **state) {
  play *p = *state;
  start(p, (const char *const[]){NULL});
  bool told = false, answered = false, with_answer = false, in_digest = false;
  for (bool on = true; on && !(told && answered && with_answer && in_digest);) {
    on = read_to(p, "  ");
    told |= strstr(p->line, "  behind       to ") && !strstr(p->line, "to the manager");
    answered |= told && strstr(p->line, "  answer       ");
    with_answer |= answered && strstr(p->line, "to the manager: ") && strstr(p->line, " answered ");
    in_digest |= answered && strstr(p->line, "; answer: ");
  }
  assert_true(told && answered && with_answer && in_digest);
  assert_int_equal(kill(p->pid, SIGINT), 0);
  (void)read_to(p, NULL);
  ends_well(p);
}

static void an_interrupt_ends_it_clean(void **state) {
  play *p = *state;
  start(p, (const char *const[]){"--reps", "12", NULL});
  assert_true(read_to(p, " behind "));
  assert_int_equal(kill(p->pid, SIGINT), 0);
  (void)read_to(p, NULL);
  ends_well(p);
  assert_true(summary_of(p).kinds[PL_ALERT_BEHIND] > 0);
}

static void nothing_outlives_it_when_it_is_killed(void **state) {
  play *p = *state;
  start(p, (const char *const[]){"--reps", "6", NULL});
  assert_true(read_to(p, "look inside"));
  assert_int_equal(kill(p->pid, SIGKILL), 0);
  int ended = 0; /* the demo, its broker, its redis-server, its daemon */
  while (waitpid(-1, NULL, 0) > 0) ended++;
  assert_int_equal(errno, ECHILD);
  assert_int_equal(ended, 4);
  p->pid = 0;
}

static void a_wrong_option_is_named(void **state) {
  play *p = *state;
  start(p, (const char *const[]){"--for", "soon", NULL});
  assert_true(read_to(p, "--for soon"));
  (void)read_to(p, NULL);
  int status = 0;
  assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
  p->pid = 0;
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 64);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_whole_week_is_counted_to_the_last_event, set_up, tear_down),
      cmocka_unit_test_setup_teardown(it_ends_by_itself_after_the_time_given, set_up, tear_down),
      cmocka_unit_test_setup_teardown(
          who_is_behind_answers_and_the_manager_hears_it_with_the_answer_and_in_the_digest, set_up,
          tear_down),
      cmocka_unit_test_setup_teardown(an_interrupt_ends_it_clean, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nothing_outlives_it_when_it_is_killed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_wrong_option_is_named, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
