//! The search for faces: detector, grouping of what it saw, and mesh.

use facemask_core::error::Result;
use facemask_core::geometry::{Point, Rect};
use facemask_core::raster::RgbView;

use super::anchors::anchors;
use super::candidate::Candidate;
use super::detected_face::DetectedFace;
use super::detector::read_candidates;
use super::mesh::Mesh;
use super::networks::{DETECTOR_SIDE, MESH_SIDE, Networks};
use super::roi::Roi;
use super::square_tensor::SquarePicture;
use super::suppression::SAME_FACE_IOU;
use super::tiles::{Tiles, rois};

/// Scale and offset of the detector's samples: from -1 to 1.
const DETECTOR_RANGE: [f32; 2] = [1.0 / 127.5, -1.0];
/// Scale and offset of the mesh's samples: from 0 to 1.
const MESH_RANGE: [f32; 2] = [1.0 / 255.0, 0.0];
/// The distance of the middles of such boxes, in sides of the larger one; squares that cut a face shrink its box.
const SAME_FACE_DISTANCE: f64 = 0.3;
/// Score, presence, distance of the key points and agreement of the regions of interest with which the first mesh is
/// taken as it is. Measured on textures, animals, coins and a profile: of what scores 0.75 or more, none is nearer to the
/// key points than 0.2 eye distances. On 264 turned pictures of faces the median is 0.1.
const CONFIRMED_SCORE: f64 = 0.85;
const CONFIRMED_PRESENCE: f64 = 0.99;
const CONFIRMED_KEY_POINT_DISTANCE: f64 = 0.13;
const CONFIRMED_REGION_AGREEMENT: f64 = 0.955;
/// Score and agreement of the two mesh passes from which the verification pass is left out.
///
/// Measured on thirteen photos with faces in eight turns, and eighteen without: no coin, animal or texture reaches both.
const VERIFICATION_SCORE: f64 = 0.8;
const VERIFICATION_AGREEMENT: f64 = 0.95;
/// The turn of the verification pass. At 25 degrees faces moved by at most 0.14 eye distances, all else by at least
/// 0.25; at 15 degrees by 0.09 and 0.13.
const VERIFICATION_DEGREES: f64 = 25.0;
/// The distance of the detector's key points from the mesh up to which both are the same face. Measured: at most 0.31 on
/// the frontal faces, 1.3 on a profile, whose far eye the mesh invents.
const MAX_KEY_POINT_DISTANCE: f64 = 0.6;
/// The most turns whose candidates the mesh tries at a place.
const MAX_TURNS: usize = 2;
/// The ratio of sides up to which a candidate on a face is that face.
const SIMILAR_SIZE: f64 = 2.5;
/// The most places at which the mesh runs, so that no photo decides alone over the time.
const MAX_PLACES: usize = 256;

/// What is searched for.
#[derive(Clone, Copy, Debug)]
pub struct SearchOptions {
    /// The most faces that are returned, the largest first.
    pub max_faces: usize,
    /// The longer side of the smallest wanted face, in pixels of the photo.
    pub min_size: Option<f64>,
    /// The parts of the photo that the detector is run on.
    pub tiles: Tiles,
}

/// Detects faces at any tilt, the largest first.
///
/// Where no face is [certain](DetectedFace::is_certain), the uncertain ones are returned instead, with what was seen.
///
/// # Errors
///
/// Those of the networks.
pub fn detect_faces(
    photo: RgbView<'_>,
    options: &SearchOptions,
    networks: &mut impl Networks,
) -> Result<Vec<DetectedFace>> {
    let mut search = Search { photo, networks, anchors: anchors(), candidates: Vec::new() };
    let mut faces: Option<Vec<DetectedFace>> = None;
    let mut level = 0;
    loop {
        let smallest_face = || {
            let certain = faces.insert(search.read_faces(options)?).iter().filter(|face| face.is_certain());
            Ok(certain.map(DetectedFace::side).reduce(f64::min))
        };
        let next = options.tiles.next_level(level, photo.size, options.min_size, smallest_face)?;
        let Some(next) = next else { break };
        for roi in rois(photo.size, next) {
            search.detect(&roi)?;
        }
        level = next;
        faces = None;
    }
    let mut faces = faces.map_or_else(|| search.read_faces(options), Ok)?;
    if faces.iter().any(DetectedFace::is_certain) {
        faces.retain(DetectedFace::is_certain);
    }
    faces.truncate(options.max_faces);
    Ok(faces)
}

/// A search in progress.
struct Search<'a, N> {
    photo: RgbView<'a>,
    networks: &'a mut N,
    anchors: Vec<Point>,
    /// What the detector saw so far, in the image frame.
    candidates: Vec<Candidate>,
}

