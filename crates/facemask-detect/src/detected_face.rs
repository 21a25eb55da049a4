//! A detected face, and what is known of how sure it is.

use facemask_core::face::Pose;
use facemask_core::geometry::{Point, Rect};

use super::candidate::Candidate;
use super::mesh::Mesh;

/// The presence from which a mesh is a face: `min_face_presence_confidence` of MediaPipe.
pub const MIN_PRESENCE: f64 = 0.5;
/// The agreement from which two meshes show the same face.
pub const MIN_AGREEMENT: f64 = 0.8;

/// A face in a photo.
#[derive(Clone, Debug)]
pub struct DetectedFace {
    /// The points of the mesh in the image frame; empty where the mesh saw nothing that has a pose.
    pub points: Vec<Point>,
    /// Bounding box of the points, or the detector's box without points.
    pub bounds: Rect,
    /// The detector's best score, from 0 to 1.
    pub score: f64,
    /// The mesh's probability that this is a face, from 0 to 1.
    pub presence: f64,
    /// 1 less the root mean square distance of two meshes in eye distances; at least 0. Their regions of interest are the
    /// detector's and the first mesh's; where that leaves a doubt, the second mesh's, as it is and turned by 25 degrees.
    /// Where the detector's key points are far off, it is 1 less their distance.
    pub agreement: f64,
    /// Roll and mirroring; `None` without points.
    pub pose: Option<Pose>,
}

impl DetectedFace {
    /// The face where the detector saw one, before a mesh was found. `place` has a candidate of each turn, the best first.
    pub(crate) fn without_mesh(place: &[Candidate]) -> Self {
        let Candidate { center, extent, score, .. } = place[0];
        let (low, high) = (center - extent * 0.5, center + extent * 0.5);
        Self {
            points: Vec::new(),
            bounds: Rect::new(low.x, low.y, high.x, high.y),
            score,
            presence: 0.0,
            agreement: 0.0,
            pose: None,
        }
    }

    /// The face of a mesh.
    pub(crate) fn from_mesh(place: &[Candidate], mesh: Mesh, agreement: f64) -> Self {
        let face = Self::without_mesh(place);
        Self {
            bounds: Rect::around(mesh.points.iter().copied()).unwrap_or(face.bounds),
            presence: mesh.presence,
            agreement,
            pose: Some(mesh.pose),
            points: mesh.points,
            ..face
        }
    }

    /// Whether the mesh sees a face and both meshes agree. Profiles, animals and textures fail the one or the other.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.presence >= MIN_PRESENCE && self.agreement >= MIN_AGREEMENT
    }

    /// The longer side of the bounding box.
    #[must_use]
    pub fn side(&self) -> f64 {
        self.bounds.width().max(self.bounds.height())
    }
}
