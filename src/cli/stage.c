#include "cli/stage.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/company.h"
#include "cli/crm.h"

enum { START_MS = 10000, STOP_MS = 10000, HTTP_S = 5, PAUSE_MS = 10, LAST_WORDS = 800 };

static int64_t now_ms(void) { return pl_clock_mono().us / 1000; }
static void pause_briefly(void) { (void)nanosleep(&(struct timespec){0, PAUSE_MS * 1000000L}, NULL); }

/* --- the folder */

/* The schemas lie beside an installed program, or in the tree it was built from. */
static bool find_schemas(char *out, size_t room) {
  static const char *const beside[] = {"/../share/paceline/schemas", "/../../schemas"};
  char program[256], probe[600];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  program[n < 0 ? 0 : n] = 0;
  char *slash = strrchr(program, '/');
  if (slash) *slash = 0;
  for (size_t i = 0; i <= PL_COUNT(beside); i++) {
    if (i < PL_COUNT(beside))
      (void)snprintf(out, room, "%s%s", program, beside[i]);
    else
      (void)snprintf(out, room, "%s", PACELINE_SCHEMAS_DIR);
    (void)snprintf(probe, sizeof probe, "%s/activity.avsc", out);
    if (access(probe, R_OK) == 0) return true;
  }
  return false;
}

static pl_status write_config(pl_stage *stage, pl_err *err) {
  char schemas[512];
  if (!find_schemas(schemas, sizeof schemas))
    return pl_fail(err, PL_FATAL,
                   "the demo's schemas were found neither beside the program nor in %s; install paceline, or "
                   "run it from its source tree",
                   PACELINE_SCHEMAS_DIR);
  pl_buf text;
  pl_buf_init(&text, 1 << 16);
  pl_buf_text(&text, "# The demo's company. Time is that of the events, so a week passes in a minute.\n"
                     "clock: stream\n\nkafka:\n");
  pl_buf_printf(&text, "  brokers: [\"%s\"]\n  session_timeout: 6s\n  properties:\n",
                stage->broker.bootstrap);
  for (const pl_embedded_property *p = pl_embedded_properties; p->name; p++)
    if (strcmp(p->name, "session.timeout.ms") != 0)
      pl_buf_printf(&text, "    %s: \"%s\"\n", p->name, p->value);
  pl_buf_printf(&text, "redis: {url: \"redis://127.0.0.1:%d/0\"}\n", stage->redis.port);
  pl_buf_text(&text, "schemas:\n  folder: ");
  pl_buf_json(&text, pl_str_of(schemas));
  pl_buf_printf(&text, "\n  ids: {%d: activity.avsc, %d: roster.avsc, %d: goals.avsc, %d: team.avsc}\n",
                PL_CRM_ACTIVITY, PL_CRM_ROSTER, PL_CRM_GOALS, PL_CRM_TEAM);
  pl_buf_text(&text, "http: {listen: \"127.0.0.1:0\"}\n\n");
  pl_buf_text(&text, pl_company_policy);
  pl_buf_printf(&text,
                "receivers: {manager: [inbox]}\n"
                "endpoints: {inbox: {type: webhook, url: \"http://127.0.0.1:%d/\"}}\n",
                stage->inbox_port);
  FILE *file = fopen(stage->config, "we");
  bool written = file && fwrite(text.p, 1, text.n, file) == text.n;
  if (file) written = fclose(file) == 0 && written;
  pl_buf_fini(&text);
  return written ? PL_OK : pl_fail(err, PL_FATAL, "%s: %s", stage->config, strerror(errno));
}

static pl_status make_folder(pl_stage *stage, pl_err *err) {
  const char *tmp = getenv("TMPDIR");
  (void)snprintf(stage->folder, sizeof stage->folder, "%.200s/paceline-demo-XXXXXX",
                 tmp && *tmp ? tmp : P_tmpdir);
  if (!mkdtemp(stage->folder)) {
    pl_status status = pl_fail(err, PL_FATAL, "%s: %s; set TMPDIR to a folder that can be written to",
                               stage->folder, strerror(errno));
    stage->folder[0] = 0;
    return status;
  }
  (void)snprintf(stage->config, sizeof stage->config, "%s/paceline.yaml", stage->folder);
  (void)snprintf(stage->log, sizeof stage->log, "%s/paceline.log", stage->folder);
  return write_config(stage, err);
}

static void remove_folder(const char *folder) {
  DIR *dir = opendir(folder);
  if (!dir) return;
  for (struct dirent *entry; (entry = readdir(dir));) (void)unlinkat(dirfd(dir), entry->d_name, 0);
  (void)closedir(dir);
  (void)rmdir(folder);
}

pl_status pl_stage_open(pl_stage *stage, int partitions, pl_err *err) {
  const pl_embedded_topic topics[] = {{"crm.activities", partitions},
                                      {"crm.roster", partitions},
                                      {"crm.goals", partitions},
                                      {"crm.teams", 1},
                                      {"paceline.dlq", 1},
                                      {"paceline.alerts", 1}};
  pl_status status = pl_embedded_broker_start(&stage->broker, topics, PL_COUNT(topics), err);
  if (status == PL_OK) status = pl_embedded_redis_start(&stage->redis, err);
  return status == PL_OK ? make_folder(stage, err) : status;
}

void pl_stage_close(pl_stage *stage) {
  pl_err ignored;
  if (stage->daemon) (void)!pl_stage_stop(stage, &ignored);
  pl_embedded_redis_stop(&stage->redis);
  pl_embedded_broker_stop(&stage->broker);
  if (stage->folder[0] && !stage->keep) remove_folder(stage->folder);
}

