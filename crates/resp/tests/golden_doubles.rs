//! The text of doubles against what two servers answer.

use kvd_resp::format_double;

#[test]
fn doubles_are_written_as_servers_write_them() {
    let mut count = 0;
    for line in include_str!("golden/doubles.txt").lines().filter(|line| !line.starts_with('#')) {
        let (bits, theirs) = line.split_once(' ').expect("two fields");
        let value = f64::from_bits(u64::from_str_radix(bits, 16).expect("hexadecimal bits"));
        assert_eq!(format_double(value).as_str(), theirs);
        assert_eq!(theirs.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()));
        count += 1;
    }
    assert!(count >= 500, "only {count} lines");
}
