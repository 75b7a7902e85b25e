//! The little XML that is needed: elements are written, and the flat documents that clients send are
//! read.
//!
//! No attributes, namespaces, comments or entities but the five of XML itself.

/// An element with text in it.
pub(crate) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escaped(text))
}

/// Text as it stands in an element or an attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            other => written.push(other),
        }
    }
    written
}

/// The elements directly inside the document's only element of this name, in their order. `None`:
/// the document is something else.
pub(crate) fn children(document: &str, name: &str) -> Option<Vec<(String, String)>> {
    let mut rest = document.trim_start_matches('\u{feff}').trim();
    if rest.starts_with("<?") {
        rest = rest.split_once("?>")?.1.trim_start();
    }
    if rest == format!("<{name}/>") || rest == format!("<{name} />") {
        return Some(Vec::new());
    }
    let rest = rest.strip_prefix(&format!("<{name}>"))?;
    let mut rest = rest.strip_suffix(&format!("</{name}>"))?.trim_start();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (tag, behind) = rest.strip_prefix('<')?.split_once('>')?;
        if let Some(tag) = tag.strip_suffix('/') {
            found.push((tag.trim_end().to_owned(), String::new()));
            rest = behind.trim_start();
            continue;
        }
        let (text, behind) = behind.split_once(&format!("</{tag}>"))?;
        if text.contains('<') {
            return None;
        }
        found.push((tag.to_owned(), unescaped(text)?));
        rest = behind.trim_start();
    }
    Some(found)
}

fn unescaped(text: &str) -> Option<String> {
    let mut pieces = text.split('&');
    let mut read = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, behind) = piece.split_once(';')?;
        read.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => return None,
        });
        read.push_str(behind);
    }
    Some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_list_is_read_in_its_order() {
        let document = "<?xml version='1.0' encoding='utf-8'?>\n<BlockList>\n <Latest>YQ==</Latest>\
            <Committed>Yg==</Committed><Uncommitted>a&amp;b</Uncommitted></BlockList>";
        let found = children(document, "BlockList").unwrap();
        let expected = [
            ("Latest", "YQ=="),
            ("Committed", "Yg=="),
            ("Uncommitted", "a&b"),
        ];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(found, expected);
        assert_eq!(children("<BlockList />", "BlockList"), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_flat_document_is_refused() {
        for bad in [
            "",
            "<BlockList>",
            "<Other></Other>",
            "<BlockList><Latest>a</BlockList>",
            "<BlockList><Latest><b>a</b></Latest></BlockList>",
            "<BlockList>text</BlockList>",
            "<BlockList><Latest>&x;</Latest></BlockList>",
        ] {
            assert_eq!(children(bad, "BlockList"), None, "{bad}");
        }
    }

    #[test]
    fn text_that_was_escaped_comes_back() {
        let text = "a<b>&\"c\"";
        assert_eq!(unescaped(&escaped(text)).unwrap(), text);
    }
}
