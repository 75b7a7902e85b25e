//! The paths that are written in a file: imports, exports, and those in the code itself.
//!
//! By marks, not with a parser. What they lead to is found elsewhere.

/// A path of an import, and the name it gives to what it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) segments: Vec<String>,
    pub(super) name: String,
}

/// The paths of a file.
#[derive(Debug)]
pub(super) struct Paths {
    /// What it exports again.
    pub(super) reexports: Vec<Path>,
    /// What it imports for itself.
    pub(super) uses: Vec<Path>,
    /// `module::item` in the code.
    pub(super) inline: Vec<Vec<String>>,
}

/// Reads the paths of a file without its tests.
pub(super) fn of(text: &str) -> Paths {
    let code = without_comments(text);
    let (mut reexports, mut uses) = (Vec::new(), Vec::new());
    let mut others = String::new();
    for statement in code.split(';') {
        match use_of(statement) {
            Some((is_public, before, tree)) => {
                others.push_str(before);
                let into = if is_public { &mut reexports } else { &mut uses };
                read_tree(&tree, &[], into);
            }
            None => others.push_str(statement),
        }
        others.push(';');
    }
    Paths {
        reexports,
        uses,
        inline: inline(&others),
    }
}

fn without_comments(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a statement ends in a `use`: public or not, what stands before it, its tree.
fn use_of(statement: &str) -> Option<(bool, &str, String)> {
    let at = statement
        .rmatch_indices("use ")
        .map(|(at, _)| at)
        .find(|&at| {
            let line = statement[..at]
                .rsplit('\n')
                .next()
                .unwrap_or_default()
                .trim();
            line.is_empty() || line == "pub" || line.starts_with("pub(") && line.ends_with(')')
        })?;
    let before = &statement[..at];
    let visibility = before.rsplit('\n').next().unwrap_or_default();
    let tree = statement[at + 4..]
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    Some((visibility.contains("pub"), before, tree))
}

/// `a::{b, c as d}` as paths.
fn read_tree(tree: &str, before: &[String], paths: &mut Vec<Path>) {
    let tree = tree.trim();
    if let Some((prefix, inner)) = tree.split_once('{') {
        let mut before = before.to_vec();
        before.extend(segments(prefix));
        let inner = inner.strip_suffix('}').unwrap_or(inner);
        for one in branches(inner) {
            read_tree(one, &before, paths);
        }
        return;
    }
    let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
    let mut whole = before.to_vec();
    whole.extend(segments(path));
    if whole.len() > 1 && whole.last().is_some_and(|last| last == "self") {
        whole.pop();
    }
    if let Some(last) = whole.last() {
        let name = if alias.is_empty() {
            last.clone()
        } else {
            alias.trim().to_owned()
        };
        paths.push(Path {
            segments: whole,
            name,
        });
    }
}

/// Parts between the commas that stand in no inner braces.
fn branches(inner: &str) -> Vec<&str> {
    let (mut depth, mut begin, mut parts) = (0_usize, 0, Vec::new());
    for (at, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&inner[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[begin..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn segments(path: &str) -> Vec<String> {
    let parts = path
        .split("::")
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// Paths in the code itself. A path that begins with a type says nothing that its import does not say.
fn inline(code: &str) -> Vec<Vec<String>> {
    let is_of_path = |character: char| character.is_alphanumeric() || "_:".contains(character);
    let runs = code.split(|character: char| !is_of_path(character));
    let runs = runs.filter(|run| run.contains("::") && run.starts_with(char::is_lowercase));
    let paths = runs.map(segments).filter(|segments| segments.len() > 1);
    paths.collect()
}
