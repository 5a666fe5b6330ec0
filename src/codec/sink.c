#include "codec/sink.h"

#include <jansson.h>
#include <stdio.h>

#include "codec/layout.h"

#define SECOND 1000000

static const pl_sink_type types[PL_SINK_KINDS] = {
    [PL_SINK_WEBHOOK] = {.name = "webhook", .group_max = 1, .body_max = 1 << 20},
    [PL_SINK_ALERTMANAGER] = {.name = "alertmanager", .group_max = 64, .body_max = 1 << 20},
    [PL_SINK_SLACK] = {.name = "slack",
                       .for_people = true,
                       .open = true,
                       .group_max = PL_MESSAGE_ITEMS_MAX,
                       .body_max = 20000,
                       .interval_us = SECOND},
    [PL_SINK_SLACK_BOT] = {.name = "slack_bot",
                           .for_people = true,
                           .addressed = true,
                           .group_max = PL_MESSAGE_ITEMS_MAX,
                           .body_max = 20000,
                           .interval_us = SECOND},
    [PL_SINK_TEAMS] = {.name = "teams",
                       .for_people = true,
                       .open = true,
                       .group_max = PL_MESSAGE_ITEMS_MAX,
                       .body_max = 28000,
                       .interval_us = SECOND / 4},
    [PL_SINK_SMTP] = {.name = "smtp",
                      .for_people = true,
                      .addressed = true,
                      .group_max = PL_MESSAGE_ITEMS_MAX,
                      .body_max = 256 * 1024},
};

const pl_sink_type *pl_sink_type_of(pl_sink_kind kind) { return &types[kind]; }

/* --- what is sent */

static void lay_out(pl_sink_kind kind, const pl_parcel *parcel, const pl_fit *fit, pl_buf *out) {
  pl_parcel whole = *parcel;
  if (!types[kind].addressed) whole.address = (pl_str){"", 0};
  if (kind == PL_SINK_SMTP)
    pl_mail_encode(&whole, fit, out);
  else if (kind == PL_SINK_TEAMS)
    pl_card_encode(&whole, fit, out);
  else
    pl_slack_encode(&whole, fit, out);
}

/* The last one fits however long the texts are. */
static void encode_message(pl_sink_kind kind, const pl_parcel *parcel, pl_buf *out) {
  static const pl_fit fits[] = {{3000, 10, 3000}, {1500, 10, 2000}, {750, 10, 1000}, {300, 10, 600},
                                {150, 5, 600},    {80, 2, 400},     {40, 0, 300}};
  PL_ASSERT(parcel->message->nitems <= PL_MESSAGE_ITEMS_MAX);
  for (size_t i = 0; i < PL_COUNT(fits); i++) {
    pl_buf_clear(out);
    lay_out(kind, parcel, &fits[i], out);
    if (!out->full && out->n <= types[kind].body_max) return;
  }
}

static void encode_posts(pl_sink_kind kind, const pl_parcel *parcel, pl_buf *out) {
  size_t n = parcel->nposts;
  bool detailed = true;
  PL_ASSERT(n);
  for (;; n > 1 ? (void)(n -= (n + 3) / 4) : (void)(detailed = false)) {
    pl_buf_clear(out);
    (kind == PL_SINK_WEBHOOK ? pl_hook_encode : pl_hook_alerts)(parcel, n, detailed, out);
    if (!detailed || (!out->full && out->n <= types[kind].body_max)) return;
  }
}

void pl_sink_encode(pl_sink_kind kind, const pl_parcel *parcel, pl_buf *out) {
  (types[kind].for_people ? encode_message : encode_posts)(kind, parcel, out);
}

bool pl_sink_reaches(pl_sink_kind kind, pl_str address) {
  if (kind == PL_SINK_SMTP) return pl_mail_address(address);
  if (!types[kind].addressed) return true;
  bool good = address.n > 0 && address.n <= 80;
  for (size_t i = 0; i < address.n && good; i++) good = address.p[i] > ' ' && address.p[i] < 0x7F;
  return good;
}

/* --- what an answer means */

static pl_sent say(pl_err *why, pl_sent what, const char *found, const char *remedy) {
  (void)pl_fail(why, PL_REJECT, "%s%s%s", found, *remedy ? "; " : "", remedy);
  return what;
}

static pl_sent judge_smtp(int status, pl_err *why) {
  char found[64];
  (void)snprintf(found, sizeof found, "SMTP status %d", status);
  if (status >= 200 && status < 300) return say(why, PL_SENT_TAKEN, found, "");
  if (status == 530 || status == 534 || status == 535 || status == 538) /* no letter's fault */
    return say(why, PL_SENT_AGAIN, found,
               "the server wants another user or password: set user and password_file");
  if (status < 500 || status > 599) return say(why, PL_SENT_AGAIN, found, "");
  return say(why, PL_SENT_REFUSED, found,
             "the server does not take mail from this sender or for this recipient: look at its log");
}

