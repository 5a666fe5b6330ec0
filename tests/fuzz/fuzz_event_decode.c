/* Bodies from the fuzzer against a schema that has one of everything: whatever comes, an event or a reason,
 * and nothing is read outside the body. The first byte chooses the schema; the second schema is recursive. */
#include <stdio.h>
#include <stdlib.h>

#include "../codec/json.h"
#include "codec/event_decode.h"

static const char *const schemas[] = {
    "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'skip','type':'bytes'},{'"
    "name':'rep','type':['null','string','long']},{'name':'at','type':{'type':'long','logicalType':'"
    "timestamp-micros'}},{'name':'kind','type':{'type':'enum','name':'K','symbols':['call','note','heartbeat'"
    "]}},{'name':'tags','type':{'type':'array','items':{'type':'map','values':'double'}}},{'name':'deal','"
    "type':['null',{'type':'record','name':'D','fields':[{'name':'amount','type':{'type':'bytes','"
    "logicalType':'decimal','precision':18,'scale':2}},{'name':'open','type':'boolean'}]}]},{'name':'source',"
    "'type':['null','string']},{'name':'to','type':['null','long']}]}",
    "{'type':'record','name':'R','fields':[{'name':'id','type':'long'},{'name':'rep','type':'string'},{'name'"
    ":'at','type':'string'},{'name':'kind','type':'string'},{'name':'next','type':['null','R']},{'name':'all'"
    ",'type':{'type':'array','items':'R'}},{'name':'deal','type':{'type':'record','name':'D','fields':[{'"
    "name':'amount','type':'string'}]}}]}",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const types[] = {"call"}, *const fields[] = {"amount"};
  static const pl_metric metrics[] = {{.name = "revenue", .kind = PL_SUM_OF, .field = 0}};
  static const pl_policy policy = {
      .types = types, .ntypes = 1, .fields = fields, .nfields = 1, .metrics = metrics, .nmetrics = 1};
  static const pl_mapping mapping = {.id = "{id}/x",
                                     .rep = "rep",
                                     .at = "at",
                                     .at_of_day = -1,
                                     .type_path = "kind",
                                     .fields = {"deal.amount"},
                                     .source = "source",
                                     .complete_to = "to"};
  static pl_schema *parsed[2]; /* as long as the process */
  static pl_event_reader *readers[2];
  pl_err why;
  for (size_t i = 0; i < 2 && !readers[1]; i++)
    if (pl_schema_new(&parsed[i], json(schemas[i]), &why) != PL_OK ||
        pl_event_reader_new(&readers[i], parsed[i], &mapping, &policy, &why) != PL_OK) {
      (void)fprintf(stderr, "%s\n", why.text);
      abort();
    }
  if (size == 0) return 0;
  pl_event_room room;
  pl_event event;
  pl_str body = {(const char *)data + 1, size - 1};
  if (pl_event_decode(readers[data[0] & 1], body, &room, &event, &why) != PL_APPLIED) return 0;
  if (event.type == PL_TYPE_HEARTBEAT) return 0;
  if (!pl_str_clean(event.id) || !pl_str_clean(event.rep) || event.rep.n == 0) abort();
  if (event.fields[0].kind == PL_TEXT) abort();
  return 0;
}
