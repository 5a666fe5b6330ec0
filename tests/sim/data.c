#include "data.h"

#include "base/mem.h"

/* --- answers */

void data_error(pl_buf *out, const char *text) { pl_buf_printf(out, "-%s\r\n", text); }
void data_int(pl_buf *out, int64_t v) { pl_buf_printf(out, ":%lld\r\n", (long long)v); }
void data_status(pl_buf *out, const char *text) { pl_buf_printf(out, "+%s\r\n", text); }
void data_array(pl_buf *out, size_t n) { pl_buf_printf(out, "*%zu\r\n", n); }
void data_bulk(pl_buf *out, pl_str s) {
  if (!s.p) {
    pl_buf_text(out, "$-1\r\n");
    return;
  }
  pl_buf_printf(out, "$%zu\r\n", s.n);
  pl_buf_str_put(out, s);
  pl_buf_text(out, "\r\n");
}

/* --- objects */

static data_text *text_new(pl_str s) {
  data_text *t = pl_alloc(sizeof *t + s.n + 1);
  t->n = s.n;
  if (s.n) memcpy(t->p, s.p, s.n);
  return t;
}

static void text_free(data_text *t) {
  if (t) pl_release(t, sizeof *t + t->n + 1);
}

void data_init(data *d) { *d = (data){.publish = d->publish, .ctx = d->ctx}; }

static void object_free(data_object *o) {
  for (pl_map_slot *s = NULL; (s = pl_map_next(&o->fields, s));)
    if (o->type != DATA_SET) text_free(s->value);
  for (size_t i = 0; i < o->n; i++) {
    for (size_t w = 0; w < o->entries[i].n; w++) text_free(o->entries[i].words[w]);
    pl_release(o->entries[i].words, o->entries[i].n * sizeof *o->entries[i].words);
  }
  pl_release(o->entries, o->room * sizeof *o->entries);
  pl_map_fini(&o->fields);
  pl_release(o, sizeof *o);
}

void data_clear(data *d) {
  for (pl_map_slot *s = NULL; (s = pl_map_next(&d->objects, s));) object_free(s->value);
  pl_map_fini(&d->objects);
}

const data_object *data_find(const data *d, pl_str key) { return pl_map_find(&d->objects, key); }

static data_object *open(data *d, pl_str key, data_type type) {
  void **place = pl_map_put(&d->objects, key);
  if (!*place) {
    data_object *o = *place = PL_NEW(data_object);
    o->type = type;
  }
  return *place;
}

static void drop_if_empty(data *d, pl_str key) {
  data_object *o = pl_map_find(&d->objects, key);
  if (!o || o->fields.n || o->n) return;
  object_free(o);
  pl_map_drop(&d->objects, key);
}

pl_str data_field(const data *d, pl_str key, pl_str field) {
  const data_object *o = data_find(d, key);
  const data_text *t = o && o->type != DATA_SET ? pl_map_find(&o->fields, field) : NULL;
  return t ? data_str(t) : (pl_str){NULL, 0};
}

pl_str data_word(const data_entry *e, const char *name) {
  for (size_t i = 0; i + 1 < e->n; i += 2)
    if (pl_str_is(data_str(e->words[i]), name)) return data_str(e->words[i + 1]);
  return (pl_str){"", 0};
}

/* --- commands: args[0] is the name; true, and an answer */

typedef bool command_fn(data *d, const pl_str *args, size_t n, pl_buf *out);

static bool put_field(data *d, pl_str key, data_type type, pl_str field, pl_str value) {
  void **place = pl_map_put(&open(d, key, type)->fields, field);
  bool is_new = !*place;
  text_free(*place);
  *place = text_new(value);
  return is_new;
}

static bool hset(data *d, const pl_str *args, size_t n, pl_buf *out) {
  int64_t added = 0;
  if (n < 4 || n % 2) return false;
  for (size_t i = 2; i + 1 < n; i += 2) added += put_field(d, args[1], DATA_HASH, args[i], args[i + 1]);
  data_int(out, added);
  return true;
}

static bool hsetnx(data *d, const pl_str *args, size_t n, pl_buf *out) {
  if (n != 4) return false;
  bool is_new = !data_field(d, args[1], args[2]).p;
  if (is_new) put_field(d, args[1], DATA_HASH, args[2], args[3]);
  data_int(out, is_new);
  return true;
}

static bool hincrby(data *d, const pl_str *args, size_t n, pl_buf *out) {
  int64_t was = 0, by;
  char digits[24];
  pl_buf text = {.p = digits, .room = sizeof digits, .max = sizeof digits};
  if (n != 4 || !pl_str_int(args[3], &by)) return false;
  pl_str old = data_field(d, args[1], args[2]);
  if (old.p && !pl_str_int(old, &was)) return false;
  pl_buf_int(&text, was + by);
  put_field(d, args[1], DATA_HASH, args[2], pl_buf_str(&text));
  data_int(out, was + by);
  return true;
}

static bool hget(data *d, const pl_str *args, size_t n, pl_buf *out) {
  if (n != 3) return false;
  data_bulk(out, data_field(d, args[1], args[2]));
  return true;
}

static bool hexists(data *d, const pl_str *args, size_t n, pl_buf *out) {
  if (n != 3) return false;
  data_int(out, data_field(d, args[1], args[2]).p != NULL);
  return true;
}

static bool hmget(data *d, const pl_str *args, size_t n, pl_buf *out) {
  if (n < 3) return false;
  data_array(out, n - 2);
  for (size_t i = 2; i < n; i++) data_bulk(out, data_field(d, args[1], args[i]));
  return true;
}

