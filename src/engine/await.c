/* Await: partitions of topics that wait for a schema.
 *
 * A record may name a schema that no file gave us. The registry is asked for it, and that partition of its
 * topic rests before the record; the others flow on. Records that wait are in no mark, a table that rests is
 * not followed, and a partition that rests is not complete, so that nothing is judged by what it may hold.
 * The schema, or the registry's no, is put where the readers look; then the partition goes on at that record,
 * which is decoded, or refused for good. A no is believed for a minute (readers.c). */
#include "engine/await.h"

#include "base/log.h"
#include "base/mem.h"
#include "engine/inside.h"

typedef struct {
  int32_t id;
  pl_topic topic;
  int32_t partition;
  int64_t offset;
  pl_wall since;
} wait;

struct pl_awaits {
  wait *items; /* at most one of each partition of a topic */
  size_t n, room;
  int32_t *asked; /* ids that have no answer yet */
  size_t nasked, asked_room;
  bool told; /* the log has it that there is no answer */
};

pl_awaits *pl_awaits_new(void) { return PL_NEW(pl_awaits); }

void pl_awaits_free(pl_awaits **awaits) {
  pl_awaits *a = *awaits;
  if (!a) return;
  pl_release(a->items, a->room * sizeof *a->items);
  pl_release(a->asked, a->asked_room * sizeof *a->asked);
  PL_FREE(*awaits);
}

size_t pl_awaits_n(const pl_awaits *a) { return a->n; }

/* --- the answer */

static void on_schema(void *ctx, const pl_schema_told *told) {
  pl_engine *e = ctx;
  pl_awaits *a = e->awaits;
  pl_source *source = e->ports.source;
  pl_readers_put(e->readers, told->id, told->text, told->why, pl_engine_mono(e));
  if (told->text.p)
    pl_log(PL_LOG_INFO, "schemas", "schema %d is known now", (int)told->id);
  else
    pl_log(PL_LOG_WARN, "schemas", "schema %d: %s; its records are dead-lettered", (int)told->id, told->why);
  for (size_t i = 0; i < a->nasked; i++)
    if (a->asked[i] == told->id) a->asked[i--] = a->asked[--a->nasked];
  for (size_t i = 0; i < a->n; i++) {
    wait w = a->items[i];
    if (w.id != told->id) continue;
    a->items[i--] = a->items[--a->n];
    source->ops->resume(source, w.topic, w.partition);
  }
  pl_engine_wake(e);
}

static void ask(pl_engine *e, const pl_record *record, int32_t id) {
  pl_awaits *a = e->awaits;
  for (size_t i = 0; i < a->nasked; i++)
    if (a->asked[i] == id) return;
  if (a->nasked == a->asked_room) {
    size_t room = a->asked_room * 2 + 8;
    a->asked = pl_resize(a->asked, a->asked_room * sizeof *a->asked, room * sizeof *a->asked);
    a->asked_room = room;
  }
  a->asked[a->nasked++] = id;
  pl_log(PL_LOG_INFO, "schemas", "schema %d, named by %s [%d] at %lld: asking the registry", (int)id,
         pl_engine_topic(e, record->topic), (int)record->partition, (long long)record->offset);
  e->ports.registry->ops->ask(e->ports.registry, id, on_schema, e);
}

/* --- resting */

static wait *find(pl_awaits *a, pl_topic topic, int32_t partition) {
  for (size_t i = 0; i < a->n; i++)
    if (a->items[i].topic == topic && a->items[i].partition == partition) return &a->items[i];
  if (a->n == a->room) {
    size_t room = a->room * 2 + 8;
    a->items = pl_resize(a->items, a->room * sizeof *a->items, room * sizeof *a->items);
    a->room = room;
  }
  a->items[a->n] = (wait){.topic = topic, .partition = partition, .offset = PL_OFFSET_NONE};
  return &a->items[a->n++];
}

bool pl_await_schema(pl_engine *e, const pl_record *record) {
  int32_t id;
  if (!e->ports.registry || !pl_readers_lack(e->readers, record->value, &id)) return false;
  wait *w = find(e->awaits, record->topic, record->partition);
  if (w->id != id || w->offset != record->offset) w->since = pl_engine_wall(e); /* else it was read again */
  w->id = id, w->offset = record->offset;
  e->ports.source->ops->rest(e->ports.source, record->topic, record->partition, record->offset);
  ask(e, record, id);
  return true;
}

void pl_await_forget(pl_engine *e, int32_t partition) {
  pl_awaits *a = e->awaits;
  for (size_t i = 0; i < a->n; i++)
    if (a->items[i].topic != PL_TOPIC_TEAMS && a->items[i].partition == partition)
      a->items[i--] = a->items[--a->n];
}

/* --- time */

pl_mono pl_await_tick(pl_engine *e) {
  pl_awaits *a = e->awaits;
  const char *why = a->n ? e->ports.registry->ops->why(e->ports.registry) : "";
  if (*why && !a->told) pl_log(PL_LOG_WARN, "schemas", "%zu partitions wait for a schema: %s", a->n, why);
  a->told = a->n && (*why || a->told);
  return pl_readers_forget(e->readers, e->now);
}

/* A line for each schema and topic. */
void pl_await_say(const pl_engine *e, pl_buf *reasons) {
  const pl_awaits *a = e->awaits;
  const char *why = a->n ? e->ports.registry->ops->why(e->ports.registry) : "";
  for (size_t i = 0; i < a->n; i++) {
    const wait *w = &a->items[i];
    size_t alike = 0, before = 0;
    pl_wall since = w->since;
    char at[PL_ISO_MAX];
    for (size_t k = 0; k < a->n; k++) {
      if (a->items[k].id != w->id || a->items[k].topic != w->topic) continue;
      alike++, before += k < i;
      since = pl_earlier(since, a->items[k].since);
    }
    if (before) continue;
    pl_buf_printf(reasons, "%s: ", pl_engine_topic(e, w->topic));
    if (alike == 1)
      pl_buf_printf(reasons, "partition %d waits at %lld", (int)w->partition, (long long)w->offset);
    else
      pl_buf_printf(reasons, "%zu partitions wait", alike);
    pl_buf_printf(reasons, " for schema %d since %s: %s\n", (int)w->id, pl_wall_iso(since, at),
                  *why ? why : "the schema registry is being asked");
  }
}
