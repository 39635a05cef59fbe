//! Which addresses a webhook may be sent to: only such as anybody on the internet could call too. What lies behind our own
//! walls, the machine itself and the metadata service of a cloud above all, must not be reached by naming it in a URL.
//!
//! IPv4 is an address space with holes, so the holes are listed. IPv6 has one block that is handed out for global use,
//! so everything outside it is refused and the holes inside it are listed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of IPv4 addresses: its first address and the length of its prefix.
type Block4 = (Ipv4Addr, u32);
/// A block of IPv6 addresses.
type Block6 = (Ipv6Addr, u32);

/// IPv4 blocks that are not for everybody (IANA's special-purpose registry, RFC 6890 and its updates).
pub const REFUSED_V4: &[Block4] = &[
    (Ipv4Addr::UNSPECIFIED, 8),            // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // behind a carrier's NAT; metadata service of Alibaba Cloud
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // metadata service of Azure
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local; metadata service of most clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // former 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarking
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved, and broadcast
];

/// The block of IPv6 that is handed out for global use. Outside it lie loopback, `::`, IPv4-compatible, link-local,
/// site-local, unique local, multicast and discard addresses.
const GLOBAL_V6: Block6 = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Blocks inside it that are not for everybody.
pub const REFUSED_V6: &[Block6] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments: Teredo, benchmarking, ORCHID
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: given up, and it leads to any IPv4 address
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Where a translator turns the last 32 bits into an IPv4 address (NAT64, RFC 6052).
const NAT64: Block6 = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether a webhook may be sent there. `allow_loopback` is for development: it lets the machine itself be called, and
/// nothing else.
pub fn may_be_called(address: IpAddr, allow_loopback: bool) -> bool {
    if allow_loopback && address.is_loopback() {
        return true;
    }
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !REFUSED_V4.iter().any(|block| lies_in_v4(address, *block))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    if lies_in_v6(address, NAT64) {
        return is_public_v4(last_four_bytes(address));
    }
    let refused = REFUSED_V6.iter().any(|block| lies_in_v6(address, *block));
    let private_by_isatap = is_isatap(address) && !is_public_v4(last_four_bytes(address));
    lies_in_v6(address, GLOBAL_V6) && !refused && !private_by_isatap
}

/// ISATAP (RFC 5214): any prefix, then `0000:5efe` or `0200:5efe`, then an IPv4 address.
fn is_isatap(address: Ipv6Addr) -> bool {
    let [_, _, _, _, universal, marker, _, _] = address.segments();
    matches!(universal, 0 | 0x200) && marker == 0x5efe
}

fn last_four_bytes(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

fn lies_in_v4(address: Ipv4Addr, (first, prefix): Block4) -> bool {
    let ignored = u32::BITS.saturating_sub(prefix);
    address.to_bits().checked_shr(ignored) == first.to_bits().checked_shr(ignored)
}

fn lies_in_v6(address: Ipv6Addr, (first, prefix): Block6) -> bool {
    let ignored = u128::BITS.saturating_sub(prefix);
    address.to_bits().checked_shr(ignored) == first.to_bits().checked_shr(ignored)
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
