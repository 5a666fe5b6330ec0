#include "tls_server.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status.h"

static X509 *sign(EVP_PKEY *key) {
  X509 *cert = X509_new();
  X509_NAME *name = X509_get_subject_name(cert);
  X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:localhost");
  PL_ASSERT(X509_set_version(cert, 2) && ASN1_INTEGER_set(X509_get_serialNumber(cert), 1));
  PL_ASSERT(X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
            X509_gmtime_adj(X509_getm_notAfter(cert), 3600));
  PL_ASSERT(
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0));
  PL_ASSERT(X509_set_issuer_name(cert, name) && X509_set_pubkey(cert, key) && X509_add_ext(cert, san, -1));
  PL_ASSERT(X509_sign(cert, key, EVP_sha256()));
  X509_EXTENSION_free(san);
  return cert;
}

static _Noreturn void serve(int listener, EVP_PKEY *key, X509 *cert) {
  const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsealed";
  SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
  PL_ASSERT(SSL_CTX_use_certificate(tls, cert) == 1 && SSL_CTX_use_PrivateKey(tls, key) == 1);
  for (;;) {
    char request[4096];
    int fd = accept(listener, NULL, NULL);
    SSL *ssl = SSL_new(tls);
    if (fd >= 0 && SSL_set_fd(ssl, fd) && SSL_accept(ssl) == 1 &&
        SSL_read(ssl, request, sizeof request) > 0) {
      (void)SSL_write(ssl, reply, sizeof reply - 1);
      (void)SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    (void)close(fd);
  }
}

void tls_server_init(tls_server *server) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof at;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  PL_ASSERT(bind(listener, (struct sockaddr *)&at, n) == 0 && listen(listener, 16) == 0);
  PL_ASSERT(getsockname(listener, (struct sockaddr *)&at, &n) == 0);
  server->port = ntohs(at.sin_port);

  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *cert = sign(key);
  const char *tmp = getenv("TMPDIR");
  (void)snprintf(server->certificate, sizeof server->certificate, "%s/pl-tls-XXXXXX",
                 tmp && strlen(tmp) < 64 ? tmp : P_tmpdir);
  int fd = mkstemp(server->certificate);
  FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
  PL_ASSERT(file && PEM_write_X509(file, cert) && fclose(file) == 0);

  pid_t parent = getpid();
  server->pid = fork();
  PL_ASSERT(server->pid >= 0);
  if (server->pid == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    serve(listener, key, cert);
  }
  (void)close(listener);
  X509_free(cert);
  EVP_PKEY_free(key);
}

void tls_server_fini(tls_server *server) {
  if (server->pid <= 0) return;
  (void)kill(server->pid, SIGKILL);
  (void)waitpid(server->pid, NULL, 0);
  (void)unlink(server->certificate);
  server->pid = 0;
}
