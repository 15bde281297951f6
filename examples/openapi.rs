//! Prints the OpenAPI document of the API. `cargo xtask openapi` writes and checks the committed one.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

fn main() -> Result<(), serde_json::Error> {
    print!("{}", delegate::document::json()?);
    Ok(())
}
