/* One letter, opened: what was written beside it, its bytes, and what becomes of them now. */
#include <stdio.h>

#include "cli/becomes.h"
#include "cli/cli.h"
#include "cli/dlq_inside.h"
#include "cli/enquiry.h"
#include "engine/readers.h"

enum { SHOWN_MAX = 4096 /* bytes of a value, in hexadecimal */, WIDTH = 16 };

typedef struct {
  const pl_dlq_options *o;
  const pl_config *config;
  bool found;
  pl_status status; /* of what it becomes */
  pl_err *err;
} showing;

static void put_hex(pl_buf *out, pl_str bytes) {
  for (size_t i = 0; i < bytes.n; i++) pl_buf_printf(out, "%02x", (unsigned)(unsigned char)bytes.p[i]);
}

/* Rows of sixteen: where, the bytes, and what of them is text. */
static void dump(pl_buf *out, const char *what, pl_str bytes) {
  pl_buf_printf(out, "%s: ", what);
  if (!bytes.p) {
    pl_buf_text(out, "null\n");
    return;
  }
  pl_buf_printf(out, "%zu bytes\n", bytes.n);
  for (size_t at = 0; at < bytes.n && at < SHOWN_MAX; at += WIDTH) {
    pl_buf_printf(out, "  %06zx  ", at);
    for (size_t i = at; i < at + WIDTH; i++)
      if (i < bytes.n)
        pl_buf_printf(out, "%02x ", (unsigned)(unsigned char)bytes.p[i]);
      else
        pl_buf_text(out, "   ");
    pl_buf_char(out, ' ');
    for (size_t i = at; i < at + WIDTH && i < bytes.n; i++)
      pl_buf_char(out, bytes.p[i] >= 0x20 && bytes.p[i] < 0x7f ? bytes.p[i] : '.');
    pl_buf_char(out, '\n');
  }
  if (bytes.n > SHOWN_MAX) pl_buf_printf(out, "  ... and %zu more; --json has them\n", bytes.n - SHOWN_MAX);
}

/* What the present configuration makes of it, by the mapping of the topic that it came from. */
static pl_status judge_by(showing *s, const pl_mapping_set *set, const pl_letter *l, pl_buf *out,
                          pl_err *err) {
  pl_config as_read = pl_cli_as_read(s->config, set);
  pl_enquiry *enquiry = NULL;
  pl_readers *readers = NULL;
  pl_becomes *becomes = NULL;
  pl_err why = {""};
  int32_t schema_id;
  pl_outcome o = {.where = s->o->json ? l->place : "now:", .stamp = PL_NEVER, .why = why.text};
  pl_status status = pl_enquiry_open(&enquiry, &as_read, err);
  if (status == PL_OK) status = pl_enquiry_readers(enquiry, &readers, err);
  if (status == PL_OK) status = pl_becomes_new(&becomes, s->config, set, err);
  if (status == PL_OK) {
    pl_made *made = pl_readers_room(readers);
    o.reason = pl_readers_events(readers, l->record->value, NULL, made, &o.n, &schema_id, &why);
    o.made = made, o.unmet = pl_readers_unmet(readers);
    status = pl_enquiry_failed(enquiry, err);
    if (status == PL_OK) pl_becomes_say(becomes, &o, s->o->json, out);
  }
  pl_becomes_free(&becomes);
  pl_readers_free(&readers);
  pl_enquiry_close(&enquiry);
  return status;
}

static void judge(showing *s, const pl_letter *l, pl_buf *out) {
  for (size_t i = 0; i < s->config->nmappings; i++)
    if (pl_str_is(l->topic, s->config->mappings[i].name))
      s->status = judge_by(s, &s->config->mappings[i], l, out, s->err);
}

static void put_text(pl_buf *out, const char *name, pl_str s) {
  pl_buf_printf(out, ",\"%s\":", name);
  if (!s.p) pl_buf_text(out, "null");
  if (s.p) pl_buf_char(out, '"'), put_hex(out, s), pl_buf_char(out, '"');
}

static void as_json(showing *s, const pl_letter *l, pl_buf *out) {
  pl_buf now;
  pl_buf_init(&now, 1 << 16);
  pl_buf_printf(out, "{\"letter\":\"%s\",\"requeued\":%s,\"headers\":{", l->place,
                l->requeued ? "true" : "false");
  pl_header h;
  for (size_t i = 0; pl_past_header_at(l->record, i, &h); i++) {
    if (i) pl_buf_char(out, ',');
    pl_buf_json(out, h.name), pl_buf_char(out, ':'), pl_buf_json(out, h.value);
  }
  pl_buf_char(out, '}');
  put_text(out, "key", l->record->key), put_text(out, "value", l->record->value);
  judge(s, l, &now);
  if (now.n) now.n--; /* its line's end */
  pl_buf_text(out, ",\"now\":"), pl_buf_str_put(out, now.n ? pl_buf_str(&now) : PL_STR("null"));
  pl_buf_text(out, "}\n");
  pl_buf_fini(&now);
}

static void as_text(showing *s, const pl_letter *l, pl_buf *out) {
  char at[PL_ISO_MAX];
  pl_buf_printf(out, "letter %s, refused %s%s\n", l->place, pl_wall_iso(l->record->stamp, at),
                l->requeued ? ", sent back since" : "");
  pl_header h;
  for (size_t i = 0; pl_past_header_at(l->record, i, &h); i++) {
    pl_buf_text(out, "  "), pl_becomes_clean(out, h.name), pl_buf_text(out, ": ");
    pl_becomes_clean(out, h.value), pl_buf_char(out, '\n');
  }
  dump(out, "key", l->record->key), dump(out, "value", l->record->value);
  judge(s, l, out);
}

static void show(void *ctx, const pl_letter *l) {
  showing *s = ctx;
  pl_buf out;
  pl_buf_init(&out, SIZE_MAX / 2);
  s->found = true;
  if (s->o->json)
    as_json(s, l, &out);
  else
    as_text(s, l, &out);
  (void)fwrite(out.p, 1, out.n, stdout);
  pl_buf_fini(&out);
}

pl_status pl_dlq_show(const pl_dlq_options *o, const pl_config *config, pl_err *err) {
  showing s = {.o = o, .config = config, .err = err};
  pl_letterbox *box = NULL;
  pl_status status = pl_letterbox_open(&box, config, false, err);
  if (status == PL_OK) status = pl_letterbox_each(box, &o->filter, show, &s, err);
  pl_letterbox_close(&box);
  if (status == PL_OK) status = s.status;
  if (status == PL_OK && !s.found)
    status = pl_fail(err, PL_REJECT, "no letter is at %s; `list` shows examples", o->filter.places[0]);
  return status;
}
