//! The cart in a request: the engine's own lines, within bounds.

use std::fmt::Arguments;

use huike_pricing::{
    Cart, CartLine,
    cart::{KEY_CHARS_MAX, LINE_KEYS_MAX, SHIPPING_MAX, ShippingQuote},
};

use crate::problem::{FieldError, Problem};

/// The longest body with a cart: a mebibyte.
pub const CART_LIMIT_BYTES: usize = 1_024 * 1_024;
/// The most lines over HTTP.
const LINES_MAX: usize = 200;

/// Lines and ways to ship, as they came.
#[derive(Debug, Default)]
pub struct CartLines {
    /// What is bought.
    pub lines: Vec<CartLine>,
    /// How it is shipped.
    pub shipping: Vec<ShippingQuote>,
}

impl CartLines {
    /// The cart, if it keeps its bounds. What its amounts may be, the engine says.
    pub fn into_cart(self) -> Result<Cart, Problem> {
        let cart = Cart { lines: self.lines, shipping: self.shipping };
        let faults = cart_faults(&cart);
        if faults.is_empty() { Ok(cart) } else { Err(Problem::invalid(faults)) }
    }
}

/// Every list and key that is too long, or empty where something must stand. Where a fault is, is only spelled out for a
/// fault: a cart of ten lines has a hundred places.
pub fn cart_faults(cart: &Cart) -> Vec<FieldError> {
    let mut faults = Faults(Vec::new());
    faults.list(format_args!("/lines"), cart.lines.len(), LINES_MAX);
    faults.list(format_args!("/shipping"), cart.shipping.len(), SHIPPING_MAX);
    for (index, line) in cart.lines.iter().enumerate().take(LINES_MAX) {
        faults.key(format_args!("/lines/{index}/id"), &line.id);
        faults.key(format_args!("/lines/{index}/sku"), &line.sku);
        for (field, key) in [("product", &line.product), ("brand", &line.brand)] {
            if let Some(key) = key {
                faults.key(format_args!("/lines/{index}/{field}"), key);
            }
        }
        for (field, keys) in [("categories", &line.categories), ("tags", &line.tags)] {
            faults.list(format_args!("/lines/{index}/{field}"), keys.len(), LINE_KEYS_MAX);
            for (number, key) in keys.iter().enumerate().take(LINE_KEYS_MAX) {
                faults.key(format_args!("/lines/{index}/{field}/{number}"), key);
            }
        }
        faults.list(format_args!("/lines/{index}/prices"), line.prices.len(), LINE_KEYS_MAX);
    }
    for (index, shipping) in cart.shipping.iter().enumerate().take(SHIPPING_MAX) {
        faults.key(format_args!("/shipping/{index}/method"), &shipping.method);
    }
    faults.0
}

/// The hash of a quote, as it was shown: 64 hexadecimal digits.
pub fn read_hash(pointer: &str, text: &str) -> Result<Vec<u8>, Problem> {
    let byte = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    bytes.ok_or_else(|| Problem::invalid(vec![FieldError::new(pointer, "invalid", "it is not the hash of a quote")]))
}

/// Names of segments are keys too.
pub fn segment_names(names: &[String]) -> Result<(), validator::ValidationError> {
    let is_sound = |name: &String| (1..=KEY_CHARS_MAX).contains(&name.chars().count());
    if names.iter().all(is_sound) { Ok(()) } else { Err(validator::ValidationError::new("invalid")) }
}

struct Faults(Vec<FieldError>);

impl Faults {
    fn list(&mut self, pointer: Arguments<'_>, length: usize, most: usize) {
        if length > most {
            self.note(pointer, ("length_max", "it is too long"), &[("max", most)]);
        }
    }

    fn key(&mut self, pointer: Arguments<'_>, key: &str) {
        // A key of few bytes has few letters: counting them is for the others.
        if key.is_empty() || (key.len() > KEY_CHARS_MAX && key.chars().count() > KEY_CHARS_MAX) {
            self.note(
                pointer,
                ("length_min_max", "a key has 1 to 64 characters"),
                &[("min", 1), ("max", KEY_CHARS_MAX)],
            );
        }
    }

    fn note(&mut self, pointer: Arguments<'_>, (code, detail): (&'static str, &str), bounds: &[(&str, usize)]) {
        let mut fault = FieldError::new(pointer.to_string(), code, detail);
        fault.params = bounds.iter().map(|(name, bound)| ((*name).to_owned(), (*bound).into())).collect();
        self.0.push(fault);
    }
}
