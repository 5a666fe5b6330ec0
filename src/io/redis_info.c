#include "io/redis_info.h"

/* Major x 100 + minor. Before 7.0 a replica that is written to from within a script answers like a script
 * that is wrong. */
enum { VERSION_NEEDED = 700 };

pl_str pl_redis_info_find(pl_str info, const char *name) {
  size_t n = strlen(name);
  for (const char *p = info.p, *end = info.n ? info.p + info.n : p; p < end;) {
    const char *eol = memchr(p, '\n', (size_t)(end - p));
    const char *stop = eol ? eol : end;
    pl_str line = {p, (size_t)(stop - p)};
    if (line.n && line.p[line.n - 1] == '\r') line.n--;
    if (line.n > n && line.p[n] == ':' && memcmp(line.p, name, n) == 0)
      return (pl_str){line.p + n + 1, line.n - n - 1};
    p = stop + 1;
  }
  return (pl_str){"", 0};
}

/* "7.0.15" -> 700; -1: not a version. */
static int64_t version_of(pl_str text) {
  const char *dot = memchr(text.p, '.', text.n);
  if (!dot) return -1;
  pl_str head = {text.p, (size_t)(dot - text.p)}, tail = {dot + 1, text.n - head.n - 1};
  const char *second = memchr(tail.p, '.', tail.n);
  if (second) tail.n = (size_t)(second - tail.p);
  int64_t major, minor;
  return pl_str_int(head, &major) && pl_str_int(tail, &minor) && major < 1000 ? major * 100 + minor : -1;
}

void pl_redis_info_check(pl_str info, pl_buf *warnings) {
  pl_str policy = pl_redis_info_find(info, "maxmemory_policy");
  if (policy.n && !pl_str_is(policy, "noeviction"))
    pl_buf_printf(warnings, "maxmemory-policy is %.*s: state can be evicted; set noeviction\n", (int)policy.n,
                  policy.p);
  if (pl_str_is(pl_redis_info_find(info, "aof_enabled"), "0"))
    pl_buf_text(warnings,
                "appendonly is off: a crash of Redis loses its newest writes; set appendonly yes\n");
  if (pl_str_is(pl_redis_info_find(info, "cluster_enabled"), "1"))
    pl_buf_text(warnings,
                "cluster-enabled is yes: a batch's keys lie in several slots; use one node, or Sentinel\n");
  pl_str version = pl_redis_info_find(info, "redis_version");
  int64_t number = version_of(version);
  if (number >= 0 && number < VERSION_NEEDED)
    pl_buf_printf(warnings, "redis_version is %.*s: 7.0 or newer is needed; upgrade\n", (int)version.n,
                  version.p);
}
