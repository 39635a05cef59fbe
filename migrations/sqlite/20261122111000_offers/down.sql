DROP TABLE offer_revision;
DROP TABLE offer_stock;
DROP TABLE offer_version;
DROP TABLE offer;
