/* One letter, opened: what was written beside it, its bytes, and what becomes of them now. */
#include <stdio.h>

#include "cli/dlq_inside.h"
#include "cli/enquiry.h"
#include "engine/readers.h"

enum { SHOWN_MAX = 4096 /* bytes of a value, in hexadecimal */, WIDTH = 16 };

typedef struct {
  const pl_dlq_options *o;
  pl_enquiry *enquiry;
  pl_readers *readers;
  const pl_config *config;
  bool found;
} showing;

void pl_dlq_clean(pl_buf *out, pl_str s) {
  while (s.n) {
    size_t step = pl_str_step(s);
    bool good = step && pl_str_clean((pl_str){s.p, step}) && *s.p != '\t';
    if (!step) step = 1;
    if (good)
      pl_buf_put(out, s.p, step);
    else
      pl_buf_char(out, '.');
    s = (pl_str){s.p + step, s.n - step};
  }
}

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

/* What the present configuration makes of it. */
static void judge(const showing *s, pl_str value, pl_buf *out) {
  pl_err why = {""};
  int32_t schema;
  size_t n;
  pl_made *made = pl_readers_room(s->readers);
  pl_reason reason = pl_readers_events(s->readers, value, NULL, made, &n, &schema, &why);
  if (reason != PL_APPLIED) pl_buf_printf(out, "now: %s: %s\n", pl_reason_name(reason), why.text);
  if (reason == PL_APPLIED && n == 0) pl_buf_text(out, "now: no event, by any mapping\n");
  for (size_t i = 0; i < n; i++) {
    const pl_event *e = &made[i].event;
    char at[PL_ISO_MAX];
    const char *type = e->type >= 0               ? s->config->policy.types[e->type]
                       : e->type == PL_TYPE_OTHER ? "another type"
                                                  : pl_type_own_name(e->type);
    pl_buf_printf(out, "now: an event, %s %s of ", type, pl_wall_iso(e->at, at));
    pl_dlq_clean(out, e->rep), pl_buf_text(out, ", id "), pl_dlq_clean(out, e->id), pl_buf_char(out, '\n');
  }
}

static void put_text(pl_buf *out, const char *name, pl_str s) {
  pl_buf_printf(out, ",\"%s\":", name);
  if (!s.p) pl_buf_text(out, "null");
  if (s.p) pl_buf_char(out, '"'), put_hex(out, s), pl_buf_char(out, '"');
}

static void as_json(const showing *s, const pl_letter *l, pl_buf *out) {
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
  judge(s, l->record->value, &now);
  pl_buf_text(out, ",\"now\":"), pl_buf_json(out, pl_buf_str(&now)), pl_buf_text(out, "}\n");
  pl_buf_fini(&now);
}

static void as_text(const showing *s, const pl_letter *l, pl_buf *out) {
  char at[PL_ISO_MAX];
  pl_buf_printf(out, "letter %s, refused %s%s\n", l->place, pl_wall_iso(l->record->stamp, at),
                l->requeued ? ", sent back since" : "");
  pl_header h;
  for (size_t i = 0; pl_past_header_at(l->record, i, &h); i++) {
    pl_buf_text(out, "  "), pl_dlq_clean(out, h.name), pl_buf_text(out, ": ");
    pl_dlq_clean(out, h.value), pl_buf_char(out, '\n');
  }
  dump(out, "key", l->record->key), dump(out, "value", l->record->value);
  judge(s, l->record->value, out);
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
  showing s = {.o = o, .config = config};
  pl_letterbox *box = NULL;
  pl_status status = pl_enquiry_open(&s.enquiry, config, err);
  if (status == PL_OK) status = pl_enquiry_readers(s.enquiry, &s.readers, err);
  if (status == PL_OK) status = pl_letterbox_open(&box, config, false, err);
  if (status == PL_OK) status = pl_letterbox_each(box, &o->filter, show, &s, err);
  pl_letterbox_close(&box);
  if (status == PL_OK) status = pl_enquiry_failed(s.enquiry, err);
  pl_readers_free(&s.readers);
  pl_enquiry_close(&s.enquiry);
  if (status == PL_OK && !s.found)
    status = pl_fail(err, PL_REJECT, "no letter is at %s; `list` shows examples", o->filter.places[0]);
  return status;
}
