//! The text of doubles against what two servers answer.

use kvd_resp::format_double;

/// The servers' algorithm (Grisu2) misses the shortest digits for about one double in a thousand. Ours, and theirs, of those
/// that were recorded on purpose. Both are read back as the same double.
const OTHERWISE: [(&str, &str); 5] = [
    ("1e+23", "99999999999999990000000"),
    ("98.753031", "98.75303099999999"),
    ("586.77731", "586.7773100000001"),
    ("490.152749", "490.15274899999997"),
    ("7.376848119378787e+6", "7.3768481193787875e+6"),
];

#[test]
fn doubles_are_written_as_servers_write_them() {
    let mut otherwise = Vec::new();
    let mut count = 0;
    for line in include_str!("golden/doubles.txt").lines().filter(|line| !line.starts_with('#')) {
        let (bits, theirs) = line.split_once(' ').expect("two fields");
        let value = f64::from_bits(u64::from_str_radix(bits, 16).expect("hexadecimal bits"));
        let ours = format_double(value);
        assert_eq!(theirs.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()));
        if ours.as_str() != theirs {
            otherwise.push((ours.to_string(), theirs));
        }
        count += 1;
    }
    assert!(count >= 500, "only {count} lines");
    let otherwise: Vec<_> = otherwise.iter().map(|(ours, theirs)| (ours.as_str(), *theirs)).collect();
    assert_eq!(otherwise, OTHERWISE);
}
