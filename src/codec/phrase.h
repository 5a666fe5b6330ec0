/* Phrase: a text with places in it, checked once, said often.
 *
 *     {name}            a value; {Name}: with a capital first letter
 *     {n|call|calls}    one word or the other: the first where the number n is 1
 *     {noun:n}          a value that is a noun, in that number: `call` or `calls`
 *     {?name} {!name}   nothing, but only where the value is there, is not there;
 *     {?name=text}      ...is this, {!name=text} is not this
 *     {@name}           another phrase of the same language
 *     [a|b|c]           the first of them in which nothing is missing, else nothing; [a] is said or left out
 *     \                 the next character is itself, `\n` the end of a line
 *
 * What is missing outside brackets makes the whole phrase missing, and so is one that says nothing: a phrase
 * in another's brackets is left out as a value is. Values are put as they are and never read as templates;
 * what is no character to print becomes a blank, and blanks do not come in twos, so that no name can look
 * like something else. */
#ifndef PL_CODEC_PHRASE_H
#define PL_CODEC_PHRASE_H

#include "base/text.h"

typedef struct {
  pl_str text;
  pl_str one;  /* of a noun: its singular; empty: no noun */
  bool number; /* of a number... */
  bool is_one; /* ...which is said as 1 */
} pl_phrase_value;

/* Where places are filled from. */
typedef struct {
  bool (*value)(void *ctx, pl_str name, pl_phrase_value *out); /* false: there is none */
  const char *(*phrase)(void *ctx, pl_str name);               /* NULL: there is none */
  void *ctx;
} pl_phrase_source;

enum {
  PL_PHRASE_DEPTH = 8,    /* phrases in phrases */
  PL_PHRASE_BRACKETS = 8, /* brackets in brackets */
  PL_PHRASE_STEPS = 2000, /* places of one text with all that is in it */
  PL_PHRASE_MAX = 4000    /* bytes said */
};

/* Appends it; false, with nothing appended: something is missing, or it has no end. Of a text that is no
 * template as much as can be read. */
bool pl_phrase_say(const char *text, const pl_phrase_source *from, pl_buf *out);
/* A value's text by itself, as it would be said. */
void pl_phrase_put(pl_buf *out, pl_str value);

/* What a place can name. */
typedef enum { PL_PHRASE_OF_VALUE, PL_PHRASE_OF_NUMBER, PL_PHRASE_OF_NOUN, PL_PHRASE_OF_PHRASE } pl_phrase_of;
typedef struct {
  size_t at;       /* byte of the text */
  const char *why; /* "found ..., expected ..." */
  pl_str name;     /* not known; empty: something else is wrong */
  pl_phrase_of of;
} pl_phrase_wrong;
typedef bool pl_phrase_knows(void *ctx, pl_phrase_of of, pl_str name);
/* Is it a template, of names that are known? Every phrase that it names is asked for, so a walk through a
 * language can be made of it. */
bool pl_phrase_check(const char *text, pl_phrase_knows *knows, void *ctx, pl_phrase_wrong *wrong);

#endif
