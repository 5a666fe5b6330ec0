/* Table: every option there is. The language of the configuration file is this page, which is why it is one,
 * however long; only what is said of records has a page of its own (table_mapping.c).
 *
 * A default is written as the file would say it and read by the same code. What the language has but this
 * version does not is PL_OPT_LATER: refused with its line, never ignored. */
#include "config/item.h"
#include "config/option.h"

#define CONFIG(field)   .at = offsetof(pl_config, field)
#define METRIC(field)   .at = offsetof(pl_metric_item, field)
#define CALENDAR(field) .at = offsetof(pl_calendar_item, field)
#define TEAM(field)     .at = offsetof(pl_team_item, field)
#define REP(field)      .at = offsetof(pl_rep_item, field)
#define GOAL(field)     .at = offsetof(pl_goal_item, field)
#define ENDPOINT(field) .at = offsetof(pl_endpoint, field)
#define LANGUAGE(field) .at = offsetof(pl_language_item, field)

#define SECOND 1000.0
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static const char *const clocks[] = {"wall", "stream", NULL};
static const char *const partitioners[] = {"murmur2", "crc32", NULL};
static const char *const starts[] = {"earliest", "latest", NULL};
static const char *const levels[] = {"error", "warn", "info", "debug", NULL};
static const char *const windows[] = {"1h",   "24h",   "7d",      "30d",  "day",
                                      "week", "month", "quarter", "year", NULL};
static const char *const periods[] = {"day", "week", "month", "quarter", "year", NULL};
static const char *const owners[] = {"manager", "rep", "agreed", NULL};
static const char *const statuses[] = {"agreed", "proposed", "paused", NULL};
static const char *const months[] = {"january",  "february", "march",  "april",     "may",
                                     "june",     "july",     "august", "september", "october",
                                     "november", "december", NULL};
static const char *const patterns[] = {"4-4-5", "4-5-4", "5-4-4", NULL};
static const char *const year_names[] = {"end", "start", NULL};
static const char *const time_off_rules[] = {"scale", "keep", NULL};
static const char *const directions[] = {"higher", "lower", NULL};
static const char *const endpoint_types[] = {"webhook",   "alertmanager", "slack", /* as pl_sink_kind */
                                             "slack_bot", "teams",        "smtp",  NULL};
static const char *const endpoint_urls[] = {"https://", "http://", "smtp://", "smtps://", NULL};
static const char *const starttls[] = {"required", "never", NULL};
static const char *const redis_urls[] = {"redis://", "unix://", NULL};
static const char *const redis_urls_later[] = {"rediss://", NULL};
static const char *const web_urls[] = {"https://", "http://", NULL};

static const pl_option topics[] = {
    {"activities", PL_OPT_TOPIC, CONFIG(kafka.topics.activities), .fallback = "crm.activities", .min = 1,
     .doc = "The event stream, keyed by rep."},
    {"roster", PL_OPT_TOPIC, CONFIG(kafka.topics.roster), .example = "crm.roster", .flags = PL_ASIDE,
     .doc = "Who the reps are, keyed by rep, compacted. Default crm.roster, or none when `reps` are in this "
            "file."},
    {"goals", PL_OPT_TOPIC, CONFIG(kafka.topics.goals), .example = "crm.goals", .flags = PL_ASIDE,
     .doc =
         "The goals, keyed by rep or team, compacted. Default crm.goals, or none when `goals` or `reps` are "
         "in this file."},
    {"teams", PL_OPT_TOPIC, CONFIG(kafka.topics.teams), .example = "crm.teams", .flags = PL_ASIDE,
     .doc = "The teams, compacted, one partition. Default crm.teams, or none when `teams` or `reps` are in "
            "this file."},
    {"dead_letters", PL_OPT_TOPIC, CONFIG(kafka.topics.dead_letters), .fallback = "paceline.dlq", .min = 1,
     .doc = "Where messages go that cannot be counted, with the reason in their headers."},
    {"alerts", PL_OPT_TOPIC, CONFIG(kafka.topics.alerts), .fallback = "paceline.alerts",
     .doc = "Where alerts are written as CloudEvents."},
    {"progress", PL_OPT_TOPIC, CONFIG(kafka.topics.progress), .fallback = "paceline.progress", .min = 1,
     .doc = "How far each import has come; compacted, one partition. Made when it is first needed."},
    {0}};

