//! The examples of RFC 5545, 3.8.5.3, all in New York in 1997, with its errata.

use super::*;

/// The days of a text such as `1997 Sep 2-4,9; Oct 1 | 1998 Jan 1`.
fn days(text: &str) -> Vec<String> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let mut days = Vec::new();
    for year in text.split('|') {
        let (year, months) = year.trim().split_once(' ').expect("a year");
        for month in months.split(';') {
            let (name, list) = month.trim().split_once(' ').expect("a month");
            let month = MONTHS.find(name).expect("the name of a month") / 3 + 1;
            for part in list.split(',') {
                let (from, until) = part.split_once('-').unwrap_or((part, part));
                let number = |text: &str| text.trim().parse::<u32>().expect("a day");
                for day in number(from)..=number(until) {
                    days.push(format!("{year}{month:02}{day:02}T090000"));
                }
            }
        }
    }
    days
}

/// Whether a rule has the days that the RFC lists; `…` at the end of the list where it goes on.
fn gives(first_day: &str, lines: &[&str], expected: &str) {
    let start = start(&format!("{first_day}T090000"), "America/New_York");
    let goes_on = expected.ends_with('…');
    let expected = days(expected.trim_end_matches('…'));
    let count = expected.len() + usize::from(!goes_on);
    assert_eq!(walls(count, lines, start), expected, "{lines:?}");
}

#[test]
fn daily() {
    gives("19970902", &["RRULE:FREQ=DAILY;COUNT=10"], "1997 Sep 2-11");
    gives(
        "19970902",
        &["RRULE:FREQ=DAILY;UNTIL=19971224T000000Z"],
        "1997 Sep 2-30; Oct 1-31; Nov 1-30; Dec 1-23",
    );
    gives(
        "19970902",
        &["RRULE:FREQ=DAILY;INTERVAL=2"],
        "1997 Sep 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30; Oct 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30; Nov 1,3…",
    );
    gives(
        "19970902",
        &["RRULE:FREQ=DAILY;INTERVAL=10;COUNT=5"],
        "1997 Sep 2,12,22; Oct 2,12",
    );
    for rule in [
        "RRULE:FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
        "RRULE:FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
    ] {
        gives(
            "19980101",
            &[rule],
            "1998 Jan 1-31 | 1999 Jan 1-31 | 2000 Jan 1-31",
        );
    }
}

#[test]
fn weekly() {
    gives(
        "19970902",
        &["RRULE:FREQ=WEEKLY;COUNT=10"],
        "1997 Sep 2,9,16,23,30; Oct 7,14,21,28; Nov 4",
    );
    gives(
        "19970902",
        &["RRULE:FREQ=WEEKLY;UNTIL=19971224T000000Z"],
        "1997 Sep 2,9,16,23,30; Oct 7,14,21,28; Nov 4,11,18,25; Dec 2,9,16,23",
    );
    gives(
        "19970902",
        &["RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU"],
        "1997 Sep 2,16,30; Oct 14,28; Nov 11,25; Dec 9,23 | 1998 Jan 6,20; Feb 3,17…",
    );
    for rule in [
        "RRULE:FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
        "RRULE:FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
    ] {
        gives(
            "19970902",
            &[rule],
            "1997 Sep 2,4,9,11,16,18,23,25,30; Oct 2",
        );
    }
    gives(
        "19970901",
        &["RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR"],
        "1997 Sep 1,3,5,15,17,19,29; Oct 1,3,13,15,17,27,29,31; Nov 10,12,14,24,26,28; Dec 8,10,12,22",
    );
    gives(
        "19970902",
        &["RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH"],
        "1997 Sep 2,4,16,18,30; Oct 2,14,16",
    );
}

