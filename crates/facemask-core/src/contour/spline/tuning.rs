//! The tuning constants of the curve fit.
//!
//! Each entry gives the meaning and the unit, the effect of a larger and of a smaller value, and the origin:
//!
//! * *derived*: follows from other lengths, or from the precision of numbers;
//! * *measured*: the history of this repository records the effect of other values on the figures of `make figures`;
//! * *set*: chosen once. The figures hold with it, and the effect of other values is not recorded.
//!
//! "px" are pixels of the label map, "nodes" are steps of the traced border. The weight of one crossing target that the
//! curve crosses at a right angle is about 1: other weights are relative to it.

// Which arcs become curves.

/// The fewest steps of an open arc for which a curve is tried. Larger draws more borders with lines; smaller tries in
/// vain, since the gaps at both junctions leave no run. *Set*: by [`JUNCTION_GAP`] and [`MIN_RUN_NODES`] it could be 6.
pub(crate) const MIN_CURVE_STEPS: usize = 4;

/// The fewest steps of a closed arc that is drawn with curves. Larger draws small round regions with lines, smaller
/// turns specks of a few pixels into circles. *Set*.
pub(crate) const MIN_CLOSED_CURVE_STEPS: usize = 8;

/// The least largest offset from the traced border at which curves are fitted, in px. Below, no curve differs from
/// lines, and `1 / max_offset` grows large. *Set*.
pub(crate) const MIN_CURVE_OFFSET: f64 = 0.002;

// The smoother: a first estimate of tangents, corners and bends.

/// The weight of the squared second differences, relative to that of the squared distances from the border.
///
/// The smoother halves a wave of `2 pi STIFFNESS^(1/4)` = 35 nodes. Larger misses short bends and corners, smaller
/// follows the staircase of pixels. *Set*; the wave is derived.
pub(super) const WHITTAKER_STIFFNESS: f64 = 1000.0;

/// The weight that pins the ends of an open arc, where 1 is the weight of an inner vertex. *Derived*: large against the
/// stiffness, and its inverse well above the precision of `f64`.
pub(super) const WHITTAKER_PIN_WEIGHT: f64 = 1e9;

/// The relative change between two rows of the factorization below which all further rows are taken to be equal.
/// *Derived*: a few units of the last place of `f64`. Larger would change the solution, smaller might never be met.
pub(super) const FACTOR_CONVERGENCE: f64 = 1e-15;

// Corners and runs.

/// The distance of the two neighbors between which the turn at a vertex is measured, in nodes. Larger rounds off
/// corners that lie near each other, smaller takes the staircase for corners. *Set*.
pub(super) const CORNER_RADIUS: usize = 3;

/// The cosine of the turn below which a vertex is a corner: 0.6 is a turn of 53 degrees. Larger breaks curves at bends,
/// smaller rounds off corners. *Set*.
pub(super) const MAX_CORNER_COSINE: f64 = 0.6;

/// The fewest nodes of a closed arc that may have corners. Below, every vertex turns sharply. *Set*.
pub(super) const MIN_NODES_FOR_CORNERS: usize = 16;

/// The nodes between a junction and the nearest end of a curve.
///
/// A junction is a pixel corner, up to half a pixel off the true border: a curve that ended in it would bend towards
/// it. Larger leaves more of the border to straight lines. *Set*.
pub(super) const JUNCTION_GAP: usize = 1;

/// The nodes between a corner and the nearest end of a curve. Larger cuts into the curve, smaller bends it around the
/// corner. *Set*.
pub(super) const CORNER_GAP: usize = 2;

/// The fewest nodes of a run that gets a curve. *Set*.
pub(super) const MIN_RUN_NODES: usize = 4;

/// The node at which a closed run begins. *Derived*: its first knot may lie in the cell before its own, which must
/// exist.
pub(super) const FIRST_CLOSED_NODE: usize = 1;

/// The largest distance of the smoothed run from its chord at which a single line is tried first, in px. Larger tries
/// lines in vain, smaller draws straight borders with slightly bent curves. *Set*.
pub(super) const MAX_LINE_DEVIATION: f64 = 0.75;

/// The nodes between two tests of that distance. *Set*: bends that lie between them fail the fit of the line.
pub(super) const LINE_TEST_STRIDE: usize = 4;

// The first knots.

/// The affine length of a segment at most, as the turn in radians of a circular arc with the same affine length.
///
/// Larger begins with fewer segments and splits more of them, smaller begins with more than are needed. *Measured*: at
/// 0.6 flat ellipses missed their bounds.
pub(super) const MAX_SEGMENT_TURN: f64 = 0.5;

/// The nodes of a segment at most. Larger lets one segment carry a border whose unevenness it cannot follow, smaller
/// adds knots to straight borders. *Set*.
pub(super) const MAX_SEGMENT_NODES: usize = 200;

