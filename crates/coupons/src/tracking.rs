//! Figures of a template (C9), each with one definition.

use huike_kernel::Rate;

use huike_kernel::words;

/// Counts of one template, over whatever span or slice they were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Instances that came to be, printed codes included.
    pub issued: i64,
    /// Instances that found an owner.
    pub claimed: i64,
    /// Active redemptions.
    pub redeemed: i64,
    /// Instances that expired unused.
    pub expired: i64,
}

impl Counts {
    /// 核销率: redeemed ÷ issued. `None` when nothing was issued, or the counts are of spans that do not fit.
    pub fn redemption_rate(&self) -> Option<Rate> {
        Rate::of_counts(self.redeemed, self.issued)
    }

    /// Redeemed ÷ claimed: what people do with what they took.
    pub fn redeemed_of_claimed(&self) -> Option<Rate> {
        Rate::of_counts(self.redeemed, self.claimed)
    }

    /// 领取率: claimed ÷ offered, where offered is the quantity put on offer.
    pub fn claim_rate(&self, offered: i64) -> Option<Rate> {
        Rate::of_counts(self.claimed, offered)
    }
}

/// A band that a rate is expected in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// The lowest rate within.
    pub low: Rate,
    /// The highest rate within.
    pub high: Rate,
}

words!(
    /// How a rate lies to its band.
    Verdict, "verdict" {
        /// Fewer than expected: look at threshold, validity, channel.
        Below = "below",
        /// As expected.
        Within = "within",
        /// More than expected: look at cost and at fake redemptions.
        Above = "above",
    }
);

impl Band {
    /// Redemption rates usual in retail: 30 to 50 %.
    pub fn retail() -> Self {
        Self { low: share(300_000), high: share(500_000) }
    }

    /// Where the rate lies. Both borders are within.
    pub fn verdict(&self, rate: Rate) -> Verdict {
        if rate < self.low {
            return Verdict::Below;
        }
        if rate > self.high { Verdict::Above } else { Verdict::Within }
    }
}

fn share(ppm: i64) -> Rate {
    Rate::from_ppm(ppm).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_divide_by_what_they_name() {
        let counts = Counts { issued: 1_000, claimed: 800, redeemed: 320, expired: 100 };
        assert_eq!(counts.redemption_rate().unwrap().to_string(), "0.32");
        assert_eq!(counts.redeemed_of_claimed().unwrap().to_string(), "0.4");
        assert_eq!(counts.claim_rate(1_600).unwrap().to_string(), "0.5");
    }

    #[test]
    fn nothing_issued_has_no_rate() {
        assert_eq!(Counts::default().redemption_rate(), None);
    }

    #[test]
    fn the_borders_of_the_band_are_within() {
        let band = Band::retail();
        for (ppm, verdict) in [
            (299_999, Verdict::Below),
            (300_000, Verdict::Within),
            (500_000, Verdict::Within),
            (500_001, Verdict::Above),
        ] {
            assert_eq!(band.verdict(Rate::from_ppm(ppm).unwrap()), verdict);
        }
    }
}