static const pl_option kafka[] = {
    {"brokers", PL_OPT_LIST, CONFIG(kafka.brokers), .fallback = "[localhost:9092]", .max = 64,
     .doc = "Brokers to ask first, as host:port."},
    {"group", PL_OPT_TEXT, CONFIG(kafka.group), .fallback = "paceline", .min = 1, .max = 249,
     .doc = "The consumer group; processes of one group share the partitions."},
    {"partitioner", PL_OPT_CHOICE, CONFIG(kafka.partitioner), .fallback = "murmur2", .choices = partitioners,
     .doc = "How the topics are keyed: murmur2 as Java clients do, crc32 as librdkafka does unless told."},
    {"start", PL_OPT_CHOICE, CONFIG(kafka.start), .fallback = "earliest", .choices = starts,
     .doc = "Where the first start reads from, while Redis holds no mark."},
    {"session_timeout", PL_OPT_TIME, CONFIG(kafka.session_timeout), .fallback = "45s", .min = 6 * SECOND,
     .max = 30 * MINUTE, .doc = "After this silence the group gives a process's partitions to others."},
    {"max_bytes", PL_OPT_SIZE, CONFIG(kafka.max_bytes), .fallback = "1MiB", .min = 1024, .max = 64 << 20,
     .doc = "The longest message that is decoded; longer ones are dead-lettered as too_large."},
    {"topics", PL_OPT_SECTION, .inner = topics, .doc = "Names of the topics; \"\": not used."},
    {"properties", PL_OPT_MAP, CONFIG(kafka.properties), .max = 128, .example = "{security.protocol: ssl}",
     .flags = PL_SECRET | PL_ASIDE,
     .doc = "Properties for librdkafka, passed through as they are; no secrets."},
    {"property_files", PL_OPT_MAP, CONFIG(kafka.property_files), .max = 128,
     .example = "{sasl.password: secrets/kafka, ssl.ca.pem: kafka-ca.pem}", .flags = PL_PATHS | PL_ASIDE,
     .doc = "Properties whose value stands in a file of its own: secrets, and keys and certificates in PEM."},
    {0}};

static const pl_option redis[] = {
    {"url", PL_OPT_URL, CONFIG(redis.url), .fallback = "redis://localhost:6379/0", .choices = redis_urls,
     .later = redis_urls_later,
     .instead = " (hiredis before 1.0 has no TLS): run stunnel beside paceline and name its plain end",
     .doc = "redis://[user[:password]@]host[:port][/db] or unix:///path. With `sentinels` its host "
            "and port are not used, only user, password and database."},
    {"password_file", PL_OPT_PATH, CONFIG(redis.password_file), .example = "secrets/redis", .flags = PL_ASIDE,
     .doc = "The file that holds the password."},
    {"sentinels", PL_OPT_LIST, CONFIG(redis.sentinels), .max = PL_SENTINELS_MAX,
     .example = "[sentinel-1:26379, sentinel-2:26379, sentinel-3:26379]", .flags = PL_ASIDE,
     .doc =
         "The sentinels, as host:port: they are asked where the master is at every connect, and say when it "
         "moves. Name all of them."},
    {"master", PL_OPT_TEXT, CONFIG(redis.master), .example = "mymaster", .min = 1, .max = 128,
     .flags = PL_ASIDE,
     .doc = "With `sentinels`: what they call the master, as in their `sentinel monitor`."},
    {"sentinel_user", PL_OPT_TEXT, CONFIG(redis.sentinel_user), .example = "paceline", .min = 1, .max = 128,
     .flags = PL_ASIDE, .doc = "The sentinels' own user, where it is not their `default`."},
    {"sentinel_password_file", PL_OPT_PATH, CONFIG(redis.sentinel_password_file),
     .example = "secrets/sentinel", .flags = PL_ASIDE,
     .doc = "The file that holds the sentinels' own password, where they ask for one."},
    {"prefix", PL_OPT_NAME, CONFIG(redis.prefix), .fallback = "pl", .doc = "What every key begins with."},
    {0}};

static const pl_option registry[] = {
    {"urls", PL_OPT_LIST, CONFIG(schemas.registry.urls), .max = PL_REGISTRIES_MAX,
     .example = "[https://registry.example.com]", .flags = PL_SECRET | PL_ASIDE,
     .doc = "Where it is, with its path where it has one, such as /apis/ccompat/v7. Several are nodes of one "
            "registry: the next is asked when one fails."},
    {"user", PL_OPT_TEXT, CONFIG(schemas.registry.user), .example = "paceline", .min = 1, .max = 256,
     .flags = PL_ASIDE, .doc = "Who logs in."},
    {"password_file", PL_OPT_PATH, CONFIG(schemas.registry.password_file), .example = "secrets/registry",
     .flags = PL_ASIDE, .doc = "The file that holds the user's password."},
    {"token_file", PL_OPT_PATH, CONFIG(schemas.registry.token_file), .example = "secrets/registry-token",
     .flags = PL_ASIDE, .doc = "Instead of a user: the file that holds a bearer token."},
    {"ca_file", PL_OPT_PATH, CONFIG(schemas.registry.ca_file), .example = "registry-ca.pem",
     .flags = PL_ASIDE, .doc = "Certificates to trust in place of the system's, in PEM."},
    {"timeout", PL_OPT_TIME, CONFIG(schemas.registry.timeout), .fallback = "10s", .min = 100,
     .max = 5 * MINUTE, .doc = "After so long without an answer the next one is asked."},
    {"register", PL_OPT_BOOL, CONFIG(schemas.registry.registers), .fallback = "false",
     .doc = "May paceline register its own schemas under <topic>-value, for what it writes itself, when they "
            "are not there?"},
    {0}};

