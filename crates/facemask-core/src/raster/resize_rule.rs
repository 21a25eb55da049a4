//! Rules by which nearest-neighbor enlargement chooses the source pixel of each pixel.
//!
//! Libraries agree on whole factors, but for [`ResizeRule::Ends`], and differ on all others: by the point that keeps its
//! place, and by how they round. Each rule has the roundings of the libraries that follow it, because a rule in exact
//! arithmetic differs from them in some pixels of large maps. The rules were compared with OpenCV 4.12 and 5.0, Pillow
//! 13, scikit-image 0.26, SciPy 1.17, PyTorch 2.15, ONNX Runtime 1.32 and TensorFlow 2.21.

/// A rule for `n` source pixels and `m` pixels of the enlarged row or column, counted from 0.
///
/// A rule with a `factor` was given it in place of `m`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ResizeRule {
    /// Pixel centers keep their place: floor((2 i + 1) n / 2 m). TensorFlow, and most others for whole factors.
    Center,
    /// The same in doubles: scikit-image, Pillow for 16 bits.
    CenterDouble,
    /// The same in single precision: `nearest-exact` of PyTorch.
    CenterSingle {
        /// The factor, where it was given.
        factor: Option<f64>,
    },
    /// The same as a running sum of doubles: Pillow, `INTER_NEAREST_EXACT` of OpenCV 5.
    CenterSum,
    /// The same in integers with 16 binary digits: `INTER_NEAREST_EXACT` of OpenCV 4.
    CenterFixedPoint,
    /// The same in single precision with ties to the lower pixel: ONNX Runtime.
    CenterTiesLower {
        /// The factor, where it was given.
        factor: Option<f64>,
    },
    /// The corner keeps its place: floor(i n / m). TensorFlow 1 and libvips, nearly.
    Corner,
    /// The same in doubles, by a reciprocal: `INTER_NEAREST` of OpenCV.
    CornerDouble {
        /// The factor, where it was given.
        factor: Option<f64>,
    },
    /// The same in single precision: `nearest` of PyTorch.
    CornerSingle {
        /// The factor, where it was given.
        factor: Option<f64>,
    },
    /// The same in single precision, by a division: the asymmetric mode of ONNX Runtime.
    CornerQuotient {
        /// The factor, where it was given.
        factor: Option<f64>,
    },
    /// The first pixel lies on the first, and the last on the last: SciPy's `zoom`.
    Ends,
}

impl ResizeRule {
    /// The rules without a given factor, the most common ones first.
    pub(super) const BY_SIZE: [Self; 11] = [
        Self::Center,
        Self::CornerDouble { factor: None },
        Self::CornerSingle { factor: None },
        Self::CenterSum,
        Self::CenterDouble,
        Self::CenterSingle { factor: None },
        Self::CenterFixedPoint,
        Self::Corner,
        Self::CenterTiesLower { factor: None },
        Self::CornerQuotient { factor: None },
        Self::Ends,
    ];

    /// The rules with a given factor.
    pub(super) const fn by_factor(factor: f64) -> [Self; 5] {
        let factor = Some(factor);
        [
            Self::CornerDouble { factor },
            Self::CornerSingle { factor },
            Self::CenterSingle { factor },
            Self::CenterTiesLower { factor },
            Self::CornerQuotient { factor },
        ]
    }

    /// Whether both are one rule, whatever their factors.
    pub(super) fn is_same_method(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }

