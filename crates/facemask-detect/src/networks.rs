//! The interface to the runtime of the networks.

use facemask_core::error::Result;

/// Side of the detector's input, in pixels.
pub const DETECTOR_SIDE: usize = 128;
/// Boxes that the detector returns.
pub const BOX_COUNT: usize = 896;
/// Numbers of a box: center, width and height, then x and y of six key points.
pub const BOX_LENGTH: usize = 16;
/// Side of the mesh's input, in pixels.
pub const MESH_SIDE: usize = 256;
/// Points of the mesh.
pub const POINT_COUNT: usize = 478;

/// What the detector returns for one picture.
#[derive(Clone, Debug, Default)]
pub struct DetectorOutput {
    /// `BOX_COUNT` boxes of `BOX_LENGTH` numbers, in pixels of the input, relative to their anchors.
    pub boxes: Vec<f32>,
    /// The logit of each box's score.
    pub logits: Vec<f32>,
}

/// What the mesh returns for one picture.
#[derive(Clone, Debug, Default)]
pub struct MeshOutput {
    /// x, y and z of each of `POINT_COUNT` points, in pixels of the input.
    pub points: Vec<f32>,
    /// The logit of the probability that the picture shows a face.
    pub presence_logit: f32,
}

/// Runs the two networks. Inputs are square RGB pictures, rows from the top, three numbers a pixel.
pub trait Networks {
    /// Runs the detector on a picture of `DETECTOR_SIDE` pixels with numbers from -1 to 1.
    ///
    /// # Errors
    ///
    /// Whatever prevents the network from running.
    fn detect(&mut self, picture: Vec<f32>) -> Result<DetectorOutput>;

    /// Runs the mesh on a picture of `MESH_SIDE` pixels with numbers from 0 to 1.
    ///
    /// # Errors
    ///
    /// Whatever prevents the network from running.
    fn mesh(&mut self, picture: Vec<f32>) -> Result<MeshOutput>;
}