static const pl_option schemas[] = {
    {"folder", PL_OPT_PATH, CONFIG(schemas.folder), .fallback = "schemas",
     .doc = "Where the .avsc files lie."},
    {"ids", PL_OPT_MAP, CONFIG(schemas.ids), .max = 1000, .example = "{1: activity.avsc}",
     .doc = "Schema id in the message's header: file in the folder."},
    {"fixed", PL_OPT_PATH, CONFIG(schemas.fixed), .example = "schemas/activity.avsc", .flags = PL_ASIDE,
     .doc = "The one schema of activities that are plain Avro, without the Confluent header."},
    {"json", PL_OPT_LIST, CONFIG(schemas.json), .max = 64, .example = "[crm.activities]", .flags = PL_ASIDE,
     .doc =
         "Topics whose values are JSON objects, read by the same mapping. What paceline itself writes among "
         "them stays Avro."},
    {"registry", PL_OPT_SECTION, .inner = registry, .flags = PL_FIXED,
     .doc = "A schema registry (Confluent's API): asked for the ids that are not under `ids`. A change takes "
            "a restart."},
    {0}};

static const pl_option metric[] = {
    {"count", PL_OPT_LIST, METRIC(count), .example = "call", .max = PL_TYPES_MAX,
     .doc =
         "Counts events of these types. One of count, sum, distinct, last, average, duration and ratio makes "
         "a metric."},
    {"sum", PL_OPT_NAME, METRIC(sum), .example = "amount", .flags = PL_ASIDE,
     .doc = "Adds up this field over events of the types in `of`."},
    {"distinct", PL_OPT_NAME, METRIC(distinct), .example = "account", .flags = PL_ASIDE,
     .doc = "Counts this field's different values over events of the types in `of`; calendar windows only."},
    {"last", PL_OPT_NAME, METRIC(last), .example = "amount", .flags = PL_ASIDE,
     .doc =
         "This field in the newest of the events, such as a forecast; a team's is the sum of its members'. "
         "Calendar windows only."},
    {"average", PL_OPT_NAME, METRIC(average), .example = "amount", .flags = PL_ASIDE,
     .doc = "This field's mean over events of the types in `of`."},
    {"duration", PL_OPT_NAME, METRIC(duration), .example = "opened_at", .flags = PL_ASIDE,
     .doc = "The mean time from the instant in this field to the event."},
    {"ratio", PL_OPT_LIST, METRIC(ratio), .example = "[won, closed]", .max = 2, .flags = PL_ASIDE,
     .doc = "One metric divided by another, in the windows both have."},
    {"of", PL_OPT_LIST, METRIC(of), .example = "deal_won", .max = PL_TYPES_MAX, .flags = PL_ASIDE,
     .doc = "The types of events whose field it is."},
    {"where", PL_OPT_MAP, METRIC(where), .example = "{channel: [phone, video]}", .max = PL_FIELDS_MAX,
     .flags = PL_MANY | PL_ASIDE, .doc = "Only events whose field has one of these values; all must hold."},
    {"by", PL_OPT_MAPS, METRIC(by), .example = "{product: {gtx: GTX Pro}}", .max = PL_BY_MAX,
     .flags = PL_MANY | PL_NAMED | PL_ASIDE,
     .doc =
         "The same for one value of a field, or one of several, each as a metric of its own: revenue.gtx. At "
         "most 16 in all."},
    {"windows", PL_OPT_LIST, METRIC(windows), .example = "[1h, day, week]", .choices = windows,
     .max = PL_WINDOWS, .doc = "Where it is added up: rolling 1h, 24h, 7d, 30d; by calendar day to year."},
    {"unit", PL_OPT_TEXT, METRIC(unit), .example = "EUR", .min = 1, .max = 16, .flags = PL_ASIDE,
     .doc = "Of amounts. Of a duration: s, min, h or d, which it is unless given."},
    {"decimals", PL_OPT_INT, METRIC(decimals), .fallback = "0", .min = 0, .max = 6, .unit = "digits",
     .doc = "Of amounts: digits kept behind the point."},
    {"typical", PL_OPT_TEXT, METRIC(typical), .example = "2500", .min = 1, .max = 24, .flags = PL_ASIDE,
     .doc = "Of a sum: one event's usual size, while there is no history."},
    {"forecasts", PL_OPT_TEXT, METRIC(forecasts), .example = "revenue", .min = 1, .max = 130,
     .flags = PL_ASIDE,
     .doc =
         "Of a last: the metric that it foretells, so that the last period's accuracy and bias are shown."},
    {0}};

static const pl_option fiscal[] = {
    {"start", PL_OPT_CHOICE, CONFIG(fiscal.start), .fallback = "january", .choices = months,
     .doc = "The month in which a fiscal year begins; months stay what they are."},
    {"pattern", PL_OPT_CHOICE, CONFIG(fiscal.pattern), .example = "4-4-5", .choices = patterns,
     .flags = PL_ASIDE,
     .doc =
         "Instead of months: a fiscal year of whole weeks, 13 a quarter, in months of so many; a 53rd week "
         "belongs to the last month."},
    {"ends", PL_OPT_TEXT, CONFIG(fiscal.ends), .example = "last saturday of january", .min = 1, .max = 64,
     .flags = PL_ASIDE,
     .doc = "With a pattern: the last day of the year, such as `last saturday of january` or `saturday "
            "nearest to "
            "the end of january`."},
    {"named", PL_OPT_CHOICE, CONFIG(fiscal.named), .fallback = "end", .choices = year_names,
     .doc = "Whether FY2026 is the year that ends or the one that begins in 2026."},
    {0}};