    /// The name of the point that keeps its place.
    pub(super) const fn anchor(self) -> &'static str {
        match self {
            Self::Center
            | Self::CenterDouble
            | Self::CenterSingle { .. }
            | Self::CenterSum
            | Self::CenterFixedPoint
            | Self::CenterTiesLower { .. } => "center",
            Self::Corner
            | Self::CornerDouble { .. }
            | Self::CornerSingle { .. }
            | Self::CornerQuotient { .. } => "corner",
            Self::Ends => "ends",
        }
    }

    /// The source pixel of pixel `i`. Of [`Self::CenterSum`] without the errors that its sum gathers.
    fn source(self, n: usize, m: usize, i: usize) -> u32 {
        let last = (n - 1) as f64;
        let (size_in, size_out, at) = (n as f64, m as f64, i as f64);
        // In single precision. The casts round as those of the libraries do.
        let scale = |factor: Option<f64>| match factor {
            Some(factor) => (1.0 / factor) as f32,
            None => size_in as f32 / size_out as f32,
        };
        let ratio = |factor: Option<f64>| match factor {
            Some(factor) => factor as f32,
            None => size_out as f32 / size_in as f32,
        };
        let source = match self {
            Self::Center => return ((2 * i + 1) * n / (2 * m)) as u32,
            Self::Corner => return (i * n / m) as u32,
            Self::CenterFixedPoint => {
                let (n, m, i) = (n as i64, m as i64, i as i64);
                let scale = ((n << 16) + m / 2) / m;
                return ((scale * i + scale / 2 - n % 2) >> 16).clamp(0, n - 1) as u32;
            }
            Self::CenterDouble | Self::CenterSum => ((at + 0.5) * (size_in / size_out)).floor(),
            Self::CenterSingle { factor } => f64::from(((i as f32 + 0.5) * scale(factor)).floor()),
            Self::CenterTiesLower { factor } => f64::from(((i as f32 + 0.5) / ratio(factor) - 1.0).ceil()),
            Self::CornerDouble { factor } => (at * (1.0 / factor.unwrap_or(size_out / size_in))).floor(),
            Self::CornerSingle { factor } => f64::from((i as f32 * scale(factor)).floor()),
            Self::CornerQuotient { factor } => f64::from((i as f32 / ratio(factor)).floor()),
            Self::Ends => (at * (last / (size_out - 1.0)) + 0.5).floor(),
        };
        source.clamp(0.0, last) as u32
    }

    /// Whether pixel `i`, above 0, may have another source than the pixel before. False is certain.
    pub(super) fn may_be_boundary(self, n: usize, m: usize, i: usize) -> bool {
        if self != Self::CenterSum {
            return self.source(n, m, i) != self.source(n, m, i - 1);
        }
        /// More than the errors of a sum of doubles, in pixels of the source.
        const SLACK: f64 = 1e-6;
        let scale = n as f64 / m as f64;
        let (before, after) = ((i as f64 - 0.5) * scale, (i as f64 + 0.5) * scale);
        (after + SLACK).floor() > before - SLACK
    }

    /// The source pixel of every pixel, in ascending order.
    pub(super) fn sources(self, n: usize, m: usize) -> Vec<u32> {
        if self != Self::CenterSum {
            return (0..m).map(|i| self.source(n, m, i)).collect();
        }
        let scale = n as f64 / m as f64;
        let mut at = 0.5 * scale;
        let mut next = || {
            let source = (at as usize).min(n - 1) as u32;
            at += scale;
            source
        };
        (0..m).map(|_| next()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_factors_have_one_answer() {
        for (n, m) in [(5, 10), (64, 192), (100, 400)] {
            let blocks: Vec<u32> = (0..m).map(|i| (i / (m / n)) as u32).collect();
            for rule in ResizeRule::BY_SIZE.into_iter().filter(|&rule| rule != ResizeRule::Ends) {
                assert_eq!(rule.sources(n, m), blocks, "{rule:?} from {n} to {m}");
            }
        }
    }

    #[test]
    fn a_ratio_of_three_to_two_has_several_answers() {
        // Four pixels to six.
        let cases = [
            (ResizeRule::CornerDouble { factor: None }, [0, 0, 1, 2, 2, 3]),
            (ResizeRule::CenterDouble, [0, 1, 1, 2, 3, 3]),
            (ResizeRule::CenterTiesLower { factor: None }, [0, 0, 1, 2, 2, 3]),
            (ResizeRule::Ends, [0, 1, 1, 2, 2, 3]),
        ];
        for (rule, sources) in cases {
            assert_eq!(rule.sources(4, 6), sources, "{rule:?}");
        }
    }

    #[test]
    fn every_rule_ascends_and_stays_inside() {
        for (n, m) in [(1, 2), (2, 3), (97, 230), (256, 607), (300, 8192)] {
            let by_factor = ResizeRule::by_factor(m as f64 / n as f64);
            for rule in ResizeRule::BY_SIZE.into_iter().chain(by_factor) {
                let sources = rule.sources(n, m);
                assert_eq!(sources.len(), m);
                assert!(sources.is_sorted() && sources[m - 1] < n as u32, "{rule:?} from {n} to {m}");
            }
        }
    }
}
