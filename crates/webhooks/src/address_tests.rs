//! The tables, and what holds for every address.

use proptest::prelude::*;

use super::*;

/// One of each range, its edges included.
const REFUSED: &[&str] = &[
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.0.0",
    "169.254.169.254",
    "169.254.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.0",
    "192.0.0.192",
    "192.0.0.255",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.255",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.0",
    "255.255.255.255",
    "::",
    "::1",
    "::2",
    "::7f00:1",
    "::a9fe:a9fe",
    "::808:808",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "::ffff:169.254.169.254",
    "::ffff:0:8.8.8.8",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::192.168.1.1",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2002:c0a8:101::1",
    "2002:808:808::1",
    "3fff::1",
    "3fff:fff:ffff:ffff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fdff:ffff::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2400:3200::5efe:10.0.0.1",
    "2400:3200::200:5efe:127.0.0.1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
];

/// Just outside of the ranges, and some that everybody knows.
const PUBLIC: &[&str] = &[
    "1.0.0.0",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.5.5.5",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2000::1",
    "2001:200::1",
    "2001:db7:ffff::1",
    "2001:db9::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2400:3200::1",
    "2400:3200::5efe:8.8.8.8",
    "3ffe:ffff::1",
    "3fff:1000::1",
];

fn address(text: &str) -> IpAddr {
    text.parse().unwrap_or_else(|_| panic!("{text} is no address"))
}

#[test]
fn nothing_behind_our_walls_may_be_called() {
    for text in REFUSED {
        assert!(!may_be_called(address(text), false), "{text}");
    }
}

#[test]
fn what_is_public_may_be_called_up_to_the_very_edge_of_what_is_not() {
    for text in PUBLIC {
        assert!(may_be_called(address(text), false), "{text}");
    }
}

#[test]
fn in_development_the_machine_itself_may_be_called_and_nothing_else_more() {
    for text in ["127.0.0.1", "127.8.9.10", "::1"] {
        assert!(may_be_called(address(text), true), "{text}");
    }
    for text in REFUSED.iter().filter(|text| !address(text).is_loopback()) {
        assert!(!may_be_called(address(text), true), "{text}");
    }
}

/// Whether the standard library knows the address as one that is not for everybody. What it knows is less than our
/// table, and comes from other people.
fn is_known_as_special(address: Ipv4Addr) -> bool {
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
}

/// An address from one of the refused blocks.
fn refused_v4() -> impl Strategy<Value = Ipv4Addr> {
    (0..REFUSED_V4.len(), any::<u32>()).prop_map(|(block, bits)| {
        let (first, prefix) = REFUSED_V4[block];
        let host = if prefix == 32 { 0 } else { bits & (u32::MAX >> prefix) };
        Ipv4Addr::from_bits(first.to_bits() | host)
    })
}

/// Every way to write an IPv4 address into an IPv6 one, under any prefix where there is a choice.
fn embeddings(inner: Ipv4Addr, [p, q, r, s]: [u16; 4]) -> [Ipv6Addr; 9] {
    let [.., high, low] = inner.to_ipv6_mapped().segments();
    [
        inner.to_ipv6_mapped(),
        Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),          // IPv4-compatible
        Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),     // IPv4-translated (SIIT)
        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),  // NAT64
        Ipv6Addr::new(0x64, 0xff9b, 1, q, r, s, high, low),  // NAT64, local use
        Ipv6Addr::new(0x2002, high, low, q, r, s, p, q),     // 6to4
        Ipv6Addr::new(0x2001, 0, p, q, r, s, !high, !low),   // Teredo: the client, its bits turned over
        Ipv6Addr::new(0x2001, 0, high, low, r, s, p, q),     // Teredo: its server
        Ipv6Addr::new(p, q, r, s, 0x200, 0x5efe, high, low), // ISATAP
    ]
}

proptest! {
    #[test]
    fn no_way_of_writing_a_refused_v4_into_v6_gets_past(inner in refused_v4(), prefix: [u16; 4], dev: bool) {
        for outer in embeddings(inner, prefix) {
            prop_assume!(!outer.is_loopback());
            prop_assert!(!may_be_called(outer.into(), dev), "{outer} leads to {inner}");
        }
    }

    #[test]
    fn the_standard_library_knows_no_special_address_that_we_do_not(bits: u32) {
        let address = Ipv4Addr::from_bits(bits);
        prop_assert!(!is_known_as_special(address) || !may_be_called(address.into(), false));
    }

    #[test]
    fn a_v4_address_and_its_mapping_are_judged_alike(bits: u32) {
        let address = Ipv4Addr::from_bits(bits);
        let mapped = IpAddr::V6(address.to_ipv6_mapped());
        prop_assert_eq!(may_be_called(address.into(), false), may_be_called(mapped, false));
    }

    #[test]
    fn outside_the_global_block_only_translated_v4_may_be_called(bits: u128) {
        let address = Ipv6Addr::from_bits(bits);
        let translated = address.to_ipv4_mapped().is_some() || bits >> 32 == 0x0064_ff9b_u128 << 64;
        prop_assert!(bits >> 125 == 1 || translated || !may_be_called(address.into(), false));
    }

    #[test]
    fn development_adds_loopback_and_nothing_else(bits: u128, short: u32) {
        for address in [IpAddr::V6(Ipv6Addr::from_bits(bits)), IpAddr::V4(Ipv4Addr::from_bits(short))] {
            let either = may_be_called(address, false) || address.is_loopback();
            prop_assert_eq!(may_be_called(address, true), either);
        }
    }
}
