/* Option: one entry of the one table that drives the configuration.
 *
 * An option says its name, type, unit, default, range and documentation, and where its value lies. From that
 * the file is read and checked (option.c), the effective configuration and the reference page are written
 * (page.c). Sections nest tables over the same struct; items (metrics, goals, ...) are structs of their own
 * with a table of their own. What the language has but this version does not is in the table too, as
 * PL_OPT_LATER, and refused by name. */
#ifndef PL_CONFIG_OPTION_H
#define PL_CONFIG_OPTION_H

#include "config/config.h"
#include "config/report.h"

typedef enum {
  /* one text in the file (scalar.c); what lies at `at` */
  PL_OPT_TEXT,    /* const char *; min, max: bytes */
  PL_OPT_NAME,    /* const char *; letters, digits, _ and - */
  PL_OPT_TOPIC,   /* const char *; min 0: may be empty */
  PL_OPT_PATH,    /* const char *; resolved against the file's folder */
  PL_OPT_URL,     /* const char *; choices: the beginnings that are accepted */
  PL_OPT_ZONE,    /* const char * */
  PL_OPT_INT,     /* int */
  PL_OPT_SIZE,    /* int64_t, bytes */
  PL_OPT_NUMBER,  /* double */
  PL_OPT_BOOL,    /* bool */
  PL_OPT_TIME,    /* pl_dur; min, max: milliseconds */
  PL_OPT_WORK,    /* pl_work */
  PL_OPT_OF_DAY,  /* int32_t, seconds; -1: not given */
  PL_OPT_CHOICE,  /* int, index into choices; -1: not given */
  PL_OPT_ADDRESS, /* pl_address */
  PL_OPT_SCALARS,
  /* more than one text (option.c) */
  PL_OPT_LIST = PL_OPT_SCALARS, /* pl_list; one text stands for a list of one; max: how many */
  PL_OPT_MAP,                   /* pl_pairs: name to text, with PL_MANY name to list; max: how many names */
  PL_OPT_MAPS,                  /* pl_items of pl_map_item; max: names in each */
  PL_OPT_SECTION,               /* `inner` over the same struct */
  PL_OPT_ITEMS,                 /* pl_items of `size` bytes each, `inner` over one; max: how many */
  PL_OPT_LATER                  /* refused */
} pl_option_kind;

enum {
  PL_REQUIRED = 1,
  PL_SECRET = 2,     /* never quoted in a message; of a URL the host alone is printed */
  PL_MANY = 4,       /* map: a name may have a list of values; items: a name may have a list of items */
  PL_SHORT = 8,      /* section, items: a text or list alone stands for the first option */
  PL_NAMED = 16,     /* items: names are as in PL_OPT_NAME */
  PL_ABOVE = 32,     /* the value must be above min, not at it */
  PL_ASIDE = 64,     /* the reference page shows it commented out */
  PL_FIXED = 128,    /* a change takes a restart */
  PL_OR_NEVER = 256, /* working time: 0 cannot be given, and is written `never` */
  PL_PATHS = 512     /* map: the texts are paths, as in PL_OPT_PATH */
};

typedef struct pl_option pl_option;
struct pl_option {
  const char *name; /* NULL ends a table */
  pl_option_kind kind;
  size_t at;
  const char *doc, *unit;
  const char *fallback;                      /* the default, as the file would say it; NULL: none */
  const char *example;                       /* where there is no default; items: an item's name */
  double min, max;                           /* max 0: no limit but the type's own */
  const char *const *choices, *const *later; /* end with NULL; later: refused as not supported yet, ... */
  const char *instead;                       /* ... with what to do meanwhile */
  const pl_option *inner;
  size_t size;
  unsigned flags;
};

extern const pl_option pl_options[]; /* the table, over a pl_config (table.c), ... */
extern const pl_option
    pl_options_mapping[]; /* ... and what of it is over a pl_mapping_item (table_mapping.c) */

typedef struct {
  pl_arena *arena;
  pl_report *report;
  const char *folder; /* of the file; NULL: paths stay as they are */
  const pl_config_world *world;
} pl_options_reader;

void pl_options_default(const pl_options_reader *in, const pl_option *table, void *base);
void pl_options_read(const pl_options_reader *in, const pl_option *table, const pl_yaml *map, void *base);

/* One text. False: it is not what pl_scalar_expect says; the value is left alone. */
bool pl_scalar_read(const pl_options_reader *in, const pl_option *option, pl_str text, void *at);
/* "a length of time such as 10s from 1s to 1d"; without examples where the table's page says it once. */
void pl_scalar_expect(const pl_option *option, bool examples, pl_buf *out);
bool pl_scalar_given(const pl_option *option, const void *at);
void pl_scalar_write(const pl_option *option, const void *at, pl_buf *out);

/* A text as YAML, in quotes where it needs them; names as in PL_OPT_NAME; paths as in PL_OPT_PATH; `9:00`,
 * `24:00` as seconds. */
void pl_yaml_quote(pl_buf *out, pl_str text);
bool pl_name_valid(pl_str name);
const char *pl_path_resolve(const pl_options_reader *in, pl_str path);
bool pl_of_day_parse(pl_str text, int32_t *seconds);
bool pl_work_parse(pl_str text, pl_work *out); /* `30wmin`, `1wh`, `2wd` */
bool pl_address_parse(pl_arena *arena, pl_str text, pl_address *out);

#endif
