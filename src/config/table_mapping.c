/* Table of a mapping: the options with which it is said what of a user's record is what of an event. */
#include "config/item.h"
#include "config/option.h"

#define MAPPING(field)   .at = offsetof(pl_mapping_item, field)
#define CONDITION(field) .at = offsetof(pl_condition_item, field)

static const char *const truths[] = {"false", "true", NULL}, *const epoch_units[] = {"ms", "s", "us", "ns",
                                                                                     NULL};

/* The way to a value: several paths, a constant, words of theirs that are others of ours. */
#define PATHS(member, example_)                                                                              \
  {                                                                                                          \
    "path", PL_OPT_LIST, .at = (member), .max = PL_PATHS_MAX, .example = (example_),                         \
                         .doc = "Its path; of several the first one that leads to a value."                  \
  }
#define VALUES(member, example_, doc_)                                                                       \
  {                                                                                                          \
    "values", PL_OPT_MAP, .at = (member), .max = 2 * PL_TYPES_MAX, .example = (example_), .flags = PL_ASIDE, \
                          .doc = (doc_)                                                                      \
  }
#define CONSTANT(member, example_)                                                                           \
  {                                                                                                          \
    "constant", PL_OPT_TEXT, .at = (member), .example = (example_), .min = 1, .max = PL_ID_MAX,              \
                             .flags = PL_ASIDE, .doc = "What it is where no path leads to a value."          \
  }

static const pl_option mapping_when[] = {
    {"is", PL_OPT_LIST, CONDITION(is), .max = 64, .example = "[won]",
     .doc = "One of these. Of a path with [], some item is."},
    {"not", PL_OPT_LIST, CONDITION(is_not), .max = 64, .example = "[won]", .flags = PL_ASIDE,
     .doc = "None of these, or absent."},
    {"differs", PL_OPT_TEXT, CONDITION(differs), .example = "before.stage", .min = 1, .max = PL_PATH_MAX,
     .flags = PL_ASIDE, .doc = "Another value than at this path: what has changed."},
    {"present", PL_OPT_CHOICE, CONDITION(present), .choices = truths, .example = "true", .flags = PL_ASIDE,
     .doc = "Whether there is a value."},
    {0}};

static const pl_option mapping_rep[] = {
    PATHS(offsetof(pl_mapping_item, rep.path), "owner.id"),
    VALUES(offsetof(pl_mapping_item, rep.values), "{u17: ada}", "Their id: ours; others stay as they are."),
    CONSTANT(offsetof(pl_mapping_item, rep.constant), "house"),
    {0}};

static const pl_option mapping_at[] = {
    PATHS(offsetof(pl_mapping_item, at.path), "occurred_at"),
    {"format", PL_OPT_TEXT, MAPPING(at_format), .example = "\"%Y-%m-%d\"", .min = 2, .max = 64,
     .flags = PL_ASIDE,
     .doc = "The text's form, where it is not ISO 8601: %Y %y %m %b %B %d %a %A %H %I %p %M %S %f %z, or %s, "
            "%Q: "
            "(milli)seconds since 1970."},
    {"unit", PL_OPT_CHOICE, MAPPING(at_unit), .choices = epoch_units, .example = "s", .flags = PL_ASIDE,
     .doc = "What a plain number counts since 1970. None given: ms."},
    {"time", PL_OPT_OF_DAY, MAPPING(at_of_day), .example = "\"12:00\"", .flags = PL_ASIDE,
     .doc = "The time of the day that a date without a time stands for."},
    {"zone", PL_OPT_ZONE, MAPPING(at_zone), .example = "Europe/Berlin", .flags = PL_ASIDE,
     .doc = "Whose clock shows it, where it says no offset. None given: the rep's own."},
    {0}};

static const pl_option mapping_type[] = {
    PATHS(offsetof(pl_mapping_item, type.path), "type"),
    VALUES(
        offsetof(pl_mapping_item, type.values), "{CALL: call, DEMO: demo}",
        "Their value: our type; a value that is not listed is no event. None given: the value is the type."),
    {"constant", PL_OPT_TEXT, MAPPING(type.constant), .example = "call", .min = 1, .max = 64,
     .flags = PL_ASIDE, .doc = "Instead of a path: the type of every record."},
    {0}};

static const pl_option mapping_field[] = {
    PATHS(offsetof(pl_origin_item, path), "deal.amount"),
    VALUES(offsetof(pl_origin_item, values), "{gtx: GTX Pro}", "Their value: ours; others stay as they are."),
    CONSTANT(offsetof(pl_origin_item, constant), "phone"),
    {0}};

static const pl_option mapping_currency[] = {
    PATHS(offsetof(pl_mapping_item, currency.path), "deal.currency"),
    VALUES(offsetof(pl_mapping_item, currency.values), "{US Dollar: USD}", "Their word: ours."),
    CONSTANT(offsetof(pl_mapping_item, currency.constant), "EUR"),
    {0}};

