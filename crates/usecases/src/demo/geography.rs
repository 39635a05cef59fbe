//! Where the brand is: three regions, eight sites, twenty-four stores. Streets and numbers are invented.

/// A region to make.
pub(super) struct RegionPlan {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) area: &'static str,
    pub(super) sites: &'static [SitePlan],
}

/// A site to launch.
pub(super) struct SitePlan {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) area: &'static str,
    pub(super) slogan: &'static str,
    /// How many of the customers are at home here.
    pub(super) weight: u32,
    /// A partner that serves food: other hours, other offers.
    pub(super) is_restaurant: bool,
    pub(super) stores: &'static [StorePlan],
}

/// A store to open.
pub(super) struct StorePlan {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) area: &'static str,
    pub(super) address: &'static str,
    pub(super) phone: &'static str,
    /// Latitude and longitude in micro-degrees, GCJ-02.
    pub(super) position: (i32, i32),
}

const fn store(
    (code, name): (&'static str, &'static str),
    (area, address): (&'static str, &'static str),
    phone: &'static str,
    position: (i32, i32),
) -> StorePlan {
    StorePlan { code, name, area, address, phone, position }
}

const fn site(
    (code, name): (&'static str, &'static str),
    area: &'static str,
    (slogan, weight): (&'static str, u32),
    stores: &'static [StorePlan],
) -> SitePlan {
    SitePlan { code, name, area, slogan, weight, is_restaurant: false, stores }
}

/// The partner among the sites: offers of its own are made for it.
pub(super) const RESTAURANT: &str = "foshan";

pub(super) const REGIONS: &[RegionPlan] = &[
    RegionPlan {
        code: "south",
        name: "华南大区",
        area: "440000",
        sites: &[
            site(
                ("guangzhou", "小象母婴·广州"),
                "440100",
                ("在广州，陪宝宝慢慢长大", 22),
                &[
                    store(
                        ("gz-tianhe", "天河城店"),
                        ("440106", "天河区天河路 208 号三层 312 铺"),
                        "020-5550 0101",
                        (23_132_310, 113_321_540),
                    ),
                    store(
                        ("gz-yuexiu", "北京路店"),
                        ("440104", "越秀区北京路 168 号二层"),
                        "020-5550 0102",
                        (23_124_860, 113_269_320),
                    ),
                    store(
                        ("gz-panyu", "番禺广场店"),
                        ("440113", "番禺区大北路 66 号一层"),
                        "020-5550 0103",
                        (22_946_050, 113_364_120),
                    ),
                ],
            ),
            site(
                ("shenzhen", "小象母婴·深圳"),
                "440300",
                ("科技之城，温柔带娃", 18),
                &[
                    store(
                        ("sz-nanshan", "海岸城店"),
                        ("440305", "南山区文心五路 33 号 B1 层"),
                        "0755-5550 0201",
                        (22_517_620, 113_937_410),
                    ),
                    store(
                        ("sz-futian", "会展中心店"),
                        ("440304", "福田区福华三路 88 号一层"),
                        "0755-5550 0202",
                        (22_533_740, 114_060_150),
                    ),
                    store(
                        ("sz-baoan", "宝安中心店"),
                        ("440306", "宝安区创业一路 1 号二层"),
                        "0755-5550 0203",
                        (22_556_480, 113_884_920),
                    ),
                ],
            ),
            SitePlan {
                code: RESTAURANT,
                name: "象食记亲子餐厅·佛山（合作商家）",
                area: "440600",
                slogan: "大人吃好，孩子玩好",
                weight: 9,
                is_restaurant: true,
                stores: &[
                    store(
                        ("fs-chancheng", "祖庙店"),
                        ("440604", "禅城区祖庙路 12 号一层"),
                        "0757-5550 0301",
                        (23_030_120, 113_113_480),
                    ),
                    store(
                        ("fs-nanhai", "千灯湖店"),
                        ("440605", "南海区灯湖东路 6 号二层"),
                        "0757-5550 0302",
                        (23_053_960, 113_149_250),
                    ),
                    store(
                        ("fs-shunde", "大良店"),
                        ("440606", "顺德区凤山中路 99 号一层"),
                        "0757-5550 0303",
                        (22_838_270, 113_249_630),
                    ),
                ],
            },
        ],
    },
    RegionPlan {
        code: "east",
        name: "华东大区",
        area: "310000",
        sites: &[
            site(
                ("shanghai", "小象母婴·上海"),
                "310100",
                ("魔都妈妈的安心选择", 19),
                &[
                    store(
                        ("sh-pudong", "陆家嘴店"),
                        ("310115", "浦东新区世纪大道 168 号 B2 层"),
                        "021-5550 0401",
                        (31_235_150, 121_503_810),
                    ),
                    store(
                        ("sh-xuhui", "徐家汇店"),
                        ("310104", "徐汇区虹桥路 1 号四层"),
                        "021-5550 0402",
                        (31_192_980, 121_437_160),
                    ),
                    store(
                        ("sh-minhang", "七宝店"),
                        ("310112", "闵行区漕宝路 3366 号三层"),
                        "021-5550 0403",
                        (31_155_670, 121_352_590),
                    ),
                ],
            ),
            site(
                ("hangzhou", "小象母婴·杭州"),
                "330100",
                ("西湖边的小象一家", 10),
                &[
                    store(
                        ("hz-xihu", "文三路店"),
                        ("330106", "西湖区文三路 398 号一层"),
                        "0571-5550 0501",
                        (30_276_430, 120_127_180),
                    ),
                    store(
                        ("hz-shangcheng", "湖滨店"),
                        ("330102", "上城区延安路 258 号二层"),
                        "0571-5550 0502",
                        (30_255_010, 120_164_370),
                    ),
                    store(
                        ("hz-yuhang", "未来科技城店"),
                        ("330110", "余杭区文一西路 998 号一层"),
                        "0571-5550 0503",
                        (30_279_850, 120_008_960),
                    ),
                ],
            ),
            site(
                ("nanjing", "小象母婴·南京"),
                "320100",
                ("梧桐树下，小象陪你", 7),
                &[
                    store(
                        ("nj-gulou", "湖南路店"),
                        ("320106", "鼓楼区湖南路 1 号三层"),
                        "025-5550 0601",
                        (32_070_270, 118_779_640),
                    ),
                    store(
                        ("nj-xuanwu", "新街口店"),
                        ("320102", "玄武区中山路 18 号 B1 层"),
                        "025-5550 0602",
                        (32_045_120, 118_784_350),
                    ),
                    store(
                        ("nj-jianye", "河西店"),
                        ("320105", "建邺区江东中路 98 号二层"),
                        "025-5550 0603",
                        (32_033_580, 118_737_910),
                    ),
                ],
            ),
        ],
    },
    RegionPlan {
        code: "north",
        name: "华北大区",
        area: "110000",
        sites: &[
            site(
                ("beijing", "小象母婴·北京"),
                "110100",
                ("四九城里的育儿老友", 17),
                &[
                    store(
                        ("bj-chaoyang", "国贸店"),
                        ("110105", "朝阳区建国门外大街 1 号 B2 层"),
                        "010-5550 0701",
                        (39_909_180, 116_461_270),
                    ),
                    store(
                        ("bj-haidian", "中关村店"),
                        ("110108", "海淀区中关村大街 15 号二层"),
                        "010-5550 0702",
                        (39_982_430, 116_316_290),
                    ),
                    store(
                        ("bj-fengtai", "丽泽店"),
                        ("110106", "丰台区金丽南路 3 号一层"),
                        "010-5550 0703",
                        (39_867_510, 116_322_760),
                    ),
                ],
            ),
            site(
                ("tianjin", "小象母婴·天津"),
                "120100",
                ("海河边，宝宝笑", 6),
                &[
                    store(
                        ("tj-heping", "滨江道店"),
                        ("120101", "和平区滨江道 188 号二层"),
                        "022-5550 0801",
                        (39_119_640, 117_195_480),
                    ),
                    store(
                        ("tj-nankai", "大悦城店"),
                        ("120104", "南开区南门外大街 2 号三层"),
                        "022-5550 0802",
                        (39_136_270, 117_178_150),
                    ),
                    store(
                        ("tj-hexi", "文化中心店"),
                        ("120103", "河西区平江道 58 号 B1 层"),
                        "022-5550 0803",
                        (39_084_390, 117_212_930),
                    ),
                ],
            ),
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_three_regions_eight_sites_and_twenty_four_stores_under_their_own_codes() {
        let sites: Vec<_> = REGIONS.iter().flat_map(|region| region.sites).collect();
        let stores: Vec<_> = sites.iter().flat_map(|site| site.stores).collect();
        assert_eq!((REGIONS.len(), sites.len(), stores.len()), (3, 8, 24));
        let codes: BTreeSet<_> =
            stores.iter().map(|store| store.code).chain(sites.iter().map(|site| site.code)).collect();
        assert_eq!(codes.len(), 32);
        assert!(stores.iter().all(|store| sites.iter().any(|site| site.area[..4] == store.area[..4])));
    }
}