static const pl_option holidays[] = {
    {"file", PL_OPT_PATH, CALENDAR(holidays), .example = "holidays/de.yaml", .flags = PL_ASIDE,
     .doc =
         "The file, in YAML or JSON. A line a day: `2026-12-25: Christmas Day`, or with what is worked of it "
         "`2026-12-24: {name: Christmas Eve, hours: 09:00-12:00}`. It is to have all of a year: `check` "
         "warns "
         "once a goal's period reaches into one that it does not have."},
    {"only", PL_OPT_LIST, CALENDAR(only), .max = 256, .example = "[\"New Year's Day\", Christmas Day]",
     .flags = PL_ASIDE,
     .doc =
         "Only the file's holidays of these names, and their days in lieu `(observed)`; for lists that hold "
         "days on which people work."},
    {0}};

static const pl_option calendar[] = {
    {"zone", PL_OPT_ZONE, CALENDAR(zone), .example = "Europe/Berlin", .flags = PL_ASIDE,
     .doc = "Its time zone. None given: the rep's, then the team's, then `zone`."},
    {"week", PL_OPT_MAP, CALENDAR(week), .max = 7, .flags = PL_REQUIRED,
     .example = "{mon-thu: 09:00-12:30 13:30-18:00, fri: 09:00-15:00}",
     .doc = "Working hours by day or days; days not named are free."},
    {"holidays", PL_OPT_SECTION, .inner = holidays, .flags = PL_SHORT,
     .doc = "Days that are free, or partly, by a file alone, or these."},
    {"closed", PL_OPT_LIST, CALENDAR(closed), .max = 256, .example = "[2026-05-15, 2026-12-24..2026-12-31]",
     .doc = "Days on which nobody works; the last one is closed, too."},
    {0}};

static const pl_option team[] = {
    {"name", PL_OPT_TEXT, TEAM(name), .example = "Team North", .max = 255, .doc = "For people to read."},
    {"parent", PL_OPT_TEXT, TEAM(parent), .example = "sales", .min = 1, .max = 255, .flags = PL_ASIDE,
     .doc = "The team it belongs to."},
    {"manager", PL_OPT_TEXT, TEAM(manager), .example = "r7", .min = 1, .max = 255,
     .doc = "Who hears of concerns; none: ops."},
    {"zone", PL_OPT_ZONE, TEAM(zone), .example = "Europe/Berlin", .flags = PL_ASIDE,
     .doc = "Its time zone, and its members' unless they have their own."},
    {"calendar", PL_OPT_NAME, TEAM(calendar), .example = "office",
     .doc = "Its calendar, and its members' unless they have their own."},
    {"channel", PL_OPT_TEXT, TEAM(channel), .example = "sales-north", .min = 1, .max = 255, .flags = PL_ASIDE,
     .doc = "Where its recognition is told."},
    {0}};

static const pl_option rep[] = {
    {"name", PL_OPT_TEXT, REP(name), .example = "R One", .max = 255, .doc = "For people to read."},
    {"team", PL_OPT_TEXT, REP(team), .example = "north", .min = 1, .max = 255, .doc = "The team."},
    {"zone", PL_OPT_ZONE, REP(zone), .example = "Europe/Berlin", .flags = PL_ASIDE, .doc = "The time zone."},
    {"calendar", PL_OPT_NAME, REP(calendar), .example = "office", .flags = PL_ASIDE, .doc = "The calendar."},
    {"email", PL_OPT_TEXT, REP(email), .example = "r1@example.com", .min = 3, .max = 254,
     .doc = "Where to write."},
    {"slack", PL_OPT_TEXT, REP(slack), .example = "U012AB3CD", .min = 1, .max = 64, .flags = PL_ASIDE,
     .doc = "The Slack member id."},
    {"language", PL_OPT_NAME, REP(language), .example = "de", .flags = PL_ASIDE,
     .doc = "That messages to them are written in. None given: `messages.language`."},
    {"time_off", PL_OPT_LIST, REP(time_off), .max = PL_TIME_OFF_MAX, .example = "[2026-08-03..2026-08-14]",
     .doc = "Vacation, illness and other leave, by days; the last one is off, too. Some hours of a day are "
            "`2026-08-03 12:00-18:00`, and either end may be a time: `2026-08-03 12:00..2026-08-14`."},
    {"recognition", PL_OPT_BOOL, REP(recognition), .fallback = "true",
     .doc = "false: no public recognition, please."},
    {"erased", PL_OPT_BOOL, REP(erased), .fallback = "false",
     .doc = "true: everything about this person is deleted and stays so, whatever is read again; `paceline "
            "erase` "
            "says more."},
    {0}};

