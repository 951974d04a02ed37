//! What stands in somebody's way on a page, as axe-core judges it. The tool lies outside of the repository
//! (see `axe.sh`).

use std::path::PathBuf;
use std::sync::OnceLock;

use super::Browser;

/// Names the file of axe-core.
const GIVEN: &str = "HOLDSPACE_TEST_AXE";

/// By which rules it judges.
const JUDGE: &str = r"axe.run(document, {
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
    resultTypes: ['violations'],
}).then(found => found.violations.map(rule => `${rule.id} (${rule.impact}): ${rule.help}\n`
    + rule.nodes.map(node => `    ${node.target.join(' ')}\n    ${node.html}\n    ${node.failureSummary}`).join('\n')))";

/// The tool's text.
///
/// # Panics
/// With the remedy, where it is missing.
fn axe() -> &'static str {
    static AXE: OnceLock<String> = OnceLock::new();
    AXE.get_or_init(|| {
        let given = std::env::var_os(GIVEN).filter(|path| !path.is_empty()).map(PathBuf::from);
        let path = given.unwrap_or_else(|| {
            let look = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/harness/axe.sh");
            let answer = std::process::Command::new("bash").args([look, "--check"]).output().unwrap();
            assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr).trim());
            PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim())
        });
        std::fs::read_to_string(&path).unwrap_or_else(|why| {
            panic!("axe-core is missing: run tests/run, which fetches it ({}: {why})", path.display())
        })
    })
}

impl Browser {
    /// Fails with every rule of WCAG 2.2 AA and of good practice that the page breaks as it is looked at now.
    pub async fn has_no_axe_violations(&self) {
        assert!(self.scripts, "axe-core judges by a script: open a browser that has them");
        if self.asks("typeof axe").await == "undefined" {
            self.asks(&format!("{}\n;0", axe())).await;
        }
        let found = self.asks(JUDGE).await;
        let found: Vec<&str> =
            found.as_array().expect("a list").iter().filter_map(serde_json::Value::as_str).collect();
        let path = self.path().await;
        assert!(found.is_empty(), "axe-core finds on {path}:\n{}", found.join("\n"));
    }
}
