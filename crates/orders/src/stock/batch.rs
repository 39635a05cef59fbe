//! What has to be known of the batch that goods are from (质量追溯).

use super::StockError;
use crate::address::is_sound_address;

/// Whether the inspection of the batch in that line can be found again: in words, or at a safe address.
pub fn check_inspection(line: usize, in_words: bool, address: Option<&str>) -> Result<(), StockError> {
    match address {
        Some(address) if !is_sound_address(address) => Err(StockError::InspectionAddressUnsound { line }),
        None if !in_words => Err(StockError::InspectionMissing { line }),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inspection_can_be_found_again() {
        assert_eq!(check_inspection(0, true, None), Ok(()));
        assert_eq!(check_inspection(0, false, Some("https://papers.example.com/1.pdf")), Ok(()));
        assert_eq!(check_inspection(1, false, None), Err(StockError::InspectionMissing { line: 1 }));
        let unsound = Err(StockError::InspectionAddressUnsound { line: 2 });
        assert_eq!(check_inspection(2, true, Some("javascript:alert(1)")), unsound);
    }
}
