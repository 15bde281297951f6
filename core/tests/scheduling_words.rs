//! Requests for a meeting in words, held against the exact object that each must become.
//!
//! A row is the words and all of the object: its length, its window on the wall of its zone, the zone
//! where it is not Berlin, who meets (`?`: if possible), every constraint that is not the usual one,
//! every question with the words it is about and the words that answer it, and what was passed over.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use delegate_core::calendar::hours::values::Weekday;
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::words::interpret;
use delegate_core::calendar::words::interpretation::Interpretation;
use delegate_core::calendar::words::reader::{Context, NamedEvent, Person};
use delegate_core::time::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

/// Wednesday, 4 March 2026, 10:00 in Berlin.
const NOW: &str = "2026-03-04T10:00:00+01:00";

/// What English says.
#[rustfmt::skip] // a table: a row a phrase
const ENGLISH: &[(&str, &str)] = &[
    ("45 minutes with Ana and Raj next week, afternoons, not Friday, before the board meeting", "45m | 2026-03-09T00:00..2026-03-16T00:00 | with usr_ana | with usr_raj | before 2026-03-12T15:00 | days MO,TU,WE,TH,SA,SU | times 12:00-18:00"),
    ("Find 45 minutes with Ana and Raj next week", "45m | 2026-03-09T00:00..2026-03-16T00:00 | with usr_ana | with usr_raj"),
    ("an hour and a half with Ana", "90m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana"),
    ("half an hour with Kim on Monday", "30m | 2026-03-09T00:00..2026-03-10T00:00 | with kim@example.com"),
    ("a 30-minute call", "30m | 2026-03-04T10:00..2026-03-18T00:00 | kind phone"),
    ("30 mins w/ Ana", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana"),
    ("1h30 with Raj tomorrow", "90m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_raj"),
    ("1h 15m", "75m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("1:30 hours", "90m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("2h with Ana", "120m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana"),
    ("90 mins", "90m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("forty-five minutes", "45m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("three quarters of an hour", "45m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("1½ hours", "90m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("1.5 hours", "90m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("an hour and 15 minutes", "75m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("at least 45 minutes", "45m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("up to an hour", "60m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("tomorrow for an hour at 3", "60m | 2026-03-05T00:00..2026-03-06T00:00 | times 15:00-16:00"),
    ("a quick 15 minute chat tomorrow", "15m | 2026-03-05T00:00..2026-03-06T00:00 | ignored \"quick\""),
    ("with Ana, Raj, and Kim tomorrow at 10am", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_ana | with usr_raj | with kim@example.com | times 10:00-10:30"),
    ("with Ana & Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | with usr_raj"),
    ("with Ana Silva on Thursday", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_ana"),
    ("with ana@example.com and new.person@corp.io next Tuesday at 3", "30m | 2026-03-10T00:00..2026-03-11T00:00 | with usr_ana | with new.person@corp.io | times 15:00-15:30"),
    ("45 minutes with Ana, Raj optional", "45m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | with usr_raj?"),
    ("meet Ana and, if possible, Kim on Thursday", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_ana | with kim@example.com?"),
    ("ideally with Raj, 30 minutes tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_raj?"),
    ("with Kim (optional) and Ana", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with kim@example.com? | with usr_ana"),
    ("Ana and Raj are optional", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana? | with usr_raj?"),
    ("with Ana but without Kim", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana"),
    ("Mr Smith tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with robert@example.com"),
    ("me and Ana tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_ana"),
    ("today or tomorrow", "30m | 2026-03-04T10:00..2026-03-06T00:00"),
    ("tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00"),
    ("the day after tomorrow", "30m | 2026-03-06T00:00..2026-03-07T00:00"),
    ("this week", "30m | 2026-03-04T10:00..2026-03-09T00:00"),
    ("rest of the week", "30m | 2026-03-04T10:00..2026-03-09T00:00"),
    ("later this week", "30m | 2026-03-05T00:00..2026-03-09T00:00"),
    ("next week", "30m | 2026-03-09T00:00..2026-03-16T00:00"),
    ("the week after next", "30m | 2026-03-16T00:00..2026-03-23T00:00"),
    ("next week or the week after next", "30m | 2026-03-09T00:00..2026-03-23T00:00"),
    ("week of the 7th", "30m | 2026-03-04T10:00..2026-03-09T00:00"),
    ("week of March 16", "30m | 2026-03-16T00:00..2026-03-23T00:00"),
    ("week 12", "30m | 2026-03-16T00:00..2026-03-23T00:00"),
    ("in two weeks", "30m | 2026-03-16T00:00..2026-03-23T00:00"),
    ("in 3 days", "30m | 2026-03-07T00:00..2026-03-08T00:00 | working_hours prefer"),
    ("in a couple of weeks", "30m | 2026-03-16T00:00..2026-03-23T00:00"),
    ("in the next 10 days", "30m | 2026-03-04T10:00..2026-03-15T00:00"),
    ("next two weeks", "30m | 2026-03-04T10:00..2026-03-19T00:00"),
    ("next 5 working days", "30m | 2026-03-04T10:00..2026-03-12T00:00"),
    ("within 48 hours", "30m | 2026-03-04T10:00..2026-03-06T10:00 | before 2026-03-06T10:00"),
    ("in the next 3 hours", "30m | 2026-03-04T10:00..2026-03-04T13:00 | before 2026-03-04T13:00"),
    ("in 2 hours", "30m | 2026-03-04T10:00..2026-03-18T00:00 | after 2026-03-04T12:00"),
    ("by Friday", "30m | 2026-03-04T10:00..2026-03-07T00:00"),
    ("until Friday noon", "30m | 2026-03-04T10:00..2026-03-06T12:00 | before 2026-03-06T12:00"),
    ("before Friday", "30m | 2026-03-04T10:00..2026-03-06T00:00"),
    ("after Friday", "30m | 2026-03-07T00:00..2026-03-21T00:00"),
    ("starting Monday", "30m | 2026-03-09T00:00..2026-03-23T00:00"),
    ("from Monday on", "30m | 2026-03-09T00:00..2026-03-23T00:00"),
    ("not before Monday", "30m | 2026-03-09T00:00..2026-03-23T00:00"),
    ("not until Friday", "30m | 2026-03-06T00:00..2026-03-20T00:00"),
    ("no later than Friday", "30m | 2026-03-04T10:00..2026-03-07T00:00"),
    ("before Friday afternoon", "30m | 2026-03-04T10:00..2026-03-06T12:00 | before 2026-03-06T12:00"),
    ("not before Friday afternoon", "30m | 2026-03-06T00:00..2026-03-20T00:00 | after 2026-03-06T12:00"),
    ("by the end of the week", "30m | 2026-03-04T10:00..2026-03-07T00:00"),
    ("by EOD tomorrow", "30m | 2026-03-04T10:00..2026-03-06T00:00"),
    ("between Monday and Wednesday", "30m | 2026-03-09T00:00..2026-03-12T00:00"),
    ("Monday to Wednesday next week", "30m | 2026-03-09T00:00..2026-03-12T00:00"),
    ("Mon-Wed", "30m | 2026-03-09T00:00..2026-03-12T00:00"),
    ("in March", "30m | 2026-03-04T10:00..2026-04-01T00:00"),
    ("in April", "30m | 2026-04-01T00:00..2026-05-01T00:00"),
    ("May 5", "30m | 2026-05-05T00:00..2026-05-06T00:00"),
    ("early next week", "30m | 2026-03-09T00:00..2026-03-11T00:00"),
    ("mid April", "30m | 2026-04-11T00:00..2026-04-21T00:00"),
    ("late April", "30m | 2026-04-21T00:00..2026-05-01T00:00"),
    ("end of the month", "30m | 2026-03-25T00:00..2026-04-01T00:00"),
    ("end of next month", "30m | 2026-04-24T00:00..2026-05-01T00:00"),
    ("until the end of March", "30m | 2026-03-04T10:00..2026-04-01T00:00"),
    ("before the end of the month", "30m | 2026-03-04T10:00..2026-04-01T00:00"),
    ("first half of April", "30m | 2026-04-01T00:00..2026-04-16T00:00"),
    ("last week of March", "30m | 2026-03-25T00:00..2026-04-01T00:00"),
    ("next quarter", "30m | 2026-04-01T00:00..2026-07-01T00:00"),
    ("this weekend", "30m | 2026-03-07T00:00..2026-03-09T00:00 | working_hours prefer"),
    ("this Friday", "30m | 2026-03-06T00:00..2026-03-07T00:00"),
    ("coming Friday", "30m | 2026-03-06T00:00..2026-03-07T00:00"),
    ("next Tuesday or Wednesday", "30m | 2026-03-10T00:00..2026-03-12T00:00"),
    ("Friday next week", "30m | 2026-03-13T00:00..2026-03-14T00:00"),
    ("Tuesday or Wednesday next week", "30m | 2026-03-10T00:00..2026-03-12T00:00"),
    ("Tue or Thu", "30m | 2026-03-05T00:00..2026-03-11T00:00 | dates 2026-03-05,2026-03-10"),
    ("Friday, March 6", "30m | 2026-03-06T00:00..2026-03-07T00:00"),
    ("the 20th at 3pm", "30m | 2026-03-20T00:00..2026-03-21T00:00 | times 15:00-15:30"),
    ("on March 30th", "30m | 2026-03-30T00:00..2026-03-31T00:00"),
    ("2026-03-16", "30m | 2026-03-16T00:00..2026-03-17T00:00"),
    ("by 13.03.2026", "30m | 2026-03-04T10:00..2026-03-14T00:00"),
    ("13/3", "30m | 2026-03-13T00:00..2026-03-14T00:00"),
    ("tomorrow or Friday at 3pm", "30m | 2026-03-05T00:00..2026-03-07T00:00 | times 15:00-15:30"),
    ("Mondays", "30m | 2026-03-04T10:00..2026-03-18T00:00 | days MO"),
    ("weekdays in April", "30m | 2026-04-01T00:00..2026-05-01T00:00 | days MO,TU,WE,TH,FR"),
    ("next week except Tuesday", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,WE,TH,FR,SA,SU"),
    ("next week but not Monday or Tuesday", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days WE,TH,FR,SA,SU"),
    ("next week but not Monday and not Wednesday", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days TU,TH,FR,SA,SU"),
    ("not Monday, Tuesday or Friday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | days WE,TH,SA,SU"),
    ("any day but Friday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("not today", "30m | 2026-03-04T10:00..2026-03-18T00:00 | except_dates 2026-03-04"),
    ("not next week", "30m | 2026-03-04T10:00..2026-03-18T00:00 | except_dates 2026-03-09,2026-03-10,2026-03-11,2026-03-12,2026-03-13,2026-03-14,2026-03-15"),
    ("no meetings on Friday, next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("I'm not free on Friday, next week please", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("Friday doesn't work, any other day next week is ok", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("can't do Friday, otherwise next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("Monday is fine, not Tuesday", "30m | 2026-03-09T00:00..2026-03-10T00:00"),
    ("next week, not before Wednesday", "30m | 2026-03-11T00:00..2026-03-16T00:00"),
    ("tomorrow after lunch", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 13:00-18:00"),
    ("tomorrow before lunch", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00"),
    ("late morning next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | times 10:00-12:00"),
    ("this afternoon", "30m | 2026-03-04T10:00..2026-03-05T00:00 | times 12:00-18:00"),
    ("Saturday morning", "30m | 2026-03-07T00:00..2026-03-08T00:00 | times 06:00-12:00 | working_hours prefer"),
    ("evenings next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | times 18:00-22:00 | working_hours prefer"),
    ("end of day tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 15:00-18:00"),
    ("next week, not in the morning", "30m | 2026-03-09T00:00..2026-03-16T00:00 | times 12:00-24:00"),
    ("tomorrow, but not in the afternoon", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,18:00-24:00"),
    ("not only mornings", "30m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("after 3pm", "30m | 2026-03-04T10:00..2026-03-18T00:00 | times 15:00-24:00"),
    ("not before 10", "30m | 2026-03-04T10:00..2026-03-18T00:00 | times 10:00-24:00"),
    ("not after 5pm", "30m | 2026-03-04T10:00..2026-03-18T00:00 | times 00:00-17:00"),
    ("no later than 5pm", "30m | 2026-03-04T10:00..2026-03-18T00:00 | times 00:00-17:00"),
    ("at 9:30 tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 09:30-10:00"),
    ("noon tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 12:00-12:30"),
    ("half past two tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 14:30-15:00"),
    ("Wednesday next week at 3", "30m | 2026-03-11T00:00..2026-03-12T00:00 | times 15:00-15:30"),
    ("between 2 and 4 tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 14:00-16:00"),
    ("tomorrow 2-4", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 14:00-16:00"),
    ("9 to 5 tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 09:00-17:00"),
    ("9-11am tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 09:00-11:00"),
    ("11-1pm tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 11:00-13:00"),
    ("2pm-4pm on Thursday", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 14:00-16:00"),
    ("Thursday 14:00-16:00", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 14:00-16:00"),
    ("tomorrow evening at 7", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 19:00-19:30 | working_hours prefer"),
    ("tomorrow morning after 8", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 08:00-12:00"),
    ("tomorrow at 7 in the morning", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 07:00-07:30 | working_hours prefer"),
    ("around 3pm tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 14:30-16:00"),
    ("after lunch on Monday but not before 2", "30m | 2026-03-09T00:00..2026-03-10T00:00 | times 14:00-18:00"),
    ("Monday or Tuesday afternoon", "30m | 2026-03-09T00:00..2026-03-11T00:00 | times 12:00-18:00"),
    ("lunch with Ana next Tuesday", "30m | 2026-03-10T00:00..2026-03-11T00:00 | with usr_ana | lunch ignore | times 12:00-14:00"),
    ("Coffee with Raj on Friday morning", "30m | 2026-03-06T00:00..2026-03-07T00:00 | with usr_raj | times 06:00-12:00 | kind in_person"),
    ("after my flight", "30m | 2026-03-10T00:00..2026-03-24T00:00 | after 2026-03-10T10:45"),
    ("before my next sync", "30m | 2026-03-04T10:00..2026-03-06T10:00 | before 2026-03-06T10:00"),
    ("next week before the flight", "30m | 2026-03-09T00:00..2026-03-16T00:00 | before 2026-03-10T07:30"),
    ("after Board meeting next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | after 2026-03-12T17:00"),
    ("after the board meeting and before the offsite", "30m | 2026-03-12T00:00..2026-04-20T09:00 | after 2026-03-12T17:00 | before 2026-04-20T09:00"),
    ("between the flight and the board meeting", "30m | 2026-03-10T00:00..2026-03-12T15:00 | after 2026-03-10T10:45 | before 2026-03-12T15:00"),
    ("60 minutes before Friday 5pm", "60m | 2026-03-04T10:00..2026-03-06T17:00 | before 2026-03-06T17:00"),
    ("tomorrow 3pm London time", "30m | 2026-03-05T00:00..2026-03-06T00:00 | Europe/London | times 15:00-15:30"),
    ("10am ET on Monday", "30m | 2026-03-09T00:00..2026-03-10T00:00 | America/New_York | times 10:00-10:30"),
    ("3pm CET tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | Europe/Paris | times 15:00-15:30"),
    ("3pm EST on March 5", "30m | 2026-03-05T00:00..2026-03-06T00:00 | America/New_York | times 15:00-15:30"),
    ("3pm UTC+2 tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | Etc/GMT-2 | times 15:00-15:30"),
    ("3pm Raj's time tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | Asia/Kolkata | times 15:00-15:30"),
    ("3pm Europe/London tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | Europe/London | times 15:00-15:30"),
    ("15 minutes buffer, 30 min with Ana", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | buffer_after_minutes 15 | buffer_before_minutes 15"),
    ("30 minutes with a 10 minute buffer after", "30m | 2026-03-04T10:00..2026-03-18T00:00 | buffer_after_minutes 10"),
    ("a 15 minute break before and after", "30m | 2026-03-04T10:00..2026-03-18T00:00 | buffer_after_minutes 15 | buffer_before_minutes 15"),
    ("with at least 2 hours notice", "30m | 2026-03-04T10:00..2026-03-18T00:00 | minimum_notice_minutes 120"),
    ("at least a day's notice", "30m | 2026-03-04T10:00..2026-03-18T00:00 | minimum_notice_minutes 1440"),
    ("not within the next 24 hours", "30m | 2026-03-04T10:00..2026-03-18T00:00 | minimum_notice_minutes 1440"),
    ("next week, even in the evening", "30m | 2026-03-09T00:00..2026-03-16T00:00 | working_hours prefer"),
    ("next week, weekend is fine", "30m | 2026-03-09T00:00..2026-03-16T00:00 | working_hours prefer"),
    ("outside working hours is fine, tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | working_hours prefer"),
    ("in person with Kim next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | with kim@example.com | kind in_person"),
    ("by phone tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | kind phone"),
    ("zoom call with Raj on Thursday", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_raj | kind video"),
    ("weekly 1:1 with Ana", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | recurrence RRULE:FREQ=WEEKLY"),
    ("every Monday at 10 with Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_raj | days MO | times 10:00-10:30 | recurrence RRULE:FREQ=WEEKLY"),
    ("every two weeks with Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_raj | recurrence RRULE:FREQ=WEEKLY;INTERVAL=2"),
    ("daily at 9:15", "30m | 2026-03-04T10:00..2026-03-18T00:00 | times 09:15-09:45 | recurrence RRULE:FREQ=DAILY"),
    ("about the budget with Ana on Thursday at 10", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_ana | times 10:00-10:30 | topic budget"),
    ("to discuss the Friday report with Ana", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | topic the Friday report"),
    ("about Q3 planning with Ana next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | with usr_ana | topic Q3 planning"),
    ("we talked last Friday, find 30 minutes next week", "30m | 2026-03-09T00:00..2026-03-16T00:00"),
    ("the Friday report needs 30 minutes", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ignored \"Friday\""),
    ("Can you schedule a call with Kim tomorrow between 9 and 11?", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with kim@example.com | times 09:00-11:00 | kind phone"),
    ("Could we meet sometime next week? Any afternoon works.", "30m | 2026-03-09T00:00..2026-03-16T00:00 | times 12:00-18:00"),
    ("Let's meet on the 12th or 13th at 10", "30m | 2026-03-12T00:00..2026-03-14T00:00 | times 10:00-10:30"),
    ("March 12, 13 or 16", "30m | 2026-03-12T00:00..2026-03-17T00:00 | dates 2026-03-12,2026-03-13,2026-03-16"),
    ("12th-14th", "30m | 2026-03-12T00:00..2026-03-15T00:00"),
    ("anytime between 10am and noon on Thursday or Friday", "30m | 2026-03-05T00:00..2026-03-07T00:00 | times 10:00-12:00"),
    ("Find a slot for Ana, Raj and me within the next two weeks, but not before Monday", "30m | 2026-03-09T00:00..2026-03-19T00:00 | with usr_ana | with usr_raj"),
    ("Set up a 30 minute intro call with Kim Lee early next week, mornings only", "30m | 2026-03-09T00:00..2026-03-11T00:00 | with kim@example.com | times 06:00-12:00 | kind phone"),
    ("avoid Mondays and lunch", "30m | 2026-03-04T10:00..2026-03-18T00:00 | days TU,WE,TH,FR,SA,SU | times 00:00-12:00,14:00-24:00"),
    ("not on Mondays or Fridays, 45 min with Raj", "45m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_raj | days TU,WE,TH,SA,SU"),
    ("Ana is out on Friday, next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | with usr_ana | days MO,TU,WE,TH,SA,SU"),
    ("Kim is on holiday next week", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with kim@example.com | except_dates 2026-03-09,2026-03-10,2026-03-11,2026-03-12,2026-03-13,2026-03-14,2026-03-15"),
    ("two days before the board meeting", "30m | 2026-03-10T00:00..2026-03-11T00:00"),
    ("the day after the offsite", "30m | 2026-04-22T00:00..2026-04-23T00:00"),
    ("a week from Friday", "30m | 2026-03-13T00:00..2026-03-14T00:00"),
    ("two weeks from tomorrow", "30m | 2026-03-19T00:00..2026-03-20T00:00"),
    ("tomorrow or the day after", "30m | 2026-03-05T00:00..2026-03-07T00:00"),
    ("Friday in two weeks", "30m | 2026-03-20T00:00..2026-03-21T00:00"),
    ("last Friday of the month", "30m | 2026-03-27T00:00..2026-03-28T00:00"),
    ("first Monday in April", "30m | 2026-04-06T00:00..2026-04-07T00:00"),
    ("second week of April", "30m | 2026-04-08T00:00..2026-04-15T00:00"),
    ("any time after 10 but before 4", "30m | 2026-03-04T10:00..2026-03-18T00:00 | times 10:00-16:00"),
    ("at 10 or 11 tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:00-10:30,11:00-11:30"),
    ("at 10am or at 2pm tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:00-10:30,14:00-14:30"),
    ("tomorrow at ten thirty", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:30-11:00"),
    ("every weekday at 9", "30m | 2026-03-04T10:00..2026-03-18T00:00 | days MO,TU,WE,TH,FR | times 09:00-09:30 | recurrence RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    ("on Monday, Tuesday and Thursday mornings", "30m | 2026-03-05T00:00..2026-03-11T00:00 | dates 2026-03-05,2026-03-09,2026-03-10 | times 06:00-12:00"),
    ("only on Tuesdays", "30m | 2026-03-04T10:00..2026-03-18T00:00 | days TU"),
    ("with Ana, ideally Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | with usr_raj?"),
    ("Ana (required), Raj (optional)", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | with usr_raj?"),
    ("1 hour 30 minutes", "90m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("two and a half hours", "150m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("over the holidays", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ignored \"over the holidays\""),
    ("tomorrow not between 12 and 14", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
    ("tomorrow, not from 12 to 2pm", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
    ("tomorrow but not 12:00-14:00", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
    ("tomorrow, not between 6am and 8am or between 12 and 2", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-06:00,08:00-12:00,14:00-24:00"),
    ("tomorrow, not at 3pm", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-15:00,15:30-24:00"),
    ("tomorrow, not at 2pm or at 3pm", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-14:00,14:30-15:00,15:30-24:00"),
    ("tomorrow, not in the morning or after 5pm", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 12:00-17:00"),
    ("tomorrow, not at 3 or 4", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-15:00,15:30-16:00,16:30-24:00"),
    ("an hour tomorrow, but 3pm doesn't work", "60m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-15:00,16:00-24:00"),
    ("next week, not between Monday and Wednesday", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days TH,FR,SA,SU"),
    ("next week without Friday", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("next week without Friday and Monday", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days TU,WE,TH,SA,SU"),
    ("tomorrow without lunch", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
    ("with Ana but not with Kim tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_ana"),
    ("why not tomorrow at 3pm?", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 15:00-15:30"),
    ("tomorrow, never before 10", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:00-24:00"),
    ("tomorrow, no calls between 12 and 1pm", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,13:00-24:00"),
    ("no meetings before 10 tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:00-24:00"),
    ("nothing after 5pm tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-17:00"),
    ("no, tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00"),
    ("nothing on Friday, next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("today in a week", "30m | 2026-03-11T00:00..2026-03-12T00:00"),
    ("in fourteen days", "30m | 2026-03-18T00:00..2026-03-19T00:00"),
    ("in twenty-one days", "30m | 2026-03-25T00:00..2026-03-26T00:00"),
    ("in thirty one days", "30m | 2026-04-04T00:00..2026-04-05T00:00 | working_hours prefer"),
    ("as discussed yesterday, 30 minutes tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ignored \"yesterday\""),
    ("tomorrow, any time but lunch", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
    ("everything but Friday, next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("tomorrow not before 10 or after 16:00", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:00-16:00"),
    ("tomorrow doesn't work before 10", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:00-24:00"),
    ("Friday I'm not free, next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
];

/// What German says.
#[rustfmt::skip] // a table: a row a phrase
const GERMAN: &[(&str, &str)] = &[
    ("eine halbe Stunde mit Ana nächste Woche nachmittags", "30m | 2026-03-09T00:00..2026-03-16T00:00 | with usr_ana | times 12:00-18:00"),
    ("anderthalb Stunden mit Kim, nicht montags", "90m | 2026-03-04T10:00..2026-03-18T00:00 | with kim@example.com | days TU,WE,TH,FR,SA,SU"),
    ("eine Dreiviertelstunde mit Raj übermorgen", "45m | 2026-03-06T00:00..2026-03-07T00:00 | with usr_raj"),
    ("am Montag um 9 Uhr mit Kim", "30m | 2026-03-09T00:00..2026-03-10T00:00 | with kim@example.com | times 09:00-09:30"),
    ("nächsten Dienstag ab 14 Uhr", "30m | 2026-03-10T00:00..2026-03-11T00:00 | times 14:00-24:00"),
    ("zwischen 14 und 16 Uhr nächste Woche", "30m | 2026-03-09T00:00..2026-03-16T00:00 | times 14:00-16:00"),
    ("bis Freitag, 1 Stunde, mit Ana und Raj, wenn möglich Kim", "60m | 2026-03-04T10:00..2026-03-07T00:00 | with usr_ana | with usr_raj | with kim@example.com?"),
    ("übermorgen vormittags, 45 Min", "45m | 2026-03-06T00:00..2026-03-07T00:00 | times 06:00-12:00"),
    ("nächste Woche außer Freitag", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("freitags geht nicht, nächste Woche", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("nächste Woche, auch abends", "30m | 2026-03-09T00:00..2026-03-16T00:00 | working_hours prefer"),
    ("Ende nächster Woche", "30m | 2026-03-12T00:00..2026-03-14T00:00"),
    ("Anfang April", "30m | 2026-04-01T00:00..2026-04-11T00:00"),
    ("bis Ende März", "30m | 2026-03-04T10:00..2026-04-01T00:00"),
    ("erste Hälfte April", "30m | 2026-04-01T00:00..2026-04-16T00:00"),
    ("zwischen dem 9. und 13. März", "30m | 2026-03-09T00:00..2026-03-14T00:00"),
    ("vom 9. bis 13. März", "30m | 2026-03-09T00:00..2026-03-14T00:00"),
    ("am 16. März um 10:00", "30m | 2026-03-16T00:00..2026-03-17T00:00 | times 10:00-10:30"),
    ("Woche vom 16. März", "30m | 2026-03-16T00:00..2026-03-23T00:00"),
    ("KW 12", "30m | 2026-03-16T00:00..2026-03-23T00:00"),
    ("in zwei Wochen", "30m | 2026-03-16T00:00..2026-03-23T00:00"),
    ("in den nächsten zehn Tagen, nur vormittags", "30m | 2026-03-04T10:00..2026-03-15T00:00 | times 06:00-12:00"),
    ("innerhalb von zwei Wochen", "30m | 2026-03-04T10:00..2026-03-19T00:00"),
    ("ab Montag", "30m | 2026-03-09T00:00..2026-03-23T00:00"),
    ("spätestens Freitag", "30m | 2026-03-04T10:00..2026-03-07T00:00"),
    ("heute Abend", "30m | 2026-03-04T10:00..2026-03-05T00:00 | times 18:00-22:00 | working_hours prefer"),
    ("morgen früh um 8", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 08:00-08:30"),
    ("nächsten Monat", "30m | 2026-04-01T00:00..2026-05-01T00:00"),
    ("eine Stunde telefonisch mit Raj morgen Nachmittag nach 15 Uhr", "60m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_raj | times 15:00-18:00 | kind phone"),
    ("Termin mit Ana am Donnerstag um halb drei", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_ana | times 14:30-15:00"),
    ("kommenden Montag, 9 bis 11 Uhr", "30m | 2026-03-09T00:00..2026-03-10T00:00 | times 09:00-11:00"),
    ("vor der Mittagspause am Donnerstag", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00"),
    ("nach dem Board meeting", "30m | 2026-03-12T00:00..2026-03-26T00:00 | after 2026-03-12T17:00"),
    ("mit Ana, Raj optional, 45 Minuten, nächste Woche Dienstag oder Mittwoch, nicht vor 10 Uhr", "45m | 2026-03-09T00:00..2026-03-16T00:00 | with usr_ana | with usr_raj? | days TU,WE | times 10:00-24:00"),
    ("jeden Montag um 10 Uhr", "30m | 2026-03-04T10:00..2026-03-18T00:00 | days MO | times 10:00-10:30 | recurrence RRULE:FREQ=WEEKLY"),
    ("alle zwei Wochen mit Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_raj | recurrence RRULE:FREQ=WEEKLY;INTERVAL=2"),
    ("15 Minuten Puffer", "30m | 2026-03-04T10:00..2026-03-18T00:00 | buffer_after_minutes 15 | buffer_before_minutes 15"),
    ("24 Stunden Vorlauf", "30m | 2026-03-04T10:00..2026-03-18T00:00 | minimum_notice_minutes 1440"),
    ("vor Ort mit Kim", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with kim@example.com | kind in_person"),
    ("per Video morgen", "30m | 2026-03-05T00:00..2026-03-06T00:00 | kind video"),
    ("unter der Woche im April", "30m | 2026-04-01T00:00..2026-05-01T00:00 | days MO,TU,WE,TH,FR"),
    ("morgen 15 Uhr Londoner Zeit", "30m | 2026-03-05T00:00..2026-03-06T00:00 | Europe/London | times 15:00-15:30"),
    ("Mo oder Di nachmittag", "30m | 2026-03-09T00:00..2026-03-11T00:00 | times 12:00-18:00"),
    ("Di, 10.3., 14 Uhr", "30m | 2026-03-10T00:00..2026-03-11T00:00 | times 14:00-14:30"),
    ("Treffen mit Raj in der Woche vom 9. März, nicht am Mittwoch", "30m | 2026-03-09T00:00..2026-03-16T00:00 | with usr_raj | days MO,TU,TH,FR,SA,SU"),
    ("Können wir uns nächsten Montag zwischen 10 und 12 treffen?", "30m | 2026-03-09T00:00..2026-03-10T00:00 | times 10:00-12:00"),
    ("von Montag bis Mittwoch", "30m | 2026-03-09T00:00..2026-03-12T00:00"),
    ("am Wochenende geht auch, nächste Woche", "30m | 2026-03-09T00:00..2026-03-16T00:00 | working_hours prefer"),
    ("zur Not auch abends, nächste Woche", "30m | 2026-03-09T00:00..2026-03-16T00:00 | working_hours prefer"),
    ("zum Mittagessen am Donnerstag", "30m | 2026-03-05T00:00..2026-03-06T00:00 | lunch ignore | times 12:00-14:00"),
    ("am späten Nachmittag, nächste Woche", "30m | 2026-03-09T00:00..2026-03-16T00:00 | times 15:00-18:00"),
    ("um 10 oder 11 Uhr am Donnerstag", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:00-10:30,11:00-11:30"),
    ("gegen 15 Uhr morgen", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 14:30-16:00"),
    ("eine Stunde und 15 Minuten", "75m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("1,5 Stunden", "90m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("am letzten Freitag im März", "30m | 2026-03-27T00:00..2026-03-28T00:00"),
    ("zwei Tage vor dem Board meeting", "30m | 2026-03-10T00:00..2026-03-11T00:00"),
    ("ab nächster Woche", "30m | 2026-03-09T00:00..2026-03-23T00:00"),
    ("mit Ana und vielleicht Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | with usr_raj?"),
    ("kurzes Gespräch mit Raj diese Woche", "30m | 2026-03-04T10:00..2026-03-09T00:00 | with usr_raj | ignored \"kurzes\""),
    ("morgen nicht zwischen 12 und 14 Uhr", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
    ("morgen, aber nicht von 12 bis 14 Uhr", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
    ("morgen nicht um 15 Uhr", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-15:00,15:30-24:00"),
    ("morgen nicht vor 10 Uhr", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:00-24:00"),
    ("morgen nicht vormittags", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 12:00-24:00"),
    ("nächste Woche ohne Freitag", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("nächste Woche, Freitag nicht", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("mit Ana morgen, nicht mit Kim", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_ana"),
    ("morgen kein Termin zwischen 12 und 14 Uhr", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
    ("keine Termine vor 10 Uhr morgen", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:00-24:00"),
    ("nächste Woche nie freitags", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("heute in einer Woche", "30m | 2026-03-11T00:00..2026-03-12T00:00"),
    ("morgen in zwei Wochen", "30m | 2026-03-19T00:00..2026-03-20T00:00"),
    ("in vierzehn Tagen", "30m | 2026-03-18T00:00..2026-03-19T00:00"),
    ("in einundzwanzig Tagen", "30m | 2026-03-25T00:00..2026-03-26T00:00"),
    ("in 8 Tagen", "30m | 2026-03-12T00:00..2026-03-13T00:00"),
    ("7.–9. April", "30m | 2026-04-07T00:00..2026-04-10T00:00"),
    ("vom 7.-9. April", "30m | 2026-04-07T00:00..2026-04-10T00:00"),
    ("nächste Woche, Freitag habe ich keine Zeit", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("morgen geht nicht zwischen 12 und 14 Uhr", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
    ("morgen nicht vor 10 Uhr oder nach 16 Uhr", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:00-16:00"),
];

/// What French says.
#[rustfmt::skip] // a table: a row a phrase
const FRENCH: &[(&str, &str)] = &[
    ("une heure avec Raj la semaine prochaine, l'après-midi", "60m | 2026-03-09T00:00..2026-03-16T00:00 | with usr_raj | times 12:00-18:00"),
    ("une heure et demie avec Kim demain entre 14h et 16h", "90m | 2026-03-05T00:00..2026-03-06T00:00 | with kim@example.com | times 14:00-16:00"),
    ("trois quarts d'heure avec Ana", "45m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana"),
    ("une demi-heure en visio avec Kim jeudi", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with kim@example.com | kind video"),
    ("2 heures avec Kim", "120m | 2026-03-04T10:00..2026-03-18T00:00 | with kim@example.com"),
    ("demain à 15h avec Ana", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_ana | times 15:00-15:30"),
    ("30 minutes avec Raj vendredi prochain avant 10h", "30m | 2026-03-06T00:00..2026-03-07T00:00 | with usr_raj | times 00:00-10:00"),
    ("après-demain après 15h", "30m | 2026-03-06T00:00..2026-03-07T00:00 | times 15:00-24:00"),
    ("la semaine prochaine sauf lundi", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days TU,WE,TH,FR,SA,SU"),
    ("pas le vendredi, la semaine prochaine", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("la semaine du 16 mars avec Ana, sauf jeudi", "30m | 2026-03-16T00:00..2026-03-23T00:00 | with usr_ana | days MO,TU,WE,FR,SA,SU"),
    ("début avril, le matin", "30m | 2026-04-01T00:00..2026-04-11T00:00 | times 06:00-12:00"),
    ("en début de semaine prochaine", "30m | 2026-03-09T00:00..2026-03-11T00:00"),
    ("fin mars", "30m | 2026-03-25T00:00..2026-04-01T00:00"),
    ("première moitié d'avril", "30m | 2026-04-01T00:00..2026-04-16T00:00"),
    ("d'ici vendredi", "30m | 2026-03-04T10:00..2026-03-07T00:00"),
    ("avant le 20 mars", "30m | 2026-03-04T10:00..2026-03-20T00:00"),
    ("au plus tard vendredi", "30m | 2026-03-04T10:00..2026-03-07T00:00"),
    ("à partir de lundi", "30m | 2026-03-09T00:00..2026-03-23T00:00"),
    ("entre le 9 et le 13 mars", "30m | 2026-03-09T00:00..2026-03-14T00:00"),
    ("du lundi au mercredi", "30m | 2026-03-09T00:00..2026-03-12T00:00"),
    ("dans les 10 prochains jours", "30m | 2026-03-04T10:00..2026-03-15T00:00"),
    ("dans deux semaines", "30m | 2026-03-16T00:00..2026-03-23T00:00"),
    ("lundi prochain à 10h30", "30m | 2026-03-09T00:00..2026-03-10T00:00 | times 10:30-11:00"),
    ("le 16 mars à 10h", "30m | 2026-03-16T00:00..2026-03-17T00:00 | times 10:00-10:30"),
    ("midi jeudi", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 12:00-12:30"),
    ("cet après-midi", "30m | 2026-03-04T10:00..2026-03-05T00:00 | times 12:00-18:00"),
    ("ce week-end", "30m | 2026-03-07T00:00..2026-03-09T00:00 | working_hours prefer"),
    ("avec Ana et si possible Raj, mardi ou jeudi", "30m | 2026-03-05T00:00..2026-03-11T00:00 | with usr_ana | with usr_raj? | dates 2026-03-05,2026-03-10"),
    ("toutes les semaines avec Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_raj | recurrence RRULE:FREQ=WEEKLY"),
    ("15 minutes de battement", "30m | 2026-03-04T10:00..2026-03-18T00:00 | buffer_after_minutes 15 | buffer_before_minutes 15"),
    ("demain 15h heure de Londres", "30m | 2026-03-05T00:00..2026-03-06T00:00 | Europe/London | times 15:00-15:30"),
    ("Peut-on se voir mardi prochain entre 10h et 12h ?", "30m | 2026-03-10T00:00..2026-03-11T00:00 | times 10:00-12:00"),
    ("lundi matin", "30m | 2026-03-09T00:00..2026-03-10T00:00 | times 06:00-12:00"),
    ("jeudi soir", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 18:00-22:00 | working_hours prefer"),
    ("pas avant jeudi", "30m | 2026-03-05T00:00..2026-03-19T00:00"),
    ("pas le lundi ni le vendredi", "30m | 2026-03-04T10:00..2026-03-18T00:00 | days TU,WE,TH,SA,SU"),
    ("d'ici fin mars", "30m | 2026-03-04T10:00..2026-04-01T00:00"),
    ("avant vendredi midi", "30m | 2026-03-04T10:00..2026-03-06T12:00 | before 2026-03-06T12:00"),
    ("vendredi après 16h", "30m | 2026-03-06T00:00..2026-03-07T00:00 | times 16:00-24:00"),
    ("à 9h ou 10h demain", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 09:00-09:30,10:00-10:30"),
    ("vers 15h demain, 1h30", "90m | 2026-03-05T00:00..2026-03-06T00:00 | times 14:30-17:00"),
    ("une heure 15", "75m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("le dernier vendredi du mois", "30m | 2026-03-27T00:00..2026-03-28T00:00"),
    ("même le soir, la semaine prochaine", "30m | 2026-03-09T00:00..2026-03-16T00:00 | working_hours prefer"),
    ("par téléphone avec Kim", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with kim@example.com | kind phone"),
    ("après le déjeuner jeudi", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 13:00-18:00"),
    ("la deuxième quinzaine d'avril", "30m | 2026-04-16T00:00..2026-05-01T00:00"),
    ("mi-avril", "30m | 2026-04-11T00:00..2026-04-21T00:00"),
    ("demain pas entre 12h et 14h", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
    ("demain, pas à 15h", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-15:00,15:30-24:00"),
    ("la semaine prochaine sans le vendredi", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("semaine prochaine sans vendredi", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("demain, pas de réunion entre 12h et 14h", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
    ("la semaine prochaine, jamais le vendredi", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("rien avant 10h demain", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:00-24:00"),
    ("dans vingt et un jours", "30m | 2026-03-25T00:00..2026-03-26T00:00"),
    ("dans dix-sept jours", "30m | 2026-03-21T00:00..2026-03-22T00:00 | working_hours prefer"),
    ("vendredi je ne peux pas, la semaine prochaine", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
];

/// What Spanish says.
#[rustfmt::skip] // a table: a row a phrase
const SPANISH: &[(&str, &str)] = &[
    ("media hora con Ana mañana por la tarde", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_ana | times 12:00-18:00"),
    ("una hora con Raj el jueves a las 10", "60m | 2026-03-05T00:00..2026-03-06T00:00 | with usr_raj | times 10:00-11:00"),
    ("tres cuartos de hora con Ana", "45m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana"),
    ("dos horas con Kim", "120m | 2026-03-04T10:00..2026-03-18T00:00 | with kim@example.com"),
    ("una hora y media con Kim, entre las 3 y las 5 de la tarde del martes", "90m | 2026-03-10T00:00..2026-03-11T00:00 | with kim@example.com | times 15:00-17:00"),
    ("la próxima semana por la mañana con Ana", "30m | 2026-03-09T00:00..2026-03-16T00:00 | with usr_ana | times 06:00-12:00"),
    ("la próxima semana menos el viernes", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("no el viernes, la próxima semana", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("pasado mañana después de las 3 de la tarde", "30m | 2026-03-06T00:00..2026-03-07T00:00 | times 15:00-24:00"),
    ("los martes, no antes de las 10", "30m | 2026-03-04T10:00..2026-03-18T00:00 | days TU | times 10:00-24:00"),
    ("a principios de abril con Kim", "30m | 2026-04-01T00:00..2026-04-11T00:00 | with kim@example.com"),
    ("finales de marzo", "30m | 2026-03-25T00:00..2026-04-01T00:00"),
    ("primera semana de abril", "30m | 2026-04-01T00:00..2026-04-08T00:00"),
    ("en dos semanas con Ana", "30m | 2026-03-16T00:00..2026-03-23T00:00 | with usr_ana"),
    ("en los próximos diez días", "30m | 2026-03-04T10:00..2026-03-15T00:00"),
    ("antes del viernes", "30m | 2026-03-04T10:00..2026-03-06T00:00"),
    ("a más tardar el viernes", "30m | 2026-03-04T10:00..2026-03-07T00:00"),
    ("a partir del lunes", "30m | 2026-03-09T00:00..2026-03-23T00:00"),
    ("entre el 9 y el 13 de marzo", "30m | 2026-03-09T00:00..2026-03-14T00:00"),
    ("del lunes al miércoles", "30m | 2026-03-09T00:00..2026-03-12T00:00"),
    ("el lunes o el martes", "30m | 2026-03-09T00:00..2026-03-11T00:00"),
    ("el próximo lunes", "30m | 2026-03-09T00:00..2026-03-10T00:00"),
    ("el 16 de marzo a las 10:30", "30m | 2026-03-16T00:00..2026-03-17T00:00 | times 10:30-11:00"),
    ("este fin de semana", "30m | 2026-03-07T00:00..2026-03-09T00:00 | working_hours prefer"),
    ("hoy por la tarde", "30m | 2026-03-04T10:00..2026-03-05T00:00 | times 12:00-18:00"),
    ("mañana a las 3 hora de Madrid", "30m | 2026-03-05T00:00..2026-03-06T00:00 | Europe/Madrid | times 15:00-15:30"),
    ("con Ana y, si es posible, Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | with usr_raj?"),
    ("cada semana con Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_raj | recurrence RRULE:FREQ=WEEKLY"),
    ("15 minutos de margen", "30m | 2026-03-04T10:00..2026-03-18T00:00 | buffer_after_minutes 15 | buffer_before_minutes 15"),
    ("llamada con Kim mañana a las 9", "30m | 2026-03-05T00:00..2026-03-06T00:00 | with kim@example.com | times 09:00-09:30 | kind phone"),
    ("Quiero reunirme con Ana la semana que viene, 45 minutos, por la tarde", "45m | 2026-03-09T00:00..2026-03-16T00:00 | with usr_ana | times 12:00-18:00"),
    ("¿Podemos vernos el martes entre las 10 y las 12?", "30m | 2026-03-10T00:00..2026-03-11T00:00 | times 10:00-12:00"),
    ("no antes del jueves", "30m | 2026-03-05T00:00..2026-03-19T00:00"),
    ("ni lunes ni viernes", "30m | 2026-03-04T10:00..2026-03-18T00:00 | days TU,WE,TH,SA,SU"),
    ("antes del viernes a mediodía", "30m | 2026-03-04T10:00..2026-03-06T12:00 | before 2026-03-06T12:00"),
    ("el viernes después de las 4", "30m | 2026-03-06T00:00..2026-03-07T00:00 | times 16:00-24:00"),
    ("a las 9 o a las 10 mañana", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 09:00-09:30,10:00-10:30"),
    ("una hora y cuarto", "75m | 2026-03-04T10:00..2026-03-18T00:00"),
    ("el último viernes del mes", "30m | 2026-03-27T00:00..2026-03-28T00:00"),
    ("incluso por la noche, la próxima semana", "30m | 2026-03-09T00:00..2026-03-16T00:00 | working_hours prefer"),
    ("después de comer el jueves", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 13:00-18:00"),
    ("a mediados de abril", "30m | 2026-04-11T00:00..2026-04-21T00:00"),
    ("todos los lunes a las 10", "30m | 2026-03-04T10:00..2026-03-18T00:00 | days MO | times 10:00-10:30 | recurrence RRULE:FREQ=WEEKLY"),
    ("de 3 a 5 de la tarde el jueves", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 15:00-17:00"),
    ("mañana no entre las 12 y las 14", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
    ("mañana, no a las 15", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-15:00,15:30-24:00"),
    ("la próxima semana sin el viernes", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("nada antes de las 10 mañana", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 10:00-24:00"),
    ("la próxima semana, nunca los viernes", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days MO,TU,WE,TH,SA,SU"),
    ("en veintiún días", "30m | 2026-03-25T00:00..2026-03-26T00:00"),
    ("en treinta y un días", "30m | 2026-04-04T00:00..2026-04-05T00:00 | working_hours prefer"),
    ("mañana no puedo entre las 12 y las 14", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 00:00-12:00,14:00-24:00"),
];

/// What must come back as a question.
#[rustfmt::skip] // a table: a row a phrase
const QUESTIONS: &[(&str, &str)] = &[
    ("not this afternoon", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"not this afternoon\" -> not today / not afternoon / "),
    ("not tonight", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"not tonight\" -> not today / not evening / "),
    ("nicht heute Nachmittag", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"nicht heute Nachmittag\" -> not heute / not Nachmittag / "),
    ("next Friday with Ana", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | ?which_week \"next Friday\" -> 2026-03-06 / 2026-03-13"),
    ("nächsten Freitag", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?which_week \"nächsten Freitag\" -> 2026-03-06 / 2026-03-13"),
    ("next weekend", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?which_weekend \"next weekend\" -> 2026-03-07 to 2026-03-08 / 2026-03-14 to 2026-03-15"),
    ("Wednesday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?today_or_next \"Wednesday\" -> 2026-03-04 / 2026-03-11"),
    ("by Wednesday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?today_or_next \"by Wednesday\" -> until 2026-03-04 / until 2026-03-11"),
    ("mercredi", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?today_or_next \"mercredi\" -> 2026-03-04 / 2026-03-11"),
    ("from Wednesday to Friday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?today_or_next \"from Wednesday to Friday\" -> 2026-03-04 to 2026-03-06 / 2026-03-11 to 2026-03-13"),
    ("this Monday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?over \"this Monday\" -> 2026-03-09"),
    ("3/4 with Ana", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | ?which_date \"3/4\" -> 2026-03-04 / 2026-04-03"),
    ("on 5/6/2026", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?which_date \"5/6/2026\" -> 2026-05-06 / 2026-06-05"),
    ("Friday, March 7", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?which_date \"Friday, March 7\" -> 2026-03-07 / 2026-03-06"),
    ("February 30", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?no_such_date \"February 30\" -> 2027-02-28"),
    ("March 3", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?far_ahead \"March 3\" -> 2027-03-03"),
    ("in February", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?far_ahead \"February\" -> February 2027"),
    ("2025-05-05", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?over \"2025-05-05\" -> 2026-05-05"),
    ("next few days", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?how_many \"next few days\" -> next 2 days / next 3 days / next 5 days"),
    ("at 6 tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?which_half \"at 6\" -> at 06:00 / at 18:00"),
    ("after 6", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?which_half \"after 6\" -> after 06:00 / after 18:00"),
    ("before 8 tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?which_half \"before 8\" -> before 08:00 / before 20:00"),
    ("um 7", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?which_half \"um 7\" -> at 07:00 / at 19:00"),
    ("around 7 tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?which_half \"around 7\" -> around 07:00 / around 19:00"),
    ("8 to 10 tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?which_half \"8 to 10\" -> 08:00 to 10:00 / 20:00 to 22:00"),
    ("between 7 and 9 on Friday", "30m | 2026-03-06T00:00..2026-03-07T00:00 | ?which_half \"7 and 9\" -> 07:00 and 09:00 / 19:00 and 21:00"),
    ("30-45 minutes with Ana", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | ?which_length \"30-45 minutes\" -> 30 minutes / 45 minutes"),
    ("one or two hours", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?which_length \"one or two hours\" -> 60 minutes / 120 minutes"),
    ("45 minutes or an hour", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?which_length \"45 minutes or an hour\" -> 45 minutes / 60 minutes"),
    ("6h with Ana", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | ?length_or_hour \"6h\" -> 360 minutes / at 06:00"),
    ("with Anna tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?which_person \"Anna\" -> anna.berg@example.com / anna.weiss@example.com"),
    ("mit Anna und Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_raj | ?which_person \"Anna\" -> anna.berg@example.com / anna.weiss@example.com"),
    ("with Bob", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?unknown_person \"Bob\" -> robert@example.com / "),
    ("with Zoe tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?unknown_person \"Zoe\" -> "),
    ("with the team", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?unknown_person \"the team\" -> "),
    ("with April tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?unknown_person \"April\" -> "),
    ("with Raj or Kim tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?which_person \"Raj or Kim\" -> Raj / Kim / Raj and Kim"),
    ("before the team sync", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?which_event \"before the team sync\" -> before 2026-03-06T09:00:00.000Z / before 2026-03-13T09:00:00.000Z"),
    ("before the retreat", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?unknown_event \"before the retreat\" -> before 2026-03-06T09:00:00.000Z / before 2026-03-10T06:30:00.000Z / before 2026-03-12T14:00:00.000Z / before 2026-03-13T09:00:00.000Z / before 2026-04-20T07:00:00.000Z / "),
    ("avant la retraite", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?unknown_event \"avant la retraite\" -> before 2026-03-06T09:00:00.000Z / before 2026-03-10T06:30:00.000Z / before 2026-03-12T14:00:00.000Z / before 2026-03-13T09:00:00.000Z / before 2026-04-20T07:00:00.000Z / "),
    ("bi-weekly with Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_raj | ?how_often \"bi-weekly\" -> every two weeks / weekly"),
    ("bimonthly with Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_raj | ?how_often \"bimonthly\" -> every two weeks / "),
    ("at 3pm IST tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 15:00-15:30 | ?which_zone \"IST\" -> Asia/Kolkata / Europe/Dublin / Asia/Jerusalem"),
    ("at 3pm CST tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 15:00-15:30 | ?which_zone \"CST\" -> America/Chicago / Asia/Shanghai / America/Havana"),
    ("3pm EST on March 20", "30m | 2026-03-20T00:00..2026-03-21T00:00 | America/New_York | times 15:00-15:30 | ?which_zone \"EST\" -> America/New_York / UTC-5"),
    ("3pm Springfield time tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 15:00-15:30 | ?unknown_zone \"Springfield time\" -> "),
    ("3pm Kim's time tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | times 15:00-15:30 | ?which_zone \"Kim's time\" -> "),
    ("3pm London time or 10am New York time tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | Europe/London | times 10:00-10:30,15:00-15:30 | ?which_zone \"London time or 10am New York time\" -> London time or 10am London time / New York time or 10am New York time"),
    ("Tuesday morning or Thursday afternoon next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | days TU,TH | times 06:00-18:00 | ?different_hours \"Tuesday morning or Thursday afternoon\" -> Tuesday morning / Thursday afternoon"),
    ("tomorrow at 9 or Friday at 3pm", "30m | 2026-03-05T00:00..2026-03-07T00:00 | times 09:00-09:30,15:00-15:30 | ?different_hours \"tomorrow at 9 or Friday at 3pm\" -> tomorrow at 9 / Friday at 3pm"),
    ("preferably in the morning", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?wish \"preferably in the morning\" -> morning / "),
    ("mit Ana, am liebsten vormittags", "30m | 2026-03-04T10:00..2026-03-18T00:00 | with usr_ana | ?wish \"am liebsten vormittags\" -> vormittags / "),
    ("la semaine prochaine, de préférence le matin", "30m | 2026-03-09T00:00..2026-03-16T00:00 | ?wish \"de préférence le matin\" -> le matin / "),
    ("not Monday, Tuesday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"not Monday, Tuesday\" -> not Monday or Tuesday / Tuesday, not Monday"),
    ("not Friday afternoon, next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | ?left_out \"not Friday afternoon\" -> not Friday / not afternoon / "),
    ("not so good on Friday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"not so good on Friday\" -> not Friday / Friday"),
    ("today at 9", "30m | no window | times 09:00-09:30 | ?over \"today\" -> 2026-03-05"),
    ("next week before tomorrow", "30m | no window | ?contradiction \"before tomorrow\" -> "),
    ("evenings before 5pm tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?contradiction \"before 5pm\" -> "),
    ("between 3 and 3:30 tomorrow for an hour", "60m | 2026-03-05T00:00..2026-03-06T00:00 | ?contradiction \"between 3 and 3:30\" -> "),
    ("before Monday in April", "30m | 2026-04-01T00:00..2026-05-01T00:00 | ?which_date \"before Monday\" -> before 2026-04-06 / before 2026-04-13 / before 2026-04-20 / before 2026-04-27"),
    ("an hour before the board meeting", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?length_or_offset \"an hour before the board meeting\" -> 60 minutes, before the board meeting / 2026-03-12 at 14:00"),
    ("30 minutes before the board meeting", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?length_or_offset \"30 minutes before the board meeting\" -> 30 minutes, before the board meeting / 2026-03-12 at 14:30"),
    ("tomorrow 10", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?hour \"10\" -> at 10:00 / "),
    ("Thursday 5", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?hour \"5\" -> at 17:00 / "),
    ("with Ana or with Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?which_person \"Ana or with Raj\" -> Ana / Raj / Ana and Raj"),
    ("with Anna B.", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?which_person \"Anna\" -> anna.berg@example.com / anna.weiss@example.com"),
    ("mit Ana oder Raj", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?which_person \"Ana oder Raj\" -> Ana / Raj / Ana and Raj"),
    ("just Tuesday and Wednesday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?today_or_next \"Tuesday and Wednesday\" -> 2026-03-04 or 2026-03-10 / 2026-03-10 or 2026-03-11"),
    ("before lunch on Tuesday or after 4pm on Thursday", "30m | 2026-03-05T00:00..2026-03-11T00:00 | dates 2026-03-05,2026-03-10 | ?different_hours \"before lunch on Tuesday or after 4pm on Thursday\" -> before lunch on Tuesday / after 4pm on Thursday"),
    ("vor Ostern", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?unknown_event \"vor Ostern\" -> before 2026-03-06T09:00:00.000Z / before 2026-03-10T06:30:00.000Z / before 2026-03-12T14:00:00.000Z / before 2026-03-13T09:00:00.000Z / before 2026-04-20T07:00:00.000Z / "),
    ("plutôt le matin", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?wish \"plutôt le matin\" -> le matin / "),
    ("el martes o el miércoles por la tarde", "30m | 2026-03-04T10:00..2026-03-18T00:00 | times 12:00-18:00 | ?today_or_next \"el martes o el miércoles\" -> 2026-03-04 or 2026-03-10 / 2026-03-10 or 2026-03-11"),
    ("next week, not at 3pm on Friday", "30m | 2026-03-09T00:00..2026-03-16T00:00 | ?left_out \"not at 3pm on Friday\" -> Friday, not at 3pm / not at 3pm / not Friday"),
    ("not between 12 and 14 tomorrow", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"not between 12 and 14 tomorrow\" -> tomorrow, not between 12 and 14 / not between 12 and 14 / not tomorrow"),
    ("not Friday between 12 and 14", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"not Friday between 12 and 14\" -> not Friday / not between 12 and 14 / "),
    ("tomorrow, not at 6", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?which_half \"at 6\" -> at 06:00 / at 18:00"),
    ("tomorrow, not between 7 and 9", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?which_half \"7 and 9\" -> 07:00 and 09:00 / 19:00 and 21:00"),
    ("tomorrow, not around 3pm", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?left_out \"not around 3pm\" -> not between 14:30 and 15:30 / around 3pm"),
    ("not quite before 10 tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?left_out \"not quite before 10\" -> from 10:00 / before 10"),
    ("not starting by Friday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"not starting by Friday\" -> after Friday / by Friday"),
    ("not every Monday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"not every Monday\" -> not Monday / Monday"),
    ("not before the board meeting", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"not before the board meeting\" -> after board meeting / before the board meeting"),
    ("niemals gegen 15 Uhr", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"niemals gegen 15 Uhr\" -> not between 14:30 and 15:30 / gegen 15 Uhr"),
    ("jamais vers 15h", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"jamais vers 15h\" -> not between 14:30 and 15:30 / vers 15h"),
    ("nunca sobre las 15", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"nunca sobre las 15\" -> not between 14:30 and 15:30 / sobre las 15"),
    ("I can't really do Friday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"can't really do Friday\" -> not Friday / Friday"),
    ("we couldn't meet tonight", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"couldn't meet tonight\" -> not 2026-03-04 / not between 18:00 and 22:00 / tonight"),
    ("isn't after Thursday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"isn't after Thursday\" -> until Thursday / after Thursday"),
    ("3pm tomorrow does not work", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"3pm tomorrow does not work\" -> not tomorrow / not at 15:00 / tomorrow, not at 15:00"),
    ("Friday afternoon doesn't work, next week", "30m | 2026-03-09T00:00..2026-03-16T00:00 | ?left_out \"Friday afternoon doesn't work\" -> not Friday / not afternoon / Friday, not afternoon"),
    ("mañana no", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?left_out \"mañana no\" -> not 2026-03-05 / mañana"),
    ("Monday not, but Tuesday ok", "30m | 2026-03-10T00:00..2026-03-11T00:00 | ?left_out \"Monday not\" -> not Monday / Monday"),
    ("heute in acht Tagen", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?how_many \"heute in acht Tagen\" -> 2026-03-11 / 2026-03-12"),
    ("in acht Tagen", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?how_many \"in acht Tagen\" -> 2026-03-11 / 2026-03-12"),
    ("dans quinze jours", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?how_many \"dans quinze jours\" -> 2026-03-18 / 2026-03-19"),
    ("en quince días", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?how_many \"en quince días\" -> 2026-03-18 / 2026-03-19"),
    ("7.–9. Dezember", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?far_ahead \"9. Dezember\" -> 2026-12-09"),
    ("yesterday", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?over \"yesterday\" -> 2026-03-04 / 2026-03-05"),
    ("gestern um 15 Uhr", "30m | 2026-03-04T10:00..2026-03-18T00:00 | times 15:00-15:30 | ?over \"gestern\" -> 2026-03-04 / 2026-03-05"),
    ("hier à 15h", "30m | 2026-03-04T10:00..2026-03-18T00:00 | times 15:00-15:30 | ?over \"hier\" -> 2026-03-04 / 2026-03-05"),
    ("ayer", "30m | 2026-03-04T10:00..2026-03-18T00:00 | ?over \"ayer\" -> 2026-03-04 / 2026-03-05"),
    ("between 5pm and 3pm tomorrow", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?contradiction \"5pm and 3pm\" -> 15:00 and 17:00 / 17:00 and 24:00"),
    ("zwischen 17 und 15 Uhr morgen", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?contradiction \"17 und 15 Uhr\" -> 15:00 and 17:00 / 17:00 and 24:00"),
    ("tomorrow from 10pm to 2am", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?contradiction \"10pm to 2am\" -> 02:00 to 22:00 / 22:00 to 24:00"),
    ("anytime tomorrow but 3pm", "30m | 2026-03-05T00:00..2026-03-06T00:00 | ?left_out \"but 3pm\" -> not at 15:00 / 3pm"),
    ("next week, not Monday at 10 or Tuesday at 11", "30m | 2026-03-09T00:00..2026-03-16T00:00 | ?left_out \"not Monday at 10\" -> not Monday /  | ?left_out \"or Tuesday at 11\" -> not Tuesday / "),
];

/// The same words at other times and in other zones: weekends, changes of the clock, ends of years.
#[rustfmt::skip] // a table: a row a phrase
const CLOCKS: &[(&str, &str, &str, &str)] = &[
    ("2026-03-08T12:00:00+01:00", "Europe/Berlin", "this weekend", "30m | 2026-03-08T12:00..2026-03-22T00:00 | ?which_weekend \"this weekend\" -> 2026-03-08 / 2026-03-14 to 2026-03-15"),
    ("2026-03-08T12:00:00+01:00", "Europe/Berlin", "this week", "30m | 2026-03-08T12:00..2026-03-22T00:00 | ?which_week \"this week\" -> 2026-03-08 / 2026-03-09 to 2026-03-15"),
    ("2026-03-08T12:00:00+01:00", "Europe/Berlin", "next week", "30m | 2026-03-09T00:00..2026-03-16T00:00"),
    ("2026-03-08T12:00:00+01:00", "Europe/Berlin", "next Friday", "30m | 2026-03-13T00:00..2026-03-14T00:00"),
    ("2026-03-07T12:00:00+01:00", "Europe/Berlin", "this weekend", "30m | 2026-03-07T12:00..2026-03-09T00:00 | working_hours prefer"),
    ("2026-03-07T12:00:00+01:00", "Europe/Berlin", "next weekend", "30m | 2026-03-14T00:00..2026-03-16T00:00 | working_hours prefer"),
    ("2026-03-06T18:30:00+01:00", "Europe/Berlin", "this afternoon", "30m | no window | times 12:00-18:00 | ?over \"this afternoon\" -> 2026-03-07 12:00 to 18:00"),
    ("2026-03-06T18:30:00+01:00", "Europe/Berlin", "today", "30m | 2026-03-06T18:30..2026-03-07T00:00"),
    ("2026-03-06T18:30:00+01:00", "Europe/Berlin", "this week", "30m | 2026-03-06T18:30..2026-03-09T00:00"),
    ("2026-03-27T09:00:00+01:00", "Europe/Berlin", "Sunday at 2:30am", "30m | 2026-03-29T00:00..2026-03-30T00:00 | times 02:30-03:00 | working_hours prefer"),
    ("2026-03-27T09:00:00+01:00", "Europe/Berlin", "next week", "30m | 2026-03-30T00:00..2026-04-06T00:00"),
    ("2026-03-27T09:00:00+01:00", "Europe/Berlin", "in the next 10 days", "30m | 2026-03-27T09:00..2026-04-07T00:00"),
    ("2026-10-23T09:00:00+02:00", "Europe/Berlin", "this weekend", "30m | 2026-10-24T00:00..2026-10-26T00:00 | working_hours prefer"),
    ("2026-10-23T09:00:00+02:00", "Europe/Berlin", "until Sunday 2:30am", "30m | 2026-10-23T09:00..2026-10-25T02:30 | before 2026-10-25T02:30"),
    ("2026-03-06T09:00:00-05:00", "America/New_York", "this weekend", "30m | 2026-03-07T00:00..2026-03-09T00:00 | America/New_York | working_hours prefer"),
    ("2026-03-06T09:00:00-05:00", "America/New_York", "before Sunday 2:30am", "30m | 2026-03-06T09:00..2026-03-08T03:30 | America/New_York | before 2026-03-08T03:30"),
    ("2026-03-06T09:00:00-05:00", "America/New_York", "next week, 3pm London time", "30m | 2026-03-09T00:00..2026-03-16T00:00 | Europe/London | times 15:00-15:30"),
    ("2026-12-29T09:00:00+01:00", "Europe/Berlin", "next week", "30m | 2027-01-04T00:00..2027-01-11T00:00"),
    ("2026-12-29T09:00:00+01:00", "Europe/Berlin", "in January", "30m | 2027-01-01T00:00..2027-02-01T00:00"),
    ("2026-12-29T09:00:00+01:00", "Europe/Berlin", "next month", "30m | 2027-01-01T00:00..2027-02-01T00:00"),
    ("2026-12-29T09:00:00+01:00", "Europe/Berlin", "by Friday", "30m | 2026-12-29T09:00..2027-01-02T00:00"),
    ("2026-12-29T09:00:00+01:00", "Europe/Berlin", "KW 53", "30m | 2026-12-29T09:00..2027-01-04T00:00"),
    ("2026-12-29T09:00:00+01:00", "Europe/Berlin", "week 1", "30m | 2027-01-04T00:00..2027-01-11T00:00"),
    ("2026-12-29T09:00:00+01:00", "Europe/Berlin", "January 5", "30m | 2027-01-05T00:00..2027-01-06T00:00"),
    ("2026-12-29T09:00:00+01:00", "Europe/Berlin", "first half of January", "30m | 2027-01-01T00:00..2027-01-16T00:00"),
    ("2026-12-29T09:00:00+01:00", "Europe/Berlin", "the 2nd", "30m | 2027-01-02T00:00..2027-01-03T00:00 | working_hours prefer"),
    ("2026-12-31T23:30:00+01:00", "Europe/Berlin", "tomorrow", "30m | 2027-01-01T00:00..2027-01-02T00:00"),
    ("2026-12-31T23:30:00+01:00", "Europe/Berlin", "today", "30m | 2026-12-31T23:30..2027-01-01T00:00"),
    ("2026-11-25T10:00:00+01:00", "Europe/Berlin", "from 3 to 5 December", "30m | 2026-12-03T00:00..2026-12-06T00:00"),
    ("2026-11-25T10:00:00+01:00", "Europe/Berlin", "Dec 3-5", "30m | 2026-12-03T00:00..2026-12-06T00:00"),
    ("2026-11-25T10:00:00+01:00", "Europe/Berlin", "du 3 au 5 décembre", "30m | 2026-12-03T00:00..2026-12-06T00:00"),
    ("2026-11-25T10:00:00+01:00", "Europe/Berlin", "del 3 al 5 de diciembre", "30m | 2026-12-03T00:00..2026-12-06T00:00"),
    ("2026-11-25T10:00:00+01:00", "Europe/Berlin", "in December", "30m | 2026-12-01T00:00..2027-01-01T00:00"),
    ("2026-11-25T10:00:00+01:00", "Europe/Berlin", "Q1", "30m | 2027-01-01T00:00..2027-04-01T00:00"),
    ("2026-11-25T10:00:00+01:00", "Europe/Berlin", "January 2027", "30m | 2027-01-01T00:00..2027-02-01T00:00"),
    ("2028-02-20T10:00:00+01:00", "Europe/Berlin", "end of the month", "30m | 2028-02-23T00:00..2028-03-01T00:00"),
    ("2027-02-20T10:00:00+01:00", "Europe/Berlin", "February 29", "30m | 2027-02-20T10:00..2027-03-06T00:00 | ?far_ahead \"February 29\" -> 2028-02-29"),
    ("2026-10-02T10:00:00+10:00", "Australia/Lord_Howe", "Sunday at 2:15am", "30m | 2026-10-04T00:00..2026-10-05T00:00 | Australia/Lord_Howe | times 02:15-02:45 | working_hours prefer"),
    ("2026-03-04T23:30:00+05:45", "Asia/Kathmandu", "tomorrow at 9:15", "30m | 2026-03-05T00:00..2026-03-06T00:00 | Asia/Kathmandu | times 09:15-09:45"),
    ("2026-03-04T22:00:00-03:00", "America/Sao_Paulo", "tomorrow 9am Tokyo time", "30m | no window | Asia/Tokyo | times 09:00-09:30 | ?over \"tomorrow\" -> 2026-03-06"),
];

fn person(id: Option<&str>, email: Option<&str>, name: &str, zone: Option<&str>) -> Person {
    Person {
        user_id: id.map(str::to_owned),
        email: email.map(str::to_owned),
        name: name.to_owned(),
        time_zone: zone.map(|zone| zone.parse().expect("a zone")),
    }
}

fn people() -> Vec<Person> {
    vec![
        person(
            Some("usr_ana"),
            Some("ana@example.com"),
            "Ana Silva",
            Some("America/Sao_Paulo"),
        ),
        person(Some("usr_raj"), None, "Raj Patel", Some("Asia/Kolkata")),
        person(None, Some("kim@example.com"), "Kim Lee", None),
        person(None, Some("anna.berg@example.com"), "Anna Berg", None),
        person(None, Some("anna.weiss@example.com"), "Anna Weiß", None),
        person(None, Some("robert@example.com"), "Robert Smith", None),
    ]
}

fn event(summary: &str, start: &str, end: &str) -> NamedEvent {
    let at = |text: &str| Timestamp::parse(text).expect("an instant").milliseconds();
    NamedEvent {
        summary: summary.to_owned(),
        interval: Interval {
            start: at(start),
            end: at(end),
        },
    }
}

fn events() -> Vec<NamedEvent> {
    vec![
        event(
            "Board meeting",
            "2026-03-12T14:00:00Z",
            "2026-03-12T16:00:00Z",
        ),
        event(
            "Flight to Lisbon",
            "2026-03-10T06:30:00Z",
            "2026-03-10T09:45:00Z",
        ),
        event("Team sync", "2026-03-06T09:00:00Z", "2026-03-06T09:30:00Z"),
        event("Team sync", "2026-03-13T09:00:00Z", "2026-03-13T09:30:00Z"),
        event("Offsite", "2026-04-20T07:00:00Z", "2026-04-21T15:00:00Z"),
    ]
}

fn read_at(now: &str, zone: &str, week_start: Weekday, text: &str) -> Interpretation {
    let (people, events) = (people(), events());
    let context = Context {
        now: Timestamp::parse(now).expect("an instant"),
        time_zone: zone.parse().expect("a zone"),
        week_start,
        people: &people,
        events: &events,
    };
    interpret(text, &context)
}

fn read(text: &str) -> Interpretation {
    read_at(NOW, "Europe/Berlin", Weekday::Mo, text)
}

/// A value of a constraint, in short.
fn short(key: &str, value: &Value, local: impl Fn(&Value) -> String) -> String {
    match (key, value) {
        ("after" | "before", instant) => local(instant),
        ("times", Value::Array(times)) => {
            let time = |time: &Value| format!("{}-{}", text(&time["start"]), text(&time["end"]));
            times.iter().map(time).collect::<Vec<_>>().join(",")
        }
        (_, Value::Array(values)) => values.iter().map(text).collect::<Vec<_>>().join(","),
        (_, Value::String(value)) => value.clone(),
        (_, other) => other.to_string(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// All of an interpretation on one line.
fn shown(interpretation: &Interpretation) -> String {
    let json = serde_json::to_value(interpretation).expect("JSON");
    let request = &json["request"];
    let zone: Tz = text(&request["time_zone"]).parse().expect("a zone");
    let local = |instant: &Value| {
        let instant: DateTime<Utc> = text(instant).parse().expect("an instant");
        instant
            .with_timezone(&zone)
            .format("%Y-%m-%dT%H:%M")
            .to_string()
    };
    let mut parts = vec![format!("{}m", request["duration_minutes"])];
    parts.push(match request.get("window") {
        Some(window) => format!("{}..{}", local(&window["start"]), local(&window["end"])),
        None => "no window".to_owned(),
    });
    if zone != Tz::Europe__Berlin {
        parts.push(zone.name().to_owned());
    }
    let (asking, others) = request["attendees"]
        .as_array()
        .and_then(|all| all.split_first())
        .expect("who asks");
    assert_eq!(
        asking,
        &serde_json::json!({"user_id": "me", "required": true})
    );
    for attendee in others {
        let who = attendee.get("user_id").unwrap_or(&attendee["email"]);
        let optional = if attendee["required"] == true {
            ""
        } else {
            "?"
        };
        parts.push(format!("with {}{optional}", text(who)));
    }
    for (key, value) in request["constraints"].as_object().expect("an object") {
        let usual = match key.as_str() {
            "working_hours" => "require",
            "focus_time" | "lunch" | "daily_limit" => "prefer",
            "tentative" => "busy",
            _ => "",
        };
        if value != usual {
            parts.push(format!("{key} {}", short(key, value, local)));
        }
    }
    if let Some(kind) = request.get("kind") {
        parts.push(format!("kind {}", text(kind)));
    }
    for (key, value) in json["meeting"].as_object().expect("an object") {
        parts.push(format!("{key} {}", text(value)));
    }
    for question in &interpretation.questions {
        let answers: Vec<&str> = question
            .choices
            .iter()
            .map(|choice| choice.words.as_str())
            .collect();
        parts.push(format!(
            "?{} {:?} -> {}",
            question.code,
            question.about,
            answers.join(" / ")
        ));
    }
    let ignored = interpretation
        .ignored
        .iter()
        .map(|words| format!("ignored {:?}", words.text));
    parts.extend(ignored);
    parts.join(" | ")
}

/// The words with others in the place of some of them.
fn answered(text: &str, start: usize, end: usize, words: &str) -> String {
    let before = text.chars().take(start);
    let after = text.chars().skip(end);
    before.chain(words.chars()).chain(after).collect()
}

fn rows() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    [ENGLISH, GERMAN, FRENCH, SPANISH, QUESTIONS]
        .into_iter()
        .flatten()
}

#[test]
fn every_phrase_becomes_exactly_its_request() {
    let wrong: Vec<String> = rows()
        .filter_map(|(text, expected)| {
            let got = shown(&read(text));
            (got != *expected).then(|| format!("{text}\n  expected {expected}\n  got      {got}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_mean_what_they_mean_at_their_time_and_in_their_zone() {
    for (now, zone, text, expected) in CLOCKS {
        let got = shown(&read_at(now, zone, Weekday::Mo, text));
        assert_eq!(got, *expected, "{text} at {now}");
    }
}

#[test]
fn weeks_begin_with_the_day_that_the_person_says() {
    let window = |now: &str, text: &str| shown(&read_at(now, "Europe/Berlin", Weekday::Su, text));
    assert_eq!(
        window(NOW, "next week"),
        "30m | 2026-03-08T00:00..2026-03-15T00:00"
    );
    assert_eq!(
        window(NOW, "Friday next week"),
        "30m | 2026-03-13T00:00..2026-03-14T00:00"
    );
    assert_eq!(
        window(NOW, "early next week"),
        "30m | 2026-03-09T00:00..2026-03-11T00:00"
    );
    // Said on a Sunday, who counts from Sunday may mean the week that has just begun.
    let sunday = window("2026-03-08T12:00:00+01:00", "next week");
    assert!(sunday.contains("?which_week"), "{sunday}");
}

#[test]
fn whatever_has_two_readings_is_a_question_and_all_else_is_none() {
    assert!(QUESTIONS.len() >= 40);
    for (text, _) in QUESTIONS {
        assert!(!read(text).questions.is_empty(), "{text}");
    }
    let plain = [ENGLISH, GERMAN, FRENCH, SPANISH].into_iter().flatten();
    let mut count = 0;
    for (text, _) in plain {
        count += 1;
        assert!(read(text).questions.is_empty(), "{text}");
    }
    assert!(count >= 120, "{count}");
}

#[test]
fn an_answer_in_the_place_of_the_words_that_were_asked_about_settles_the_question() {
    for (text, _) in rows() {
        let asked = read(text);
        for question in &asked.questions {
            for choice in &question.choices {
                let next = answered(text, question.start, question.end, &choice.words);
                let again = read(&next);
                let before = asked.questions.len();
                assert!(
                    again.questions.len() < before,
                    "{text} -> {next}: {:?}",
                    again.questions
                );
                assert!(
                    again.ignored.len() <= asked.ignored.len(),
                    "{text} -> {next}: {:?}",
                    again.ignored
                );
            }
        }
    }
}

#[test]
fn what_was_taken_as_usual_is_said() {
    let codes = |text: &str| -> Vec<&'static str> {
        read(text)
            .defaults
            .into_iter()
            .map(|default| default.code)
            .collect()
    };
    assert_eq!(codes("with Ana"), ["duration", "window", "working_hours"]);
    assert_eq!(
        codes("an hour next week, even in the evening"),
        Vec::<&str>::new()
    );
}

#[test]
fn what_was_understood_is_shown_with_its_words() {
    let shown: Vec<(String, String)> =
        read("45 minutes with Ana next week, afternoons, not Friday, before the board meeting")
            .understood
            .into_iter()
            .map(|one| (one.text, one.meaning))
            .collect();
    let expected = [
        ("45 minutes", "45 minutes long"),
        ("Ana", "with Ana Silva"),
        ("next week", "Monday, 9 March 2026 to Sunday, 15 March 2026"),
        ("afternoons", "between 12:00 and 18:00"),
        ("not Friday", "not on Friday"),
        (
            "before the board meeting",
            "before “Board meeting”, which starts on Thursday, 12 March 2026, 15:00",
        ),
    ];
    let expected: Vec<(String, String)> = expected
        .map(|(text, meaning)| (text.to_owned(), meaning.to_owned()))
        .to_vec();
    assert_eq!(shown, expected);
}

/// Offsets count characters, lie in the text, and hold the words that they say.
fn check_offsets(text: &str, interpretation: &Interpretation) -> Result<(), TestCaseError> {
    let understood = interpretation
        .understood
        .iter()
        .map(|one| (&one.text, one.start, one.end));
    let questions = interpretation
        .questions
        .iter()
        .map(|one| (&one.about, one.start, one.end));
    let ignored = interpretation
        .ignored
        .iter()
        .map(|one| (&one.text, one.start, one.end));
    for (words, start, end) in understood.chain(questions).chain(ignored) {
        let there: String = text
            .chars()
            .skip(start)
            .take(end.saturating_sub(start))
            .collect();
        prop_assert_eq!(words, &there);
        prop_assert!(start < end);
    }
    Ok(())
}

#[test]
fn offsets_count_characters() {
    for (text, _) in rows() {
        check_offsets(text, &read(text)).expect("valid offsets");
    }
    let text = "🎉🎉 zwölf, nächste Woche";
    assert_eq!(read(text).understood[0].start, 10);
}

#[test]
fn not_more_is_read_than_the_longest_request() {
    let text = format!("{} tomorrow", "ä ".repeat(500));
    assert!(read(&text).understood.is_empty());
    let text = format!("{} tomorrow", "ä ".repeat(495));
    assert_eq!(read(&text).understood.len(), 1);
}

/// Words of the tables in any order, and pieces of anything.
fn soup() -> impl Strategy<Value = String> {
    let words: Vec<String> = rows()
        .flat_map(|(text, _)| text.split(' '))
        .map(str::to_owned)
        .collect();
    let piece = prop_oneof![
        8 => prop::sample::select(words),
        1 => prop::sample::select(vec![",", ".", "-", "–", ":", "(", "\n", "?", "&", "/", "'", "+"]).prop_map(str::to_owned),
        1 => "[0-9]{1,4}",
        1 => "\\PC{0,6}",
    ];
    let space = prop::sample::select(vec![" ", " ", " ", "", ", "]);
    prop::collection::vec((piece, space), 0..30).prop_map(|pieces| {
        pieces
            .into_iter()
            .map(|(piece, space)| piece + space)
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_words_are_read_and_give_a_request_that_keeps_its_rules(text in soup(), now in 0_i64..4_000_000_000) {
        let (people, events) = (people(), events());
        let context = Context {
            now: Timestamp::from_milliseconds(now * 1000),
            time_zone: Tz::America__New_York,
            week_start: Weekday::Su,
            people: &people,
            events: &events,
        };
        let interpretation = interpret(&text, &context);
        check_offsets(&text, &interpretation)?;
        let request = &interpretation.request;
        prop_assert!((1..=1440).contains(&request.duration_minutes));
        if let Some(window) = request.window {
            prop_assert!(window.start < window.end);
            prop_assert!(window.start >= context.now);
        } else {
            prop_assert!(!interpretation.questions.is_empty());
        }
        let mut violations = delegate_core::error::Violations::default();
        request.constraints.check("/constraints", &mut violations);
        let without_window = request.window.is_none();
        prop_assert!(without_window || violations.into_result(()).is_ok(), "{:?}", request);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,400}", now: i64) {
        let context = Context {
            now: Timestamp::from_milliseconds(now),
            time_zone: Tz::Pacific__Apia,
            week_start: Weekday::Mo,
            people: &[],
            events: &[],
        };
        check_offsets(&text, &interpret(&text, &context))?;
    }
}
