#include "redis_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status.h"
#include "until.h"

/* Below those that outgoing connections take, so that a server that was killed gets its own again. */
static int free_port(void) {
  for (;;) {
    int port = 10000 + (int)arc4random_uniform(20000);
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    PL_ASSERT(fd >= 0);
    int rc = bind(fd, (struct sockaddr *)&at, sizeof at);
    (void)close(fd);
    if (rc == 0) return port;
    PL_ASSERT(errno == EADDRINUSE);
  }
}

void redis_server_init(redis_server *server) {
  const char *tmp = getenv("TMPDIR");
  *server = (redis_server){.port = free_port()};
  (void)snprintf(server->folder, sizeof server->folder, "%s/pl-redis-XXXXXX",
                 tmp && strlen(tmp) < 40 ? tmp : P_tmpdir);
  PL_ASSERT(mkdtemp(server->folder));
  (void)snprintf(server->unix_path, sizeof server->unix_path, "%s/sock", server->folder);
}

static redisContext *connect_to(const redis_server *server) {
  return redisConnectWithTimeout("127.0.0.1", server->port, (struct timeval){5, 0});
}

static bool answers(void *ctx) {
  const redis_server *server = ctx;
  redisContext *c = connect_to(server);
  redisReply *reply = c && !c->err ? redisCommand(c, "PING") : NULL; /* an error is an answer too */
  bool answered = reply != NULL;
  if (reply) freeReplyObject(reply);
  if (c) redisFree(c);
  PL_ASSERT(answered || waitpid(server->pid, NULL, WNOHANG) == 0);
  return answered;
}

static void launch(redis_server *server, const char *const *argv) {
  pid_t parent = getpid();
  server->pid = fork();
  PL_ASSERT(server->pid >= 0);
  if (server->pid == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    (void)execvp(argv[0], (char *const *)(void *)argv);
    _exit(127);
  }
  bool in_time = until(answers, server, 20);
  PL_ASSERT(in_time);
}

void redis_server_start(redis_server *server, const char *const *args) {
  char port[16];
  const char *argv[48] = {
      "redis-server", "--port",          port,     "--bind", "127.0.0.1 -::1", "--dir", server->folder,
      "--unixsocket", server->unix_path, "--save", "",       "--appendonly",   "no",    "--logfile",
      "log"};
  size_t n = 15;
  (void)snprintf(port, sizeof port, "%d", server->port);
  while (args && *args && n + 1 < PL_COUNT(argv)) argv[n++] = *args++;
  launch(server, argv);
}

void redis_server_start_sentinel(redis_server *server, const char *config) {
  char path[96];
  (void)snprintf(path, sizeof path, "%s/sentinel.conf", server->folder);
  FILE *f = fopen(path, "we");
  PL_ASSERT(f);
  (void)fprintf(f, "port %d\nbind 127.0.0.1 -::1\ndir %s\nlogfile log\n%s", server->port, server->folder,
                config);
  PL_ASSERT(fclose(f) == 0);
  launch(server, (const char *[]){"redis-server", path, "--sentinel", NULL});
}

void redis_server_kill(redis_server *server, int signal) {
  if (server->pid <= 0) return;
  (void)kill(server->pid, signal);
  (void)kill(server->pid, SIGCONT);
  (void)waitpid(server->pid, NULL, 0);
  server->pid = 0;
}

static int drop_entry(const char *path, const struct stat *st, int type, struct FTW *at) {
  (void)st, (void)type, (void)at;
  return remove(path);
}

void redis_server_fini(redis_server *server) {
  redis_server_kill(server, SIGKILL);
  if (server->folder[0]) (void)nftw(server->folder, drop_entry, 8, FTW_DEPTH | FTW_PHYS);
  server->folder[0] = 0;
}

void redis_server_ask(const redis_server *server, char *text, size_t room, int argc, const char **args) {
  redisContext *c = connect_to(server);
  PL_ASSERT(c && !c->err);
  redisReply *reply = redisCommandArgv(c, argc, args, NULL);
  PL_ASSERT(reply);
  (void)snprintf(text, room, "%s", reply->str ? reply->str : "");
  freeReplyObject(reply);
  redisFree(c);
}
