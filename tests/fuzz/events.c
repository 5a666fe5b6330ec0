#include "events.h"

#include "codec/when.h"
#include "fuzz.h"

const char *const events_schemas[EVENTS_SCHEMAS - 1] = {
    "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'skip','type':'bytes'},{'"
    "name':'rep','type':['null','string','long']},{'name':'at','type':{'type':'long','logicalType':'"
    "timestamp-micros'}},{'name':'kind','type':{'type':'enum','name':'K','symbols':['call','note','heartbeat'"
    "]}},{'name':'tags','type':{'type':'array','items':{'type':'map','values':'double'}}},{'name':'deal','"
    "type':['null',{'type':'record','name':'D','fields':[{'name':'amount','type':{'type':'bytes','"
    "logicalType':'decimal','precision':18,'scale':2}},{'name':'open','type':'boolean'}]}]},{'name':'source',"
    "'type':['null','string']},{'name':'parts','type':{'type':'array','items':{'type':'record','name':'P','"
    "fields'"
    ":[{'name':'who','type':['null','string']},{'name':'share','type':'double'}]}}},{'name':'was','type':['"
    "null','D"
    "']},{'name':'to','type':['null','long']}]}",
    "{'type':'record','name':'R','fields':[{'name':'id','type':'long'},{'name':'rep','type':'string'},{'name'"
    ":'at','type':'string'},{'name':'kind','type':'string'},{'name':'next','type':['null','R']},{'name':'all'"
    ",'type':{'type':'array','items':'R'}},{'name':'deal','type':{'type':'record','name':'D','fields':[{'"
    "name':'amount','type':'string'}]}},{'name':'takes','type':['null',{'type':'fixed','name':'F','size':16,'"
    "logicalType':'uuid'}]}]}",
};

static const char *const types[] = {"call"}, *const fields[] = {"amount", "opened_at"};
static const pl_metric metrics[] = {
    {.name = "revenue", .kind = PL_SUM_OF, .field = 0},
    {.name = "time_to_close/sum", .kind = PL_SPAN_OF, .field = 1, .hidden = true}};
const pl_policy events_policy = {
    .types = types, .ntypes = 1, .fields = fields, .nfields = 2, .metrics = metrics, .nmetrics = 2};
static const char *const notes[] = {"note", "x"};
static const pl_condition when[] = {{"parts[].who", PL_TEST_IS_NOT, notes, 1, NULL},
                                    {"kind", PL_TEST_IS, notes, 2, NULL},
                                    {"deal.amount", PL_TEST_DIFFERS, NULL, 0, "was.amount"},
                                    {"source", PL_TEST_ABSENT, NULL, 0, NULL}};
const pl_mapping events_mappings[EVENTS_MAPPINGS] = {{.id = "{id}/x",
                                                      .rep = {.paths = {"rep"}},
                                                      .at = {.paths = {"at"}},
                                                      .at_of_day = -1,
                                                      .type = {.paths = {"kind"}},
                                                      .fields = {{.paths = {"deal.amount"}}},
                                                      .retracts = "takes",
                                                      .source = "source",
                                                      .complete_to = "to"},
                                                     {.when = when,
                                                      .nwhen = PL_COUNT(when),
                                                      .each = "parts[]",
                                                      .id = "id",
                                                      .rep = {.paths = {"parts[].who", "rep"}},
                                                      .at = {.paths = {"at"}},
                                                      .at_of_day = -1,
                                                      .type_constant = 0,
                                                      .fields = {{.paths = {"deal.amount"}}},
                                                      .share = "parts[].share",
                                                      .share_of = 1},
                                                     {.before = "was",
                                                      .after = "deal",
                                                      .id = "id",
                                                      .rep = {.paths = {"rep"}},
                                                      .at = {.paths = {"at"}},
                                                      .at_of_day = -1,
                                                      .type_constant = 0,
                                                      .fields = {{.paths = {"$.amount"}}}}};
const pl_mapping events_of_rows = {.id = "{id}/{rep}",
                                   .rep = {.paths = {"rep"}},
                                   .at = {.paths = {"at"}},
                                   .at_format = "%d.%m.%Y",
                                   .at_of_day = 43200,
                                   .type = {.paths = {"kind"}},
                                   .fields = {{.paths = {"amount"}}, {.paths = {"opened"}}},
                                   .retracts = "takes"};

static void check_id(pl_str id) { PL_ASSERT(id.n && id.n <= PL_ID_MAX && pl_str_clean(id)); }

static void check_value(const pl_value *v) {
  PL_ASSERT(v->kind != PL_TEXT || (v->s.n <= PL_FIELD_MAX && pl_str_utf8(v->s)));
  PL_ASSERT(v->kind != PL_REAL || isfinite(v->d));
  PL_ASSERT(v->kind != PL_DECIMAL || (v->scale >= 0 && v->scale <= 18));
  PL_ASSERT(v->kind != PL_INSTANT || (v->i >= PL_WHEN_MIN && v->i <= PL_WHEN_MAX));
}

static void check_word(const pl_goal_word *w) {
  PL_ASSERT(pl_str_utf8(w->name) && pl_str_utf8(w->plan) && pl_str_utf8(w->by) && pl_str_utf8(w->metric));
  PL_ASSERT(w->period == -1 || (w->period >= PL_DAY && w->period <= PL_YEAR));
  PL_ASSERT(!isinf(w->target));
}

static void check_prose(pl_str text) {
  PL_ASSERT(pl_str_utf8(text) && text.n <= PL_FIELD_MAX && !(text.n && memchr(text.p, '\r', text.n)));
}

void events_check(const pl_event *event) {
  PL_ASSERT(event->at.ms >= PL_WHEN_MIN && event->at.ms <= PL_WHEN_MAX);
  if (event->type == PL_TYPE_HEARTBEAT) {
    check_id(event->source);
    PL_ASSERT(event->complete_to.ms >= PL_WHEN_MIN && event->complete_to.ms <= PL_WHEN_MAX);
    return;
  }
  check_id(event->id), check_id(event->rep);
  if (event->retracts.n) check_id(event->retracts);
  if (event->type == PL_TYPE_ADJUSTMENT) {
    PL_ASSERT(pl_str_clean(event->metric) && event->amount.kind != PL_TEXT && event->amount.kind != PL_NONE);
    check_value(&event->amount);
  } else if (pl_type_is_word(event->type)) {
    check_word(event->goal);
  } else if (event->type == PL_TYPE_ANSWER) {
    check_id(event->answer->alert);
    check_prose(event->answer->reason), check_prose(event->answer->plan);
  } else {
    PL_ASSERT(event->type >= PL_TYPE_OTHER && event->type < PL_TYPES_MAX);
    for (size_t i = 0; i < 2; i++) check_value(&event->fields[i]);
  }
}
