/* Scalar: the option types that are one text in the file: read, described, written.
 *
 * Reading is strict: the whole text, a unit wherever a unit belongs, no second spelling. What is written is
 * read back as the same value. */
#include <ctype.h>
#include <stdio.h>

#include "base/secret.h"
#include "config/option.h"

enum { NAME_MAX_BYTES = 64, TOPIC_MAX_BYTES = 249, TEXT_MAX_BYTES = 1024 };

typedef struct {
  const char *name;
  int64_t size;
} unit;
static const unit time_units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
static const unit size_units[] = {{"B", 1}, {"KiB", 1024}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
static const unit work_units[] = {{"wmin", 60}, {"wh", 3600}};

/* `10s` by a list of units; false too when it does not fit. */
static bool read_quantity(pl_str text, const unit *units, size_t n, int64_t *out) {
  size_t digits = 0;
  while (digits < text.n && isdigit((unsigned char)text.p[digits])) digits++;
  int64_t v;
  if (!pl_str_int((pl_str){text.p, digits}, &v)) return false;
  for (size_t i = 0; i < n; i++)
    if (pl_str_is((pl_str){text.p + digits, text.n - digits}, units[i].name))
      return !__builtin_mul_overflow(v, units[i].size, out);
  return false;
}

/* In the largest unit that leaves no rest. */
static void write_quantity(pl_buf *out, int64_t v, const unit *units, size_t n) {
  size_t i = n - 1;
  while (i > 0 && (v == 0 || v % units[i].size != 0)) i--;
  if (v == 0 && n > 1) i = 1; /* 0s, 0wh: nobody writes 0ms */
  pl_buf_int(out, v / units[i].size);
  pl_buf_text(out, units[i].name);
}

bool pl_work_parse(pl_str text, pl_work *out) {
  int64_t v;
  pl_work work = {0, 0};
  if (read_quantity(text, work_units, PL_COUNT(work_units), &v) && v <= 1000 * 3600)
    work.seconds = (int32_t)v;
  else if (read_quantity(text, (const unit[]){{"wd", 1}}, 1, &v) && v <= 1000)
    work.days = (int32_t)v;
  else
    return false;
  *out = work;
  return true;
}

static void write_work(pl_buf *out, pl_work work) {
  if (work.days)
    pl_buf_printf(out, "%dwd", work.days);
  else
    write_quantity(out, work.seconds, work_units, PL_COUNT(work_units));
}

bool pl_of_day_parse(pl_str text, int32_t *seconds) {
  const char *colon = text.n ? memchr(text.p, ':', text.n) : NULL;
  if (!colon || text.p + text.n - colon != 3 || colon - text.p > 2) return false;
  int64_t h, m;
  if (!pl_str_int((pl_str){text.p, (size_t)(colon - text.p)}, &h) || !pl_str_int((pl_str){colon + 1, 2}, &m))
    return false;
  if (h < 0 || m < 0 || m > 59 || h * 60 + m > 24 * 60) return false;
  *seconds = (int32_t)(h * 3600 + m * 60);
  return true;
}

bool pl_address_parse(pl_arena *arena, pl_str text, pl_address *out) {
  size_t colon = text.n;
  while (colon > 0 && text.p[colon - 1] != ':') colon--;
  int64_t port;
  if (colon < 2 || !pl_str_int((pl_str){text.p + colon, text.n - colon}, &port) || port < 0 || port > 65535)
    return false;
  pl_str host = {text.p, colon - 1};
  bool brackets = host.p[0] == '[' && host.p[host.n - 1] == ']';
  if (brackets) host = (pl_str){host.p + 1, host.n - 2};
  for (size_t i = 0; i < host.n; i++)
    if (!isalnum((unsigned char)host.p[i]) && !strchr(brackets ? ":.%" : ".-_", host.p[i])) return false;
  if (host.n == 0 || host.n > 255) return false;
  *out = (pl_address){pl_arena_text(arena, host.p, host.n), (int)port};
  return true;
}

static bool made_of(pl_str text, const char *also, size_t max) {
  for (size_t i = 0; i < text.n; i++)
    if (!isalnum((unsigned char)text.p[i]) && (text.p[i] == 0 || !strchr(also, text.p[i]))) return false;
  return text.n > 0 && text.n <= max;
}

bool pl_name_valid(pl_str name) { return made_of(name, "_-", NAME_MAX_BYTES); }

static bool is_zone(const pl_options_reader *in, pl_str text) {
  if (!made_of(text, "_-+/", 64) || text.p[0] == '/' || text.p[text.n - 1] == '/' || strstr(text.p, "//"))
    return false;
  const pl_config_world *world = in->world;
  return !world || !world->zone_exists || world->zone_exists(text.p, world->ctx);
}

static bool begins(pl_str text, const char *const *beginnings) {
  for (; *beginnings; beginnings++)
    if (text.n > strlen(*beginnings) && memcmp(text.p, *beginnings, strlen(*beginnings)) == 0) return true;
  return false;
}

const char *pl_path_resolve(const pl_options_reader *in, pl_str path) {
  static const char *const credentials[] = {PL_SECRET_FOLDER, NULL};
  if (!in->folder || path.p[0] == '/' || begins(path, credentials))
    return pl_arena_text(in->arena, path.p, path.n);
  size_t n = strlen(in->folder);
  char *whole = pl_arena_alloc(in->arena, n + path.n + 2);
  memcpy(whole, in->folder, n);
  if (n == 0 || whole[n - 1] != '/') whole[n++] = '/';
  memcpy(whole + n, path.p, path.n);
  return whole;
}

static bool within(const pl_option *o, double v) {
  return (o->flags & PL_ABOVE ? v > o->min : v >= o->min) && (o->max <= 0 || v <= o->max);
}

static size_t choices(const pl_option *o) {
  size_t n = 0;
  while (o->choices && o->choices[n]) n++;
  return n;
}

bool pl_scalar_read(const pl_options_reader *in, const pl_option *o, pl_str text, void *at) {
  int64_t i;
  double d;
  size_t longest = o->max > 0 ? (size_t)o->max : TEXT_MAX_BYTES;
  bool good = false;
  switch (o->kind) {
  case PL_OPT_TEXT: good = text.n >= (size_t)o->min && text.n <= longest; break;
  case PL_OPT_NAME: good = pl_name_valid(text); break;
  case PL_OPT_TOPIC: good = text.n == 0 ? o->min <= 0 : made_of(text, "._-", TOPIC_MAX_BYTES); break;
  case PL_OPT_URL: good = text.n <= longest && begins(text, o->choices); break;
  case PL_OPT_ZONE: good = is_zone(in, text); break;
  case PL_OPT_PATH:
    if (text.n == 0 || text.n > longest) return false;
    *(const char **)at = pl_path_resolve(in, text);
    return true;
  case PL_OPT_INT:
    good = pl_str_int(text, &i) && within(o, (double)i) && i >= INT32_MIN && i <= INT32_MAX;
    if (good) *(int *)at = (int)i;
    return good;
  case PL_OPT_SIZE:
    good = read_quantity(text, size_units, PL_COUNT(size_units), &i) && within(o, (double)i);
    if (good) *(int64_t *)at = i;
    return good;
  case PL_OPT_NUMBER:
    good = pl_str_double(text, &d) && within(o, d);
    if (good) *(double *)at = d;
    return good;
  case PL_OPT_BOOL:
    good = pl_str_is(text, "true") || pl_str_is(text, "false");
    if (good) *(bool *)at = text.n == 4;
    return good;
  case PL_OPT_TIME:
    good = read_quantity(text, time_units, PL_COUNT(time_units), &i) && within(o, (double)i);
    if (good) ((pl_dur *)at)->ms = i;
    return good;
  case PL_OPT_WORK:
    if (!(o->flags & PL_OR_NEVER)) return pl_work_parse(text, at);
    if (pl_str_is(text, "never")) {
      *(pl_work *)at = (pl_work){0, 0};
      return true;
    }
    return pl_work_parse(text, at) && (((pl_work *)at)->seconds || ((pl_work *)at)->days);
  case PL_OPT_OF_DAY: return pl_of_day_parse(text, at);
  case PL_OPT_CHOICE:
    for (size_t c = 0; c < choices(o); c++)
      if (pl_str_is(text, o->choices[c])) {
        *(int *)at = (int)c;
        return true;
      }
    return false;
  case PL_OPT_ADDRESS: return pl_address_parse(in->arena, text, at);
  default: PL_ASSERT(o->kind < PL_OPT_SCALARS);
  }
  if (good) *(const char **)at = pl_arena_text(in->arena, text.p, text.n);
  return good;
}

/* The fewest digits that read back as the same number. */
static void write_number(pl_buf *out, double v) {
  char text[40];
  double back = -v - 1;
  for (int digits = 15; digits <= 17 && (back < v || back > v); digits++) {
    (void)snprintf(text, sizeof text, "%.*g", digits, v);
    (void)pl_str_double(pl_str_of(text), &back);
  }
  pl_buf_text(out, text);
}

/* A limit, in the option's own spelling. */
static void write_limit(const pl_option *o, double v, pl_buf *out) {
  if (o->kind == PL_OPT_TIME)
    write_quantity(out, (int64_t)v, time_units, PL_COUNT(time_units));
  else if (o->kind == PL_OPT_SIZE)
    write_quantity(out, (int64_t)v, size_units, PL_COUNT(size_units));
  else
    write_number(out, v);
}

void pl_scalar_expect(const pl_option *o, bool examples, pl_buf *out) {
  static const char *const words[PL_OPT_SCALARS][2] = {
      [PL_OPT_TEXT] = {"text", ""},
      [PL_OPT_NAME] = {"a name", " of letters, digits, _ and -, at most 64"},
      [PL_OPT_TOPIC] = {"a topic's name", " of letters, digits, dots, _ and -"},
      [PL_OPT_PATH] = {"a path", ", relative to this file's folder"},
      [PL_OPT_URL] = {"a URL that begins with ", ""},
      [PL_OPT_ZONE] = {"a time zone's name", " that this machine knows, such as Europe/Berlin"},
      [PL_OPT_INT] = {"a whole number", ""},
      [PL_OPT_SIZE] = {"a size", " such as 512KiB or 1MiB"},
      [PL_OPT_NUMBER] = {"a number", ""},
      [PL_OPT_BOOL] = {"true or false", ""},
      [PL_OPT_TIME] = {"a length of time", " such as 250ms, 10s, 5min, 1h or 2d"},
      [PL_OPT_WORK] = {"working time", " such as 30wmin, 1wh or 2wd"},
      [PL_OPT_OF_DAY] = {"a time of day", " such as \"16:30\""},
      [PL_OPT_CHOICE] = {"one of ", ""},
      [PL_OPT_ADDRESS] = {"host:port", " such as 127.0.0.1:9464, with a port up to 65535"},
  };
  pl_buf_text(out, o->kind == PL_OPT_CHOICE && !o->choices[1] ? "" : words[o->kind][0]);
  if (examples) pl_buf_text(out, words[o->kind][1]);
  for (size_t i = 0; o->choices && o->choices[i]; i++)
    pl_buf_printf(out, "%s%s", i == 0 ? "" : o->choices[i + 1] ? ", " : " or ", o->choices[i]);
  if (o->flags & PL_OR_NEVER) pl_buf_text(out, ", or never");
  if (o->kind == PL_OPT_TOPIC && o->min <= 0) pl_buf_text(out, ", or \"\" for none");
  if (o->max > 0) {
    pl_buf_text(out, o->flags & PL_ABOVE ? " above " : o->kind == PL_OPT_TEXT ? " of " : " from ");
    write_limit(o, o->min, out);
    pl_buf_text(out, o->flags & PL_ABOVE ? " and up to " : " to ");
    write_limit(o, o->max, out);
    if (o->kind == PL_OPT_TEXT) pl_buf_text(out, " bytes");
  }
  if (o->unit) pl_buf_printf(out, " (%s)", o->unit);
}

bool pl_scalar_given(const pl_option *o, const void *at) {
  if (o->kind <= PL_OPT_ZONE) return *(const char *const *)at != NULL;
  if (o->kind == PL_OPT_OF_DAY) return *(const int32_t *)at >= 0;
  if (o->kind == PL_OPT_CHOICE) return *(const int *)at >= 0;
  return true;
}

void pl_yaml_quote(pl_buf *out, pl_str text) {
  bool bare = made_of(text, "_./@:-", 256) && !strchr("-@:", text.p[0]) && text.p[text.n - 1] != ':' &&
              !pl_str_is(text, "null");
  if (bare)
    pl_buf_str_put(out, text);
  else
    pl_buf_json(out, text);
}

/* The password goes, and of a secret URL all that follows the host. */
static void write_url(const pl_option *o, pl_str url, pl_buf *out) {
  pl_buf shown;
  pl_buf_init(&shown, TEXT_MAX_BYTES * 2);
  const char *end = url.p + url.n, *host = strstr(url.p, "://");
  host = host ? host + 3 : url.p;
  const char *slash = host;
  while (slash < end && !strchr("/?#", *slash)) slash++;
  const char *user_end = slash;
  while (user_end > host && user_end[-1] != '@') user_end--;
  const char *colon = user_end > host ? memchr(host, ':', (size_t)(user_end - host)) : NULL;
  if (colon) {
    pl_buf_put(&shown, url.p, (size_t)(colon - url.p));
    pl_buf_text(&shown, ":***@");
    pl_buf_put(&shown, user_end, (size_t)(slash - user_end));
  } else {
    pl_buf_put(&shown, url.p, (size_t)(slash - url.p));
  }
  if (o->flags & PL_SECRET && end - slash > 1)
    pl_buf_text(&shown, "/***");
  else
    pl_buf_put(&shown, slash, (size_t)(end - slash));
  pl_yaml_quote(out, pl_buf_str(&shown));
  pl_buf_fini(&shown);
}

void pl_scalar_write(const pl_option *o, const void *at, pl_buf *out) {
  switch (o->kind) {
  case PL_OPT_URL: write_url(o, pl_str_of(*(const char *const *)at), out); return;
  case PL_OPT_INT: pl_buf_int(out, *(const int *)at); return;
  case PL_OPT_SIZE: write_quantity(out, *(const int64_t *)at, size_units, PL_COUNT(size_units)); return;
  case PL_OPT_NUMBER: write_number(out, *(const double *)at); return;
  case PL_OPT_BOOL: pl_buf_text(out, *(const bool *)at ? "true" : "false"); return;
  case PL_OPT_TIME: write_quantity(out, ((const pl_dur *)at)->ms, time_units, PL_COUNT(time_units)); return;
  case PL_OPT_WORK: {
    const pl_work *work = at;
    if (o->flags & PL_OR_NEVER && !work->seconds && !work->days)
      pl_buf_text(out, "never");
    else
      write_work(out, *work);
    return;
  }
  case PL_OPT_OF_DAY: {
    int32_t s = *(const int32_t *)at;
    pl_buf_printf(out, "\"%02d:%02d\"", s / 3600, s / 60 % 60);
    return;
  }
  case PL_OPT_CHOICE: pl_yaml_quote(out, pl_str_of(o->choices[*(const int *)at])); return;
  case PL_OPT_ADDRESS: {
    const pl_address *a = at;
    pl_buf_printf(out, strchr(a->host, ':') ? "\"[%s]:%d\"" : "%s:%d", a->host, a->port);
    return;
  }
  default: pl_yaml_quote(out, pl_str_of(*(const char *const *)at));
  }
}
