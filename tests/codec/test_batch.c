/* The batch and its script on a real Redis: all of it by the owner, none of it by anybody else, and what is
 * to happen once happens once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/random.h"
#include "codec/keys.h"
#include "codec/redis_batch.h"

static redis_batch redis;

static int start(void **state) {
  (void)state;
  redis_batch_start(&redis);
  return 0;
}

static int stop(void **state) {
  (void)state;
  redis_batch_stop(&redis);
  return 0;
}

static int empty(void **state) {
  (void)state;
  freeReplyObject(redis_batch_ask(&redis, "FLUSHALL"));
  freeReplyObject(redis_batch_ask(&redis, "HSET pl:mark:0 owner 7-abc offset 5"));
  return 0;
}

static int64_t number(const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  redisReply *reply = redisvCommand(redis.link, fmt, args);
  va_end(args);
  int64_t v = reply->type == REDIS_REPLY_INTEGER ? reply->integer
              : reply->str                       ? strtoll(reply->str, NULL, 10)
                                                 : -1;
  freeReplyObject(reply);
  return v;
}

static void set(pl_batch *batch, const char *key, const char *value) {
  pl_batch_begin(batch, "SET");
  pl_batch_text(batch, key), pl_batch_text(batch, value);
  pl_batch_end(batch);
}

static void incr(pl_batch *batch, const char *key) {
  pl_batch_begin(batch, "INCR");
  pl_batch_text(batch, key);
  pl_batch_end(batch);
}

static void only_the_owner_in_the_mark_writes(void **state) {
  (void)state;
  static const char *const others[] = {"8-abc", "7-ab", "7-abcd", "", "7-ABC"};
  pl_batch batch;
  pl_batch_init(&batch);
  set(&batch, "a", "1"), incr(&batch, "n");
  for (size_t i = 0; i < PL_COUNT(others); i++)
    assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:0", others[i]), "FENCED");
  assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:1", "7-abc"), "FENCED"); /* no such mark */
  assert_int_equal(number("DBSIZE"), 1);
  assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:0", "7-abc"), "OK");
  assert_int_equal(number("GET a"), 1);
  assert_int_equal(number("GET n"), 1);
  pl_batch_fini(&batch);
}

static void an_empty_batch_asks_only_whether_i_am_the_owner(void **state) {
  (void)state;
  pl_batch batch;
  pl_batch_init(&batch);
  assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:0", "7-abc"), "OK");
  assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:0", "9-x"), "FENCED");
  pl_batch_fini(&batch);
}

static void a_hash_longer_than_lua_takes_at_once_is_written_whole(void **state) {
  (void)state;
  enum { FIELDS = 20000 };
  pl_batch batch;
  pl_batch_init(&batch);
  for (int written = 0; written < 2; written++) {
    const char *command = written ? "HDEL" : "HSET";
    pl_batch_clear(&batch);
    pl_batch_begin(&batch, command);
    pl_batch_text(&batch, "h");
    for (int i = 0; i < FIELDS; i++) {
      pl_batch_split(&batch, command, PL_STR("h"));
      pl_batch_int(&batch, i);
      if (!written) pl_batch_int(&batch, i);
    }
    pl_batch_end(&batch);
    assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:0", "7-abc"), "OK");
    assert_int_equal(number("HLEN h"), written ? 0 : FIELDS);
  }
  pl_batch_fini(&batch);
}

static void what_is_put_once_skips_exactly_its_own_commands(void **state) {
  (void)state;
  pl_random r = pl_random_of(pl_random_seed(71));
  int64_t before[64] = {0}, live = pl_mem_live(); /* counters, as they must be */
  bool there[8] = {0};
  for (int round = 0; round < 200; round++) {
    pl_batch batch;
    pl_batch_init(&batch);
    int commands = (int)pl_random_in(&r, 1, 12), skip = 0;
    for (int i = 0; i < commands; i++) {
      char name[16];
      int which = (int)pl_random_in(&r, 0, 63);
      if (skip == 0 && pl_random_chance(&r, 0.3)) {
        int entry = (int)pl_random_in(&r, 0, 7), covers = (int)pl_random_in(&r, 0, 3);
        (void)snprintf(name, sizeof name, "alert:%d", entry);
        bool new = pl_random_chance(&r, 0.6), gone = !new &&pl_random_chance(&r, 0.5);
        bool runs = (new || gone) != there[entry];
        if (gone)
          pl_batch_if_gone(&batch, PL_STR("outbox"), pl_str_of(name));
        else if (new)
          pl_batch_if_new(&batch, PL_STR("outbox"), pl_str_of(name), PL_STR("{}"));
        else
          pl_batch_if_there(&batch, PL_STR("outbox"), pl_str_of(name));
        /* the commands that it covers follow at once, with words in them that look like the script's own */
        for (int c = 0; c < covers; c++) {
          if (c % 2) {
            pl_batch_begin(&batch, "RPUSH");
            pl_batch_text(&batch, "list"), pl_batch_text(&batch, "NEW"), pl_batch_text(&batch, "00003");
            pl_batch_end(&batch);
          } else {
            (void)snprintf(name, sizeof name, "n%d", which);
            incr(&batch, name);
            before[which] += runs;
          }
        }
        pl_batch_if_end(&batch);
        there[entry] |= new;
        continue;
      }
      (void)snprintf(name, sizeof name, "n%d", which);
      incr(&batch, name);
      before[which]++;
    }
    assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:0", "7-abc"), "OK");
    pl_batch_fini(&batch);
    if (round % 20 == 0)
      memset(there, 0, sizeof there), freeReplyObject(redis_batch_ask(&redis, "DEL outbox"));
  }
  for (int i = 0; i < 64; i++) {
    int64_t is = number("GET n%d", i);
    assert_int_equal(is < 0 ? 0 : is, before[i]);
  }
  assert_int_equal(pl_mem_live(), live);
}

