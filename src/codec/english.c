/* English: what paceline says unless the configuration says otherwise, and the list of all there is to say.
 *
 * The rep is spoken to, everybody else is told of them. First what can be done, then what it is about, then
 * where the goal stands; nobody is blamed, and nothing is threatened. What was reached is named. */
#include "codec/phrasebook.h"

static const pl_phrase phrases[] = {
    /* --- a goal that will be missed if nothing changes */
    {"behind.rep.title",
     "{Metric} {period}[: {needed_today} more by {due} {needed_today|brings|bring} you back|: {@figures}]"},
    {"behind.rep.text",
     "[{@your_cause} ][{@conversion_fell}|{@usual}|{@no_measure}][\\nYour plan: “{plan}”][\\nSo far only you "
     "know. If it lasts, your manager can help from {turn} on, with your answer at hand.]"},
    {"behind.rep.body", "[{@your_cause} ][{@conversion_fell} ][{@stands} ][{@odds}][\\nYour plan: “{plan}”]"},
    {"behind.title", "{who}: {metric} {period}[, {@figures}]"},
    {"behind.text",
     "[{@their_cause} "
     "][{@conversion_fell}|{@usual}|{@no_measure}][\\n{@their_answer}][\\n{!answered}{@their_plan}]"},
    {"behind.body",
     "[{@their_cause} ][{@conversion_fell} ][{@stands} ][{@odds} ][{@way_back}][\\n{@their_answer}][\\n"
     "{!answered}{@their_plan}]"},
    {"your_cause",
     "{!own_cause}So far {period} you have {cause_actual} {cause:cause_actual}; by now it is usually "
     "{cause_usual}."},
    {"their_cause", "{!own_cause}{Cause} so far {period}: {cause_actual}, usually {cause_usual} by now."},
    {"usual", "{?own_cause}Usually it is {cause_usual} by now."},
    {"conversion_fell",
     "For each {conversion_of:one} there are {conversion_now} {conversion:conversion_now}; before there "
     "were {conversion_before}."},
    {"their_answer",
     "[{who} answered ({answered}): “{answer}”[; plan: “{answer_plan}”]|{who} answered ({answered}) with "
     "a plan: “{answer_plan}”]"},
    {"their_plan", "{!of_team}{who}'s own plan: “{plan}”"},
    {"way_back", "{needed_today} more {metric:needed_today} by {due} {needed_today|brings|bring} it back."},

    /* --- how it went on */
    {"recovered.rep.title", "[{?of=silent}Not silent after all|{?of=slump}{Metric}: no slump after "
                            "all|{Metric} {period}: {@recovery}|All clear]"},
    {"recovered.rep.text", "[{@recovered_because}|{@stands} {@odds}|{@stands}]"},
    {"recovered.title", "{who}: [{?of=silent}not silent after all|{?of=slump}{metric}, no slump after "
                        "all|{metric} {period}, {@recovery}|all clear]"},
    {"recovered.text", "[{@recovered_because}|{@stands} {@odds}|{@stands}]"},
    {"recovery",
     "[{?reason=goal_changed}the goal has changed|{?of=behind}no longer behind|corrected, not missed]"},
    {"recovered_because",
     "[{?reason=goal_changed}The goal does not hold any more as it was, and neither does what was said of "
     "it.|{?reason=correction}{@late_news}[ {@stands}]]"},
    {"late_news", "Something came in late or was corrected, and now it looks different."},
    {"goal_met.rep.title", "Goal reached: [{?lower}at most ]{target} {metric:target} {period}"},
    {"goal_met.rep.text", "[{!share=100}{actual} {metric:actual} in all. ]Well done!"},
    {"goal_met.title", "{who} reached a goal: [{?lower}at most ]{target} {metric:target} {period}"},
    {"goal_met.text", "[{!share=100}{actual} {metric:actual} in all. ]Congratulations!"},
    {"goal_missed.rep.title", "{Metric} {period}[: {@figures}]"},
    {"goal_missed.rep.text", "[{?over}That one is over, and the next starts afresh.|{?lower}That is more "
                             "than was agreed; from here on less is "
                             "still better.]"},
    {"goal_missed.title", "{who}: {metric} {period}[, {@figures}]"},
    {"goal_missed.text",
     "[{?over}The period is over, and the next starts afresh.|{?lower}That is more than was agreed.]"},
    {"milestone_reached.rep.title", "Milestone reached: {actual} {metric:actual} {period}"},
    {"milestone_reached.rep.text", "[{!over}{target} were due by {until}. ]Well done!"},
    {"milestone_reached.title", "{who} reached a milestone: {actual} {metric:actual} {period}"},
    {"milestone_reached.text", "[{!over}{target} were due by {until}. ]Congratulations!"},
    {"milestone_missed.rep.title", "{Metric} {period}: [{@figures} by {until}|a milestone has passed]"},
    {"milestone_missed.rep.text",
     "The milestone has passed; the goal itself is still open.[\\nYour plan: “{plan}”]"},
    {"milestone_missed.title", "{who}: {metric} {period}[, {@figures} by {until}]"},
    {"milestone_missed.text", "The milestone has passed; the goal itself is still open."},
    {"corrected.rep.title", "{Metric} {period}: corrected, still open"},
    {"corrected.rep.text", "{@late_news}[ {@stands}]"},
    {"corrected.title", "{who}: {metric} {period}, corrected, still open"},
    {"corrected.text", "{@late_news}[ {@stands}]"},

    /* --- what is seen over days */
    {"slump.rep.title", "{Metric}: {actual} in the last {days} working days, usually {line}"},
    {"slump.rep.text", "{@slump_cause}[ {@conversion_fell}]"},
    {"slump.title", "{who}: {metric}, {actual} in the last {days} working days, usually {line}"},
    {"slump.text", "{@slump_cause}[ {@conversion_fell}]"},
    {"slump_cause", "[It begins with the {cause}: {cause_actual}, usually {cause_usual} in {days} working "
                    "days.|Usual is what {days} of "
                    "the {days_before} working days before brought.]"},
    {"silent.rep.title", "Nothing was recorded since {since}"},
    {"silent.rep.text", "If there was something, it has not reached us: a look at the CRM settles it."},
    {"silent.title", "{who}: nothing was recorded since {since}"},
    {"silent.text", "If there was something, it has not reached us."},
    {"streak.rep.title", "{count} working days in a row with every goal of the day met"},
    {"streak.rep.text", "Well done!"},
    {"streak.title", "{who}: {count} working days in a row with every goal of the day met"},
    {"streak.text", "Congratulations!"},

    /* --- what was agreed */
    {"goal_proposed.rep.title", "A goal is proposed to you: {goal}"},
    {"goal_proposed.rep.text", "[{target} {metric:target}.|{Metric}.] It waits for your yes."},
    {"goal_proposed.title", "{who} proposes a goal: {goal}"},
    {"goal_proposed.text",
     "[{target} {metric:target}.|{Metric}.] It waits for a yes.[\\n{who}'s plan: “{plan}”]"},
    {"goal_agreed.rep.title", "Your goal is agreed: {goal}"},
    {"goal_agreed.rep.text", "[{target} {metric:target}.|{Metric}.][\\nYour plan: “{plan}”]"},
    {"goal_agreed.title", "{who}: a goal is agreed, {goal}"},
    {"goal_agreed.text", "[{target} {metric:target}.|{Metric}.][\\n{who}'s plan: “{plan}”]"},
    {"goal_gap.title", "{who}: the members' goals leave a gap[ of {gap} {metric:gap}]"},
    {"goal_gap.text", "[The goal {period} is {target} {metric:target}; what its members have for it comes to "
                      "{gap} less.|What its "
                      "members have for it comes to less than the goal.]"},

    /* --- for operators */
    {"feed_stale.title",
     "[{?reason=source}The source {source} is late|{?reason=topic}Nothing has come in {source} since "
     "{since}|{?reason=partition}Partition {partition} is late|What is known is late]"},
    {"feed_stale.text", "[{@feed_said} ]Until more is known nobody is judged, and goals show `unknown`."},
    {"feed_said",
     "[{?reason=topic}People are at work, so there should be something.|{?reason=source}It has told "
     "everything up to {since}[ in partition {partition}], and nothing since.|{?reason=source}It was never "
     "heard[ in partition {partition}].|{?reason=partition}It is known up to {since} and no further: Kafka, "
     "or paceline, is late.]"},

    /* --- the digest */
    {"digest.rep.title", "Your digest"},
    {"digest.title", "[{team}: your digest|Your digest]"},
    {"digest.text", "All is well: there is nothing that needs you."},
    {"digest.help.title", "Where help is welcome"},
    {"digest.help.text",
     "{who}[: {metric} {period}][, {@figures}][, chance {chance}%][; {needed_today} more[ by {due}]][; "
     "answer: “{answer}”][; plan: “{answer_plan}”|; own plan: “{plan}”]"},
    {"digest.on_pace.title", "On pace"},
    {"digest.on_pace.text", "{who}[: {metric} {period}][, {@figures}]"},
    {"digest.improved.title", "Improved"},
    {"digest.improved.text", "{who}[: {metric} {period}][, {actual}[ after {line}]]"},
    {"digest.initiative.title", "Initiative"},
    {"digest.initiative.text", "{who} [{?reason=proposed}proposed {goal}|{?reason=agreed}agreed to "
                               "{goal}|{?reason=answered}answered {count} "
                               "{count|alert|alerts}|{?reason=answered}answered|took the initiative]"},
    {"digest.gap.title", "Goals that leave a gap"},
    {"digest.gap.text", "{who}: [{metric} {period}, {gap} less than {target}|{metric} {period}|a gap]"},
    {"digest.held.title", "Held for this digest"},

    /* --- several at once */
    {"many.subject", "{first}, and {count} more"},
    {"many.lead", "{count} things at once:"},
    {"many.more", "and {count} more"},
    {"aged.title", "What happened meanwhile"},
    {"aged.text", "While messages could not be sent: {list}."},
    {"aged.healed", "{count} {count|concern|concerns} that {count|has|have} healed since"},
    {"aged.goal_met", "{count} {count|goal|goals} met"},
    {"aged.goal_missed", "{count} {count|goal|goals} not met"},
    {"aged.milestone_reached", "{count} {count|milestone|milestones} reached"},
    {"aged.milestone_missed", "{count} {count|milestone|milestones} passed"},
    {"aged.recovered", "{count} no longer behind"},
    {"aged.streak", "{count} {count|streak|streaks}"},
    {"aged.other", "{count} other {count|message|messages}"},

    /* --- parts of sentences */
    {"figures", "[{?gauge}{actual}, the goal is {target}|{actual} of [{?lower}at most ]{target}]"},
    {"so_far",
     "[{?gauge}{actual}, the goal is {target}|{actual} of [{?lower}at most ]{target} {metric:target}]"},
    {"stands",
     "[So far it is {@so_far}[{?own_cause}; usually it is {cause_usual} by now][{!gauge}; the line is at "
     "{line}].|{@no_measure}]"},
    {"no_measure", "{?gauge}{!actual}There is nothing to measure it by."},
    {"odds", "[{?gauge}The chance that this is only bad luck is {chance}%.|{?gauge}{!chance}That is {share}% "
             "of it.|{?lower}The "
             "chance to stay within it is {chance}%.|The chance to reach it is {chance}%.]"},
    {"untitled", "News of {who}"},
    {"answer", "Answer"},
    {"footer", "As of {at}."},
    {"label.figures", "So far"},
    {"value.figures", "{@so_far}"},
    {"label.line", "On the line"},
    {"value.line", "{!gauge}{line}"},
    {"label.needed", "Brings it back"},
    {"value.needed", "{needed_today} more by {due}"},
    {"label.chance", "Chance"},
    {"value.chance", "{chance}%"},

    /* --- time: from here on, phrases are filled with days and hours */
    {"time", "{hour}:{minute}"},
    {"moment", "[{date} ]{@time}"},
    {"date", "{day} {month}[ {year}]"},
    {"am", "am"},
    {"pm", "pm"},
    {"today", "today"},
    {"tomorrow", "tomorrow"},
    {"yesterday", "yesterday"},
    {"on_day", "on {date}"},
    {"this_week", "this week"},
    {"last_week", "last week"},
    {"in_week", "in week {week}[ of {year}]"},
    {"in_month", "in {month}[ {year}]"},
    {"this_quarter", "this quarter"},
    {"last_quarter", "last quarter"},
    {"in_quarter", "in Q{quarter}[ {year}]"},
    {"this_year", "this year"},
    {"last_year", "last year"},
    {"in_year", "in {year}"},
    {"in_period", "in {written}"},
    {"monday", "Monday"},
    {"tuesday", "Tuesday"},
    {"wednesday", "Wednesday"},
    {"thursday", "Thursday"},
    {"friday", "Friday"},
    {"saturday", "Saturday"},
    {"sunday", "Sunday"},
    {"january", "January"},
    {"february", "February"},
    {"march", "March"},
    {"april", "April"},
    {"may", "May"},
    {"june", "June"},
    {"july", "July"},
    {"august", "August"},
    {"september", "September"},
    {"october", "October"},
    {"november", "November"},
    {"december", "December"},
};

const pl_phrasebook pl_english = {.language = "en",
                                  .english = true,
                                  .group = {",", 1},
                                  .point = {".", 1},
                                  .unit_first = true,
                                  .phrases = phrases,
                                  .nphrases = PL_COUNT(phrases)};
