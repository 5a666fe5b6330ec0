/* Enquiry: a verb's questions to the schema registry. Verbs wait for the answer, though not for ever: after
 * PL_ENQUIRY_S seconds without one they end and say why there is none, or try again later. */
#ifndef PL_CLI_ENQUIRY_H
#define PL_CLI_ENQUIRY_H

#include "config/config.h"
#include "engine/readers.h"

enum { PL_ENQUIRY_S = 15 };

typedef struct pl_enquiry pl_enquiry;

/* Of the registry that the configuration names; if none, there is nothing to ask. REJECT: a secret's file. */
pl_status pl_enquiry_open(pl_enquiry **out, const pl_config *config, pl_err *err) PL_MUST_CHECK;
void pl_enquiry_close(pl_enquiry **enquiry);
/* Readers that ask for schemas as records name them. They live no longer than this. */
pl_status pl_enquiry_readers(pl_enquiry *enquiry, pl_readers **out, pl_err *err) PL_MUST_CHECK;
/* AGAIN: some record's schema was asked for in vain, so that it counts as refused and is not. */
pl_status pl_enquiry_failed(const pl_enquiry *enquiry, pl_err *err) PL_MUST_CHECK;
bool pl_enquiry_interrupted(const pl_enquiry *enquiry); /* by a signal, which then had no other effect */
/* What failed has not: it may be asked again. REJECT: a secret's file. */
pl_status pl_enquiry_renew(pl_enquiry *enquiry, pl_err *err) PL_MUST_CHECK;

/* The newest schema of a subject; the id of the one that is `text`, registered if it `may` be. AGAIN: no
 * answer. REJECT: there is none, in the registry's words. */
pl_status pl_enquiry_latest(pl_enquiry *enquiry, pl_str subject, int32_t *id, pl_buf *text,
                            pl_err *err) PL_MUST_CHECK;
pl_status pl_enquiry_find(pl_enquiry *enquiry, pl_str subject, pl_str text, bool may_register, int32_t *id,
                          pl_err *err) PL_MUST_CHECK;

#endif
