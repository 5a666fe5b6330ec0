/* The schemas of the records that paceline's verbs write, as they lie in schemas/: the build puts the files'
 * bytes into the program. encode.h writes by them. */
#ifndef PL_CODEC_AVSC_H
#define PL_CODEC_AVSC_H

extern const unsigned char pl_activity_avsc[], pl_roster_avsc[]; /* terminated */

#endif
