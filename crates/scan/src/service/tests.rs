//! Services by the folders that are built on their own, and by names alone.

use super::{Services, service};

#[test]
fn a_path_tells_its_service() {
    for (path, expected) in [
        ("main.py", "."),
        ("src/a/b.ts", "."),
        (".github/workflows/ci.yml", "."),
        ("services/desk/src/a.py", "services/desk"),
        ("packages/a.json", "packages"),
        ("billing/ask.go", "billing"),
    ] {
        assert_eq!(service(path), expected, "{path}");
    }
}

#[test]
fn the_nearest_manifest_goes_before_a_name() {
    let services = Services::of(["go.mod", "a/package.json", "a/b/c/pyproject.toml", "a/x.ts"]);
    for (path, expected) in [
        ("a/b/x.py", "a"),
        ("a/b/c/d/x.py", "a/b/c"),
        ("ab/x.py", "ab"),
        ("x.py", "."),
    ] {
        assert_eq!(services.service(path), expected, "{path}");
    }
}
