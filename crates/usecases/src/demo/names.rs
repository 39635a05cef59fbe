//! Invented people: names made of common parts, numbers that are of the right shape and plainly made up.

use huike_kernel::Phone;

use super::chance::Chance;

/// Surnames in the order of how common they are, with how many of a thousand bear them.
const SURNAMES: &[(&str, u32)] = &[
    ("王", 72),
    ("李", 71),
    ("张", 67),
    ("刘", 53),
    ("陈", 46),
    ("杨", 31),
    ("黄", 29),
    ("赵", 24),
    ("吴", 22),
    ("周", 22),
    ("徐", 16),
    ("孙", 16),
    ("马", 13),
    ("朱", 12),
    ("胡", 12),
    ("林", 11),
    ("郭", 11),
    ("何", 11),
    ("高", 10),
    ("罗", 9),
    ("郑", 9),
    ("梁", 9),
    ("谢", 7),
    ("宋", 7),
    ("唐", 6),
    ("许", 6),
    ("邓", 6),
    ("冯", 6),
    ("韩", 6),
    ("曹", 5),
    ("曾", 5),
    ("彭", 5),
    ("萧", 5),
    ("蔡", 5),
    ("潘", 5),
    ("田", 5),
    ("董", 5),
    ("袁", 5),
    ("于", 5),
    ("余", 5),
    ("欧阳", 1),
    ("司徒", 1),
];

const GIVEN: &[&str] = &[
    "婷", "静", "敏", "丽", "娜", "雪", "倩", "佳", "颖", "琳", "欣", "怡", "梦", "雅", "慧", "晓", "芳", "燕", "玲",
    "莹", "洁", "思", "若", "诗", "语", "涵", "雨", "梓", "子", "宇", "浩", "明", "伟", "杰", "磊", "强", "涛", "军",
    "凯", "鹏", "俊", "文", "博", "嘉", "志", "海", "晨", "阳", "辰", "瑞", "安", "宁", "悦", "彤", "妍", "萱", "依",
    "可", "心", "月",
];

/// A name.
pub(super) fn name(chance: &mut Chance) -> String {
    let surname = chance.weighted(SURNAMES.iter().map(|(_, weight)| *weight)).and_then(|index| SURNAMES.get(index));
    let mut name = surname.map_or("王", |(surname, _)| *surname).to_owned();
    for _ in 0..(1 + u32::from(chance.percent(78))) {
        name.push_str(chance.pick(GIVEN).copied().unwrap_or("安"));
    }
    name
}

/// So many numbers, no two alike: 1990 000 and four digits. At most ten thousand.
pub(super) fn phones(chance: &mut Chance, count: usize) -> Vec<Phone> {
    let mut tails: Vec<u32> = (0..10_000).collect();
    chance.shuffle(&mut tails);
    tails.into_iter().take(count).filter_map(|tail| format!("1990000{tail:04}").parse().ok()).collect()
}

/// Numbers of the crowd: 1991 and seven digits, in no order to be seen. The same places give the same numbers, and no two
/// of ten million are alike.
pub(super) fn crowd_phones(from: usize, count: usize) -> Vec<Phone> {
    // Odd and not divisible by five, so that it reaches every number below ten million once.
    const STEP: usize = 7_310_387;
    let tail = |place: usize| place.wrapping_mul(STEP) % 10_000_000;
    (from..from.saturating_add(count)).filter_map(|place| format!("1991{:07}", tail(place)).parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn five_thousand_customers_have_five_thousand_numbers_and_many_names() {
        let mut chance = Chance::new(2);
        let phones: HashSet<String> =
            phones(&mut chance, 5_000).iter().map(|phone| phone.as_str().to_owned()).collect();
        assert_eq!(phones.len(), 5_000);
        let crowd: HashSet<String> = [crowd_phones(0, 60_000), crowd_phones(60_000, 40_000)]
            .concat()
            .iter()
            .map(|it| it.as_str().to_owned())
            .collect();
        assert_eq!(crowd.len(), 100_000);
        assert!(crowd.is_disjoint(&phones));
        let names: HashSet<String> = (0..1_000).map(|_| name(&mut chance)).collect();
        assert!(names.len() > 700, "{}", names.len());
        assert!(names.iter().all(|name| (2..=4).contains(&name.chars().count())));
    }
}