/* The status alone, where it says more than the body could. */
static pl_sent judge_http(int status, pl_err *why) {
  static const struct {
    int status;
    const char *remedy;
  } known[] = {{400, "it does not understand what it was sent: is it of another type?"},
               {401, "it wants another key or token"},
               {403, "it wants another key or token"},
               {404, "nobody is there: check its url"},
               {405, "it takes no messages: check its url"},
               {413, "the message is too long for it"}};
  char found[64];
  const char *remedy = "";
  (void)snprintf(found, sizeof found, "HTTP status %d", status);
  if (status >= 200 && status < 300) return say(why, PL_SENT_TAKEN, found, "");
  if (status < 200 || status == 408 || status == 425 || status == 429 || status >= 500)
    return say(why, PL_SENT_AGAIN, found, "");
  if (status == 410)
    return say(why, PL_SENT_GONE, found,
               "it is there no more: take it out of `endpoints`, or give another url");
  if (status < 400)
    return say(why, PL_SENT_REFUSED, found, "a redirect is not followed: set its url to where that leads");
  for (size_t i = 0; i < PL_COUNT(known); i++)
    if (known[i].status == status) remedy = known[i].remedy;
  return say(why, PL_SENT_REFUSED, found, remedy);
}

static pl_sent judge_slack(int status, pl_str body, pl_err *why) {
  while (body.n && (body.p[body.n - 1] == '\n' || body.p[body.n - 1] == '\r')) body.n--;
  if (status == 200 && pl_str_is(body, "ok")) return say(why, PL_SENT_TAKEN, "ok", "");
  return say(why, PL_SENT_AGAIN, "an answer without Slack's `ok`",
             "it may not be Slack that answers: check its url");
}

/* Its own words for what went wrong are names such as channel_not_found: nothing else is repeated. */
static bool is_name(const char *text) {
  size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
  return n > 0 && n <= 60 && !text[n];
}

static pl_sent judge_error(const char *error, pl_err *why) {
  static const struct {
    const char *error, *remedy;
    bool all; /* it would say so of every message */
  } known[] = {
      {"ratelimited", "", true},
      {"rate_limited", "", true},
      {"message_limit_exceeded", "", true},
      {"internal_error", "", true},
      {"fatal_error", "", true},
      {"request_timeout", "", true},
      {"service_unavailable", "", true},
      {"team_added_to_org", "", true},
      {"channel_not_found", "the address is no member or channel that the bot sees: correct it in the roster",
       false},
      {"user_not_found", "the address is no member: correct it in the roster", false},
      {"not_in_channel", "invite the bot to the channel", false},
      {"is_archived", "the channel is archived: give another", false},
      {"invalid_auth", "the token is not valid: write a bot's token into token_file", true},
      {"not_authed", "the token is missing: write a bot's token into token_file", true},
      {"account_inactive", "the token's bot is gone: write another's into token_file", true},
      {"token_revoked", "the token was revoked: write another into token_file", true},
      {"token_expired", "the token has expired: write another into token_file", true},
      {"missing_scope", "give the bot the scope chat:write", true},
      {"no_permission", "give the bot the scope chat:write", true},
      {"restricted_action", "an administrator of the workspace forbids it: ask there", true},
  };
  char found[96];
  const char *remedy = "look it up among the errors of chat.postMessage";
  bool all = false;
  (void)snprintf(found, sizeof found, "Slack's error %s", is_name(error) ? error : "(unreadable)");
  for (size_t i = 0; i < PL_COUNT(known); i++)
    if (strcmp(known[i].error, error) == 0) remedy = known[i].remedy, all = known[i].all;
  return say(why, all ? PL_SENT_AGAIN : PL_SENT_REFUSED, found, remedy);
}

static pl_sent judge_slack_bot(pl_str body, pl_err *why) {
  json_t *root = json_loadb(body.p, body.n, 0, NULL), *ok = json_object_get(root, "ok");
  const char *error = json_string_value(json_object_get(root, "error"));
  pl_sent what = json_is_true(ok)             ? say(why, PL_SENT_TAKEN, "ok", "")
                 : json_is_false(ok) && error ? judge_error(error, why)
                                              : say(why, PL_SENT_AGAIN, "an answer without Slack's `ok`",
                                                    "it may not be Slack that answers: check its url");
  json_decref(root);
  return what;
}

pl_sent pl_sink_verdict(pl_sink_kind kind, int status, pl_str body, pl_err *why) {
  if (status <= 0) return say(why, PL_SENT_AGAIN, "no answer", "");
  if (kind == PL_SINK_SMTP) return judge_smtp(status, why);
  bool good = status >= 200 && status < 300;
  if (kind == PL_SINK_SLACK && good) return judge_slack(status, body, why);
  if (kind == PL_SINK_SLACK_BOT && good) return judge_slack_bot(body, why);
  return judge_http(status, why);
}
