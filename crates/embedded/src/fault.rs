//! How reading, converting and loading a model file fail. It must not know requests.

use std::io;
use std::path::PathBuf;

/// Says why a model file could not be converted, verified or loaded.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// The file is not there.
    #[error("no model file at {}: pull it with `tiergate models pull`", .0.display())]
    Absent(PathBuf),
    /// The file could not be read or written.
    #[error("the model file at {} could not be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The file is no GGUF, or is cut.
    #[error("the model file is not a whole GGUF file")]
    Format(#[source] candle_core::Error),
    /// The architecture is another one.
    #[error("the architecture `{0}` is not supported: use a llama or qwen2 file")]
    Architecture(String),
    /// The file asks for something that this engine does not do.
    #[error("the model file needs {0}, which is not supported")]
    Unsupported(String),
    /// A metadata entry is missing, of the wrong type or out of range.
    #[error("the model file's entry `{0}` is missing or unusable")]
    Entry(String),
    /// A tensor is missing or of the wrong shape or type.
    #[error("the model file's tensor `{0}` is missing or unusable")]
    Tensor(String),
    /// The tokenizer could not be built from the file.
    #[error("the model file's tokenizer is unusable: {0}")]
    Tokenizer(String),
    /// The chat template could not be compiled.
    #[error("the model file's chat template is unusable")]
    Template(#[source] Box<minijinja::Error>),
    /// The file was not made by the conversion.
    #[error("the model file was not converted: convert it with `tiergate models pull --from`")]
    NotConverted,
    /// The file's weights are not those that were written.
    #[error("the model file's weights have changed since the conversion: pull it again")]
    Changed,
    /// The threads that run the models could not be started.
    #[error("the inference thread could not be started")]
    Thread(#[source] io::Error),
}

impl FileFault {
    /// Wraps an input or output error of a file; a missing file says how to mend it.
    pub(crate) fn io(path: &std::path::Path, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::NotFound {
            return Self::Absent(path.to_owned());
        }
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