static const pl_option goal[] = {
    {"rep", PL_OPT_TEXT, GOAL(rep), .example = "r1", .min = 1, .max = 255,
     .doc = "Whose goal it is. One of rep, team and each."},
    {"team", PL_OPT_TEXT, GOAL(team), .example = "north", .min = 1, .max = 255, .flags = PL_ASIDE,
     .doc = "The team whose goal it is, as a whole."},
    {"each", PL_OPT_TEXT, GOAL(each), .example = "north", .min = 1, .max = 255, .flags = PL_ASIDE,
     .doc = "The team whose members have this goal each."},
    {"metric", PL_OPT_TEXT, GOAL(metric), .example = "calls", .min = 1, .max = 130, .flags = PL_REQUIRED,
     .doc = "What is counted: a metric, or one value of its breakdown, such as revenue.gtx."},
    {"period", PL_OPT_CHOICE, GOAL(period), .example = "day", .choices = periods, .flags = PL_REQUIRED,
     .doc = "In which time; one of the metric's calendar windows."},
    {"target", PL_OPT_NUMBER, GOAL(target), .example = "40", .max = 1e15, .unit = "the metric's unit",
     .flags = PL_REQUIRED, .doc = "How much; 0 with direction lower only."},
    {"owner", PL_OPT_CHOICE, GOAL(owner), .fallback = "manager", .choices = owners, .doc = "Who set it."},
    {"status", PL_OPT_CHOICE, GOAL(status), .fallback = "agreed", .choices = statuses,
     .doc = "Only agreed goals are judged."},
    {"parent", PL_OPT_NAME, GOAL(parent), .example = "q_revenue", .flags = PL_ASIDE,
     .doc = "The goal it is a part of."},
    {"plan", PL_OPT_TEXT, GOAL(plan), .example = "Two follow-ups before lunch.", .max = 1000,
     .doc = "What I do if I am behind, in the rep's own words."},
    {"direction", PL_OPT_CHOICE, GOAL(direction), .fallback = "higher", .choices = directions,
     .doc = "Which way is better; lower: at most the target."},
    {"line", PL_OPT_MAP, GOAL(line), .max = PL_LINE_POINTS_MAX, .example = "{50%: 40%}", .flags = PL_ASIDE,
     .doc =
         "How much should be there by when: the share of the period's working time, and of the target. None "
         "given: straight over working time."},
    {"milestones", PL_OPT_MAP, GOAL(milestones), .max = PL_MILESTONES_MAX, .example = "{50%: 40%}",
     .flags = PL_ASIDE,
     .doc =
         "Checkpoints: the share of the period's working time, and of the target; or in a day's goal the "
         "time of day and the amount, such as {\"12:00\": 15}. None asks for less than the one before it, or "
         "for more than the target."},
    {"from", PL_OPT_TEXT, GOAL(from), .example = "2026-02-10", .min = 1, .max = 10, .flags = PL_ASIDE,
     .doc = "The first day on which it holds; before it there is no such goal. Within a period it is judged "
            "from there on: what was counted before is taken off, and the time that had passed. None given: "
            "always."},
    {"versions", PL_OPT_MAP, GOAL(versions), .max = 64, .example = "{2026-03-10: 30, 2026-04-01: paused}",
     .flags = PL_ASIDE,
     .doc = "Another target from a day on, or a pause: ramp and relief. What lies before the day is not "
            "judged again."},
    {"time_off", PL_OPT_CHOICE, GOAL(time_off), .fallback = "scale", .choices = time_off_rules,
     .doc = "What a rep's time off does to the target: scale leaves as much of it as of the working time, "
            "keep leaves it as it is, as for a quota."},
    {0}};

static const pl_option behind[] = {
    {"chance", PL_OPT_NUMBER, CONFIG(alerts.behind.chance), .fallback = "0.2", .max = 0.45, .flags = PL_ABOVE,
     .doc = "Behind begins when the chance to reach the target falls below this."},
    {"leave", PL_OPT_NUMBER, CONFIG(alerts.behind.leave), .fallback = "0.4", .max = 0.45, .flags = PL_ABOVE,
     .doc = "Behind ends when the chance is back at this; above `chance`."},
    {"for", PL_OPT_WORK, CONFIG(alerts.behind.wait), .fallback = "1wh",
     .doc = "How long it must last before it is told."},
    {"manager", PL_OPT_TEXT, CONFIG(alerts.behind.manager), .fallback = "after 2wh", .max = 64,
     .doc = "When the manager hears of it, too: now; after so much working time since the rep was told, with "
            "the rep's answer; digest, with the next one, or when time is short; or never. At once when less "
            "than twice that "
            "remains, or "
            "when the goal is out of reach at the rate of the rep's best five working days in a row. At most "
            "an eighth of the goal's working time. Who has no manager: operators."},
    {"repeat", PL_OPT_WORK, CONFIG(alerts.behind.repeat), .fallback = "never", .flags = PL_OR_NEVER,
     .doc = "It is told again each time that so much working time has passed and it is still so."},
    {0}};

static const pl_option digest[] = {{"at", PL_OPT_OF_DAY, CONFIG(alerts.digest.at), .example = "\"16:30\"",
                                    .flags = PL_ASIDE,
                                    .doc = "The time of day. None given: there is no digest."},
                                   {"days", PL_OPT_LIST, CONFIG(alerts.digest.days), .fallback = "[mon-fri]",
                                    .max = 7, .doc = "On which days: fri, mon-thu, [mon, wed, fri]."},
                                   {0}};

