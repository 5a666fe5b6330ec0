/* paceline token: a signed token for the API, or the link under which a rep answers one alert. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "codec/pass.h"
#include "config/option.h"
#include "io/keyring.h"
#include "io/linker.h"

static const char usage[] =
    "usage: paceline token -c CONFIG --role ROLE [--for ID] [--alert ALERT [--goal GOAL]] [--expires 7d]\n"
    "  Prints a token, signed with the first key of http.key_file, that is taken until it expires (at most "
    "400d).\n"
    "  ROLE  rep, manager or team, --for whose id; public or ops\n"
    "  With --alert, of a rep: the link under which they answer that alert, about GOAL.\n";

typedef struct {
  const char *path, *role, *subject, *alert, *goal, *expires;
} options;

/* False: the verb ends with `code`. */
static bool parse(int argc, char **argv, options *o, int *code) {
  static const struct option longs[] = {{"role", required_argument, NULL, 'r'},
                                        {"for", required_argument, NULL, 'f'},
                                        {"alert", required_argument, NULL, 'a'},
                                        {"goal", required_argument, NULL, 'g'},
                                        {"expires", required_argument, NULL, 'e'},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  *o = (options){.subject = "", .expires = "7d"}, *code = EX_USAGE;
  for (int option; (option = getopt_long(argc, argv, "c:h", longs, NULL)) != -1;) {
    switch (option) {
    case 'c': o->path = optarg; break;
    case 'r': o->role = optarg; break;
    case 'f': o->subject = optarg; break;
    case 'a': o->alert = optarg; break;
    case 'g': o->goal = optarg; break;
    case 'e': o->expires = optarg; break;
    case 'h': *code = EX_OK; return (void)fputs(usage, stdout), false;
    default: return (void)fputs(usage, stderr), false;
    }
  }
  if (!o->path || !o->role || optind < argc) return (void)fputs(usage, stderr), false;
  return true;
}

static pl_status read_pass(const options *o, pl_pass *out, pl_err *err) {
  static const pl_option length = {.kind = PL_OPT_TIME, .min = 1000, .max = 400LL * 86400000};
  const pl_options_reader reader = {0};
  pl_dur expires;
  out->subject = pl_str_of(o->subject), out->alert = pl_str_of(o->alert);
  out->goal = pl_str_of(o->goal);
  if (!pl_role_find(pl_str_of(o->role), &out->role))
    return pl_fail(err, PL_REJECT, "--role: found '%s', expected rep, manager, team, public or ops",
                   pl_quote(pl_str_of(o->role)).text);
  bool named = out->role <= PL_ROLE_TEAM;
  if (named != (out->subject.n > 0) || out->subject.n > PL_ID_MAX || !pl_str_clean(out->subject))
    return pl_fail(err, PL_REJECT, "--for: found '%s', expected %s", pl_quote(out->subject).text,
                   named ? "the id of whom the token is for" : "none: the role is nobody's in particular");
  if (o->alert && (out->role != PL_ROLE_REP || !out->alert.n || out->alert.n > PL_PASS_ALERT_MAX ||
                   !pl_str_clean(out->alert)))
    return pl_fail(err, PL_REJECT, "--alert: found '%s' for the role %s, expected an alert's id, for a rep",
                   pl_quote(out->alert).text, o->role);
  if (o->goal && (!o->alert || out->goal.n > PL_ID_MAX || !pl_str_clean(out->goal)))
    return pl_fail(err, PL_REJECT, "--goal: found '%s'%s, expected what --alert is about",
                   pl_quote(out->goal).text, o->alert ? "" : " without --alert");
  if (!pl_scalar_read(&reader, &length, pl_str_of(o->expires), &expires))
    return pl_fail(err, PL_REJECT, "--expires: found '%s', expected a time such as 12h or 7d, at most 400d",
                   pl_quote(pl_str_of(o->expires)).text);
  out->until_s = pl_seconds(pl_clock_wall()) + expires.ms / 1000;
  return PL_OK;
}

static pl_status print(const pl_config *c, const pl_pass *pass, pl_err *err) {
  if (!c->http.key_file)
    return pl_fail(err, PL_REJECT, "http.key_file: found none, expected the file of the keys that sign");
  if (pass->alert.n && !c->public_url)
    return pl_fail(err, PL_REJECT, "public_url: found none, expected what a link begins with");
  pl_keyring *keys = pl_keyring_new();
  pl_err why;
  pl_status status = pl_keyring_read(keys, c->http.key_file, &why);
  if (status != PL_OK) (void)pl_fail(err, status, "http.key_file: %s", why.text);
  pl_buf out;
  pl_buf_init(&out, 4096);
  if (status == PL_OK && pass->alert.n) {
    pl_answer_linker linker;
    pl_answer_linker_init(&linker, keys, c->public_url);
    linker.linker.put(&linker.linker, pass->subject, pass->alert, pass->goal, pass->until_s, &out);
  } else if (status == PL_OK) {
    pl_pass_encode(pass, &out);
    pl_keyring_sign(keys, &out);
  }
  if (status == PL_OK) (void)printf("%.*s\n", (int)out.n, out.p);
  pl_buf_fini(&out);
  pl_keyring_free(&keys);
  return status;
}

int pl_cli_token(int argc, char **argv) {
  options o;
  pl_pass pass = {.role = PL_ROLE_REP};
  pl_err err = {""};
  int code;
  if (!parse(argc, argv, &o, &code)) return code;
  if (read_pass(&o, &pass, &err) != PL_OK)
    return (void)fprintf(stderr, "paceline token: %s\n", err.text), EX_USAGE;
  pl_config *config = pl_cli_config(o.path);
  if (!config) return EX_CONFIG;
  pl_status status = print(config, &pass, &err);
  if (status != PL_OK) (void)fprintf(stderr, "paceline token: %s: %s\n", o.path, err.text);
  pl_config_free(&config);
  return status == PL_OK ? EX_OK : EX_CONFIG;
}
