/* Endpoint: how people and machines are reached, and by which endpoints they hear.
 *
 * Private by construction: a place that others read is refused to reps and managers, whose receivers hear
 * concerns; so is one that the team's receivers have as well, to operators, too: they hear of people who have
 * no manager. */
#include "codec/sink.h"
#include "config/item.h"
#include "config/option.h"

enum {
  WEBHOOK = 1 << PL_SINK_WEBHOOK,
  MANAGER = 1 << PL_SINK_ALERTMANAGER,
  SLACK = 1 << PL_SINK_SLACK,
  BOT = 1 << PL_SINK_SLACK_BOT,
  TEAMS = 1 << PL_SINK_TEAMS,
  SMTP = 1 << PL_SINK_SMTP,
  ANY = (1 << PL_SINK_KINDS) - 1
};

/* Which types need an option, and which can have it. */
static const struct {
  const char *option;
  unsigned needs, takes;
  const char *expected; /* by those that need it */
} uses[] = {
    {"url", SMTP, ANY & ~(unsigned)(SLACK | TEAMS), "the server; add `url: smtp://localhost:25`"},
    {"url_file", SLACK | TEAMS, ANY & ~(unsigned)SMTP,
     "the file that holds its URL, which is a secret; add `url_file: FILE`"},
    {"key_file", 0, WEBHOOK, NULL},
    {"token_file", BOT, WEBHOOK | MANAGER | BOT,
     "the file that holds the bot's token; add `token_file: FILE`"},
    {"from", SMTP, SMTP, "the sender's address; add `from: pace@example.com`"},
    {"to", 0, BOT | SMTP, NULL},
    {"user", 0, SMTP, NULL},
    {"password_file", 0, SMTP, NULL},
    {"starttls", 0, SMTP, NULL},
};

static const char *type_name(const pl_endpoint *e) { return pl_sink_type_of((pl_sink_kind)e->type)->name; }

static void check_uses(pl_compiler *c, const pl_endpoint *e) {
  for (size_t i = 0; i < PL_COUNT(uses); i++) {
    const pl_yaml *node = pl_yaml_find(e->item.node, uses[i].option);
    bool secret = strcmp(uses[i].option, "url") == 0 && (1U << e->type & (SLACK | TEAMS));
    if (node && secret)
      pl_complain_key(c->report, node,
                      "found a secret in the configuration, expected a file of its own; write it there, and "
                      "`url_file: FILE`");
    else if (node && !(uses[i].takes & 1U << e->type))
      pl_complain_key(c->report, node,
                      "found it at an endpoint of type %s, which has no use for it; remove it", type_name(e));
    else if (!node && (uses[i].needs & 1U << e->type) && !(uses[i].needs == (SLACK | TEAMS) && e->url))
      pl_complain_missing(c->report, e->item.node, uses[i].option, "%s", uses[i].expected);
  }
}

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

static bool on_loopback(const char *url) {
  const char *host = strstr(url, "://") + 3;
  size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
  pl_str name = {host, n};
  return pl_str_is(name, "localhost") || pl_str_is(name, "[::1]") || (n > 4 && begins(host, "127."));
}

static void check_url(pl_compiler *c, const pl_endpoint *e) {
  const pl_yaml *node = pl_yaml_find(e->item.node, "url"), *file = pl_yaml_find(e->item.node, "url_file");
  if ((1U << e->type & (WEBHOOK | MANAGER)) ? !node == !file : node && file && (1U << e->type & BOT))
    pl_complain_key(c->report, e->item.node, "found %s of url_file and url, expected %s",
                    node ? "both" : "none", 1U << e->type & BOT ? "at most one" : "exactly one");
  if (!e->url) return;
  bool smtp = e->type == PL_SINK_SMTP;
  const char *host = strstr(e->url, "://") + 3;
  if (smtp != begins(e->url, "smtp"))
    pl_complain(c->report, node, "found another kind of URL, expected %s for type %s",
                smtp ? "smtp:// or smtps://" : "https:// or http://", type_name(e));
  if (memchr(host, '@', strcspn(host, "/")))
    pl_complain(c->report, node, "found a user in it, expected the server alone; give %s",
                smtp ? "user and password_file" : "url_file, the whole URL in a file");
}

static void check_mail(pl_compiler *c, pl_endpoint *e) {
  const pl_yaml *node = e->item.node, *starttls = pl_yaml_find(node, "starttls");
  if (e->from && !pl_sink_reaches(PL_SINK_SMTP, pl_str_of(e->from)))
    pl_complain(c->report, pl_yaml_find(node, "from"),
                "found '%s', expected an address such as pace@example.com",
                pl_quote(pl_str_of(e->from)).text);
  if (!e->user != !e->password_file)
    pl_complain_missing(c->report, node, e->user ? "password_file" : "user",
                        "it beside `%s`; add it, or remove the other", e->user ? "user" : "password_file");
  if (!e->url) return;
  bool never = e->starttls == 1, sealed = begins(e->url, "smtps://");
  if (starttls && sealed)
    pl_complain_key(c->report, starttls,
                    "found it with smtps://, which is encrypted from the start; remove it");
  if (never && e->user && !on_loopback(e->url))
    pl_complain(
        c->report, starttls,
        "found `never` with a password, which anybody on the way could read, expected `required`; remove "
        "it");
  e->open = !sealed && (never || (!starttls && on_loopback(e->url)));
}

