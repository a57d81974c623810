//! The `moulinette` program: parse, run, exit.

use std::process::ExitCode;

use moulinette::system::jail;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == jail::ARGUMENT) {
        return jail::main(arguments);
    }
    temp()
}

fn temp() -> ExitCode {
    use moulinette::*;
    let args: Vec<String> = std::env::args().skip(1).collect();
    let t = std::time::Instant::now();
    let cache = system::cache::root(None).unwrap();
    let course = course::Course::embedded();
    let id: model::ids::ExerciseId = args[0].parse().unwrap();
    let catalog = match catalog::Catalog::read(&course, &[id.clone()]) { Ok(c) => c, Err(e) => { eprintln!("{e}"); return ExitCode::FAILURE } };
    let toolchain = system::toolchain::Toolchain::locate("rustc".as_ref(), &cache).unwrap();
    let kit = kit::Kit::locate(&cache, &course, &toolchain);
    let sandbox = system::sandbox::ProcessSandbox::new(std::env::current_exe().unwrap(), Default::default()).unwrap();
    let sub = stages::intake::read(args[1].as_ref(), &catalog.exercises(), &[id.clone()], &Default::default()).unwrap();
    eprintln!("setup {:?}", t.elapsed());
    let tmp = std::env::temp_dir();
    struct P(std::time::Instant);
    impl progress::Observer for P { fn on(&self, e: progress::Event) { eprintln!("{:?} {e:?}", self.0.elapsed()) } }
    let p = P(t);
    let ex = examine::Examiner { course: &course, kit: &kit, toolchain: &toolchain, sandbox: &sandbox, scratch: &tmp, seed: 0, parallel: true, observer: &p };
    for (id, intake) in sub.exercises {
        match intake {
            stages::intake::Intake::Malformed(f) => println!("{f:#?}"),
            stages::intake::Intake::Received(s) => match ex.examine(&catalog.packages[&id], s, &examine::Scope::All) {
                Ok(e) => println!("{}", serde_json::to_string_pretty(&e).unwrap()),
                Err(e) => println!("ERROR {e}"),
            },
        }
    }
    eprintln!("total {:?}", t.elapsed());
    ExitCode::SUCCESS
}