impl<N: Networks> Search<'_, N> {
    /// Runs the detector on a region of interest in four quarter turns.
    fn detect(&mut self, roi: &Roi) -> Result<()> {
        let samples = roi.picture(self.photo, DETECTOR_SIDE);
        let picture = SquarePicture { side: DETECTOR_SIDE, samples: &samples };
        for quarters in 0..4 {
            let output = self.networks.detect(picture.tensor(quarters, DETECTOR_RANGE))?;
            let turn_rad = quarters as f64 * std::f64::consts::FRAC_PI_2;
            let image_from_unit = Roi { turn_rad, ..*roi }.image_from_unit();
            let found = read_candidates(&output, &self.anchors, quarters);
            self.candidates
                .extend(found.iter().map(|candidate| candidate.transform(&image_from_unit, quarters)));
        }
        Ok(())
    }

    /// Runs the mesh at each place where the detector saw a face, in the order of its scores. Returns the largest first.
    fn read_faces(&mut self, options: &SearchOptions) -> Result<Vec<DetectedFace>> {
        let mut faces: Vec<DetectedFace> = Vec::new();
        let smallest = options.min_size.unwrap_or(0.0);
        for place in group(&self.candidates).into_iter().take(MAX_PLACES) {
            // Other turns often see the same face at another place of it, with a lower score.
            if faces.iter().any(|face| face.is_certain() && is_part_of(&place[0], face)) {
                continue;
            }
            let face = self.read_face(&place)?;
            let is_new = !faces.iter().any(|other| other.is_certain() && is_same_face(&face, other));
            if is_new && face.side() >= smallest {
                faces.push(face);
            }
        }
        faces.sort_by(|a, b| b.is_certain().cmp(&a.is_certain()).then(b.side().total_cmp(&a.side())));
        Ok(faces)
    }

    /// Runs the mesh at one place. `place` has the best candidate of each turn that saw the face, the best one first.
    ///
    /// Another turn is tried only while there is no certain face.
    fn read_face(&mut self, place: &[Candidate]) -> Result<DetectedFace> {
        let mut best = DetectedFace::without_mesh(place);
        for candidate in place.iter().take(MAX_TURNS) {
            let first_roi = candidate.mesh_roi();
            let Some(first) = self.run_mesh(&first_roi)? else { continue };
            let Some(roi) = first.roi() else { continue };
            let region_agreement = first.region_agreement(&first_roi, &roi);
            if is_confirmed(candidate, &first, region_agreement) {
                return Ok(DetectedFace::from_mesh(place, first, region_agreement));
            }
            let Some(second) = self.run_mesh(&roi)? else { continue };
            let mut agreement = second.agreement(&first);
            if candidate.score < VERIFICATION_SCORE || agreement < VERIFICATION_AGREEMENT {
                agreement = self.verify(&second)?;
            }
            let distance = second.key_point_distance(&candidate.key_points);
            if distance > MAX_KEY_POINT_DISTANCE {
                agreement = agreement.min(1.0 - distance).max(0.0);
            }
            let face = DetectedFace::from_mesh(place, second, agreement);
            if (face.is_certain(), face.presence) > (best.is_certain(), best.presence) {
                best = face;
            }
            if best.is_certain() {
                break;
            }
        }
        Ok(best)
    }

    /// Runs the mesh in a region of interest that is turned against the face. Returns the agreement.
    ///
    /// A face keeps its points, because the mesh was trained on turned faces; what is none gets others.
    fn verify(&mut self, mesh: &Mesh) -> Result<f64> {
        let Some(roi) = mesh.roi() else { return Ok(0.0) };
        let turn_rad = roi.turn_rad + VERIFICATION_DEGREES.to_radians();
        Ok(self.run_mesh(&Roi { turn_rad, ..roi })?.map_or(0.0, |turned| mesh.agreement(&turned)))
    }

    fn run_mesh(&mut self, roi: &Roi) -> Result<Option<Mesh>> {
        let samples = roi.picture(self.photo, MESH_SIDE);
        let picture = SquarePicture { side: MESH_SIDE, samples: &samples };
        let output = self.networks.mesh(picture.tensor(0, MESH_RANGE))?;
        Ok(Mesh::read(&output, roi))
    }
}

/// Whether the first mesh lies where the detector has the face, in the region of interest that a second one would have.
fn is_confirmed(candidate: &Candidate, mesh: &Mesh, region_agreement: f64) -> bool {
    candidate.score >= CONFIRMED_SCORE
        && mesh.presence >= CONFIRMED_PRESENCE
        && region_agreement >= CONFIRMED_REGION_AGREEMENT
        && mesh.key_point_distance(&candidate.key_points) <= CONFIRMED_KEY_POINT_DISTANCE
}

/// Groups the candidates that show the same face: of each turn the best, the best of all first. So are the groups sorted.
fn group(candidates: &[Candidate]) -> Vec<Vec<Candidate>> {
    let mut sorted = candidates.to_vec();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut places: Vec<Vec<Candidate>> = Vec::new();
    for candidate in sorted {
        let is_here = |place: &&mut Vec<Candidate>| {
            let (side, other) = (candidate.side(), place[0].side());
            candidate.square().iou(&place[0].square()) > SAME_FACE_IOU
                || is_near(candidate.center, place[0].center, side.max(other))
        };
        match places.iter_mut().find(is_here) {
            None => places.push(vec![candidate]),
            Some(place) if place.iter().all(|other| other.quarters != candidate.quarters) => {
                place.push(candidate);
            }
            Some(_) => {}
        }
    }
    places
}

/// Whether a candidate lies on a face, and is of its kind of size.
fn is_part_of(candidate: &Candidate, face: &DetectedFace) -> bool {
    let Rect { x0, y0, x1, y1 } = face.bounds;
    let ratio = candidate.side() / face.side();
    let is_inside = (x0..=x1).contains(&candidate.center.x) && (y0..=y1).contains(&candidate.center.y);
    is_inside && (SIMILAR_SIZE.recip()..=SIMILAR_SIZE).contains(&ratio)
}

fn is_near(a: Point, b: Point, side: f64) -> bool {
    (a - b).length() <= SAME_FACE_DISTANCE * side
}

/// Whether two results are the same face, found at two places.
fn is_same_face(face: &DetectedFace, other: &DetectedFace) -> bool {
    let (a, b) = (&face.bounds, &other.bounds);
    a.iou(b) > SAME_FACE_IOU || is_near(a.center(), b.center(), face.side().max(other.side()))
}
