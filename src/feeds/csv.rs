//! CSV as RFC 4180 has it, harmless in a spreadsheet.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::download::Form;
use crate::App;
use crate::api::told::Summary;
use crate::statements::store::list::Listed;

/// A cell that no spreadsheet takes for a formula (data/inputs.md 2).
pub fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) { format!("'{cell}") } else { cell.to_owned() }
}

/// Lines of cells.
///
/// # Errors
/// A line has another number of cells than those before it.
pub fn lines<'a, const N: usize>(lines: impl IntoIterator<Item = [&'a str; N]>) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for line in lines {
        writer.write_record(line.map(harmless))?;
    }
    Ok(writer.into_inner()?)
}

/// A file that a browser saves under this name.
pub fn file(name: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    let disposition = format!("attachment; filename=\"{name}\"");
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// Statements as lines; names of columns are those of the interface for programs.
pub struct Csv(pub App);

impl Form for Csv {
    fn head(&mut self) -> Vec<u8> {
        format!("{}\r\n", Summary::NAMES.join(",")).into_bytes()
    }

    fn rows(&mut self, rows: &[Listed]) -> anyhow::Result<Vec<u8>> {
        let cells: Vec<[String; Summary::NAMES.len()]> = rows.iter().map(|row| Summary::new(&self.0, row).cells()).collect();
        lines(cells.iter().map(|line| line.each_ref().map(String::as_str)))
    }

    fn tail(&mut self) -> Vec<u8> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_is_made_harmless() {
        for cell in ["=1+1", "+49", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        for cell in ["", "LS332 - Consent of G.8113.2/Y.1372.2 -> IESG", "a=b", "'=1", " =1"] {
            assert_eq!(harmless(cell), cell);
        }
    }

    #[test]
    fn what_holds_a_comma_a_quotation_mark_or_a_line_break_is_quoted() {
        let written = lines([["a,b", "say \"so\"", "two\r\nlines"], ["plain", "", "é"]]).expect("lines");

        assert_eq!(String::from_utf8(written).expect("text"), "\"a,b\",\"say \"\"so\"\"\",\"two\r\nlines\"\r\nplain,,é\r\n");
    }
}
