//! The header `traceparent`, with the cases of the standard's own tests (w3c/trace-context, `test/test.py`) among others.

use ex07_protocol::{Script, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{one_of, script, span, trace};

const TRACE: &str = "12345678901234567890123456789012";
const SPAN: &str = "1234567890123456";

/// R3: `to_traceparent` writes version 00, both identifiers in lower case, and the sampled flag.
pub fn traceparent_is_written_as_the_standard_says(trial: &mut Trial<Script>) -> Verdict {
    let made = (trace(), span(), any::<bool>())
        .prop_map(|((high, low), span, sampled)| vec![context(0, high, low, span, sampled), traceparent(0)]);
    trial.cases(128).forall(made, same)
}

/// The four fields of a good header.
fn fields() -> impl Strategy<Value = [String; 4]> {
    (trace(), span(), any::<u8>()).prop_map(|((high, low), span, flags)| {
        [
            "00".to_owned(),
            format!("{high:016x}{low:016x}"),
            format!("{span:016x}"),
            format!("{flags:02x}"),
        ]
    })
}

/// R3: a good header of version 00 is read, whatever its flags; the lowest bit of those is the sampled flag.
pub fn traceparent_is_read(trial: &mut Trial<Script>) -> Verdict {
    let good = fields().prop_map(|fields| read(fields.join("-")));
    trial.cases(192).forall(script(good, 4), same)
}

/// Fields that the standard refuses, in the place of a good one.
fn bad_field() -> impl Strategy<Value = (usize, String)> {
    prop_oneof![
        one_of(&["ff", ".0", "0.", "000", "0000", "0", "", "+0", "0x", "0g", "é"]).prop_map(|bad| (0, bad)),
        one_of(&[
            "00000000000000000000000000000000",
            ".2345678901234567890123456789012",
            "1234567890123456789012345678901.",
            "1234567890123456789012345678901",
            "123456789012345678901234567890123",
            "+2345678901234567890123456789012",
            "1234567890123456789012345678901g",
            "éééééééééééééééé",
            "",
        ])
        .prop_map(|bad| (1, bad)),
        one_of(&[
            "0000000000000000",
            ".234567890123456",
            "123456789012345.",
            "123456789012345",
            "12345678901234567",
            "+234567890123456",
            "123456789012345 ",
            "éééééééé",
            "",
        ])
        .prop_map(|bad| (2, bad)),
        one_of(&[".0", "0.", "001", "1", "", "+1", "0g", " 1", "é"]).prop_map(|bad| (3, bad)),
        // Upper case: the standard knows lower-case digits only.
        (0..4_usize).prop_map(|field| (
            field,
            ["CC", &TRACE.replace('1', "A"), &SPAN.replace('1', "F"), "0A"][field].to_owned()
        )),
    ]
}

/// R3: a header with one bad field is refused: zero identifiers, version ff, wrong lengths, upper case, other characters.
pub fn malformed_traceparents_are_refused(trial: &mut Trial<Script>) -> Verdict {
    let version = one_of(&["00", "00", "01", "cc"]);
    let malformed = (fields(), bad_field(), version).prop_map(|(mut fields, (at, bad), version)| {
        fields[0] = version;
        fields[at] = bad;
        read(fields.join("-"))
    });
    trial.forall(script(malformed, 4), same)
}

/// R3: texts that are no header at all, or have more or fewer fields than version 00 has, are refused without a panic.
pub fn broken_traceparents_are_refused(trial: &mut Trial<Script>) -> Verdict {
    let without = (fields(), 0..4_usize).prop_map(|(fields, at)| {
        let mut fields = fields.to_vec();
        fields.remove(at);
        fields.join("-")
    });
    let more = one_of(&["-what-the-future-will-be-like", "-00", ".", "0", "00", "-é", "-01-01"]);
    let beyond = (fields(), more).prop_map(|(fields, more)| fields.join("-") + &more);
    let separators = (fields(), one_of(&[".", "_", " ", "", "--", "–"])).prop_map(|(fields, by)| fields.join(&by));
    let cut = (fields(), 0..55_usize).prop_map(|(fields, keep)| fields.join("-")[..keep].to_owned());
    // No dash in it, so it is no header; the lengths around 55 bytes are the ones where cutting by bytes goes wrong.
    let garbage = vec(one_of(&["a", "0", "é", "🦀", ".", "f"]), 0..60).prop_map(|parts| parts.concat());
    let texts = prop_oneof![without, beyond, separators, cut, garbage];
    trial.forall(script(texts.prop_map(read), 4), same)
}

/// R3: versions 01 to fe are read by their first four fields; more may follow, but only behind another dash.
pub fn later_versions_are_understood(trial: &mut Trial<Script>) -> Verdict {
    let version = prop_oneof![
        one_of(&["01", "02", "12", "cc", "fe"]),
        (1..=254_u8).prop_map(|version| format!("{version:02x}"))
    ];
    let more = one_of(&[
        "",
        "",
        "-what-the-future-will-be-like",
        "-00",
        "-a-b-c",
        ".what-the-future-will-be-like",
        "0",
        "é",
    ]);
    let later = (fields(), version, more).prop_map(|(mut fields, version, more): ([String; 4], _, _)| {
        fields[0] = version;
        read(fields.join("-") + &more)
    });
    trial.forall(script(later, 4), same)
}
