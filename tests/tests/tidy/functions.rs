//! Rules about functions, read from the syntax tree.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{ImplItemFn, Item, ItemFn, Signature, TraitItemFn};

use super::Faults;

const FUNCTION_LINES_MAX: usize = 70;

/// Functions of more than a screen, counted from `fn` to the closing brace.
pub(crate) fn too_long(path: &str, text: &str) -> Faults {
    let file = match syn::parse_file(text) {
        Ok(file) => file,
        Err(error) => return vec![format!("{path}:{}: {error}", error.span().start().line)],
    };
    let mut visitor = Functions { path, faults: Vec::new() };
    visitor.visit_file(&file);
    visitor.faults
}

/// Items of a contents page that are more than contents. A family of commands lists its handlers in a function
/// `add`, which is contents.
pub(crate) fn logic(path: &str, text: &str) -> Faults {
    let Ok(file) = syn::parse_file(text) else { return vec![format!("{path}:1: no Rust")] };
    let logic = file.items.iter().filter_map(|item| match item {
        Item::Fn(function) if path.starts_with("crates/commands/src/") && function.sig.ident == "add" => None,
        Item::Fn(function) => Some(function.sig.fn_token.span),
        Item::Impl(implementation) => Some(implementation.impl_token.span),
        _ => None,
    });
    logic
        .map(|span| format!("{path}:{}: a mod.rs holds docs, mod and use; logic has a file", line(span)))
        .collect()
}

struct Functions<'p> {
    path: &'p str,
    faults: Faults,
}

impl Functions<'_> {
    fn check(&mut self, signature: &Signature, end: Span) {
        let start = line(signature.fn_token.span);
        let lines = end.end().line + 1 - start;
        if lines > FUNCTION_LINES_MAX {
            let (path, name) = (self.path, &signature.ident);
            self.faults
                .push(format!("{path}:{start}: {name} has {lines} lines, {FUNCTION_LINES_MAX} is the most"));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.check(&function.sig, function.block.brace_token.span.close());
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.check(&function.sig, function.block.brace_token.span.close());
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = &function.default {
            self.check(&function.sig, block.brace_token.span.close());
        }
        visit::visit_trait_item_fn(self, function);
    }
}

fn line(span: Span) -> usize {
    span.start().line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_function_that_fits_has_70_lines() {
        let function = |lines: usize| format!("// head\nfn f() {{\n{}}}\n", "    // }\n".repeat(lines - 2));
        assert_eq!(too_long("a.rs", &function(70)), Faults::new());
        assert_eq!(too_long("a.rs", &function(71)), ["a.rs:2: f has 71 lines, 70 is the most"]);
    }

    #[test]
    fn methods_are_functions() {
        let text = format!("impl A {{ fn m() {{\n{}}} }}", "\n".repeat(80));
        assert_eq!(too_long("a.rs", &text).len(), 1);
        let text = format!("trait A {{ fn m() {{\n{}}} }}", "\n".repeat(80));
        assert_eq!(too_long("a.rs", &text).len(), 1);
    }
}
