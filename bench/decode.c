/* Decode: what it costs to make an event of bytes: `decode [ROUNDS [SEED [ONLY]]]`, default 40; ONLY: one
 * of the six, for a profile.
 *
 * Avro: the same 138-byte messages of one schema (twelve fields, eight of them wanted) by
 * - hand: a decoder written for that schema, with the checks that untrusted bytes need, into the event;
 * - plan: pl_events_decode(): the writer's schema and a mapping, compiled;
 * - avro-c: its generic reader, which makes a tree of values, from which the event is filled. It checks less.
 *
 * All three judge ids as paceline does.
 *
 * JSON: the same events as objects of some 300 bytes, by
 * - plan: pl_json_plan_run(), the same eight paths;
 * - jansson: json_loadb() and a look at the eight, the only library of JSON in C that paceline has anyway.
 *
 * In each round each reads all the messages, one after the other; medians with their range. That all have
 * read the same is added up and compared. */
#include <avro.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "codec/event_decode.h"
#include "codec/json_plan.h"

enum { MESSAGES = 20000, READERS = 6, OF_AVRO = 3, ROUNDS_MAX = 1000 };

static const char schema_text[] =
    "{\"type\":\"record\",\"name\":\"CrmActivity\",\"namespace\":\"crm\",\"fields\":["
    "{\"name\":\"event_id\",\"type\":\"string\"},{\"name\":\"rep_id\",\"type\":\"string\"},"
    "{\"name\":\"team_id\",\"type\":\"string\"},{\"name\":\"account_id\",\"type\":\"string\"},"
    "{\"name\":\"type\",\"type\":{\"type\":\"enum\",\"name\":\"T\",\"symbols\":[\"CALL\",\"EMAIL\","
    "\"MEETING\","
    "\"DEMO\",\"PROPOSAL\",\"WON\",\"LOST\",\"NOTE\"]}},"
    "{\"name\":\"channel\",\"type\":{\"type\":\"enum\",\"name\":\"C\",\"symbols\":[\"PHONE\",\"EMAIL\","
    "\"WEB\","
    "\"INPERSON\"]}},"
    "{\"name\":\"direction\",\"type\":{\"type\":\"enum\",\"name\":\"D\",\"symbols\":[\"IN\",\"OUT\",\"NA\"]}}"
    ","
    "{\"name\":\"occurred_at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}},"
    "{\"name\":\"amount\",\"type\":[\"null\",\"long\"]},{\"name\":\"product\",\"type\":[\"null\",\"string\"]}"
    ","
    "{\"name\":\"territory\",\"type\":[\"null\",\"string\"]},{\"name\":\"stage\",\"type\":[\"null\","
    "\"string\"]}]}";

/* Ours are theirs, in another order. */
static const char *const
    types[] = {"WON", "CALL", "DEMO", "MEETING", "EMAIL", "PROPOSAL"},
    *const kinds[] = {"CALL", "EMAIL", "MEETING", "DEMO", "PROPOSAL", "WON", "LOST", "NOTE"},
    *const channels[] = {"PHONE", "EMAIL", "WEB", "INPERSON"}, *const directions[] = {"IN", "OUT", "NA"};
static const int kind_types[] = {1, 4, 3, 2, 5, 0, PL_TYPE_OTHER, PL_TYPE_OTHER};
static const char *const products[] = {"Enterprise-CRM", "Analytics-Pro", "Mobile-Addon", "Support-Gold"},
                         *const territories[] = {"EMEA-North", "EMEA-South", "AMER-West", "AMER-East",
                                                 "APAC"},
                         *const stages[] = {"Prospecting", "Qualified", "Negotiation", "Closed-Won"};
enum { AMOUNT, PRODUCT, CHANNEL, TERRITORY, FIELDS };
static const char *const fields[] = {"amount", "product", "channel", "territory"};
static const pl_metric metrics[] = {{.name = "revenue", .kind = PL_SUM_OF, .types = 1, .field = AMOUNT}};
static const pl_policy policy = {.types = types,
                                 .ntypes = PL_COUNT(types),
                                 .fields = fields,
                                 .nfields = FIELDS,
                                 .metrics = metrics,
                                 .nmetrics = 1};
