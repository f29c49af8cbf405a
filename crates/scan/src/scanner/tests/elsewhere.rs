//! What repositories that nobody here had seen taught: lists of models that looked live, and names
//! that were not found.

use super::{check, scan};
use crate::role::Role;

/// Lists names and roles, each finding once.
fn told(path: &str, source: &str) -> Vec<(String, Role, usize)> {
    let found = scan(path, source).found.into_iter();
    found
        .map(|found| (found.site.model.id, found.site.role, found.site.names))
        .collect()
}

#[test]
fn the_constants_of_an_enum_are_one_list() {
    let java = "public enum ChatModel {\n  GPT_4O(\"gpt-4o\"),\n  GPT_4(\"gpt-4\"),\n  \
                GPT_4_1_MINI(\"gpt-4.1-mini\");\n  private final String value;\n}\n";
    assert_eq!(
        told("A.java", java),
        [("gpt-4o".to_owned(), Role::Catalogue, 3)]
    );
    let one = "public enum AudioModel {\n  WHISPER_1(\"whisper-1\");\n}\n";
    assert_eq!(
        told("A.java", one),
        [("whisper-1".to_owned(), Role::Catalogue, 1)]
    );
    let python = "class Version(StrEnum):\n    GEMINI_2_5_PRO = 'gemini-2.5-pro'\n    \
                  GEMINI_2_5_FLASH = 'gemini-2.5-flash'\n    \
                  GEMINI_PRO_1_5 = 'gemini-1.5-pro'\n    \
                  GEMINI_2_0_FLASH = 'gemini-2.0-flash'\n";
    let python = told("a.py", python);
    assert_eq!(
        python.first(),
        Some(&("gemini-2.5-pro".to_owned(), Role::Catalogue, 3))
    );
}

#[test]
fn settings_of_a_class_are_no_list_of_a_vendor_s_models() {
    check(
        "a.py",
        "class Settings:\n    fast = \"gpt-4o-mini\"\n    smart = \"gpt-4o\"\n    \
         strategic = \"o3-mini\"\n",
        &[
            (2, "gpt-4o-mini", Role::Default),
            (3, "gpt-4o", Role::Default),
            (4, "o3-mini", Role::Default),
        ],
    );
}

#[test]
fn what_describes_a_model_to_a_library_asks_it_nothing() {
    let rows = "MODELS = [\n  ModelSettings(\"gpt-4o\", \"diff\"),\n  \
                ModelSettings(\"gpt-4\", \"udiff\"),\n  ModelSettings(\"gpt-5\", \"diff\"),\n]\n";
    assert_eq!(
        told("a.py", rows),
        [("gpt-4o".to_owned(), Role::Catalogue, 3)]
    );
    check(
        "a.ts",
        "const a = openAIModelRef({ name: 'gpt-4', info: X });\n\
         const b = { versions: ['gpt-4-0613'] };\n\
         await ask({ model: googleAI.model('gemini-2.5-flash') });\n\
         await ask({ model: openAIModelRef('gpt-5') });\n",
        &[
            (1, "gpt-4", Role::Catalogue),
            (2, "gpt-4-0613", Role::Catalogue),
            (3, "gemini-2.5-flash", Role::LiveCall),
            (4, "gpt-5", Role::LiveCall),
        ],
    );
}

#[test]
fn rows_that_are_keyed_by_their_own_names_are_a_table() {
    let rows = "T = {\n  \"gpt-4o\": Model(id=\"gpt-4o\"),\n  \"gpt-4\": Model(id=\"gpt-4\"),\n  \
                \"gpt-5\": Model(id=\"gpt-5\"),\n}\n";
    assert_eq!(
        told("a.py", rows),
        [("gpt-4o".to_owned(), Role::Catalogue, 3)]
    );
    check(
        "a.py",
        "ASK = {\"fast\": Chat(model=\"gpt-4o\"), \"slow\": Chat(model=\"gpt-5\")}\n",
        &[(1, "gpt-4o", Role::LiveCall), (1, "gpt-5", Role::LiveCall)],
    );
}

#[test]
fn a_list_of_providers_beside_models_lists_none() {
    check(
        "a.toml",
        "[models.ministral-8b]\nrouting = [\"mistral\"]\nmodels = [\"mistral\", \"gpt-4o\"]\n",
        &[
            (1, "ministral-8b", Role::Configuration),
            (3, "mistral", Role::Configuration),
            (3, "gpt-4o", Role::Configuration),
        ],
    );
    check(
        "package.json",
        "{\"keywords\": [\"claude-4\", \"gpt-4o\"]}\n",
        &[
            (1, "claude-4", Role::Documentation),
            (1, "gpt-4o", Role::Documentation),
        ],
    );
}