static bool hgetall(data *d, const pl_str *args, size_t n, pl_buf *out) {
  const data_object *o = n == 2 ? data_find(d, args[1]) : NULL;
  if (n != 2) return false;
  data_array(out, o ? 2 * o->fields.n : 0);
  for (pl_map_slot *s = NULL; o && (s = pl_map_next(&o->fields, s));) {
    data_bulk(out, (pl_str){s->key, s->key_len});
    data_bulk(out, data_str(s->value));
  }
  return true;
}

/* HDEL, SREM, ZREM */
static bool remove_fields(data *d, const pl_str *args, size_t n, pl_buf *out) {
  data_object *o = n >= 3 ? pl_map_find(&d->objects, args[1]) : NULL;
  int64_t gone = 0;
  if (n < 3) return false;
  for (size_t i = 2; o && i < n; i++) {
    void *value = pl_map_find(&o->fields, args[i]);
    if (!value) continue;
    if (o->type != DATA_SET) text_free(value);
    pl_map_drop(&o->fields, args[i]);
    gone++;
  }
  drop_if_empty(d, args[1]);
  data_int(out, gone);
  return true;
}

/* DEL, UNLINK */
static bool del(data *d, const pl_str *args, size_t n, pl_buf *out) {
  int64_t gone = 0;
  if (n < 2) return false;
  for (size_t i = 1; i < n; i++) {
    data_object *o = pl_map_find(&d->objects, args[i]);
    if (!o) continue;
    object_free(o);
    pl_map_drop(&d->objects, args[i]);
    gone++;
  }
  data_int(out, gone);
  return true;
}

static bool sadd(data *d, const pl_str *args, size_t n, pl_buf *out) {
  int64_t added = 0;
  if (n < 3) return false;
  for (size_t i = 2; i < n; i++) {
    data_object *o = open(d, args[1], DATA_SET);
    void **place = pl_map_put(&o->fields, args[i]);
    added += !*place;
    *place = o;
  }
  data_int(out, added);
  return true;
}

static bool smembers(data *d, const pl_str *args, size_t n, pl_buf *out) {
  const data_object *o = n == 2 ? data_find(d, args[1]) : NULL;
  if (n != 2) return false;
  data_array(out, o ? o->fields.n : 0);
  for (pl_map_slot *s = NULL; o && (s = pl_map_next(&o->fields, s));)
    data_bulk(out, (pl_str){s->key, s->key_len});
  return true;
}

/* SSCAN key cursor COUNT n: a small set comes whole. */
static bool sscan(data *d, const pl_str *args, size_t n, pl_buf *out) {
  if (n != 5 || !pl_str_is(args[2], "0")) return false;
  data_array(out, 2);
  data_bulk(out, PL_STR("0"));
  return smembers(d, args, 2, out);
}

static bool zadd(data *d, const pl_str *args, size_t n, pl_buf *out) {
  double score;
  if (n != 4 || !pl_str_double(args[2], &score)) return false;
  data_int(out, put_field(d, args[1], DATA_ZSET, args[3], args[2]));
  return true;
}

/* XADD key MAXLEN ~ n * field value... */
static bool xadd(data *d, const pl_str *args, size_t n, pl_buf *out) {
  if (n < 8 || n % 2 || !pl_str_is(args[2], "MAXLEN") || !pl_str_is(args[5], "*")) return false;
  data_object *o = open(d, args[1], DATA_STREAM);
  if (o->n == o->room) {
    size_t room = o->room ? 2 * o->room : 8;
    o->entries = pl_resize(o->entries, o->room * sizeof *o->entries, room * sizeof *o->entries);
    o->room = room;
  }
  data_entry *e = &o->entries[o->n++];
  *e = (data_entry){pl_alloc((n - 6) * sizeof *e->words), n - 6};
  for (size_t i = 6; i < n; i++) e->words[i - 6] = text_new(args[i]);
  data_status(out, "1-1");
  return true;
}

static bool publish(data *d, const pl_str *args, size_t n, pl_buf *out) {
  if (n != 3) return false;
  if (d->publish) d->publish(d->ctx, args[1], args[2]);
  data_int(out, 0);
  return true;
}

static bool expire(data *d, const pl_str *args, size_t n, pl_buf *out) {
  int64_t s;
  (void)d;
  if (n != 3 || !pl_str_int(args[2], &s)) return false;
  data_int(out, 1);
  return true;
}

static const struct {
  const char *name;
  command_fn *fn;
} commands[] = {
    {"HSET", hset},          {"HSETNX", hsetnx},      {"HINCRBY", hincrby}, {"HGET", hget},
    {"HEXISTS", hexists},    {"HMGET", hmget},        {"HGETALL", hgetall}, {"HDEL", remove_fields},
    {"SREM", remove_fields}, {"ZREM", remove_fields}, {"DEL", del},         {"UNLINK", del},
    {"SADD", sadd},          {"SMEMBERS", smembers},  {"SSCAN", sscan},     {"ZADD", zadd},
    {"XADD", xadd},          {"PUBLISH", publish},    {"EXPIRE", expire},   {"EXPIREAT", expire}};

bool data_run(data *d, const pl_str *args, size_t n, pl_buf *out) {
  for (size_t i = 0; n && i < PL_COUNT(commands); i++)
    if (pl_str_is(args[0], commands[i].name)) return commands[i].fn(d, args, n, out);
  return false;
}