/// The nodes of a segment, times the square of the smoother's largest clamp distance there in px, at most.
///
/// What the stiff smoother cannot follow, a long segment cannot either. Larger leaves more splits to the fit, smaller
/// makes more segments. *Measured*: at 8 the fit took about 8 % more instructions (with three other values changed as
/// well), at 4 bounds of two tests had to be widened.
pub(super) const MAX_SEGMENT_UNEVENNESS: f64 = 6.0;

/// The least curvature that enters the affine length, in 1/px: a circle of 3,300 px counts as straight. Larger adds
/// knots to straight borders. *Set*.
pub(super) const MIN_CURVATURE: f64 = 3e-4;

/// The nodes over which the turn is averaged. Larger blurs bends, smaller measures the staircase. *Set*.
pub(super) const TURN_WINDOW: usize = 16;

// Knots.

/// The ratio of the lengths of two segments up to which their handles at the knot between them mirror each other.
///
/// Mirrored handles need fewer numbers in SVG. Larger mirrors handles of unlike segments, which then fit worse, smaller
/// writes more numbers. *Measured*: mirroring saves a sixth of the bytes.
pub(super) const MAX_MIRROR_RATIO: f64 = 2.5;
/// The same where the longer segment is longer than [`LONG_SEGMENT`]. *Set*.
pub(super) const MAX_LONG_MIRROR_RATIO: f64 = 1.1;
/// The length from which on a segment is long, in px. *Set*.
pub(super) const LONG_SEGMENT: f64 = 32.0;

/// The Newton steps to the parameter at which a segment is split. *Set*: the position need not be exact.
pub(super) const SPLIT_NEWTON_STEPS: usize = 3;

// Least squares.

/// The sine of the angle between curve and grid edge below which a crossing target gains no more weight.
///
/// The weight is `1 / (sine^2 + SHALLOW_SINE^2)`. Larger fits flat borders by distance rather than along the edges,
/// smaller lets single crossings at a small angle dominate. *Measured*: at 0.055 three figures were not held.
pub(super) const SHALLOW_SINE: f32 = 0.11;

/// The weight of the mean area between curve and border, per crossing target.
///
/// Larger follows the area at the cost of the shape, smaller lets thin regions shrink or grow. *Measured*: without it
/// small thin regions miss their area.
pub(super) const AREA_WEIGHT: f64 = 8.0;

/// The weight of unit speed at a knot, per node of its two segments.
///
/// Larger takes away shapes of the cubic, smaller lets the parameter of a segment run unevenly and handles cross.
/// *Set*.
pub(super) const SPEED_WEIGHT: f64 = 0.25;

/// The weight that pins a knot along its tangent. Larger costs precision; smaller lets knots slide away from the
/// targets of their segments. *Set*: sliding knots were tried and failed.
pub(super) const TANGENT_PIN_WEIGHT: f64 = 1e5;

/// The ridge on the diagonal of the normal equations. It decides only where nothing else does. Larger slows Newton's
/// method down, smaller risks a singular block. *Set*.
pub(super) const RIDGE: f64 = 1e-3;

/// The weight of the bending energy of a line, per crossing target. Larger loses precision, smaller lets the line bend
/// visibly. *Set*.
pub(super) const LINE_STIFFNESS: f64 = 1e4;

/// The largest change of a coordinate of a knot's point or tangent in one solution, in px and in 1. A knot that would
/// move further moves in the same direction. Larger lets a badly posed segment run away, smaller takes more rounds.
/// *Set*.
pub(super) const MAX_KNOT_STEP: f64 = 1.0;

// Obstacles.

/// The margin by which obstacles stand nearer to the middle of their window than they have to, in px: positions are
/// `f32`.
///
/// *Derived*: half a unit in the last place at 8,192 px from the origin, which is the middle of a run, is 2.44e-4.
/// Without it, rounding made a straight line wiggle.
pub(super) const F32_SLACK: f64 = 2.5e-4;

/// The distance of two window ends from a common pixel center up to which one obstacle stands for both, in px. *Set*.
pub(super) const SHARED_CENTER_DISTANCE: f64 = 0.01;

/// The range of parameters at which obstacles are measured: a segment is extended a little beyond its ends. Larger
/// measures a cubic where it bends away, smaller misses obstacles beside a knot. *Set*.
pub(super) const MIN_T: f32 = -0.1;
pub(super) const MAX_T: f32 = 1.1;

/// The least squared derivative of a segment in a division. *Derived*: it only prevents a division by zero.
pub(super) const MIN_SQUARED_SPEED: f32 = 1e-12;

/// The clearance that a violated obstacle is pushed to, in px.
///
/// *Derived*: a little more than [`MIN_CLEARANCE`], since a penalty never reaches its target. *Measured*: at 0.0055
/// flat ellipses are not drawn evenly.
pub(super) const TARGET_CLEARANCE: f64 = 0.0045;

