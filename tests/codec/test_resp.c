/* The encoder of commands against hiredis' own, and the classes of answers, a case a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>

#include "codec/resp.h"

static void random_commands_are_encoded_as_hiredis_does(void **state) {
  (void)state;
  const unsigned seed = 20260304;
  print_message("seed %u\n", seed);
  unsigned short rng[3] = {(unsigned short)seed, (unsigned short)(seed >> 16), 0};
  static char bytes[4096];
  for (int round = 0; round < 2000; round++) {
    const char *argv[20];
    size_t lengths[20], argc = 1 + (size_t)nrand48(rng) % 20;
    pl_buf buf;
    pl_buf_init(&buf, 1 << 20);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)nrand48(rng);
    pl_resp_begin(&buf, argc);
    for (size_t i = 0; i < argc; i++) {
      lengths[i] = (size_t)nrand48(rng) % (i % 3 ? 12 : 2000);
      argv[i] = bytes + (size_t)nrand48(rng) % 2000;
      pl_resp_arg(&buf, (pl_str){argv[i], lengths[i]});
    }
    char *theirs = NULL;
    int n = redisFormatCommandArgv(&theirs, (int)argc, argv, lengths);
    assert_int_equal(n, buf.n);
    assert_memory_equal(theirs, buf.p, buf.n);
    redisFreeCommand(theirs);
    pl_buf_fini(&buf);
  }
}

static void numbers_are_written_as_decimal_text(void **state) {
  (void)state;
  static const struct {
    int64_t value;
    const char *resp;
  } cases[] = {{0, "$1\r\n0\r\n"},
               {-7, "$2\r\n-7\r\n"},
               {INT64_MAX, "$19\r\n9223372036854775807\r\n"},
               {INT64_MIN, "$20\r\n-9223372036854775808\r\n"}};
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_buf buf;
    pl_buf_init(&buf, 64);
    pl_resp_arg_int(&buf, cases[i].value);
    assert_true(pl_str_is(pl_buf_str(&buf), cases[i].resp));
    pl_buf_fini(&buf);
  }
}

static void answers_are_classed_by_what_the_caller_does(void **state) {
  (void)state;
  static const struct {
    const char *text;
    pl_answer class;
  } errors[] = {
      {"NOSCRIPT No matching script.", PL_ANSWER_RETRY},
      {"LOADING Redis is loading the dataset in memory", PL_ANSWER_RETRY},
      {"READONLY You can't write against a read only replica.", PL_ANSWER_RETRY},
      {"MOVED 3999 127.0.0.1:6381", PL_ANSWER_RETRY},
      {"ASK 3999 127.0.0.1:6381", PL_ANSWER_RETRY},
      {"TRYAGAIN Multiple keys request during rehashing of slot", PL_ANSWER_RETRY},
      {"CLUSTERDOWN The cluster is down", PL_ANSWER_RETRY},
      {"OOM command not allowed when used memory > 'maxmemory'.", PL_ANSWER_RETRY},
      {"BUSY Redis is busy running a script.", PL_ANSWER_RETRY},
      {"NOREPLICAS Not enough good replicas to write.", PL_ANSWER_RETRY},
      {"MISCONF Redis is configured to save RDB snapshots", PL_ANSWER_RETRY},
      {"NOAUTH Authentication required.", PL_ANSWER_OPERATOR},
      {"NOPERM this user has no permissions to run the 'set' command", PL_ANSWER_OPERATOR},
      {"WRONGTYPE Operation against a key holding the wrong kind of value", PL_ANSWER_OPERATOR},
      {"CROSSSLOT Keys in request don't hash to the same slot", PL_ANSWER_OPERATOR},
      {"ERR unknown command 'FOO'", PL_ANSWER_OPERATOR},
      {"BUSYKEY Target key name already exists.", PL_ANSWER_OPERATOR},
      {"OOM", PL_ANSWER_RETRY},
      {"", PL_ANSWER_OPERATOR},
  };
  for (size_t i = 0; i < PL_COUNT(errors); i++) {
    const pl_reply reply = {.kind = PL_REPLY_ERROR, .s = pl_str_of(errors[i].text)};
    assert_int_equal(pl_reply_class(&reply), errors[i].class);
  }
  assert_int_equal(pl_reply_class(NULL), PL_ANSWER_UNKNOWN);
  assert_int_equal(pl_reply_class(&(pl_reply){.kind = PL_REPLY_NIL}), PL_ANSWER_OK);
  assert_int_equal(pl_reply_class(&(pl_reply){.kind = PL_REPLY_TEXT, .s = PL_STR("OOM")}), PL_ANSWER_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_commands_are_encoded_as_hiredis_does),
      cmocka_unit_test(numbers_are_written_as_decimal_text),
      cmocka_unit_test(answers_are_classed_by_what_the_caller_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
