//! What a check costs a request, by what the user may do.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use kvd_acl::{ChannelDefault, Databases, User, Users, check};

fn checking(criterion: &mut Criterion) {
    let here = Databases { selected: 0, count: 16 };
    let users: [(&str, &[&str]); 5] = [
        ("all", &["+@all", "~*", "&*"]),
        ("all but dangerous", &["+@all", "-@dangerous", "~*", "&*"]),
        ("a prefix", &["+@all", "~user:*"]),
        (
            "ten patterns",
            &["+@all", "~a*", "~b*", "~c*", "~d*", "~e*", "~f*", "~g*", "~h*", "~i*", "~user:*"],
        ),
        ("a selector", &["+get", "~a*", "(+@all ~user:* db=0)"]),
    ];
    let requests: [&[&str]; 4] = [
        &["get", "user:1"],
        &["set", "user:1", "value"],
        &["mget", "user:1", "user:2", "user:3", "user:4", "user:5", "user:6", "user:7", "user:8"],
        &["copy", "user:1", "user:2"],
    ];
    for (name, rules) in users {
        let user = User::new(b"u", ChannelDefault::None).with_rules(rules, ChannelDefault::None);
        let user = user.expect("rules are fine");
        for request in requests {
            let id = catalog::resolve(request).expect("these are requests");
            assert_eq!(check(&user, id, request, here), Ok(()));
            criterion.bench_function(
                &format!("{name}: {} of {} words", request[0], request.len()),
                |bench| {
                    bench.iter(|| check(black_box(&user), black_box(id), black_box(request), here));
                },
            );
        }
    }
    let mut users = Users::default();
    users.set_user(b"u", &["on", ">secret", ">other"]).expect("rules are fine");
    for (name, password) in [("known", "secret"), ("wrong", "wrong!")] {
        criterion.bench_function(&format!("a {name} password"), |bench| {
            bench.iter(|| users.authenticate(black_box(b"u"), black_box(password.as_bytes())));
        });
    }
    criterion.bench_function("a password of nobody", |bench| {
        bench.iter(|| users.authenticate(black_box(b"nobody"), black_box(b"secret")));
    });
}

criterion_group!(benches, checking);
criterion_main!(benches);