#[test]
fn a_help_is_read_by_people_though_its_line_has_an_option() {
    check(
        "a.py",
        "@click.option('--model', type=str, help='Model to use (e.g., gpt-4o, gpt-4.1)')\n\
         def a(model):\n    run(['agent', '--model gpt-5'])\n",
        &[
            (1, "gpt-4o", Role::Documentation),
            (1, "gpt-4.1", Role::Documentation),
            (3, "gpt-5", Role::LiveCall),
        ],
    );
    check(
        "a.ts",
        "ai.defineFlow({ name: 'gpt-4o - analyse', model: 'gpt-4.1' }, run);\n",
        &[
            (1, "gpt-4o", Role::Documentation),
            (1, "gpt-4.1", Role::LiveCall),
        ],
    );
}

#[test]
fn members_of_a_type_that_is_called_a_model_may_have_short_names() {
    check(
        "a.ts",
        "export enum ChatModel {\n  LLAMA3 = \"llama3\",\n  CUSTOM = \"custom\",\n}\n",
        &[(2, "llama3", Role::Default)],
    );
    check(
        "a.ts",
        "enum Animal {\n  LLAMA3 = \"llama3\",\n}\n// model\n",
        &[],
    );
}

#[test]
fn a_provider_is_no_model() {
    check(
        "a.py",
        "def f(model_config):\n    if model_config.type == \"gemini\":\n        pass\n    \
         if model_config.model.startswith(\"gemini\"):\n        pass\n",
        &[(4, "gemini", Role::AllowList)],
    );
}

#[test]
fn keys_of_toml_name_models() {
    check(
        "a.toml",
        "[models.gpt-4o]\nrouting = [\"openai\"]\n[models.gpt-4o.providers.openai]\n\
         model_name = \"gpt-4.1\"\n",
        &[
            (1, "gpt-4o", Role::Configuration),
            (3, "gpt-4o", Role::Configuration),
            (4, "gpt-4.1", Role::Configuration),
        ],
    );
}

#[test]
fn a_form_for_reports_is_no_workflow() {
    check(
        ".github/ISSUE_TEMPLATE/bug.yml",
        "options:\n- gpt-4o\n",
        &[(2, "gpt-4o", Role::Documentation)],
    );
    check(
        ".github/workflows/bug.yml",
        "env:\n  MODEL: gpt-4o\n",
        &[(2, "gpt-4o", Role::CiWorkflow)],
    );
}

#[test]
fn a_prompt_s_head_sets_its_model() {
    check(
        "a.prompt",
        "---\nmodel: googleai/gemini-2.5-flash\n---\nSay hello.\n",
        &[(2, "gemini-2.5-flash", Role::Configuration)],
    );
}

#[test]
fn a_list_that_a_loop_asks_one_by_one_is_live() {
    check(
        "a.py",
        "for model in [\"gpt-4o\", \"gpt-4.1\", \"o3-mini\"]:\n    \
         client.chat.completions.create(model=model)\n",
        &[
            (1, "gpt-4o", Role::LiveCall),
            (1, "gpt-4.1", Role::LiveCall),
            (1, "o3-mini", Role::LiveCall),
        ],
    );
    check(
        "a.ts",
        "const MODELS = ['gpt-4o', 'gpt-4.1', 'o3-mini'];\n\
         for (const model of MODELS) { await ask({ model }); await client.create(model); }\n",
        &[
            (1, "gpt-4o", Role::LiveCall),
            (1, "gpt-4.1", Role::LiveCall),
            (1, "o3-mini", Role::LiveCall),
        ],
    );
    let shown =
        "MODELS = ['gpt-4o', 'gpt-4.1', 'o3-mini']\nfor model in MODELS:\n    print(model)\n";
    assert_eq!(
        told("a.py", shown),
        [("gpt-4o".to_owned(), Role::Catalogue, 3)]
    );
}

#[test]
fn what_clients_call_the_newest_of_a_family_is_named_where_a_model_is_asked_for() {
    check(
        "a.json",
        "{\"model\": \"opus\"}\n",
        &[(1, "opus", Role::Configuration)],
    );
    check("a.json", "{\"codec\": \"opus\", \"model\": 1}\n", &[]);
    check(
        "a.py",
        "ask(model='sonnet')\n",
        &[(1, "sonnet", Role::LiveCall)],
    );
    check("a.py", "write('a haiku about a model')\n", &[]);
}

#[test]
fn a_version_that_code_looks_for_in_a_name_is_logic() {
    check(
        "a.py",
        "def f(model):\n    return \"4-6\" in model\n",
        &[(2, "4-6", Role::AllowList)],
    );
    check("a.py", "pages = '4-6'\nmodel = 1\n", &[]);
    check(
        "a.py",
        "def f(model):\n    return \"2024-4-6\" in model\n",
        &[],
    );
}
