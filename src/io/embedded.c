#include "io/embedded.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum {
  START_MS = 5000,
  STOP_MS = 2000,
  PAUSE_MS = 5,
  PORTS_TRIED = 5,    /* a free port may be taken before redis-server binds it */
  EXIT_NO_EXEC = 127, /* as a shell says it */
};

const pl_embedded_property pl_embedded_properties[] = {
    {"session.timeout.ms", "3000"},
    {"heartbeat.interval.ms", "500"},
    {"fetch.wait.max.ms", "10"},
    {NULL, NULL},
};

static int64_t now_ms(void) { return pl_clock_mono().us / 1000; }
static void pause_briefly(void) { (void)nanosleep(&(struct timespec){0, PAUSE_MS * 1000000L}, NULL); }

/* --- processes */

/* A child that dies with us and does not hear the terminal's Ctrl-C; 0 in the child. */
static pid_t spawn(void) {
  pid_t parent = getpid(), pid = fork();
  if (pid != 0) return pid;
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  (void)setpgid(0, 0);
  return 0;
}

static bool ended(pid_t pid, int *status) {
  pid_t got = waitpid(pid, status, WNOHANG);
  return got == pid || (got < 0 && errno == ECHILD);
}

static void end(pid_t pid) {
  int status;
  if (pid <= 0) return;
  (void)kill(pid, SIGTERM);
  for (int64_t until = now_ms() + STOP_MS; now_ms() < until; pause_briefly())
    if (ended(pid, &status)) return;
  (void)kill(pid, SIGKILL);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
}

/* --- broker */

int pl_embedded_broker_main(const pl_embedded_topic *topics, size_t n, int ready_fd) {
  char why[512];
  sigset_t ending;
  (void)sigemptyset(&ending);
  (void)sigaddset(&ending, SIGTERM);
  (void)sigprocmask(SIG_BLOCK, &ending, NULL); /* before there are threads: they inherit it */
  (void)signal(SIGPIPE, SIG_IGN);
  (void)signal(SIGHUP, SIG_IGN);

  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  (void)rd_kafka_conf_set(conf, "log_level", "2", why, sizeof why);
  rd_kafka_t *host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  rd_kafka_mock_cluster_t *cluster = host ? rd_kafka_mock_cluster_new(host, 1) : NULL;
  if (!cluster) return EXIT_FAILURE;
  for (size_t i = 0; i < n; i++)
    if (rd_kafka_mock_topic_create(cluster, topics[i].name, topics[i].partitions, 1)) return EXIT_FAILURE;
  char line[160];
  int length = snprintf(line, sizeof line, "%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
  if (write(ready_fd, line, (size_t)length) != length) return EXIT_FAILURE;
  (void)close(ready_fd);

  int got;
  (void)sigwait(&ending, &got);
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(host);
  return EXIT_SUCCESS;
}

static _Noreturn void host_broker(const pl_embedded_topic *topics, size_t n, int ready_fd) {
  if (ready_fd != 3) (void)dup2(ready_fd, 3);
  (void)close_range(4, ~0U, 0); /* what the parent has open is not ours */
  _exit(pl_embedded_broker_main(topics, n, 3));
}

/* One line from the broker's process within the time limit. */
static bool read_line(int fd, char *line, size_t room) {
  size_t n = 0;
  for (int64_t until = now_ms() + START_MS, left; (left = until - now_ms()) > 0 && n + 1 < room;) {
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (poll(&ready, 1, (int)left) <= 0) continue;
    ssize_t got = read(fd, line + n, room - 1 - n);
    if (got <= 0) return false;
    n += (size_t)got;
    if (line[n - 1] != '\n') continue;
    line[n - 1] = 0;
    return true;
  }
  return false;
}

pl_status pl_embedded_broker_start(pl_embedded_broker *broker, const pl_embedded_topic *topics, size_t n,
                                   pl_err *err) {
  int ends[2];
  *broker = (pl_embedded_broker){0};
  if (pipe2(ends, O_CLOEXEC) != 0)
    return pl_fail(err, PL_FATAL, "embedded broker: pipe: %s", strerror(errno));
  broker->pid = spawn();
  if (broker->pid == 0) host_broker(topics, n, ends[1]);
  (void)close(ends[1]);
  bool ready = broker->pid > 0 && read_line(ends[0], broker->bootstrap, sizeof broker->bootstrap);
  (void)close(ends[0]);
  if (ready) return PL_OK;
  pl_embedded_broker_stop(broker);
  return pl_fail(
      err, PL_FATAL,
      "embedded broker: its process gave no address within %d s; look for its last words above, or "
      "name a real broker in kafka.brokers",
      START_MS / 1000);
}

void pl_embedded_broker_stop(pl_embedded_broker *broker) {
  end(broker->pid);
  *broker = (pl_embedded_broker){0};
}

/* --- redis */

static int loopback(struct sockaddr_in *at, int port) {
  *at = (struct sockaddr_in){
      .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
  return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int free_port(void) {
  struct sockaddr_in at;
  socklen_t n = sizeof at;
  int fd = loopback(&at, 0);
  bool bound = bind(fd, (struct sockaddr *)&at, n) == 0 && getsockname(fd, (struct sockaddr *)&at, &n) == 0;
  (void)close(fd);
  return bound ? ntohs(at.sin_port) : -1;
}

static void empty(const char *folder) {
  DIR *dir = opendir(folder);
  if (!dir) return;
  for (struct dirent *entry; (entry = readdir(dir));) (void)unlinkat(dirfd(dir), entry->d_name, 0);
  (void)closedir(dir);
}

static _Noreturn void exec_redis(const pl_embedded_redis *redis) {
  char port[16];
  (void)snprintf(port, sizeof port, "%d", redis->port);
  int null = open("/dev/null", O_RDWR);
  (void)dup2(null, STDIN_FILENO), (void)dup2(null, STDOUT_FILENO);
  sigset_t none;
  (void)sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
  (void)execlp("redis-server", "redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", redis->folder,
               "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", (char *)NULL);
  _exit(EXIT_NO_EXEC);
}

/* Does the server at the port answer, and is it ours? Another one may have taken the port first. */
static bool answers(const pl_embedded_redis *redis) {
  const char ask[] = "PING\r\nINFO server\r\n";
  char text[8192], mine[48];
  size_t n = 0;
  struct sockaddr_in at;
  int fd = loopback(&at, redis->port);
  (void)snprintf(mine, sizeof mine, "\r\nprocess_id:%d\r\n", (int)redis->pid);
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){1, 0}, sizeof(struct timeval));
  bool found = false;
  if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
      send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL) == (ssize_t)(sizeof ask - 1))
    for (ssize_t got;
         !found && n + 1 < sizeof text && (got = recv(fd, text + n, sizeof text - 1 - n, 0)) > 0;) {
      n += (size_t)got, text[n] = 0;
      found = strncmp(text, "+PONG\r\n", 7) == 0 && strstr(text, mine);
    }
  (void)close(fd);
  return found;
}