static bool same_text(const char *a, const char *b) { return a && b && strcmp(a, b) == 0; }

static bool is_addressed(const pl_endpoint *e) { return pl_sink_type_of((pl_sink_kind)e->type)->addressed; }

/* Do they tell the same place? Of those that have addresses: where nobody has one of their own. */
static bool same_place(const pl_endpoint *a, const pl_endpoint *b) {
  if (is_addressed(a) || is_addressed(b)) return a->type == b->type && same_text(a->to, b->to);
  return a == b || same_text(a->url, b->url) || same_text(a->url_file, b->url_file);
}

static const pl_endpoint *public_twin(const pl_config *config, const pl_endpoint *e) {
  for (size_t i = 0; i < config->receivers.team.n; i++) {
    const pl_endpoint *other = pl_config_endpoint(config, config->receivers.team.items[i]);
    if (other && other->type >= 0 && same_place(e, other)) return other;
  }
  return NULL;
}

/* For a rep, a manager, or (`ops`) operators: it must be theirs alone. What is of a person does not enter an
 * open place of the operators'. */
static void check_private(pl_compiler *c, const pl_yaml *node, const pl_endpoint *e, bool ops) {
  const pl_endpoint *twin = is_addressed(e) && !ops ? NULL : public_twin(c->config, e);
  if (pl_sink_type_of((pl_sink_kind)e->type)->open && !ops)
    pl_complain(
        c->report, node,
        "found '%s', a place that others read, expected one that reaches a person alone; give an endpoint "
        "of type slack_bot, smtp or webhook",
        e->item.name);
  else if (twin)
    pl_complain(c->report, node,
                "found '%s', which `team` has as %s%s, expected one that reaches %s alone; give the team %s "
                "of its own",
                e->item.name, twin == e ? "well" : twin->item.name, twin == e ? "" : ", the same place",
                ops ? "operators" : "a person", is_addressed(e) ? "a `to`" : "an endpoint");
}

/* For the team or the operators: it must have an address for them. */
static void check_address(pl_compiler *c, const pl_yaml *node, const pl_endpoint *e, bool team) {
  if (e->to || !is_addressed(e)) return;
  if (team && e->type == PL_SINK_SLACK_BOT) return; /* teams have channels */
  pl_complain(c->report, node, "found '%s', which has no address for them; add `to` under endpoints.%s",
              e->item.name, e->item.name);
}

static void check_receivers(pl_compiler *c) {
  const struct {
    const char *path;
    pl_list names;
    bool person;
  } slots[] = {{"receivers.rep", c->config->receivers.rep, true},
               {"receivers.manager", c->config->receivers.manager, true},
               {"receivers.team", c->config->receivers.team, false},
               {"receivers.ops", c->config->receivers.ops, false}};
  const pl_endpoint *endpoints = c->config->endpoints.p;
  for (size_t i = 0; i < PL_COUNT(slots); i++)
    for (size_t k = 0; k < slots[i].names.n; k++) {
      const char *name = slots[i].names.items[k];
      const pl_yaml *node = pl_yaml_holder(pl_yaml_nearest(c->root, slots[i].path), name);
      const pl_endpoint *e = pl_config_endpoint(c->config, name);
      bool team = i == 2;
      if (e && e->type >= 0 && !team) check_private(c, node, e, !slots[i].person);
      if (e && e->type >= 0 && !slots[i].person) check_address(c, node, e, team);
      if (e) continue;
      pl_near near = pl_near_to(pl_str_of(name));
      for (size_t o = 0; o < c->config->endpoints.n; o++) pl_near_offer(&near, endpoints[o].item.name);
      pl_complain(c->report, node, "found '%s', expected the name of an endpoint under `endpoints`%s",
                  pl_quote(pl_str_of(name)).text, pl_near_hint(&near).text);
    }
}

void pl_compile_endpoints(pl_compiler *c) {
  pl_endpoint *endpoints = c->config->endpoints.p;
  for (size_t i = 0; i < c->config->endpoints.n; i++) {
    pl_endpoint *e = &endpoints[i];
    if (e->type < 0) continue; /* the table has said so */
    check_uses(c, e);
    check_url(c, e);
    if (e->type == PL_SINK_SMTP) check_mail(c, e);
    if (e->to && !pl_sink_reaches((pl_sink_kind)e->type, pl_str_of(e->to)))
      pl_complain(c->report, pl_yaml_find(e->item.node, "to"), "found '%s', expected %s",
                  pl_quote(pl_str_of(e->to)).text,
                  e->type == PL_SINK_SMTP ? "an address such as sales@example.com"
                                          : "a channel's or a member's id");
    if (e->type == PL_SINK_SLACK_BOT && !e->url && !e->url_file)
      e->url = "https://slack.com/api/chat.postMessage";
  }
  check_receivers(c);
}