static const pl_option alerts[] = {
    {"behind", PL_OPT_SECTION, .inner = behind, .doc = "A goal that will be missed if nothing changes."},
    {"silent_after", PL_OPT_WORK, CONFIG(alerts.silent_after), .fallback = "1wd", .flags = PL_OR_NEVER,
     .doc =
         "Who has a goal and sends no event for so long hears of it. A working day counts by the share of it "
         "that has passed: from noon to noon is one."},
    {"digest", PL_OPT_SECTION, .inner = digest,
     .doc =
         "What managers hear on a schedule, by their own clock (who is not in the roster: their "
         "team's), whether anything is wrong or not: who needs "
         "help and with what, who is on pace, who improved, who proposed, agreed and answered of themselves, "
         "where goals leave a gap. And what the budget does not allow waits for it, a rep's as well. Who was "
         "away at the time gets it later on the same day."},
    {"quiet", PL_OPT_TEXT, CONFIG(alerts.quiet), .example = "19:00-08:00", .max = 64, .flags = PL_ASIDE,
     .doc = "Hours of the reader's own day in which nobody is told anything. It is held, and looked at again "
            "before it is told: what has healed meanwhile is not. Operators hear at once."},
    {"group_wait", PL_OPT_TIME, CONFIG(alerts.group_wait), .fallback = "30s", .max = HOUR,
     .doc = "What is told to a manager waits so long for more, and is told together."},
    {"budget", PL_OPT_INT, CONFIG(alerts.budget), .fallback = "5", .max = 1000, .unit = "messages",
     .doc =
         "How often one person is told something of theirs a day; the rest waits for the next digest, or "
         "where there is none until they begin to work on another day. A rep's concern of which the manager "
         "hears later does not wait: the rep hears it first. 0: no limit."},
    {0}};

static const pl_option receivers[] = {
    {"rep", PL_OPT_LIST, CONFIG(receivers.rep), .fallback = "[]", .max = 16,
     .doc = "For the rep, privately: no slack, no teams, and nothing that the team has as well."},
    {"manager", PL_OPT_LIST, CONFIG(receivers.manager), .fallback = "[]", .max = 16,
     .doc = "For the manager, as privately."},
    {"team", PL_OPT_LIST, CONFIG(receivers.team), .fallback = "[]", .max = 16,
     .doc = "For the team: recognition only."},
    {"ops", PL_OPT_LIST, CONFIG(receivers.ops), .fallback = "[]", .max = 16,
     .doc = "For operators, and for concerns of people without a manager: nothing that the team has as well, "
            "and what is about a person goes to no slack and no teams."},
    {0}};

static const pl_option endpoint[] = {
    {"type", PL_OPT_CHOICE, ENDPOINT(type), .example = "webhook", .choices = endpoint_types,
     .flags = PL_REQUIRED,
     .doc =
         "How to talk to it. webhook: Alertmanager's JSON, signed as in Standard Webhooks. alertmanager: a "
         "real "
         "one's /api/v2/alerts. slack: an incoming webhook; everybody in its channel reads it. slack_bot: "
         "chat.postMessage, to each person's or team's own address. teams: a Workflows webhook of Microsoft "
         "Teams; everybody there reads it. smtp: e-mail, to each person's own address."},
    {"url_file", PL_OPT_PATH, ENDPOINT(url_file), .example = "secrets/hook",
     .doc = "The file that holds its URL: for slack and teams, where it is a secret, and wherever else it is "
            "one."},
    {"url", PL_OPT_URL, ENDPOINT(url), .example = "https://example.com/hook", .choices = endpoint_urls,
     .flags = PL_SECRET | PL_ASIDE,
     .doc =
         "Its URL, if that is no secret: of a webhook, of Alertmanager without /api/v2/alerts, of the mail "
         "server as smtp://host:587 or smtps://host:465. Of slack_bot only when it is not Slack's."},
    {"key_file", PL_OPT_PATH, ENDPOINT(key_file), .example = "secrets/key",
     .doc =
         "Of a webhook: the file that holds the keys it is signed with, one a line, at most 4. Signatures of "
         "all of them are sent: to change the key put the new one in, let the receiver change, take the old "
         "one "
         "out."},
    {"token_file", PL_OPT_PATH, ENDPOINT(token_file), .example = "secrets/token", .flags = PL_ASIDE,
     .doc = "The file that holds the token it wants: of slack_bot the bot's, xoxb-..., with the scope "
            "chat:write."},
    {"from", PL_OPT_TEXT, ENDPOINT(from), .example = "pace@example.com", .min = 1, .max = 254,
     .flags = PL_ASIDE, .doc = "Of smtp: the sender's address."},
    {"to", PL_OPT_TEXT, ENDPOINT(to), .example = "sales-ops@example.com", .min = 1, .max = 254,
     .flags = PL_ASIDE,
     .doc =
         "Of smtp and slack_bot: where they reach the operators, and teams without a channel of their own."},
    {"user", PL_OPT_TEXT, ENDPOINT(user), .example = "pace", .min = 1, .max = 254, .flags = PL_ASIDE,
     .doc = "Of smtp: who logs in there. None: nobody does."},
    {"password_file", PL_OPT_PATH, ENDPOINT(password_file), .example = "secrets/mail", .flags = PL_ASIDE,
     .doc = "Of smtp: the file that holds the password."},
    {"starttls", PL_OPT_CHOICE, ENDPOINT(starttls), .example = "required", .choices = starttls,
     .flags = PL_ASIDE,
     .doc = "Of smtp: whether the connection must be encrypted before anything is sent. Required, but for a "
            "server "
            "on this machine. smtps:// always is."},
    {"ca_file", PL_OPT_PATH, ENDPOINT(ca_file), .example = "secrets/ca.pem", .flags = PL_ASIDE,
     .doc = "Certificates to trust in place of the system's, for an endpoint with one of your own."},
    {0}};