/* --- the daemon */

static _Noreturn void become_daemon(const pl_stage *stage) {
  sigset_t none;
  int log = open(stage->log, O_WRONLY | O_CREAT | O_APPEND, 0600), null = open("/dev/null", O_RDONLY);
  (void)dup2(null, STDIN_FILENO), (void)dup2(log, STDOUT_FILENO), (void)dup2(log, STDERR_FILENO);
  (void)close_range(STDERR_FILENO + 1, ~0U, 0);
  (void)sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
  (void)execl("/proc/self/exe", "paceline", "run", "-c", stage->config, (char *)NULL);
  _exit(127);
}

/* The end of the log: `text` is terminated. */
static void last_words(const pl_stage *stage, char text[LAST_WORDS + 1]) {
  text[0] = 0;
  FILE *file = fopen(stage->log, "re");
  if (!file) return;
  if (fseek(file, -LAST_WORDS, SEEK_END) != 0) rewind(file);
  text[fread(text, 1, LAST_WORDS, file)] = 0;
  (void)fclose(file);
}

static pl_status has_ended(pl_stage *stage, int status, pl_err *err) {
  char words[LAST_WORDS + 1];
  last_words(stage, words);
  stage->daemon = 0;
  return pl_fail(err, PL_FATAL, "the daemon ended with %s %d; the end of its log:\n%s",
                 WIFSIGNALED(status) ? "signal" : "code",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), words);
}

pl_status pl_stage_look(pl_stage *stage, pl_err *err) {
  int status;
  return waitpid(stage->daemon, &status, WNOHANG) == stage->daemon ? has_ended(stage, status, err) : PL_OK;
}

/* It asked for any free port and says in its log which one it got; 0: not yet. */
static int port_in_log(const pl_stage *stage) {
  static const char words[] = "listening on 127.0.0.1:";
  char line[1024];
  long port = 0;
  FILE *file = fopen(stage->log, "re");
  while (file && !port && fgets(line, sizeof line, file)) {
    const char *at = strstr(line, words);
    if (at && strchr(line, '\n')) port = strtol(at + sizeof words - 1, NULL, 10);
  }
  if (file) (void)fclose(file);
  return (int)port;
}

pl_status pl_stage_start(pl_stage *stage, pl_err *err) {
  pid_t parent = getpid();
  stage->daemon = fork();
  if (stage->daemon == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    (void)setpgid(0, 0); /* a Ctrl-C is for us: we end it */
    become_daemon(stage);
  }
  if (stage->daemon < 0) {
    stage->daemon = 0;
    return pl_fail(err, PL_FATAL, "fork: %s", strerror(errno));
  }
  pl_status status = PL_OK;
  for (int64_t until = now_ms() + START_MS; now_ms() < until && status == PL_OK; pause_briefly()) {
    stage->http_port = port_in_log(stage);
    if (stage->http_port) return PL_OK;
    status = pl_stage_look(stage, err);
  }
  return status == PL_OK ? pl_fail(err, PL_FATAL, "the daemon did not serve within %d s; its log is %s",
                                   START_MS / 1000, stage->log)
                         : status;
}

pl_status pl_stage_stop(pl_stage *stage, pl_err *err) {
  int status;
  if (!stage->daemon) return PL_OK;
  (void)kill(stage->daemon, SIGTERM);
  for (int64_t until = now_ms() + STOP_MS; now_ms() < until; pause_briefly()) {
    if (waitpid(stage->daemon, &status, WNOHANG) != stage->daemon) continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      stage->daemon = 0;
      return PL_OK;
    }
    return has_ended(stage, status, err);
  }
  (void)kill(stage->daemon, SIGKILL);
  (void)waitpid(stage->daemon, &status, 0);
  stage->daemon = 0;
  return pl_fail(err, PL_FATAL, "the daemon did not end within %d s of SIGTERM and was killed",
                 STOP_MS / 1000);
}

/* --- metrics */

pl_status pl_stage_metrics(const pl_stage *stage, pl_buf *out, pl_err *err) {
  static const char request[] = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
  struct sockaddr_in at = {.sin_family = AF_INET,
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                           .sin_port = htons((uint16_t)stage->http_port)};
  const struct timeval most = {HTTP_S, 0};
  char piece[4096];
  ssize_t n = -1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
      send(fd, request, sizeof request - 1, MSG_NOSIGNAL) == (ssize_t)sizeof request - 1)
    while ((n = recv(fd, piece, sizeof piece, 0)) > 0) pl_buf_put(out, piece, (size_t)n);
  int code = errno;
  (void)close(fd);
  return n == 0 && !out->full ? PL_OK
                              : pl_fail(err, PL_AGAIN, "the daemon's metrics on port %d: %s",
                                        stage->http_port, strerror(code));
}

int64_t pl_stage_metric(pl_str metrics, const char *name) {
  size_t n = strlen(name);
  for (const char *p = metrics.p, *end = metrics.p + metrics.n; p < end;) {
    const char *stop = memchr(p, '\n', (size_t)(end - p));
    if (!stop) stop = end;
    double v;
    if ((size_t)(stop - p) > n && memcmp(p, name, n) == 0 && p[n] == ' ' &&
        pl_str_double((pl_str){p + n + 1, (size_t)(stop - p) - n - 1}, &v))
      return (int64_t)v;
    p = stop + 1;
  }
  return 0;
}