pl_status pl_embedded_redis_start(pl_embedded_redis *redis, pl_err *err) {
  const char *tmp = getenv("TMPDIR");
  *redis = (pl_embedded_redis){0};
  int n =
      snprintf(redis->folder, sizeof redis->folder, "%s/paceline-redis-XXXXXX", tmp && *tmp ? tmp : P_tmpdir);
  if (n < 0 || (size_t)n >= sizeof redis->folder || !mkdtemp(redis->folder)) {
    redis->folder[0] = 0;
    return pl_fail(err, PL_FATAL,
                   "embedded redis: no folder can be made in %s (%s); set TMPDIR to a short path",
                   tmp && *tmp ? tmp : P_tmpdir, strerror(errno));
  }
  int64_t until = now_ms() + START_MS;
  for (int tried = 0; tried < PORTS_TRIED; tried++) {
    int status = 0;
    redis->port = free_port();
    redis->pid = spawn();
    if (redis->pid == 0) exec_redis(redis);
    for (; redis->pid > 0 && now_ms() < until; pause_briefly()) {
      if (answers(redis)) return PL_OK;
      if (ended(redis->pid, &status)) redis->pid = 0;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_EXEC) {
      pl_embedded_redis_stop(redis);
      return pl_fail(
          err, PL_FATAL,
          "embedded redis: redis-server was not found on PATH; install the package redis-server, or "
          "name a Redis in redis.url");
    }
    if (redis->pid != 0) break; /* it runs and does not answer, or could not be forked */
  }
  pl_embedded_redis_stop(redis);
  return pl_fail(err, PL_FATAL,
                 "embedded redis: redis-server did not answer within %d s; name a Redis in redis.url",
                 START_MS / 1000);
}

void pl_embedded_redis_stop(pl_embedded_redis *redis) {
  end(redis->pid);
  if (redis->folder[0]) {
    empty(redis->folder);
    (void)rmdir(redis->folder);
  }
  *redis = (pl_embedded_redis){0};
}
