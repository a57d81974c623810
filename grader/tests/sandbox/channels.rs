//! Input, and the descriptors 3 and 4.

use moulinette::model::verdict::Resource;
use moulinette::system::sandbox::{Ending, Sandbox};

use crate::support::{limits, sandbox, scratch, shell, text};

#[test]
fn the_channel_goes_both_ways_beside_the_streams() {
    let dir = scratch();
    let mut job = shell(dir.path(), "cat <&3 >&4; cat; echo done >&2");
    job.channel = Some(b"a \xff script\n".to_vec());
    job.stdin = b"input".to_vec();
    let outcome = sandbox().run(&job).unwrap();
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert_eq!(outcome.channel, b"a \xff script\n");
    assert_eq!(
        (text(&outcome.stdout), text(&outcome.stderr)),
        ("input".into(), "done\n".into())
    );
}

#[test]
fn large_input_does_not_block_and_unread_input_does_not_matter() {
    let dir = scratch();
    let mut job = shell(dir.path(), "wc -c <&3");
    job.channel = Some(vec![b'x'; 3 << 20]);
    job.stdin = vec![b'y'; 1 << 20];
    assert_eq!(text(&sandbox().run(&job).unwrap().stdout).trim(), (3 << 20).to_string());
}

#[test]
fn a_flooded_channel_ends_the_job() {
    let dir = scratch();
    let mut job = shell(dir.path(), "yes >&4");
    job.channel = Some(Vec::new());
    let outcome = sandbox().run(&job).unwrap();
    assert_eq!(outcome.ending, Ending::Exhausted(Resource::Output));
    assert_eq!(outcome.channel.len() as u64, limits().output);
}