static const pl_option mapping_share[] = {{"path", PL_OPT_TEXT, MAPPING(share),
                                           .example = "\"splits[].percent\"", .min = 1, .max = PL_PATH_MAX,
                                           .flags = PL_ASIDE, .doc = "Its path, a number."},
                                          {"of", PL_OPT_NUMBER, MAPPING(share_of), .fallback = "100",
                                           .min = 0.001, .max = 1e6, .doc = "What stands for the whole."},
                                          {0}};

const pl_option pl_options_mapping[] = {
    {"when", PL_OPT_ITEMS, MAPPING(when), .inner = mapping_when, .size = sizeof(pl_condition_item),
     .max = PL_CONDITIONS_MAX, .flags = PL_SHORT, .example = "stage",
     .doc = "Only of records in which all of this holds: by path, a value, a list of values, or these."},
    {"row", PL_OPT_LIST, MAPPING(row), .max = 2, .example = "[before, after]", .flags = PL_ASIDE,
     .doc =
         "Of a change that carries the row before and after it: where the two are. `$` in all paths is each "
         "of "
         "them in turn. What the row made before and does not make now is taken back, what it makes now and "
         "did not before counts; what is alike is left alone."},
    {"each", PL_OPT_TEXT, MAPPING(each), .example = "\"splits[]\"", .min = 3, .max = PL_PATH_MAX,
     .flags = PL_ASIDE,
     .doc = "An event of each item of this list, which paths such as splits[].owner lead into."},
    {"id", PL_OPT_TEXT, MAPPING(id), .example = "event_id", .min = 1, .max = PL_PATH_MAX,
     .flags = PL_REQUIRED,
     .doc = "The event's id: a path, or a template such as \"{deal_id}/closed\". One that does not tell the "
            "items of "
            "`each` apart gets /REP after it."},
    {"rep", PL_OPT_SECTION, .inner = mapping_rep, .flags = PL_SHORT | PL_REQUIRED, .example = "owner.id",
     .doc = "The rep's id. A path alone, or these."},
    {"at", PL_OPT_SECTION, .inner = mapping_at, .flags = PL_SHORT | PL_REQUIRED, .example = "occurred_at",
     .doc = "When it happened: a number, a timestamp, or a text. A path alone, or these."},
    {"type", PL_OPT_SECTION, .inner = mapping_type, .flags = PL_SHORT | PL_REQUIRED, .example = "type",
     .doc = "What happened. A path alone, or these."},
    {"fields", PL_OPT_ITEMS, MAPPING(fields), .inner = mapping_field, .size = sizeof(pl_origin_item),
     .max = PL_FIELDS_MAX, .flags = PL_SHORT, .example = "amount",
     .doc = "Our field: your path, or these. Metrics name these."},
    {"currency", PL_OPT_SECTION, .inner = mapping_currency, .flags = PL_SHORT,
     .doc = "The unit of its amounts. A metric that adds them up and has another `unit` refuses the event. A "
            "path "
            "alone, or these."},
    {"share", PL_OPT_SECTION, .inner = mapping_share, .flags = PL_SHORT,
     .doc = "With `each`: how much of the amounts is this item's. The parts of shares that add up to the "
            "whole add "
            "up to the amount, to the last digit. A path alone, or these."},
    {"retracts", PL_OPT_TEXT, MAPPING(retracts), .example = "corrects.id", .min = 1, .max = PL_PATH_MAX,
     .flags = PL_ASIDE,
     .doc =
         "Of a retraction: the id of the event that it takes back, a path or a template. It has that event's "
         "rep, time, type and fields, and subtracts."},
    {"metric", PL_OPT_TEXT, MAPPING(metric), .example = "metric", .min = 1, .max = PL_PATH_MAX,
     .flags = PL_ASIDE, .doc = "Of an `adjustment`, paceline's own type: the name of the metric to add to."},
    {"amount", PL_OPT_TEXT, MAPPING(amount), .example = "amount", .min = 1, .max = PL_PATH_MAX,
     .flags = PL_ASIDE, .doc = "Of an adjustment: how much to add, in the metric's unit; may be negative."},
    {"source", PL_OPT_TEXT, MAPPING(source), .example = "source", .min = 1, .max = PL_PATH_MAX,
     .flags = PL_ASIDE, .doc = "Of a heartbeat: which source speaks."},
    {"complete_to", PL_OPT_TEXT, MAPPING(complete_to), .example = "complete_to", .min = 1, .max = PL_PATH_MAX,
     .flags = PL_ASIDE, .doc = "Of a heartbeat: up to when the source has said everything."},
    {"goal", PL_OPT_TEXT, MAPPING(goal), .example = "goal", .min = 1, .max = PL_PATH_MAX, .flags = PL_ASIDE,
     .doc =
         "Of words on goals, such as goal_proposed: the path of a record with name, metric, period, target, "
         "plan and by."},
    {"answer", PL_OPT_TEXT, MAPPING(answer), .example = "answer", .min = 1, .max = PL_PATH_MAX,
     .flags = PL_ASIDE,
     .doc = "Of an `answer` to an alert: the path of a record with alert, reason and plan."},
    {0}};
