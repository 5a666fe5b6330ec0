/* Texts of a message, \xFE between them: each sink for people makes of it what its service can read, within
 * its limit; an e-mail's headers end where they should. */
#include "codec/sink.h"

#include "codec/post.h"
#include "fuzz.h"

enum { FACTS = 3 };

static pl_str field(pl_str *rest) {
  const char *end = rest->n ? memchr(rest->p, 0xFE, rest->n) : NULL;
  pl_str head = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
  size_t gone = head.n + (end != NULL);
  *rest = (pl_str){rest->p + gone, rest->n - gone};
  return head;
}

static void check_json(pl_str body) {
  pl_post *post = NULL;
  pl_err err;
  fuzz_need(pl_post_read(&post, body, &err), &err);
  pl_post_free(&post);
}

static void check_mail(pl_str body) {
  static const char *const names[] = {"From",         "To",          "Subject",    "Date",
                                      "Message-ID",   "In-Reply-To", "References", "Auto-Submitted",
                                      "MIME-Version", "Content-Type"};
  size_t next = 0;
  bool head = true;
  PL_ASSERT(body.n && body.p[body.n - 1] == '\n');
  for (const char *p = body.p, *end = body.p + body.n; p < end;) {
    const char *at = memchr(p, '\n', (size_t)(end - p));
    PL_ASSERT(at > p && at[-1] == '\r' && !memchr(p, '\r', (size_t)(at - 1 - p)));
    for (const char *c = p; c < at - 1; c++) PL_ASSERT((*c >= ' ' && *c < 0x7F));
    PL_ASSERT(*p != '.');
    if (head && at == p + 1) head = false;
    if (head && *p != ' ') {
      size_t n = 0;
      while (next < PL_COUNT(names) &&
             (n = strlen(names[next]), strncmp(p, names[next], n) != 0 || p[n] != ':'))
        next++;
      PL_ASSERT(next++ < PL_COUNT(names)); /* each at most once, in this order */
    }
    p = at + 1;
  }
  PL_ASSERT(!head && next == PL_COUNT(names));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t live = pl_mem_live();
  pl_str rest = fuzz_str(data, size);
  pl_message m = {.subject = field(&rest),
                  .lead = field(&rest),
                  .footer = field(&rest),
                  .more = field(&rest),
                  .id = field(&rest),
                  .about = field(&rest)};
  pl_parcel parcel = {.message = &m, .from = field(&rest)};
  pl_str address = field(&rest);
  pl_message_item items[PL_MESSAGE_ITEMS_MAX];
  pl_message_fact facts[PL_MESSAGE_ITEMS_MAX][FACTS];
  for (m.items = items; rest.n && m.nitems < PL_MESSAGE_ITEMS_MAX; m.nitems++) {
    pl_message_item *item = &items[m.nitems];
    *item = (pl_message_item){.title = field(&rest),
                              .text = field(&rest),
                              .link = field(&rest),
                              .link_label = field(&rest),
                              .facts = facts[m.nitems],
                              .nfacts = FACTS};
    for (size_t k = 0; k < FACTS; k++) facts[m.nitems][k] = (pl_message_fact){field(&rest), field(&rest)};
  }
  pl_buf out;
  pl_buf_init(&out, 1 << 20);
  for (pl_sink_kind kind = 0; kind < PL_SINK_KINDS; kind++) {
    const pl_sink_type *type = pl_sink_type_of(kind);
    if (!type->for_people) continue;
    parcel.address = type->addressed ? address : (pl_str){"", 0};
    pl_sink_encode(kind, &parcel, &out);
    PL_ASSERT(!out.full && out.n <= type->body_max && pl_str_utf8(pl_buf_str(&out)));
    (kind == PL_SINK_SMTP ? check_mail : check_json)(pl_buf_str(&out));
  }
  pl_buf_fini(&out);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
