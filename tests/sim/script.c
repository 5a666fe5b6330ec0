#include "script.h"

#include <stdio.h>

static pl_str of(const script_call *c, pl_str key, const char *field) {
  return data_field(c->d, key, pl_str_of(field));
}

/* As redis.call: what it says is not of interest here. */
static void call(script_call *c, const pl_str *args, size_t n) {
  pl_buf_clear(c->scratch);
  if (!data_run(c->d, args, n, c->scratch)) c->wrong = "a command that the model does not know";
}

static bool owns(const script_call *c) {
  pl_str owner = of(c, c->keys[0], "owner");
  return owner.p && pl_str_eq(owner, c->args[0]);
}

/* --- the one script that writes (codec/batch.c) */

static bool skips(script_call *c, size_t at, size_t *skip) {
  const pl_str *words = c->args + at;
  int64_t n = 0;
  if (pl_str_is(words[0], "NEW")) {
    bool is_new = !data_field(c->d, words[1], words[2]).p;
    if (is_new) call(c, (const pl_str[]){PL_STR("HSETNX"), words[1], words[2], words[3]}, 4);
    (void)pl_str_int(words[4], &n);
    *skip = is_new ? 0 : (size_t)n;
    return true;
  }
  bool there = pl_str_is(words[0], "THERE");
  if (!there && !pl_str_is(words[0], "GONE")) return false;
  (void)pl_str_int(words[3], &n);
  *skip = (data_field(c->d, words[1], words[2]).p != NULL) == there ? 0 : (size_t)n;
  return true;
}

/* Numbers are written with leading zeros, which Lua does not mind. */
static size_t count_of(pl_str s) {
  size_t v = 0;
  for (size_t i = 0; i < s.n; i++) v = 10 * v + (size_t)(s.p[i] - '0');
  return v;
}

static void batch(script_call *c) {
  if (!owns(c)) {
    data_status(c->out, "FENCED");
    return;
  }
  for (size_t i = 1; i < c->nargs;) {
    size_t words = count_of(c->args[i]), skip = 0;
    c->on_write(c->ctx, c->keys[0], c->args[0], c->args + i + 1, words);
    if (skips(c, i + 1, &skip)) {
      for (i += words + 1; skip > 0; skip--) i += count_of(c->args[i]) + 1;
    } else {
      call(c, c->args + i + 1, words);
      i += words + 1;
    }
  }
  data_status(c->out, "OK");
}

/* --- tenure.c */

static void claim(script_call *c) {
  pl_str had = of(c, c->keys[1], "partitions");
  char token[80];
  if (had.p && !pl_str_eq(had, c->args[1])) {
    (void)snprintf(token, sizeof token, "PARTITIONS %.*s", (int)had.n, had.p);
    data_error(c->out, token);
    return;
  }
  call(c, (const pl_str[]){PL_STR("HINCRBY"), c->keys[0], PL_STR("epoch"), PL_STR("1")}, 4);
  pl_str epoch = of(c, c->keys[0], "epoch");
  int n = snprintf(token, sizeof token, "%.*s-%.*s", (int)epoch.n, epoch.p, (int)c->args[0].n, c->args[0].p);
  pl_str owner = {token, (size_t)n};
  call(c,
       (const pl_str[]){PL_STR("HSET"), c->keys[0], PL_STR("owner"), owner, PL_STR("partitions"), c->args[1]},
       6);
  call(c,
       (const pl_str[]){PL_STR("HSET"), c->keys[1], PL_STR("contract"), PL_STR("1"), PL_STR("partitions"),
                        c->args[1], PL_STR("version"), c->args[2]},
       8);
  c->on_claim(c->ctx, c->keys[0], owner);
  static const char *const fields[] = {"offset", "batches",     "last",  "last_stamp",
                                       "origin", "complete_to", "stamp", "metrics"};
  data_array(c->out, 1 + PL_COUNT(fields) + c->nargs - 3);
  data_bulk(c->out, owner);
  for (size_t i = 0; i < PL_COUNT(fields); i++) data_bulk(c->out, of(c, c->keys[0], fields[i]));
  for (size_t i = 3; i < c->nargs; i++) {
    char field[300];
    (void)snprintf(field, sizeof field, "heard:%.*s", (int)c->args[i].n, c->args[i].p);
    data_bulk(c->out, of(c, c->keys[0], field));
  }
}

