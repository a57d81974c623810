//! What the policy refuses is not run, and what it only prices is graded.

use std::fs;

use serde_json::Value;

use crate::support::{Sample, copy, moulinette, scratch};

/// The card of a perfect submission with some more code in its entry file.
fn card_with(code: &str) -> Value {
    let directory = scratch();
    let exercise = directory.path().join("ex00");
    copy(&Sample::named("ex00", "perfect").directory(), &exercise);
    let entry = exercise.join("src/lib.rs");
    let text = fs::read_to_string(&entry).expect("the sample has an entry file");
    fs::write(&entry, format!("{text}\n{code}\n")).expect("written");
    let directory = directory.path().to_str().expect("the path is UTF-8").to_owned();
    let outcome = moulinette(["grade", &directory, "--exercise", "ex00", "--format", "json"]);
    outcome.expect(0).json()["exercises"][0].clone()
}

fn rules(card: &Value) -> Vec<&str> {
    let findings = card["findings"].as_array().expect("a list");
    findings.iter().filter_map(|finding| finding["rule"].as_str()).collect()
}

#[test]
fn a_refused_submission_is_not_run_and_says_why() {
    let card = card_with("/// Reads.\npub fn read() -> &'static str {\n    include_str!(\"/etc/passwd\")\n}");
    assert_eq!(
        (card["state"].as_str(), rules(&card)),
        (Some("refused"), vec!["file-inclusion"])
    );
    let finding = &card["findings"][0];
    assert_eq!(
        (&finding["file"], &finding["column"]),
        (&"src/lib.rs".into(), &5.into())
    );
    let checks = card["checks"].as_array().expect("a list");
    assert!(!checks.is_empty() && checks.iter().all(|check| check["verdict"] == "not_run"));
}

#[test]
fn a_penalty_is_taken_once_for_each_thing_and_tests_cost_nothing() {
    let code = "/// Ends.\npub fn end() {\n    std::process::exit(0)\n}\n/// Ends as well.\npub fn stop() {\n    std::process::abort()\n}\n\
                #[cfg(test)]\nmod more_tests {\n    #[test]\n    fn reads() {\n        std::fs::read(\"x\").unwrap();\n    }\n}";
    let card = card_with(code);
    assert_eq!(
        (card["state"].as_str(), rules(&card)),
        (Some("examined"), vec!["processes"])
    );
    let penalties = card["penalties"].as_array().expect("a list");
    assert_eq!((penalties.len(), &penalties[0]["count"]), (1, &1.into()));
    let message = card["findings"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("also on line"), "{message}");
}
