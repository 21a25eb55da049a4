//! A parser whose network Python runs: a picture to its input, its scores to labels.

use std::collections::BTreeMap;

use facemask_core::error::{Error, ErrorKind, Result};
use facemask_core::face::{CropOptions, CropPreset};
use facemask_core::raster::{ClassScores, ScoreLayout, Size};
use facemask_core::trace::{FaceParser, ParsedMap};
use numpy::{PyArray1, PyArray2, PyArray3, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::errors::to_py;
use crate::gil::{keep_failure, without_gil};

/// A parser. `run` is called with the input, float32 (1, 3, height, width) or (1, height, width, 3). It returns scores,
/// float32 (classes, rows, columns) or (rows, columns, classes), or labels, uint8 (rows, columns).
#[pyclass(frozen, module = "facemask._core")]
pub(crate) struct Parser {
    run: Py<PyAny>,
    /// Of the input, in pixels.
    size: Size,
    crop: CropOptions,
    /// Whether the input is (1, 3, height, width), not (1, height, width, 3).
    planes_first: bool,
    /// The input of each level of each channel, in the order of the channels in the input.
    levels: [[f32; 256]; 3],
    /// Which channel of RGB each channel of the input is.
    channels: [usize; 3],
    score_layout: ScoreLayout,
    /// The factor by which scores are enlarged before they are compared.
    enlargement: usize,
    label_scheme: String,
    label_names: BTreeMap<u8, String>,
}

#[pymethods]
impl Parser {
    #[new]
    #[pyo3(signature = (run, *, size, planes_first, reverse_channels, scale, offset, crop, crop_margin, scores_planes_first,
        enlargement, label_scheme, label_names))]
    #[expect(clippy::too_many_arguments, reason = "the description of a network, all by name")]
    fn new(
        py: Python<'_>,
        run: Py<PyAny>,
        size: (u32, u32),
        planes_first: bool,
        reverse_channels: bool,
        scale: [f64; 3],
        offset: [f64; 3],
        crop: &str,
        crop_margin: Option<[f64; 4]>,
        scores_planes_first: bool,
        enlargement: usize,
        label_scheme: String,
        label_names: BTreeMap<u8, String>,
    ) -> PyResult<Self> {
        let build = || -> Result<CropOptions> {
            let preset = CropPreset::NAMES.iter().find(|(name, _)| *name == crop);
            let &(_, preset) = preset.ok_or_else(|| Error::option("crop", format!("{crop} is not known")))?;
            let crop = CropOptions { preset, margin: crop_margin, size: Some(Size::from(size)) };
            crop.validate()?;
            Ok(crop)
        };
        let crop = build().map_err(|error| to_py(py, &error))?;
        // In double precision: a level of 255 divided by 255 is 1, and the mean is subtracted from that.
        let value = |channel: usize, level: usize| (level as f64 * scale[channel] + offset[channel]) as f32;
        Ok(Self {
            run,
            size: Size::from(size),
            crop,
            planes_first,
            levels: [0, 1, 2].map(|channel| std::array::from_fn(|level| value(channel, level))),
            channels: if reverse_channels { [2, 1, 0] } else { [0, 1, 2] },
            score_layout: if scores_planes_first { ScoreLayout::Planes } else { ScoreLayout::Pixels },
            enlargement: enlargement.max(1),
            label_scheme,
            label_names,
        })
    }
}

impl Parser {
    /// The input of the network for a picture.
    fn input(&self, picture: &[u8]) -> Vec<f32> {
        let (pixels, _) = picture.as_chunks::<3>();
        let value = |pixel: &[u8; 3], channel: usize| {
            self.levels[channel][usize::from(pixel[self.channels[channel]])]
        };
        if self.planes_first {
            let planes = (0..3).flat_map(|channel| pixels.iter().map(move |pixel| (pixel, channel)));
            planes.map(|(pixel, channel)| value(pixel, channel)).collect()
        } else {
            pixels.iter().flat_map(|pixel| [0, 1, 2].map(|channel| value(pixel, channel))).collect()
        }
    }

    fn call(&self, py: Python<'_>, input: Vec<f32>) -> PyResult<ParsedMap> {
        let [width, height] = [self.size.width, self.size.height].map(|side| side as usize);
        let shape = if self.planes_first { [1, 3, height, width] } else { [1, height, width, 3] };
        let input = PyArray1::from_vec(py, input).reshape(shape)?;
        let output = self.run.bind(py).call1((input,))?;
        let output = output.cast::<PyUntypedArray>()?;
        if let Ok(labels) = output.cast::<PyArray2<u8>>() {
            let labels = labels.try_readonly()?;
            let size = [labels.shape()[1], labels.shape()[0]];
            return Ok(ParsedMap { size, ids: labels.as_array().iter().copied().collect() });
        }
        let scores = output.cast::<PyArray3<f32>>()?.try_readonly()?;
        let shape = scores.shape();
        let (classes, [columns, rows]) = match self.score_layout {
            ScoreLayout::Planes => (shape[0], [shape[2], shape[1]]),
            ScoreLayout::Pixels => (shape[2], [shape[1], shape[0]]),
        };
        let values = scores.as_slice()?;
        without_gil(py, || {
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                let detail = format!("the network returned {} as a score, at index {index}", values[index]);
                return Err(Error::new(ErrorKind::ModelInvalid, "parser", detail));
            }
            let scores = ClassScores { classes, size: [columns, rows], layout: self.score_layout, values };
            let size = [columns, rows].map(|side| side * self.enlargement);
            Ok(ParsedMap { size, ids: scores.labels(self.enlargement) })
        })
    }
}

impl FaceParser for Parser {
    fn crop(&self) -> CropOptions {
        self.crop
    }

    fn label_scheme(&self) -> &str {
        &self.label_scheme
    }

    fn label_names(&self) -> &BTreeMap<u8, String> {
        &self.label_names
    }

    fn parse(&self, picture: &[u8]) -> Result<ParsedMap> {
        let input = self.input(picture);
        Python::attach(|py| self.call(py, input).map_err(keep_failure))
    }
}
