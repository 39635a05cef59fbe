//! A product (商品): what customers see, whatever size or colour they take.

use std::collections::BTreeSet;

use super::{ArticleCode, CatalogueFault, CatalogueProblem};
use crate::address::is_sound_address;
use huike_kernel::{CategoryId, Paragraph, Text};

/// The most pictures of a product.
pub const IMAGES_MAX: usize = 9;
/// The most tags of a product.
pub const TAGS_MAX: usize = 20;
/// The most SKUs of a product.
pub const SKUS_MAX: i64 = 100;

/// What is said of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductForm {
    /// The code it is known by, unique in the brand.
    pub code: ArticleCode,
    /// The category it is in.
    pub category: CategoryId,
    /// Its name.
    pub name: Text<120>,
    /// The brand of its maker, which offers may name.
    pub brand: Option<Text<60>>,
    /// Free labels, which offers may name.
    pub tags: Vec<Text<30>>,
    /// Addresses of its pictures, the first is the main one.
    pub images: Vec<String>,
    /// What it is, at length.
    pub description: Option<Paragraph<2000>>,
}

impl ProductForm {
    /// Every fault of the form.
    pub fn validate(&self) -> Vec<CatalogueProblem> {
        let mut found = Vec::new();
        check_list(&mut found, "/tags", &self.tags, TAGS_MAX);
        check_list(&mut found, "/images", &self.images, IMAGES_MAX);
        for (index, image) in self.images.iter().enumerate() {
            if !is_sound_address(image) {
                let pointer = format!("/images/{index}");
                found.push(CatalogueProblem { pointer, fault: CatalogueFault::ImageAddressUnsound });
            }
        }
        found
    }
}

fn check_list<T: Ord>(found: &mut Vec<CatalogueProblem>, pointer: &str, list: &[T], max: usize) {
    if list.len() > max {
        found.push(CatalogueProblem { pointer: pointer.to_owned(), fault: CatalogueFault::EntriesTooMany });
    }
    let mut seen = BTreeSet::new();
    for (index, entry) in list.iter().enumerate() {
        if !seen.insert(entry) {
            let pointer = format!("{pointer}/{index}");
            found.push(CatalogueProblem { pointer, fault: CatalogueFault::EntryTwice });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(images: &[&str], tags: &[&str]) -> ProductForm {
        ProductForm {
            code: "MILK-1".parse().unwrap(),
            category: CategoryId::from_uuid(uuid::Uuid::nil()),
            name: Text::new("一段奶粉").unwrap(),
            brand: None,
            tags: tags.iter().map(|tag| Text::new(tag).unwrap()).collect(),
            images: images.iter().map(|&image| image.to_owned()).collect(),
            description: None,
        }
    }

    #[test]
    fn pictures_are_named_by_safe_addresses() {
        assert_eq!(form(&["https://cdn.example.com/a.jpg?w=1"], &[]).validate(), []);
        for image in [
            "http://cdn.example.com/a.jpg",
            "javascript:alert(1)",
            "https://user:pw@cdn.example.com/a.jpg",
            "https://localhost/a.jpg",
            "https://cdn.example.com/a b.jpg",
            "https://cdn.example.com/\"><script>",
            "/a.jpg",
        ] {
            let found = form(&[image], &[]).validate();
            let expected =
                CatalogueProblem { pointer: "/images/0".to_owned(), fault: CatalogueFault::ImageAddressUnsound };
            assert_eq!(found, [expected], "{image}");
        }
    }

    #[test]
    fn an_entry_that_stands_twice_is_told_at_the_second() {
        let found = form(&[], &["奶粉", "进口", "奶粉"]).validate();
        assert_eq!(found.iter().map(|it| it.pointer.as_str()).collect::<Vec<_>>(), ["/tags/2"]);
    }
}
