/* Redis server: a real one for a test, on a free port in a folder of its own; or a sentinel, which is the
 * same program. It dies with the test. */
#ifndef PL_TESTS_IO_REDIS_SERVER_H
#define PL_TESTS_IO_REDIS_SERVER_H

#include <stddef.h>
#include <sys/types.h>

typedef struct {
  pid_t pid;
  int port;
  char folder[64];
  char unix_path[96]; /* in the folder */
} redis_server;

void redis_server_init(redis_server *server); /* a folder and a port; starts nothing */
/* Starts it and waits for its first answer. `args`: further arguments, ends with NULL; or NULL. */
void redis_server_start(redis_server *server, const char *const *args);
/* The same as a sentinel; `config`: what it watches over. */
void redis_server_start_sentinel(redis_server *server, const char *config);
void redis_server_kill(redis_server *server, int signal); /* and waits for its end */
void redis_server_fini(redis_server *server);             /* kills it, removes the folder */

/* One command on a connection of its own, blocking; the text of the reply, or of the error. */
void redis_server_ask(const redis_server *server, char *text, size_t room, int argc, const char **args);

#endif
