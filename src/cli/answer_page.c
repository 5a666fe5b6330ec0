#include "cli/answer_page.h"

#define STYLE                                                                                                \
  "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:36em;padding:1.5em;color"                 \
  ":#1c1c1c;background:#fff}label{display:block;font-weight:600;margin:1em 0 .3em}textarea{"                 \
  "box-sizing:border-box;width:100%;font:inherit;padding:.5em}button{font:inherit;margin:1e"                 \
  "m 0;padding:.5em 1.5em}.wrong{color:#a00000}.small{color:#555;font-size:.85em}"

/* The hash is of STYLE: nothing else is a style here. */
const char pl_answer_page_policy[] =
    "default-src 'none'; style-src 'sha256-0tT9wGByjcsZ4biS/9/0WolfAeBcimVy0MjxSTf/JUI='; form-action "
    "'self'; "
    "frame-ancestors 'none'; base-uri 'none'";

static void escape(pl_buf *out, pl_str text) {
  if (!pl_str_utf8(text)) return;
  for (size_t i = 0; i < text.n; i++) {
    switch (text.p[i]) {
    case '&': pl_buf_text(out, "&amp;"); break;
    case '<': pl_buf_text(out, "&lt;"); break;
    case '>': pl_buf_text(out, "&gt;"); break;
    case '"': pl_buf_text(out, "&quot;"); break;
    case '\'': pl_buf_text(out, "&#39;"); break;
    default:
      if ((unsigned char)text.p[i] >= 0x20 || text.p[i] == '\n') pl_buf_char(out, text.p[i]);
    }
  }
}

static void begin(pl_buf *out, const char *title) {
  pl_buf_text(out, "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">"
                   "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
  escape(out, pl_str_of(title));
  pl_buf_text(out, "</title>\n<style>" STYLE "</style></head>\n<body>\n<h1>");
  escape(out, pl_str_of(title));
  pl_buf_text(out, "</h1>\n");
}

static void end(pl_buf *out) { pl_buf_text(out, "</body>\n</html>\n"); }

/* Its first line break, which HTML leaves out, is not the text's. */
static void field(pl_buf *out, const char *name, const char *label, pl_str text) {
  pl_buf_printf(out,
                "<label for=\"%s\">%s</label>\n"
                "<textarea id=\"%s\" name=\"%s\" rows=\"4\" maxlength=\"%d\">\n",
                name, label, name, name, PL_FIELD_MAX);
  escape(out, text);
  pl_buf_text(out, "</textarea>\n");
}

void pl_answer_page_form(pl_buf *out, const pl_pass *pass, pl_str reason, pl_str plan, const char *wrong) {
  begin(out, "Your answer");
  pl_buf_text(out, "<p>");
  escape(out, pass->subject);
  if (pass->goal.n) pl_buf_text(out, ", about <b>"), escape(out, pass->goal), pl_buf_text(out, "</b>");
  pl_buf_text(out, "</p>\n");
  if (wrong)
    pl_buf_text(out, "<p class=\"wrong\">"), escape(out, pl_str_of(wrong)), pl_buf_text(out, "</p>\n");
  pl_buf_text(out, "<form method=\"post\">\n");
  field(out, "reason", "What is behind it?", reason);
  field(out, "plan", "What will you do, or what would help you?", plan);
  pl_buf_text(
      out, "<button type=\"submit\">Send</button>\n</form>\n<p class=\"small\">If your manager hears of it, "
           "then with these words. You can answer again: the last answer stands.</p>\n");
  end(out);
}

void pl_answer_page_note(pl_buf *out, const char *title, const char *text) {
  begin(out, title);
  pl_buf_text(out, "<p>"), escape(out, pl_str_of(text)), pl_buf_text(out, "</p>\n");
  end(out);
}