static const pl_mapping mapping = {
    .id = "event_id",
    .rep = {.paths = {"rep_id"}},
    .at = {.paths = {"occurred_at"}},
    .at_of_day = -1,
    .type = {.paths = {"type"}},
    .fields = {
        {.paths = {"amount"}}, {.paths = {"product"}}, {.paths = {"channel"}}, {.paths = {"territory"}}}};
static const pl_want wants[] = {{.path = "event_id"}, {.path = "rep_id"},   {.path = "occurred_at"},
                                {.path = "type"},     {.path = "amount"},   {.path = "product"},
                                {.path = "channel"},  {.path = "territory"}};

static pl_buf avro, json;
static pl_str bodies[MESSAGES], objects[MESSAGES];
static uint64_t state;
static pl_event_reader *reader, *json_reader;
static pl_json_room room;
static pl_json_plan *json_plan;
static avro_value_t generic;

static uint64_t next(void) { /* splitmix64, public domain */
  uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

static void put(const char *name, const char *text, bool optional) {
  if (optional) pl_buf_zigzag(&avro, text ? 1 : 0);
  if (text) pl_buf_zigzag(&avro, (int64_t)strlen(text)), pl_buf_text(&avro, text);
  pl_buf_printf(&json, text ? ",\"%s\":\"%s\"" : ",\"%s\":null", name, text);
}

/* One event, in both forms. */
static void make(size_t *avro_at, size_t *json_at) {
  char id[40], rep[24], team[24], account[24], at[40];
  uint64_t a = next(), b = next(), d = next();
  uint32_t nth = (uint32_t)(next() % 20000);
  int64_t ms = INT64_C(1772582400000) + (int64_t)(d >> 8) % 600000;
  *avro_at = avro.n, *json_at = json.n;
  (void)snprintf(id, sizeof id, "%08x-%04x-%04x-%04x-%012llx", (unsigned)a, (unsigned)(a >> 32 & 0xFFFF),
                 (unsigned)(a >> 48), (unsigned)(b & 0xFFFF), (unsigned long long)(b >> 16));
  (void)snprintf(rep, sizeof rep, "0055e%013u", nth),
      (void)snprintf(team, sizeof team, "00G5e%013u", nth / 12);
  (void)snprintf(account, sizeof account, "0015e%013u", (unsigned)(next() % 5000000));
  pl_buf_printf(&json, "{\"attributes\":{\"type\":\"Activity\",\"version\":58}");
  put("event_id", id, false), put("rep_id", rep, false), put("team_id", team, false);
  put("account_id", account, false);
  pl_buf_zigzag(&avro, (int64_t)(d & 7)), pl_buf_zigzag(&avro, (int64_t)(d >> 3 & 3));
  pl_buf_zigzag(&avro, (int64_t)((d >> 5) % 3)), pl_buf_zigzag(&avro, ms);
  (void)snprintf(at, sizeof at, "%lld", (long long)ms);
  pl_buf_printf(&json, ",\"type\":\"%s\",\"channel\":\"%s\",\"direction\":\"%s\",\"occurred_at\":%s",
                kinds[d & 7], channels[d >> 3 & 3], directions[(d >> 5) % 3], at);
  bool amount = d >> 30 & 1;
  pl_buf_zigzag(&avro, amount);
  if (amount) pl_buf_zigzag(&avro, (int64_t)((d >> 31) % 50000000));
  if (amount)
    pl_buf_printf(&json, ",\"amount\":%lld", (long long)((d >> 31) % 50000000));
  else
    pl_buf_text(&json, ",\"amount\":null");
  put("product", d >> 40 & 3 ? products[d >> 42 & 3] : NULL, true);
  put("territory", d >> 44 & 7 ? territories[(d >> 47) % 5] : NULL, true);
  put("stage", d >> 50 & 1 ? stages[d >> 51 & 3] : NULL, true);
  pl_buf_char(&json, '}');
}

/* What was read, so that nobody reads less. */
static uint64_t sum_of(const pl_event *e) {
  uint64_t sum = e->id.n + (unsigned char)e->id.p[0] + e->rep.n + (unsigned char)e->rep.p[e->rep.n - 1];
  sum += (uint64_t)e->at.ms + (uint64_t)(e->type + 2);
  if (e->fields[AMOUNT].kind == PL_INT) sum += (uint64_t)e->fields[AMOUNT].i;
  for (size_t i = PRODUCT; i < FIELDS; i++)
    if (e->fields[i].kind == PL_TEXT) sum += e->fields[i].s.n;
  return sum;
}

/* --- a decoder for this schema */

static const uint8_t *get_long(const uint8_t *p, const uint8_t *end, int64_t *out) {
  uint64_t v = 0;
  for (unsigned shift = 0; p < end && shift < 64; shift += 7) {
    uint8_t b = *p++;
    if (shift == 63 && b > 1) return NULL;
    v |= (uint64_t)(b & 0x7F) << shift;
    if (!(b & 0x80)) {
      *out = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
      return p;
    }
  }
  return NULL;
}

static const uint8_t *get_text(const uint8_t *p, const uint8_t *end, pl_str *out) {
  int64_t n;
  if (!(p = get_long(p, end, &n)) || n < 0 || n > end - p) return NULL;
  *out = (pl_str){(const char *)p, (size_t)n};
  return p + n;
}

static const uint8_t *get_optional(const uint8_t *p, const uint8_t *end, pl_value *out) {
  int64_t branch;
  out->kind = PL_NONE;
  if (!(p = get_long(p, end, &branch)) || branch < 0 || branch > 1) return NULL;
  if (branch == 0) return p;
  *out = (pl_value){.kind = PL_TEXT};
  if (!(p = get_text(p, end, &out->s)) || out->s.n > PL_FIELD_MAX || !pl_str_utf8(out->s)) return NULL;
  return p;
}

static bool judge(pl_event *e) {
  e->retracts = e->currency = (pl_str){"", 0}, e->zone = NULL, e->goal = NULL, e->answer = NULL;
  e->at_is_local = e->more = false;
  return e->id.n && e->id.n <= PL_ID_MAX && pl_str_clean(e->id) && e->rep.n && e->rep.n <= PL_ID_MAX &&
         pl_str_clean(e->rep) && e->at.ms >= -INT64_C(62135596800000) && e->at.ms <= INT64_C(253402300799999);
}

static bool by_hand(pl_str body, pl_event *e) {
  const uint8_t *p = (const uint8_t *)body.p, *end = p + body.n;
  pl_str skipped;
  int64_t kind, channel, direction, branch;
  if (!(p = get_text(p, end, &e->id)) || !(p = get_text(p, end, &e->rep)) ||
      !(p = get_text(p, end, &skipped)) || !(p = get_text(p, end, &skipped)) ||
      !(p = get_long(p, end, &kind)) || kind < 0 || kind > 7 || !(p = get_long(p, end, &channel)) ||
      channel < 0 || channel > 3 || !(p = get_long(p, end, &direction)) || direction < 0 || direction > 2 ||
      !(p = get_long(p, end, &e->at.ms)) || !(p = get_long(p, end, &branch)) || branch < 0 || branch > 1)
    return false;
  e->type = kind_types[kind];
  e->fields[AMOUNT] = (pl_value){.kind = branch ? PL_INT : PL_NONE};
  if (branch && !(p = get_long(p, end, &e->fields[AMOUNT].i))) return false;
  e->fields[CHANNEL] = (pl_value){.kind = PL_TEXT, .s = pl_str_of(channels[channel])};
  if (!(p = get_optional(p, end, &e->fields[PRODUCT])) ||
      !(p = get_optional(p, end, &e->fields[TERRITORY])) || !(p = get_long(p, end, &branch)) || branch < 0 ||
      branch > 1 || (branch && !(p = get_text(p, end, &skipped))))
    return false;
  return p == end && judge(e);
}

/* --- by libraries */

/* A field, or what is in its union. */
static bool field_at(const avro_value_t *record, const char *name, avro_value_t *out) {
  avro_value_t field = {0};
  if (avro_value_get_by_name(record, name, &field, NULL) != 0) return false;
  *out = field;
  return avro_value_get_type(&field) != AVRO_UNION || avro_value_get_current_branch(&field, out) == 0;
}

static bool text_at(const avro_value_t *record, const char *name, pl_value *out) {
  avro_value_t field;
  const char *text;
  size_t n;
  *out = (pl_value){.kind = PL_NONE};
  if (!field_at(record, name, &field)) return false;
  if (avro_value_get_type(&field) != AVRO_STRING) return true;
  if (avro_value_get_string(&field, &text, &n) != 0) return false;
  *out = (pl_value){.kind = PL_TEXT, .s = {text, n - 1}};
  return true;
}

static bool by_avro_c(pl_str body, pl_event *e) {
  avro_reader_t from = avro_reader_memory(body.p, (int64_t)body.n);
  avro_value_t kind, channel, at, amount;
  pl_value id, rep;
  int ordinal, channels_ordinal;
  bool fine = avro_value_reset(&generic) == 0 && avro_value_read(from, &generic) == 0;
  avro_reader_free(from);
  if (!fine || !text_at(&generic, "event_id", &id) || !text_at(&generic, "rep_id", &rep) ||
      !field_at(&generic, "type", &kind) || avro_value_get_enum(&kind, &ordinal) != 0 ||
      !field_at(&generic, "channel", &channel) || avro_value_get_enum(&channel, &channels_ordinal) != 0 ||
      !field_at(&generic, "occurred_at", &at) || avro_value_get_long(&at, &e->at.ms) != 0 ||
      !field_at(&generic, "amount", &amount) || !text_at(&generic, "product", &e->fields[PRODUCT]) ||
      !text_at(&generic, "territory", &e->fields[TERRITORY]))
    return false;
  e->id = id.s, e->rep = rep.s, e->type = kind_types[ordinal];
  e->fields[CHANNEL] = (pl_value){.kind = PL_TEXT, .s = pl_str_of(channels[channels_ordinal])};
  e->fields[AMOUNT] = (pl_value){.kind = PL_NONE};
  if (avro_value_get_type(&amount) == AVRO_INT64) {
    e->fields[AMOUNT].kind = PL_INT;
    if (avro_value_get_long(&amount, &e->fields[AMOUNT].i) != 0) return false;
  }
  return judge(e);
}

static bool json_text(const json_t *object, const char *name, pl_value *out) {
  const json_t *text = json_object_get(object, name);
  *out = (pl_value){.kind = json_is_string(text) ? PL_TEXT : PL_NONE};
  if (text && out->kind == PL_TEXT) out->s = (pl_str){json_string_value(text), json_string_length(text)};
  return out->kind == PL_TEXT;
}

static int type_of(pl_str word) {
  for (size_t i = 0; i < PL_COUNT(types); i++)
    if (pl_str_is(word, types[i])) return (int)i;
  return PL_TYPE_OTHER;
}

static bool by_jansson(pl_str text, pl_event *e, uint64_t *sum) {
  pl_value id, rep, kind;
  json_t *object = json_loadb(text.p, text.n, 0, NULL);
  bool fine = object && json_text(object, "event_id", &id) && json_text(object, "rep_id", &rep) &&
              json_text(object, "type", &kind);
  if (fine) {
    const json_t *amount = json_object_get(object, "amount");
    e->id = id.s, e->rep = rep.s, e->type = type_of(kind.s);
    e->at.ms = json_integer_value(json_object_get(object, "occurred_at"));
    e->fields[AMOUNT] =
        (pl_value){.kind = json_is_integer(amount) ? PL_INT : PL_NONE, .i = json_integer_value(amount)};
    (void)json_text(object, "product", &e->fields[PRODUCT]),
        (void)json_text(object, "channel", &e->fields[CHANNEL]);
    (void)json_text(object, "territory", &e->fields[TERRITORY]);
    fine = judge(e);
    *sum += sum_of(e); /* it owns the texts */
  }
  json_decref(object);
  return fine;
}

static bool by_json_plan(pl_str text, pl_event *e) {
  pl_slot slots[PL_COUNT(wants)];
  if (pl_json_plan_run(json_plan, text, &room, slots, NULL, NULL, NULL) != PL_APPLIED) return false;
  e->id = slots[0].value.s, e->rep = slots[1].value.s, e->at.ms = slots[2].value.i,
  e->type = type_of(slots[3].value.s);
  for (size_t i = 0; i < FIELDS; i++)
    e->fields[i] = slots[4 + i].node ? slots[4 + i].value : (pl_value){.kind = PL_NONE};
  return judge(e);
}

/* --- */

static const char *const names[READERS] = {"Avro, hand-written", "Avro, plan and mapping", "Avro, avro-c",
                                           "JSON, plan",         "JSON, plan and mapping", "JSON, jansson"};

static bool read_one(int how, size_t i, pl_made *made, uint64_t *sum) {
  size_t n = 1;
  bool fine = false;
  switch (how) {
  case 0: fine = by_hand(bodies[i], &made->event); break;
  case 1: fine = pl_events_decode(reader, bodies[i], &room, made, &n, NULL) == PL_APPLIED && n == 1; break;
  case 2: fine = by_avro_c(bodies[i], &made->event); break;
  case 3: fine = by_json_plan(objects[i], &made->event); break;
  case 4:
    fine = pl_events_decode(json_reader, objects[i], &room, made, &n, NULL) == PL_APPLIED && n == 1;
    break;
  default: return by_jansson(objects[i], &made->event, sum);
  }
  *sum += fine ? sum_of(&made->event) : 0;
  return fine;
}

static double now_ns(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void set_up(void) {
  size_t at[MESSAGES + 1], object[MESSAGES + 1];
  pl_schema *schema;
  pl_err err;
  avro_schema_t theirs;
  pl_buf_init(&avro, 1 << 26), pl_buf_init(&json, 1 << 26);
  for (size_t i = 0; i < MESSAGES; i++) make(&at[i], &object[i]);
  at[MESSAGES] = avro.n, object[MESSAGES] = json.n;
  for (size_t i = 0; i < MESSAGES; i++) {
    bodies[i] = (pl_str){avro.p + at[i], at[i + 1] - at[i]};
    objects[i] = (pl_str){json.p + object[i], object[i + 1] - object[i]};
  }
  if (pl_schema_new(&schema, pl_str_of(schema_text), &err) != PL_OK ||
      pl_event_reader_new(&reader, PL_FORM_AVRO, schema, &mapping, 1, &policy, &err) != PL_OK ||
      pl_event_reader_new(&json_reader, PL_FORM_JSON, NULL, &mapping, 1, &policy, &err) != PL_OK ||
      pl_json_plan_new(&json_plan, wants, PL_COUNT(wants), &err) != PL_OK ||
      avro_schema_from_json_length(schema_text, sizeof schema_text - 1, &theirs) != 0) {
    (void)fprintf(stderr, "decode: %s\n", err.text);
    exit(1);
  }
  (void)avro_generic_value_new(avro_generic_class_from_schema(theirs), &generic);
}

int main(int argc, char **argv) {
  static double took[READERS][ROUNDS_MAX];
  static pl_made made;
  uint64_t sums[READERS] = {0};
  long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 40;
  int only = argc > 3 ? (int)strtol(argv[3], NULL, 10) : -1;
  state = argc > 2 ? strtoull(argv[2], NULL, 10) : 20260304;
  if (rounds < 1 || rounds > ROUNDS_MAX) return 2;
  set_up();
  double bytes = (double)avro.n / MESSAGES, json_bytes = (double)json.n / MESSAGES, middle[READERS];
  for (long r = -1; r < rounds; r++) /* the first one warms up */
    for (int how = 0; how < READERS; how++) {
      if (only >= 0 && how != only) continue;
      sums[how] = 0;
      double from = now_ns();
      for (size_t i = 0; i < MESSAGES; i++)
        if (!read_one(how, i, &made, &sums[how])) {
          (void)fprintf(stderr, "decode: %s refuses message %zu\n", names[how], i);
          return 1;
        }
      if (r >= 0) took[how][r] = (now_ns() - from) / MESSAGES;
      if (only < 0 && sums[how] != sums[0]) {
        (void)fprintf(stderr, "decode: %s has read something else\n", names[how]);
        return 1;
      }
    }
  printf("%d messages, %.0f bytes of Avro without their five in front, %.0f of JSON; %ld rounds\n\n",
         MESSAGES, bytes, json_bytes, rounds);
  printf("| | ns an event | MB/s | beside |\n|---|---|---|---|\n");
  for (int how = 0; how < READERS; how++) {
    qsort(took[how], (size_t)rounds, sizeof took[how][0], by_size);
    middle[how] = took[how][rounds / 2];
  }
  for (int how = 0; how < READERS; how++)
    printf("| %s | %.0f (%.0f-%.0f) | %.0f | %.2f |\n", names[how], middle[how], took[how][0],
           took[how][rounds - 1], (how < OF_AVRO ? bytes : json_bytes) / middle[how] * 1e3,
           middle[how] / middle[how < OF_AVRO ? 0 : OF_AVRO]);
  printf("\nplan: %.2f of hand-written (bar 1.5), avro-c: %.1f of plan (bar 10)\n", middle[1] / middle[0],
         middle[2] / middle[1]);
  return 0;
}
