//! Random numbers out of a counter: the n-th number of a stream is a mixing function of seed,
//! stream and n, so that a stream says the same whatever the others are asked. It must not seed
//! itself.

/// Draws from one stream.
#[derive(Clone, Debug)]
pub struct Random {
    key: u64,
    drawn: u64,
}

/// The odd number nearest to 2⁶⁴ over the golden ratio, by which `SplitMix64` counts.
pub const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Mixes a number, as the finaliser of `SplitMix64` does (Steele, Lea and Flood, 2014).
#[must_use]
pub const fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(GOLDEN);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Random {
    /// Opens a stream of a seed.
    #[must_use]
    pub const fn new(seed: u64, stream: u64) -> Self {
        Self {
            key: mixed(seed ^ mixed(stream)),
            drawn: 0,
        }
    }

    /// Draws 64 bits.
    pub fn bits(&mut self) -> u64 {
        let at = self.drawn;
        self.drawn = self.drawn.wrapping_add(1);
        mixed(self.key.wrapping_add(at.wrapping_mul(GOLDEN)))
    }

    /// Draws a number above 0 and up to 1.
    pub fn unit(&mut self) -> f64 {
        // 53 bits are what the significand holds; one more than drawn keeps the logarithm finite.
        ((self.bits() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Draws from the exponential distribution.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.unit().ln()
    }

    /// Draws from the standard normal distribution, after Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.unit().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Draws from the gamma distribution with mean 1, after Marsaglia and Tsang (2000); below shape
    /// 1 by their boost of the next shape.
    pub fn gamma(&mut self, shape: f64) -> f64 {
        let boosted = if shape < 1.0 { shape + 1.0 } else { shape };
        let d = boosted - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        let drawn = loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.unit().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                break d * v;
            }
        };
        let boost = if shape < 1.0 {
            self.unit().powf(1.0 / shape)
        } else {
            1.0
        };
        drawn * boost / shape
    }

    /// Draws from the log-normal distribution of a mean and a coefficient of variation.
    pub fn log_normal(&mut self, mean: f64, variation: f64) -> f64 {
        let variance = (1.0 + variation * variation).ln();
        mean * (variance.sqrt() * self.normal() - variance / 2.0).exp()
    }
}