static const pl_option language[] = {
    {"amounts", PL_OPT_TEXT, LANGUAGE(amounts), .fallback = "EUR 1,234.5", .min = 6, .max = 32,
     .doc =
         "How 1234.5 euros are written: what stands between thousands, what before the decimals, and where "
         "a currency has its place."},
    {"names", PL_OPT_MAP, LANGUAGE(names), .max = 1000,
     .example = "{calls: Anruf|Anrufe, daily_calls: Anrufe am Tag, EUR: \xE2\x82\xAC}", .flags = PL_ASIDE,
     .doc = "What people call a metric, a goal or a unit; of one and of several, with | between."},
    {"words", PL_OPT_MAP, LANGUAGE(words), .max = 1000,
     .example = "{today: heute, time: \"{hour}:{minute}\"}", .flags = PL_ASIDE,
     .doc = "Parts of sentences by name, such as today, on_day, moment, stands, footer. What is not given is "
            "said in English; `check` warns of it. examples/german.yaml has all of them."},
    {"texts", PL_OPT_MAPS, LANGUAGE(texts), .max = 2,
     .example = "{behind.rep: {title: \"{Metric} {period}: {actual} von {target}\"}}", .flags = PL_ASIDE,
     .doc =
         "The title and the text of messages, by kind (behind, goal_met, ...) or by kind and reader "
         "(behind.rep). {who} is a value, {Who} the same with a capital; {n|call|calls} one word or the "
         "other "
         "by a number, {metric:n} the metric's name in that number; [...] is left out when a value in it is "
         "absent, [a|b] is the first that is whole; {?name}, {!name}, {?name=text} ask and say nothing; "
         "{@name} is one of `words`; \\ before a character takes its meaning away, \\n ends a line."},
    {0}};

static const pl_option messages[] = {
    {"language", PL_OPT_NAME, CONFIG(messages.language), .fallback = "en",
     .doc = "Of those whose roster record names none."},
    {"languages", PL_OPT_ITEMS, CONFIG(messages.languages), .inner = language,
     .size = sizeof(pl_language_item), .max = 64, .flags = PL_NAMED, .example = "de",
     .doc = "Another language, or other words in English (en), phrase by phrase."},
    {0}};

static const pl_option http[] = {
    {"listen", PL_OPT_ADDRESS, CONFIG(http.listen), .fallback = "127.0.0.1:9464",
     .doc = "Where health, metrics and the API are served; port 0: any free one."},
    {"key_file", PL_OPT_PATH, CONFIG(http.key_file), .example = "secrets/tokens",
     .doc = "The file of the keys that tokens and links to answer are signed with, one a line: the first "
            "signs, all "
            "of them check. Read again at SIGHUP. None: there are no tokens, and nobody answers over HTTP."},
    {0}};

static const pl_option logging[] = {
    {"level", PL_OPT_CHOICE, CONFIG(log.level), .fallback = "info", .choices = levels, .doc = "How much."},
    {0}};