/// The clearance from its obstacles that a feasible segment keeps, in px.
///
/// Larger forbids valid curves, smaller lets output coordinates in hundredths cross a pixel center. *Measured*: with
/// almost none, 206 pixels of six turned samples came to lie on the wrong side, with 0.004 it is 9.
pub(super) const MIN_CLEARANCE: f64 = 0.004;

/// The same two for a line, which has fewer degrees of freedom. *Set*, the second so that a line that touches its
/// windows passes, but for the slack.
pub(super) const LINE_TARGET_CLEARANCE: f64 = 0.001;
pub(super) const MIN_LINE_CLEARANCE: f64 = -0.8 * F32_SLACK;

/// The distance from a curve within which obstacles enter its working set, in px.
///
/// Larger takes more time, smaller misses obstacles that the curve meets while it is pushed; such a miss is found by
/// the second look at the end. *Measured*: with 0.25 the fit took more instructions, see [`MAX_SEGMENT_UNEVENNESS`].
pub(super) const WORKING_SET_DISTANCE: f64 = 0.15;

/// The largest violation after least squares that a penalty is to repair, in px. A segment beyond it is infeasible and
/// split at once.
///
/// Larger spends rounds on segments that are split all the same, smaller splits segments that could be repaired.
/// *Measured*: beyond 0.12 most are split all the same, and at 0.1 the fit took more instructions.
pub(super) const MAX_REPAIRABLE_VIOLATION: f64 = 0.08;

/// The penalty weights of squared violations, round by round; the last one is repeated.
///
/// Faster growth distorts the curve before the working set has settled, slower growth takes more rounds. *Set*: the
/// last two serve lines only.
pub(super) const PENALTIES: [f64; 6] = [10.0, 100.0, 100.0, 1e3, 1e3, 1e4];

/// The weight of the least-squares objective during the penalty rounds. Larger resists the obstacles, smaller forgets
/// the shape. *Set*.
pub(super) const DATA_WEIGHT: f64 = 0.01;

/// The rounds after which a curve is split, and a line is given up. *Measured*: 4 in place of 6 takes fewer
/// instructions with the same figures. A line has no other way out and gets more.
pub(super) const MAX_PENALTY_ROUNDS: usize = 4;
pub(super) const MAX_LINE_PENALTY_ROUNDS: usize = 6;

// Splitting and merging.

/// The fewest nodes of a segment that is split. Larger leaves more borders to lines, smaller makes many short segments.
/// *Measured*: at 6 the fit took more instructions, see [`MAX_SEGMENT_UNEVENNESS`].
pub(super) const MIN_SPLIT_NODES: usize = 8;

/// The neighbors on each side of a segment that are fitted again with it. *Measured*: two or three are no better than
/// one.
pub(super) const REFIT_NEIGHBORS: usize = 1;

/// The largest distance between a merged segment, with the tangents of the two, and the knot between these, in px.
/// Beyond it a merge is not tried. *Set*: such a merge seldom succeeds.
pub(super) const MAX_MERGE_KNOT_DISTANCE: f64 = 0.8;
/// The largest violation of an obstacle by such a segment, in px. *Set*, likewise.
pub(super) const MAX_MERGE_VIOLATION: f64 = 0.45;

/// The segments between the end of a run and a merge that takes penalties.
///
/// A repaired segment bends where the two did not, which shows beside a corner of an eye. *Measured*: merges with
/// penalties save 3 % of the bytes; nearer to the ends they bend curves beside the corners of eyes.
pub(super) const MIN_SEGMENTS_TO_END: usize = 3;

/// The times that segments outside their corridor are split. Larger takes more time, smaller draws more borders with
/// lines. *Set*.
pub(super) const MAX_REFITS: usize = 3;

// Crossings and flattening.

/// The Newton steps to the parameter of a crossing, for four at a time. Where it takes more, the test cell by cell
/// decides. *Set*.
pub(super) const MAX_CROSSING_STEPS: usize = 6;

/// The largest moves of joints, in px, that give an arc its true area, tried in turn.
pub(super) const AREA_MOVES: [f64; 3] = [0.03, 0.1, 0.3];

/// The half width of the windows along a curve for the lines that approximate it, in px.
///
/// Larger takes fewer points, smaller follows the curve more closely. *Measured*: at 0.13 the area of a small zone
/// differed by 1.65 % on a turned copy. The others are tried in turn where so few points cannot enclose the true area.
pub(super) const FLATTEN_TOLERANCES: [f64; 4] = [0.12, 0.06, 0.03, 0.01];

/// Twice the area of the triangle of three successive crossings from which on a curve bends, in square px. *Derived*:
/// above the rounding of a straight line.
pub(super) const MIN_BEND_AREA: f64 = 1e-5;

/// The segments that share points at most. It bounds the work where a joint needs a point of its own. *Set*.
pub(super) const MAX_SHARED_SEGMENTS: usize = 12;
