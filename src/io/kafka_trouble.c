#include "io/kafka_trouble.h"

#include <stdio.h>

enum { SCRAM_MENDED = 0x020601ff }; /* before, it sent its nonce twice, which Kafka 4 does not forgive */

static const struct {
  const char *does, *remedy;
} words[PL_TROUBLES] = {
    [PL_TROUBLE_SILENT] = {"does not answer",
                           "look whether a broker runs there and whether kafka.brokers names it"},
    [PL_TROUBLE_LOGIN] = {"refuses the login",
                          "check sasl.mechanism and sasl.username in kafka.properties, and the file of "
                          "sasl.password in kafka.property_files"},
    [PL_TROUBLE_TRUST] =
        {"has no trusted certificate",
         "check that ssl.ca.location in kafka.properties, or ssl.ca.pem in "
         "kafka.property_files, is the certificate of who signed it, that it has not expired, "
         "and that kafka.brokers names the host as it does"},
    [PL_TROUBLE_CERTIFICATE] =
        {"refuses our certificate",
         "check ssl.certificate.location and ssl.key.location in kafka.properties, or "
         "ssl.certificate.pem and ssl.key.pem in kafka.property_files: the broker must know "
         "who signed it"},
    [PL_TROUBLE_PROTOCOL] = {"hangs up", "check security.protocol in kafka.properties: one side speaks TLS "
                                         "or asks for a login, and the other does not"},
};

bool pl_trouble_is(rd_kafka_resp_err_t err) {
  return err == RD_KAFKA_RESP_ERR__TRANSPORT || err == RD_KAFKA_RESP_ERR__RESOLVE ||
         err == RD_KAFKA_RESP_ERR__TIMED_OUT || err == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
         err == RD_KAFKA_RESP_ERR__SSL;
}

/* Some of it only the text says. */
static pl_trouble_kind kind_of(rd_kafka_resp_err_t err, const char *why) {
  static const char *const protocol[] = {"security.protocol", "PLAINTEXT broker listener",
                                         "wrong version number", "unexpected eof while reading"};
  for (size_t i = 0; i < PL_COUNT(protocol); i++)
    if (strstr(why, protocol[i])) return PL_TROUBLE_PROTOCOL;
  if (strstr(why, "SSL alert number")) return PL_TROUBLE_CERTIFICATE;
  if (err == RD_KAFKA_RESP_ERR__SSL) return PL_TROUBLE_TRUST;
  return err == RD_KAFKA_RESP_ERR__AUTHENTICATION ? PL_TROUBLE_LOGIN : PL_TROUBLE_SILENT;
}

bool pl_trouble_note(pl_trouble *t, rd_kafka_resp_err_t err, const char *why) {
  char text[sizeof t->why];
  const char *after = strstr(why, " (after "); /* how long it took, how often it was */
  (void)snprintf(text, sizeof text, "%.*s", after ? (int)(after - why) : (int)strlen(why), why);
  bool fresh = strcmp(text, t->why) != 0;
  t->kind = kind_of(err, why);
  memcpy(t->why, text, sizeof text);
  return fresh;
}

void pl_trouble_say(const pl_trouble *t, const char *brokers, pl_buf *out) {
  pl_buf_printf(out, "Kafka %s at %s%s%s; %s", words[t->kind].does, brokers, *t->why ? ": " : "", t->why,
                words[t->kind].remedy);
  if (t->kind == PL_TROUBLE_LOGIN && strstr(t->why, "SCRAM") && rd_kafka_version() < SCRAM_MENDED)
    pl_buf_printf(
        out,
        "; with SCRAM librdkafka before 2.6.1 (this is %s) cannot log in to Kafka 4: use PLAIN over "
        "TLS there",
        rd_kafka_version_str());
}