static void an_undone_command_leaves_nothing_behind(void **state) {
  (void)state;
  pl_batch batch;
  pl_batch_init(&batch);
  set(&batch, "a", "1");
  pl_batch_begin(&batch, "HSET");
  pl_batch_text(&batch, "h"), pl_batch_text(&batch, "f"), pl_batch_text(&batch, "v");
  assert_int_equal(pl_batch_words(&batch), 4);
  pl_batch_undo(&batch);
  incr(&batch, "n");
  assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:0", "7-abc"), "OK");
  assert_int_equal(number("EXISTS h"), 0);
  assert_int_equal(number("GET n"), 1);
  pl_batch_clear(&batch);
  assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:0", "7-abc"), "OK");
  assert_int_equal(number("GET n"), 1);
  pl_batch_fini(&batch);
}

static void bytes_of_every_kind_arrive_as_they_are(void **state) {
  (void)state;
  static const pl_str ids[] = {{"a:b", 3},        {" ", 1},     {"%", 1}, {"\xC3\xA4", 2},
                               {"\r\n$3\r\n", 6}, {"\0x\0", 3}, {"", 0}};
  pl_batch batch;
  pl_batch_init(&batch);
  for (size_t i = 0; i < PL_COUNT(ids); i++) {
    pl_key key = pl_key_rep("pl", ids[i]);
    pl_batch_begin(&batch, "HSET");
    pl_batch_arg(&batch, pl_key_str(&key)), pl_batch_arg(&batch, ids[i]), pl_batch_arg(&batch, ids[i]);
    pl_batch_end(&batch);
  }
  assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:0", "7-abc"), "OK");
  for (size_t i = 0; i < PL_COUNT(ids); i++) {
    pl_key key = pl_key_rep("pl", ids[i]);
    redisReply *reply = redis_batch_ask(&redis, "HGET %b %b", key.text, key.n, ids[i].p, ids[i].n);
    assert_int_equal(reply->type, REDIS_REPLY_STRING);
    assert_true(pl_str_eq((pl_str){reply->str, (size_t)reply->len}, ids[i]));
    freeReplyObject(reply);
  }
  pl_batch_fini(&batch);
}

static void the_widest_command_and_a_long_batch_pass_through_the_script(void **state) {
  (void)state;
  pl_batch batch;
  pl_batch_init(&batch);
  pl_batch_begin(&batch, "HSET");
  pl_batch_text(&batch, "wide");
  for (int i = 0; i < 3498; i++) pl_batch_int(&batch, i), pl_batch_int(&batch, -i);
  assert_int_equal(pl_batch_words(&batch), 6998);
  pl_batch_end(&batch);
  for (int i = 0; i < 20000; i++) incr(&batch, "n");
  assert_string_equal(redis_batch_send(&redis, &batch, "pl:mark:0", "7-abc"), "OK");
  assert_int_equal(number("HLEN wide"), 3498);
  assert_int_equal(number("HGET wide 3497"), -3497);
  assert_int_equal(number("GET n"), 20000);
  pl_batch_fini(&batch);
}

static void a_batch_beyond_its_maximum_says_so_and_is_never_sent(void **state) {
  (void)state;
  pl_batch batch;
  pl_buf out;
  pl_batch_init(&batch), pl_buf_init(&out, 16 << 20);
  char *large = pl_alloc(1 << 20);
  for (int i = 0; i < 9; i++) {
    pl_batch_begin(&batch, "SET");
    pl_batch_text(&batch, "k"), pl_batch_arg(&batch, (pl_str){large, 1 << 20});
    pl_batch_end(&batch);
  }
  pl_batch_finish(&batch, PL_STR("sha"), PL_STR("mark"), PL_STR("owner"), &out);
  assert_true(out.full);
  pl_release(large, 1 << 20);
  pl_buf_fini(&out), pl_batch_fini(&batch);
}

#define TEST(name) cmocka_unit_test_setup(name, empty)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(only_the_owner_in_the_mark_writes),
      TEST(an_empty_batch_asks_only_whether_i_am_the_owner),
      TEST(a_hash_longer_than_lua_takes_at_once_is_written_whole),
      TEST(what_is_put_once_skips_exactly_its_own_commands),
      TEST(an_undone_command_leaves_nothing_behind),
      TEST(bytes_of_every_kind_arrive_as_they_are),
      TEST(the_widest_command_and_a_long_batch_pass_through_the_script),
      TEST(a_batch_beyond_its_maximum_says_so_and_is_never_sent),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