static void reclaim(script_call *c) {
  pl_str had = of(c, c->keys[0], "owner");
  if (had.p && !pl_str_eq(had, c->args[0])) {
    data_status(c->out, "FENCED");
    return;
  }
  size_t digits = 0;
  while (digits < c->args[0].n && c->args[0].p[digits] >= '0' && c->args[0].p[digits] <= '9') digits++;
  pl_str epoch = {c->args[0].p, digits};
  call(c, (const pl_str[]){PL_STR("HSET"), c->keys[0], PL_STR("owner"), c->args[0], PL_STR("epoch"), epoch},
       6);
  call(c,
       (const pl_str[]){PL_STR("HSET"), c->keys[1], PL_STR("contract"), PL_STR("1"), PL_STR("partitions"),
                        c->args[1], PL_STR("version"), c->args[2]},
       8);
  c->on_claim(c->ctx, c->keys[0], c->args[0]);
  data_status(c->out, "OK");
}

static void renew(script_call *c) {
  enum { LEASE = 8 };
  pl_str had = of(c, c->keys[0], "owner"), own = c->args[0];
  data_array(c->out, 3);
  if (had.p && pl_str_eq((pl_str){had.p, had.n - LEASE}, (pl_str){own.p, own.n - LEASE})) {
    call(c, (const pl_str[]){PL_STR("HSET"), c->keys[0], PL_STR("owner"), own}, 4);
    c->on_claim(c->ctx, c->keys[0], own);
    had = own;
  }
  data_bulk(c->out, had);
  data_bulk(c->out, of(c, c->keys[0], "batches"));
  data_bulk(c->out, of(c, c->keys[0], "offset"));
}

/* --- home.c, feed.c: over all marks */

static pl_str mark_of(const script_call *c, size_t p, char room[100]) {
  int n = snprintf(room, 100, "%.*s%zu", (int)c->keys[0].n, c->keys[0].p, p);
  return (pl_str){room, (size_t)n};
}

static void marks(script_call *c) {
  size_t n = count_of(c->args[0]);
  char room[100];
  data_array(c->out, 2 * n);
  for (size_t p = 0; p < n; p++) {
    pl_str key = mark_of(c, p, room), origin = of(c, key, "origin"), to = of(c, key, "complete_to");
    data_bulk(c->out, origin.p ? origin : PL_STR(""));
    data_bulk(c->out, to.p ? to : PL_STR(""));
  }
}

static void newest(script_call *c) {
  pl_str best = PL_STR("");
  char room[100];
  int64_t most = INT64_MIN, at;
  for (size_t p = 0; p < count_of(c->args[0]); p++) {
    pl_str key = mark_of(c, p, room);
    const pl_str both[] = {of(c, key, "stamp"), of(c, key, "origin")};
    for (size_t i = 0; i < 2; i++)
      if (both[i].p && pl_str_int(both[i], &at) && at > most) most = at, best = both[i];
  }
  data_bulk(c->out, best);
}

static void take(script_call *c) {
  if (!owns(c)) {
    data_status(c->out, "FENCED");
    return;
  }
  (void)data_run(c->d, (const pl_str[]){PL_STR("SMEMBERS"), c->keys[1]}, 2, c->out);
  call(c, (const pl_str[]){PL_STR("DEL"), c->keys[1]}, 2);
}

/* --- outbox.c */

static void sweep(script_call *c) {
  const data_object *done = owns(c) ? data_find(c->d, c->keys[1]) : NULL;
  double upto, at;
  int64_t n = 0;
  if (!pl_str_double(c->args[1], &upto)) upto = 0;
  for (pl_map_slot *s = NULL; done && (s = pl_map_next(&done->fields, s));) {
    char name[400];
    if (!pl_str_double(data_str(s->value), &at) || at > upto) continue;
    int len = snprintf(name, sizeof name, "%.*s", (int)s->key_len, s->key);
    pl_str old = {name, (size_t)len};
    call(c, (const pl_str[]){PL_STR("HDEL"), c->keys[2], old}, 3);
    call(c, (const pl_str[]){PL_STR("ZREM"), c->keys[1], old}, 3);
    n++, s = NULL;
    done = data_find(c->d, c->keys[1]);
  }
  data_int(c->out, n);
}

static const script scripts[] = {
    {0x0f6837369a91f94e, "batch", true, batch},  {0xcd34ffd442da67a1, "claim", true, claim},
    {0x227f9a609a57dcc0, "renew", true, renew},  {0x7f43b506aab6b7a9, "reclaim", true, reclaim},
    {0xd870e72fce8622f7, "marks", false, marks}, {0xc04722aaf68a920a, "newest", false, newest},
    {0xa9ef18a302a10853, "take", true, take},    {0x44e7b5c09da1b63c, "sweep", true, sweep},
};

uint64_t script_hash(pl_str text) { return pl_hash(text, 0); }

const script *script_find(uint64_t hash) {
  for (size_t i = 0; i < PL_COUNT(scripts); i++)
    if (scripts[i].hash == hash) return &scripts[i];
  return NULL;
}

const script *script_find_named(const char *name) {
  for (size_t i = 0; i < PL_COUNT(scripts); i++)
    if (strcmp(scripts[i].name, name) == 0) return &scripts[i];
  return NULL;
}
