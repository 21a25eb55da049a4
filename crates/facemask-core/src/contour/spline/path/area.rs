//! The amount by which the parts of a path move until it has its true area.

/// The difference of areas in px² that counts as none.
pub(super) const AREA_TOLERANCE: f64 = 1e-9;
/// The move in px by which the change of the area is measured first.
const TRIAL_MOVE: f64 = 1e-2;
/// The least change of the area in px² per px of the move.
const MIN_SLOPE: f64 = 1e-2;
/// The most steps of the secant method. The area is quadratic in the move.
const MAX_SECANT_STEPS: usize = 6;

/// The move, at most `limit` in either direction, at which `defect` is 0 or nearest to it. `None` if it is 0 without a
/// move, or if moves hardly change it.
pub(super) fn solve_area(defect: impl Fn(f64) -> f64, limit: f64) -> Option<f64> {
    let (mut before, mut defect_before) = (0.0, defect(0.0));
    if defect_before.abs() < AREA_TOLERANCE {
        return None;
    }
    let mut amount = TRIAL_MOVE;
    for _ in 0..MAX_SECANT_STEPS {
        let now = defect(amount);
        if now.abs() < AREA_TOLERANCE {
            break;
        }
        let slope = (now - defect_before) / (amount - before);
        if slope.abs() < MIN_SLOPE {
            return None;
        }
        (before, defect_before) = (amount, now);
        amount = (amount - now / slope).clamp(-limit, limit);
        if amount == before {
            break;
        }
    }
    Some(amount)
}
