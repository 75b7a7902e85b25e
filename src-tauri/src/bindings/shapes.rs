//! From the generated text to the committed one: what the page receives has the name of its type,
//! what it sends is that name with `Request`, and what no command uses is left out.
//!
//! The generator writes both shapes of every type and their union. It loses the arguments of generic
//! answers while it does so; they are taken from its text with one shape for both directions.

use std::collections::{BTreeMap, BTreeSet};

/// What the generator adds to a type that the program writes, and to one that it reads.
const WRITTEN: &str = "_Serialize";
const READ: &str = "_Deserialize";
/// Where the commands end and the types begin.
const TYPES: &str = "/* Types */\n";
/// Where the types end.
const RUNTIME: &str = "/* Tauri Specta runtime */\n";

/// `two_shapes` with one name for each shape in use. `roots` are used by the page, though no
/// command names them.
pub(super) fn named(two_shapes: &str, one_shape: &str, roots: &[&str]) -> String {
    let (commands, rest) = two_shapes.split_once(TYPES).expect("types");
    let (types, runtime) = rest.split_once(RUNTIME).expect("runtime");
    let with_two = identifiers(types)
        .filter_map(|name| name.strip_suffix(WRITTEN))
        .collect::<BTreeSet<_>>();
    let answers = answers(one_shape);
    let commands = commands.split_inclusive('\n').map(|line| {
        let line = with_arguments(line, &answers, &with_two);
        renamed(&received_by_channels(&line))
    });
    let commands = commands.collect::<String>();
    let declared = declarations(types);
    let mut used = BTreeSet::new();
    let mut next: Vec<String> = identifiers(&commands).map(str::to_owned).collect();
    next.extend(roots.iter().map(|root| (*root).to_owned()));
    while let Some(name) = next.pop() {
        if let Some(text) = declared.get(&name)
            && used.insert(name)
        {
            next.extend(identifiers(text).map(str::to_owned));
        }
    }
    let in_use = declared.iter().filter(|(name, _)| used.contains(*name));
    let in_use: Vec<&str> = in_use.map(|(_, text)| text.trim()).collect();
    let types = in_use.join("\n\n");
    format!("{commands}{TYPES}{types}\n\n{RUNTIME}{runtime}")
}

/// The answer of each command, as the text with one shape says.
fn answers(one_shape: &str) -> BTreeMap<&str, &str> {
    one_shape.lines().filter_map(answer).collect()
}

/// The command of a line and the type of its answer.
fn answer(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.trim().split_once(": (")?;
    let (_, rest) = rest.split_once("__TAURI_INVOKE<")?;
    let (answer, _) = rest.split_once(">(\"")?;
    Some((name, answer))
}

/// A line whose generic answer has its arguments again.
fn with_arguments(line: &str, answers: &BTreeMap<&str, &str>, with_two: &BTreeSet<&str>) -> String {
    let lost = answer(line).filter(|(_, answer)| answer.contains("<T>"));
    let Some((name, without)) = lost else {
        return line.to_owned();
    };
    let whole = answers.get(name).expect("the same commands");
    let whole = each_identifier(whole, |one| {
        if with_two.contains(one) {
            format!("{one}{WRITTEN}")
        } else {
            one.to_owned()
        }
    });
    line.replace(&format!("<{without}>(\""), &format!("<{whole}>(\""))
}

/// What comes through a channel is received, though the channel itself is sent.
fn received_by_channels(line: &str) -> String {
    let mut parts = line.split("Channel<");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("Channel<");
        text.push_str(&part.replacen(READ, WRITTEN, 1));
    }
    text
}

/// Each declaration with its comment, renamed; unions of both shapes are left out. A blank line ends
/// a declaration and stands nowhere inside.
fn declarations(types: &str) -> BTreeMap<String, String> {
    let named = types.split("\n\n").filter_map(|text| {
        let declared = text.split("export type ").nth(1)?;
        let name = identifiers(declared).next()?;
        let (_, both) = declared.split_once(" = ").unwrap_or((declared, ""));
        let is_union = both.starts_with(&format!("{name}{WRITTEN}"))
            && both.contains(&format!("| {name}{READ}"));
        (!is_union).then(|| (renamed(name), renamed(text)))
    });
    named.collect()
}

fn renamed(text: &str) -> String {
    each_identifier(text, |name| match name.strip_suffix(READ) {
        Some(name) => format!("{name}Request"),
        None => name.strip_suffix(WRITTEN).unwrap_or(name).to_owned(),
    })
}

fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter| !is_part(letter))
        .filter(|word| !word.is_empty())
}

fn each_identifier(text: &str, change: impl Fn(&str) -> String) -> String {
    let mut changed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(is_part) {
        let (before, from) = rest.split_at(begin);
        let end = from.find(|letter| !is_part(letter)).unwrap_or(from.len());
        let (name, after) = from.split_at(end);
        changed.push_str(before);
        changed.push_str(&change(name));
        rest = after;
    }
    changed + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "\
export const commands = {
\tlist: (query: Ask_Deserialize, on: Channel<Row_Deserialize>) => __TAURI_INVOKE<Page_Serialize<T>>(\"list\", { query, on }),
};

/* Types */
/**  What is asked. */
export type Ask = Ask_Serialize | Ask_Deserialize;

/**  What is asked. */
export type Ask_Deserialize = {
\tlimit?: number,
};

/**  What is asked. */
export type Ask_Serialize = {
\tlimit: number,
};

/**  A page. */
export type Page<T> = Page_Serialize<T> | Page_Deserialize<T>;

/**  A page. */
export type Page_Deserialize<T> = {
\trows?: T[],
};

/**  A page. */
export type Page_Serialize<T> = {
\trows: T[],
};

export type Row = Row_Serialize | Row_Deserialize;

export type Row_Deserialize = {
\tcolour?: Colour,
};

export type Row_Serialize = {
\tcolour: Colour,
};

export type Colour = \"red\" | \"blue\";

/* Tauri Specta runtime */
end
";

    const ONE: &str = "\
\tlist: (query: Ask, on: Channel<Row>) => __TAURI_INVOKE<Page<Row>>(\"list\", { query, on }),
";

    #[test]
    fn each_shape_in_use_has_a_name_of_its_own_and_the_rest_is_left_out() {
        let text = named(TWO, ONE, &[]);
        assert!(
            text.contains(
                "list: (query: AskRequest, on: Channel<Row>) => __TAURI_INVOKE<Page<Row>>("
            ),
            "{text}"
        );
        assert!(text.contains("export type AskRequest = {\n\tlimit?: number,\n};"));
        assert!(text.contains("export type Page<T> = {\n\trows: T[],\n};"));
        assert!(text.contains("export type Row = {\n\tcolour: Colour,\n};"));
        assert!(text.contains("export type Colour = "));
        for left_out in [
            "export type Ask =",
            "PageRequest",
            "RowRequest",
            "_Ser",
            "_Des",
        ] {
            assert!(!text.contains(left_out), "{left_out}: {text}");
        }
    }

    #[test]
    fn a_root_is_there_though_no_command_names_it() {
        let text = named(TWO, ONE, &["RowRequest"]);
        assert!(
            text.contains("export type RowRequest = {\n\tcolour?: Colour,\n};"),
            "{text}"
        );
    }
}
