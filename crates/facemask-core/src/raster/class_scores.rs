//! Class scores of a network: the label of each pixel, also at a multiple of the scores' resolution.

/// The order of the scores in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreLayout {
    /// A plane for each class, in rows (`CHW`).
    Planes,
    /// All classes of a pixel beside each other (`HWC`).
    Pixels,
}

/// Scores of up to 256 classes on a grid. The class with the highest score is the label of a pixel.
#[derive(Clone, Copy, Debug)]
pub struct ClassScores<'a> {
    /// Number of classes.
    pub classes: usize,
    /// Columns and rows.
    pub size: [usize; 2],
    /// The order of the values.
    pub layout: ScoreLayout,
    /// `classes * size[0] * size[1]` finite scores: logits, or probabilities.
    pub values: &'a [f32],
}

impl ClassScores<'_> {
    /// The labels on a grid that is `factor` times as fine in both directions, in rows. Of equal scores the first class
    /// has the pixel.
    ///
    /// The scores are enlarged bilinearly between the centers of their pixels, and only then compared: this is
    /// `interpolate(mode="bilinear", align_corners=False)` of `PyTorch`, as `SegFormer` is trained and evaluated
    /// (Xie et al., "`SegFormer`: simple and efficient design for semantic segmentation with transformers", 2021).
    /// One row of the enlarged scores exists at a time.
    #[must_use]
    pub fn labels(&self, factor: usize) -> Vec<u8> {
        let [width, height] = self.size;
        let columns: Vec<Neighbors> = (0..width * factor).map(|x| Neighbors::of(x, factor, width)).collect();
        let mut labels = Vec::with_capacity(width * height * factor * factor);
        let mut plane = vec![0.0; width];
        let mut best = vec![0.0; columns.len()];
        for y in 0..height * factor {
            let rows = Neighbors::of(y, factor, height);
            let start = labels.len();
            labels.resize(start + columns.len(), 0);
            best.fill(f32::NEG_INFINITY);
            for class in 0..self.classes {
                self.interpolate_row(class, &rows, &mut plane);
                let label = u8::try_from(class).unwrap_or(u8::MAX);
                for ((column, best), id) in columns.iter().zip(&mut best).zip(&mut labels[start..]) {
                    let score = column.interpolate(plane[column.first], plane[column.second]);
                    if score > *best {
                        (*best, *id) = (score, label);
                    }
                }
            }
        }
        labels
    }

    /// Interpolates the scores of a class between two rows.
    fn interpolate_row(&self, class: usize, rows: &Neighbors, row: &mut [f32]) {
        let [width, height] = self.size;
        let (first, step, row_length) = match self.layout {
            ScoreLayout::Planes => (class * width * height, 1, width),
            ScoreLayout::Pixels => (class, self.classes, width * self.classes),
        };
        let of = |y: usize| self.values[first + y * row_length..].iter().step_by(step);
        for ((value, above), below) in row.iter_mut().zip(of(rows.first)).zip(of(rows.second)) {
            *value = rows.interpolate(*above, *below);
        }
    }
}

/// Two neighboring pixels of the scores, and the weight of the second.
struct Neighbors {
    first: usize,
    second: usize,
    weight: f32,
}

impl Neighbors {
    /// Those around the center of a pixel of the enlarged grid. Beyond the outermost centers the nearest is repeated.
    fn of(enlarged: usize, factor: usize, count: usize) -> Self {
        let position = ((enlarged as f64 + 0.5) / factor as f64 - 0.5).clamp(0.0, (count - 1) as f64);
        let first = position as usize;
        Self { first, second: (first + 1).min(count - 1), weight: position.fract() as f32 }
    }

    fn interpolate(&self, first: f32, second: f32) -> f32 {
        first + (second - first) * self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(layout: ScoreLayout, classes: usize, size: [usize; 2], values: &[f32]) -> ClassScores<'_> {
        ClassScores { classes, size, layout, values }
    }

    #[test]
    fn the_highest_score_is_the_label_and_the_first_of_equal_ones() {
        let planes = [1.0, 5.0, 2.0, 2.0, /* class 1 */ 3.0, 4.0, 2.0, -1.0];
        assert_eq!(scores(ScoreLayout::Planes, 2, [2, 2], &planes).labels(1), [1, 0, 0, 0]);
        let pixels = [1.0, 3.0, 5.0, 4.0, 2.0, 2.0, 2.0, -1.0];
        assert_eq!(scores(ScoreLayout::Pixels, 2, [2, 2], &pixels).labels(1), [1, 0, 0, 0]);
    }

    #[test]
    fn borders_run_where_enlarged_scores_are_equal() {
        // Between the centers at 2 and 6 of the enlarged grid, class 1 leads from three quarters of the way on.
        let values = [3.0, -1.0, 0.0, 0.0];
        assert_eq!(scores(ScoreLayout::Planes, 2, [2, 1], &values).labels(4)[..8], [0, 0, 0, 0, 0, 1, 1, 1]);
        assert_eq!(
            scores(ScoreLayout::Planes, 2, [1, 2], &values).labels(4)[16..],
            [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
        );
    }

    #[test]
    fn both_layouts_have_the_labels_of_a_direct_interpolation() {
        let (classes, width, height) = (7, 5, 4);
        let value = |class: usize, x: usize, y: usize| ((class * 31 + x * 17 + y * 13) * 37 % 101) as f32;
        let at = |i: usize| (i / (width * height), i % width, i / width % height);
        let planes: Vec<f32> = (0..classes * width * height)
            .map(|i| {
                let (c, x, y) = at(i);
                value(c, x, y)
            })
            .collect();
        let pixels: Vec<f32> = (0..classes * width * height)
            .map(|i| value(i % classes, i / classes % width, i / classes / width))
            .collect();
        for factor in [1, 2, 3, 4, 8] {
            let found = scores(ScoreLayout::Planes, classes, [width, height], &planes).labels(factor);
            assert_eq!(found, scores(ScoreLayout::Pixels, classes, [width, height], &pixels).labels(factor));
            for (i, &label) in found.iter().enumerate() {
                let place = |n: usize, count: usize| {
                    ((n as f64 + 0.5) / factor as f64 - 0.5).clamp(0.0, count as f64 - 1.0)
                };
                let (x, y) = (place(i % (width * factor), width), place(i / (width * factor), height));
                let (x0, y0) = (x as usize, y as usize);
                let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
                let score = |c: usize| {
                    let [a, b, d, e] =
                        [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(|(x, y)| f64::from(value(c, x, y)));
                    let (top, bottom) = (a + (b - a) * x.fract(), d + (e - d) * x.fract());
                    top + (bottom - top) * y.fract()
                };
                let best = (0..classes).map(score).fold(f64::MIN, f64::max);
                assert!(score(usize::from(label)) > best - 1e-4, "{factor} {i}: {label}");
            }
        }
    }
}