#[test]
fn monthly_by_weekday() {
    gives(
        "19970905",
        &["RRULE:FREQ=MONTHLY;COUNT=10;BYDAY=1FR"],
        "1997 Sep 5; Oct 3; Nov 7; Dec 5 | 1998 Jan 2; Feb 6; Mar 6; Apr 3; May 1; Jun 5",
    );
    gives(
        "19970905",
        &["RRULE:FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR"],
        "1997 Sep 5; Oct 3; Nov 7; Dec 5",
    );
    gives(
        "19970907",
        &["RRULE:FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU"],
        "1997 Sep 7,28; Nov 2,30 | 1998 Jan 4,25; Mar 1,29; May 3,31",
    );
    gives(
        "19970922",
        &["RRULE:FREQ=MONTHLY;COUNT=6;BYDAY=-2MO"],
        "1997 Sep 22; Oct 20; Nov 17; Dec 22 | 1998 Jan 19; Feb 16",
    );
    gives(
        "19970902",
        &["RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=TU"],
        "1997 Sep 2,9,16,23,30; Nov 4,11,18,25 | 1998 Jan 6,13,20,27; Mar 3,10,17,24,31…",
    );
}

#[test]
fn monthly_by_day_of_the_month() {
    gives(
        "19970928",
        &["RRULE:FREQ=MONTHLY;BYMONTHDAY=-3"],
        "1997 Sep 28; Oct 29; Nov 28; Dec 29 | 1998 Jan 29; Feb 26…",
    );
    gives(
        "19970902",
        &["RRULE:FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15"],
        "1997 Sep 2,15; Oct 2,15; Nov 2,15; Dec 2,15 | 1998 Jan 2,15",
    );
    gives(
        "19970930",
        &["RRULE:FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1"],
        "1997 Sep 30; Oct 1,31; Nov 1,30; Dec 1,31 | 1998 Jan 1,31; Feb 1",
    );
    gives(
        "19970910",
        &["RRULE:FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15"],
        "1997 Sep 10-15 | 1999 Mar 10-13",
    );
    // A date that doesn't exist is neither given nor counted.
    gives(
        "20070115",
        &["RRULE:FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5"],
        "2007 Jan 15,30; Feb 15; Mar 15,30",
    );
}

#[test]
fn yearly() {
    gives(
        "19970610",
        &["RRULE:FREQ=YEARLY;COUNT=10;BYMONTH=6,7"],
        "1997 Jun 10; Jul 10 | 1998 Jun 10; Jul 10 | 1999 Jun 10; Jul 10 | 2000 Jun 10; Jul 10 | 2001 Jun 10; Jul 10",
    );
    gives(
        "19970310",
        &["RRULE:FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3"],
        "1997 Mar 10 | 1999 Jan 10; Feb 10; Mar 10 | 2001 Jan 10; Feb 10; Mar 10 | 2003 Jan 10; Feb 10; Mar 10",
    );
    gives(
        "19970101",
        &["RRULE:FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200"],
        "1997 Jan 1; Apr 10; Jul 19 | 2000 Jan 1; Apr 9; Jul 18 | 2003 Jan 1; Apr 10; Jul 19 | 2006 Jan 1",
    );
    gives(
        "19970519",
        &["RRULE:FREQ=YEARLY;BYDAY=20MO"],
        "1997 May 19 | 1998 May 18 | 1999 May 17…",
    );
    gives(
        "19970512",
        &["RRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO"],
        "1997 May 12 | 1998 May 11 | 1999 May 17…",
    );
    gives(
        "19970313",
        &["RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=TH"],
        "1997 Mar 13,20,27 | 1998 Mar 5,12,19,26 | 1999 Mar 4,11,18,25…",
    );
    gives(
        "19970605",
        &["RRULE:FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8"],
        "1997 Jun 5,12,19,26; Jul 3,10,17,24,31; Aug 7,14,21,28 | 1998 Jun 4,11,18,25; Jul 2,9,16,23,30; Aug 6,13,20,27 | 1999 Jun 3,10,17,24; Jul 1,8,15,22,29; Aug 5,12,19,26…",
    );
    gives(
        "19961105",
        &["RRULE:FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8"],
        "1996 Nov 5 | 2000 Nov 7 | 2004 Nov 2…",
    );
}