const pl_option pl_options[] = {
    {"clock", PL_OPT_CHOICE, CONFIG(clock), .fallback = "wall", .choices = clocks, .flags = PL_FIXED,
     .doc = "wall: now is now. stream: now is a partition's newest record, for replays and imports. A change "
            "takes a restart."},
    {"zone", PL_OPT_ZONE, CONFIG(zone), .fallback = "UTC",
     .doc = "The time zone of those for whom no calendar, rep or team says another."},
    {"kafka", PL_OPT_SECTION, .inner = kafka, .flags = PL_FIXED,
     .doc = "Where events come from. A change takes a restart."},
    {"redis", PL_OPT_SECTION, .inner = redis, .flags = PL_FIXED,
     .doc = "Where counters and state live. A change takes a restart."},
    {"schemas", PL_OPT_SECTION, .inner = schemas, .doc = "The Avro schemas of what comes in."},
    {"mapping", PL_OPT_ITEMS, CONFIG(mapping), .inner = pl_options_mapping, .size = sizeof(pl_mapping_item),
     .max = 64, .flags = PL_MANY, .example = "crm.activities",
     .doc = "Bring your own schema: by topic, our field on the left, your path on the right; a list makes "
            "several events out of one record. None given: the schema paceline comes with."},
    {"metrics", PL_OPT_ITEMS, CONFIG(metrics), .inner = metric, .size = sizeof(pl_metric_item),
     .max = PL_METRICS_MAX, .flags = PL_NAMED, .example = "calls", .doc = "Named numbers over events."},
    {"funnel", PL_OPT_LIST, CONFIG(funnel), .max = PL_FUNNEL_MAX, .example = "[calls, demos, won]",
     .flags = PL_ASIDE,
     .doc =
         "Metrics in the order in which one leads to the next. Each stage but the first has its conversion, "
         "its own number by that of the stage before, as the metric conversion.<stage>."},
    {"boards", PL_OPT_LIST, CONFIG(boards), .max = 64, .example = "[\"calls:week\"]",
     .doc = "Leaderboards that teams agreed to, as metric:window."},
    {"fiscal", PL_OPT_SECTION, .inner = fiscal,
     .doc = "Fiscal years: what quarters and years are, and with a pattern months too. Weeks are always the "
            "calendar's."},
    {"calendars", PL_OPT_ITEMS, CONFIG(calendars), .inner = calendar, .size = sizeof(pl_calendar_item),
     .max = 1000, .flags = PL_NAMED, .example = "office",
     .doc = "Working weeks. The one called `default` is for those without; it is mon-fri 09:00-17:00 unless "
            "given here."},
    {"teams", PL_OPT_ITEMS, CONFIG(teams), .inner = team, .size = sizeof(pl_team_item), .example = "north",
     .doc = "Teams by id, when they do not come from Kafka."},
    {"reps", PL_OPT_ITEMS, CONFIG(reps), .inner = rep, .size = sizeof(pl_rep_item), .example = "r1",
     .doc = "Reps by id, when they do not come from Kafka."},
    {"goals", PL_OPT_ITEMS, CONFIG(goals), .inner = goal, .size = sizeof(pl_goal_item), .flags = PL_NAMED,
     .example = "daily_calls", .doc = "Goals by name, when they do not come from Kafka."},
    {"alerts", PL_OPT_SECTION, .inner = alerts, .doc = "When to tell."},
    {"receivers", PL_OPT_SECTION, .inner = receivers,
     .doc = "Whom to tell, by endpoint. A concern about a person never goes to the team."},
    {"endpoints", PL_OPT_ITEMS, CONFIG(endpoints), .inner = endpoint, .size = sizeof(pl_endpoint),
     .max = PL_ENDPOINTS_MAX, .flags = PL_NAMED, .example = "hook", .doc = "How to reach them."},
    {"messages", PL_OPT_SECTION, .inner = messages, .doc = "What people read."},
    {"source_delay", PL_OPT_TIME, CONFIG(source_delay), .fallback = "60s", .max = 24 * HOUR,
     .doc = "How much later than they happened events may be written to Kafka."},
    {"sources", PL_OPT_LIST, CONFIG(sources), .max = PL_SOURCES_MAX, .example = "[crm, dialer]",
     .flags = PL_ASIDE,
     .doc = "Feeds that write heartbeats into every partition; nobody is judged beyond what each of them has "
            "said. None: what the broker says is enough."},
    {"stale_after", PL_OPT_TIME, CONFIG(stale_after), .fallback = "10min", .min = SECOND, .max = 168 * HOUR,
     .doc =
         "When what is known lags so far behind, goals show `unknown` and the operators hear of it. Longer "
         "than the slowest source's longest pause, over weekends and holidays too."},
    {"feed_silence", PL_OPT_TIME, CONFIG(feed_silence), .fallback = "30min", .min = SECOND, .max = 24 * HOUR,
     .doc = "Without `sources`: a topic in which nothing comes for so long, while somebody is at work, is "
            "late, not quiet."},
    {"future_tolerance", PL_OPT_TIME, CONFIG(future_tolerance), .fallback = "10min", .max = 24 * HOUR,
     .doc = "An event further than this beyond its record's timestamp is rejected."},
    {"flush_interval", PL_OPT_TIME, CONFIG(flush_interval), .fallback = "250ms", .min = 10, .max = MINUTE,
     .doc =
         "How often changes are written to Redis; under load it lengthens by itself, and while a backlog is "
         "read it is 64 times as long."},
    {"view_refresh", PL_OPT_TIME, CONFIG(view_refresh), .fallback = "5min", .min = SECOND, .max = 24 * HOUR,
     .doc = "How often figures that move with time alone are rewritten, in working time."},
    {"dedupe_ids", PL_OPT_INT, CONFIG(dedupe_ids), .fallback = "128", .min = 0, .max = 4096, .unit = "ids",
     .doc = "Event ids remembered per rep, so that a repeated event counts once."},
    {"unknown_reps_max", PL_OPT_INT, CONFIG(unknown_reps_max), .fallback = "10000", .min = 0, .max = 10000000,
     .unit = "reps", .doc = "Reps without a roster record that are counted, per partition."},
    {"http", PL_OPT_SECTION, .inner = http, .flags = PL_FIXED,
     .doc = "The server for operators, and for answers. A change takes a restart."},
    {"public_url", PL_OPT_URL, CONFIG(public_url), .example = "https://pace.example.com", .choices = web_urls,
     .flags = PL_ASIDE | PL_FIXED,
     .doc =
         "Where people reach the server, through a proxy with TLS: messages to reps carry a link to answer "
         "that begins with it. None: they carry none. A change takes a restart."},
    {"log", PL_OPT_SECTION, .inner = logging, .doc = "What is logged."},
    {0}};
