/* TLS server: a process of its own that answers every request with 200 and `sealed`, under a certificate for
 * the name localhost that it has signed itself. It dies with the test. */
#ifndef PL_TESTS_IO_TLS_SERVER_H
#define PL_TESTS_IO_TLS_SERVER_H

#include <sys/types.h>

typedef struct {
  pid_t pid;
  int port;
  char certificate[96]; /* a PEM file */
} tls_server;

void tls_server_init(tls_server *server);
void tls_server_fini(tls_server *server);

#endif
