/* The Kafka source without a broker: homes, refused configurations, nobody there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/kafka_conf.h"
#include "kafka_member.h"

static pl_kafka_config plain(void) {
  return (pl_kafka_config){.brokers = "127.0.0.1:1", .group = "g", .topics = {"crm.activities"}};
}

/* Kafka's own UtilsTest.testMurmur2; a partition is (hash & 0x7fffffff) % total. */
static void a_home_is_the_partition_that_javas_producer_chooses(void **state) {
  static const struct {
    const char *key;
    int32_t hash;
  } published[] = {{"21", -973932308},
                   {"foobar", -790332482},
                   {"a-little-bit-long-string", -985981536},
                   {"a-little-bit-longer-string", -1486304829},
                   {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
                   {"abc", 479470107}};
  (void)state;
  pl_err err;
  struct event_base *base = event_base_new();
  pl_kafka_config config = plain();
  pl_source *source = pl_kafka_new(base, &config, &err);
  assert_non_null(source);
  for (size_t i = 0; i < PL_COUNT(published); i++)
    for (int32_t total = 1; total < 200; total++)
      assert_int_equal(source->ops->home(source, pl_str_of(published[i].key), total),
                       (published[i].hash & 0x7fffffff) % total);
  pl_kafka_free(&source);
  event_base_free(base);
}

/* CRC-32 as in zlib, bit by bit. */
static uint32_t crc32_of(const char *text) {
  uint32_t crc = 0xffffffff;
  for (; *text; text++) {
    crc ^= (unsigned char)*text;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
  }
  return ~crc;
}

static void a_home_by_crc32_is_the_one_that_librdkafkas_default_chooses(void **state) {
  static const char *const keys[] = {"21", "foobar", "r1", "rep-000042", "a b"};
  (void)state;
  pl_err err;
  struct event_base *base = event_base_new();
  pl_kafka_config config = plain();
  config.partitioner = "crc32";
  pl_source *source = pl_kafka_new(base, &config, &err);
  assert_non_null(source);
  assert_int_equal(crc32_of("123456789"), 0xcbf43926); /* the published check value */
  for (size_t i = 0; i < PL_COUNT(keys); i++)
    for (int32_t total = 1; total < 200; total++)
      assert_int_equal(source->ops->home(source, pl_str_of(keys[i]), total),
                       crc32_of(keys[i]) % (uint32_t)total);
  pl_kafka_free(&source);
  event_base_free(base);
}

static void refuses(pl_kafka_config config, const char *said) {
  pl_err err = {""};
  int64_t live = pl_mem_live();
  struct event_base *base = event_base_new();
  assert_null(pl_kafka_new(base, &config, &err));
  if (!strstr(err.text, said)) fail_msg("expected \"%s\" in: %s", said, err.text);
  event_base_free(base);
  assert_int_equal(pl_mem_live(), live);
}

static void refuses_property(const char *name, const char *value, const char *said) {
  const pl_kafka_property property = {name, value, false};
  pl_kafka_config config = plain();
  config.properties = &property, config.nproperties = 1;
  refuses(config, said);
}

static void a_wrong_configuration_is_refused_by_option_with_the_remedy(void **state) {
  (void)state;
  pl_kafka_config config = plain();
  config.brokers = "";
  refuses(config, "kafka.brokers: nothing is given");
  config = plain(), config.group = NULL;
  refuses(config, "kafka.group: nothing is given");
  config = plain(), config.partitioner = "murmur3";
  refuses(config, "kafka.partitioner: found murmur3; expected murmur2");
  config = plain(), config.topics[PL_TOPIC_ACTIVITIES] = NULL;
  refuses(config, "kafka.topics.activities: nothing is given");
  config = plain(), config.topics[PL_TOPIC_GOALS] = "^crm.*";
  refuses(config, "kafka.topics.goals: found ^crm.*");
  config = plain(), config.topics[PL_TOPIC_TEAMS] = "crm.activities";
  refuses(config, "kafka.topics.teams: crm.activities is kafka.topics.activities already");
}

static void no_command_is_run_for_a_kerberos_ticket(void **state) {
  (void)state;
  const pl_kafka_property properties[] = {{"security.protocol", "sasl_plaintext", false},
                                          {"sasl.mechanism", "GSSAPI", false},
                                          {"sasl.kerberos.keytab", "/nowhere", false}};
  pl_kafka_config config = plain();
  config.properties = properties, config.nproperties = PL_COUNT(properties);
  pl_err err = {""};
  rd_kafka_t *rk = pl_handle_new(PL_HANDLE_OUT, &config, NULL, &err);
  assert_non_null(rk);
  char command[64];
  size_t room = sizeof command;
  assert_int_equal(rd_kafka_conf_get(rd_kafka_conf(rk), "sasl.kerberos.kinit.cmd", command, &room), 0);
  assert_string_equal(command, ":");
  rd_kafka_destroy(rk);
}

static void what_a_propertys_file_holds_is_not_in_the_message(void **state) {
  (void)state;
  const pl_kafka_property property = {"fetch.wait.max.ms", "canary", true};
  pl_kafka_config config = plain();
  config.properties = &property, config.nproperties = 1;
  refuses(config, "kafka.property_files: librdkafka refuses what the file of fetch.wait.max.ms holds");
}

static void properties_that_run_code_or_undo_a_guarantee_are_refused(void **state) {
  (void)state;
  refuses_property("plugin.library.paths", "x.so", "plugin.library.paths is not taken");
  refuses_property("sasl.kerberos.kinit.cmd", "sh", "sasl.kerberos.kinit.cmd is not taken");
  refuses_property("auto.offset.reset", "latest", "auto.offset.reset is always error");
  refuses_property("enable.auto.commit", "true", "enable.auto.commit is always false");
  refuses_property("group.id", "other", "use kafka.group");
  refuses_property("no.such.thing", "1", "no.such.thing");
  refuses_property("fetch.wait.max.ms", "soon", "fetch.wait.max.ms");
}

static bool is_down(void *ctx) { return ((member *)ctx)->states > 0; }

/* A port nobody listens on: bound, but not listening. */
static void a_broker_that_is_missing_is_named_and_waited_for_and_closing_works(void **state) {
  (void)state;
  int64_t live = pl_mem_live();
  char brokers[32];
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof at;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
  (void)snprintf(brokers, sizeof brokers, "127.0.0.1:%d", ntohs(at.sin_port));
  pl_kafka_config config = plain();
  config.brokers = brokers;
  member_crew crew = {.base = event_base_new()};
  member m = {0};
  member_start(&m, &crew, &config);
  AWAIT(&crew, is_down, &m);
  assert_false(m.up);
  assert_non_null(strstr(m.state, brokers));
  assert_int_equal(m.fatals, 0);
  member_close(&m);
  event_base_free(crew.base);
  close(fd);
  assert_int_equal(pl_mem_live(), live);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_home_is_the_partition_that_javas_producer_chooses),
      cmocka_unit_test(a_home_by_crc32_is_the_one_that_librdkafkas_default_chooses),
      cmocka_unit_test(a_wrong_configuration_is_refused_by_option_with_the_remedy),
      cmocka_unit_test(no_command_is_run_for_a_kerberos_ticket),
      cmocka_unit_test(what_a_propertys_file_holds_is_not_in_the_message),
      cmocka_unit_test(properties_that_run_code_or_undo_a_guarantee_are_refused),
      cmocka_unit_test(a_broker_that_is_missing_is_named_and_waited_for_and_closing_works),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