#[test]
fn weekdays_on_days_of_the_month() {
    gives(
        "19970902",
        &[
            "EXDATE;TZID=America/New_York:19970902T090000",
            "RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        ],
        "1998 Feb 13; Mar 13; Nov 13 | 1999 Aug 13 | 2000 Oct 13…",
    );
    gives(
        "19970913",
        &["RRULE:FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13"],
        "1997 Sep 13; Oct 11; Nov 8; Dec 13 | 1998 Jan 10; Feb 7; Mar 7; Apr 11; May 9; Jun 13…",
    );
}

#[test]
fn places_in_a_month() {
    gives(
        "19970904",
        &["RRULE:FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3"],
        "1997 Sep 4; Oct 7; Nov 6",
    );
    gives(
        "19970929",
        &["RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2"],
        "1997 Sep 29; Oct 30; Nov 27; Dec 30 | 1998 Jan 29; Feb 26; Mar 30…",
    );
}

#[test]
fn the_start_of_the_week_matters() {
    gives(
        "19970805",
        &["RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO"],
        "1997 Aug 5,10,19,24",
    );
    gives(
        "19970805",
        &["RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU"],
        "1997 Aug 5,17,19,31",
    );
}

/// Times of 2 September 1997 in New York.
fn gives_times(rule: &str, expected: &[&str], goes_on: bool) {
    let start = start("19970902T090000", "America/New_York");
    let expected: Vec<String> = expected
        .iter()
        .map(|time| format!("199709{time}00"))
        .collect();
    let count = expected.len() + usize::from(!goes_on);
    assert_eq!(walls(count, &[rule], start), expected, "{rule}");
}

#[test]
fn shorter_than_a_day() {
    // As printed, UNTIL is 13:00 in New York; erratum 3883 makes it what the text says, 17:00.
    gives_times(
        "RRULE:FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z",
        &["02T0900", "02T1200"],
        false,
    );
    gives_times(
        "RRULE:FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z",
        &["02T0900", "02T1200", "02T1500"],
        false,
    );
    gives_times(
        "RRULE:FREQ=MINUTELY;INTERVAL=15;COUNT=6",
        &[
            "02T0900", "02T0915", "02T0930", "02T0945", "02T1000", "02T1015",
        ],
        false,
    );
    gives_times(
        "RRULE:FREQ=MINUTELY;INTERVAL=90;COUNT=4",
        &["02T0900", "02T1030", "02T1200", "02T1330"],
        false,
    );
    let times: Vec<String> = (2..4)
        .flat_map(|day| (9..17).map(move |hour| (day, hour)))
        .flat_map(|(day, hour)| [0, 20, 40].map(|minute| format!("{day:02}T{hour:02}{minute:02}")))
        .collect();
    let times: Vec<&str> = times.iter().map(String::as_str).collect();
    for rule in [
        "RRULE:FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40",
        "RRULE:FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16",
    ] {
        gives_times(rule, &times, true);
    }
}

#[test]
fn the_week_of_a_year_may_begin_in_december() {
    // Week 1 of 1998 begins on Monday 29 December 1997. It is one week, of one year.
    gives(
        "19970101",
        &["RRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,TU,WE,TH,FR,SA,SU"],
        "1997 Jan 1-5; Dec 29-31 | 1998 Jan 1-4 | 1999 Jan 4-10…",
    );
    gives(
        "19970101",
        &["RRULE:FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO,SU"],
        "1997 Jan 1,5 | 1999 Jan 4,10 | 2001 Jan 1,7…",
    );
    gives(
        "19971201",
        &["RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU"],
        "1997 Dec 1 | 1999 Jan 3 | 2005 Jan 2…",
    );
    gives(
        "19971222",
        &["RRULE:FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO"],
        "1997 Dec 22 | 1998 Dec 28 | 1999 Dec 27 | 2000 Dec 25…",
    );
    // The weekday of the start, where none is named.
    gives(
        "19970513",
        &["RRULE:FREQ=YEARLY;BYWEEKNO=20"],
        "1997 May 13 | 1998 May 12 | 1999 May 18…",
    );
}

#[test]
fn days_of_a_month_alone_are_those_of_the_month_of_the_start() {
    // A birthday, as many calendars write it (3.3.10: a missing month comes from DTSTART).
    gives(
        "19970614",
        &["RRULE:FREQ=YEARLY;BYMONTHDAY=14"],
        "1997 Jun 14 | 1998 Jun 14 | 1999 Jun 14…",
    );
    gives(
        "19970610",
        &["RRULE:FREQ=YEARLY;INTERVAL=2;BYMONTHDAY=-1,1;COUNT=4"],
        "1997 Jun 10,30 | 1999 Jun 1,30",
    );
    // What names days of the whole year names them in every month.
    gives(
        "19970613",
        &["RRULE:FREQ=YEARLY;BYDAY=FR;BYMONTHDAY=13"],
        "1997 Jun 13 | 1998 Feb 13; Mar 13; Nov 13 | 1999 Aug 13…",
    );
    gives(
        "19970601",
        &["RRULE:FREQ=YEARLY;BYYEARDAY=32,60,152;BYMONTHDAY=1"],
        "1997 Jun 1 | 1998 Feb 1; Mar 1; Jun 1…",
    );
}

#[test]
fn a_series_that_goes_on_in_another_month_says_which_month_its_rule_had() {
    let june = start("19970614T090000", "America/New_York");
    let lines = [
        "RRULE:FREQ=YEARLY;BYMONTHDAY=14",
        "RDATE;TZID=America/New_York:19980301T090000",
    ];
    let recurrence = read(&lines, june);
    let march = civil("19980301T090000");
    let (_, following) = recurrence.split(june, march);
    assert_eq!(
        following.lines(june.at(march)),
        ["RRULE:FREQ=YEARLY;BYMONTHDAY=14;BYMONTH=6"]
    );
    // In the same month nothing needs to be said.
    let next = civil("19980614T090000");
    let (_, following) = recurrence.split(june, next);
    assert_eq!(
        following.lines(june.at(next)),
        ["RRULE:FREQ=YEARLY;BYMONTHDAY=14"]
    );
}

#[test]
fn the_start_is_the_first_and_counts() {
    // 2 September 1997 is a Tuesday.
    gives(
        "19970902",
        &["RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=3"],
        "1997 Sep 2,3,10",
    );
    gives(
        "19970902",
        &["RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=1"],
        "1997 Sep 2",
    );
    gives("19970902", &[], "1997 Sep 2");
}

#[test]
fn rules_dates_and_exceptions_are_joined() {
    gives(
        "19970902",
        &[
            "RRULE:FREQ=WEEKLY;COUNT=3",
            "RRULE:FREQ=MONTHLY;COUNT=2",
            "RDATE;TZID=America/New_York:19970905T090000,19970909T090000",
            "RDATE:19970912T130000Z",
            "RDATE;VALUE=DATE:19970913",
            "EXDATE:19970916T130000Z",
        ],
        "1997 Sep 2,5,9,12,13; Oct 2",
    );
    gives(
        "19970902",
        &["RRULE:FREQ=DAILY;COUNT=6", "EXRULE:FREQ=WEEKLY;BYDAY=TH,FR"],
        "1997 Sep 2,3,6,7",
    );
    gives(
        "19970902",
        &[
            "RRULE:FREQ=DAILY;COUNT=4",
            "EXDATE;VALUE=DATE:19970902,19970904",
        ],
        "1997 Sep 3,5",
    );
}
